// A hub's records, fact rows and counters without a store: writes become ops of made-up authors, ops are folded, and
// every change goes through the projections as the store would hand it to them.
#ifndef LIAISON_TESTS_HUB_FACTS_TOWN_H_
#define LIAISON_TESTS_HUB_FACTS_TOWN_H_

#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/record/aggregate.h"
#include "common/record/view.h"
#include "common/store/kv.h"
#include "hub/facts/facts.h"
#include "hub/figures/figures.h"
#include "liaison/v1/records.pb.h"

namespace liaison {

class Town {
 public:
  Town() : kv_(NewMemoryKv()) {}

  RecordId NewId(uint8_t type);  // ascending in the order in which they are asked for
  template <typename M>
  RecordId NewId() {
    return NewId(TypeOf<M>().type());
  }

  // One op. Its author has seen all that is there, or `saw`.
  void Commit(const RecordId& aggregate, std::vector<Write> writes, const std::string& author = "HK-D001",
              const std::optional<VersionVector>& saw = std::nullopt);
  VersionVector Seen(const RecordId& aggregate) const;

  // Writes all fields of `message` that are not at their default.
  template <typename M>
  RecordId Add(const M& message, const RecordId& aggregate = {}) {
    const RecordId id = NewId<M>();
    std::vector<Write> writes, sealed;
    WritesOf(message, aggregate.IsRoot() ? RecordId{} : id, &writes, &sealed);
    Commit(aggregate.IsRoot() ? id : aggregate, std::move(writes));
    return id;
  }
  // Writes the named fields as they are in `message`; one at its default is cleared.
  void Set(const RecordId& aggregate, const google::protobuf::Message& message, std::initializer_list<uint32_t> fields,
           const std::string& author = "HK-D001", const std::optional<VersionVector>& saw = std::nullopt);
  void SetState(const RecordId& matter, v1::MatterState to, const std::string& author = "HUB",
                const std::optional<VersionVector>& saw = std::nullopt);
  void SetState(const RecordId& session, v1::SessionState to, const std::string& author = "HK-D001",
                const std::optional<VersionVector>& saw = std::nullopt);
  void Void(const RecordId& aggregate, const RecordId& child = {}, const std::string& author = "HK-D001",
            const std::optional<VersionVector>& saw = std::nullopt);
  void Unvoid(const RecordId& aggregate, const RecordId& child = {});

  // All that the author wrote so far came on that day, if it had not come before.
  void Arrive(const std::string& date, const std::string& author = "HK-D001");

  const Aggregate& Get(const RecordId& id) const { return aggregates_.at(id); }
  const KvReader& kv() const { return *kv_; }
  std::map<std::string, std::string> Rows() const { return Dump(*kv_); }  // the derived ones
  std::map<std::string, std::string> Recounted() const;                   // the same, made again from the records
  // The same, made by a hub to which the ops came in another order: any, also before those that they build on.
  std::map<std::string, std::string> InAnotherOrder(uint32_t seed) const;

  Figures Compute(const FigureQuery& query) const;  // fails the test when Compute does
  Figures Year(bool ids = false) const;             // 2026, the whole township
  Roster roster;

  static std::map<std::string, std::string> Dump(const KvReader& kv);

 private:
  struct Last {
    uint64_t n = 0;
    Tag tag = 0;
  };

  std::unique_ptr<Kv> kv_;
  std::map<RecordId, Aggregate> aggregates_;
  std::map<std::pair<std::string, RecordId>, Last> last_;
  std::vector<Op> log_;
  uint64_t ids_ = 0, ops_ = 0;
};

// The records of the township in hub/fixture: 109 stations, 75 deputies, 8 departments, and five categories.
Roster FixtureRoster();

}  // namespace liaison

#endif  // LIAISON_TESTS_HUB_FACTS_TOWN_H_

// What a station's device writes in ten years, as its store would make it, without one.
#ifndef LIAISON_TESTS_BENCH_DECADE_STATION_H_
#define LIAISON_TESTS_BENCH_DECADE_STATION_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/causal/hybrid_clock.h"
#include "common/crypto/sign.h"
#include "hub/facts/facts.h"
#include "tests/bench/decade.h"
#include "tests/bench/decade_words.h"

namespace liaison::bench {

struct Person {
  std::string name, phone, group;
};

// What one device has written and not delivered: ops of its log, ascending.
class Device {
 public:
  // Whose village has `people` people. `scribe` must outlive this.
  Device(std::string station, std::string block, KeyPair key, int people, Scribe* scribe);
  const std::string& station() const { return station_; }
  const std::string& block() const { return block_; }
  const Person& SomePerson();
  uint64_t NextEntry() { return ++entries_; }
  uint64_t NextMatter() { return ++matters_; }

  // The program starts again in a new business year: a new actor, which continues the log of the one before, and
  // numbers from 1.
  void Restart();

  std::string NewAction() { return scribe_->random()->Bytes(kActionIdBytes); }
  void Write(const NewOp& wanted, const std::string& action_id, uint32_t index, uint32_t count, int64_t wall_ms);
  void AddKey(sync::KeyItem key) { range_.keys.push_back(std::move(key)); }
  // What the author of an edit has on the screen. REQUIRES: written to since the last delivery.
  VersionVector Seen(const RecordId& id) const { return records_.at(id).lineage().Visible(); }

  // Everything since the last call, signed. What was delivered is not edited here again.
  sync::Range Deliver();

 private:
  std::string station_, block_;
  KeyPair key_;
  Scribe* scribe_;
  std::vector<Person> people_;
  Actor actor_;
  std::optional<ParentLink> parent_;
  uint64_t seq_ = 0, entries_ = 0, matters_ = 0;
  std::string head_;
  HybridClock clock_;
  std::map<RecordId, Aggregate> records_;  // written to since the last delivery
  sync::Range range_;
};

struct Handed {  // a matter that comes to the township
  RecordId id;
  Device* device = nullptr;
};

// A reception day with up to `most` matters, delivered; one visit in eight brings more than one, one in thirty none.
// Adds to `counts` and `handed`.
sync::Range Receive(Device* device, Scribe* scribe, const std::vector<DeputyName>& deputies, Day day, int most,
                    DecadeCounts* counts, std::vector<Handed>* handed);

// Milliseconds since 1970 of a minute of a business day.
int64_t WallOfDay(Day day, int minute);

}  // namespace liaison::bench

#endif  // LIAISON_TESTS_BENCH_DECADE_STATION_H_

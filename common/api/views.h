// Records as the services show them.
#ifndef LIAISON_COMMON_API_VIEWS_H_
#define LIAISON_COMMON_API_VIEWS_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/api/viewer.h"
#include "common/record/origin.h"
#include "common/rules/days/late.h"
#include "common/rules/roster/roster.h"
#include "common/store/store.h"
#include "liaison/v1/views.pb.h"

namespace liaison {

struct People;

// The entries of a session in the order in which people came, voided ones too.
std::vector<RecordId> EntriesInOrder(const Aggregate& session);

// Builds views from one snapshot, for one viewer. Not thread-safe; made for one request. Names and phones are masked.
class Views {
 public:
  // `link_up`: whether a record without a receipt is waiting (待传) or just saved (已存).
  Views(const Store* store, const Roster* roster, Viewer viewer, bool link_up);

  const Viewer& viewer() const { return viewer_; }
  // Reads whatever is there: what is shown to the viewer comes from Load(), or is asked for by Sees().
  const StoreReader& reader() const { return reader_; }
  // Whose names authors are shown by (author_names.h); none: as they are written.
  void set_people(std::shared_ptr<const People> people) { people_ = std::move(people); }
  // The record, if it is there and the viewer sees it.
  std::optional<Aggregate> Load(const RecordId& id) const;
  bool Sees(const Aggregate& aggregate) const { return viewer_.Sees(reader_, aggregate); }

  // Each REQUIRES that the viewer sees the record. What it names beside itself is left out where he does not.
  v1::SessionView Session(const Aggregate& session) const;
  v1::MatterView Matter(const Aggregate& matter) const;
  v1::VisitView Visit(const Aggregate& session, const RecordId& entry) const;
  // As in VisitView, without the rest of it.
  std::string VisitorName(const v1::VisitEntry& entry) const;
  v1::RecordView Record(const Aggregate& aggregate, const RecordId& child) const;
  std::vector<v1::ConflictView> Conflicts(const Aggregate& aggregate) const;
  // Who wrote what and when, oldest first; of one child only if `child` names one. Bookkeeping fields are left out.
  std::vector<v1::HistoryEvent> History(const Aggregate& aggregate, const RecordId& child) const;

  // The same of one op, wherever it comes from.
  std::vector<v1::HistoryEvent> EventsOf(const Op& op) const;

  v1::Light LightOf(const Aggregate& aggregate) const;
  // Of what a station wrote, at the hub; what came from an old ledger is never late.
  bool IsLate(const std::optional<Origin>& origin, std::string_view date) const;
  static v1::MatterState StateOf(const Aggregate& matter);
  static v1::SessionState SessionStateOf(const Aggregate& session);

 private:
  // What all records of one aggregate share, made once for a list of them.
  struct Shared {
    RecordId id;
    std::string token;
    v1::Light light = v1::LIGHT_UNSPECIFIED;
    int conflicts = 0;
    std::map<std::string, std::vector<RecordId>, std::less<>> matters;  // of a session, by visit
  };
  const Shared& SharedOf(const Aggregate& aggregate) const;
  v1::RecordView RecordWith(const Shared& shared, const Aggregate& aggregate, const RecordId& child,
                            bool unwritten) const;
  void AddVoidConflicts(const Aggregate& aggregate, const std::vector<Op>& ops,
                        std::vector<v1::ConflictView>* views) const;
  v1::ConflictView ConflictOn(const Aggregate& aggregate, const RecordId& child) const;
  // Texts of the children that `unwritten` names are not told.
  std::vector<v1::HistoryEvent> EventsOf(const Op& op, const RecordId& child,
                                         const std::function<bool(const RecordId&)>& unwritten) const;
  std::string ValueText(const RecordId& root, const TypeInfo* type, uint32_t tag, std::string_view value) const;
  static std::string ValueJson(const TypeInfo* type, uint32_t tag, std::string_view value);
  // Who wrote it, where and when.
  v1::ConflictValue AuthorOf(const Op& op) const;
  v1::ConflictValue ConflictValueOf(const Op& op, const RecordId& root, const TypeInfo* type, uint32_t tag,
                                    std::string_view value) const;

  const Store* store_;
  const Roster* roster_;
  StoreReader reader_;
  std::map<Actor, uint64_t> acked_;  // of own actors
  std::shared_ptr<const People> people_;
  const Viewer viewer_;
  bool link_up_;
  mutable std::optional<Shared> shared_;  // of the aggregate that was shown last
};

struct ServiceContext;

// Of one snapshot, with this moment's link.
Views MakeViews(const ServiceContext& context, const Roster* roster_now, const Caller& caller);

}  // namespace liaison

#endif  // LIAISON_COMMON_API_VIEWS_H_

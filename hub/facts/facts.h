// Fact rows and counters: what the township's figures are computed from.
//
// A fact row is one thing that happened on one business day: a session, a deputy at it, a visit, a matter, a matter's
// first assignment, a step of its handling, an activity. The row grammar stands in fact_rows.h. Rows say what one
// record says and nothing else; what needs other records (a merged matter's parent, a deputy's mandates on that day,
// the area of a station, "today") is joined when a figure is asked for (figures.h).
//
// What is never in a row: voided records. What always is: flagged ones (voided by one, changed by another), and
// records whose date is missing or does not exist; these stand under kUndated, outside every period, and are counted
// as such. A visit's date and station are its session's; while the session's root has not come, its visits are undated.
#ifndef LIAISON_HUB_FACTS_FACTS_H_
#define LIAISON_HUB_FACTS_FACTS_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/causal/dot.h"
#include "common/rules/days/calendar.h"
#include "common/store/projection.h"

namespace liaison {

// ---------------------------------------------------------------- facts

// Names are record ids without their type byte (RecordId.name): the kind of a row implies the type. States are numbers
// of the schema's enums; where the heads of a status disagree, the state is v1::CONTESTED, of sessions as of matters.
struct SessionFact {
  Day day = kUndated;
  std::string session, station;
  int state = 0;  // v1::SessionState
  int form = 0;   // v1::Form
  int64_t unregistered = 0;
  bool historical = false;  // from an old ledger
  bool paper = false;       // photographed, to be typed later

  bool closed() const;
};

struct DeputyFact {  // one deputy at one session, once
  Day day = kUndated;
  std::string session, deputy_id, station;
  bool closed = false;  // the session
  bool leave = false;   // was not there
};

struct VisitFact {
  Day day = kUndated;
  std::string session, entry, station;
  std::string visitor;  // id bytes of the visitor's record, empty if nobody was named
  int64_t headcount = 0;
  int form = 0;  // of the session
  bool anonymous = false;
  bool historical = false;
  Actor author;      // whose log it was entered in, under which number: tells when it came here
  uint64_t seq = 0;  // 0: cannot be told, or historical
};

struct MatterFact {
  Day day = kUndated;
  std::string matter, station, category, subcategory;
  std::string lead, answered_by;  // deputies: who leads it, who answered on the spot
  int state = 0, nature = 0, track = 0, disposition = 0;
  int reply_class = 0;  // of the last reply of the last round
  int rating = 0;       // given in the last round (a suggestion's: by its lead deputy); 0: none
  bool historical = false;
  bool answer_solved = false;  // 当场解决
  bool solved = false;         // by its own state: answered and solved on the spot, or closed with class A …
  bool by_ledger = false;      // … or only because the old ledger calls it answered on the spot or closed
  bool accusation = false;     // guided as 检举控告: counted by number only, never among the opinions
  bool key = false;            // 重点
  // Ended while the voter was not there, so that it has to be fed back (Telling, common/rules/matter/duty.h). The three
  // below only then, and of a merged or converted one: it has to be fed back as soon as that has ended which it
  // follows.
  bool wants_feedback = false;
  bool fed_back = false, unreachable = false;  // by a feedback that reached the voter; only by ones that did not
  std::vector<std::pair<std::string, std::string>> sources;  // session and entry; of neither only
  std::vector<std::string> cosigners;                        // of a suggestion or bill, without who leads it
  std::optional<Day> assigned;                               // first assignment
  std::string unit;                                          // main unit of the last assignment
  std::string link;  // of a merged or converted matter: whose state it follows; may be dangling

  bool operator==(const MatterFact&) const = default;
};

// A matter by the day of its first assignment.
struct AssignedFact {
  Day day = kUndated;
  std::string matter, station, unit;
  int state = 0, track = 0;
  int rating = 0;                   // as MatterFact's
  std::optional<Day> due, replied;  // of the last round: its time limit and its first reply
  bool any_reply = false;
  bool historical = false;
  bool key = false;

  bool closed() const;  // 办结: closed, tracked, or archived
};

// One step of a matter's handling, on its own business day.
struct EventFact {
  enum Kind : uint8_t {
    kReplied = 1,
    kUrged,       // 催办
    kSupervised,  // 督办, 挂牌督办
    kTalked,      // 约谈
    kReturned,    // 退办 was asked for
    kExtended,    // 延期 was granted, on the day of the decision
    kReworked,    // 重办: a round after the first begins
    kEscalated,   // 转上级
    kKinds,
  };
  enum Mode : uint8_t { kOther, kFace, kPhone, kWritten };

  Day day = kUndated;
  std::string matter, id;  // id: bytes of the child's id
  Kind kind = kReplied;
  Mode mode = kOther;  // of a reply
  int track = 0;
  bool historical = false;
  std::string station, unit;  // the main unit of the last assignment
};

struct BallotFact {
  int kind = 0;  // v1::BallotSubject
  std::string subject;
  int64_t good = 0, votes = 0;  // 优秀, 满意 and 基本满意; all but 弃权
  bool reported = false;        // 作了履职报告
};

struct ActivityFact {
  Day day = kUndated;
  std::string activity, station;  // station: empty, the township's own
  int type = 0;                   // v1::ActivityType
  int64_t problems = 0, made = 0, adopted = 0, others = 0, articles = 0;
  std::vector<std::string> deputies;
  std::vector<BallotFact> ballots;
};

// What a matter's own state means for the identity I1 (hub/FIGURES.md).
enum class Outcome {
  kOpen,
  kAnswered,
  kClosed,
  kGuided,
  kWithdrawn,
  kFollows,  // merged or converted: what becomes of `link`
  kDraft,    // not registered: in no figure
  kUnknown,  // a state of a later version: in no class, so that the identity shows it
};
Outcome OutcomeOf(const MatterFact& fact);

// Counts among N6: an opinion, suggestion, criticism or request for help that a voter brought, registered, and not an
// accusation.
bool IsOpinion(const MatterFact& fact);

// ---------------------------------------------------------------- projections

// Owns the prefix 'f'. Stateless.
class FactsProjection : public Projection {
 public:
  std::string_view name() const override { return "facts"; }
  char prefix() const override { return 'f'; }
  void OnChange(const Aggregate* before, const Aggregate& after, KvWriter& out) override;
};

// Additive headline figures per station and business day, and the same per month, so that a year is a few reads.
namespace counter {
enum Counter : size_t {
  kSessions,      // N3: closed sessions
  kVisits,        // N5
  kHeadcount,     // N5
  kUnregistered,  // N5, of sessions in any state
  kOpinions,      // N6; from here to kFollows by each matter's own state
  kAnswered,
  kClosed,
  kOpen,
  kGuided,
  kWithdrawn,
  kFollows,
  kSolved,
  kInquiries,  // beside N6
  kPraise,
  kCount,
};
}  // namespace counter
using CounterValues = std::array<int64_t, counter::kCount>;

// Owns the prefix 'c'. FactsProjection, which must be in the same store, writes its rows beside those that they are
// counted from. A row whose counters are all 0 is deleted, so that counting again gives the same bytes.
class CountersProjection : public Projection {
 public:
  std::string_view name() const override { return "counters"; }
  char prefix() const override { return 'c'; }
  void OnChange(const Aggregate*, const Aggregate&, KvWriter&) override {}
};

// ---------------------------------------------------------------- reading
// All of these read one consistent view, keep nothing, and may run on any thread that `reader` allows. kDataLoss
// names the first row that cannot be read; visits stop there.

// The days from..to, both included. Sums by station; a station without rows is absent.
absl::StatusOr<std::map<std::string, CounterValues>> CountersByStation(const KvReader& reader, Day from, Day to);
// The last day in from..to on which each station held a session that is closed.
absl::StatusOr<std::map<std::string, Day>> LastSessionDays(const KvReader& reader, Day from, Day to);

// Kinds whose function is empty are passed over.
struct FactVisitor {
  std::function<void(const SessionFact&)> session;
  std::function<void(const DeputyFact&)> deputy;
  std::function<void(const VisitFact&)> visit;
  std::function<void(const MatterFact&)> matter;
  std::function<void(const AssignedFact&)> assigned;
  std::function<void(const EventFact&)> event;
  std::function<void(const ActivityFact&)> activity;
};
// Facts of the days from..to, both included, by day, kind and id.
absl::Status ScanFacts(const KvReader& reader, Day from, Day to, const FactVisitor& visitor);

// nullopt: there is no such matter here, or it is voided.
absl::StatusOr<std::optional<MatterFact>> FindMatter(const KvReader& reader, std::string_view matter);

// Whether this visit was written down without naming anybody. False if there is no such visit.
bool IsNameless(const KvReader& reader, std::string_view session, std::string_view entry);

// Every merged matter with the one that it was merged into, by the latter.
absl::Status ScanMerged(const KvReader& reader,
                        const std::function<void(std::string_view into, std::string_view matter)>& visit);

}  // namespace liaison

#endif  // LIAISON_HUB_FACTS_FACTS_H_

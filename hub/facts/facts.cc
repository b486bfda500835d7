#include "hub/facts/facts.h"

#include <algorithm>
#include <utility>

#include "common/record/live.h"
#include "common/record/origin.h"
#include "common/record/view.h"
#include "common/rules/matter/case_file.h"
#include "common/rules/matter/duty.h"
#include "common/rules/matter/guards.h"
#include "common/rules/matter/steps.h"
#include "common/rules/reception/attendance.h"
#include "common/store/reader.h"
#include "hub/facts/fact_rows.h"
#include "liaison/v1/congress.pb.h"
#include "liaison/v1/records.pb.h"

namespace liaison {
namespace {

Day DayOf(std::string_view date) { return ParseDay(date).value_or(kUndated); }

int StateOf(const Aggregate& aggregate, uint32_t field) {
  const int state = StatusOf(aggregate, {}, field);
  return state < 0 ? static_cast<int>(v1::CONTESTED) : state;
}

template <typename M>
void ForLive(const Aggregate& aggregate, const std::function<void(const RecordId&, const M&)>& visit) {
  for (const RecordId& id : LiveChildrenOf<M>(aggregate)) visit(id, Show<M>(aggregate, id));
}

void SessionRows(const Aggregate& aggregate, Rows* rows) {
  if (aggregate.VoidOf({}) == VoidState::kVoid) return;
  const auto session = Show<v1::ReceptionSession>(aggregate);
  SessionFact fact;
  fact.day = DayOf(session.date());
  fact.session = aggregate.id().name;
  fact.station = session.station_id();
  fact.state = StateOf(aggregate, v1::ReceptionSession::kStatusFieldNumber);
  fact.form = session.form();
  fact.unregistered = std::max(0, session.unregistered_count());
  fact.historical = session.historical();
  fact.paper = session.paper_pending();
  if (IsLive(aggregate)) {
    PutSession(fact, rows);
    std::map<std::string, bool> leave;
    for (const v1::SessionDeputy& deputy : session.deputies())
      if (!deputy.deputy_id().empty()) leave[deputy.deputy_id()] = true;
    for (const std::string& deputy : PresentAt(session)) leave[deputy] = false;
    for (const auto& [deputy, away] : leave)
      PutDeputy({fact.day, fact.session, deputy, fact.station, fact.closed(), away}, rows);
  }
  ForLive<v1::VisitEntry>(aggregate, [&](const RecordId& id, const v1::VisitEntry& entry) {
    VisitFact visit{fact.day,     fact.session,       id.name,
                    fact.station, entry.visitor_id(), std::max(0, entry.headcount()),
                    fact.form,    entry.anonymous(),  entry.historical()};
    if (!visit.historical) {
      if (std::optional<Origin> origin = OriginOf(aggregate, id)) {
        visit.author = std::move(origin->actor);
        visit.seq = origin->seq;
      }
    }
    PutVisit(visit, rows);
  });
}

std::string LinkName(const CaseFile& file) {
  RecordId id;
  if (!RecordIdFromBytes(LinkOf(file), &id) || id.type != TypeOf<v1::Matter>().type()) return "";
  return id.name;
}

// What of a matter's handling is from after the old ledger.
bool OfLedgerOnly(const CaseFile& file) {
  return std::all_of(file.assignments.begin(), file.assignments.end(),
                     [](const Part<v1::Assignment>& part) { return part.record.historical(); });
}
bool RepliedSince(const CaseFile& file) {
  return std::any_of(file.replies.begin(), file.replies.end(),
                     [](const Part<v1::Reply>& part) { return !part.record.historical(); });
}

// An old ledger knows no reply classes: what it calls answered on the spot or closed counts as solved. What the
// township did to such a matter afterwards goes by the rules of today.
void SetSolved(const CaseFile& file, MatterFact* fact) {
  switch (OutcomeOf(*fact)) {
    case Outcome::kAnswered:
      fact->solved = fact->answer_solved;
      fact->by_ledger =
          fact->historical && fact->disposition == v1::DISPOSITION_ANSWERED && !fact->solved && OfLedgerOnly(file);
      break;
    case Outcome::kClosed:
      fact->solved = fact->reply_class == v1::CLASS_A;
      fact->by_ledger = fact->historical && !RepliedSince(file) && !fact->solved;
      break;
    default:
      return;
  }
  fact->solved = fact->solved || fact->by_ledger;
}

void SetFeedback(const CaseFile& file, MatterFact* fact) {
  const Telling telling = TellingOf(file);
  fact->wants_feedback = telling.wanted;
  if (!telling.wanted && !telling.follows) return;
  fact->fed_back = telling.told;
  fact->unreachable = telling.unreachable;
  if (fact->fed_back || fact->unreachable) return;
  for (const v1::Source& source : file.matter.sources()) {
    const size_t slash = source.entry().find('/');
    RecordId session, entry;
    if (slash != std::string::npos && ParseRecordId(source.entry().substr(0, slash), &session) &&
        ParseRecordId(source.entry().substr(slash + 1), &entry))
      fact->sources.emplace_back(session.name, entry.name);
  }
}

MatterFact FactOf(const Aggregate& aggregate, const CaseFile& file) {
  const v1::Matter& matter = file.matter;
  MatterFact fact;
  fact.day = DayOf(matter.date());
  fact.matter = aggregate.id().name;
  fact.station = matter.station_id();
  fact.category = matter.category();
  fact.subcategory = matter.subcategory();
  fact.lead = matter.lead_deputy();
  fact.answered_by = matter.answered_by();
  fact.key = matter.key_matter();
  fact.state = file.state;
  fact.nature = matter.nature();
  fact.track = matter.track();
  fact.disposition = matter.disposition();
  fact.reply_class = file.last_reply() == nullptr ? 0 : file.last_reply()->reply_class();
  fact.rating = file.rating();
  fact.historical = matter.historical();
  fact.answer_solved = matter.answer_solved();
  fact.accusation = IsAccusation(matter);
  fact.assigned = file.first_assigned();
  if (fact.assigned) fact.unit = file.last_assignment()->main_unit();
  fact.link = LinkName(file);
  if (fact.track == v1::TRACK_SUGGESTION || fact.track == v1::TRACK_BILL)
    for (const std::string& deputy : matter.cosigners())
      if (!deputy.empty() && deputy != fact.lead) fact.cosigners.push_back(deputy);
  SetSolved(file, &fact);
  SetFeedback(file, &fact);
  return fact;
}

EventFact::Mode ModeOf(const v1::Reply& reply) {
  switch (reply.mode_code() == v1::REPLY_MODE_UNSPECIFIED ? ReplyModeOf(reply.mode()) : reply.mode_code()) {
    case v1::REPLY_MODE_FACE:
      return EventFact::kFace;
    case v1::REPLY_MODE_PHONE:
      return EventFact::kPhone;
    case v1::REPLY_MODE_WRITTEN:
      return EventFact::kWritten;
    default:
      return EventFact::kOther;
  }
}

// 0: of none of the kinds.
uint8_t KindOf(const v1::Supervision& supervision) {
  if (supervision.type() == "催办") return EventFact::kUrged;
  if (supervision.type() == "督办" || supervision.type() == "挂牌督办") return EventFact::kSupervised;
  return supervision.type() == "约谈" ? EventFact::kTalked : 0;
}

void EventRows(const Aggregate& aggregate, const CaseFile& file, const MatterFact& matter, Rows* rows) {
  EventFact fact;
  fact.matter = matter.matter;
  fact.station = matter.station;
  fact.unit = matter.unit;
  fact.track = matter.accusation ? static_cast<int>(v1::TRACK_ELSEWHERE) : matter.track;
  auto put = [&](EventFact::Kind kind, const RecordId& id, const std::string& date) {
    fact.kind = kind;
    fact.id = ToBytes(id);
    fact.day = DayOf(date);
    PutEvent(fact, rows);
  };
  for (const Part<v1::Reply>& part : file.replies) {
    fact.mode = ModeOf(part.record);
    fact.historical = part.record.historical();
    put(EventFact::kReplied, part.id, part.record.date());
  }
  fact.mode = EventFact::kOther;
  fact.historical = false;
  for (const Part<v1::Supervision>& part : file.supervisions)
    if (uint8_t kind = KindOf(part.record); kind != 0)
      put(static_cast<EventFact::Kind>(kind), part.id, part.record.date());
  for (const Part<v1::ReturnRequest>& part : file.returns) put(EventFact::kReturned, part.id, part.record.date());
  for (const Part<v1::Extension>& part : file.extensions)
    if (part.record.decision() == v1::DECISION_GRANTED) put(EventFact::kExtended, part.id, part.record.decision_date());
  uint32_t round = 1;
  for (const Part<v1::Assignment>& part : file.assignments) {
    if (part.record.round() <= round) continue;
    round = part.record.round();
    put(EventFact::kReworked, part.id, part.record.assigned_date());
  }
  ForLive<v1::Escalation>(aggregate, [&](const RecordId& id, const v1::Escalation& escalation) {
    put(EventFact::kEscalated, id, escalation.date());
  });
}

void MatterRows(const Aggregate& aggregate, const StoreReader& reader, Rows* rows) {
  const CaseFile file(aggregate, reader.TimesOf(aggregate));
  if (!file.present) return;
  const MatterFact fact = FactOf(aggregate, file);
  PutMatter(fact, rows);
  EventRows(aggregate, file, fact, rows);
  if (!fact.assigned) return;
  AssignedFact assigned;
  assigned.day = *fact.assigned;
  assigned.matter = fact.matter;
  assigned.station = fact.station;
  assigned.unit = fact.unit;
  assigned.state = fact.state;
  assigned.track = fact.accusation ? static_cast<int>(v1::TRACK_ELSEWHERE) : fact.track;
  assigned.rating = fact.rating;
  assigned.key = fact.key;
  assigned.due = file.due();
  assigned.replied = file.replied();
  assigned.any_reply = !file.replies.empty();
  assigned.historical = OfLedgerOnly(file);
  PutAssigned(assigned, rows);
}

void ActivityRows(const Aggregate& aggregate, Rows* rows) {
  if (!IsLive(aggregate)) return;
  const auto activity = Show<v1::Activity>(aggregate);
  auto number = [](int32_t n) { return int64_t{std::max(0, n)}; };
  ActivityFact fact;
  fact.day = DayOf(activity.date());
  fact.activity = aggregate.id().name;
  fact.station = activity.station_id();
  fact.type = activity.type();
  fact.problems = number(activity.problems_found());
  fact.made = number(activity.suggestions_made());
  fact.adopted = number(activity.suggestions_adopted());
  fact.others = number(activity.others());
  fact.articles = number(activity.articles());
  for (const v1::ActivityDeputy& deputy : activity.deputies())
    if (!deputy.deputy_id().empty()) fact.deputies.push_back(deputy.deputy_id());
  ForLive<v1::Ballot>(aggregate, [&](const RecordId&, const v1::Ballot& ballot) {
    const int64_t good = number(ballot.excellent()) + number(ballot.satisfied()) + number(ballot.basically());
    fact.ballots.push_back(
        {ballot.kind(), ballot.subject(), good, good + number(ballot.dissatisfied()), ballot.reported()});
  });
  PutActivity(fact, rows);
}

Rows RowsOf(const Aggregate& aggregate, const KvReader& kv) {
  Rows rows;
  if (aggregate.id().type == TypeOf<v1::ReceptionSession>().type()) SessionRows(aggregate, &rows);
  if (aggregate.id().type == TypeOf<v1::Matter>().type()) MatterRows(aggregate, StoreReader(&kv), &rows);
  if (aggregate.id().type == TypeOf<v1::Activity>().type()) ActivityRows(aggregate, &rows);
  return rows;
}

}  // namespace

bool SessionFact::closed() const { return state == v1::SESSION_CLOSED; }

bool AssignedFact::closed() const { return state == v1::CLOSED || state == v1::TRACKING || state == v1::ARCHIVED; }

Outcome OutcomeOf(const MatterFact& fact) {
  switch (fact.state) {
    case v1::DRAFT:
      return Outcome::kDraft;
    case v1::ANSWERED:
      return Outcome::kAnswered;
    case v1::CLOSED:
    case v1::TRACKING:
      return Outcome::kClosed;
    case v1::GUIDED:
      return Outcome::kGuided;
    case v1::WITHDRAWN:
      return Outcome::kWithdrawn;
    case v1::MERGED:
    case v1::CONVERTED:
      return Outcome::kFollows;
    case v1::ARCHIVED:  // counts as what was archived
      if (fact.assigned) return Outcome::kClosed;
      return fact.disposition == v1::DISPOSITION_GUIDED ? Outcome::kGuided : Outcome::kAnswered;
    case v1::STATE_UNSPECIFIED:  // no status has come yet: the matter is there, and nothing says that it is over
    case v1::REGISTERED:
    case v1::VILLAGE:
    case v1::SUBMITTED:
    case v1::RETURNED:
    case v1::ACCEPTED:
    case v1::ASSIGNED:
    case v1::RECEIVED:
    case v1::HANDLING:
    case v1::ESCALATED:
    case v1::REPLIED:
    case v1::REWORK:
    case v1::CONTESTED:
      return Outcome::kOpen;
    default:
      return Outcome::kUnknown;
  }
}

bool IsOpinion(const MatterFact& fact) {
  return !fact.accusation && CountsAsOpinion(static_cast<v1::Track>(fact.track), static_cast<v1::Nature>(fact.nature),
                                             static_cast<v1::MatterState>(fact.state));
}

// ---------------------------------------------------------------- projections

namespace {

using CounterRows = std::map<std::string, CounterValues>;

void CountMatter(const MatterFact& fact, CounterValues* values) {
  CounterValues& count = *values;
  const bool voter = fact.track == v1::TRACK_OPINION && !fact.accusation && fact.state != v1::DRAFT;
  if (voter && fact.nature == v1::NATURE_INQUIRY) ++count[counter::kInquiries];
  if (voter && fact.nature == v1::NATURE_PRAISE) ++count[counter::kPraise];
  if (!IsOpinion(fact)) return;
  ++count[counter::kOpinions];
  if (fact.solved) ++count[counter::kSolved];
  switch (OutcomeOf(fact)) {
    case Outcome::kOpen:
      ++count[counter::kOpen];
      break;
    case Outcome::kAnswered:
      ++count[counter::kAnswered];
      break;
    case Outcome::kClosed:
      ++count[counter::kClosed];
      break;
    case Outcome::kGuided:
      ++count[counter::kGuided];
      break;
    case Outcome::kWithdrawn:
      ++count[counter::kWithdrawn];
      break;
    case Outcome::kFollows:
      ++count[counter::kFollows];
      break;
    case Outcome::kDraft:
    case Outcome::kUnknown:
      break;
  }
}

// Adds `sign` times what the facts of an aggregate contribute.
void Contribute(const Rows& facts, int sign, CounterRows* rows) {
  for (const auto& [key, value] : facts) {
    if (key[0] == kFactIndex || key[0] == kFactLinks || key[0] == kFactNameless) continue;
    ByteReader in_key(key), in(value);
    const Day day = static_cast<Day>(in_key.Fixed32());
    std::string station;
    CounterValues count{};
    switch (in_key.U8()) {
      case kSessionKind: {
        const SessionFact fact = GetSession(day, &in_key, &in);
        station = fact.station;
        count[counter::kSessions] = fact.closed() ? 1 : 0;
        count[counter::kUnregistered] = fact.unregistered;
        break;
      }
      case kVisitKind: {
        const VisitFact fact = GetVisit(day, &in_key, &in);
        station = fact.station;
        count[counter::kVisits] = 1;
        count[counter::kHeadcount] = fact.headcount;
        break;
      }
      case kMatterKind: {
        const MatterFact fact = GetMatter(day, &in_key, &in);
        station = fact.station;
        CountMatter(fact, &count);
        break;
      }
      default:
        continue;
    }
    for (const std::string& row : {CounterKey(kCounterDays, static_cast<uint32_t>(day), station),
                                   CounterKey(kCounterMonths, MonthOf(day), station)}) {
      for (size_t i = 0; i < counter::kCount; ++i) (*rows)[row][i] += sign * count[i];
    }
  }
}

// Counted from the rows of facts, so that both tables say the same.
void CountFacts(const Rows& before, const Rows& after, KvWriter& out) {
  CounterRows rows;
  Contribute(before, -1, &rows);
  Contribute(after, 1, &rows);
  const std::string prefix = ProjectionPrefix(CountersProjection().prefix());
  for (const auto& [key, delta] : rows) {
    if (delta == CounterValues{}) continue;
    const std::optional<std::string> stored = out.Get(prefix + key);
    // A row that cannot be read starts afresh; comparing with a recount shows it.
    CounterValues values{};
    if (stored) values = DecodeCounters(key, *stored).value_or(CounterValues{});
    for (size_t i = 0; i < counter::kCount; ++i) values[i] += delta[i];
    if (values == CounterValues{}) {
      out.Delete(prefix + key);
    } else {
      out.Put(prefix + key, EncodeCounters(values));
    }
  }
}

}  // namespace

void FactsProjection::OnChange(const Aggregate* before, const Aggregate& after, KvWriter& out) {
  const std::string prefix = ProjectionPrefix(this->prefix());
  const Rows old_rows = before == nullptr ? Rows() : RowsOf(*before, out);
  const Rows new_rows = RowsOf(after, out);
  for (const auto& [key, value] : old_rows)
    if (!new_rows.contains(key)) out.Delete(prefix + key);
  for (const auto& [key, value] : new_rows) {
    auto it = old_rows.find(key);
    if (it == old_rows.end() || it->second != value) out.Put(prefix + key, value);
  }
  CountFacts(old_rows, new_rows, out);
}

}  // namespace liaison

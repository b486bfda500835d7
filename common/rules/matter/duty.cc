#include "common/rules/matter/duty.h"

#include <algorithm>

#include "common/rules/matter/guards.h"

namespace liaison {
namespace {

struct Next {
  const char* what = "";
  Day due = kUndated;
  v1::WorkList list = v1::WORK_ALL;
};

Next NextOf(const DutyFacts& facts, const Deadlines& deadlines) {
  auto after = [&](Day from, Deadline deadline) {
    return from == kUndated ? kUndated : deadlines.LastDay(from, deadline);
  };
  switch (facts.state) {
    case v1::STATE_UNSPECIFIED:
    case v1::REGISTERED:
    case v1::RETURNED:
      return {"上报", after(facts.since, Deadline::kSubmit), v1::WORK_VILLAGE};
    case v1::VILLAGE:
      return {"村级答复", after(facts.since, Deadline::kVillage), v1::WORK_VILLAGE};
    case v1::SUBMITTED:
      return {"受理", after(facts.since, Deadline::kAccept), v1::WORK_TRIAGE};
    case v1::ACCEPTED:
      return {
          "交办",
          after(facts.since, facts.track == v1::TRACK_OPINION ? Deadline::kAssignOpinion : Deadline::kAssignSuggestion),
          v1::WORK_TO_ASSIGN};
    case v1::ASSIGNED:
    case v1::RECEIVED:
    case v1::HANDLING:
    case v1::ESCALATED:
    case v1::REWORK:
      return {"答复", facts.due, v1::WORK_IN_HAND};
    case v1::REPLIED:
      if (facts.rating == v1::RATING_DISSATISFIED) return {"重新办理", facts.rated, v1::WORK_TO_REWORK};
      if (facts.rating != v1::RATING_UNSPECIFIED) return {"办结", kUndated, v1::WORK_TO_CLOSE};
      return {"评价", after(facts.replied, Deadline::kEvaluate), v1::WORK_TO_EVALUATE};
    case v1::TRACKING:
      if (facts.rating == v1::RATING_DISSATISFIED) return {"重新办理", facts.rated, v1::WORK_TO_REWORK};
      return {"兑现承诺", facts.promise, v1::WORK_PROMISES};
    case v1::CLOSED:
      if (facts.rating == v1::RATING_DISSATISFIED) return {"重新办理", facts.rated, v1::WORK_TO_REWORK};
      [[fallthrough]];
    case v1::ANSWERED:
      if (!facts.wants_feedback || facts.fed_back) return {};
      return {"反馈", after(facts.replied == kUndated ? facts.since : facts.replied, Deadline::kFeedback),
              v1::WORK_TO_FEED_BACK};
    case v1::MERGED:
    case v1::CONVERTED:
      if (!facts.follows || facts.fed_back || !IsOver(facts.followed)) return {};
      return {"反馈", after(facts.followed_since, Deadline::kFeedback), v1::WORK_TO_FEED_BACK};
    case v1::CONTESTED:
      return {"确定状态", kUndated, v1::WORK_CONTESTED};
    default:
      return {};
  }
}

}  // namespace

bool IsOver(v1::MatterState state) {
  return state == v1::ANSWERED || state == v1::CLOSED || state == v1::TRACKING || state == v1::ARCHIVED;
}

Telling TellingOf(const CaseFile& file) {
  const v1::Matter& matter = file.matter;
  Telling telling;
  for (const Part<v1::Feedback>& part : file.feedback)
    (part.record.unreachable().empty() ? telling.told : telling.unreachable) = true;
  if (telling.told) telling.unreachable = false;
  if (matter.historical() || matter.track() != v1::TRACK_OPINION || IsAccusation(matter)) return telling;
  telling.follows = file.state == v1::MERGED || file.state == v1::CONVERTED;
  const bool later = !file.assignments.empty() || matter.disposition() != v1::DISPOSITION_ANSWERED;
  switch (file.state) {
    case v1::CLOSED:
    case v1::TRACKING:
      telling.wanted = true;
      break;
    case v1::ANSWERED:
      telling.wanted = later;
      break;
    case v1::ARCHIVED:  // as what was archived
      telling.wanted =
          later && (!file.assignments.empty() || matter.disposition() != v1::DISPOSITION_GUIDED);
      break;
    default:
      break;
  }
  return telling;
}

std::string LinkOf(const CaseFile& file) {
  return file.state == v1::MERGED      ? file.matter.merged_into()
         : file.state == v1::CONVERTED ? file.matter.converted_to()
                                       : std::string();
}

DutyFacts DutyFactsOf(const CaseFile& file) {
  const v1::Matter& matter = file.matter;
  DutyFacts facts;
  facts.state = file.state;
  facts.track = matter.track();
  // What an old ledger says of a voter's mind asks nothing of anybody.
  const v1::Evaluation* last = file.last_evaluation();
  if (last != nullptr && !last->historical()) facts.rating = last->result();
  facts.since = ParseDay(matter.status().date()).value_or(ParseDay(matter.date()).value_or(kUndated));
  facts.due = file.due().value_or(kUndated);
  if (file.last_reply() != nullptr) facts.replied = ParseDay(file.last_reply()->date()).value_or(kUndated);
  if (last != nullptr) facts.rated = ParseDay(last->date()).value_or(kUndated);
  facts.promise = file.promise().value_or(kUndated);
  const Telling telling = TellingOf(file);
  facts.fed_back = telling.told || telling.unreachable;
  facts.wants_feedback = telling.wanted;
  facts.follows = telling.follows;
  facts.return_asked = file.pending_return() != nullptr;
  facts.extension_asked = file.pending_extension() != nullptr;
  facts.supervised = std::any_of(file.supervisions.begin(), file.supervisions.end(), [](const auto& part) {
    return part.record.type() == "督办" || part.record.type() == "挂牌督办";
  });
  facts.key = matter.key_matter();
  return facts;
}

bool HasDuty(const DutyFacts& facts) {
  return *NextOf(facts, Deadlines()).what != '\0' || (facts.follows && !facts.fed_back);
}

Duty DutyOf(const DutyFacts& facts, const Deadlines& deadlines, Day today) {
  const Next next = NextOf(facts, deadlines);
  Duty duty;
  duty.what = next.what;
  duty.due = next.due;
  if (*next.what == '\0') return duty;
  duty.lamp = LampOf(next.due, deadlines, today);
  duty.lists = 1u << v1::WORK_ALL | 1u << next.list;
  const bool in_hand = next.list == v1::WORK_IN_HAND;
  if (in_hand && (facts.return_asked || facts.extension_asked)) duty.lists |= 1u << v1::WORK_DECISIONS;
  if (facts.supervised && (in_hand || facts.state == v1::REPLIED || facts.state == v1::TRACKING))
    duty.lists |= 1u << v1::WORK_SUPERVISED;
  // A promise is kept in time to come; that it was given is told now. So is a reply that is handled once more.
  if ((facts.state == v1::TRACKING || facts.state == v1::CLOSED) && facts.wants_feedback && !facts.fed_back)
    duty.lists |= 1u << v1::WORK_TO_FEED_BACK;
  if (duty.lamp == v1::LAMP_RED) duty.lists |= 1u << v1::WORK_OVERDUE;
  if (duty.lamp == v1::LAMP_YELLOW) duty.lists |= 1u << v1::WORK_NEAR;
  return duty;
}

v1::Lamp LampOf(Day due, const Deadlines& deadlines, Day today) {
  if (due == kUndated) return v1::LAMP_NONE;
  if (today > due) return v1::LAMP_RED;
  const TimeLimit near = deadlines.Limit(Deadline::kNear);
  Day from = due;
  switch (near.unit) {
    case TimeLimit::Unit::kDays:
      from = due - near.amount;
      break;
    case TimeLimit::Unit::kMonths:
      from = AddMonths(due, -near.amount);
      break;
    case TimeLimit::Unit::kWorkdays:
      for (int left = near.amount; left > 0;)
        if (deadlines.calendar().IsWorkday(--from)) --left;
      break;
  }
  return today >= from ? v1::LAMP_YELLOW : v1::LAMP_GREEN;
}

}  // namespace liaison

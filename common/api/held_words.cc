#include "common/api/held_words.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "common/base/text.h"
#include "common/codec/op_codec.h"
#include "common/record/verdict.h"
#include "common/record/view.h"

namespace liaison {

void AddHeldWords(const Views& views, std::string_view station, const Aggregate& aggregate, const RecordId& child,
                  v1::RecordView* view) {
  for (const HiddenOp& hidden : HiddenBy(aggregate)) {
    const OpName& name = hidden.name;
    if (station != kHubStation && name.actor.station != station) continue;
    const std::optional<std::string> bytes = views.reader().OpBytes(name.actor, name.seq, TagOf(name.hash));
    const absl::StatusOr<Op> op = bytes ? DecodeOp(*bytes) : absl::NotFoundError("op");
    if (!op.ok() || !aggregate.Refused(name)) continue;
    auto of_child = [&](const Write& write) { return child.IsRoot() || write.child == child; };
    if (std::none_of(op->writes.begin(), op->writes.end(), of_child) &&
        std::none_of(op->sealed.begin(), op->sealed.end(), of_child))
      continue;
    v1::HeldNote& note = *view->add_held();
    note.set_op(ToText(name));
    note.set_station_id(name.actor.station);
    note.set_user(op->user);
    note.set_wall_time_ms(op->wall_ms);
    note.set_declined(!hidden.verdict.held);
    note.set_reason(hidden.verdict.words);
    std::string words;
    for (const v1::HistoryEvent& event : views.EventsOf(*op))
      words += Cat(words.empty() ? "" : "；", event.field_label(), event.text().empty() ? "" : "：", event.text());
    note.set_words(std::move(words));
  }
}

std::string_view VerdictLabel(std::string_view value) {
  if (value.empty()) return "恢复一项改动";
  return ParseVerdict(value).held ? "一项改动待镇里确认" : "退回一项改动";
}

bool IsHeld(const Aggregate& aggregate, const OpName& name) {
  const Register* verdicts = VerdictsOn(aggregate, name);
  return verdicts != nullptr &&
         std::none_of(verdicts->siblings().begin(), verdicts->siblings().end(), [](const Sibling& one) {
           return !one.value.empty() && !ParseVerdict(one.value).held;
         });
}

}  // namespace liaison

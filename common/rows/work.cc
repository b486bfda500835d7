#include "common/rows/work.h"

#include <optional>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/record/schema.h"

namespace liaison {
namespace {

constexpr uint8_t kRowVersion = 2;
constexpr int kMostLinks = 16;  // of a chain; a circle ends
constexpr uint32_t kFedBack = 1, kWantsFeedback = 2, kReturnAsked = 4, kExtensionAsked = 8, kSupervised = 16, kKey = 32,
                   kFollows = 64;

// Nothing left to do: no row.
std::optional<std::string> RowOf(const Aggregate& aggregate, const KvReader& kv) {
  const StoreReader reader(&kv);
  const CaseFile file(aggregate, reader.TimesOf(aggregate));
  if (!file.present) return std::nullopt;
  const DutyFacts duty = DutyFactsOf(file);
  if (!HasDuty(duty)) return std::nullopt;
  std::string row;
  ByteWriter out(&row);
  out.U8(kRowVersion);
  out.Varint((duty.fed_back ? kFedBack : 0) | (duty.wants_feedback ? kWantsFeedback : 0) |
             (duty.return_asked ? kReturnAsked : 0) | (duty.extension_asked ? kExtensionAsked : 0) |
             (duty.supervised ? kSupervised : 0) | (duty.key ? kKey : 0) | (duty.follows ? kFollows : 0));
  for (int number : {static_cast<int>(duty.state), static_cast<int>(duty.track), static_cast<int>(duty.rating),
                     duty.since, duty.due, duty.replied, duty.rated, duty.promise})
    out.Varint(static_cast<uint64_t>(number));
  out.String(file.matter.station_id());
  out.String(file.last_assignment() == nullptr ? "" : file.last_assignment()->main_unit());
  out.String(LinkOf(file));
  out.Raw(file.matter.category());
  return row;
}

WorkFact Decode(ByteReader* in) {
  WorkFact fact;
  if (in->U8() != kRowVersion) in->Fail("row version");
  const uint64_t flags = in->Varint();
  fact.duty.fed_back = (flags & kFedBack) != 0;
  fact.duty.wants_feedback = (flags & kWantsFeedback) != 0;
  fact.duty.return_asked = (flags & kReturnAsked) != 0;
  fact.duty.extension_asked = (flags & kExtensionAsked) != 0;
  fact.duty.supervised = (flags & kSupervised) != 0;
  fact.duty.key = (flags & kKey) != 0;
  fact.duty.follows = (flags & kFollows) != 0;
  auto number = [&] { return static_cast<int>(in->Varint32()); };
  fact.duty.state = static_cast<v1::MatterState>(number());
  fact.duty.track = static_cast<v1::Track>(number());
  fact.duty.rating = static_cast<v1::Rating>(number());
  for (Day* day : {&fact.duty.since, &fact.duty.due, &fact.duty.replied, &fact.duty.rated, &fact.duty.promise})
    *day = number();
  fact.station = in->String();
  fact.unit = in->String();
  fact.link = in->String();
  fact.category = in->Raw(in->rest().size());
  return fact;
}

}  // namespace

void WorkProjection::OnChange(const Aggregate* before, const Aggregate& after, KvWriter& out) {
  if (after.id().type != TypeOf<v1::Matter>().type()) return;
  const std::optional<std::string> old_row = before == nullptr ? std::nullopt : RowOf(*before, out);
  const std::optional<std::string> new_row = RowOf(after, out);
  if (old_row == new_row) return;
  const std::string key = ProjectionPrefix(prefix()) + after.id().name;
  if (new_row) {
    out.Put(key, *new_row);
  } else {
    out.Delete(key);
  }
}

void FillFollowed(const StoreReader& reader, const std::string& link, DutyFacts* facts) {
  std::string next = link;
  for (int i = 0; i < kMostLinks && !next.empty(); ++i) {
    RecordId id;
    if (!RecordIdFromBytes(next, &id) || id.type != TypeOf<v1::Matter>().type()) return;
    const std::optional<Aggregate> aggregate = reader.Load(id);
    if (!aggregate) return;
    const CaseFile file(*aggregate, reader.TimesOf(*aggregate));
    if (!file.present) return;
    next = LinkOf(file);
    if (!next.empty()) continue;
    const DutyFacts own = DutyFactsOf(file);
    facts->followed = own.state;
    facts->followed_since = own.replied == kUndated ? own.since : own.replied;
  }
}

absl::Status ScanWork(const KvReader& kv, const std::function<void(const WorkFact&)>& visit) {
  const std::string prefix = ProjectionPrefix(WorkProjection().prefix());
  absl::Status status;
  kv.ScanPrefix(prefix, [&](std::string_view key, std::string_view value) {
    ByteReader in(value);
    WorkFact fact = Decode(&in);
    status = in.Finish(Cat("办理清单 ", Hex(key)));
    if (!status.ok()) {
      status = absl::DataLossError(status.message());
      return false;
    }
    fact.matter = std::string(key.substr(prefix.size()));
    visit(fact);
    return true;
  });
  return status;
}

}  // namespace liaison

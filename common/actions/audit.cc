#include "common/actions/audit.h"

#include "common/base/minute.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/record/schema.h"
#include "common/record/view.h"
#include "common/store/op_on.h"

namespace liaison {
namespace {

constexpr size_t kMonthChars = 7;  // of YYYY-MM-DD
constexpr size_t kDateChars = 10;  // of YYYY-MM-DD HH:MM

}  // namespace

RecordId AuditOf(const ServiceContext& context, std::string_view month) {
  // No action drew it: nobody can claim to have made it (store/maker.h), and nobody needs to.
  const std::string digest = Sha256(Cat("liaison-audit-1|", context.station_id, "|", context.node_id, "|", month));
  return RecordId::Random(TypeOf<v1::Audit>().type(), std::string_view(digest).substr(0, kActionIdBytes), 0);
}

NewOp AuditOp(const ServiceContext& context, const StoreReader& view, std::string_view action_id,
              const std::vector<v1::AuditEvent>& events) {
  const std::string minute = MinuteText(context.clock()->NowMs());
  const std::string date = context.Today();
  const std::string month = date.substr(0, kMonthChars);
  NewOp op = OpOn(view, AuditOf(context, month));
  if (!view.Load(op.aggregate)) {
    v1::Audit audit;
    audit.set_station_id(context.station_id);
    audit.set_node_id(context.node_id);
    audit.set_month(month);
    WritesOf(audit, {}, &op.writes, &op.sealed);
  }
  for (size_t i = 0; i < events.size(); ++i) {
    v1::AuditEvent event = events[i];
    event.set_date(date);
    event.set_time(minute.size() > kDateChars ? minute.substr(kDateChars + 1) : "");
    WritesOf(event, RecordId::Random(TypeOf<v1::AuditEvent>().type(), action_id, static_cast<uint16_t>(i)), &op.writes,
             &op.sealed);
  }
  return op;
}

}  // namespace liaison

// RecordService: a visitor's personal data in full, and who saw it.
#include <algorithm>
#include <tuple>

#include "common/api/audit_desk.h"
#include "common/api/record_service.h"
#include "common/base/fault.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/record/validate.h"
#include "common/rows/tables.h"
#include "common/rules/people/people.h"
#include "common/rules/visitor/visitors.h"

namespace liaison {
namespace {

constexpr int kAuditRows = 100, kMostAuditRows = 1000;
constexpr size_t kMonthChars = 7;   // of YYYY-MM-DD
constexpr int kDigitsOfAPhone = 7;  // the shortest

bool HasPhone(std::string_view words) {
  int digits = 0;
  for (const char c : words) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits == kDigitsOfAPhone) return true;
  }
  return false;
}

absl::Status CheckPurpose(const v1::RevealVisitorRequest& request) {
  if (request.purpose() == v1::PURPOSE_UNSPECIFIED || !v1::RevealPurpose_IsValid(request.purpose()))
    return WrongField("用途", "请选择查看的用途");
  if (request.purpose() == v1::PURPOSE_OTHER && request.words().empty())
    return WrongField("用途说明", "用途选“其他”时，请写明用途");
  if (HasPhone(request.words())) return WrongField("用途说明", "不要写电话号码");
  v1::AuditEvent event;
  event.set_words(request.words());
  return ValidateField(event, v1::AuditEvent::kWordsFieldNumber);
}

// The visitor that `text` names, or of the visit that it names. kNotFound: there is none, or none that is seen.
absl::StatusOr<Aggregate> VisitorAskedFor(const Views& views, const std::string& text) {
  const absl::Status none = absl::NotFoundError("反映人：没有这条记录");
  RecordId id, entry;
  if (!ParseFullId(text, &id, &entry)) return WrongField("编号", Cat("“", text, "”无效"));
  if (entry.type == TypeOf<v1::VisitEntry>().type()) {
    const std::optional<Aggregate> session = views.Load(id);
    if (!session || session->Find(entry) == nullptr) return none;
    const std::string name = Show<v1::VisitEntry>(*session, entry).visitor_id();
    if (name.empty()) return absl::FailedPreconditionError("反映人：这次来访没有登记姓名和电话");
    // Whoever sees the visit sees that somebody came: the visitor need not be looked for in other sessions.
    std::optional<Aggregate> visitor;
    if (RecordIdFromBytes(name, &id)) visitor = views.reader().Load(id);
    if (!visitor) return none;
    return *std::move(visitor);
  }
  if (id.type != TypeOf<v1::Visitor>().type() || !entry.IsRoot())
    return WrongField("编号", Cat("“", text, "”不是来访登记，也不是反映人"));
  std::optional<Aggregate> visitor = views.Load(id);
  if (!visitor) return none;
  return *std::move(visitor);
}

// What names the visitor is not written down. The answer does not tell, or one could guess at a name without an audit.
std::string WordsToKeep(const std::string& words, const v1::VisitorFields& fields) {
  const bool names = !fields.name().empty() && words.find(fields.name()) != std::string::npos;
  return names ? "" : words;
}

std::string NameOfAccount(const StoreReader& reader, const std::string& id) {
  const std::optional<Aggregate> found = reader.Load(RecordId::Master(TypeOf<v1::Account>().type(), id));
  const std::optional<v1::Account> account = found ? AccountOf(*found) : std::nullopt;
  return account ? account->name() : id;
}

}  // namespace

absl::StatusOr<v1::RevealVisitorResponse> RecordService::RevealVisitor(const v1::RevealVisitorRequest& request,
                                                                      const Caller& caller) {
  RETURN_IF_ERROR(CheckPurpose(request));
  const bool logged_in = caller.who != nullptr && !caller.owner;
  if (logged_in && context_.check_secret) RETURN_IF_ERROR(context_.check_secret(caller, request.secret()));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  const Views views = MakeViews(context_, roster.get(), caller);
  ASSIGN_OR_RETURN(const Aggregate visitor, VisitorAskedFor(views, request.id()));
  std::optional<v1::VisitorFields> fields = OpenVisitor(views.reader(), visitor);
  if (!fields) return absl::FailedPreconditionError("反映人：个人信息不在本机，或已经删除，不能查看");
  v1::AuditEvent event = EventOf(context_, caller, v1::AUDIT_REVEAL, request.id(), request.purpose());
  event.set_words(WordsToKeep(request.words(), *fields));
  RETURN_IF_ERROR(CommitAudit(context_, caller, {event}));
  v1::RevealVisitorResponse response;
  *response.mutable_visitor() = *std::move(fields);
  response.set_visitor_id(ToText(visitor.id()));
  return response;
}

absl::StatusOr<v1::ListAuditResponse> RecordService::ListAudit(const v1::ListAuditRequest& request,
                                                              const Caller& caller) const {
  for (const std::string* date : {&request.from(), &request.to()})
    if (!date->empty() && !IsDate(*date)) return absl::InvalidArgumentError(Cat("日期：“", *date, "”不是有效日期"));
  if (request.offset() < 0) return absl::InvalidArgumentError("从第几条起：不能小于0");
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  const Viewer::Audits audits = Viewer::Of(caller).audits();
  const StoreReader reader = context_.store->Read();
  auto wanted = [&](const v1::AuditEvent& event) {
    if (audits == Viewer::Audits::kOwn && event.account() != caller.who->account) return false;
    if (!request.account().empty() && event.account() != request.account()) return false;
    return event.date() >= request.from() && (request.to().empty() || event.date() <= request.to());
  };
  std::vector<v1::AuditRow> rows;
  reader.ForEach(TypeOf<v1::Audit>().type(), [&](const Aggregate& aggregate) {
    const auto audit = Show<v1::Audit>(aggregate);
    if (audit.month() < request.from().substr(0, kMonthChars)) return true;
    if (!request.to().empty() && audit.month() > request.to().substr(0, kMonthChars)) return true;
    for (const RecordId& id : ChildrenOf<v1::AuditEvent>(aggregate)) {
      auto event = Show<v1::AuditEvent>(aggregate, id);
      if (!wanted(event)) continue;
      v1::AuditRow& row = rows.emplace_back();
      if (audits == Viewer::Audits::kAllWithoutIds) event.clear_record_id();
      *row.mutable_event() = std::move(event);
      row.set_station_id(audit.station_id());
      row.set_node_id(audit.node_id());
    }
    return true;
  });
  std::stable_sort(rows.begin(), rows.end(), [](const v1::AuditRow& a, const v1::AuditRow& b) {
    return std::tuple(a.event().date(), a.event().time()) > std::tuple(b.event().date(), b.event().time());
  });
  v1::ListAuditResponse response;
  response.set_total(static_cast<int32_t>(rows.size()));
  const auto limit = static_cast<size_t>(request.limit() > 0 ? std::min(request.limit(), kMostAuditRows) : kAuditRows);
  const auto first = std::min(static_cast<size_t>(request.offset()), rows.size());
  for (size_t i = first; i < std::min(rows.size(), first + limit); ++i) {
    v1::AuditRow& row = *response.add_rows();
    row = std::move(rows[i]);
    row.set_account_name(NameOfAccount(reader, row.event().account()));
    row.set_station_name(row.station_id() == kHubStation ? "镇中心" : roster->StationName(row.station_id()));
  }
  return response;
}

}  // namespace liaison

#include "common/cli/core/names.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/base/utf8.h"
#include "common/cli/core/shell.h"
#include "common/record/validate.h"
#include "liaison/v1/record_service.pb.h"
#include "liaison/v1/station_service.pb.h"

namespace liaison::cli {
namespace {

constexpr int kMostSessions = 1000;

// "J20261215-…" -> "2026-12-15"; empty for what is no number.
std::string DateInNumber(const std::string& number) {
  if (number.size() < 10 || number[0] != 'J') return "";
  std::string date = Cat(number.substr(1, 4), "-", number.substr(5, 2), "-", number.substr(7, 2));
  return IsDate(date) ? date : "";
}

// Ids are made of ASCII; of names nobody's is.
bool IsCode(const std::string& text) { return IsAscii(text); }

using Roster = v1::GetRosterResponse;

absl::StatusOr<Roster> RosterOf(Link* link) {
  Roster roster;
  RETURN_IF_ERROR(CallService(link, "RecordService/GetRoster", v1::GetRosterRequest(), &roster));
  return roster;
}

struct Names {
  std::string id;
  std::vector<std::string> names;
};

// The id behind a name, however it was typed. What nobody is called is returned as it is: the service says that it
// knows none so.
template <typename Entries, typename NamesOf>
absl::StatusOr<std::string> Named(const Entries& entries, std::string_view what, const std::string& text,
                                  NamesOf names_of) {
  std::string found;
  const std::string key = NameKey(text);
  for (const auto& entry : entries) {
    const Names one = names_of(entry);
    if (NameKey(one.id) == key) return one.id;
    if (std::none_of(one.names.begin(), one.names.end(), [&](const std::string& name) { return NameKey(name) == key; }))
      continue;
    if (!found.empty())
      return absl::InvalidArgumentError(Cat(what, "：不止一个叫“", text, "”，请写编号，如 ", found, "、", one.id));
    found = one.id;
  }
  return found.empty() ? text : found;
}

using NamedIn = absl::StatusOr<std::string> (*)(const Roster&, const std::string&);

absl::StatusOr<std::string> DeputyIn(const Roster& roster, const std::string& text) {
  return Named(roster.deputies(), "代表", text, [](const v1::Deputy& deputy) {
    return Names{deputy.deputy_id(), {deputy.name()}};
  });
}

absl::StatusOr<std::string> StationIn(const Roster& roster, const std::string& text) {
  return Named(roster.stations(), "站点", text, [](const v1::Station& station) {
    return Names{station.station_id(), {station.name(), station.public_name()}};
  });
}

absl::StatusOr<std::string> UnitIn(const Roster& roster, const std::string& text) {
  return Named(roster.departments(), "承办单位", text, [](const v1::Department& unit) {
    return Names{unit.department_id(), {unit.name()}};
  });
}

// How the ids that a field holds are named by people; null: it holds something else. `unit` is a department's id in
// some messages and a text in others.
NamedIn HowNamed(const google::protobuf::FieldDescriptor* field) {
  static const std::map<std::string, NamedIn, std::less<>> kFields = {
      {"station_id", StationIn},  {"station_ids", StationIn}, {"area_id", StationIn},
      {"deputy_id", DeputyIn},    {"deputy_ids", DeputyIn},   {"substitute_for", DeputyIn},
      {"lead_deputy", DeputyIn},  {"cosigners", DeputyIn},    {"answered_by", DeputyIn},
      {"Step.unit", UnitIn},      {"Step.co_units", UnitIn},  {"ListWorkRequest.unit", UnitIn},
      {"FindRequest.unit", UnitIn},  {"AddAccountRequest.unit_id", UnitIn},
      {"GrantRightRequest.unit_id", UnitIn}};
  if (field->type() != google::protobuf::FieldDescriptor::TYPE_STRING) return nullptr;
  auto found = kFields.find(field->name());
  if (found == kFields.end()) found = kFields.find(Cat(field->containing_type()->name(), ".", field->name()));
  return found == kFields.end() ? nullptr : found->second;
}

// Asks for the roster when the first name is met, and only then.
class Namer {
 public:
  explicit Namer(Link* link) : link_(link) {}

  absl::StatusOr<std::string> Id(NamedIn named, const std::string& text) {
    if (IsCode(text)) return text;
    if (!roster_) {
      ASSIGN_OR_RETURN(roster_, RosterOf(link_));
    }
    return named(*roster_, text);
  }

  absl::Status Resolve(google::protobuf::Message* request) {
    std::vector<const google::protobuf::FieldDescriptor*> fields;
    const auto* reflection = request->GetReflection();
    reflection->ListFields(*request, &fields);
    for (const auto* field : fields) {
      const bool nested = field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE;
      NamedIn named = HowNamed(field);
      if (!nested && named == nullptr) continue;
      for (int i = 0, size = field->is_repeated() ? reflection->FieldSize(*request, field) : 1; i < size; ++i) {
        if (nested) {
          RETURN_IF_ERROR(Resolve(field->is_repeated() ? reflection->MutableRepeatedMessage(request, field, i)
                                                       : reflection->MutableMessage(request, field)));
          continue;
        }
        ASSIGN_OR_RETURN(std::string id, Id(named, field->is_repeated()
                                                       ? reflection->GetRepeatedString(*request, field, i)
                                                       : reflection->GetString(*request, field)));
        if (field->is_repeated()) {
          reflection->SetRepeatedString(request, field, i, std::move(id));
        } else {
          reflection->SetString(request, field, std::move(id));
        }
      }
    }
    return absl::OkStatus();
  }

 private:
  Link* const link_;
  std::optional<Roster> roster_;
};

}  // namespace

absl::StatusOr<std::string> DeputyNamed(Link* link, const std::string& text) { return Namer(link).Id(DeputyIn, text); }

absl::StatusOr<std::string> StationNamed(Link* link, const std::string& text) {
  return Namer(link).Id(StationIn, text);
}

absl::Status ResolveNames(Link* link, google::protobuf::Message* request) { return Namer(link).Resolve(request); }

absl::StatusOr<v1::SessionView> SessionNamed(Link* link, const std::string& text) {
  const absl::StatusOr<std::string> day = ParseDate(text);
  const bool is_date = IsDate(text) || (day.ok() && !IsCode(text));
  v1::ListSessionsRequest list;
  list.set_from(is_date ? *day : DateInNumber(Fold(text)));
  list.set_to(list.from());
  list.set_limit(kMostSessions);
  if (is_date) {
    v1::GetStatusResponse status;
    RETURN_IF_ERROR(CallService(link, "RecordService/GetStatus", v1::GetStatusRequest(), &status));
    list.set_station_id(status.station_id());
  }
  v1::ListSessionsResponse sessions;
  RETURN_IF_ERROR(CallService(link, "StationService/ListSessions", list, &sessions));
  const v1::SessionView* found = nullptr;
  for (const v1::SessionView& session : sessions.sessions()) {
    const bool named = session.id() == text || NumberText(session.session().number()) == NumberText(text);
    if (!named && !(is_date && !session.voided())) continue;
    if (found != nullptr) return absl::InvalidArgumentError(Cat("接待场次：“", text, "”有几场，请写场次编号"));
    found = &session;
  }
  if (found == nullptr) return absl::NotFoundError(Cat("接待场次：没有“", text, "”这一场"));
  return *found;
}

}  // namespace liaison::cli

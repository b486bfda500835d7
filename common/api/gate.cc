#include "common/api/gate.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/record/live.h"
#include "common/record/schema.h"
#include "common/record/view.h"
#include "common/rows/tables.h"
#include "common/rules/matter/case_file.h"
#include "common/rules/reception/attendance.h"
#include "liaison/v1/casework.pb.h"
#include "liaison/v1/congress.pb.h"
#include "liaison/v1/imports.pb.h"
#include "liaison/v1/people.pb.h"
#include "liaison/v1/print.pb.h"

namespace liaison {

struct Gate::Names {
  std::vector<std::string> records, stations, deputies;
};

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// A station that nobody's rights name.
constexpr char kNowhere[] = "?";
// How the file of a signed paper is called, so that it can be told from a photo.
constexpr char kApprovalWords[] = "审批";

// The fields by which requests name things, whatever service they are of. A deputy beside a session is somebody at it;
// the session is what the call is about.
constexpr std::string_view kRecordFields[] = {"id",       "ids",       "session_id", "session_ids", "batch_id",
                                              "parent",   "record_id", "matter_id",  "visit_id",    "visitor_id"};
constexpr std::string_view kStationFields[] = {"station_id", "station_ids", "area_id"};
constexpr std::string_view kDeputyFields[] = {"deputy_id"};

template <size_t kSize>
bool IsOneOf(const std::string_view (&names)[kSize], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

void AddTexts(const Message& message, const FieldDescriptor* field, std::vector<std::string>* out) {
  const Reflection* reflection = message.GetReflection();
  const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
  for (int i = 0; i < size; ++i) {
    std::string text = field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                            : reflection->GetString(message, field);
    if (!text.empty()) out->push_back(std::move(text));
  }
}

// What is new names its station itself: of a record that a request carries, that alone counts.
void AddStationsWithin(const Message& message, std::vector<std::string>* stations) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName("station_id");
  if (field != nullptr && field->type() == FieldDescriptor::TYPE_STRING) AddTexts(message, field, stations);
}

// Of TakeStep's targets and their like.
void AddTargets(const Message& message, const FieldDescriptor* field, std::vector<std::string>* records) {
  const Reflection* reflection = message.GetReflection();
  const FieldDescriptor* id = field->message_type()->FindFieldByName("id");
  for (int i = 0; id != nullptr && i < reflection->FieldSize(message, field); ++i)
    AddTexts(reflection->GetRepeatedMessage(message, field, i), id, records);
}

// What more than the method the call asks for.
CallFacts AskedOf(const Message& request) {
  CallFacts asked;
  if (const auto* step = dynamic_cast<const v1::TakeStepRequest*>(&request)) {
    asked.step = step->step().kind();
    asked.approved = !step->step().approved_by().empty();
  } else if (const auto* print = dynamic_cast<const v1::PrintFormRequest*>(&request)) {
    asked.paper = print->paper();
  } else if (const auto* in = dynamic_cast<const v1::ImportTableRequest*>(&request)) {
    asked.table = in->kind();
  } else if (const auto* out = dynamic_cast<const v1::ExportTableRequest*>(&request)) {
    asked.table = out->kind();
  }
  return asked;
}

bool IsOfPeople(const RecordId& id) {
  return id.type == TypeOf<v1::Account>().type() || id.type == TypeOf<v1::Rights>().type();
}

// What goes to all stations is everybody's who may call the method at all.
bool GoesToAll(const RecordId& id) {
  const TypeInfo* type = FindType(id.type);
  return type != nullptr && (type->rules.master() || type == &TypeOf<v1::Notice>());
}

std::string StationWithin(const Aggregate& aggregate, const TypeInfo& type) {
  std::unique_ptr<Message> shown(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type.descriptor)->New());
  std::vector<std::string> stations;
  if (Display(aggregate, {}, shown.get())) AddStationsWithin(*shown, &stations);
  return stations.empty() ? "" : stations.front();
}

void AddDeputiesOf(const Aggregate& session, std::vector<std::string>* deputies) {
  for (std::string& id : PresentAt(Show<v1::ReceptionSession>(session))) deputies->push_back(std::move(id));
}

bool HasSignedPaper(const Aggregate& matter) {
  for (const RecordId& id : LiveChildrenOf<v1::AttachmentRef>(matter)) {
    const auto ref = Show<v1::AttachmentRef>(matter, id);
    if (ref.entry().empty() && absl::StrContains(ref.name(), kApprovalWords)) return true;
  }
  return false;
}

// A table whose kind is read from its columns may be any of them.
absl::Status CheckUnnamedTable(const Who& who, std::string_view path, const Message& request) {
  const auto* import = dynamic_cast<const v1::ImportTableRequest*>(&request);
  if (import == nullptr || import->kind() != v1::ROSTER_UNSPECIFIED || who.rights.empty()) return absl::OkStatus();
  for (int i = 0; i < v1::RosterKind_descriptor()->value_count(); ++i) {
    CallFacts facts;
    facts.table = static_cast<v1::RosterKind>(v1::RosterKind_descriptor()->value(i)->number());
    if (!MayCall(who, path, facts).ok()) return absl::PermissionDeniedError("请写明是哪一种表：有的表没有权限导入");
  }
  return absl::OkStatus();
}

absl::Status NotAllowed() { return absl::PermissionDeniedError("没有这项权限；需要时请找系统管理员"); }

bool IsOfRole(const Right& right, v1::Access::Role role) { return right.role == role; }

// The rights without those of a deputy.
Who WithoutSeat(const Who& who) {
  Who others = who;
  std::erase_if(others.rights, [](const Right& right) { return IsOfRole(right, v1::Access::DEPUTY); });
  return others;
}

}  // namespace

Gate::Thing Gate::RecordThing(const std::string& id, const CallFacts& asked, const StoreReader& reader) const {
  Thing thing;
  thing.facts = asked;
  const std::shared_ptr<const Roster> roster = roster_->Get();
  if (!ParseFullId(id, &thing.root, &thing.child)) {
    // Forms are printed of stations and deputies too, by their codes.
    if (roster->stations.contains(id)) {
      thing.stations = {id};
    } else if (const auto deputy = roster->deputies.find(id); deputy != roster->deputies.end()) {
      thing.facts.deputies = {id};
      thing.stations = {deputy->second.home_station_id()};
    } else {
      thing.facts.matter = id;
    }
    return thing;
  }
  if (GoesToAll(thing.root)) return thing;
  thing.facts.matter = ToText(thing.root);
  if (const std::optional<Aggregate> aggregate = reader.Load(thing.root)) AddFacts(*aggregate, reader, &thing);
  return thing;
}

void Gate::AddFacts(const Aggregate& aggregate, const StoreReader& reader, Thing* thing) const {
  const TypeInfo* type = FindType(aggregate.id().type);
  if (type == nullptr) return;
  CallFacts& facts = thing->facts;
  if (const std::string station = StationWithin(aggregate, *type); !station.empty()) thing->stations = {station};
  if (type == &TypeOf<v1::ReceptionSession>()) {
    AddDeputiesOf(aggregate, &facts.deputies);
  } else if (type == &TypeOf<v1::Activity>()) {
    const auto activity = Show<v1::Activity>(aggregate);
    for (const v1::ActivityDeputy& deputy : activity.deputies())
      facts.deputies.push_back(deputy.deputy_id());
  } else if (type == &TypeOf<v1::Matter>()) {
    const CaseFile file(aggregate, reader.TimesOf(aggregate));
    facts.deputies.assign(file.matter.cosigners().begin(), file.matter.cosigners().end());
    facts.deputies.push_back(file.matter.lead_deputy());
    std::set<std::string> sessions;
    for (const v1::Source& source : file.matter.sources()) {
      if (!source.station_id().empty()) thing->stations.push_back(source.station_id());
      if (!source.session_id().empty()) sessions.insert(source.session_id());
    }
    for (const std::string& bytes : sessions) {
      RecordId id;
      const std::optional<Aggregate> session = RecordIdFromBytes(bytes, &id) ? reader.Load(id) : std::nullopt;
      if (session && id.type == TypeOf<v1::ReceptionSession>().type()) AddDeputiesOf(*session, &facts.deputies);
    }
    if (const v1::Assignment* last = file.last_assignment()) {
      facts.units.assign(last->co_units().begin(), last->co_units().end());
      facts.units.push_back(last->main_unit());
    }
    facts.paper_attached = HasSignedPaper(aggregate);
  }
}

std::vector<Gate::Thing> Gate::ThingsOf(const Names& names, const CallFacts& asked, const Who& who,
                                        const StoreReader& reader) const {
  std::vector<Thing> things;
  for (const std::string& id : names.records) things.push_back(RecordThing(id, asked, reader));
  const std::shared_ptr<const Roster> roster = roster_->Get();
  for (const std::string& id : names.stations) {
    Thing& thing = things.emplace_back();
    thing.facts = asked;
    thing.stations = {id};
    // A list of the station where a deputy sits, or of a unit's matters there; what of it is theirs is cut by whoever
    // answers.
    for (const Right& right : who.rights)
      if (IsOfRole(right, v1::Access::HANDLER)) thing.facts.units.push_back(right.unit);
    for (const Right& right : who.rights)
      if (IsOfRole(right, v1::Access::DEPUTY) &&
          std::find(right.stations.begin(), right.stations.end(), id) != right.stations.end())
        thing.facts.deputies = {who.deputy};
  }
  for (const std::string& id : names.deputies) {
    Thing& thing = things.emplace_back();
    thing.facts = asked;
    thing.facts.deputies = {id};
    const auto deputy = roster->deputies.find(id);
    thing.stations = {deputy == roster->deputies.end() ? kNowhere : deputy->second.home_station_id()};
  }
  return things;
}

absl::Status Gate::Decide(const Who& who, std::string_view path, const std::vector<Thing>& things,
                          const CallFacts& asked) const {
  if (things.empty()) return MayCall(who, path, asked);
  for (const Thing& thing : things) {
    absl::Status status = NotAllowed();
    CallFacts facts = thing.facts;
    const std::vector<std::string> nobodys = {""};
    for (const std::string& station : thing.stations.empty() ? nobodys : thing.stations) {
      facts.station = station;
      status = MayCall(who, path, facts);
      if (status.ok()) break;
    }
    if (status.ok()) continue;
    facts.paper_attached = true;
    const bool on_paper = absl::IsPermissionDenied(status) && MayCall(who, path, facts).ok();
    return on_paper ? absl::PermissionDeniedError("要有主席签字的审批单：请先把它的照片附在事项上，文件名写明“审批”，"
                                                  "或请主席本人登录办理")
                    : status;
  }
  return absl::OkStatus();
}

// As himself, and of records what he entered. REQUIRES: Decide() lets him, by his seat alone.
absl::Status Gate::CheckDeputy(const Who& who, std::string_view path, const Message& request,
                               const std::vector<Thing>& things, const StoreReader& reader) const {
  if (const auto* step = dynamic_cast<const v1::TakeStepRequest*>(&request)) {
    const std::string& by = step->step().by();
    if (!by.empty() && by != who.deputy && by != who.name)
      return absl::PermissionDeniedError("代表只能以本人名义办理：经办人写的是别人");
  }
  if (!path.ends_with("/ChangeRecord") && !path.ends_with("/VoidRecord")) return absl::OkStatus();
  for (const Thing& thing : things) {
    const RecordId& record = thing.child.IsRoot() ? thing.root : thing.child;
    const std::optional<Aggregate> aggregate = reader.Load(thing.root);
    const std::vector<Op> ops = aggregate ? reader.OpsOf(*aggregate) : std::vector<Op>();
    const bool own = std::any_of(ops.begin(), ops.end(), [&](const Op& op) {
      return op.user == who.account && IsOfAction(record, op.action_id);
    });
    if (!own) return absl::PermissionDeniedError("代表只能改本人登记的内容；别的请联络员来改");
  }
  return absl::OkStatus();
}

absl::Status Gate::Admit(const std::string& path, const Message& request, const Caller& caller) const {
  const std::optional<v1::Access::Way> way = WayOf(path);
  if (!way) return absl::UnimplementedError(Cat("没有这个方法：", path));
  if (caller.owner || *way == v1::Access::OPEN) return absl::OkStatus();
  if (caller.who == nullptr && *way == v1::Access::PERSON)
    return open_() ? absl::OkStatus() : absl::UnauthenticatedError("请先登录");
  const Who nobody;
  const Who& who = caller.who == nullptr ? nobody : *caller.who;

  Names names;
  const Reflection* reflection = request.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(request, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->type() == FieldDescriptor::TYPE_STRING) {
      if (IsOneOf(kRecordFields, field->name())) AddTexts(request, field, &names.records);
      if (IsOneOf(kStationFields, field->name())) AddTexts(request, field, &names.stations);
      if (IsOneOf(kDeputyFields, field->name())) AddTexts(request, field, &names.deputies);
    } else if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
      if (!field->is_repeated()) AddStationsWithin(reflection->GetMessage(request, field), &names.stations);
      if (field->name() == "targets") AddTargets(request, field, &names.records);
    }
  }
  if (!names.records.empty()) names.deputies.clear();
  for (const std::string& id : names.records) {
    RecordId root, child;
    if (ParseFullId(id, &root, &child) && IsOfPeople(root)) return NotAllowed();
  }

  if (caller.who != nullptr) RETURN_IF_ERROR(CheckUnnamedTable(who, path, request));
  const CallFacts asked = AskedOf(request);
  CallFacts anywhere = asked;
  anywhere.station = kNowhere;
  const absl::Status status = MayCall(who, path, anywhere);
  if (!absl::IsPermissionDenied(status)) return status;  // who reaches all needs no reading of records
  const StoreReader reader = store_->Read();
  const std::vector<Thing> things = ThingsOf(names, asked, who, reader);
  RETURN_IF_ERROR(Decide(who, path, things, asked));
  if (Decide(WithoutSeat(who), path, things, asked).ok()) return absl::OkStatus();
  return CheckDeputy(who, path, request, things, reader);
}

}  // namespace liaison

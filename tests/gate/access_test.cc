// The gate over real HTTP: every method of a hub and of a station for every role, by a page, without a login, and on
// the folder's socket.
#include "common/api/gate.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "absl/strings/match.h"
#include "common/record/json.h"
#include "liaison/v1/congress.pb.h"
#include "tests/gate/place.h"

namespace liaison {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using ::testing::HasSubstr;
using ::testing::StartsWith;

enum class About { kOwn, kForeign, kNothing };

constexpr std::string_view kRoleLetters = "?DOAKCHYXLW";  // of the roles, in their order

std::map<std::string, std::string> DecidedTexts() {
  std::map<std::string, std::string> rows;
  std::ifstream in(InSource("/tests/golden/data/access.txt"));
  for (std::string line; std::getline(in, line);)
    if (const size_t space = line.find("  "); !line.starts_with('#') && space != std::string::npos)
      rows[line.substr(0, space)] = line.substr(space + 2);
  return rows;
}

// What a row of the table says, read from its text and not from the schema. `named`: the call names a thing that has an
// owner.
bool TextLets(const std::string& text, char letter, About about, bool named) {
  if (text == "OPEN") return true;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const size_t colon = word.find(':');
    if (colon == std::string::npos || word.substr(0, colon).find(letter) == std::string::npos) continue;
    const std::string reach = word.substr(colon + 1);
    if (reach == "any" || reach == "township" || reach == "figures") return true;
    if ((reach == "seat" || reach == "station" || reach == "unit") && (!named || about != About::kForeign)) return true;
  }
  return false;
}

// What a record, a station and a deputy are called that are somebody's own, or not.
struct Named {
  std::string session, matter, station, deputy;
};

std::unique_ptr<Message> RequestOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  const auto* method = pool->FindServiceByName(path.substr(1, slash - 1))->FindMethodByName(path.substr(slash + 1));
  return std::unique_ptr<Message>(google::protobuf::MessageFactory::generated_factory()
                                      ->GetPrototype(method->input_type())
                                      ->New());
}

void SetText(Message* message, const FieldDescriptor* field, const std::string& text) {
  if (field->is_repeated()) {
    message->GetReflection()->AddString(message, field, text);
  } else {
    message->GetReflection()->SetString(message, field, text);
  }
}

// Names the things in whatever fields the request has for them. Whether it has one at all; with `of_unit`: one that is
// a matter.
bool Fill(const Named& named, bool of_unit, Message* request) {
  const std::map<std::string, std::string> texts = {
      {"id", named.matter},          {"ids", named.matter},         {"parent", named.matter},
      {"batch_id", named.matter},    {"session_id", named.session}, {"session_ids", named.session},
      {"station_id", named.station}, {"station_ids", named.station}, {"area_id", named.station}};
  bool any = false;
  for (int i = 0; i < request->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = request->GetDescriptor()->field(i);
    const auto text = texts.find(field->name());
    if (field->type() == FieldDescriptor::TYPE_STRING && text != texts.end()) {
      SetText(request, field, text->second);
      any |= !of_unit || text->second == named.matter;
    } else if (field->name() == "targets") {
      Message* target = request->GetReflection()->AddMessage(request, field);
      SetText(target, target->GetDescriptor()->FindFieldByName("id"), named.matter);
      any = true;
    }
  }
  // A deputy beside a record or a station says nothing of whose it is.
  const FieldDescriptor* deputy = request->GetDescriptor()->FindFieldByName("deputy_id");
  if (deputy != nullptr && !any) {
    SetText(request, deputy, named.deputy);
    any = true;
  }
  return any;
}

// Whether the gate let the call through, whatever the service then made of it.
bool WasLet(const Answered& answered) {
  if (answered.status == 401) return false;
  if (answered.status != 403) return true;
  for (const char* words : {"没有这项权限", "只能在数据所在的机器上", "主席签字的审批单", "本人登记", "以本人名义"})
    if (absl::StrContains(answered.message, words)) return false;
  return true;
}

struct Asked {
  std::string row;                    // "" or the value's row beside the method's
  std::function<void(Message*)> say;  // sets it
};

// The method alone, or with each of its values: a step without a kind, or a form without a name, is none.
std::vector<Asked> AskedWith(const std::string& path) {
  std::vector<Asked> all;
  auto add = [&](const google::protobuf::EnumDescriptor* kind, auto set) {
    for (int i = 0; i < kind->value_count(); ++i)
      if (const int number = kind->value(i)->number(); number != 0)
        all.push_back({Cat(kind->name(), ".", kind->value(i)->name()),
                       [set, number](Message* request) { set(request, number); }});
  };
  if (path.ends_with("/TakeStep"))
    add(v1::StepKind_descriptor(), [](Message* request, int number) {
      static_cast<v1::TakeStepRequest*>(request)->mutable_step()->set_kind(static_cast<v1::StepKind>(number));
    });
  if (path.ends_with("/PrintForm"))
    add(v1::Paper_descriptor(), [](Message* request, int number) {
      static_cast<v1::PrintFormRequest*>(request)->set_paper(static_cast<v1::Paper>(number));
    });
  if (path.ends_with("/ImportTable"))
    add(v1::RosterKind_descriptor(), [](Message* request, int number) {
      static_cast<v1::ImportTableRequest*>(request)->set_kind(static_cast<v1::RosterKind>(number));
    });
  if (all.empty()) all.push_back({"", [](Message*) {}});
  return all;
}

class Access : public PlacesTest {
 protected:
  template <typename Node>
  std::string AddSession(Place<Node>& place, const std::string& user, const std::string& station,
                         const std::string& deputy) {
    v1::ReceptionSession session;
    session.set_station_id(station);
    session.set_date("2026-11-20");
    session.set_form(v1::FORM_RECEPTION_DAY);
    session.add_deputies()->set_deputy_id(deputy);
    return place.Add(user, session);
  }
  template <typename Node>
  std::string AddMatter(Place<Node>& place, const std::string& user, const std::string& station,
                        const std::string& session, const std::string& unit) {
    v1::Matter matter;
    matter.set_station_id(station);
    matter.set_date("2026-11-20");
    matter.set_title("路灯不亮");
    matter.set_content("路灯不亮");
    matter.set_category("01");
    v1::Source& source = *matter.add_sources();
    source.set_entry(session + "/17.00000000000000000000000a");
    source.set_station_id(station);
    RecordId id;
    EXPECT_TRUE(ParseRecordId(session, &id));
    source.set_session_id(ToBytes(id));
    v1::Assignment assignment;
    assignment.set_round(1);
    assignment.set_main_unit(unit);
    assignment.set_assigned_date("2026-11-20");
    std::string text;
    place.Write(user, [&](const StoreReader&, const std::string& action_id, Action* action) {
      NewOp op;
      op.aggregate = RecordId::Random(TypeOf<v1::Matter>().type(), action_id, 0);
      text = ToText(op.aggregate);
      WritesOf(matter, {}, &op.writes, &op.sealed);
      if (!unit.empty())
        WritesOf(assignment, RecordId::Random(TypeOf<v1::Assignment>().type(), action_id, 1), &op.writes, &op.sealed);
      action->ops.push_back(std::move(op));
    });
    return text;
  }
  template <typename Node>
  void AddThings(Place<Node>& place, const std::string& user) {
    own_ = {AddSession(place, user, kOwnStation, kOwnDeputy), "", kOwnStation, kOwnDeputy};
    own_.matter = AddMatter(place, user, kOwnStation, own_.session, kOwnUnit);
    foreign_ = {AddSession(place, user, kOtherStation, kOtherDeputy), "", kOtherStation, kOtherDeputy};
    foreign_.matter = AddMatter(place, user, kOtherStation, foreign_.session, kOtherUnit);
  }

  // Each method and value for this role, against the table as it was decided.
  template <typename Node>
  void ExpectAsDecided(Place<Node>& place, const Browser& browser, v1::Access::Role role) {
    const char letter = kRoleLetters.at(static_cast<size_t>(role));
    for (const auto& [path, method] : place.node().dispatcher().methods()) {
      if (table_.at(path) == "OPEN") continue;  // these end sessions; Login.* has them
      for (const Asked& asked : AskedWith(path))
        for (About about : {About::kOwn, About::kForeign, About::kNothing}) {
          std::unique_ptr<Message> request = RequestOf(path);
          bool named = false;
          if (about != About::kNothing)
            named = Fill(about == About::kOwn ? own_ : foreign_, role == v1::Access::HANDLER, request.get());
          asked.say(request.get());
          bool expected = TextLets(table_.at(path), letter, about, named);
          if (!asked.row.empty()) expected = expected && TextLets(table_.at(asked.row), letter, about, named);
          if (path.ends_with("/SetToday")) continue;  // would set the day for all that follow
          const Answered answered = place.Post(path, ToCompactJson(*request), browser);
          ASSERT_NE(answered.status, 401) << path << ": the session of " << letter;
          EXPECT_EQ(WasLet(answered), expected) << letter << " " << path << " " << asked.row << " about "
                                                << static_cast<int>(about) << ": " << answered.message;
          ++(expected ? lets_ : denies_);
        }
    }
  }

  const std::map<std::string, std::string> table_ = DecidedTexts();
  Named own_, foreign_;
  size_t lets_ = 0, denies_ = 0;
};

TEST_F(Access, EveryMethodEveryRole) {
  int number = 0;
  AddThings(*hub_, "test");
  for (v1::Access::Role role : {v1::Access::CLERK, v1::Access::CHAIR, v1::Access::HANDLER, v1::Access::COUNTY,
                                v1::Access::ADMIN}) {
    const std::string id = Cat("U0000", ++number);
    ExpectAsDecided(*hub_, Enter(*hub_, id, role, role == v1::Access::HANDLER ? kOwnUnit : ""), role);
  }
  for (v1::Access::Role role : {v1::Access::DEPUTY, v1::Access::OFFICER, v1::Access::AREA}) {
    const std::string id = Cat("U0000", ++number);
    AddThings(*station_, id);  // what a deputy may change is what he entered
    ExpectAsDecided(*station_, Enter(*station_, id, role), role);
  }
  EXPECT_GT(lets_, 400u);
  EXPECT_GT(denies_, 700u);
}

TEST_F(Access, NothingAnswersWithoutALogin) {
  auto walk = [&](auto& place, const Browser& browser) {
    size_t closed = 0;
    for (const auto& [path, method] : place.node().dispatcher().methods()) {
      const Answered answered = place.Post(path, "{}", browser, "Liaison-User: U00001\r\n");
      if (table_.at(path) == "OPEN") {
        EXPECT_NE(answered.status, 403) << path;
        continue;
      }
      EXPECT_EQ(answered.status, 401) << path << ": " << answered.message;
      EXPECT_EQ(answered.code, "unauthenticated") << path;
      ++closed;
    }
    EXPECT_GT(closed, 40u);
    EXPECT_EQ(http::StatusOf(http::Exchange(place.port(), http::GetText("/files/" + std::string(64, '0')))), 401);
  };
  walk(*hub_, {});
  walk(*station_, {});
  // One that has ended, and halves of one.
  const Browser clerk = Enter(*hub_, "U00001", v1::Access::CLERK);
  walk(*hub_, {clerk.cookie, ""});
  walk(*hub_, {"", clerk.token});
  walk(*hub_, {clerk.token, clerk.cookie});
  hub_->End("U00001");
  walk(*hub_, clerk);
}

// His methods, and nobody's by the network: what the machine itself does.
TEST_F(Access, TheOwnerOfTheFolderPassesOnItsSocketAlone) {
  auto walk = [&](auto& place) {
    for (const auto& [path, method] : place.node().dispatcher().methods()) {
      if (path.ends_with("/SetToday") || path.ends_with("/ExportBundle")) continue;  // these would do it
      const absl::Status status = place.OnSocket(path, "{}").status();
      EXPECT_FALSE(absl::IsUnauthenticated(status) && table_.at(path) != "OPEN") << path << ": " << status;
      EXPECT_FALSE(absl::StrContains(status.message(), "没有这项权限")) << path << ": " << status;
    }
  };
  walk(*hub_);
  walk(*station_);
}

TEST_F(Access, AnAccountOrARightIsNoRecordToBeRead) {
  const Browser clerk = Enter(*hub_, "U00001", v1::Access::CLERK);
  for (const char* id : {"7:U00001", "8:HUB"})
    for (const char* method : {"GetRecord", "GetHistory", "ChangeRecord", "VoidRecord"}) {
      const Answered answered = hub_->Post(Cat("RecordService/", method), Cat("{\"id\":\"", id, "\"}"), clerk);
      EXPECT_FALSE(WasLet(answered)) << method << id << answered.message;
    }
}

TEST_F(Access, ATableWithoutAKindNeedsTheRightToEach) {
  const Browser admin = Enter(*hub_, "U00001", v1::Access::ADMIN), clerk = Enter(*hub_, "U00002", v1::Access::CLERK);
  EXPECT_EQ(hub_->Post("ImportService/ImportTable", "{}", admin).status, 403);
  EXPECT_NE(hub_->Post("ImportService/ImportTable", "{}", clerk).status, 403);
}

TEST_F(Access, ADeputyActsAsHimselfAndChangesWhatHeEntered) {
  const Browser deputy = Enter(*station_, "U00001", v1::Access::DEPUTY);
  AddThings(*station_, "U00002");
  const std::string id = Cat("{\"id\":\"", own_.matter, "\"}");
  EXPECT_TRUE(WasLet(station_->Post("RecordService/GetRecord", id, deputy)));
  for (const char* method : {"ChangeRecord", "VoidRecord"}) {
    const Answered answered = station_->Post(Cat("RecordService/", method), id, deputy);
    EXPECT_EQ(answered.status, 403) << method;
    EXPECT_THAT(answered.message, HasSubstr("本人登记"));
  }
  auto step = [&](const std::string& by) {
    v1::TakeStepRequest request;
    request.add_targets()->set_id(own_.matter);
    request.mutable_step()->set_kind(v1::STEP_FEED_BACK);
    request.mutable_step()->set_by(by);
    return station_->Post("CaseworkService/TakeStep", ToCompactJson(request), deputy);
  };
  EXPECT_THAT(step(kOtherDeputy).message, HasSubstr("以本人名义"));
  EXPECT_THAT(step(kOwnDeputy).message, Not(HasSubstr("以本人名义")));
}

TEST_F(Access, ACallThatNamesSeveralNeedsThemAll) {
  AddThings(*station_, "test");
  const Browser officer = Enter(*station_, "U00001", v1::Access::OFFICER);
  v1::TakeStepRequest request;
  request.mutable_step()->set_kind(v1::STEP_SUBMIT);
  request.add_targets()->set_id(own_.matter);
  EXPECT_TRUE(WasLet(station_->Post("CaseworkService/TakeStep", ToCompactJson(request), officer)));
  request.add_targets()->set_id(foreign_.matter);
  EXPECT_FALSE(WasLet(station_->Post("CaseworkService/TakeStep", ToCompactJson(request), officer)));
  request.mutable_targets(1)->set_id("24.00000000000000000000000a");  // one that is not here
  EXPECT_FALSE(WasLet(station_->Post("CaseworkService/TakeStep", ToCompactJson(request), officer)));
}

TEST_F(Access, WhatNeedsTheChairNeedsHimOrTheSignedPaper) {
  AddThings(*hub_, "test");
  const Browser clerk = Enter(*hub_, "U00001", v1::Access::CLERK), chair = Enter(*hub_, "U00002", v1::Access::CHAIR);
  v1::TakeStepRequest request;
  request.mutable_step()->set_kind(v1::STEP_MARK_KEY);
  request.add_targets()->set_id(own_.matter);
  auto ask = [&](const Browser& who) { return hub_->Post("CaseworkService/TakeStep", ToCompactJson(request), who); };
  EXPECT_EQ(ask(clerk).status, 403);
  EXPECT_THAT(ask(clerk).message, HasSubstr("审批单"));
  EXPECT_NE(ask(chair).status, 403);
  auto attach = [&](const std::string& name) {
    v1::AttachmentRef ref;
    ref.set_content_hash(std::string(32, 'h'));
    ref.set_name(name);
    RecordId matter;
    ASSERT_TRUE(ParseRecordId(own_.matter, &matter));
    hub_->Write("test", [&](const StoreReader&, const std::string& action_id, Action* action) {
      NewOp op;
      op.aggregate = matter;
      WritesOf(ref, RecordId::Random(TypeOf<v1::AttachmentRef>().type(), action_id, 0), &op.writes, &op.sealed);
      action->ops.push_back(std::move(op));
    });
  };
  attach("现场.jpg");
  EXPECT_EQ(ask(clerk).status, 403) << "any photo";
  attach("主席审批单.jpg");
  EXPECT_NE(ask(clerk).status, 403);
}

TEST_F(Access, FilesAreThoseOfRecordsThatOneReaches) {
  const std::string png("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde", 33);
  AddThings(*station_, "test");
  const Browser officer = Enter(*station_, "U00001", v1::Access::OFFICER);
  auto put = [&](const std::string& matter, const std::string& bytes) {
    const std::string hash = Must(station_->node().files()->Add(bytes));
    v1::AttachmentRef ref;
    ref.set_content_hash(hash);
    ref.set_hash_algorithm(1);
    ref.set_size(bytes.size());
    ref.set_mime("image/png");
    ref.set_name("照片");
    RecordId root;
    EXPECT_TRUE(ParseRecordId(matter, &root));
    station_->Write("test", [&](const StoreReader&, const std::string& action_id, Action* action) {
      NewOp op;
      op.aggregate = root;
      WritesOf(ref, RecordId::Random(TypeOf<v1::AttachmentRef>().type(), action_id, 0), &op.writes, &op.sealed);
      action->ops.push_back(std::move(op));
    });
    return Hex(hash);
  };
  const std::string own = put(own_.matter, png), foreign = put(foreign_.matter, png + "x");
  auto get = [&](const std::string& hash, const Browser& browser) {
    const std::string headers = Cat("Host: localhost\r\nCookie: ", station_->cookie_name(), "=", browser.cookie,
                                    "\r\nLiaison-Token: ", browser.token, "\r\n");
    return http::StatusOf(http::Exchange(station_->port(), http::GetText("/files/" + hash, headers)));
  };
  EXPECT_EQ(get(own, officer), 200);
  EXPECT_EQ(get(foreign, officer), 404);
  EXPECT_EQ(get(own, {officer.cookie, "x"}), 401);
}

}  // namespace
}  // namespace liaison

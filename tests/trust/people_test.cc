// Accounts and rights between a hub and its stations: who receives them, and that nobody writes them past their guards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/record/json.h"
#include "common/rules/people/granting.h"
#include "hub/door/hub_port.h"
#include "hub/door/interests.h"
#include "tests/testing/must.h"
#include "tests/trust/town.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct PeopleOfATown : testing::Test {
  PeopleOfATown() {
    v1::Account account;
    account.set_account_id("U00001");
    account.set_name("李娟");
    Write([&](const StoreReader& view) { return MasterOp(view, account, "U00001"); });
    Give(GrantId(0), "D057", v1::Access::OFFICER);
    Give(GrantId(1), "D058", v1::Access::OFFICER);
    Give(GrantId(2), kHubStation, v1::Access::ADMIN);
  }
  static RecordId GrantId(uint16_t number) {
    return RecordId::Random(TypeOf<v1::Grant>().type(), "0123456789", number);
  }
  static RecordId RightsAt(std::string_view place) { return RecordId::Master(TypeOf<v1::Rights>().type(), place); }
  Store* hub() { return town.hub().store(); }
  void Write(const std::function<NewOp(const StoreReader&)>& op) {
    auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
      Action action;
      action.user = "test";
      action.ops.push_back(op(view));
      return action;
    };
    Must(hub()->Commit(SystemRandom()->Bytes(kActionIdBytes), "x", build).status());
  }
  void Give(const RecordId& id, const std::string& place, v1::Access::Role role) {
    v1::Grant grant;
    grant.set_account_id("U00001");
    grant.set_role(role);
    Write([&](const StoreReader& view) { return GrantOp(view, place, id, grant); });
  }
  std::vector<std::string> FeedsOf(const RecordId& id) {
    const StoreReader reader = hub()->Read();
    return InterestsOf(reader.Load(id).value_or(Aggregate()), reader);
  }

  Town town;
};

TEST_F(PeopleOfATown, RightsGoToTheirStationAlone) {
  EXPECT_THAT(FeedsOf(RightsAt("D057")), ElementsAre("station:D057"));
  EXPECT_THAT(FeedsOf(RightsAt("D058")), ElementsAre("station:D058"));
  EXPECT_THAT(FeedsOf(RightsAt(kHubStation)), IsEmpty());
  EXPECT_THAT(FeedsOf(RecordId::Master(TypeOf<v1::Account>().type(), "U00001")), ElementsAre("all"));
}

TEST_F(PeopleOfATown, AStationLearnsWhoItsPeopleAreAndWhoIsSoNoMore) {
  town.EnrolDevice("a", "D057");
  const std::unique_ptr<StationNode> station = town.Open("a");
  const PeopleCache at_station(station->store()), at_hub(hub());
  auto roles = [](const PeopleCache& people, std::string_view place) {
    return WhoIs(*people.Get(), Roster(), "U00001", place).rights.size();
  };
  EXPECT_TRUE(Await(*station, [&](const UplinkState&) { return roles(at_station, "D057") == 1; }));
  EXPECT_EQ(roles(at_station, "D058") + roles(at_station, kHubStation), 0u) << "they are not here";
  EXPECT_EQ(roles(at_hub, "D058") + roles(at_hub, kHubStation), 2u);
  Write([&](const StoreReader& view) { return RevokeOp(view, "D057", GrantId(0), v1::REVOKED_DOUBT, "2026-11-30"); });
  EXPECT_EQ(roles(at_hub, "D057"), 0u);
  EXPECT_TRUE(Await(*station, [&](const UplinkState&) { return roles(at_station, "D057") == 0; }));
  EXPECT_EQ(at_station.Get()->NameOf("U00001"), "李娟");
  Write([&](const StoreReader& view) { return EndOp(view, "U00001"); });
  EXPECT_EQ(roles(at_hub, "D058") + roles(at_hub, kHubStation), 0u);
  // A program that starts now reads the same.
  EXPECT_TRUE(PeopleCache(hub()).Get()->accounts.at("U00001").ended());
}

TEST_F(PeopleOfATown, NobodyChangesOrVoidsThemPastTheirGuards) {
  for (const std::string id : {"7:U00001", "8:HUB"}) {
    v1::GetRecordRequest get;
    get.set_id(id);
    const v1::RecordView record = Must(town.hub().records()->GetRecord(get)).record();
    v1::ChangeRecordRequest change;
    change.set_action_id("00112233445566778899");
    change.set_id(id);
    change.set_token(record.token());
    change.set_fields(id == "8:HUB" ? R"({"stationId":"D057"})" : R"({"ended":true})");
    EXPECT_THAT(town.hub().records()->ChangeRecord(change).status().message(), HasSubstr("不能直接修改")) << id;
    v1::VoidRecordRequest away;
    away.set_action_id("00112233445566778890");
    away.set_id(id);
    away.set_token(record.token());
    away.set_reason("误");
    EXPECT_THAT(town.hub().records()->VoidRecord(away).status().message(), HasSubstr("不能直接修改")) << id;
  }
}

TEST_F(PeopleOfATown, NoStationWritesThem) {
  Op op;
  op.actor.station = "D057";
  for (const RecordId& id : {RightsAt("D057"), RecordId::Master(TypeOf<v1::Account>().type(), "U00001")}) {
    op.aggregate = id;
    EXPECT_THAT(ObjectionTo(op), HasSubstr("只有镇中心可以改")) << ToText(id);
  }
}

}  // namespace
}  // namespace liaison

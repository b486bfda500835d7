// Which grants count: the laws, over random histories of two hubs that do not know of each other, and what may be
// granted and revoked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "common/base/text.h"
#include "common/record/view.h"
#include "common/rules/people/granting.h"
#include "common/rules/people/people.h"
#include "tests/testing/must.h"
#include "tests/testing/ops.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const RecordId kRights = RecordId::Master(8, "HK-D057");
RecordId GrantId(int number) { return RecordId::Random(9, "0123456789", static_cast<uint16_t>(number)); }

v1::Grant NewGrant(const std::string& account, v1::Access::Role role, const std::string& unit = "") {
  v1::Grant grant;
  grant.set_account_id(account);
  grant.set_role(role);
  grant.set_unit_id(unit);
  return grant;
}
v1::Grant Revocation(v1::RevokedHow how) {
  v1::Grant change;
  change.set_revoked(true);
  change.set_how(how);
  return change;
}
std::vector<Write> Writes(const google::protobuf::Message& record, const RecordId& child) {
  std::vector<Write> writes, sealed;
  WritesOf(record, child, &writes, &sealed);
  return writes;
}
Op OpOf(const RecordId& aggregate, const Dot& dot, const VersionVector& context, std::vector<Write> writes) {
  Op op = MakeOp(dot, context, std::move(writes));
  op.aggregate = aggregate;
  return op;
}
Aggregate FoldOf(const RecordId& id, const std::vector<Op>& ops, const std::vector<size_t>& order = {}) {
  std::vector<const Op*> pointers;
  for (size_t i = 0; i < ops.size(); ++i) pointers.push_back(&ops[order.empty() ? i : order[i]]);
  return Aggregate::Fold(id, pointers);
}

// What hubs write about three grants: each grants, revokes either way, and (as no guard lets it) writes a grant anew or
// its `revoked` empty, knowing of its own log and of a random part of the others'.
struct Hubs {
  explicit Hubs(uint32_t seed) : random(seed) {
    const std::vector<std::string> names = {"Alice", "Bob", "Carol"};
    std::map<std::string, uint64_t> last;
    for (int i = 0; i < 12; ++i) {
      const std::string& hub = names[random() % names.size()];
      const int grant = static_cast<int>(random() % 3);
      VersionVector seen;
      for (const std::string& other : names)
        if (const uint64_t up_to = other == hub ? last[hub] : random() % (last[other] + 1); up_to > 0)
          seen.Insert(DotFrom(Cat(other, up_to)));
      const Dot dot = DotFrom(Cat(hub, ++last[hub]));
      std::vector<Write> writes;
      switch (random() % 4) {
        case 0:
          writes = Writes(NewGrant(Cat("U0000", grant), v1::Access::OFFICER), GrantId(grant));
          break;
        case 1:
        case 2:
          writes = Writes(Revocation(random() % 2 == 0 ? v1::REVOKED_LEFT : v1::REVOKED_DOUBT), GrantId(grant));
          revokes.push_back({dot, grant, seen});
          break;
        default:
          writes = {{GrantId(grant), TypeOf<v1::Grant>().Find(v1::Grant::kRevokedFieldNumber)->tag, "", ""}};
          opposites.push_back({dot, grant, seen});
      }
      ops.push_back(OpOf(kRights, dot, seen, std::move(writes)));
    }
  }
  struct Wrote {
    Dot dot;
    int grant;
    VersionVector seen;
  };
  // Whether somebody wrote the opposite who had seen this revocation, or a later one that had seen it: no guard lets
  // it, and no law speaks of it.
  bool TakenBack(const Lineage& lineage, const Wrote& revoke) const {
    auto saw = [&](const Wrote& one) { return one.grant == revoke.grant && lineage.Covers(one.seen, revoke.dot); };
    return std::any_of(opposites.begin(), opposites.end(), saw) ||
           std::any_of(revokes.begin(), revokes.end(),
                       [&](const Wrote& later) { return saw(later) && TakenBack(lineage, later); });
  }

  std::mt19937 random;
  std::vector<Op> ops;
  std::vector<Wrote> revokes, opposites;
};

TEST(Grants, RevokeWinsInAnyOrder) {
  size_t won_beside_the_opposite = 0;
  for (uint32_t seed = 0; seed < 2'000; ++seed) {
    Hubs hubs(seed);
    const Aggregate folded = FoldOf(kRights, hubs.ops);
    for (const Hubs::Wrote& revoke : hubs.revokes) {
      if (hubs.TakenBack(folded.lineage(), revoke)) continue;
      const std::optional<v1::Grant> grant = GrantOf(folded, GrantId(revoke.grant));
      ASSERT_TRUE(grant.has_value()) << seed;
      EXPECT_TRUE(grant->revoked()) << "seed " << seed << " grant " << revoke.grant;
      won_beside_the_opposite += std::any_of(hubs.opposites.begin(), hubs.opposites.end(),
                                             [&](const auto& one) { return one.grant == revoke.grant; });
    }
    std::vector<size_t> order(hubs.ops.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    for (int shuffle = 0; shuffle < 3; ++shuffle) {
      std::shuffle(order.begin(), order.end(), hubs.random);
      const Aggregate again = FoldOf(kRights, hubs.ops, order);
      EXPECT_EQ(again, folded) << seed;
    }
  }
  EXPECT_GT(won_beside_the_opposite, 100u) << "the law never met its case";
}

TEST(Grants, OfTwoRevocationsTheGraverCounts) {
  const Op granted = OpOf(kRights, "Alice1"_dot, {}, Writes(NewGrant("U00001", v1::Access::OFFICER), GrantId(0)));
  const Op left = OpOf(kRights, "Alice2"_dot, "Alice1"_vv, Writes(Revocation(v1::REVOKED_LEFT), GrantId(0)));
  const Op doubt = OpOf(kRights, "Bob1"_dot, "Alice1"_vv, Writes(Revocation(v1::REVOKED_DOUBT), GrantId(0)));
  for (const std::vector<Op>& ops : {std::vector<Op>{granted, left, doubt}, {granted, doubt, left}}) {
    const v1::Grant grant = GrantOf(FoldOf(kRights, ops), GrantId(0)).value_or(v1::Grant());
    EXPECT_TRUE(grant.revoked());
    EXPECT_EQ(grant.how(), v1::REVOKED_DOUBT);
    EXPECT_EQ(grant.account_id(), "U00001");
  }
}

// The people of records that hubs wrote.
People PeopleOf(const std::vector<Op>& rights, const std::vector<Op>& account) {
  People people;
  people.rights["HK-D057"] = RightsOf(FoldOf(kRights, rights));
  const RecordId id = RecordId::Master(7, "U00001");
  if (std::optional<v1::Account> found = AccountOf(FoldOf(id, account))) people.accounts["U00001"] = *found;
  return people;
}
std::vector<Op> AnAccount(bool ended_beside = false) {
  const RecordId id = RecordId::Master(7, "U00001");
  v1::Account account, ended;
  account.set_account_id("U00001");
  account.set_name("李娟");
  ended.set_ended(true);
  std::vector<Op> ops = {OpOf(id, "Alice1"_dot, {}, Writes(account, {}))};
  if (!ended_beside) return ops;
  ops.push_back(OpOf(id, "Bob1"_dot, "Alice1"_vv, Writes(ended, {})));
  // And another hub, which did not know, writes that it has not ended.
  ops.push_back(OpOf(id, "Carol1"_dot, "Alice1"_vv,
                     {{{}, TypeOf<v1::Account>().Find(v1::Account::kEndedFieldNumber)->tag, "", ""}}));
  return ops;
}

TEST(Grants, WrittenInIgnorance) {
  const v1::Grant officer = NewGrant("U00001", v1::Access::OFFICER);
  const std::vector<Op> ops = {
      OpOf(kRights, "Alice1"_dot, {}, Writes(officer, GrantId(0))),
      OpOf(kRights, "Alice2"_dot, "Alice1"_vv, Writes(Revocation(v1::REVOKED_DOUBT), GrantId(0))),
      OpOf(kRights, "Bob1"_dot, "Alice1"_vv, Writes(officer, GrantId(1))),  // beside the revocation
  };
  for (const std::vector<size_t>& order : {std::vector<size_t>{0, 1, 2}, {0, 2, 1}, {2, 0, 1}}) {
    const StationRights rights = RightsOf(FoldOf(kRights, ops, order));
    EXPECT_TRUE(rights.grants.at(GrantId(0)).revoked());
    EXPECT_FALSE(rights.grants.at(GrantId(1)).revoked()) << "a new grant stands";
  }
  const Who who = WhoIs(PeopleOf(ops, AnAccount()), Roster(), "U00001", "HK-D057");
  ASSERT_EQ(who.rights.size(), 1u);
  EXPECT_EQ(who.rights[0].role, v1::Access::OFFICER);
}

TEST(Grants, EndedOutweighsEveryGrant) {
  std::vector<Op> ops = {OpOf(kRights, "Alice1"_dot, {}, Writes(NewGrant("U00001", v1::Access::OFFICER), GrantId(0)))};
  EXPECT_EQ(WhoIs(PeopleOf(ops, AnAccount()), Roster(), "U00001", "HK-D057").rights.size(), 1u);
  ops.push_back(OpOf(kRights, "Alice2"_dot, "Alice1"_vv, Writes(NewGrant("U00001", v1::Access::AREA), GrantId(1))));
  const Who who = WhoIs(PeopleOf(ops, AnAccount(/*ended_beside=*/true)), Roster(), "U00001", "HK-D057");
  EXPECT_THAT(who.rights, IsEmpty()) << "granted earlier or later";
  EXPECT_EQ(who.name, "李娟") << "histories still name it";
}

TEST(Grants, AVoidedOneIsNoRightWhoeverWroteToItSince) {
  const std::vector<Op> ops = {
      OpOf(kRights, "Alice1"_dot, {}, Writes(NewGrant("U00001", v1::Access::OFFICER), GrantId(0))),
      OpOf(kRights, "Alice2"_dot, "Alice1"_vv, {{GrantId(0), kVoidTag, "", "1误授"}}),
      OpOf(kRights, "Bob1"_dot, "Alice1"_vv, Writes(NewGrant("U00001", v1::Access::OFFICER), GrantId(0))),
  };
  EXPECT_THAT(WhoIs(PeopleOf(ops, AnAccount()), Roster(), "U00001", "HK-D057").rights, IsEmpty());
}

// A township in memory.
struct Granting : testing::Test {
  Granting() {
    for (const auto& [id, tier, parent] : {std::tuple{"HK-Z001", v1::CENTER, ""},
                                           {"HK-P001", v1::AREA, "HK-Z001"},
                                           {"HK-D057", v1::POINT, "HK-P001"},
                                           {"HK-D058", v1::POINT, "HK-P001"},
                                           {"HK-D060", v1::POINT, "HK-P002"}}) {
      v1::Station& station = roster.stations[id];
      station.set_station_id(id);
      station.set_tier(tier);
      station.set_parent_id(parent);
    }
    roster.deputies["D1"].set_name("王建国");
    roster.departments["U-SL"].set_name("水利站");
    for (const char* id : {"U00001", "U00002", "U00003"}) people.accounts[id].set_name(id);
    people.accounts["U00003"].set_deputy_id("D1");
  }
  RecordId Give(const std::string& account, v1::Access::Role role, const std::string& place = kHubStation) {
    const RecordId id = GrantId(next++);
    people.rights[place].grants[id] = NewGrant(account, role);
    return id;
  }
  absl::Status Check(const std::string& account, v1::Access::Role role, const std::string& place = kHubStation,
                     const std::string& unit = "") {
    return CheckGrant(people, roster, place, NewGrant(account, role, unit));
  }

  Roster roster;
  People people;
  int next = 0;
};

TEST_F(Granting, TheLastLiveAdminStays) {
  const RecordId first = Give("U00001", v1::Access::ADMIN), second = Give("U00002", v1::Access::ADMIN);
  EXPECT_TRUE(CheckRevoke(people, kHubStation, first, v1::REVOKED_LEFT).ok());
  EXPECT_TRUE(CheckEnd(people, "U00001").ok());
  people.accounts["U00002"].set_ended(true);
  EXPECT_THAT(CheckRevoke(people, kHubStation, first, v1::REVOKED_LEFT).message(), HasSubstr("最后一个系统管理员"));
  EXPECT_THAT(CheckEnd(people, "U00001").message(), HasSubstr("最后一个系统管理员"));
  people.accounts["U00002"].set_ended(false);
  people.rights[kHubStation].grants[second].set_revoked(true);
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckRevoke(people, kHubStation, first, v1::REVOKED_LEFT)));
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckEnd(people, "U00001")));
  Give("U00003", v1::Access::ADMIN);
  EXPECT_TRUE(CheckRevoke(people, kHubStation, first, v1::REVOKED_LEFT).ok());
}

TEST_F(Granting, AnAdminIsNothingElse) {
  Give("U00001", v1::Access::ADMIN);
  const RecordId clerk = Give("U00002", v1::Access::CLERK);
  EXPECT_THAT(Check("U00001", v1::Access::CLERK).message(), HasSubstr("不能兼有别的角色"));
  EXPECT_THAT(Check("U00002", v1::Access::ADMIN).message(), HasSubstr("不能兼有别的角色"));
  EXPECT_THAT(Check("U00001", v1::Access::OFFICER, "HK-D057").message(), HasSubstr("不能兼有别的角色"));
  EXPECT_TRUE(Check("U00002", v1::Access::CHAIR).ok());
  people.rights[kHubStation].grants[clerk].set_revoked(true);
  EXPECT_TRUE(Check("U00002", v1::Access::ADMIN).ok()) << "what was revoked is no role";
}

TEST_F(Granting, ARoleBelongsToItsPlace) {
  EXPECT_TRUE(Check("U00001", v1::Access::OFFICER, "HK-D057").ok());
  EXPECT_TRUE(Check("U00001", v1::Access::AREA, "HK-P001").ok());
  EXPECT_THAT(Check("U00001", v1::Access::AREA, "HK-D057").message(), HasSubstr("只在片区站"));
  EXPECT_THAT(Check("U00001", v1::Access::OFFICER).message(), HasSubstr("不在镇里授权"));
  EXPECT_THAT(Check("U00001", v1::Access::CLERK, "HK-D057").message(), HasSubstr("不在站点授权"));
  EXPECT_THAT(Check("U00001", v1::Access::LINK).message(), HasSubstr("角色"));
  EXPECT_THAT(Check("U00001", v1::Access::WALL, "HK-D057").message(), HasSubstr("角色"));
  EXPECT_THAT(Check("U00001", v1::Access::OFFICER, "HK-D999").message(), HasSubstr("没有站点"));
  EXPECT_TRUE(Check("U00003", v1::Access::DEPUTY, "HK-D057").ok());
  EXPECT_THAT(Check("U00001", v1::Access::DEPUTY, "HK-D057").message(), HasSubstr("哪位代表"));
  EXPECT_TRUE(Check("U00001", v1::Access::HANDLER, kHubStation, "U-SL").ok());
  EXPECT_THAT(Check("U00001", v1::Access::HANDLER).message(), HasSubstr("承办单位"));
  EXPECT_THAT(Check("U00001", v1::Access::CLERK, kHubStation, "U-SL").message(), HasSubstr("不写承办单位"));
}

TEST_F(Granting, IsOnceAndOfLiveAccounts) {
  EXPECT_THAT(Check("U00009", v1::Access::CLERK).message(), HasSubstr("没有账号"));
  people.accounts["U00002"].set_ended(true);
  EXPECT_THAT(Check("U00002", v1::Access::CLERK).message(), HasSubstr("或已停用"));
  EXPECT_THAT(CheckEnd(people, "U00002").message(), HasSubstr("已停用"));
  v1::Grant revoked = NewGrant("U00001", v1::Access::CLERK);
  revoked.set_revoked(true);
  EXPECT_FALSE(CheckGrant(people, roster, kHubStation, revoked).ok());
  const RecordId id = Give("U00001", v1::Access::CLERK);
  EXPECT_THAT(Check("U00001", v1::Access::CLERK).message(), HasSubstr("已有这项权限"));
  EXPECT_THAT(CheckRevoke(people, kHubStation, id, v1::REVOKED_UNSPECIFIED).message(), HasSubstr("离任或存疑"));
  EXPECT_TRUE(absl::IsNotFound(CheckRevoke(people, "HK-D057", id, v1::REVOKED_LEFT)));
  EXPECT_TRUE(CheckRevoke(people, kHubStation, id, v1::REVOKED_LEFT).ok());
  people.rights[kHubStation].grants[id].set_revoked(true);
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckRevoke(people, kHubStation, id, v1::REVOKED_DOUBT)));
  EXPECT_TRUE(Check("U00001", v1::Access::CLERK).ok()) << "giving it back is a new grant";
}

TEST_F(Granting, ReachesFromItsPlace) {
  Give("U00001", v1::Access::AREA, "HK-P001");
  Give("U00001", v1::Access::OFFICER, "HK-P001");
  Give("U00003", v1::Access::DEPUTY, "HK-D057");
  roster.stations["HK-D060"].set_status(v1::STATION_MERGED);
  roster.stations["HK-D060"].set_merged_into("HK-D057");
  const Who area = WhoIs(people, roster, "U00001", "HK-P001");
  ASSERT_EQ(area.rights.size(), 2u);
  EXPECT_THAT(area.rights[0].stations, ElementsAre("HK-P001", "HK-D057", "HK-D058", "HK-D060"));
  EXPECT_THAT(area.rights[1].stations, ElementsAre("HK-P001"));
  const Who deputy = WhoIs(people, roster, "U00003", "HK-D057");
  ASSERT_EQ(deputy.rights.size(), 1u);
  EXPECT_EQ(deputy.deputy, "D1");
  EXPECT_THAT(deputy.rights[0].stations, ElementsAre("HK-D057", "HK-D060")) << "what was merged goes on there";
  EXPECT_THAT(WhoIs(people, roster, "U00003", "HK-D058").rights, IsEmpty()) << "another station";
  EXPECT_THAT(WhoIs(people, roster, "U00009", "HK-D057").rights, IsEmpty());
}

TEST_F(Granting, AnAccountsIdIsNew) {
  SeededRandom random(3), same(3);
  const std::string id = NewAccountId(people, &random);
  EXPECT_EQ(id.size(), 6u);
  EXPECT_EQ(id[0], 'U');
  people.accounts[id];
  EXPECT_NE(NewAccountId(people, &same), id);
}

}  // namespace
}  // namespace liaison

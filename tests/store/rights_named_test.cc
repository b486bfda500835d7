// What an op says of its author: who it is, and what the disk knew of the rights of its station.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "common/store/op_on.h"
#include "common/store/store.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;

const Dot kOne{{kHubStation, 1}, 1, 11}, kTwo{{kHubStation, 1}, 2, 22};

struct RightsNamed : testing::Test {
  RightsNamed() {
    StoreOptions options;
    options.station = "HK-D057";
    options.grants = [this](const StoreReader&) { return known; };
    store = Must(Store::Open(NewMemoryKv(), std::move(options)));
  }
  // A new record; `broken`: in an action that is refused.
  absl::Status Write(const std::string& user, bool broken = false) {
    const std::string action_id = SystemRandom()->Bytes(kActionIdBytes);
    auto build = [&](const StoreReader&) -> absl::StatusOr<Action> {
      Action action;
      action.user = user;
      for (uint16_t i = 0; i < (broken ? 2 : 1); ++i) {
        NewOp& op = action.ops.emplace_back();
        op.aggregate = RecordId::Random(24, action_id, i);
        op.writes = {{{}, 4 << 3 | 2, "", "路灯"}};
        if (i == 1) op.context.Insert(kOne);  // it is of no op of the record
      }
      return action;
    };
    return store->Commit(action_id, "x", build).status();
  }
  std::vector<Op> Ops() {
    std::vector<Op> ops;
    const StoreReader reader = store->Read();
    reader.ForEach(24, [&](const Aggregate& record) {
      for (Op& op : reader.OpsOf(record)) ops.push_back(std::move(op));
      return true;
    });
    std::sort(ops.begin(), ops.end(), [](const Op& a, const Op& b) { return a.seq < b.seq; });
    return ops;
  }

  VersionVector known;
  std::unique_ptr<Store> store;
};

TEST_F(RightsNamed, OnTheFirstOpAndWhereTheyChanged) {
  known = {kOne};
  Must(Write("张三"));
  Must(Write("张三"));
  known = {kTwo};
  EXPECT_FALSE(Write("张三", true).ok());
  Must(Write("U7K2MC"));  // what was refused has told nothing
  Must(Write("U7K2MC"));
  std::vector<VersionVector> named;
  std::vector<uint32_t> versions;
  for (const Op& op : Ops()) {
    named.push_back(op.grants);
    versions.push_back(op.schema_version);
  }
  EXPECT_THAT(named, ElementsAre(VersionVector{kOne}, VersionVector(), VersionVector{kTwo}, VersionVector()));
  EXPECT_THAT(versions, ElementsAre(kTypedNameVersion, kTypedNameVersion, kAccountVersion, kAccountVersion));
}

TEST_F(RightsNamed, NothingIsNamedWhereThereAreNone) {
  Must(Write("张三"));
  EXPECT_EQ(Ops().at(0).grants, VersionVector());
}

TEST(AccountCode, IsNoNameThatPeopleHave) {
  EXPECT_TRUE(IsAccountCode("U7K2MC"));
  for (const char* name : {"", "U", "U7K2M", "U7K2MCC", "u7k2mc", "U7K2ML", "V7K2MC", "张三", "U7K2M "})
    EXPECT_FALSE(IsAccountCode(name)) << name;
}

}  // namespace
}  // namespace liaison

// Words that the hub holds: on the township's list, on the record at the station, and who reads the record meanwhile.
#include "common/record/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/codec/op_codec.h"
#include "common/record/feeds.h"
#include "common/record/verdict.h"
#include "common/record/view.h"
#include "hub/desk/refused.h"
#include "hub/door/interests.h"
#include "tests/testing/must.h"
#include "tests/trust/town.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The centre's program claims to have made a visitor of the village's.
struct Held : testing::Test {
  Held() : device(town.EnrolDevice("a", "D057")), box(town.Open("a")) {
    visitor = LogVisitor(box.get(), "2026-11-17", "钱月仙", "13900001234");
    box->uplink()->NotifyCommit();
    EXPECT_TRUE(AwaitSynced(box.get()));
    claimant = town.EnrolDevice("z", "Z001");
    centre = town.Open("z");
    EXPECT_TRUE(AwaitSynced(centre.get()));
    auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
      Action action;
      action.user = "伪造者";
      NewOp& op = action.ops.emplace_back();
      op.aggregate = visitor;
      op.context = view.Load(visitor)->lineage().Visible();
      v1::Visitor change;
      change.set_station_id("Z001");
      WritesOf(change, {}, &op.writes, &op.sealed);
      return action;
    };
    Must(centre->store()->Commit(visitor.name.substr(0, kActionIdBytes), "claim", build).status());
  }
  Store& hub() { return *town.hub().store(); }
  void Deliver() {
    centre->uplink()->NotifyCommit();
    const sync::Tip tip = *centre->store()->tip();
    ASSERT_TRUE(Await(*centre, [&](const UplinkState&) { return hub().HoldsAt(tip); }));
  }
  template <typename Response>
  absl::StatusOr<Response> Call(const std::string& method, const google::protobuf::Message& request) {
    absl::StatusOr<std::string> json =
        town.hub().dispatcher().Call("/liaison.v1.HubService/" + method, ToJson(request), {"书记"});
    if (!json.ok()) return json.status();
    Response response;
    EXPECT_TRUE(FromJson(*json, &response).ok());
    return response;
  }
  v1::ListRefusedResponse List(bool held = false) {
    v1::ListRefusedRequest request;
    request.set_held(held);
    return Must(Call<v1::ListRefusedResponse>("ListRefused", request));
  }
  absl::StatusOr<v1::DeclineHeldResponse> Decline(const std::string& op, const std::string& node = "") {
    v1::DeclineHeldRequest request;
    request.set_op(op);
    request.set_node_id(node);
    return Call<v1::DeclineHeldResponse>("DeclineHeld", request);
  }
  std::vector<std::string> Readers() {
    const StoreReader reader = hub().Read();
    return InterestsOf(*reader.Load(visitor), reader);
  }
  v1::RecordView ViewAt(StationNode* node) {
    v1::GetRecordRequest get;
    get.set_id(ToText(visitor));
    return Must(node->records()->GetRecord(get)).record();
  }

  Town town;
  Town::Device device, claimant;
  std::unique_ptr<StationNode> box, centre;
  RecordId visitor;
};

TEST_F(Held, AHeldWordIsListedAndItsRecordGoesWhereItWent) {
  const std::vector<std::string> readers = Readers();
  Deliver();
  const v1::ListRefusedResponse list = List(true);
  ASSERT_EQ(list.ops_size(), 1);
  EXPECT_EQ(list.held(), 1);
  const v1::RefusedOp& row = list.ops(0);
  EXPECT_EQ(row.kind(), v1::REFUSED_HELD);
  EXPECT_TRUE(row.held());
  EXPECT_EQ(row.code(), "other_maker");
  EXPECT_EQ(row.station_id(), "Z001");
  EXPECT_EQ(row.node_id(), claimant.config.node_id());
  EXPECT_THAT(row.words(), HasSubstr("Z001"));
  EXPECT_THAT(row.counts_now(), HasSubstr("D057"));
  EXPECT_EQ(Readers(), readers);
  EXPECT_EQ(List().total(), 1);
  EXPECT_TRUE(hub().Verify().ok());
}

TEST_F(Held, AClaimIsNotTakenWhileAnotherStands) {
  Deliver();
  v1::AcceptRefusedRequest request;
  request.set_op(List().ops(0).op());
  const absl::Status status = Call<v1::AcceptRefusedResponse>("AcceptRefused", request).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(List(true).total(), 1);
}

TEST_F(Held, ABoxIsDeclinedWithOnePress) {
  Deliver();
  EXPECT_TRUE(absl::IsInvalidArgument(Decline("").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Decline("x", "y").status()));
  EXPECT_TRUE(absl::IsNotFound(Decline("", "N-none").status()));
  EXPECT_EQ(Must(Decline("", device.config.node_id())).declined(), 0) << "the other box";
  EXPECT_EQ(Must(Decline("", claimant.config.node_id())).declined(), 1);
  EXPECT_EQ(List(true).total(), 0);
  ASSERT_EQ(List().ops_size(), 1);
  EXPECT_EQ(List().ops(0).kind(), v1::REFUSED_DECLINED);
  EXPECT_EQ(List().ops(0).reason(), "镇里不采用");
  EXPECT_EQ(Must(Decline(List().ops(0).op())).declined(), 0);
  EXPECT_TRUE(hub().Verify().ok());
}

TEST_F(Held, TheStationSeesThatItsOwnWordsWait) {
  EXPECT_THAT(ViewAt(centre.get()).held(), IsEmpty());
  Deliver();
  ASSERT_TRUE(Await(*centre, [&](const UplinkState&) {
    const std::optional<Aggregate> here = centre->store()->Read().Load(visitor);
    return here && !HiddenBy(*here).empty();
  }));
  const v1::HeldNote note = ViewAt(centre.get()).held(0);
  EXPECT_FALSE(note.declined());
  EXPECT_THAT(note.words(), HasSubstr("Z001"));
  EXPECT_EQ(note.reason(), List().ops(0).reason());
  EXPECT_THAT(ViewAt(box.get()).held(), IsEmpty()) << "not its own";
}

// As after a restore: an offer has brought one making and a range the other, and both stand.
TEST_F(Held, ARecordOfTwoMakersGoesToNobodyUntilOneIsDeclined) {
  const std::vector<std::string> readers = Readers();
  const sync::Tip tip = *centre->store()->tip();
  const sync::Range range = *centre->store()->ReadRange(tip.actor, tip.seq, 1 << 20);
  const Op claim = *DecodeOp(range.ops[0]);
  sync::FeedBatch offered;
  offered.interest = PointFeed("D057");
  offered.items = {{.kind = sync::ItemKind::kOp, .aggregate = ToBytes(visitor), .name = claim.name()}};
  offered.ops = {range.ops[0]};
  Must(hub().TakeOffered(offered, {}, ""));
  EXPECT_THAT(Readers(), IsEmpty());
  const v1::ListRefusedResponse list = List();
  ASSERT_EQ(list.ops_size(), 2);
  EXPECT_EQ(list.ops(0).kind(), v1::REFUSED_DISPUTED);
  EXPECT_EQ(Must(Decline(ToText(claim.name()))).declined(), 1);
  EXPECT_EQ(Readers(), readers);
  EXPECT_EQ(List().ops_size(), 1);
  EXPECT_EQ(List().ops(0).kind(), v1::REFUSED_DECLINED);
  EXPECT_TRUE(hub().Verify().ok());
}

}  // namespace
}  // namespace liaison

// What comes in is what a device of that station, or this hub, has signed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/codec/message_codec.h"
#include "common/codec/op_codec.h"
#include "common/crypto/sign.h"
#include "tests/testing/must.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Door : testing::Test {
  Door() : town(11), site(town.Enrol("HK-D057", false)), other(town.Enrol("HK-D012", false)) {
    v1::SessionView session = OpenSession(&town, site->node.get(), "2026-03-15", "HK-D057");
    EXPECT_TRUE(site->node->reception()->LogVisit(VisitRequest(&town, session, "村口路灯不亮")).ok());
  }
  sync::Range OwnRange(Site* from) {
    sync::Tip tip = *from->node->store()->tip();
    return *from->node->store()->ReadRange(tip.actor, 1, 1 << 20);
  }
  sync::Ack Take(const sync::Range& range) { return Must(town.hub().store()->ApplyRanges({&range, 1})).front(); }
  void ExpectRefused(const sync::Range& range) {
    sync::Ack ack = Take(range);
    ASSERT_EQ(ack.verdicts.size(), 1u);
    EXPECT_EQ(ack.verdicts[0].verdict, sync::Verdict::kRefused);
    EXPECT_THAT(ack.verdicts[0].reason, HasSubstr("不是站点"));
    EXPECT_EQ(ack.tip.seq, 0u);
  }

  Township town;
  std::unique_ptr<Site> site, other;
};

TEST_F(Door, ARangeMustBeSignedByADeviceOfItsStation) {
  sync::Range good = OwnRange(site.get());
  sync::Range bad = good;
  bad.seal.signature[7] ^= 1;
  ExpectRefused(bad);
  bad = good;
  bad.seal = {};
  ExpectRefused(bad);
  bad = good;  // the signature is good, but of other ops
  Op op = *DecodeOp(bad.ops[0]);
  op.user = "别人";
  bad.ops[0] = EncodeOp(&op);
  ExpectRefused(bad);
  bad = good;  // a device of another station signs it
  bad.seal = other->node->store()->options().sign(RangeSigningBytes(good));
  ExpectRefused(bad);
  EXPECT_THAT(Take(good).verdicts, IsEmpty());
  EXPECT_EQ(Take(good).tip.seq, good.last);
}

// Its device could forge any op; what it may not say is kept, told, and not used.
TEST_F(Door, AStationCannotEditTheRoster) {
  Store* store = site->node->store();
  NewOp op{RecordId::Master(TypeOf<v1::Station>().type(), "HK-D012"), {}, {{{}, 2 << 3 | 2, "", "改名"}}};
  ASSERT_TRUE(store
                  ->Commit(town.random().Bytes(kActionIdBytes), "request",
                           [&](const StoreReader&) -> absl::StatusOr<Action> {
                             return Action{"li", {op}, {}, ""};
                           })
                  .ok());
  auto name = [&] { return Show<v1::Station>(*town.hub().store()->Read().Load(op.aggregate)).name(); };
  std::string before = name();
  sync::Ack ack = Take(OwnRange(site.get()));
  ASSERT_EQ(ack.verdicts.size(), 1u);
  EXPECT_THAT(ack.verdicts[0].reason, HasSubstr("只有镇中心可以改"));
  EXPECT_EQ(ack.tip, *store->tip());
  EXPECT_EQ(name(), before);
  EXPECT_TRUE(town.hub().store()->Verify().ok());
  EXPECT_TRUE(town.Sync(site->node.get()));
  v1::GetStatusResponse status = *site->node->records()->GetStatus({});
  EXPECT_EQ(status.refused(), 1);
  ASSERT_EQ(status.refusals_size(), 1);
  EXPECT_THAT(status.refusals(0), HasSubstr("只有镇中心可以改"));
}

TEST_F(Door, AFeedBatchMustBeSignedByThisHub) {
  ASSERT_THAT(Take(OwnRange(site.get())).verdicts, IsEmpty());
  sync::FeedBatch good = *town.hub().store()->ReadFeed("point:HK-D057", 0, "HK-D057", 1 << 20);
  sync::FeedBatch bad = good;
  bad.seal.signature[7] ^= 1;
  EXPECT_EQ(site->node->sink()->ApplyBatch(bad).code(), absl::StatusCode::kUnauthenticated);
  bad = good;
  bad.seal = site->node->store()->options().sign(FeedSigningBytes(good));
  EXPECT_EQ(site->node->sink()->ApplyBatch(bad).code(), absl::StatusCode::kUnauthenticated);
  EXPECT_TRUE(site->node->sink()->ApplyBatch(good).ok());
}

TEST_F(Door, AnOfferMustBeSignedByThisHub) {
  ASSERT_THAT(Take(OwnRange(site.get())).verdicts, IsEmpty());
  sync::FeedBatch good = *town.hub().store()->ReadFeed("point:HK-D057", 0, "", 1 << 20);
  good.ops.assign(good.items.size(), "");
  EXPECT_TRUE(town.hub().port()->CheckOffer(good).ok());
  sync::FeedBatch bad = good;
  bad.seal.signature[7] ^= 1;
  EXPECT_EQ(town.hub().port()->CheckOffer(bad).status().code(), absl::StatusCode::kUnauthenticated);
  bad = good;
  bad.seal = site->node->store()->options().sign(FeedSigningBytes(good));
  EXPECT_EQ(town.hub().port()->CheckOffer(bad).status().code(), absl::StatusCode::kUnauthenticated);
}

}  // namespace
}  // namespace liaison

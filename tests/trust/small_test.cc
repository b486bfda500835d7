// Small leaks: what a hub tells of others' feeds, what a box tells of its machine, under what name a file is offered,
// who revoked a device, and what is taken over unsigned.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/attachments/file_desk.h"
#include "common/base/text.h"
#include "common/cli/core/table.h"
#include "common/codec/message_codec.h"
#include "common/crypto/hash.h"
#include "common/record/json.h"
#include "common/record/view.h"
#include "common/store/kept.h"
#include "common/store/keys.h"
#include "common/sync/hub_session.h"
#include "hub/door/hub_port.h"
#include "tests/testing/forwarding_kv.h"
#include "tests/trust/town.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;

TEST(Probe, TellsNothingOfFeedsThatAreAnothers) {
  Town town;
  town.EnrolDevice("a", "D057");
  Town::Device spy = town.EnrolDevice("b", "D058");
  std::unique_ptr<StationNode> box = town.Open("a");
  LogVisitor(box.get(), "2026-11-17", "钱月仙", "13900001234");
  box->uplink()->NotifyCommit();
  ASSERT_TRUE(AwaitSynced(box.get()));
  std::optional<sync::Cursor> head = town.hub().store()->FeedHead("station:D057");
  ASSERT_TRUE(head.has_value());

  RosterCache roster(town.hub().store());
  HubPort port(town.hub().store(), &roster, [](const std::string&) {});
  sync::HubSession session(&port);
  sync::Hello hello;
  hello.version = sync::kProtocolVersion;
  hello.station = "D058";
  hello.node = spy.config.node_id();
  for (const char* interest : {"point:D057", "station:D099", "all"})
    hello.feeds.push_back({interest, "", 1, std::string(kHashBytes, 'x')});
  hello.feeds.push_back(*head);  // as a station that was moved has it rightly
  const sync::Welcome* welcome = nullptr;
  sync::Effects effects = session.OnMessage(hello);
  for (const sync::Effect& effect : effects)
    if (const auto* send = std::get_if<sync::Send>(&effect))
      if (const auto* said = std::get_if<sync::Welcome>(&send->message)) welcome = said;
  ASSERT_NE(welcome, nullptr);
  ASSERT_EQ(welcome->feeds.size(), 4u);
  for (size_t i : {0u, 1u}) {
    EXPECT_EQ(welcome->feeds[i].verdict, sync::FeedVerdict::kProbe);
    EXPECT_EQ(welcome->feeds[i].cursor.position, 0u);
    EXPECT_EQ(welcome->feeds[i].cursor.prefix, "");
    EXPECT_EQ(welcome->feeds[i].cursor.epoch, "");
  }
  EXPECT_GT(welcome->feeds[2].cursor.position, 0u) << "its own";
  EXPECT_EQ(welcome->feeds[3].verdict, sync::FeedVerdict::kOk);
  for (const sync::Cursor& told : welcome->heads) EXPECT_EQ(told.interest.find("D057"), std::string::npos);
}

TEST(Machine, IdLeavesTheBoxOnlyHashed) {
  const std::string id = "4c4c4544004b3510805ac4c04f564332";
  EXPECT_EQ(MachineName(id), MachineName(id));
  EXPECT_NE(MachineName(id), MachineName(id.substr(1)));
  EXPECT_EQ(MachineName(id).size(), 32u);
  EXPECT_NE(MachineName(id), Hex(Sha256(id)).substr(0, 32));
  EXPECT_EQ(MachineName(""), "");
}

TEST(Files, AreOfferedUnderTheEndingOfTheirContent) {
  EXPECT_EQ(OfferedName("附件.bat", "application/pdf"), "附件.pdf");
  EXPECT_EQ(OfferedName("登记表.html", "application/pdf"), "登记表.pdf");
  EXPECT_EQ(OfferedName("登记表.PDF", "application/pdf"), "登记表.pdf");
  EXPECT_EQ(OfferedName("2026.3.25座谈会记录", "application/pdf"), "2026.3.25座谈会记录.pdf");
  EXPECT_EQ(OfferedName("附\u202Efdp.exe", "application/pdf"), "附fdp.pdf");
  EXPECT_EQ(OfferedName("a\r\nb\x1b[2J\u200b.pdf", "application/pdf"), "ab[2J.pdf");
  EXPECT_EQ(OfferedName("../../etc/passwd", "application/pdf"), ".._.._etc_passwd.pdf");
  EXPECT_EQ(OfferedName("", "application/pdf"), "附件.pdf");
  EXPECT_EQ(OfferedName(".exe", "application/pdf"), "附件.pdf");
  EXPECT_EQ(OfferedName("照片", "image/jpeg"), "照片.jpg");
}

TEST(Terminal, NamesOfFilesDoNotSteerIt) { EXPECT_EQ(cli::OneLine("a\x1b[31m\nb\u202Ec\u2066d"), "a [31m b c d"); }

TEST(Revoke, SaysWhoAndWhy) {
  Town town;
  Town::Device device = town.EnrolDevice("a", "D057");
  v1::RevokeNodeRequest request;
  request.set_node_id(device.config.node_id());
  auto call = [&] {
    return town.hub().dispatcher().Call("/liaison.v1.HubService/RevokeNode", ToJson(request), {"李主任"}).status();
  };
  absl::Status none = call();
  EXPECT_TRUE(absl::IsInvalidArgument(none)) << none;
  EXPECT_THAT(std::string(none.message()), HasSubstr("吊销原因"));
  request.set_reason("9月3日在村部被盗");
  ASSERT_TRUE(call().ok());
  v1::ListNodesResponse nodes = *town.hub().registry()->ListNodes({});
  ASSERT_EQ(nodes.nodes_size(), 1);
  EXPECT_TRUE(nodes.nodes(0).revoked());
  EXPECT_EQ(nodes.nodes(0).revoked_by(), "李主任");
  EXPECT_EQ(nodes.nodes(0).revoked_reason(), "9月3日在村部被盗");
  request.set_reason("另一个");  // the first word stands
  ASSERT_TRUE(call().ok());
  EXPECT_EQ(town.hub().registry()->ListNodes({})->nodes(0).revoked_reason(), "9月3日在村部被盗");
}

// Another hub's folder, in which somebody has written what no device of ours signed.
TEST(Signatures, AreCheckedByVerifyAndWhenAFolderIsTakenOver) {
  Town town;
  town.EnrolDevice("a", "D057");
  std::unique_ptr<StationNode> box = town.Open("a");
  Work(box.get(), "2026-11-19");
  box->uplink()->NotifyCommit();
  ASSERT_TRUE(AwaitSynced(box.get()));
  Store& hub = *town.hub().store();
  EXPECT_TRUE(hub.Verify().ok());

  StoreOptions loose;  // a retired hub that asks nobody
  loose.station = std::string(kHubStation);
  std::unique_ptr<Store> retired = *Store::Open(NewMemoryKv(), loose);
  for (const Store::OwnLog& log : box->store()->OwnLogs()) {
    sync::Range range = *box->store()->ReadRange(log.actor, 1, 1 << 20);
    ASSERT_TRUE(retired->ApplyRanges({&range, 1}).ok());
  }
  StoreOptions forger;
  forger.station = "D057";
  std::unique_ptr<Store> forged = *Store::Open(NewMemoryKv(), forger);
  auto build = [](const StoreReader&) -> absl::StatusOr<Action> {
    Action action;
    action.user = "伪造者";
    v1::ReceptionSession session;
    session.set_station_id("D057");
    NewOp& op = action.ops.emplace_back();
    op.aggregate = RecordId::Random(TypeOf<v1::ReceptionSession>().type(), std::string(kActionIdBytes, 'f'), 0);
    WritesOf(session, {}, &op.writes, &op.sealed);
    return action;
  };
  ASSERT_TRUE(forged->Commit(std::string(kActionIdBytes, 'f'), "x", build).ok());
  sync::Range false_range = *forged->ReadRange(forged->tip()->actor, 1, 1 << 20);
  ASSERT_TRUE(retired->ApplyRanges({&false_range, 1}).ok());

  auto done = hub.Import(*retired->Snapshot());
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->new_ops, 1u) << "what is well signed was here";
  int kept = 0;
  ForEachKept(*hub.Snapshot(), [&](const KeptOp& op) {
    EXPECT_EQ(op.mark.reason, kUnsignedReason);
    EXPECT_TRUE(op.readable);
    ++kept;
    return true;
  });
  EXPECT_EQ(kept, 1);
  EXPECT_FALSE(hub.Read()
                   .Load(RecordId::Random(TypeOf<v1::ReceptionSession>().type(), std::string(kActionIdBytes, 'f'), 0))
                   .has_value());
  EXPECT_TRUE(hub.Verify().ok());

  // The same in a hub's own folder: verify names it.
  StoreOptions strict = loose;
  RosterCache roster(&hub);
  strict.check_range = [&](const sync::Range& range) { return CheckRangeSeal(*roster.Get(), range); };
  std::shared_ptr<Kv> disk = NewMemoryKv();
  std::unique_ptr<Store> own = *Store::Open(std::make_unique<ForwardingKv>(disk), loose);
  sync::Range good = *box->store()->ReadRange(box->store()->tip()->actor, 1, 1 << 20);
  ASSERT_TRUE(own->ApplyRanges({&good, 1}).ok());
  auto differences = [&](const StoreOptions& options) {
    own = *Store::Open(std::make_unique<ForwardingKv>(disk), options);
    return own->Verify().differences;
  };
  EXPECT_THAT(differences(strict), testing::IsEmpty());
  differences(loose);
  ASSERT_TRUE(own->ApplyRanges({&false_range, 1}).ok());
  EXPECT_THAT(differences(loose), testing::IsEmpty());
  EXPECT_THAT(differences(strict), testing::ElementsAre(HasSubstr("不是站点 D057 的设备签的")));
}

}  // namespace
}  // namespace liaison

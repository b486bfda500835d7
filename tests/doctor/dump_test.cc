// What a dump shows of a store, and what it never shows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/codec/op_codec.h"
#include "common/doctor/dump.h"
#include "common/doctor/mask_values.h"
#include "common/record/json.h"
#include "common/rules/roster/roster.h"
#include "common/store/keys.h"
#include "tests/testing/must.h"
#include "tests/testing/visits.h"
#include "tests/trust/town.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kName[] = "欧阳修竹", kPhone[] = "13812345678", kAddress[] = "桂花巷九号";
constexpr char kWords[] = "水渠垮了淹了菜地", kReason[] = "王大娘说记错了", kTheme[] = "灌溉专题";
constexpr uint32_t kThemeTag = 7 << 3 | 2;  // of a session

// A station without a link, on a database that the test may damage.
class DumpTest : public testing::Test {
 protected:
  DumpTest() {
    v1::Code category;
    category.set_table("category");
    category.set_code("01");
    category.set_name("基础设施");
    WriteOp(town_.hub().store(), MasterOp(category, "category-01"));
    town_.EnrolDevice("a", "D057");
    StationNode::Options options;
    options.dir = town_.Dir("a");
    std::unique_ptr<Kv> kv = NewMemoryKv();
    kv_ = kv.get();
    options.kv = std::move(kv);
    options.clock = &town_.clock;
    options.link = false;
    node_ = Must(StationNode::Open(std::move(options)));
    Fill();
  }

  // A visitor with everything that can be told of one, a void with a reason, and a disagreement.
  void Fill() {
    v1::OpenSessionRequest open;
    open.set_action_id(NewId());
    open.mutable_session()->set_date("2026-11-20");
    open.mutable_session()->add_deputies()->set_deputy_id("R001");
    open.set_user("联络员甲");
    const v1::SessionView session = Must(node_->reception()->OpenSession(open)).session();
    v1::LogVisitRequest request;
    request.set_action_id(NewId());
    request.set_session_id(session.id());
    request.mutable_entry()->set_remark("听欧阳修竹自己讲的");
    request.mutable_visitor()->set_name(kName);
    request.mutable_visitor()->set_phone(kPhone);
    request.mutable_visitor()->set_address(kAddress);
    request.mutable_visitor()->set_village_group("桂花组");
    FillVisit(kWords, 2, &request);
    request.mutable_matters(0)->set_disposition(v1::DISPOSITION_VILLAGE);
    matter_ = Must(node_->reception()->LogVisit(request)).visit().matters(0).id();
    v1::GetRecordRequest get;
    get.set_id(matter_);
    v1::VoidRecordRequest gone;
    gone.set_action_id(NewId());
    gone.set_id(matter_);
    gone.set_token(Must(node_->records()->GetRecord(get)).record().token());
    gone.set_reason(kReason);
    gone.set_user("联络员甲");
    Must(node_->records()->VoidRecord(gone).status());
    session_ = session.id();
    RecordId root;
    ASSERT_TRUE(ParseRecordId(session_, &root));
    const VersionVector seen = node_->store()->Read().Load(root)->lineage().Visible();
    for (const char* theme : {kTheme, "欧阳修竹来访", kTheme}) {  // three who did not know of each other
      WriteOp(node_->store(), NewOp{root, seen, {{{}, kThemeTag, "", theme}}, {}, {}});
    }
  }
  static void WriteOp(Store* store, const NewOp& op) {
    auto build = [&](const StoreReader&) -> absl::StatusOr<Action> { return Action{"test", {op}, {}, {}}; };
    Must(store->Commit(SystemRandom()->Bytes(kActionIdBytes), "x", build).status());
  }
  static std::string NewId() { return Hex(SystemRandom()->Bytes(kActionIdBytes)); }

  Actor Own() const { return node_->store()->OwnLogs().front().actor; }
  v1::DumpResponse Ask(const v1::DumpRequest& request) const { return Must(Dump(*node_->store(), request)); }
  v1::DumpRequest Chain(int limit = kMostDumped, uint64_t from = 0) const {
    v1::DumpRequest request;
    request.set_chain(ToText(Own()));
    request.set_limit(limit);
    request.set_from(from);
    return request;
  }

  Town town_;
  Kv* kv_ = nullptr;
  std::unique_ptr<StationNode> node_;
  std::string session_, matter_;
};

TEST_F(DumpTest, AChainEndsInTheHeadThatIsNoted) {
  const v1::DumpedChain chain = Ask(Chain()).chain();
  EXPECT_TRUE(chain.own());
  EXPECT_EQ(chain.trouble(), "");
  ASSERT_EQ(static_cast<uint64_t>(chain.links_size()), chain.last());
  EXPECT_EQ(chain.links().rbegin()->prefix(), chain.head());
  EXPECT_EQ(chain.next(), 0u);
  const v1::DumpedChain part = Ask(Chain(2, 3)).chain();
  ASSERT_EQ(part.links_size(), 2);
  EXPECT_EQ(part.links(0).seq(), 3u);
  EXPECT_EQ(part.links(0).prefix(), chain.links(2).prefix());
  EXPECT_EQ(part.next(), 5u);
}

TEST_F(DumpTest, AnOpThatIsGoneFromAChainIsTold) {
  std::string second;
  kv_->ScanPrefix(key::OpAt(Own(), 2), [&](std::string_view key, std::string_view) {
    second = std::string(key);
    return true;
  });
  Must(kv_->Write({{second, std::nullopt}}, true));
  EXPECT_THAT(Ask(Chain()).chain().trouble(), HasSubstr("第 2 条不在"));
}

TEST_F(DumpTest, EveryOpOfAChainIsFoundByItsName) {
  const v1::DumpedChain chain = Ask(Chain()).chain();
  std::set<std::string> records;
  for (const v1::DumpedLink& link : chain.links()) {
    v1::DumpRequest request;
    request.set_op(Cat(chain.actor(), "#", link.seq(), "~", link.tag()));
    const v1::DumpResponse exact = Ask(request);
    ASSERT_EQ(exact.ops_size(), 1) << request.op();
    const v1::DumpedOp& op = exact.ops(0);
    EXPECT_EQ(op.name(), request.op());
    EXPECT_EQ(op.aggregate(), link.aggregate());
    EXPECT_EQ(op.place(), "已并入");
    EXPECT_GT(op.writes_size(), 0);
    records.insert(op.record_label());
    request.set_op(Cat(chain.actor(), "#", link.seq()));
    EXPECT_EQ(Ask(request).ops_size(), 1);
  }
  EXPECT_TRUE(records.contains("反映人") && records.contains("意见建议")) << records.size();
}

TEST_F(DumpTest, SiblingsOfOneValueHaveOneNumber) {
  v1::DumpRequest request;
  request.set_record(session_);
  const v1::DumpedRecord record = Ask(request).record();
  EXPECT_EQ(record.label(), "接待场次");
  EXPECT_EQ(record.state_hash().size(), 64u);
  EXPECT_GT(record.vector_size(), 0);
  bool seen = false;
  for (const v1::DumpedField& field : record.fields()) {
    if (field.field().field() != "theme") continue;
    seen = true;
    // The author's own later write covers nothing that its context did not name.
    std::multiset<int> groups;
    for (const v1::DumpedSibling& sibling : field.siblings()) groups.insert(sibling.group());
    EXPECT_EQ(groups, (std::multiset<int>{1, 1, 2})) << field.DebugString();
  }
  EXPECT_TRUE(seen);
}

TEST_F(DumpTest, AFeedIsListedInPieces) {
  v1::DumpRequest request;
  request.set_feed("all");
  request.set_limit(3);
  std::string last_prefix;
  uint64_t items = 0;
  for (;;) {
    const v1::DumpedFeed feed = Ask(request).feed();
    EXPECT_EQ(feed.label(), "公共名册");
    ASSERT_GT(feed.items_size(), 0);
    ASSERT_LE(feed.items_size(), 3);
    for (const v1::DumpedItem& item : feed.items()) EXPECT_EQ(item.position(), ++items);
    last_prefix = feed.items().rbegin()->prefix();
    if (feed.next() == 0) {
      EXPECT_EQ(items, feed.position());
      EXPECT_EQ(last_prefix, feed.prefix());
      break;
    }
    request.set_from(feed.next());
  }
}

TEST_F(DumpTest, WhatIsNotThereOrNotSaidWellIsRefused) {
  auto refused = [&](const char* what, const std::string& value, absl::StatusCode code) {
    v1::DumpRequest request;
    const auto* field = v1::DumpRequest::descriptor()->FindFieldByName(what);
    request.GetReflection()->SetString(&request, field, value);
    EXPECT_EQ(Dump(*node_->store(), request).status().code(), code) << what << " " << value;
  };
  for (const char* bad : {"x", "HK-D057#1", "HK-D057/12#1", "HK-D057/0123456789abcdef#", "/0123456789abcdef#1"})
    refused("op", bad, absl::StatusCode::kInvalidArgument);
  refused("op", "HK-D057/0123456789abcdef#1", absl::StatusCode::kNotFound);
  refused("record", "…", absl::StatusCode::kInvalidArgument);
  refused("record", "16.000000000000000000000000", absl::StatusCode::kNotFound);
  refused("feed", "nosuch", absl::StatusCode::kNotFound);
  refused("chain", "HK-D057", absl::StatusCode::kInvalidArgument);
  refused("chain", "HK-D057/0123456789abcdef", absl::StatusCode::kNotFound);
  v1::DumpRequest two = Chain();
  two.set_feed("all");
  EXPECT_TRUE(absl::IsInvalidArgument(Dump(*node_->store(), two).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Dump(*node_->store(), {}).status()));
}

// ---------------------------------------------------------------- masks

class Mask : public DumpTest {
 protected:
  // Every op, record, feed and chain of the store, as JSON.
  std::string Everything() const {
    std::string all;
    std::set<std::string> ops, records, actors;
    const StoreReader reader = node_->store()->Read();
    reader.kv().ScanPrefix(key::kOp, [&](std::string_view, std::string_view bytes) {
      const Op op = Must(DecodeOp(bytes));
      ops.insert(ToText(op.name()));
      records.insert(ToText(op.aggregate));
      actors.insert(ToText(op.actor));
      return true;
    });
    EXPECT_GT(ops.size(), 8u);
    for (const std::string& op : ops) all += With("op", op);
    for (const std::string& record : records) all += With("record", record);
    for (const std::string& actor : actors) all += With("chain", actor);
    const std::vector<sync::Cursor> feeds = node_->store()->FeedHeads();
    for (const sync::Cursor& feed : feeds) all += With("feed", feed.interest);
    return all;
  }
  std::string With(const char* field, const std::string& value) const {
    v1::DumpRequest request;
    request.GetReflection()->SetString(&request, v1::DumpRequest::descriptor()->FindFieldByName(field), value);
    request.set_limit(kMostDumped);
    return ToJson(Ask(request));
  }
};

TEST_F(Mask, NoNamePhoneOrWordOfAVisitorIsInAnyDump) {
  const std::string all = Everything();
  for (const std::string secret : {kName, kPhone, kAddress, "桂花组", "欧阳", kWords, "水渠", kReason, "王大娘", kTheme}) {
    EXPECT_THAT(all, Not(HasSubstr(secret)));
    EXPECT_THAT(all, Not(HasSubstr(Hex(secret))));
  }
  EXPECT_THAT(all, HasSubstr("封存"));
  EXPECT_THAT(all, HasSubstr("文字，8字"));
  // What the hub writes for all, and what a fault is looked for by, is told.
  EXPECT_THAT(all, HasSubstr("张三"));
  EXPECT_THAT(all, HasSubstr("2026-11-20"));
  EXPECT_THAT(all, HasSubstr("村级办理"));
}

TEST_F(Mask, AnAccusationIsToldByNoWord) {
  v1::LogVisitRequest request;
  request.set_action_id(NewId());
  request.set_session_id(session_);
  FillVisit("举报某某贪污", 1, &request);
  request.mutable_matters(0)->set_disposition(v1::DISPOSITION_GUIDED);
  request.mutable_matters(0)->set_guide_reason("检举控告，某某");
  request.mutable_matters(0)->set_guided_to("纪检监察机关");
  Must(node_->reception()->LogVisit(request).status());
  const std::string all = Everything();
  EXPECT_THAT(all, Not(HasSubstr("某某")));
  EXPECT_THAT(all, Not(HasSubstr("贪污")));
}

TEST_F(Mask, PhonesOfTheRosterAreMaskedAndUnknownFieldsAreTold) {
  const RecordId station = RecordId::Master(TypeOf<v1::Station>().type(), "HK-D057");
  const uint32_t phone = v1::Station::kPublicPhoneFieldNumber << 3 | 2;
  EXPECT_EQ(MaskedValue(station, {}, phone, kPhone, false), "138****5678");
  EXPECT_THAT(MaskedValue(station, {}, 999 << 3 | 2, kName, false), Not(HasSubstr(kName)));
  EXPECT_THAT(MaskedValue({200, "x"}, {}, phone, kName, false), Not(HasSubstr(kName)));
  EXPECT_EQ(MaskedValue(station, {}, phone, "", false), "（空）");
}

}  // namespace
}  // namespace liaison

// Ops of stations against a hub's store, written by hand: what any program could sign.
#ifndef LIAISON_TESTS_JUDGE_FIXTURE_H_
#define LIAISON_TESTS_JUDGE_FIXTURE_H_

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_format.h"
#include "common/base/text.h"
#include "common/codec/op_codec.h"
#include "common/record/view.h"
#include "common/rules/people/granting.h"
#include "common/rules/people/scope.h"
#include "common/store/op_on.h"
#include "common/store/store.h"
#include "hub/door/judge.h"
#include "liaison/v1/congress.pb.h"
#include "tests/testing/must.h"

namespace liaison {

using Outcome = Judgement::Outcome;

// The area A1 with the points P1, P2 and the village V1, the area A2 with the point P3, and the centre Z1. The hub's
// store takes whatever comes: only the judge is asked.
class DoorTest : public testing::Test {
 protected:
  DoorTest() : hub(Must(Store::Open(NewMemoryKv(), OfHub()))), roster(hub.get()), people(hub.get()) {
    Place("HK-Z1", v1::CENTER, "");
    for (const char* area : {"HK-A1", "HK-A2"}) Place(area, v1::AREA, "HK-Z1");
    for (const char* point : {"HK-P1", "HK-P2", "HK-V1"}) Place(point, v1::POINT, "HK-A1");
    Place("HK-P3", v1::POINT, "HK-A2");
    Must(SettleScopes(hub.get(), *roster.Get()));
  }
  static StoreOptions OfHub() {
    StoreOptions options;
    options.station = kHubStation;
    options.judge = [](const Op&, const StoreReader&) { return Judgement(); };
    return options;
  }

  // ---- the township's
  void Commit(NewOp op) {
    auto build = [&](const StoreReader&) -> absl::StatusOr<Action> {
      Action action;
      action.user = "镇里";
      action.ops.push_back(op);
      return action;
    };
    Must(hub->Commit(NewActionId(), "x", build).status());
  }
  void HubWrites(const RecordId& record, std::vector<Write> writes) {
    NewOp op = OpOn(hub->Read(), record);
    op.writes = std::move(writes);
    Commit(std::move(op));
  }
  void Place(const std::string& id, v1::Tier tier, const std::string& parent) {
    v1::Station station;
    station.set_station_id(id);
    station.set_name(id);
    station.set_tier(tier);
    station.set_parent_id(parent);
    Commit(MasterOp(hub->Read(), station, id));
  }
  void HubMoves(const RecordId& matter, v1::MatterState to) { HubWrites(matter, Status(to)); }
  // As a verdict that hides.
  void Hide(const Op& op) {
    std::string element;
    ByteWriter out(&element);
    EncodeOpName(op.name(), &out);
    HubWrites(op.aggregate, {{{}, kVerdictTag, element, "2待镇里确认"}});
  }
  void AddAccount(const std::string& id) {
    v1::Account account;
    account.set_account_id(id);
    account.set_name(id);
    Commit(MasterOp(hub->Read(), account, id));
  }
  RecordId Give(const std::string& account, const std::string& station) {
    v1::Grant grant;
    grant.set_account_id(account);
    grant.set_role(v1::Access::OFFICER);
    const RecordId id = RecordId::Random(TypeOf<v1::Grant>().type(), NewActionId(), 0);
    Commit(GrantOp(hub->Read(), station, id, grant));
    return id;
  }
  void Revoke(const std::string& station, const RecordId& grant, v1::RevokedHow how) {
    Commit(RevokeOp(hub->Read(), station, grant, how, "2026-11-20"));
  }
  VersionVector KnownAt(const std::string& station) { return RightsKnown(hub->Read(), station); }

  // ---- ops of stations
  struct Said {
    std::string user = "张三";
    uint32_t version = kTypedNameVersion;
    VersionVector grants;
    std::optional<VersionVector> context;  // unset: all that the hub shows of the record
    std::string action_id;                 // empty: a new one
    std::vector<Write> sealed;
  };
  static Said Account(const std::string& user, VersionVector grants) {
    return {.user = user, .version = kAccountVersion, .grants = std::move(grants)};
  }
  std::string NewActionId() { return absl::StrFormat("%010d", ++actions_); }
  RecordId NewRecord(uint8_t type) { return RecordId::Random(type, NewActionId(), 0); }
  // Not delivered.
  Op By(const std::string& station, const RecordId& record, std::vector<Write> writes) {
    return By(station, record, std::move(writes), Said());
  }
  Op By(const std::string& station, const RecordId& record, std::vector<Write> writes, const Said& said) {
    const Pen& pen = PenOf(station);
    const std::optional<Aggregate> known = hub->Read().Load(record);
    Op op;
    op.actor = pen.actor;
    op.seq = pen.seq + 1;
    op.action_id = said.action_id.empty() ? NewActionId() : said.action_id;
    op.aggregate = record;
    op.n = 1;
    if (known) {
      const auto& logs = known->lineage().steps();
      if (const auto steps = logs.find(pen.actor); steps != logs.end()) {
        op.n = steps->second.back().n + 1;
        op.previous = steps->second.back().tag;
      }
      op.context = known->lineage().Visible();
    }
    if (said.context) op.context = *said.context;
    op.schema_version = said.version;
    op.grants = said.grants;
    op.logical_time = ++time_ << 16;
    op.user = said.user;
    op.writes = std::move(writes);
    op.sealed = said.sealed;
    EncodeOp(&op);
    return op;
  }
  Op Making(const std::string& station, const RecordId& record, std::vector<Write> writes) {
    return Making(station, record, std::move(writes), Said());
  }
  Op Making(const std::string& station, const RecordId& record, std::vector<Write> writes, Said said) {
    said.action_id = record.name.substr(0, kActionIdBytes);
    said.context = VersionVector();
    return By(station, record, std::move(writes), said);
  }
  // As the next of its author's log.
  void Put(Op op) {
    Pen& pen = PenOf(op.actor.station);
    const std::string bytes = EncodeOp(&op);
    sync::Range range;
    range.actor = op.actor;
    range.first = range.last = op.seq;
    range.head_before = pen.head;
    range.head_after = ChainNext(pen.head, op.hash);
    range.ops = {bytes};
    const sync::Ack ack = Must(hub->ApplyRanges({&range, 1})).front();
    ASSERT_EQ(ack.tip.seq, op.seq) << (ack.verdicts.empty() ? "" : ack.verdicts[0].reason);
    pen.seq = op.seq;
    pen.head = range.head_after;
  }
  // A new process of the station's: its next op is another actor's first.
  void Restart(const std::string& station) { pens_.erase(station); }

  void Expect(const std::string& row, const Op& op, Outcome outcome, std::string_view code) {
    const Judge judge(&roster, &people);  // that remembers nothing
    const Judgement said = judge(op, hub->Read());
    EXPECT_EQ(static_cast<int>(said.outcome), static_cast<int>(outcome)) << row << ": " << said.code << said.words;
    EXPECT_EQ(said.code, code) << row << ": " << said.words;
    EXPECT_EQ(said.words.empty(), said.code.empty()) << row;
  }
  void ExpectStands(const std::string& row, const Op& op) { Expect(row, op, Outcome::kStands, ""); }

  // ---- what they write
  static std::vector<Write> Writes(const google::protobuf::Message& message, const RecordId& child = {}) {
    std::vector<Write> writes, sealed;
    WritesOf(message, child, &writes, &sealed);
    return writes;
  }
  static std::vector<Write> Status(v1::MatterState to) {
    v1::Matter change;
    change.mutable_status()->set_to(to);
    change.mutable_status()->set_date("2026-11-20");
    return Writes(change);
  }
  static std::vector<Write> Title(const std::string& words) {
    v1::Matter change;
    change.set_title(words);
    return Writes(change);
  }
  static std::vector<Write> Void(const RecordId& child = {}) { return {{child, kVoidTag, "", "1误录"}}; }
  static std::vector<Write> Unvoid() { return {{{}, kVoidTag, "", ""}}; }
  static std::string BlockOf(const std::string& station) { return station.substr(station.rfind('-') + 1); }
  // A new matter of the place, numbered at the station.
  static v1::Matter NewMatter(const std::string& station, const std::string& place,
                              v1::MatterState state = v1::REGISTERED) {
    v1::Matter matter;
    matter.set_number(Cat("恒民意〔2026〕", BlockOf(station), "-0001号"));
    matter.set_station_id(place);
    matter.set_date("2026-11-20");
    matter.set_title("路灯坏了");
    matter.set_content("路灯坏了");
    matter.set_category("01");
    matter.set_nature(v1::NATURE_OPINION);
    matter.set_disposition(v1::DISPOSITION_SUBMIT);
    matter.mutable_status()->set_to(state);
    matter.mutable_status()->set_date("2026-11-20");
    matter.add_sources()->set_entry("17.1");
    matter.mutable_sources(0)->set_station_id(place);
    return matter;
  }
  RecordId AMatter(const std::string& station, const std::string& place, v1::MatterState state = v1::REGISTERED) {
    const RecordId id = NewRecord(TypeOf<v1::Matter>().type());
    Put(Making(station, id, Writes(NewMatter(station, place, state))));
    return id;
  }
  static v1::ReceptionSession NewSession(const std::string& station, const std::string& place,
                                         const std::string& date = "2026-11-20") {
    v1::ReceptionSession session;
    session.set_number(Cat("J20261120-", BlockOf(station), "-1"));
    session.set_station_id(place);
    session.set_date(date);
    session.set_form(v1::FORM_RECEPTION_DAY);
    session.add_deputies()->set_deputy_id("R001");
    session.mutable_status()->set_to(v1::SESSION_OPEN);
    return session;
  }
  RecordId ASession(const std::string& station, const std::string& place, const std::string& date = "2026-11-20") {
    const RecordId id = NewRecord(TypeOf<v1::ReceptionSession>().type());
    Put(Making(station, id, Writes(NewSession(station, place, date))));
    return id;
  }
  static v1::VisitEntry NewEntry(const std::string& station) {
    v1::VisitEntry entry;
    entry.set_number(Cat("恒人接〔2026〕", BlockOf(station), "-0001号"));
    entry.set_headcount(1);
    entry.set_original_words("路灯坏了");
    entry.set_visitor_id("v");
    entry.set_seq(1);
    return entry;
  }
  static std::vector<Write> VisitorOf(const std::string& place) {
    v1::Visitor visitor;
    visitor.set_station_id(place);
    return Writes(visitor);
  }
  static std::vector<Write> Sealed() {
    return {{{}, TypeOf<v1::Visitor>().Find(v1::Visitor::kSealedFieldNumber)->tag, "", "sealed"}};
  }
  RecordId AVisitor(const std::string& station, const std::string& place) {
    const RecordId id = NewRecord(TypeOf<v1::Visitor>().type());
    Put(Making(station, id, VisitorOf(place), {.sealed = Sealed()}));
    return id;
  }
  template <typename M>
  RecordId NewChild() {
    return RecordId::Random(TypeOf<M>().type(), NewActionId(), 0);
  }
  static Dot Unknown() { return {{kHubStation, 77}, 1, 77}; }

  struct Pen {
    Actor actor;
    uint64_t seq = 0;
    std::string head;
  };
  Pen& PenOf(const std::string& station) {
    Pen& pen = pens_[station];
    if (pen.head.empty()) pen = {{station, ++actors_}, 0, ChainStart(std::nullopt)};
    return pen;
  }

  uint64_t actions_ = 0, actors_ = 0, time_ = 1'000'000;
  std::map<std::string, Pen> pens_;
  std::unique_ptr<Store> hub;
  RosterCache roster;
  PeopleCache people;
};

}  // namespace liaison

#endif  // LIAISON_TESTS_JUDGE_FIXTURE_H_

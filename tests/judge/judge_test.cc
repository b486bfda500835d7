// The table of tests/model/door/README.md, row by row, by ops on real records.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "hub/door/touch.h"
#include "tests/judge/fixture.h"

namespace liaison {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

struct Door : DoorTest {
  void RowsOfWhatIsNoOp();
  void RowsOfTheTownshipsRecords();
  void RowsOfTheUnreadable();
  void RowsOfAMakingThatIsNotHere();
  void RowsOfScope();
  void RowsOfScopeThatIsNotKnown();
  void RowsOfMaking();
  void RowsOfTheTownshipsChildrenAndFields();
  void RowsOfTheTownshipsStates();
  void RowsOfWhatIsGivenOnce();
  void RowsOfOldLedgers();
  void RowsOfSessions();
  void RowsOfMergers();
  void RowsOfVisitors();
  void RowsOfRoots();
  void RowsOfChildren();
  void RowsOfRatings();
  void RowsOfPersons();
};

void Door::RowsOfWhatIsNoOp() {
  const RecordId id = NewRecord(TypeOf<v1::Matter>().type());
  Op op = Making("HK-P2", id, Writes(NewMatter("HK-P2", "HK-P2")));
  const std::string bytes = EncodeOp(&op), start = ChainStart(std::nullopt);
  sync::Range range;
  range.actor = op.actor;
  range.first = range.last = 1;
  range.head_before = start;
  range.head_after = ChainNext(start, op.hash);
  range.ops = {"no op"};
  ASSERT_THAT(Must(hub->ApplyRanges({&range, 1})).front().verdicts, Not(IsEmpty()));
  range.ops = {bytes};
  range.first = range.last = 2;
  Must(hub->ApplyRanges({&range, 1}));
  EXPECT_FALSE(hub->Read().Load(id).has_value()) << "a range that does not fit is refused whole";
}

void Door::RowsOfTheTownshipsRecords() {
  const RecordId matter = AMatter("HK-P1", "HK-P1");
  std::string element;
  ByteWriter out(&element);
  EncodeOpName(By("HK-P1", matter, Title("x")).name(), &out);
  Expect("a verdict", By("HK-P1", matter, {{{}, kVerdictTag, element, "1不认"}}), Outcome::kKept, "not_stations");
  Expect("a verdict on nothing here", By("HK-P1", NewRecord(24), {{{}, kVerdictTag, element, ""}}), Outcome::kKept,
         "not_stations");
  for (const TypeInfo& type : AllTypes()) {
    if (type.rules.parent() != 0 || type.rules.any_parent() != 0) continue;
    if (!type.rules.master() && type.rules.owner() != v1::OWNER_HUB) continue;
    const RecordId id = type.rules.master() ? RecordId::Master(type.type(), "HK-P1") : NewRecord(type.type());
    const Op op = By("HK-P1", id, {{{}, type.fields[0].tag, "", "x"}});
    Expect(type.rules.label(), op, Outcome::kKept, "not_stations");
  }
}

void Door::RowsOfTheUnreadable() {
  const RecordId matter = AMatter("HK-P1", "HK-P1"), visitor = AVisitor("HK-P1", "HK-P1");
  std::vector<Write> two = Status(v1::SUBMITTED);
  two[0].value += Status(v1::CLOSED)[0].value;
  Expect("a state that says two things", By("HK-P1", matter, two), Outcome::kKept, "unreadable");
  Expect("a text where sealed ones stand", By("HK-P1", matter, {}, {.sealed = Title("x")}), Outcome::kKept,
         "unreadable");
  Expect("a sealed text in the clear", By("HK-P1", visitor, Sealed()), Outcome::kKept, "unreadable");
  std::vector<Write> aside = Title("x");
  aside[0].element = "y";
  Expect("an element of what is no set", By("HK-P1", matter, aside), Outcome::kKept, "unreadable");
}

void Door::RowsOfAMakingThatIsNotHere() {
  const RecordId nowhere = NewRecord(24);
  Expect("a record that is not here", By("HK-P1", nowhere, Title("x")), Outcome::kHeld, "missing");
  v1::Reply reply;
  reply.set_text("已修好");
  Expect("… a township's child", By("HK-P1", nowhere, Writes(reply, NewChild<v1::Reply>())),
         Outcome::kRefused, "not_stations");
  v1::Matter number;
  number.set_number("恒民意〔2026〕P1-0009号");
  Expect("… a fixed field", By("HK-P1", nowhere, Writes(number)), Outcome::kRefused, "not_stations");

  const RecordId hidden = NewRecord(24);
  const Op making = Making("HK-P1", hidden, Writes(NewMatter("HK-P1", "HK-P1")));
  Put(making);
  Hide(making);
  Expect("its making is hidden", By("HK-P1", hidden, Title("x")), Outcome::kHeld, "missing");

  const RecordId claimed = AMatter("HK-P1", "HK-P1");
  Put(Making("HK-P2", claimed, Writes(NewMatter("HK-P2", "HK-P2"))));
  Expect("two stations made it", By("HK-P1", claimed, Title("x")), Outcome::kHeld, "missing");
}

void Door::RowsOfScope() {
  AddAccount("U0000A");
  Give("U0000A", "HK-A1");
  const VersionVector before = KnownAt("HK-A1");
  const RecordId here = AMatter("HK-P1", "HK-P1"), there = AMatter("HK-P3", "HK-P3");
  ExpectStands("an area enters for its point", By("HK-A1", here, Title("x"), Account("U0000A", before)));
  Place("HK-V1", v1::POINT, "HK-A2");
  Must(SettleScopes(hub.get(), *roster.Get()));
  auto at = [&](const std::string& place, const Said& said) {
    return Making("HK-A1", NewRecord(24), Writes(NewMatter("HK-A1", place)), said);
  };
  Expect("a village that was moved", at("HK-V1", Account("U0000A", before)), Outcome::kHeld, "out_of_scope");
  Expect("… as a program of version 1 knew it", at("HK-V1", Said()), Outcome::kHeld, "out_of_scope");
  Expect("another's point", at("HK-P3", Account("U0000A", KnownAt("HK-A1"))), Outcome::kKept, "out_of_scope");
  Expect("… in version 1", at("HK-P3", Said()), Outcome::kHeld, "out_of_scope");
  Expect("another's record", By("HK-A1", there, Title("x"), Account("U0000A", KnownAt("HK-A1"))), Outcome::kKept,
         "out_of_scope");
  v1::Matter beside = NewMatter("HK-A1", "HK-P1");
  beside.mutable_sources(0)->set_station_id("HK-P3");
  const Op making = Making("HK-A1", NewRecord(24), Writes(beside), Account("U0000A", KnownAt("HK-A1")));
  Expect("a source beside its scope", making, Outcome::kKept, "out_of_scope");
  // Its maker's point was told of a record that another station says it has made for P1.
  const Op second = Making("HK-P1", there, Writes(NewMatter("HK-P1", "HK-P1")));
  Put(second);
  Hide(second);
  Expect("the place of a hidden making", By("HK-A1", there, Title("x"), Account("U0000A", KnownAt("HK-A1"))),
         Outcome::kHeld, "out_of_scope");
}

void Door::RowsOfScopeThatIsNotKnown() {
  AddAccount("U0000B");
  Give("U0000B", "HK-A1");
  const RecordId there = AMatter("HK-P3", "HK-P3");
  VersionVector more = KnownAt("HK-A1");
  more.Insert(Unknown());
  Expect("rights that are not here", By("HK-A1", there, Title("x"), Account("U0000B", more)), Outcome::kHeld,
         "missing");
  Said said = Account("U0000B", KnownAt("HK-A1"));
  said.context = VersionVector{Unknown()};
  Expect("a context that is not here", By("HK-A1", there, Title("x"), said), Outcome::kHeld, "missing");
}

void Door::RowsOfMaking() {
  const RecordId id = AMatter("HK-P1", "HK-P1");
  Expect("another station's", Making("HK-P2", id, Writes(NewMatter("HK-P2", "HK-P2"))), Outcome::kHeld, "other_maker");
  Restart("HK-P1");
  Expect("its own again", Making("HK-P1", id, Writes(NewMatter("HK-P1", "HK-P1"))), Outcome::kHeld, "other_maker");
}

void Door::RowsOfTheTownshipsChildrenAndFields() {
  const RecordId matter = AMatter("HK-P1", "HK-P1");
  int children = 0, fields = 0;
  for (const TypeInfo& type : AllTypes()) {
    if (type.rules.parent() != matter.type || type.rules.owner() != v1::OWNER_HUB) continue;
    ++children;
    const RecordId child = RecordId::Random(type.type(), NewActionId(), 0);
    Expect(type.rules.label(), By("HK-P1", matter, {{child, type.fields[0].tag, "", "x"}}), Outcome::kRefused,
           "not_stations");
    Expect(type.rules.label(), By("HK-P1", matter, Void(child)), Outcome::kRefused, "not_stations");
  }
  EXPECT_GE(children, 7);
  for (const FieldInfo& field : TypeOf<v1::Matter>().fields) {
    if (field.rules.owner() != v1::OWNER_HUB) continue;
    ++fields;
    Expect(field.rules.label(), By("HK-P1", matter, {{{}, field.tag, "", "x"}}), Outcome::kRefused, "not_stations");
    v1::Matter made = NewMatter("HK-P1", "HK-P1");
    std::vector<Write> writes = Writes(made);
    writes.push_back({{}, field.tag, "", "x"});
    Expect(field.rules.label(), Making("HK-P1", NewRecord(24), writes), Outcome::kRefused, "not_stations");
  }
  EXPECT_GE(fields, 6);
}

void Door::RowsOfTheTownshipsStates() {
  const RecordId matter = AMatter("HK-P1", "HK-P1", v1::SUBMITTED);
  Expect("a state of the township", By("HK-P1", matter, Status(v1::ACCEPTED)), Outcome::kRefused, "not_stations");
  Expect("… in a making", Making("HK-P1", NewRecord(24), Writes(NewMatter("HK-P1", "HK-P1", v1::CLOSED))),
         Outcome::kRefused, "not_stations");
  HubMoves(matter, v1::ACCEPTED);
  Expect("one that the hub wrote", By("HK-P1", matter, Status(v1::ACCEPTED)), Outcome::kHeld, "moved_on");
  Said said;
  said.context = VersionVector{Unknown()};
  Expect("one that is not here", By("HK-P1", matter, Status(v1::REPLIED), said), Outcome::kHeld, "missing");
  Expect("one that nobody wrote", By("HK-P1", matter, Status(v1::CLOSED)), Outcome::kRefused, "not_stations");

  const RecordId sent_back = AMatter("HK-P1", "HK-P1", v1::SUBMITTED);
  HubMoves(sent_back, v1::RETURNED);
  const Op submit = By("HK-P1", sent_back, Status(v1::SUBMITTED));
  ExpectStands("handed up again", submit);
  Put(submit);
  ExpectStands("and taken back", By("HK-P1", sent_back, Status(v1::RETURNED)));
  const RecordId other = AMatter("HK-P1", "HK-P1", v1::SUBMITTED);
  Expect("退回补正 that the hub never wrote", By("HK-P1", other, Status(v1::RETURNED)), Outcome::kRefused, "not_stations");
}

void Door::RowsOfWhatIsGivenOnce() {
  const RecordId matter = AMatter("HK-P1", "HK-P1"), session = ASession("HK-P1", "HK-P1");
  for (const RecordId& record : {matter, session}) {
    const TypeInfo* type = FindType(record.type);
    for (const FieldRow& row : FieldRowsOf(*type)) {
      const bool once = row.role == FieldRole::kNumber || row.role == FieldRole::kPlace ||
                        row.role == FieldRole::kSources || row.role == FieldRole::kHistorical ||
                        row.role == FieldRole::kOnce;
      if (!once) continue;
      const FieldInfo& field = *type->Find(static_cast<uint32_t>(row.number));
      const std::string element = row.role == FieldRole::kSources ? "17.2" : "";
      Expect(field.rules.label(), By("HK-P1", record, {{{}, field.tag, element, "x"}}), Outcome::kRefused, "fixed");
    }
  }
  for (const char* number : {"恒民意〔2026〕P2-0001号", "恒民意〔2026〕P1-0001-2号", "随便"}) {
    v1::Matter of_another = NewMatter("HK-P1", "HK-P1");
    of_another.set_number(number);
    Expect(number, Making("HK-P1", NewRecord(24), Writes(of_another)), Outcome::kRefused, "fixed");
  }
  v1::Matter second_device = NewMatter("HK-P1", "HK-P1");
  second_device.set_number("恒民意〔2026〕P1b-0001号");
  ExpectStands("a second device", Making("HK-P1", NewRecord(24), Writes(second_device)));
  const RecordId entry = NewChild<v1::VisitEntry>();
  Put(By("HK-P1", session, Writes(NewEntry("HK-P1"), entry)));
  v1::VisitEntry another;
  another.set_visitor_id("w");
  Expect("whose visit it was", By("HK-P1", session, Writes(another, entry)), Outcome::kRefused, "fixed");
  Expect("a visit numbered like another's", By("HK-P1", session, Writes(NewEntry("HK-P2"), NewChild<v1::VisitEntry>())),
         Outcome::kRefused, "fixed");
}

void Door::RowsOfOldLedgers() {
  auto ledger = [&](const std::string& station) {
    v1::Matter matter = NewMatter(station, station, v1::CLOSED);
    matter.set_historical(true);
    std::vector<Write> writes = Writes(matter);
    v1::Reply reply;
    reply.set_text("旧台账未记");
    v1::Evaluation rating;
    rating.set_result(v1::RATING_SATISFIED);
    for (const Write& write : Writes(reply, NewChild<v1::Reply>())) writes.push_back(write);
    for (const Write& write : Writes(rating, NewChild<v1::Evaluation>())) writes.push_back(write);
    return Making(station, NewRecord(24), writes);
  };
  const Op old = ledger("HK-Z1");
  ExpectStands("the centre's", old);
  Expect("whoever has no right to import", ledger("HK-A1"), Outcome::kHeld, "import");
  v1::Rights may;
  may.set_may_import(true);
  HubWrites(RecordId::Master(TypeOf<v1::Rights>().type(), "HK-A1"), Writes(may));
  ExpectStands("who has it", ledger("HK-A1"));
  Put(old);
  Expect("an edit", By("HK-Z1", old.aggregate, Title("x")), Outcome::kRefused, "fixed");
  ExpectStands("undone by who made it", By("HK-Z1", old.aggregate, Void()));
  ExpectStands("… and taken back", By("HK-Z1", old.aggregate, Unvoid()));
  v1::Feedback told;
  told.set_text("已告知");
  ExpectStands("feedback", By("HK-Z1", old.aggregate, Writes(told, NewChild<v1::Feedback>())));
}

void Door::RowsOfSessions() {
  const RecordId session = NewRecord(TypeOf<v1::ReceptionSession>().type());
  const Op open = Making("HK-P1", session, Writes(NewSession("HK-P1", "HK-P1")));
  ExpectStands("a session", open);
  Put(open);
  const RecordId entry = NewChild<v1::VisitEntry>();
  const Op visit = By("HK-A1", session, Writes(NewEntry("HK-A1"), entry));
  ExpectStands("a visit, by the area", visit);
  Put(visit);
  v1::VisitEntry words;
  words.set_original_words("路灯坏了三盏");
  ExpectStands("its words", By("HK-P1", session, Writes(words, entry)));
  ExpectStands("voided by the other", By("HK-P1", session, Void(entry)));
  Expect("words of a visit that is not here", By("HK-P1", session, Writes(words, NewChild<v1::VisitEntry>())),
         Outcome::kHeld, "missing");
  v1::AttachmentRef file;
  file.set_content_hash("x");
  ExpectStands("a file", By("HK-P1", session, Writes(file, NewChild<v1::AttachmentRef>())));

  v1::Activity activity;
  activity.set_title("视察");
  activity.set_station_id("HK-A1");
  const RecordId own = NewRecord(TypeOf<v1::Activity>().type());
  const Op made = Making("HK-A1", own, Writes(activity));
  ExpectStands("an own activity", made);
  Put(made);
  v1::Ballot ballot;
  ballot.set_voters(9);
  ExpectStands("a ballot", By("HK-A1", own, Writes(ballot, NewChild<v1::Ballot>())));

  v1::ImportBatch batch;
  batch.set_station_id("HK-Z1");
  const RecordId import = NewRecord(TypeOf<v1::ImportBatch>().type());
  const Op first_row = By("HK-Z1", import, Writes(batch));
  ExpectStands("a batch, with its first row", first_row);
  Put(first_row);
  v1::ImportBatch counts;
  counts.set_rows(3);
  ExpectStands("its counts", By("HK-Z1", import, Writes(counts)));
}

void Door::RowsOfMergers() {
  AddAccount("U0000C");
  Give("U0000C", "HK-P2");
  const VersionVector before = KnownAt("HK-P2");
  const RecordId old_session = ASession("HK-P2", "HK-P2", "2026-07-02");
  v1::Station merged;
  merged.set_status(v1::STATION_MERGED);
  merged.set_merged_into("HK-P1");
  merged.set_status_date("2026-07-01");
  HubWrites(RecordId::Master(TypeOf<v1::Station>().type(), "HK-P2"), Writes(merged));
  Must(SettleScopes(hub.get(), *roster.Get()));
  auto on = [&](const std::string& date, const Said& said) {
    return Making("HK-P2", NewRecord(16), Writes(NewSession("HK-P2", "HK-P2", date)), said);
  };
  ExpectStands("a session of before", on("2026-06-30", Account("U0000C", KnownAt("HK-P2"))));
  Expect("of after, known", on("2026-07-01", Account("U0000C", KnownAt("HK-P2"))), Outcome::kRefused, "merged");
  Expect("of after, not known", on("2026-07-01", Account("U0000C", before)), Outcome::kMarked, "merged");
  Expect("of after, in version 1", on("2026-07-01", Said()), Outcome::kMarked, "merged");
  const Op visit = By("HK-P2", old_session, Writes(NewEntry("HK-P2"), NewChild<v1::VisitEntry>()),
                      Account("U0000C", KnownAt("HK-P2")));
  Expect("a visit of after", visit, Outcome::kRefused, "merged");
  v1::ReceptionSession closed;
  closed.mutable_status()->set_to(v1::SESSION_CLOSED);
  ExpectStands("what is there is finished",
               By("HK-P2", old_session, Writes(closed), Account("U0000C", KnownAt("HK-P2"))));
  const Op of_target = Making("HK-P1", NewRecord(16), Writes(NewSession("HK-P1", "HK-P2", "2026-06-01")));
  ExpectStands("the other enters for it", of_target);
}

void Door::RowsOfVisitors() {
  const RecordId of_point = AVisitor("HK-P1", "HK-P1"), of_area = AVisitor("HK-A1", "HK-P1");
  ExpectStands("created", Making("HK-P1", NewRecord(18), VisitorOf("HK-P1"), {.sealed = Sealed()}));
  ExpectStands("resealed by its maker", By("HK-A1", of_area, {}, {.sealed = Sealed()}));
  ExpectStands("resealed by its point", By("HK-P1", of_area, {}, {.sealed = Sealed()}));
  ExpectStands("voided by its point", By("HK-P1", of_area, Void()));
  Expect("resealed by another", By("HK-A1", of_point, {}, {.sealed = Sealed()}), Outcome::kRefused, "other_maker");
  Expect("voided by who has it in scope", By("HK-A1", of_point, Void()), Outcome::kHeld, "other_maker");
  Expect("… and taken back", By("HK-A1", of_point, Unvoid()), Outcome::kHeld, "other_maker");
  Expect("its place", By("HK-P1", of_point, VisitorOf("HK-P2")), Outcome::kRefused, "fixed");
  Expect("its place, by the area", By("HK-A1", of_point, VisitorOf("HK-A1")), Outcome::kRefused, "fixed");

  AddAccount("U0000D");
  Give("U0000D", "HK-A2");
  const Said foreign = Account("U0000D", KnownAt("HK-A2"));
  Expect("out of scope", By("HK-A2", of_point, Void(), foreign), Outcome::kKept, "out_of_scope");
  const RecordId moved = AVisitor("HK-A1", "HK-P2");
  Place("HK-P2", v1::POINT, "HK-A2");
  Must(SettleScopes(hub.get(), *roster.Get()));
  ExpectStands("its maker, out of scope now", By("HK-A1", moved, Void()));
}

void Door::RowsOfRoots() {
  const RecordId free = AMatter("HK-P1", "HK-P1");
  for (const std::vector<Write>& writes : {Title("x"), Void(), Unvoid(), Status(v1::SUBMITTED), Status(v1::WITHDRAWN)})
    ExpectStands("the township has not acted", By("HK-A1", free, writes));
  const RecordId acted = AMatter("HK-P1", "HK-P1", v1::SUBMITTED);
  const VersionVector old = hub->Read().Load(acted)->lineage().Visible();
  HubMoves(acted, v1::RETURNED);
  ExpectStands("it has, allowed and seen", By("HK-P1", acted, Title("x")));
  Expect("… not seen", By("HK-P1", acted, Title("x"), {.context = old}), Outcome::kHeld, "moved_on");
  HubMoves(acted, v1::SUBMITTED);
  HubMoves(acted, v1::ACCEPTED);
  for (const std::vector<Write>& writes : {Title("x"), Void(), Unvoid(), Status(v1::WITHDRAWN)})
    Expect("… not allowed", By("HK-P1", acted, writes), Outcome::kHeld, "moved_on");
}

void Door::RowsOfChildren() {
  const RecordId matter = AMatter("HK-P1", "HK-P1", v1::SUBMITTED);
  HubMoves(matter, v1::ACCEPTED);
  v1::Feedback told;
  told.set_text("已告知");
  v1::Correction corrected;
  corrected.set_text("是三盏");
  v1::AttachmentRef file;
  file.set_content_hash("x");
  ExpectStands("a correction", By("HK-P1", matter, Writes(corrected, NewChild<v1::Correction>())));
  ExpectStands("a file", By("HK-P1", matter, Writes(file, NewChild<v1::AttachmentRef>())));
  const RecordId feedback = NewChild<v1::Feedback>();
  const Op telling = By("HK-P1", matter, Writes(told, feedback));
  ExpectStands("feedback", telling);
  Put(telling);
  ExpectStands("taken back", By("HK-P1", matter, Void(feedback)));
  Expect("another's taken back", By("HK-A1", matter, Void(feedback)), Outcome::kRefused, "other_maker");
  Expect("one that is not here", By("HK-P1", matter, Void(NewChild<v1::Feedback>())), Outcome::kHeld, "missing");

  // A matter of P3 was merged into this one.
  v1::Source source;
  source.set_entry("17.3");
  source.set_station_id("HK-P3");
  const uint32_t sources = TypeOf<v1::Matter>().Find(v1::Matter::kSourcesFieldNumber)->tag;
  AddAccount("U0000E");
  Give("U0000E", "HK-P3");
  const Said said = Account("U0000E", KnownAt("HK-P3"));
  auto adds = [&] { return By("HK-P3", matter, Writes(told, NewChild<v1::Feedback>()), said); };
  Expect("feedback of who has nothing to do with it", adds(), Outcome::kKept, "out_of_scope");
  HubWrites(matter, {{{}, sources, "17.3", source.SerializeAsString()}});
  ExpectStands("feedback of where it came from", adds());
  Expect("an edit from there", By("HK-P3", matter, Title("x"), said), Outcome::kKept, "out_of_scope");
  HubWrites(matter, {{{}, sources, "17.3", ""}});
  Expect("feedback of where it came from, once", adds(), Outcome::kHeld, "out_of_scope");
}

void Door::RowsOfRatings() {
  v1::Evaluation rating;
  rating.set_round(1);
  rating.set_result(v1::RATING_SATISFIED);
  auto rates = [&](const RecordId& matter) {
    return By("HK-P1", matter, Writes(rating, NewChild<v1::Evaluation>()));
  };
  const RecordId matter = AMatter("HK-P1", "HK-P1", v1::SUBMITTED);
  HubMoves(matter, v1::ACCEPTED);
  Expect("a rating without its reply", rates(matter), Outcome::kHeld, "missing");
  v1::Reply reply;
  reply.set_round(1);
  reply.set_text("已修好");
  HubWrites(matter, Writes(reply, NewChild<v1::Reply>()));
  ExpectStands("with its reply", rates(matter));
  ExpectStands("当场答复", rates(AMatter("HK-P1", "HK-P1", v1::ANSWERED)));
}

void Door::RowsOfPersons() {
  const RecordId matter = AMatter("HK-P1", "HK-P1");
  for (const char* id : {"U00001", "U00002", "U00003", "U00004"}) AddAccount(id);
  const RecordId left = Give("U00001", "HK-P1"), doubt = Give("U00002", "HK-P1");
  Give("U00003", "HK-P1");
  const VersionVector before = KnownAt("HK-P1");
  auto by = [&](const std::string& user, const VersionVector& grants) {
    return By("HK-P1", matter, Title("x"), Account(user, grants));
  };
  ExpectStands("a live grant", by("U00001", before));
  ExpectStands("a typed name", By("HK-P1", matter, Title("x")));
  Revoke("HK-P1", left, v1::REVOKED_LEFT);
  Revoke("HK-P1", doubt, v1::REVOKED_DOUBT);
  Expect("离任, not covered", by("U00001", before), Outcome::kMarked, "person");
  Expect("存疑, not covered", by("U00002", before), Outcome::kHeld, "person");
  Expect("a revocation that was known", by("U00001", KnownAt("HK-P1")), Outcome::kRefused, "no_right");
  VersionVector more = before;
  more.Insert(Unknown());
  Expect("no right, and rights that are not here", by("U00004", more), Outcome::kHeld, "missing");
  Expect("no right", by("U00004", before), Outcome::kRefused, "no_right");
  Expect("nobody", by("U99999", before), Outcome::kRefused, "no_right");
  Commit(EndOp(hub->Read(), "U00003"));
  Expect("an account that was ended", by("U00003", before), Outcome::kHeld, "person");
  v1::Rights login;
  login.set_login_required(true);
  HubWrites(RecordId::Master(TypeOf<v1::Rights>().type(), "HK-P1"), Writes(login));
  Expect("a typed name where login is required", By("HK-P1", matter, Title("x")), Outcome::kHeld, "person");
}

TEST_F(Door, EachRowOfTheTable) {
  RowsOfWhatIsNoOp();
  RowsOfTheTownshipsRecords();
  RowsOfTheUnreadable();
  RowsOfAMakingThatIsNotHere();
  RowsOfScopeThatIsNotKnown();
  RowsOfMaking();
  RowsOfTheTownshipsChildrenAndFields();
  RowsOfTheTownshipsStates();
  RowsOfWhatIsGivenOnce();
  RowsOfOldLedgers();
  RowsOfSessions();
  RowsOfRoots();
  RowsOfChildren();
  RowsOfRatings();
  RowsOfScope();  // these move villages, merge stations and require logins
  RowsOfVisitors();
  RowsOfMergers();
  RowsOfPersons();
}

// What it writes was allowed where its page was loaded, and its guards are those of long ago.
TEST_F(Door, AnOldBoxIsNotRefusedByAState) {
  for (v1::MatterState state : {v1::RETURNED, v1::ACCEPTED, v1::MERGED, v1::ASSIGNED, v1::REPLIED, v1::REWORK,
                                v1::CLOSED, v1::TRACKING, v1::ARCHIVED, v1::WITHDRAWN, v1::GUIDED}) {
    const RecordId matter = AMatter("HK-P1", "HK-P1", v1::VILLAGE);
    const VersionVector old = hub->Read().Load(matter)->lineage().Visible();
    HubMoves(matter, state);
    for (const std::vector<Write>& writes :
         {Title("x"), Void(), Unvoid(), Status(v1::SUBMITTED), Status(v1::ANSWERED), Status(v1::GUIDED),
          Status(v1::WITHDRAWN), Status(v1::VILLAGE), Status(v1::REGISTERED)})
      Expect(EnumLabel(state), By("HK-P1", matter, writes, {.context = old}), Outcome::kHeld, "moved_on");
    v1::Correction corrected;
    corrected.set_text("是三盏");
    ExpectStands(EnumLabel(state),
                 By("HK-P1", matter, Writes(corrected, NewChild<v1::Correction>()), {.context = old}));
  }
}

TEST_F(Door, WhatALaterVersionWritesIsNeverRefused) {
  const RecordId matter = AMatter("HK-P1", "HK-P1");
  const uint32_t later = 5000 << 3 | 2;
  ExpectStands("a field", By("HK-P1", matter, {{{}, later, "", "x"}}));
  std::vector<Write> made = Writes(NewMatter("HK-P1", "HK-P1"));
  made.push_back({{}, later, "", "x"});
  ExpectStands("a field of a new record", Making("HK-P1", NewRecord(24), made));
  Expect("a kind of child", By("HK-P1", matter, {{RecordId::Random(201, NewActionId(), 0), later, "", "x"}}),
         Outcome::kHeld, "missing");
  Expect("a kind of record", By("HK-P1", NewRecord(200), {{{}, later, "", "x"}}), Outcome::kHeld, "missing");
  Op op = By("HK-P1", matter, Title("x"));
  op.kind = kNewestKnownKind + 1;
  Expect("a kind of op", op, Outcome::kHeld, "missing");
  Expect("a state", By("HK-P1", matter, Status(static_cast<v1::MatterState>(25))), Outcome::kHeld, "missing");
}

// In the second look the op itself is on the record, hidden: that is no other claim, and no making that is missing.
TEST_F(Door, WhatWasHeldIsLookedAtAgain) {
  const RecordId id = NewRecord(24);
  const Op making = Making("HK-P1", id, Writes(NewMatter("HK-P1", "HK-P1")));
  Put(making);
  Hide(making);
  ExpectStands("its making", making);
  Expect("its making again", Making("HK-A1", id, Writes(NewMatter("HK-A1", "HK-P1"))), Outcome::kHeld, "other_maker");
}

// Who answers for the scope answers for nothing else.
TEST_F(Door, InAnyScopeTheRestIsAsked) {
  const RecordId matter = AMatter("HK-P3", "HK-P3");
  AddAccount("U00001");
  Give("U00001", "HK-A1");
  const Said said = Account("U00001", KnownAt("HK-A1"));
  const Judge judge(&roster, &people);
  const Op edit = By("HK-A1", matter, Title("x"), said);
  Expect("as it is", edit, Outcome::kKept, "out_of_scope");
  EXPECT_EQ(judge.InScope(edit, hub->Read()).code, "");
  EXPECT_EQ(judge.InScope(By("HK-A1", matter, Status(v1::CLOSED), said), hub->Read()).code, "not_stations");
}

// A page sent its request again after the disk was restored, and the number was given anew: a person chooses one.
TEST_F(Door, AConflictOfAFixedFieldMayBeSettled) {
  const RecordId matter = AMatter("HK-P1", "HK-P1");
  Restart("HK-P1");
  v1::Matter again = NewMatter("HK-P1", "HK-P1");
  again.set_number("恒民意〔2026〕P1-0002号");
  Put(Making("HK-P1", matter, Writes(again)));
  v1::Matter chosen;
  chosen.set_number("恒民意〔2026〕P1-0001号");
  const Op settles = By("HK-P1", matter, Writes(chosen));
  ExpectStands("one of two", settles);
  chosen.set_number("恒民意〔2026〕P1-0003号");
  Expect("a third", By("HK-P1", matter, Writes(chosen)), Outcome::kRefused, "fixed");
  Put(settles);
  Expect("settled already", By("HK-A1", matter, settles.writes), Outcome::kHeld, "moved_on");
}

// Guided as an accusation: what others wrote about it goes too, as part of that step and of no other.
TEST_F(Door, AnAccusationLeavesNoWordsBehind) {
  const RecordId matter = AMatter("HK-P1", "HK-P1"), assignment = NewChild<v1::Assignment>();
  v1::Assignment assigned;
  assigned.set_requirement("查一查");
  HubWrites(matter, Writes(assigned, assignment));
  HubWrites(matter, Void(assignment));
  const uint32_t words = TypeOf<v1::Assignment>().Find(v1::Assignment::kRequirementFieldNumber)->tag;
  std::vector<Write> blank = {{assignment, words, "", ""},
                              {assignment, kVoidTag, "", "1（检举控告，不记录内容）"}};
  Expect("by itself", By("HK-P1", matter, blank), Outcome::kRefused, "not_stations");
  v1::Matter guided;
  guided.set_disposition(v1::DISPOSITION_GUIDED);
  guided.set_guide_reason("检举控告");
  guided.set_guide_code(v1::GUIDE_ACCUSATION);
  guided.mutable_status()->set_to(v1::GUIDED);
  for (const Write& write : Writes(guided)) blank.push_back(write);
  ExpectStands("with the step", By("HK-P1", matter, blank));
  HubMoves(matter, v1::ACCEPTED);
  Expect("when the township has acted", By("HK-P1", matter, blank), Outcome::kHeld, "moved_on");

  const RecordId session = ASession("HK-P1", "HK-P1"), entry = NewChild<v1::VisitEntry>();
  Put(By("HK-P1", session, Writes(NewEntry("HK-P1"), entry)));
  const uint32_t visitor = TypeOf<v1::VisitEntry>().Find(v1::VisitEntry::kVisitorIdFieldNumber)->tag;
  ExpectStands("nobody is named", By("HK-P1", session, {{entry, visitor, "", ""}}));
}

// A field that nobody has thought about must not be a station's by default.
TEST(DoorFields, EveryFieldOfTheSchemaHasItsRow) {
  for (const TypeInfo& type : AllTypes()) {
    const bool townships = type.rules.master() || type.rules.owner() == v1::OWNER_HUB, whole = type.rules.log();
    if (townships || whole) {
      EXPECT_THAT(FieldRowsOf(type), IsEmpty()) << type.descriptor->name();
      continue;
    }
    std::set<int> rows, fields;
    for (const FieldRow& row : FieldRowsOf(type)) EXPECT_TRUE(rows.insert(row.number).second) << row.number;
    for (const FieldInfo& field : type.fields) {
      fields.insert(field.descriptor->number());
      const bool hubs = field.rules.owner() == v1::OWNER_HUB;
      EXPECT_EQ(RoleOf(type, static_cast<uint32_t>(field.descriptor->number())) == FieldRole::kHub, hubs)
          << field.descriptor->full_name();
      EXPECT_EQ(RoleOf(type, static_cast<uint32_t>(field.descriptor->number())) == FieldRole::kSealed,
                field.rules.sealed())
          << field.descriptor->full_name();
    }
    EXPECT_EQ(rows, fields) << type.descriptor->name() << ": hub/door/touch.cc";
  }
}

using Grants = DoorTest;

// Who says that he did not know is believed; where an op names no rights, those of the op before it in the log count.
TEST_F(Grants, WrittenInIgnorance) {
  const RecordId matter = AMatter("HK-P1", "HK-P1");
  AddAccount("U00001");
  AddAccount("U00002");
  const RecordId left = Give("U00001", "HK-P1");
  Give("U00002", "HK-P1");
  const VersionVector before = KnownAt("HK-P1");
  Put(By("HK-P1", matter, Title("1"), Account("U00001", before)));
  Put(By("HK-P1", matter, Title("2")));  // a typed name says nothing of them
  Revoke("HK-P1", left, v1::REVOKED_LEFT);
  const Op unaware = By("HK-P1", matter, Title("3"), Account("U00001", {}));
  Expect("as before", unaware, Outcome::kMarked, "person");
  Put(unaware);
  const Judge judge(&roster, &people);  // reads the log back once, and goes on from there
  EXPECT_EQ(judge(unaware, hub->Read()).code, "person");
  const Op aware = By("HK-P1", matter, Title("4"), Account("U00002", KnownAt("HK-P1")));
  EXPECT_EQ(judge(aware, hub->Read()).code, "");
  Put(aware);
  const Op after = By("HK-P1", matter, Title("5"), Account("U00001", {}));
  EXPECT_EQ(judge(after, hub->Read()).code, "no_right");
  Expect("he knew by then", after, Outcome::kRefused, "no_right");
  Op alone = By("HK-P1", matter, Title("6"), Account("U00001", {}));
  alone.actor.random += 1000;  // of a log whose beginning has not come
  Expect("what it knew is not here", alone, Outcome::kHeld, "missing");
  Restart("HK-P1");
  Expect("a first op without rights", By("HK-P1", matter, Title("6"), Account("U00001", {})), Outcome::kRefused,
         "no_right");
  Give("U00001", "HK-P1");
  ExpectStands("a new grant", By("HK-P1", matter, Title("7"), Account("U00001", {})));
}

}  // namespace
}  // namespace liaison

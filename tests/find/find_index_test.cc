// The index against a naive twin that keeps plain strings and looks at each of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <tuple>

#include "absl/strings/ascii.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/crypto/hash.h"
#include "common/find/find.h"
#include "common/record/view.h"
#include "common/rules/visitor/visitors.h"

namespace liaison {
namespace {

using Key = std::pair<RecordId, RecordId>;
using Matched = FindIndex::Matched;

// What looks the same, one pair a line, written down by hand: the twin must not fold with the product's own functions.
// All that the texts and queries of these tests hold, and no more.
const std::vector<std::pair<std::string, std::string>>& Alike() {
  static const auto* pairs = new std::vector<std::pair<std::string, std::string>>{
      {" ", ""},       {"　", ""},      {"\n", ""},      {"\t", ""},      {"\u200b", ""}, {"\u202d", ""}, {"\u202c", ""},
      {"\u00ad", ""},  {"•", "·"},      {"２", "2"},      {"Ｂ", "b"},      {"－", "-"},     {"—", "-"},      {"⻢", "马"},
      {"Ｄ", "d"},     {"０", "0"},     {"５", "5"},      {"７", "7"},      {"１", "1"},     {"３", "3"},     {"８", "8"},
      {"＋", "+"},     {"Ａ", "a"},     {"（", "("},      {"）", ")"}};
  return *pairs;
}

std::string NaiveForm(std::string_view text) {
  std::string form(text);
  for (const auto& [from, to] : Alike())
    for (size_t at = 0; (at = form.find(from, at)) != std::string::npos; at += to.size())
      form.replace(at, from.size(), to);
  for (char& c : form)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return form;
}

// Initials and full reading of a name made of the characters below; both readings where a surname has two.
std::vector<std::string> NaiveReadings(std::string_view name) {
  static const std::vector<std::pair<std::string, std::string>> kReadings = {
      {"水", "shui"}, {"渠", "qu"}, {"路", "lu"}, {"灯", "deng"}, {"坏", "huai"}, {"𬱖", "di"},  {"䶮", "yan"},
      {"王", "wang"}, {"芳", "fang"}, {"号", "hao"}, {"曾", "ceng"}, {"小", "xiao"}, {"明", "ming"}, {"马", "ma"}};
  const std::string form = NaiveForm(name);
  std::string initials, full;
  for (size_t at = 0; at < form.size();) {
    size_t size = 1;
    for (const auto& [character, reading] : kReadings) {
      if (form.compare(at, character.size(), character) != 0) continue;
      const std::string read = character == "曾" && initials.empty() ? "zeng" : reading;
      initials += read[0];
      full += read;
      size = character.size();
    }
    if (size == 1 && absl::ascii_isalnum(static_cast<unsigned char>(form[at]))) {
      initials += form[at];
      full += form[at];
    }
    at += size;
  }
  return {initials, full};
}

struct NaiveDoc {
  std::string number, date, station, category, visitor;
  std::vector<std::string> texts;
  int state = 0, track = 0;
  std::string unit;
};

// A store and beside it what is known of it in plain words.
class Town {
 public:
  explicit Town(uint64_t seed) : random_(seed) {
    StoreOptions options;
    options.station = "HK-D001";
    options.random = &random_;
    store_ = *Store::Open(NewMemoryKv(), std::move(options));
  }

  Store* store() { return store_.get(); }
  uint64_t Below(uint64_t n) { return random_.U64() % n; }

  RecordId AddVisitor(const v1::VisitorFields& fields, const std::string& station) {
    std::string action_id = random_.Bytes(kActionIdBytes);
    RecordId id = RecordId::Random(TypeOf<v1::Visitor>().type(), action_id, 0);
    NewVisitor visitor = SealVisitor(id, fields, station, "", &random_);
    Commit({visitor.op}, {visitor.key}, action_id);
    keys_[id] = visitor.key;
    people_[id] = fields;
    return id;
  }
  void ChangeVisitor(const RecordId& id, const v1::VisitorFields& fields) {
    StoreReader reader = store_->Read();
    Aggregate visitor = *reader.Load(id);
    absl::StatusOr<Write> write = ResealVisitor(reader, visitor, fields, &random_);
    ASSERT_EQ(write.ok(), !keys_[id].key.empty());
    if (!write.ok()) return;
    NewOp op;
    op.aggregate = id;
    op.context = visitor.lineage().Visible();
    op.sealed.push_back(*write);
    Commit({op});
    people_[id] = fields;
  }
  void EraseKey(const RecordId& id) {
    keys_[id].key.clear();
    v1::Visitor change;
    change.set_import_batch("erased");
    Commit({Edit(id, change, {})}, {keys_[id]});
    people_.erase(id);
  }

  RecordId AddSession(const std::string& station, const std::string& date) {
    v1::ReceptionSession session;
    session.set_station_id(station);
    session.set_date(date);
    return AddRecord(session);
  }
  RecordId AddMatter(const v1::Matter& matter) {
    RecordId id = AddRecord(matter);
    Know(id, matter);
    return id;
  }
  RecordId AddEntry(const RecordId& session, const v1::VisitEntry& entry) {
    std::string action_id = random_.Bytes(kActionIdBytes);
    RecordId id = RecordId::Random(TypeOf<v1::VisitEntry>().type(), action_id, 0);
    Commit({Edit(session, entry, id)}, {}, action_id);
    voids_.erase({session, {}});  // who voided it had not seen this: it is live again, and flagged
    auto shown = Show<v1::ReceptionSession>(*store_->Read().Load(session));
    docs_[{session, id}] = {entry.number(),          shown.date(), shown.station_id(), "", entry.visitor_id(),
                            {entry.original_words()}};
    return id;
  }
  void Change(const Key& key, const google::protobuf::Message& change) {
    Commit({Edit(key.first, change, key.second)});
    voids_.erase(key);
    voids_.erase({key.first, {}});
    auto aggregate = *store_->Read().Load(key.first);
    if (key.first.type == TypeOf<v1::Matter>().type()) Know(key.first, Show<v1::Matter>(aggregate));
    for (auto& [of, doc] : docs_) {
      if (of.first != key.first || of.second.IsRoot()) continue;
      auto session = Show<v1::ReceptionSession>(aggregate);
      std::tie(doc.date, doc.station) = std::pair(session.date(), session.station_id());
      doc.texts = {Show<v1::VisitEntry>(aggregate, of.second).original_words()};
    }
  }
  void Assign(const RecordId& matter, uint32_t round, const std::string& unit) {
    v1::Assignment assignment;
    assignment.set_round(round);
    assignment.set_main_unit(unit);
    std::string action_id = random_.Bytes(kActionIdBytes);
    Commit({Edit(matter, assignment, RecordId::Random(TypeOf<v1::Assignment>().type(), action_id, 0))}, {}, action_id);
    voids_.erase({matter, {}});
    rounds_[matter][round] = unit;
    Know(matter, Show<v1::Matter>(*store_->Read().Load(matter)));
  }
  int Rounds(const RecordId& matter) const {
    return rounds_.contains(matter) ? static_cast<int>(rounds_.at(matter).size()) : 0;
  }
  // `child` IsRoot: of a matter, or of a session with all its visits.
  void Void(const Key& key, bool voided) {
    NewOp op;
    op.aggregate = key.first;
    op.context = store_->Read().Load(key.first)->lineage().Visible();
    op.writes.push_back({key.second, kVoidTag, "", voided ? "1有误" : ""});
    Commit({op});
    voids_[key] = voided;
  }

  std::vector<FindIndex::Hit> NaiveFind(std::string_view query, const FindFilter& filter) const {
    const std::string wanted = NaiveForm(query);
    std::vector<FindIndex::Hit> hits;
    for (const auto& [key, doc] : docs_) {
      if (IsVoid(key)) continue;
      std::optional<Matched> matched = Match(doc, wanted);
      if (!matched || !Passes(key, doc, filter)) continue;
      hits.push_back({key.first, key.second, *matched, doc.date});
    }
    std::stable_sort(hits.begin(), hits.end(), [](const FindIndex::Hit& a, const FindIndex::Hit& b) {
      return a.matched != b.matched ? a.matched < b.matched : a.date > b.date;
    });
    return hits;
  }

  std::vector<Key> keys() const {
    std::vector<Key> all;
    for (const auto& [key, doc] : docs_) all.push_back(key);
    return all;
  }
  const std::map<RecordId, v1::VisitorFields>& people() const { return people_; }
  size_t live() const {
    return static_cast<size_t>(
        std::count_if(docs_.begin(), docs_.end(), [&](const auto& entry) { return !IsVoid(entry.first); }));
  }

  void Commit(std::vector<NewOp> ops, std::vector<sync::KeyItem> keys = {}, std::string action_id = "") {
    if (action_id.empty()) action_id = random_.Bytes(kActionIdBytes);
    auto build = [&](const StoreReader&) -> absl::StatusOr<Action> {
      Action action;
      action.ops = ops;
      action.keys = keys;
      return action;
    };
    absl::Status status = store_->Commit(action_id, Sha256(action_id), build).status();
    ASSERT_TRUE(status.ok()) << status;
  }

 private:
  NewOp Edit(const RecordId& id, const google::protobuf::Message& change, const RecordId& child) {
    NewOp op;
    op.aggregate = id;
    if (std::optional<Aggregate> known = store_->Read().Load(id)) op.context = known->lineage().Visible();
    WritesOf(change, child, &op.writes, &op.sealed);
    return op;
  }
  template <typename M>
  RecordId AddRecord(const M& record) {
    std::string action_id = random_.Bytes(kActionIdBytes);
    RecordId id = RecordId::Random(TypeOf<M>().type(), action_id, 0);
    Commit({Edit(id, record, {})}, {}, action_id);
    return id;
  }
  void Know(const RecordId& id, const v1::Matter& matter) {
    docs_[{id, {}}] = {matter.number(),
                       matter.date(),
                       matter.station_id(),
                       matter.category(),
                       "",
                       {matter.title(), matter.content(), matter.answer(), matter.place()},
                       matter.status().to(),
                       matter.track(),
                       rounds_.contains(id) ? rounds_.at(id).rbegin()->second : ""};
  }
  bool IsVoid(const Key& key) const {
    auto is = [&](const Key& one) { return voids_.contains(one) && voids_.at(one); };
    return is(key) || is({key.first, {}});
  }
  std::optional<Matched> Match(const NaiveDoc& doc, const std::string& wanted) const {
    auto all = [&](char low, char high) {
      return std::all_of(wanted.begin(), wanted.end(), [&](char c) { return c >= low && c <= high; });
    };
    if (NaiveForm(doc.number).find(wanted) != std::string::npos) return Matched::kNumber;
    RecordId visitor;
    if (RecordIdFromBytes(doc.visitor, &visitor) && people_.contains(visitor)) {
      const v1::VisitorFields& person = people_.at(visitor);
      if (NaiveForm(person.name()).find(wanted) != std::string::npos) return Matched::kName;
      for (const std::string& reading : NaiveReadings(person.name()))
        if (all('a', 'z') && reading.starts_with(wanted)) return Matched::kPinyin;
      std::string digits = wanted;
      std::erase(digits, '-');
      if (digits.starts_with("+86")) digits.erase(0, 3);
      const bool phone = !digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos;
      if (phone && digits.size() >= 4 && person.phone().ends_with(digits)) return Matched::kPhone;
    }
    for (const std::string& text : doc.texts)
      if (NaiveForm(text).find(wanted) != std::string::npos) return Matched::kText;
    return std::nullopt;
  }
  static bool Passes(const Key& key, const NaiveDoc& doc, const FindFilter& filter) {
    if (!filter.from.empty() && doc.date < filter.from) return false;
    if (!filter.to.empty() && (doc.date > filter.to || doc.date.empty())) return false;
    if (!filter.stations.empty() && std::count(filter.stations.begin(), filter.stations.end(), doc.station) == 0)
      return false;
    const bool visit = !key.second.IsRoot();
    if (filter.state && (visit || doc.state != *filter.state)) return false;
    if (filter.track && (visit || doc.track != *filter.track)) return false;
    if (!filter.unit.empty() && (visit || doc.unit != filter.unit)) return false;
    return filter.category.empty() || (!visit && doc.category == filter.category);
  }

  SeededRandom random_;
  std::unique_ptr<Store> store_;
  std::map<RecordId, sync::KeyItem> keys_;
  std::map<RecordId, v1::VisitorFields> people_;
  std::map<Key, NaiveDoc> docs_;
  std::map<Key, bool> voids_;
  std::map<RecordId, std::map<uint32_t, std::string>> rounds_;
};

std::string ToText(const std::vector<FindIndex::Hit>& hits) {
  std::string text;
  for (const FindIndex::Hit& hit : hits)
    text += Cat(liaison::ToText(hit.root), hit.child.IsRoot() ? "" : "/" + liaison::ToText(hit.child), " ",
                static_cast<int>(hit.matched), " ", hit.date, "\n");
  return text;
}

// Few characters, so that texts hit each other; some rare, some wide.
std::string SomeText(Town* town, size_t most) {
  static const std::vector<std::string> kPieces = {"水", "渠", "路", "灯", "坏", "𬱖", "䶮", "·",  "•", "王", "芳",
                                                   "1",  "２", "3",  "a",  "Ｂ", " ",    "　", "\n", "-", "号", "曾"};
  std::string text;
  for (size_t n = 1 + town->Below(most); n > 0; --n) text += kPieces[town->Below(kPieces.size())];
  return text;
}
std::string SomeDate(Town* town) {
  return town->Below(8) == 0 ? "" : Cat("2026-0", 1 + town->Below(3), "-1", town->Below(9));
}
std::string SomeStation(Town* town) { return Cat("HK-D00", 1 + town->Below(3)); }
std::string SomeNumber(Town* town) {
  return town->Below(5) == 0
             ? SomeText(town, 6)
             : Cat("恒民意〔2026〕D00", 1 + town->Below(3), "-000", town->Below(4), town->Below(10), "号");
}

v1::VisitorFields SomePerson(Town* town) {
  v1::VisitorFields fields;
  fields.set_name(SomeText(town, 3));
  if (town->Below(3) > 0) fields.set_phone(Cat("138", 1111 + town->Below(4), "1234"));
  return fields;
}

v1::Matter SomeMatter(Town* town) {
  v1::Matter matter;
  matter.set_number(SomeNumber(town));
  matter.set_station_id(SomeStation(town));
  matter.set_date(SomeDate(town));
  matter.set_content(SomeText(town, 12));
  matter.set_title(town->Below(2) == 0 ? Truncate(matter.content(), 5) : SomeText(town, 5));
  if (town->Below(2) == 0) matter.set_answer(SomeText(town, 6));
  matter.set_place(Cat(1 + town->Below(3), "组"));
  matter.set_category(Cat("0", 1 + town->Below(3)));
  matter.set_track(town->Below(2) == 0 ? v1::TRACK_OPINION : v1::TRACK_SUGGESTION);
  matter.mutable_status()->set_to(town->Below(2) == 0 ? v1::SUBMITTED : v1::ANSWERED);
  return matter;
}

void Step(Town* town, std::vector<RecordId>* sessions) {
  const std::vector<Key> keys = town->keys();
  const Key some = keys.empty() ? Key() : keys[town->Below(keys.size())];
  auto person = [&] {
    return std::next(town->people().begin(), static_cast<long>(town->Below(town->people().size())))->first;
  };
  switch (town->Below(16)) {
    case 0:
      sessions->push_back(town->AddSession(SomeStation(town), SomeDate(town)));
      return;
    case 1:
    case 2:
    case 3:
    case 4: {
      if (sessions->empty()) return;
      v1::VisitEntry entry;
      entry.set_number(SomeNumber(town));
      entry.set_headcount(1);
      entry.set_original_words(SomeText(town, 12));
      const uint64_t who = town->Below(4);
      if (who == 0 && !town->people().empty()) entry.set_visitor_id(ToBytes(person()));
      if (who > 1) entry.set_visitor_id(ToBytes(town->AddVisitor(SomePerson(town), SomeStation(town))));
      town->AddEntry((*sessions)[town->Below(sessions->size())], entry);
      return;
    }
    case 5:
    case 6:
    case 7:
      town->AddMatter(SomeMatter(town));
      return;
    case 8:
      if (!keys.empty()) town->Void(some, town->Below(3) > 0);
      return;
    case 9:
      if (!sessions->empty()) town->Void({(*sessions)[town->Below(sessions->size())], {}}, town->Below(2) > 0);
      return;
    case 10:
      if (town->people().empty()) return;
      if (town->Below(4) == 0) return town->EraseKey(person());
      return town->ChangeVisitor(person(), SomePerson(town));
    case 11: {
      if (sessions->empty()) return;
      v1::ReceptionSession change;
      change.set_station_id(SomeStation(town));
      change.set_date(Cat("2026-05-0", 1 + town->Below(9)));
      return town->Change({(*sessions)[town->Below(sessions->size())], {}}, change);
    }
    case 12:
    case 13:  // rounds in any order: the last one counts
      if (keys.empty() || !some.second.IsRoot() || town->Rounds(some.first) > 2) return;
      return town->Assign(some.first, 1 + static_cast<uint32_t>((town->Rounds(some.first) * 2 + 1) % 3),
                          Cat("HK-U0", 1 + town->Below(3)));
    default:
      if (keys.empty()) return;
      if (some.second.IsRoot()) return town->Change(some, SomeMatter(town));
      v1::VisitEntry change;
      change.set_original_words(SomeText(town, 12));
      town->Change(some, change);
  }
}

FindFilter SomeFilter(Town* town) {
  FindFilter filter;
  if (town->Below(3) > 0) return filter;
  if (town->Below(2) == 0) filter.from = SomeDate(town);
  if (town->Below(2) == 0) filter.to = SomeDate(town);
  if (town->Below(3) == 0) filter.stations = {SomeStation(town), "HK-X"};
  if (town->Below(4) == 0) filter.state = v1::ANSWERED;
  if (town->Below(4) == 0) filter.category = town->Below(5) == 0 ? "99" : "02";
  if (town->Below(4) == 0) filter.track = v1::TRACK_OPINION;
  if (town->Below(4) == 0) filter.unit = Cat("HK-U0", 1 + town->Below(4));
  return filter;
}

std::string SomeQuery(Town* town) {
  static const std::vector<std::string> kQueries = {"1234",  "234",  "11234", "w",         "wf",
                                                    "d001-", "2026", "-0000", "〕d002-00", "3号",
                                                    "wang", "shuiq", "zengw", "138-1111-1234", "+86 138 1112 1234"};
  return town->Below(3) == 0 ? kQueries[town->Below(kQueries.size())] : SomeText(town, 3);
}

void Compare(Town* town, FindIndex& index) {
  const std::string query = SomeQuery(town);
  if (NaiveForm(query).empty()) return;
  const FindFilter filter = SomeFilter(town);
  std::vector<FindIndex::Hit> expected = town->NaiveFind(query, filter);
  FindIndex::Answer all = index.Search(query, filter, 1'000'000);
  ASSERT_FALSE(all.building);
  ASSERT_EQ(ToText(all.hits), ToText(expected)) << "query “" << query << "”";
  ASSERT_FALSE(all.more);
  const size_t limit = 1 + town->Below(5);
  FindIndex::Answer some = index.Search(query, filter, limit);
  ASSERT_EQ(some.more, expected.size() > limit);
  expected.resize(std::min(limit, expected.size()));
  ASSERT_EQ(ToText(some.hits), ToText(expected)) << "query “" << query << "”";
}

TEST(FindIndex, FindsWhatANaiveTwinFindsOverRandomHistories) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    Town town(seed);
    std::vector<RecordId> sessions;
    FindIndex index(town.store());
    for (int step = 0; step < 250; ++step) {
      ASSERT_NO_FATAL_FAILURE(Step(&town, &sessions)) << seed;
      if (town.Below(4) == 0) ASSERT_NO_FATAL_FAILURE(Compare(&town, index)) << seed << " after " << step;
    }
    EXPECT_EQ(index.size(), town.live());
    FindIndex fresh(town.store());  // read from the store, not told step by step
    EXPECT_EQ(fresh.size(), town.live());
    for (int i = 0; i < 40; ++i) {
      ASSERT_NO_FATAL_FAILURE(Compare(&town, fresh)) << seed;
      ASSERT_NO_FATAL_FAILURE(Compare(&town, index)) << seed;
    }
  }
}

// ---------------------------------------------------------------- each by its name

class Finding : public ::testing::Test {
 protected:
  Finding() : town_(7), session_(town_.AddSession("HK-D001", "2026-11-20")) {}

  RecordId Visit(const std::string& words, const std::string& name = "", const std::string& phone = "",
                 const std::string& group = "") {
    v1::VisitEntry entry;
    entry.set_number(Cat("恒人接〔2026〕D001-", std::to_string(10'000 + ++visits_).substr(1), "号"));
    entry.set_headcount(1);
    entry.set_original_words(words);
    RecordId visitor;
    if (!name.empty() || !phone.empty()) {
      v1::VisitorFields fields;
      fields.set_name(name);
      fields.set_phone(phone);
      fields.set_village_group(group);
      visitor = town_.AddVisitor(fields, "HK-D001");
      entry.set_visitor_id(ToBytes(visitor));
    }
    town_.AddEntry(session_, entry);
    return visitor;
  }
  // How many are found, and by what the first one is.
  std::pair<size_t, int> Ask(FindIndex& index, std::string_view query) {
    const std::vector<FindIndex::Hit> hits = index.Search(query, {}, 50).hits;
    return {hits.size(), hits.empty() ? -1 : static_cast<int>(hits.front().matched)};
  }
  static std::pair<size_t, int> By(size_t count, Matched matched) { return {count, static_cast<int>(matched)}; }

  Town town_;
  RecordId session_;
  int visits_ = 0;
};

TEST_F(Finding, NamesOfTwoCharactersRareOnesAndOnesWithADot) {
  Visit("路灯", "王芳", "13811112222");
  Visit("水渠", "𬱖䶮");
  Visit("学校", "买买提·艾力");
  FindIndex index(town_.store());
  EXPECT_EQ(Ask(index, "王芳"), By(1, Matched::kName));
  EXPECT_EQ(Ask(index, "𬱖"), By(1, Matched::kName));
  EXPECT_EQ(Ask(index, "䶮"), By(1, Matched::kName));
  EXPECT_EQ(Ask(index, "买买提•艾力"), By(1, Matched::kName));
  EXPECT_EQ(Ask(index, "·"), By(1, Matched::kName));
  EXPECT_EQ(Ask(index, "𬱖王").first, 0u);
}

TEST_F(Finding, InitialsPhoneEndsAndNumbersInAnyWidth) {
  Visit("路灯", "曾小明", "13811112222");
  Visit("水渠 12222 处", "单军", "09152222");
  FindIndex index(town_.store());
  EXPECT_EQ(Ask(index, "zxm"), By(1, Matched::kPinyin)) << "as a surname 曾 is not ceng";
  EXPECT_EQ(Ask(index, "ＺＸ"), By(1, Matched::kPinyin));
  EXPECT_EQ(Ask(index, "xm").first, 0u) << "not the beginning";
  EXPECT_EQ(Ask(index, "2222"), By(2, Matched::kPhone));
  EXPECT_EQ(Ask(index, "12222"), By(2, Matched::kPhone)) << "of one the phone, of the other the text";
  EXPECT_EQ(Ask(index, "222").first, 1u) << "too short for a phone: the text";
  EXPECT_EQ(Ask(index, "11112").first, 0u) << "not its end";
  EXPECT_EQ(Ask(index, "d001-0002"), By(1, Matched::kNumber));
  EXPECT_EQ(Ask(index, "Ｄ００１－０００２号"), By(1, Matched::kNumber));
  EXPECT_EQ(Ask(index, "〔2026〕d001-0001号"), By(1, Matched::kNumber));
  EXPECT_EQ(Ask(index, std::string(200, '1')).first, 0u);
}

TEST_F(Finding, FullReadingsAndSurnamesWithTheirOwn) {
  const std::vector<std::array<const char*, 3>> people = {
      {"覃小明", "qinxiaoming", "qxm"},     {"单于小明", "chanyuxiaoming", "cyxm"}, {"藏小明", "zangxiaoming", "zxm"},
      {"万俟小明", "moqixiaoming", "mqxm"}, {"吕小明", "lvxiaoming", "lxm"},        {"单小明", "shanxiaoming", "sxm"},
      {"曾小明", "zengxiaoming", "zxm"},    {"翟小明", "zhaixiaoming", "zxm"},      {"尉迟小明", "yuchixiaoming", "ycxm"},
      {"区小明", "ouxiaoming", "oxm"},      {"王小明", "wangxiaoming", "wxm"},      {"买买提·艾力", "maimaitiaili", "mmtal"}};
  for (const auto& person : people) Visit("路灯", person[0]);
  FindIndex index(town_.store());
  for (const auto& [name, full, initials] : people) {
    const auto found = [&, who = Ask(index, name)](const char* query) {
      EXPECT_EQ(who, By(1, Matched::kName)) << name;
      bool there = false;
      for (const FindIndex::Hit& hit : index.Search(query, {}, 50).hits)
        there |= hit.root == index.Search(name, {}, 1).hits.at(0).root &&
                 hit.child == index.Search(name, {}, 1).hits.at(0).child;
      return there;
    };
    EXPECT_TRUE(found(full)) << full;
    EXPECT_TRUE(found(initials)) << initials;
  }
  EXPECT_EQ(Ask(index, "tanxiaoming").first, 1u) << "覃 is tan elsewhere";
  EXPECT_EQ(Ask(index, "Wang Xiaoming"), By(1, Matched::kPinyin));
  EXPECT_EQ(Ask(index, "xiaoming").first, 0u) << "not the beginning";
}

TEST_F(Finding, PhonesInEveryGrouping) {
  Visit("路灯", "王芳", "13811112222");
  Visit("水渠", "单军", "13811113333");
  FindIndex index(town_.store());
  for (const char* query : {"13811112222", "138-1111-2222", "138 1111 2222", "+8613811112222", "+86 138-1111-2222",
                            "86 138 1111 2222", "008613811112222", "１３８１１１１２２２２", "138\u20111111\u20112222",
                            "\u202d13811112222\u202c", "1111-2222", "(138)11112222"})
    EXPECT_EQ(Ask(index, query), By(1, Matched::kPhone)) << query;
}

TEST_F(Finding, MarksThatShowNothingAndLookAlikesChangeNothing) {
  Visit("⻢家的水\u200b渠，第（１）处", "薛\u00ad云");
  FindIndex index(town_.store());
  for (const char* query : {"马家的水渠", "\u202d水渠\u202c", "水渠\ufe0f", "渠,第(1)处", "⽔渠"})
    EXPECT_EQ(Ask(index, query).first, 1u) << query;
  for (const char* query : {"薛云", "薛\u200b云", "\u2068薛云\u2069"})
    EXPECT_EQ(Ask(index, query), By(1, Matched::kName)) << query;
}

TEST_F(Finding, AVisitorWhoseKeyIsErasedIsFoundByTextOnly) {
  RecordId visitor = Visit("路灯", "王芳", "13811112222");
  FindIndex index(town_.store());
  ASSERT_EQ(Ask(index, "王芳"), By(1, Matched::kName));
  town_.EraseKey(visitor);
  for (const char* query : {"王芳", "wf", "2222"}) EXPECT_EQ(Ask(index, query).first, 0u) << query;
  EXPECT_EQ(Ask(index, "路灯"), By(1, Matched::kText));
  EXPECT_EQ(index.WhoIs(ToBytes(visitor)).key, ToBytes(visitor));
  EXPECT_FALSE(index.WhoIs(ToBytes(visitor)).phoneless) << "nobody can know";
}

TEST_F(Finding, PeopleAreOneByPhoneElseByNameStationAndGroup) {
  RecordId a = Visit("一", "王芳", "13811112222"), b = Visit("二", "王 芳", "13811112222"),
           c = Visit("三", "王芳", "", "3组"), d = Visit("四", "王芳", "", "3组"), e = Visit("五", "王芳", "", "4组");
  FindIndex index(town_.store());
  auto key = [&](const RecordId& id) { return index.WhoIs(ToBytes(id)).key; };
  EXPECT_EQ(key(a), key(b));
  EXPECT_EQ(key(c), key(d));
  EXPECT_NE(key(a), key(c));
  EXPECT_NE(key(c), key(e));
  EXPECT_EQ(key(session_), ToBytes(session_)) << "an id that is no visitor's";
  EXPECT_EQ(index.WhoIs("?").key, "?");
  EXPECT_FALSE(index.WhoIs(ToBytes(a)).phoneless);
  EXPECT_TRUE(index.WhoIs(ToBytes(c)).phoneless);
  EXPECT_FALSE(index.WhoIs(ToBytes(session_)).phoneless);
}

TEST_F(Finding, AMatchLiesWithinOneFieldOfAMatter) {
  v1::Matter matter;
  matter.set_title("水渠坏了");
  matter.set_content("水渠坏了,下游浇不上");
  matter.set_answer("已答复");
  matter.set_place("三组");
  matter.set_station_id("HK-D001");
  town_.AddMatter(matter);
  FindIndex index(town_.store());
  for (const char* query : {"坏了,下", "答复", "三组", "浇不上"}) EXPECT_EQ(Ask(index, query).first, 1u) << query;
  for (const char* query : {"坏了水", "浇不上已", "答复三"}) EXPECT_EQ(Ask(index, query).first, 0u) << query;
}

// What is not marked as incomplete is complete, at any moment; and the mark goes away.
TEST_F(Finding, AnAnswerFromAnIndexThatIsBeingMadeSaysSo) {
  constexpr size_t kMatters = 3000;
  for (size_t i = 0; i < kMatters; i += 250) {
    std::vector<NewOp> ops;
    for (size_t k = 0; k < 250; ++k) {
      NewOp& op = ops.emplace_back();
      op.aggregate =
          RecordId::Random(TypeOf<v1::Matter>().type(), Cat("0123456", 100 + i / 250), static_cast<uint16_t>(k));
      v1::Matter matter;
      matter.set_content(Cat("路灯坏了", i + k));
      WritesOf(matter, {}, &op.writes, &op.sealed);
    }
    town_.Commit(std::move(ops));
  }
  FindIndex::Patience none{absl::ZeroDuration(), absl::ZeroDuration()};
  FindIndex index(town_.store(), none);
  size_t last = 0;
  for (bool building = true; building;) {
    FindIndex::Answer answer = index.Search("路灯", {}, kMatters);
    building = answer.building;
    EXPECT_GE(answer.hits.size(), last);
    last = answer.hits.size();
  }
  EXPECT_EQ(last, kMatters);
}

// More is committed than a question reads by itself: it waits for the worker, and misses nothing.
TEST_F(Finding, WhatWasCommittedIsFoundByTheNextQuestionHoweverMuchItIs) {
  FindIndex index(town_.store(), {absl::Minutes(5), absl::Minutes(5)});
  std::vector<NewOp> ops;
  for (uint16_t i = 0; i < 1200; ++i) {
    NewOp& op = ops.emplace_back();
    op.aggregate = RecordId::Random(TypeOf<v1::Matter>().type(), "0123456789", i);
    v1::Matter matter;
    matter.set_content("桥面");
    WritesOf(matter, {}, &op.writes, &op.sealed);
  }
  town_.Commit(std::move(ops));
  FindIndex::Answer answer = index.Search("桥面", {}, 5000);
  EXPECT_FALSE(answer.building);
  EXPECT_EQ(answer.hits.size(), 1200u);
  EXPECT_EQ(index.size(), 1200u);
}

}  // namespace
}  // namespace liaison

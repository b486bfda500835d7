#include "common/find/find.h"

#include <algorithm>
#include <utility>

#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/find/pinyin.h"
#include "common/record/view.h"
#include "common/rows/accusation_words.h"
#include "common/rules/matter/case_file.h"
#include "common/rules/matter/guards.h"
#include "common/rules/visitor/visitors.h"
#include "common/store/keys.h"
#include "common/store/read_failure.h"

namespace liaison {
namespace {

constexpr size_t kShortestPhoneEnd = 4;
constexpr size_t kAtOnce = 500;         // noted records that a question reads by itself: some 20 ms
constexpr size_t kMostNoted = 100'000;  // more are read before anybody asks, for they take memory too
constexpr size_t kChunk = 100;          // that the worker reads before it lets a question in
constexpr absl::Duration kMostCourtesy = absl::Milliseconds(20);  // and then goes on, however many ask

// In the order in which they are read.
const std::vector<uint8_t>& TypesOfIndex() {
  static const auto* types = new std::vector<uint8_t>{
      TypeOf<v1::Matter>().type(), TypeOf<v1::ReceptionSession>().type(), TypeOf<v1::Visitor>().type()};
  return *types;
}

bool Within(std::u16string_view s, char16_t low, char16_t high) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [&](char16_t c) { return c >= low && c <= high; });
}

// "2026-11-20" as 20261120, so that order is that of days; 0 for anything else.
uint32_t DateNumber(std::string_view date) {
  if (date.size() != 10 || date[4] != '-' || date[7] != '-') return 0;
  uint32_t number = 0;
  for (size_t i = 0; i < date.size(); ++i) {
    if (i == 4 || i == 7) continue;
    if (date[i] < '0' || date[i] > '9') return 0;
    number = number * 10 + static_cast<uint32_t>(date[i] - '0');
  }
  return number;
}

std::string DateText(uint32_t number) {
  if (number == 0) return "";
  std::string digits = std::to_string(100'000'000 + number);
  return Cat(digits.substr(1, 4), "-", digits.substr(5, 2), "-", digits.substr(7));
}

// Initials and full readings of a name, each a line.
std::u16string ReadingsForm(std::string_view name) {
  std::u16string lines;
  std::set<std::u16string> once;
  for (const NameReading& reading : NameReadings(name)) {
    for (const std::string& line : {reading.initials, reading.full}) {
      const std::u16string form(line.begin(), line.end());  // ASCII
      if (form.empty() || !once.insert(form).second) continue;
      if (!lines.empty()) lines.push_back(u'\n');
      lines += form;
    }
  }
  return lines;
}

bool StartsALine(std::u16string_view lines, std::u16string_view wanted) {
  while (!wanted.empty() && !lines.empty()) {
    if (lines.starts_with(wanted)) return true;
    const size_t end = lines.find(u'\n');
    lines.remove_prefix(end == std::u16string_view::npos ? lines.size() : end + 1);
  }
  return false;
}

}  // namespace

struct FindIndex::Wanted {
  std::u16string text;
  std::u16string letters;  // of a reading, ü as u; empty if it is none
  std::u16string phone;    // the digits of one or of its end; empty if it is none
};

struct FindIndex::Found {
  Matched matched;
  uint32_t date, doc;
};

// Whether a number, kept as what it shares with its neighbours ("恒民意〔2026〕d057-") and the rest ("0031号"),
// contains what is wanted: some beginning of it, of any length, is the end of the head and the rest is the beginning of
// the tail; or it lies in one of the two. Bit i of a mark: the first i units end the head; the others begin the tail.
class FindIndex::NumberMarks {
 public:
  static constexpr size_t kLongest = 63;  // more than the 40 characters that a number may have

  NumberMarks(const Texts& heads, const Texts& tails, std::u16string_view wanted) {
    if (wanted.size() > kLongest) return;
    heads_.resize(heads.size(), 0);
    tails_.resize(tails.size(), 0);
    for (Slot slot = 0; slot < heads.size(); ++slot) {
      if (heads.At(slot).find(wanted) != std::u16string_view::npos) {
        heads_[slot] = ~uint64_t{0};
        continue;
      }
      for (size_t i = 0; i < wanted.size(); ++i)
        if (heads.At(slot).ends_with(wanted.substr(0, i))) heads_[slot] |= uint64_t{1} << i;
    }
    for (Slot slot = 0; slot < tails.size(); ++slot) {
      if (tails.At(slot).find(wanted) != std::u16string_view::npos) {
        tails_[slot] = ~uint64_t{0};
        continue;
      }
      for (size_t i = 1; i <= wanted.size(); ++i)
        if (tails.At(slot).starts_with(wanted.substr(i))) tails_[slot] |= uint64_t{1} << i;
    }
  }
  bool Has(const Doc& doc) const { return !heads_.empty() && (heads_[doc.head] & tails_[doc.tail]) != 0; }

 private:
  std::vector<uint64_t> heads_, tails_;
};

// Stands for as long as somebody is answered; the worker waits so long. A few noted records are read by the question
// itself; for many, and for the index, it waits first if it is `patient`.
class FindIndex::Question {
 public:
  Question(const FindIndex* index, bool patient) : index_(index) {
    {
      absl::MutexLock lock(&index->todo_mutex_);
      if (index->noted_.size() > kAtOnce) index->backlog_ = true;
      if (patient)
        index->todo_mutex_.AwaitWithTimeout(absl::Condition(index, &FindIndex::UpToDate), index->patience_.of_search);
      ++index->questions_;
      building_ = !index->UpToDate();
      if (index->unreadable_) NoteReadFailure("find index");
      if (index->noted_.empty()) return;
    }
    absl::MutexLock lock(&index->mutex_);
    // The index as it is seen does not depend on when it is made. More may have been noted meanwhile.
    ReadWatch reads;
    if (const_cast<FindIndex*>(index)->TakeNoted(kAtOnce)) building_ = true;
    if (!reads.status().ok()) const_cast<FindIndex*>(index)->NoteUnreadable();
  }
  ~Question() {
    absl::MutexLock lock(&index_->todo_mutex_);
    --index_->questions_;
  }
  bool building() const { return building_; }

 private:
  const FindIndex* const index_;
  bool building_;
};

FindIndex::FindIndex(Store* store, const Patience& patience) : store_(store), patience_(patience) {
  {
    absl::MutexLock lock(&mutex_);
    docs_.emplace_back();
    people_.emplace_back();
    what_.push_back(0);
  }
  store->AddListener(this);
  worker_ = std::thread([this] { Work(); });
  absl::MutexLock lock(&todo_mutex_);
  todo_mutex_.AwaitWithTimeout(absl::Condition(this, &FindIndex::UpToDate), patience_.at_start);
}

FindIndex::~FindIndex() {
  store_->RemoveListener(this);
  {
    absl::MutexLock lock(&todo_mutex_);
    stopping_ = true;
  }
  worker_.join();
}

void FindIndex::OnCommitted(std::span<const Aggregate* const> changed, bool) {
  absl::MutexLock lock(&todo_mutex_);
  for (const Aggregate* aggregate : changed) {
    const std::vector<uint8_t>& types = TypesOfIndex();
    if (std::find(types.begin(), types.end(), aggregate->id().type) != types.end()) noted_.insert(aggregate->id());
  }
  if (noted_.size() > kMostNoted) backlog_ = true;
}

// ---------------------------------------------------------------- reading records

void FindIndex::NoteUnreadable() {
  absl::MutexLock lock(&todo_mutex_);
  unreadable_ = true;
}

void FindIndex::Work() {
  for (;;) {
    bool build;
    {
      absl::MutexLock lock(&todo_mutex_);
      todo_mutex_.Await(absl::Condition(this, &FindIndex::HasWork));
      todo_mutex_.AwaitWithTimeout(absl::Condition(this, &FindIndex::HasTurn), kMostCourtesy);
      if (stopping_) return;
      build = !built_;
    }
    bool more;
    ReadWatch reads;
    {
      absl::MutexLock lock(&mutex_);
      more = build ? TakeNext(kChunk) : TakeNoted(kChunk);
    }
    if (!reads.status().ok()) NoteUnreadable();
    if (more) continue;
    absl::MutexLock lock(&todo_mutex_);
    if (build) built_ = true;
    if (noted_.size() <= kAtOnce) backlog_ = false;
  }
}

// False when nothing is left.
bool FindIndex::TakeNoted(size_t most) {
  std::set<RecordId> taken;
  bool more;
  {
    absl::MutexLock lock(&todo_mutex_);
    while (!noted_.empty() && taken.size() < most) taken.insert(noted_.extract(noted_.begin()));
    more = !noted_.empty();
  }
  if (taken.empty()) return false;
  StoreReader reader = store_->Read();
  for (const RecordId& id : taken)
    if (std::optional<Aggregate> aggregate = reader.Load(id)) Take(reader, *aggregate);
  return more;
}

// The next states of the store, type by type. False when all were read.
bool FindIndex::TakeNext(size_t most) {
  StoreReader reader = store_->Read();
  for (; next_type_ < TypesOfIndex().size(); ++next_type_, next_key_.clear()) {
    const std::string prefix = std::string(key::kAggregate) + static_cast<char>(TypesOfIndex()[next_type_]);
    if (next_key_.empty()) next_key_ = prefix;
    std::vector<std::pair<std::string, std::string>> states;
    reader.kv().Scan(next_key_, PrefixEnd(prefix), [&](std::string_view key, std::string_view value) {
      states.emplace_back(key, value);
      return states.size() < most;
    });
    for (const auto& [key, value] : states) {
      RecordId id{TypesOfIndex()[next_type_], key.substr(prefix.size())};
      absl::StatusOr<Aggregate> aggregate = Aggregate::Decode(id, value);
      if (aggregate.ok()) {
        Take(reader, *aggregate);
      } else if (std::optional<Aggregate> folded = reader.Load(id)) {
        Take(reader, *folded);
      }
    }
    if (states.size() < most) continue;
    next_key_ = states.back().first + '\0';
    return true;
  }
  return false;
}

void FindIndex::Take(const StoreReader& reader, const Aggregate& aggregate) {
  const uint8_t type = aggregate.id().type;
  if (type == TypeOf<v1::Visitor>().type()) TakeVisitor(reader, aggregate);
  if (type == TypeOf<v1::ReceptionSession>().type()) TakeSession(reader, aggregate);
  if (type == TypeOf<v1::Matter>().type()) TakeMatter(reader, aggregate);
}

uint32_t& FindIndex::WhatOf(const RecordId& id, Slot* slot) {
  const std::string bytes = ToBytes(id);
  *slot = ids_.Find(bytes);
  if (*slot == Ids::kNone) {
    *slot = ids_.Add(bytes);
    what_.resize(ids_.size(), 0);
  }
  return what_[*slot];
}

uint32_t FindIndex::PersonOf(std::string_view visitor_id) {
  RecordId id;
  if (!RecordIdFromBytes(visitor_id, &id) || id.type != TypeOf<v1::Visitor>().type()) return 0;
  Slot slot;
  uint32_t& person = WhatOf(id, &slot);
  if (person == 0) {
    person = static_cast<uint32_t>(people_.size());
    people_.emplace_back();
  }
  return person;
}

uint32_t FindIndex::NewDoc() {
  if (free_docs_.empty()) {
    docs_.emplace_back();
    return static_cast<uint32_t>(docs_.size() - 1);
  }
  const uint32_t index = free_docs_.back();
  free_docs_.pop_back();
  return index;
}

void FindIndex::FreeDoc(uint32_t index) {
  Doc& doc = docs_[index];
  heads_.Release(doc.head);
  tails_.Release(doc.tail);
  texts_.Release(doc.text);
  texts_.Release(doc.rest);
  codes_.Release(doc.station);
  codes_.Release(doc.category);
  codes_.Release(doc.unit);
  doc = {};
  free_docs_.push_back(index);
}

void FindIndex::SetNumber(std::string_view number, Doc* doc) {
  const std::u16string form = FindForm(number);
  const size_t cut = form.rfind(u'-') + 1;  // npos + 1 is 0
  heads_.Replace(&doc->head, std::u16string_view(form).substr(0, cut));
  tails_.Replace(&doc->tail, std::u16string_view(form).substr(cut));
}

// Romanising is what takes time in reading people: each name once.
void FindIndex::SetName(std::string_view name, Person* person) {
  const Slot before = person->name;
  person->name = names_.Add(FindForm(name));
  letters_.resize(names_.size(), 0);
  Slot& letters = letters_[person->name];
  if (person->name != 0 && letters == 0) letters = initials_.Add(ReadingsForm(name));
  if (names_.Release(before)) initials_.Release(std::exchange(letters_[before], 0));
}

void FindIndex::TakeVisitor(const StoreReader& reader, const Aggregate& visitor) {
  Person& person = people_[PersonOf(ToBytes(visitor.id()))];
  std::u16string phone, key;
  std::string name;
  if (std::optional<v1::VisitorFields> fields = OpenVisitor(reader, visitor)) {
    name = fields->name();
    phone = FindForm(fields->phone());
    if (phone.empty())
      key = FindForm(Cat(fields->name(), "/", Show<v1::Visitor>(visitor).station_id(), "/", fields->village_group()));
  }
  SetName(name, &person);
  phones_.Replace(&person.phone, phone);
  keys_.Replace(&person.key, key);
  person.read = true;
}

void FindIndex::TakeSession(const StoreReader& reader, const Aggregate& aggregate) {
  Slot root;
  const uint32_t before = WhatOf(aggregate.id(), &root);
  std::vector<uint32_t> known, now;
  for (uint32_t index = before; index != 0; index = docs_[index].next) known.push_back(index);
  const auto session = Show<v1::ReceptionSession>(aggregate);
  const bool void_session = aggregate.VoidOf({}) == VoidState::kVoid;
  const std::u16string station = FindForm(session.station_id());
  const std::function<bool(const RecordId&)> unwritten = UnwrittenOf(reader, aggregate);
  for (const RecordId& child : ChildrenOf<v1::VisitEntry>(aggregate)) {
    if (void_session || aggregate.VoidOf(child) == VoidState::kVoid) continue;
    const std::string bytes = ToBytes(child);
    auto it = std::find_if(known.begin(), known.end(), [&](uint32_t i) { return ids_.At(docs_[i].child) == bytes; });
    const uint32_t index = it == known.end() ? NewDoc() : *it;
    if (it != known.end()) known.erase(it);
    now.push_back(index);
    auto visit = Show<v1::VisitEntry>(aggregate, child);
    if (unwritten(child)) HideWords(&visit);
    const uint32_t person = PersonOf(visit.visitor_id());
    Doc& doc = docs_[index];
    if (doc.child == 0) doc.child = ids_.Append(bytes);
    doc.root = root;
    doc.person = person;
    doc.date = DateNumber(session.date());
    SetNumber(visit.number(), &doc);
    texts_.Replace(&doc.text, FindForm(visit.original_words()));
    codes_.Replace(&doc.station, station);
  }
  what_.resize(ids_.size(), 0);
  for (uint32_t index : known) FreeDoc(index);
  for (size_t i = 0; i < now.size(); ++i) docs_[now[i]].next = i + 1 < now.size() ? now[i + 1] : 0;
  what_[root] = now.empty() ? 0 : now.front();
}

void FindIndex::TakeMatter(const StoreReader& reader, const Aggregate& aggregate) {
  Slot root;
  uint32_t& index = WhatOf(aggregate.id(), &root);
  if (aggregate.VoidOf({}) == VoidState::kVoid) {
    if (index != 0) FreeDoc(std::exchange(index, 0));
    return;
  }
  if (index == 0) index = NewDoc();
  Doc& doc = docs_[index];
  auto matter = Show<v1::Matter>(aggregate);
  if (IsAccusation(matter)) BlankAccusation(&matter);
  doc.root = root;
  doc.date = DateNumber(matter.date());
  doc.state = static_cast<uint8_t>(MatterStateOf(aggregate));
  doc.track = static_cast<uint8_t>(matter.track());
  SetNumber(matter.number(), &doc);
  const std::u16string content = FindForm(matter.content());
  std::u16string rest;
  for (const std::string& text : {matter.title(), matter.answer(), matter.place()}) {
    const std::u16string form = FindForm(text);
    if (form.empty() || content.find(form) != std::u16string::npos) continue;  // a title is mostly cut from the content
    if (!rest.empty()) rest.push_back(u'\n');                                  // which no query has
    rest += form;
  }
  texts_.Replace(&doc.text, content);
  texts_.Replace(&doc.rest, rest);
  codes_.Replace(&doc.station, FindForm(matter.station_id()));
  codes_.Replace(&doc.category, FindForm(matter.category()));
  codes_.Replace(&doc.unit, FindForm(LastUnit(aggregate, reader.TimesOf(aggregate))));
}

// ---------------------------------------------------------------- answering

size_t FindIndex::size() const {
  Question question(this, /*patient=*/false);
  absl::ReaderMutexLock lock(&mutex_);
  return docs_.size() - 1 - free_docs_.size();
}

bool FindIndex::building() const {
  absl::MutexLock lock(&todo_mutex_);
  return !UpToDate();
}

size_t FindIndex::bytes() const {
  absl::ReaderMutexLock lock(&mutex_);
  size_t sum = ids_.bytes() + docs_.capacity() * sizeof(Doc) + people_.capacity() * sizeof(Person) +
               (what_.capacity() + free_docs_.capacity() + letters_.capacity()) * sizeof(uint32_t);
  for (const Texts* pool : {&heads_, &tails_, &names_, &initials_, &phones_, &keys_, &codes_, &texts_})
    sum += pool->bytes();
  return sum;
}

FindIndex::Who FindIndex::WhoIs(std::string_view visitor) const {
  RecordId id;
  if (!RecordIdFromBytes(visitor, &id) || id.type != TypeOf<v1::Visitor>().type()) return {std::string(visitor)};
  Question question(this, /*patient=*/false);
  auto who = [&](const Person& person, const Texts& phones, const Texts& keys) -> Who {
    const std::u16string_view key = person.phone != 0 ? phones.At(person.phone) : keys.At(person.key);
    if (key.empty()) return {std::string(visitor)};
    return {Cat(person.phone != 0 ? "phone " : "name ",
                std::string(reinterpret_cast<const char*>(key.data()), key.size() * sizeof(char16_t))),
            person.phone == 0};
  };
  {
    absl::ReaderMutexLock lock(&mutex_);
    const uint32_t person = what_[ids_.Find(ToBytes(id))];
    if (people_[person].read) return who(people_[person], phones_, keys_);
  }
  auto* self = const_cast<FindIndex*>(this);
  absl::MutexLock lock(&mutex_);
  StoreReader reader = store_->Read();
  std::optional<Aggregate> aggregate = reader.Load(id);
  if (!aggregate) return {std::string(visitor)};
  self->TakeVisitor(reader, *aggregate);
  return who(people_[self->PersonOf(visitor)], phones_, keys_);
}

// Kinds of people first, since many visits are of one person; then the visits and matters in one pass.
std::vector<FindIndex::Found> FindIndex::Collect(const Wanted& wanted, const FindFilter& filter) const {
  constexpr uint8_t kByLetters = 2, kNotAtAll = 255;
  std::vector<uint8_t> names, texts, initials(initials_.size(), 0), phones(phones_.size(), 0),
      kinds(people_.size(), kNotAtAll);
  names_.Mark(wanted.text, &names);
  texts_.Mark(wanted.text, &texts);
  if (!wanted.letters.empty())
    for (Slot i = 1; i < initials.size(); ++i)
      initials[i] = StartsALine(initials_.At(i), wanted.letters) || StartsALine(initials_.At(i), wanted.text);
  for (Slot i = 1; i < names.size(); ++i)
    if (names[i] == 0 && initials[letters_[i]] != 0) names[i] = kByLetters;
  if (wanted.phone.size() >= kShortestPhoneEnd)
    for (Slot i = 1; i < phones.size(); ++i) phones[i] = phones_.At(i).ends_with(wanted.phone);
  for (size_t i = 1; i < people_.size(); ++i) {
    const Person& person = people_[i];
    if ((names[person.name] | phones[person.phone]) == 0) continue;
    kinds[i] = static_cast<uint8_t>(names[person.name] == 1            ? Matched::kName
                                    : names[person.name] == kByLetters ? Matched::kPinyin
                                                                       : Matched::kPhone);
  }
  const NumberMarks numbers(heads_, tails_, wanted.text);
  std::vector<Slot> stations;
  for (const std::string& station : filter.stations)
    if (const Slot slot = codes_.Find(FindForm(station)); slot != Texts::kNone) stations.push_back(slot);
  const Slot category = codes_.Find(FindForm(filter.category)), unit = codes_.Find(FindForm(filter.unit));
  // What nothing is called finds nothing, and not what has no code.
  auto fits = [](const std::string& asked, Slot slot, Slot of_doc) {
    return asked.empty() || (slot != Texts::kNone && of_doc == slot);
  };
  const uint32_t from = DateNumber(filter.from), to = DateNumber(filter.to);
  const bool matters_only = filter.state || filter.track || !filter.category.empty() || !filter.unit.empty();
  std::vector<Found> found;
  for (uint32_t i = 1; i < docs_.size(); ++i) {
    const Doc& doc = docs_[i];
    if (doc.root == 0) continue;
    uint8_t kind = kinds[doc.person];
    if (numbers.Has(doc)) {
      kind = static_cast<uint8_t>(Matched::kNumber);
    } else if (kind == kNotAtAll) {
      if ((texts[doc.text] | texts[doc.rest]) == 0) continue;
      kind = static_cast<uint8_t>(Matched::kText);
    }
    if (doc.date < from || (to != 0 && (doc.date > to || doc.date == 0))) continue;
    if (!filter.stations.empty() && std::find(stations.begin(), stations.end(), doc.station) == stations.end())
      continue;
    if (matters_only && (doc.child != 0 || (filter.state && doc.state != *filter.state) ||
                         (filter.track && doc.track != *filter.track) ||
                         !fits(filter.category, category, doc.category) || !fits(filter.unit, unit, doc.unit)))
      continue;
    found.push_back({static_cast<Matched>(kind), doc.date, i});
  }
  return found;
}

bool FindIndex::Better(const Found& a, const Found& b) const {
  if (a.matched != b.matched) return a.matched < b.matched;
  if (a.date != b.date) return a.date > b.date;
  const Doc &x = docs_[a.doc], &y = docs_[b.doc];
  if (x.root != y.root) return ids_.At(x.root) < ids_.At(y.root);
  return ids_.At(x.child) < ids_.At(y.child);
}

FindIndex::Answer FindIndex::Search(std::string_view query, const FindFilter& filter, size_t limit) const {
  Wanted wanted{FindForm(query), {}, FindForm(PhoneDigits(query))};
  if (Within(wanted.text, u'a', u'z')) {
    wanted.letters = wanted.text;
    std::replace(wanted.letters.begin(), wanted.letters.end(), u'v', u'u');  // lv for lü, as it is typed
  }
  Answer answer;
  if (wanted.text.empty()) return answer;
  Question question(this, /*patient=*/true);
  answer.building = question.building();
  absl::ReaderMutexLock lock(&mutex_);
  std::vector<Found> found = Collect(wanted, filter);
  auto better = [this](const Found& a, const Found& b) ABSL_NO_THREAD_SAFETY_ANALYSIS { return Better(a, b); };
  answer.more = found.size() > limit;
  if (answer.more) {
    std::nth_element(found.begin(), found.begin() + static_cast<ptrdiff_t>(limit), found.end(), better);
    found.resize(limit);
  }
  std::sort(found.begin(), found.end(), better);
  for (const Found& one : found) {
    Hit& hit = answer.hits.emplace_back();
    const Doc& doc = docs_[one.doc];
    RecordIdFromBytes(ids_.At(doc.root), &hit.root);
    if (doc.child != 0) RecordIdFromBytes(ids_.At(doc.child), &hit.child);
    hit.matched = one.matched;
    hit.date = DateText(one.date);
  }
  return answer;
}

}  // namespace liaison

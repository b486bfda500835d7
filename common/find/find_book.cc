#include "common/find/find_book.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "common/base/text.h"
#include "common/record/live.h"
#include "common/record/view.h"
#include "common/rows/accusation_words.h"
#include "common/rules/matter/case_file.h"
#include "common/rules/matter/guards.h"
#include "common/rules/visitor/visitors.h"

namespace liaison {
namespace {

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

}  // namespace

// What a filter lets through, in the slots of one book.
class FindBook::Sieve {
 public:
  Sieve(const FindFilter& filter, const Texts& codes)
      : filter_(filter),
        from_(DateNumber(filter.from)),
        to_(DateNumber(filter.to)),
        category_(codes.Find(FindForm(filter.category))),
        unit_(codes.Find(FindForm(filter.unit))),
        matters_only_(filter.state || filter.track || !filter.category.empty() || !filter.unit.empty()) {
    for (const std::string& station : filter.stations)
      if (const Slot slot = codes.Find(FindForm(station)); slot != Texts::kNone) stations_.push_back(slot);
  }

  bool Passes(const Doc& doc) const {
    if (doc.date < from_ || (to_ != 0 && (doc.date > to_ || doc.date == 0))) return false;
    if (!filter_.stations.empty() && std::find(stations_.begin(), stations_.end(), doc.station) == stations_.end())
      return false;
    if (!matters_only_) return true;
    return doc.child == 0 && (!filter_.state || doc.state == *filter_.state) &&
           (!filter_.track || doc.track == *filter_.track) && Fits(filter_.category, category_, doc.category) &&
           Fits(filter_.unit, unit_, doc.unit);
  }

 private:
  // What nothing is called finds nothing, and not what has no code.
  static bool Fits(const std::string& asked, Slot slot, Slot of_doc) {
    return asked.empty() || (slot != Texts::kNone && of_doc == slot);
  }

  const FindFilter& filter_;
  const uint32_t from_, to_;
  const Slot category_, unit_;
  const bool matters_only_;
  std::vector<Slot> stations_;
};

// ---------------------------------------------------------------- taking records in

const std::vector<uint8_t>& FindBook::Types() {
  static const auto* types = new std::vector<uint8_t>{
      TypeOf<v1::Matter>().type(), TypeOf<v1::ReceptionSession>().type(), TypeOf<v1::Visitor>().type()};
  return *types;
}

void FindBook::Take(const StoreReader& reader, const Aggregate& aggregate) {
  const uint8_t type = aggregate.id().type;
  if (type == TypeOf<v1::Visitor>().type()) TakeVisitor(reader, aggregate);
  if (type == TypeOf<v1::ReceptionSession>().type()) TakeSession(reader, aggregate);
  if (type == TypeOf<v1::Matter>().type()) TakeMatter(reader, aggregate);
}

FindBook::Slot FindBook::SlotOf(const RecordId& id) {
  const std::string bytes = ToBytes(id);
  Slot slot = ids_.Find(bytes);
  if (slot != Ids::kNone) return slot;
  slot = ids_.Add(bytes);
  what_.resize(ids_.size(), 0);
  return slot;
}

uint32_t FindBook::PersonOf(std::string_view visitor_id) {
  RecordId id;
  if (!RecordIdFromBytes(visitor_id, &id) || id.type != TypeOf<v1::Visitor>().type()) return FindPeople::kNobody;
  uint32_t& person = what_[SlotOf(id)];
  if (person == FindPeople::kNobody) person = people_.Add();
  return person;
}

uint32_t FindBook::NewDoc() {
  if (free_docs_.empty()) {
    docs_.emplace_back();
    return static_cast<uint32_t>(docs_.size() - 1);
  }
  const uint32_t index = free_docs_.back();
  free_docs_.pop_back();
  return index;
}

void FindBook::Free(uint32_t index) {
  Doc& doc = docs_[index];
  numbers_.Release(doc.number);
  texts_.Release(doc.text);
  texts_.Release(doc.rest);
  codes_.Release(doc.station);
  codes_.Release(doc.category);
  codes_.Release(doc.unit);
  doc = {};
  free_docs_.push_back(index);
}

void FindBook::TakeVisitor(const StoreReader& reader, const Aggregate& visitor) {
  const uint32_t person = PersonOf(ToBytes(visitor.id()));
  std::optional<v1::VisitorFields> fields = OpenVisitor(reader, visitor);
  if (!fields) return people_.Set(person, "", "", "");
  const std::string key =
      Cat(fields->name(), "/", Show<v1::Visitor>(visitor).station_id(), "/", fields->village_group());
  people_.Set(person, fields->name(), fields->phone(), key);
}

void FindBook::TakeSession(const StoreReader& reader, const Aggregate& aggregate) {
  const Slot root = SlotOf(aggregate.id());
  std::vector<uint32_t> known, now;  // docs: those of before that are not met again, and those of today
  for (uint32_t index = what_[root]; index != 0; index = docs_[index].next) known.push_back(index);
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
    numbers_.Replace(visit.number(), &doc.number);
    texts_.Replace(&doc.text, FindForm(visit.original_words()));
    codes_.Replace(&doc.station, station);
  }
  what_.resize(ids_.size(), 0);  // the children have ids, too
  for (uint32_t index : known) Free(index);
  for (size_t i = 0; i < now.size(); ++i) docs_[now[i]].next = i + 1 < now.size() ? now[i + 1] : 0;
  what_[root] = now.empty() ? 0 : now.front();
}

void FindBook::TakeMatter(const StoreReader& reader, const Aggregate& aggregate) {
  const Slot root = SlotOf(aggregate.id());
  uint32_t& index = what_[root];
  if (!IsLive(aggregate)) {  // void, or its making is hidden by a verdict
    if (index != 0) Free(std::exchange(index, 0));
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
  numbers_.Replace(matter.number(), &doc.number);
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

size_t FindBook::bytes() const {
  return ids_.bytes() + texts_.bytes() + codes_.bytes() + numbers_.bytes() + people_.bytes() +
         docs_.capacity() * sizeof(Doc) + (what_.capacity() + free_docs_.capacity()) * sizeof(uint32_t);
}

std::optional<FindWho> FindBook::WhoIs(const RecordId& visitor) const {
  return people_.Who(what_[ids_.Find(ToBytes(visitor))]);  // what_[kNone] is nobody
}

bool FindBook::Better(const Found& a, const Found& b) const {
  if (a.matched != b.matched) return a.matched < b.matched;
  if (a.date != b.date) return a.date > b.date;
  const Doc &x = docs_[a.doc], &y = docs_[b.doc];
  if (x.root != y.root) return ids_.At(x.root) < ids_.At(y.root);
  return ids_.At(x.child) < ids_.At(y.child);
}

// Kinds of people first, since many visits are of one person; then the visits and matters in one pass.
std::vector<FindHit> FindBook::Search(const FindWanted& wanted, const FindFilter& filter, size_t limit,
                                      bool* more) const {
  const std::vector<uint8_t> kinds = people_.Kinds(wanted);
  std::vector<uint8_t> texts;
  texts_.Mark(wanted.text, &texts);
  const FindNumbers::Marks numbers(numbers_, wanted.text);
  const Sieve sieve(filter, codes_);
  std::vector<Found> found;
  for (uint32_t i = 1; i < docs_.size(); ++i) {
    const Doc& doc = docs_[i];
    if (doc.root == 0) continue;
    uint8_t kind = kinds[doc.person];
    if (numbers.Has(doc.number)) {
      kind = static_cast<uint8_t>(FindMatched::kNumber);
    } else if (kind == FindPeople::kNotAtAll) {
      if ((texts[doc.text] | texts[doc.rest]) == 0) continue;
      kind = static_cast<uint8_t>(FindMatched::kText);
    }
    if (sieve.Passes(doc)) found.push_back({static_cast<FindMatched>(kind), doc.date, i});
  }
  const auto better = [this](const Found& a, const Found& b) { return Better(a, b); };
  *more = found.size() > limit;
  if (*more) {
    std::nth_element(found.begin(), found.begin() + static_cast<ptrdiff_t>(limit), found.end(), better);
    found.resize(limit);
  }
  std::sort(found.begin(), found.end(), better);
  std::vector<FindHit> hits;
  for (const Found& one : found) {
    FindHit& hit = hits.emplace_back();
    const Doc& doc = docs_[one.doc];
    RecordIdFromBytes(ids_.At(doc.root), &hit.root);
    if (doc.child != 0) RecordIdFromBytes(ids_.At(doc.child), &hit.child);
    hit.matched = one.matched;
    hit.date = DateText(one.date);
  }
  return hits;
}

}  // namespace liaison

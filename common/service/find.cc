#include "common/service/find.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "common/base/text.h"
#include "common/record/view.h"
#include "common/service/text_forms.h"
#include "common/service/visitors.h"

namespace liaison {
namespace {

std::string Folded(std::string_view text) {
  std::string folded = RemoveSpaces(FoldWidth(text));
  absl::AsciiStrToLower(&folded);
  return folded;
}

bool AllDigits(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool AllLetters(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

constexpr size_t kShortestPhoneEnd = 4;

}  // namespace

FindIndex::FindIndex(Store* store) : store_(store) {
  {
    StoreReader reader = store->Read();
    absl::MutexLock lock(&mutex_);
    for (uint8_t type :
         {TypeOf<v1::Visitor>().type(), TypeOf<v1::ReceptionSession>().type(), TypeOf<v1::Matter>().type()}) {
      reader.ForEach(type, [&](const Aggregate& aggregate) {
        Take(reader, aggregate);
        return true;
      });
    }
  }
  store->AddListener(this);
}

FindIndex::~FindIndex() { store_->RemoveListener(this); }

size_t FindIndex::size() const {
  CatchUp();
  absl::MutexLock lock(&mutex_);
  return entries_.size();
}

std::string FindIndex::PersonKey(std::string_view visitor) const {
  RecordId id;
  CatchUp();
  absl::MutexLock lock(&mutex_);
  auto person = RecordIdFromBytes(visitor, &id) ? people_.find(id) : people_.end();
  return person == people_.end() || person->second.key.empty() ? std::string(visitor) : person->second.key;
}

void FindIndex::OnCommitted(std::span<const Aggregate* const> changed, bool) {
  absl::MutexLock lock(&noted_mutex_);
  for (const Aggregate* aggregate : changed) noted_.insert(aggregate->id());
}

// Visitors, sessions and matters are told in the order of their types, so that a visit finds its visitor.
void FindIndex::CatchUp() const {
  auto* self = const_cast<FindIndex*>(this);  // the index as it is seen does not depend on when it is made
  absl::MutexLock lock(&mutex_);
  std::set<RecordId> noted;
  {
    absl::MutexLock noted_lock(&noted_mutex_);
    noted.swap(noted_);
  }
  if (noted.empty()) return;
  StoreReader reader = store_->Read();
  for (const RecordId& id : noted)
    if (std::optional<Aggregate> aggregate = reader.Load(id)) self->Take(reader, *aggregate);
}

void FindIndex::Take(const StoreReader& reader, const Aggregate& aggregate) {
  uint8_t type = aggregate.id().type;
  if (type == TypeOf<v1::Visitor>().type()) TakeVisitor(reader, aggregate);
  if (type == TypeOf<v1::ReceptionSession>().type()) TakeSession(reader, aggregate);
  if (type == TypeOf<v1::Matter>().type()) TakeMatter(aggregate);
}

void FindIndex::TakeVisitor(const StoreReader& reader, const Aggregate& visitor) {
  Person person;
  if (std::optional<v1::VisitorFields> fields = OpenVisitor(reader, visitor)) {
    person = {Folded(fields->name()), PinyinInitials(fields->name(), Reading::kName), fields->phone(), ""};
    absl::AsciiStrToLower(&person.initials);
    std::string station = Show<v1::Visitor>(visitor).station_id();
    person.key = !person.phone.empty() ? Cat("phone ", person.phone)
                                       : Cat("name ", person.name, " ", station, " ", Folded(fields->village_group()));
  }
  people_[visitor.id()] = person;
  for (const Key& key : visits_[visitor.id()]) {
    auto it = entries_.find(key);
    if (it != entries_.end())
      std::tie(it->second.name, it->second.initials, it->second.phone) =
          std::tie(person.name, person.initials, person.phone);
  }
}

void FindIndex::TakeSession(const StoreReader&, const Aggregate& session) {
  std::string date = Show<v1::ReceptionSession>(session).date();
  bool void_session = session.VoidOf({}) == VoidState::kVoid;
  for (const RecordId& child : ChildrenOf<v1::VisitEntry>(session)) {
    Key key{session.id(), child};
    if (void_session || session.VoidOf(child) == VoidState::kVoid) {
      entries_.erase(key);
      continue;
    }
    auto visit = Show<v1::VisitEntry>(session, child);
    Entry& entry = entries_[key];
    entry.number = Folded(visit.number());
    entry.text = Folded(visit.original_words());
    entry.date = date;
    RecordId visitor;
    if (!RecordIdFromBytes(visit.visitor_id(), &visitor)) continue;
    std::vector<Key>& visits = visits_[visitor];
    if (std::find(visits.begin(), visits.end(), key) == visits.end()) visits.push_back(key);
    const Person& person = people_[visitor];
    std::tie(entry.name, entry.initials, entry.phone) = std::tie(person.name, person.initials, person.phone);
  }
}

void FindIndex::TakeMatter(const Aggregate& aggregate) {
  Key key{aggregate.id(), {}};
  if (aggregate.VoidOf({}) == VoidState::kVoid) {
    entries_.erase(key);
    return;
  }
  auto matter = Show<v1::Matter>(aggregate);
  Entry& entry = entries_[key];
  entry.number = Folded(matter.number());
  entry.text = Folded(Cat(matter.title(), "\n", matter.content(), "\n", matter.answer(), "\n", matter.place()));
  entry.date = matter.date();
}

std::vector<FindIndex::Hit> FindIndex::Find(std::string_view query, size_t limit, bool* more) const {
  std::string wanted = Folded(query);
  std::vector<Hit> hits;
  *more = false;
  if (wanted.empty()) return hits;
  bool digits = AllDigits(wanted), letters = AllLetters(wanted);
  CatchUp();
  absl::MutexLock lock(&mutex_);
  for (const auto& [key, entry] : entries_) {
    Hit hit{key.first, key.second, Matched::kText, entry.date};
    if (entry.number.find(wanted) != std::string::npos) {
      hit.matched = Matched::kNumber;
    } else if (!entry.name.empty() && entry.name.find(wanted) != std::string::npos) {
      hit.matched = Matched::kName;
    } else if (letters && entry.initials.starts_with(wanted)) {
      hit.matched = Matched::kPinyin;
    } else if (digits && wanted.size() >= kShortestPhoneEnd && entry.phone.ends_with(wanted)) {
      hit.matched = Matched::kPhone;
    } else if (entry.text.find(wanted) == std::string::npos) {
      continue;
    }
    hits.push_back(std::move(hit));
  }
  std::stable_sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) {
    return a.matched != b.matched ? a.matched < b.matched : a.date > b.date;
  });
  *more = hits.size() > limit;
  if (*more) hits.resize(limit);
  return hits;
}

}  // namespace liaison

#include "common/find/find_people.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/find/pinyin.h"

namespace liaison {
namespace {

constexpr size_t kShortestPhoneEnd = 4;

bool Within(std::u16string_view s, char16_t low, char16_t high) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [&](char16_t c) { return c >= low && c <= high; });
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

FindWanted::FindWanted(std::string_view query) : text(FindForm(query)), phone(FindForm(PhoneDigits(query))) {
  if (!Within(text, u'a', u'z')) return;
  letters = text;
  std::replace(letters.begin(), letters.end(), u'v', u'u');  // lv for lü, as it is typed
}

uint32_t FindPeople::Add() {
  people_.emplace_back();
  return static_cast<uint32_t>(people_.size() - 1);
}

void FindPeople::Set(uint32_t index, std::string_view name, std::string_view phone, std::string_view key) {
  Person& person = people_[index];
  SetName(name, &person);
  const std::u16string form = FindForm(phone);
  phones_.Replace(&person.phone, form);
  keys_.Replace(&person.key, form.empty() ? FindForm(key) : std::u16string());
  person.read = true;
}

// Romanising is what takes time in reading people: each name once.
void FindPeople::SetName(std::string_view name, Person* person) {
  const Slot before = person->name;
  person->name = names_.Add(FindForm(name));
  letters_.resize(names_.size(), 0);
  Slot& letters = letters_[person->name];
  if (person->name != 0 && letters == 0) letters = initials_.Add(ReadingsForm(name));
  if (names_.Release(before)) initials_.Release(std::exchange(letters_[before], 0));
}

std::optional<FindWho> FindPeople::Who(uint32_t index) const {
  const Person& person = people_[index];
  if (!person.read) return std::nullopt;
  const bool phoneless = person.phone == 0;
  const std::u16string_view key = phoneless ? keys_.At(person.key) : phones_.At(person.phone);
  if (key.empty()) return FindWho();
  return FindWho{Cat(phoneless ? "name " : "phone ",
                     std::string(reinterpret_cast<const char*>(key.data()), key.size() * sizeof(char16_t))),
                 phoneless};
}

std::vector<uint8_t> FindPeople::Kinds(const FindWanted& wanted) const {
  constexpr uint8_t kByLetters = 2;
  std::vector<uint8_t> names, initials(initials_.size(), 0), phones(phones_.size(), 0);
  std::vector<uint8_t> kinds(people_.size(), kNotAtAll);
  names_.Mark(wanted.text, &names);
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
    kinds[i] = static_cast<uint8_t>(names[person.name] == 1            ? FindMatched::kName
                                    : names[person.name] == kByLetters ? FindMatched::kPinyin
                                                                       : FindMatched::kPhone);
  }
  return kinds;
}

size_t FindPeople::bytes() const {
  return names_.bytes() + initials_.bytes() + phones_.bytes() + keys_.bytes() + letters_.capacity() * sizeof(Slot) +
         people_.capacity() * sizeof(Person);
}

}  // namespace liaison

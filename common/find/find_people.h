// Who the visitors are: names and how they are read, phones. Part of the index (find_book.h). Not thread-safe.
//
// Between calls: person 0 is nobody and never read; a person's slots are references that it holds; letters_ has an
// entry for each slot of names_, and that of a name in use is a reference to its readings.
#ifndef LIAISON_COMMON_FIND_FIND_PEOPLE_H_
#define LIAISON_COMMON_FIND_FIND_PEOPLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/find/find_pool.h"

namespace liaison {

// How a record fits a search, the best first.
enum class FindMatched : uint8_t { kNumber, kName, kPinyin, kPhone, kText };

// What is searched for, in the forms that are compared.
struct FindWanted {
  explicit FindWanted(std::string_view query);

  std::u16string text;     // empty: nothing is searched for
  std::u16string letters;  // of a reading, ü as u; empty if it is none
  std::u16string phone;    // the digits of one or of its end; empty if it is none
};

// See FindIndex::WhoIs.
struct FindWho {
  std::string key;
  bool phoneless = false;
};

class FindPeople {
 public:
  static constexpr uint32_t kNobody = 0;
  static constexpr uint8_t kNotAtAll = 255;

  FindPeople() : people_(1) {}

  // A person of whom nothing has been read.
  uint32_t Add();
  // What was read; all are empty for one who cannot be opened. `key` counts for one without a phone.
  void Set(uint32_t person, std::string_view name, std::string_view phone, std::string_view key);

  // Nothing: that person has not been read. An empty key: it cannot be opened.
  std::optional<FindWho> Who(uint32_t person) const;
  // By which FindMatched each person fits (kName, kPinyin, kPhone), or kNotAtAll.
  std::vector<uint8_t> Kinds(const FindWanted& wanted) const;
  size_t bytes() const;

 private:
  using Texts = StringPool<char16_t>;
  using Slot = Texts::Slot;

  struct Person {
    Slot name = 0, phone = 0;
    Slot key = 0;
    bool read = false;
  };

  void SetName(std::string_view name, Person* person);

  Texts names_, initials_, phones_, keys_;
  std::vector<Slot> letters_;  // of a name: its readings in initials_
  std::vector<Person> people_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_FIND_FIND_PEOPLE_H_

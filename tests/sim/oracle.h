// What people entered, and what must be visible where: knows the sentences of the rule and nothing of the code.
//
// Every op that a person makes has a number, under which the oracle keeps what was written and which ops of the record
// its author's screen had. Whatever a replica holds, what it must show follows: a write is visible iff no op that is
// there wrote to the same place with it on its author's screen. Numbers, places and values are plain text here.
#ifndef LIAISON_TESTS_SIM_ORACLE_H_
#define LIAISON_TESTS_SIM_ORACLE_H_

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace liaison::sim {

using OpId = uint32_t;
using OpIds = std::vector<OpId>;  // ascending

// A field of a record's child; of a set, one element. `sealed`: it travels sealed.
struct Place {
  std::string child;  // "" is the root
  uint32_t field = 0;
  std::string element;
  bool sealed = false;
  auto operator<=>(const Place&) const = default;
};

struct Written {
  Place place;
  std::string value;  // empty: cleared, taken out, or (void) taken back
  std::string point;  // the station whose record this makes it, if it says so
};

enum class Life { kLive, kVoid, kFlagged };

class Oracle {
 public:
  static constexpr uint32_t kVoidField = 0xffffffff;

  struct Deed {
    OpId op = 0;
    std::string author, record;
    std::vector<Written> writes;
    OpIds screen;            // ops of the record that the author's page was loaded with
    bool confirmed = false;  // the person was told 已保存
  };

  // A person presses the button. Whether the op comes to exist is known when Confirm() is called, or when it is found.
  OpId Enter(std::string author, std::string record, std::vector<Written> writes, OpIds screen);
  void Confirm(OpId op) { deeds_[op].confirmed = true; }
  const Deed& deed(OpId op) const { return deeds_[op]; }
  size_t deeds() const { return deeds_.size() - 1; }

  // What a replica that holds these ops of a record shows: the visible writes of each place.
  struct Shown {
    std::map<Place, std::map<OpId, std::string>> places;  // void fields with empty values
    std::map<std::string, Life> life;                     // of every child that was written to
    bool operator==(const Shown&) const = default;
  };
  Shown Expect(const OpIds& held) const;

  // The points that a record belongs to by what is visible, the station that made it (empty: its first op is not
  // among them), and those that have written to it.
  std::set<std::string> PointsOf(const Shown& shown, const OpIds& held) const;
  std::string MakerOf(const OpIds& held) const;
  std::set<std::string> AuthorsOf(const OpIds& held) const;
  // All points that any op ever made it belong to.
  std::set<std::string> EverPointsOf(const OpIds& held) const;

 private:
  bool OnScreen(const Deed& later, OpId op) const;

  std::vector<Deed> deeds_{1};  // number 0 is nobody's
};

std::string ToText(const Oracle::Shown& shown);

}  // namespace liaison::sim

#endif  // LIAISON_TESTS_SIM_ORACLE_H_

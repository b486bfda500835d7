// The merge evaluated straight from its rule: every op is kept, every question is answered afresh by going through all
// of them. Slow and plain on purpose, so that it can be checked by reading and the real fold checked against it.
//
// Shares no code and no type with the code under test: it includes nothing of common/.
//
// The rule (common/README.md, "Merge"): a write is visible iff no applied write of the same field has a context that
// covers its op. A context entry covers the op of that name and, if that op is applied, its predecessors by the same
// actor. An op is applied iff its predecessor is. Ops that a visible verdict refuses, and ops of unknown kind, count
// as applied, but their writes and contexts have no effect; an op that carries a verdict cannot be refused.
#ifndef LIAISON_TESTS_TESTING_NAIVE_MODEL_H_
#define LIAISON_TESTS_TESTING_NAIVE_MODEL_H_

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace liaison::naive {

struct Name {
  uint64_t actor = 0;
  uint64_t n = 0;
  uint64_t tag = 0;

  auto operator<=>(const Name&) const = default;
};

enum class WriteKind {
  kField,    // `field` names the field, and of a set the element
  kVoid,     // empty value: taken back
  kVerdict,  // `field` is the id of the op that is judged; empty value: accepted
};

struct Write {
  WriteKind kind = WriteKind::kField;
  std::string child;  // "" is the root
  std::string field;
  std::string value;
};

struct Op {
  Name name;
  uint64_t previous = 0;  // tag of the op (actor, n - 1) that this one follows; 0 iff n == 1
  std::string id;         // what a verdict calls it
  bool known = true;      // false: of a kind that this version does not know
  std::vector<Name> context;
  std::vector<Write> writes;
};

enum class Life { kLive, kVoid, kFlagged };

// Where a write stands: child, kind, field.
struct Place {
  std::string child;
  WriteKind kind;
  std::string field;

  auto operator<=>(const Place&) const = default;
};

struct Answers {
  std::map<Place, std::map<Name, std::string>> siblings;  // only places with a visible write
  std::map<std::string, Life> life;                       // of every child that an effective op wrote
  std::set<Name> applied, held, refused, unknown;         // refused and unknown are part of applied
  std::set<Name> heads;                                   // applied, and no applied op follows
  std::set<Name> visible;                                 // what an author may be handed
};

// An op may stand several times in `ops`.
Answers Evaluate(const std::vector<const Op*>& ops);

}  // namespace liaison::naive

#endif  // LIAISON_TESTS_TESTING_NAIVE_MODEL_H_

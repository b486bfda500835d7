// What the hub says of an op that a station wrote, when it first reaches the hub (StoreOptions::judge). The rules are
// the hub's (hub/door); here is what follows from them.
#ifndef LIAISON_COMMON_STORE_JUDGEMENT_H_
#define LIAISON_COMMON_STORE_JUDGEMENT_H_

#include <string>

namespace liaison {

struct Judgement {
  enum class Outcome {  // by severity
    kStands,
    kMarked,   // it stands, and a row of this disk alone says that a person should look at it (verdict_rows.h)
    kHeld,     // folded and hidden by a verdict: it counts when a person takes it
    kRefused,  // the same, and nobody is asked
    kKept,     // not folded (table Q, kept.h)
  };
  Outcome outcome = Outcome::kStands;
  std::string code;   // the reason as an ASCII word: "missing", "moved_on", …
  std::string words;  // Chinese, as its author reads it
};

// Codes of reasons on which the store itself depends.
// What the op builds on is not here: looked at again when that comes, and taken by the hub itself.
inline constexpr char kMissingCode[] = "missing";
// The station does not enter for the record's place: for which a person may answer.
inline constexpr char kOutOfScopeCode[] = "out_of_scope";
// What is refused for these a person may take nevertheless: for the right of who wrote it, and for its date.
inline constexpr char kPersonCode[] = "person", kNoRightCode[] = "no_right", kMergedCode[] = "merged";
// Only the township writes it; and another station made the record.
inline constexpr char kNotStationsCode[] = "not_stations", kOtherMakerCode[] = "other_maker";

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_JUDGEMENT_H_

// One matter with all that happened to it, read out of its aggregate: what guards, working lists, figures and pages
// ask. Pure; a copy of what the aggregate shows. Voided children are left out.
#ifndef LIAISON_COMMON_RULES_MATTER_CASE_FILE_H_
#define LIAISON_COMMON_RULES_MATTER_CASE_FILE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/record/aggregate.h"
#include "common/rules/days/calendar.h"
#include "common/rules/days/deadlines.h"
#include "liaison/v1/records.pb.h"

namespace liaison {

template <typename M>
struct Part {
  RecordId id;
  M record;
};

// The logical time of an applied op of the aggregate that is read (StoreReader::TimesOf); 0: not known. A state holds
// no times, so they are asked for only where the order needs them.
using OpTimes = std::function<uint64_t(const Dot&)>;

struct CaseFile {
  // REQUIRES: the aggregate is a matter's. Parts stand by round, then date; within a day what an author had seen stands
  // before what the author wrote, and what was written apart by logical time, then id. No `times`: by id.
  CaseFile(const Aggregate& aggregate, const OpTimes& times);

  bool present = false;  // its root was written and is not voided
  v1::Matter matter;
  v1::MatterState state = v1::STATE_UNSPECIFIED;  // CONTESTED where the heads disagree
  std::vector<Part<v1::Assignment>> assignments;
  std::vector<Part<v1::ReturnRequest>> returns;
  std::vector<Part<v1::Extension>> extensions;
  std::vector<Part<v1::Reply>> replies;
  std::vector<Part<v1::Evaluation>> evaluations;
  std::vector<Part<v1::Feedback>> feedback;
  std::vector<Part<v1::Supervision>> supervisions;

  // A round that is not given is the first.
  uint32_t round() const;  // the last of assignments and replies
  const v1::Assignment* last_assignment() const;
  // The code by which requests name an assignment: its record's own ("1-2"), or its id as text.
  std::string last_assignment_code() const;
  const v1::Reply* last_reply() const;
  // The first reply of the last assignment's round or later; nullopt: none, or without a date.
  std::optional<Day> replied() const;
  // Of the last round, the latest by business date; of a suggestion only its lead deputy's.
  const v1::Evaluation* last_evaluation() const;
  v1::Rating rating() const;
  std::optional<Day> first_assigned() const;  // kUndated: assigned without a valid date
  // The last assignment's time limit with the extensions that were granted to it.
  std::optional<Day> due() const;
  const Part<v1::ReturnRequest>* pending_return() const;
  const Part<v1::Extension>* pending_extension() const;

  // The class is that of the last reply; TRACKING is kept until the promise of the last reply.
  std::optional<Day> promise() const;
};

// CONTESTED where the heads of its status disagree.
v1::MatterState MatterStateOf(const Aggregate& matter);

// Children of a type that live, in the order of CaseFile's parts: with those that no guard asks about.
template <typename M>
std::vector<Part<M>> PartsOf(const Aggregate& matter, const OpTimes& times);

// The main unit of the last assignment by itself, without the rest of the file; "" if there is none.
std::string LastUnit(const Aggregate& matter, const OpTimes& times);

// How long the law lets a reply take at most: six months from the first assignment for deputies' suggestions, for
// opinions the township's own ceiling. nullopt: not assigned.
std::optional<Day> CeilingOf(const CaseFile& file, const Deadlines& deadlines);

}  // namespace liaison

#endif  // LIAISON_COMMON_RULES_MATTER_CASE_FILE_H_

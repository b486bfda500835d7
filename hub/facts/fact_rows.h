// The bytes of fact rows and counter rows, for facts.cc and its tests. Everybody else reads facts with
// hub/facts/facts.h.
//
// Fact rows (prefix 'f'), keys behind the prefix:
//
//   day:fixed32 kind:u8=1 session                   flags:u8 state:varint form:varint unregistered:varint station
//                                                     flags: 1 historical, 2 paper
//   day:fixed32 kind:u8=2 session:string deputy     flags:u8 station         flags: 1 closed, 2 leave
//   day:fixed32 kind:u8=3 session:string entry      flags:u8 form:varint headcount:varint [author:actor seq:varint]
//                                                     station:string visitor
//                                                     flags: 1 anonymous, 2 historical, 4 author
//   day:fixed32 kind:u8=4 matter                    flags:varint state:varint nature:varint track:varint
//                                                     disposition:varint class:varint rating:varint station:string
//                                                     category:string subcategory:string lead:string
//                                                     answered_by:string [assigned:varint unit:string]
//                                                     [sources:varint (session:string entry:string)*]
//                                                     [cosigners:varint (deputy:string)*] link
//                                                     flags: 1 historical, 2 solved on the spot, 4 solved,
//                                                     8 by ledger, 16 accusation, 32 assigned, 64 key,
//                                                     128 wants feedback, 256 fed back, 512 unreachable,
//                                                     1024 cosigned; sources where 128 stands without 256 and 512
//   day:fixed32 kind:u8=5 matter                    flags:u8 state:varint track:varint rating:varint due:varint
//                                                     replied:varint station:string unit
//                                                     flags: 1 historical, 2 any reply, 4 key; day+1, or 0 for none
//   day:fixed32 kind:u8=6 matter:string child       event:u8 mode:u8 historical:u8 track:varint station:string unit
//   day:fixed32 kind:u8=7 activity                  type:varint problems:varint made:varint adopted:varint
//                                                     others:varint articles:varint station:string
//                                                     deputies:varint (deputy:string)* ballots:varint (kind:varint
//                                                     reported:u8 good:varint votes:varint subject:string)*
//   'i' matter                                      day:varint          where the matter's row of kind 4 is
//   'l' followed:string matter                      empty               matters merged into another
//   'a' session:string entry                        empty               visits that name nobody
//
// Session, matter, entry, activity and deputy are names without type byte, visitor and child are ids with it; a name
// that comes last has no length. Days are below 2^24, so that no day starts with a letter. A random name has 12 bytes:
// a matter's row is at most 76 bytes with its prefix, a visit's 76, with station ids of seven letters.
//
// Counter rows (prefix 'c'):
//
//   'd' day:fixed32 station, 'm' month:fixed32 station     one zigzag per counter, in the order of the enum
//
// month = year * 12 + month - 1. Downsides: a change of a record's date or station moves its rows; a state is in the
// row of the day on which the record is dated, so that an old day's row changes when its matter goes on.
#ifndef LIAISON_HUB_FACTS_FACT_ROWS_H_
#define LIAISON_HUB_FACTS_FACT_ROWS_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "hub/facts/facts.h"

namespace liaison {

enum FactKind : uint8_t {
  kSessionKind = 1,
  kDeputyKind,
  kVisitKind,
  kMatterKind,
  kAssignedKind,
  kEventKind,
  kActivityKind
};
inline constexpr char kFactIndex = 'i', kFactLinks = 'l', kFactNameless = 'a', kCounterDays = 'd', kCounterMonths = 'm';

using Rows = std::map<std::string, std::string>;  // keys behind the projection's prefix

std::string DatedKey(Day day, FactKind kind);

// Each Put adds the rows of one fact.
void PutSession(const SessionFact& fact, Rows* rows);
void PutDeputy(const DeputyFact& fact, Rows* rows);
void PutVisit(const VisitFact& fact, Rows* rows);
void PutMatter(const MatterFact& fact, Rows* rows);
void PutAssigned(const AssignedFact& fact, Rows* rows);
void PutEvent(const EventFact& fact, Rows* rows);
void PutActivity(const ActivityFact& fact, Rows* rows);

// Each Get reads the row whose day and kind were read from `key` already. Failures stand in the readers.
SessionFact GetSession(Day day, ByteReader* key, ByteReader* value);
DeputyFact GetDeputy(Day day, ByteReader* key, ByteReader* value);
VisitFact GetVisit(Day day, ByteReader* key, ByteReader* value);
MatterFact GetMatter(Day day, ByteReader* key, ByteReader* value);
AssignedFact GetAssigned(Day day, ByteReader* key, ByteReader* value);
EventFact GetEvent(Day day, ByteReader* key, ByteReader* value);
ActivityFact GetActivity(Day day, ByteReader* key, ByteReader* value);

uint32_t MonthOf(Day day);  // year * 12 + month - 1
std::string CounterKey(char level, uint32_t number, std::string_view station);
std::string EncodeCounters(const CounterValues& values);
// kDataLoss with the key in hexadecimal.
absl::StatusOr<CounterValues> DecodeCounters(std::string_view key, std::string_view bytes);

}  // namespace liaison

#endif  // LIAISON_HUB_FACTS_FACT_ROWS_H_

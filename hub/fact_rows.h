// The bytes of fact rows and counter rows, for facts.cc and its tests. Everybody else reads facts with hub/facts.h.
//
// Fact rows (prefix 'f'), keys behind the prefix:
//
//   day:fixed32 kind:u8=1 session                   state:varint historical:u8 unregistered:varint station
//   day:fixed32 kind:u8=2 session:string deputy     closed:u8 station
//   day:fixed32 kind:u8=3 session:string entry      flags:u8 headcount:varint station:string visitor
//                                                     flags: 1 anonymous, 2 historical
//   day:fixed32 kind:u8=4 matter                    flags:u8 state:varint nature:varint track:varint
//                                                     disposition:varint class:varint rating:varint station:string
//                                                     category:string [assigned:varint unit:string] link
//                                                     flags: 1 historical, 2 solved on the spot, 4 solved,
//                                                     8 by ledger, 16 accusation, 32 assigned
//   day:fixed32 kind:u8=5 matter                    flags:u8 state:varint track:varint due:varint replied:varint
//                                                     station:string unit
//                                                     flags: 1 historical, 2 any reply; day+1, or 0 for none
//   'i' matter                                      day:varint          where the matter's row of kind 4 is
//   'l' followed:string matter                      empty               matters merged into another
//
// Session, matter, entry and deputy are names without type byte, visitor is an id with it; a name that comes last has
// no length. Days are below 2^24, so that no day starts with a letter. A random name has 12 bytes: a matter's row is
// at most 60 bytes with its prefix, a visit's 56, with station ids of seven letters.
//
// Counter rows (prefix 'c'):
//
//   'd' day:fixed32 station, 'm' month:fixed32 station     one zigzag per counter, in the order of the enum
//
// month = year * 12 + month - 1. Downsides: a change of a record's date or station moves its rows; a state is in the
// row of the day on which the record is dated, so that an old day's row changes when its matter goes on.
#ifndef LIAISON_HUB_FACT_ROWS_H_
#define LIAISON_HUB_FACT_ROWS_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "hub/facts.h"

namespace liaison {

enum FactKind : uint8_t { kSessionKind = 1, kDeputyKind, kVisitKind, kMatterKind, kAssignedKind };
inline constexpr char kFactIndex = 'i', kFactLinks = 'l', kCounterDays = 'd', kCounterMonths = 'm';

using Rows = std::map<std::string, std::string>;  // keys behind the projection's prefix

std::string DatedKey(Day day, FactKind kind);

// Each Put adds the rows of one fact.
void PutSession(const SessionFact& fact, Rows* rows);
void PutDeputy(const DeputyFact& fact, Rows* rows);
void PutVisit(const VisitFact& fact, Rows* rows);
void PutMatter(const MatterFact& fact, Rows* rows);
void PutAssigned(const AssignedFact& fact, Rows* rows);

// Each Get reads the row whose day and kind were read from `key` already. Failures stand in the readers.
SessionFact GetSession(Day day, ByteReader* key, ByteReader* value);
DeputyFact GetDeputy(Day day, ByteReader* key, ByteReader* value);
VisitFact GetVisit(Day day, ByteReader* key, ByteReader* value);
MatterFact GetMatter(Day day, ByteReader* key, ByteReader* value);
AssignedFact GetAssigned(Day day, ByteReader* key, ByteReader* value);

uint32_t MonthOf(Day day);  // year * 12 + month - 1
std::string CounterKey(char level, uint32_t number, std::string_view station);
std::string EncodeCounters(const CounterValues& values);
// kDataLoss with the key in hexadecimal.
absl::StatusOr<CounterValues> DecodeCounters(std::string_view key, std::string_view bytes);

}  // namespace liaison

#endif  // LIAISON_HUB_FACT_ROWS_H_

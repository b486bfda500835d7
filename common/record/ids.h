// Ids of records. A record is a root (an aggregate, the unit of replication) or a child of one.
#ifndef LIAISON_COMMON_RECORD_IDS_H_
#define LIAISON_COMMON_RECORD_IDS_H_

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/causal/op_name.h"

namespace liaison {

inline constexpr size_t kActionIdBytes = 10;  // 80 random bits, drawn once per action by the page or command line

// A type byte (the schema's RecordRules.type) and a name: for random ids the action id that created the record and an
// index of two big-endian bytes; for master records their code ("HK-D057"), so that a roster loaded twice is the same
// roster. Type 0 with an empty name means "the root itself" where a child is named.
struct RecordId {
  uint8_t type = 0;
  std::string name;

  static RecordId Random(uint8_t type, std::string_view action_id, uint16_t index);
  static RecordId Master(uint8_t type, std::string_view code) { return {type, std::string(code)}; }

  bool IsRoot() const { return type == 0; }
  auto operator<=>(const RecordId&) const = default;
  bool operator==(const RecordId&) const = default;
};

// Whether the id is one that this action gave: Random(type, action_id, index) for some index.
bool IsOfAction(const RecordId& id, std::string_view action_id);

// Whether a text is the code of an account: "U" and five digits of Crockford's base 32. No name that is typed may be.
bool IsAccountCode(std::string_view text);

// The id as text: "24.00112233445566778899000a" for random ids, "1:HK-D057" for master records. Parsing refuses
// everything else (false, *out untouched).
std::string ToText(const RecordId& id);
bool ParseRecordId(std::string_view text, RecordId* out);

// The id as bytes that sort by type, then name: type name. The whole of what remains is the name.
std::string ToBytes(const RecordId& id);
bool RecordIdFromBytes(std::string_view bytes, RecordId* out);

// id := type form …: form 0: `action_id` and index:varint; form 1: name:string. Form 0 is used whenever it can be, so
// that one id has one encoding inside an op. type 0 stands alone.
void EncodeRecordId(const RecordId& id, std::string_view action_id, ByteWriter* out);
RecordId DecodeRecordId(std::string_view action_id, ByteReader* in);

}  // namespace liaison

#endif  // LIAISON_COMMON_RECORD_IDS_H_

#include "common/record/ids.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "common/base/text.h"

namespace liaison {
namespace {

constexpr size_t kRandomNameBytes = kActionIdBytes + 2;

uint16_t Index(std::string_view name) {
  return static_cast<uint16_t>(static_cast<uint8_t>(name[kActionIdBytes]) << 8 |
                               static_cast<uint8_t>(name[kActionIdBytes + 1]));
}

// Codes are printable ASCII, so a name with another byte is a random one; text keeps the two apart by its separator.
bool IsCode(std::string_view name) {
  if (name.empty()) return false;
  for (char c : name)
    if (c < 0x21 || c > 0x7e || c == '/') return false;
  return true;
}

}  // namespace

bool IsOfAction(const RecordId& id, std::string_view action_id) {
  return id.name.size() == kRandomNameBytes && action_id.size() == kActionIdBytes && id.name.starts_with(action_id);
}

bool IsAccountCode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  constexpr size_t kAccountCodeChars = 6;
  return text.size() == kAccountCodeChars && text[0] == 'U' &&
         text.find_first_not_of(kDigits, 1) == std::string_view::npos;
}

RecordId RecordId::Random(uint8_t type, std::string_view action_id, uint16_t index) {
  RecordId id{type, std::string(action_id)};
  id.name.push_back(static_cast<char>(index >> 8));
  id.name.push_back(static_cast<char>(index));
  return id;
}

std::string ToText(const RecordId& id) {
  if (id.name.size() == kRandomNameBytes && !IsCode(id.name)) return Cat(static_cast<int>(id.type), ".", Hex(id.name));
  return Cat(static_cast<int>(id.type), ":", id.name);
}

bool ParseRecordId(std::string_view text, RecordId* out) {
  size_t separator = text.find_first_of(".:");
  if (separator == std::string_view::npos) return false;
  uint32_t type;
  if (!absl::SimpleAtoi(AbslView(text.substr(0, separator)), &type) || type == 0 || type > 255) return false;
  RecordId id{static_cast<uint8_t>(type), std::string(text.substr(separator + 1))};
  if (text[separator] == '.') {
    std::string name;
    if (!Unhex(id.name, &name) || name.size() != kRandomNameBytes || IsCode(name)) return false;
    id.name = name;
  } else if (!IsCode(id.name)) {
    return false;
  }
  if (ToText(id) != text) return false;  // "+1:x", "01:x": one id has one text
  *out = std::move(id);
  return true;
}

std::string ToBytes(const RecordId& id) {
  std::string bytes(1, static_cast<char>(id.type));
  return bytes + id.name;
}

bool RecordIdFromBytes(std::string_view bytes, RecordId* out) {
  if (bytes.size() < 2 || bytes[0] == 0) return false;
  *out = {static_cast<uint8_t>(bytes[0]), std::string(bytes.substr(1))};
  return true;
}

void EncodeRecordId(const RecordId& id, std::string_view action_id, ByteWriter* out) {
  out->U8(id.type);
  if (id.type == 0) return;
  if (IsOfAction(id, action_id)) {
    out->U8(0);
    out->Varint(Index(id.name));
  } else {
    out->U8(1);
    out->String(id.name);
  }
}

RecordId DecodeRecordId(std::string_view action_id, ByteReader* in) {
  RecordId id;
  id.type = in->U8();
  if (id.type == 0) return id;
  switch (in->U8()) {
    case 0: {
      uint64_t index = in->Varint();
      if (index > 0xffff) in->Fail("record index above 65535");
      if (action_id.size() != kActionIdBytes) in->Fail("record id of an action without an id");
      id = RecordId::Random(id.type, action_id, static_cast<uint16_t>(index));
      break;
    }
    case 1:
      id.name = std::string(in->String());
      if (id.name.empty()) in->Fail("record id without a name");
      if (id.name.size() > 100) in->Fail("record id longer than 100 bytes");
      if (IsOfAction(id, action_id)) in->Fail("record id in the longer form");
      if (id.name.size() != kRandomNameBytes && !IsCode(id.name)) in->Fail("record id neither random nor a code");
      break;
    default:
      in->Fail("unknown form of record id");
  }
  return id;
}

}  // namespace liaison

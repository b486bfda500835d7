#include "common/base/bytes.h"
#include "common/store/kept.h"

namespace liaison {

std::string EncodeKeptMark(const KeptMark& mark) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.U8(static_cast<uint8_t>(mark.verdict));
  out.String(mark.reason);
  if (!mark.key_id.empty()) out.String(mark.key_id);
  return bytes;
}

KeptMark DecodeKeptMark(std::string_view bytes) {
  KeptMark mark;
  ByteReader in(bytes);
  mark.verdict = static_cast<sync::Verdict>(in.U8());
  mark.reason = std::string(in.String());
  if (!in.empty()) mark.key_id = std::string(in.String());
  return mark;
}

}  // namespace liaison

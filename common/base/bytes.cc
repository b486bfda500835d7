#include "common/base/bytes.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "common/base/text.h"

namespace liaison {

void ByteWriter::Varint(uint64_t v) {
  while (v >= 0x80) {
    U8(static_cast<uint8_t>(v) | 0x80);
    v >>= 7;
  }
  U8(static_cast<uint8_t>(v));
}

void ByteWriter::Fixed32(uint32_t v) {
  for (int shift = 24; shift >= 0; shift -= 8) U8(static_cast<uint8_t>(v >> shift));
}

void ByteWriter::Fixed64(uint64_t v) {
  for (int shift = 56; shift >= 0; shift -= 8) U8(static_cast<uint8_t>(v >> shift));
}

void ByteReader::Fail(const char* why) {
  if (!ok_) return;
  ok_ = false;
  why_ = why;
  failed_at_ = position();
}

std::string_view ByteReader::Raw(size_t n) {
  if (!ok_ || n > rest_.size()) {
    Fail("truncated");
    return {};
  }
  std::string_view result = rest_.substr(0, n);
  rest_.remove_prefix(n);
  return result;
}

uint8_t ByteReader::U8() {
  std::string_view b = Raw(1);
  return b.empty() ? 0 : static_cast<uint8_t>(b[0]);
}

uint64_t ByteReader::Varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    uint8_t byte = U8();
    if (!ok_) return 0;
    if (shift == 63 && byte > 1) break;
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) {
      if (byte == 0 && shift > 0) break;  // a longer form of a shorter number
      return value;
    }
  }
  Fail("malformed varint");
  return 0;
}

uint32_t ByteReader::Varint32() {
  uint64_t value = Varint();
  if (value > 0xffffffff) Fail("number above 32 bits");
  return static_cast<uint32_t>(value);
}

uint32_t ByteReader::Fixed32() {
  uint32_t value = 0;
  for (char c : Raw(4)) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

uint64_t ByteReader::Fixed64() {
  uint64_t value = 0;
  for (char c : Raw(8)) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

std::string_view ByteReader::String() { return Raw(Varint()); }

uint64_t ByteReader::Count(size_t min_bytes) {
  uint64_t n = Varint();
  if (ok_ && n > rest_.size() / min_bytes) {
    Fail("count larger than the bytes that follow");
    return 0;
  }
  return n;
}

absl::Status ByteReader::Check(std::string_view what) const {
  if (ok_) return absl::OkStatus();
  return absl::InvalidArgumentError(Cat(what, ": ", why_, " at byte ", failed_at_));
}

absl::Status ByteReader::Finish(std::string_view what) const {
  if (ok_ && !rest_.empty())
    return absl::InvalidArgumentError(Cat(what, ": ", rest_.size(), " bytes left over at byte ", position()));
  return Check(what);
}

std::string Hex(std::string_view bytes) { return absl::BytesToHexString(AbslView(bytes)); }

bool Unhex(std::string_view hex, std::string* out) {
  if (hex.size() % 2 != 0) return false;
  auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  std::string result;
  for (size_t i = 0; i < hex.size(); i += 2) {
    int high = digit(hex[i]), low = digit(hex[i + 1]);
    if (high < 0 || low < 0) return false;
    result.push_back(static_cast<char>(high << 4 | low));
  }
  *out = std::move(result);
  return true;
}

std::string Base64Url(std::string_view bytes) { return absl::WebSafeBase64Escape(AbslView(bytes)); }

bool UnBase64Url(std::string_view text, std::string* out) { return absl::WebSafeBase64Unescape(AbslView(text), out); }

}  // namespace liaison

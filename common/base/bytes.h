// The byte grammar's alphabet: unsigned LEB128 varints, zigzag for signed numbers, fixed-width big-endian where byte
// order must be key order, and byte strings with a varint length in front. Writers cannot fail. A reader remembers the
// first failure, returns zeros from then on, and never reads past its end, so that a decoder checks once at its end.
#ifndef LIAISON_COMMON_BASE_BYTES_H_
#define LIAISON_COMMON_BASE_BYTES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace liaison {

class ByteWriter {
 public:
  explicit ByteWriter(std::string* out) : out_(out) {}

  void U8(uint8_t v) { out_->push_back(static_cast<char>(v)); }
  void Varint(uint64_t v);
  void Zigzag(int64_t v) { Varint((static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63)); }
  void Fixed32(uint32_t v);  // big-endian
  void Fixed64(uint64_t v);  // big-endian
  void Raw(std::string_view bytes) { out_->append(bytes); }
  void String(std::string_view bytes) {  // varint length, bytes
    Varint(bytes.size());
    Raw(bytes);
  }
  std::string* out() { return out_; }

 private:
  std::string* out_;  // not owned
};

class ByteReader {
 public:
  // `bytes` must outlive the reader and every view that it returns.
  explicit ByteReader(std::string_view bytes) : rest_(bytes), size_(bytes.size()) {}

  uint8_t U8();
  uint64_t Varint();    // at most ten bytes and only the shortest form: one value has one encoding
  uint32_t Varint32();  // larger numbers are refused, not cut
  int64_t Zigzag() {
    uint64_t v = Varint();
    return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1);
  }
  uint32_t Fixed32();
  uint64_t Fixed64();
  std::string_view Raw(size_t n);
  std::string_view String();
  // A varint that counts things still to be read, of at least `min_bytes` each: refused when they cannot fit.
  uint64_t Count(size_t min_bytes = 1);

  bool ok() const { return ok_; }
  bool empty() const { return rest_.empty(); }
  size_t position() const { return size_ - rest_.size(); }
  std::string_view rest() const { return rest_; }
  void Fail(const char* why);

  // kInvalidArgument with `what`, the position and the reason when anything failed, or when bytes are left over.
  absl::Status Finish(std::string_view what) const;
  // The same, with bytes allowed to be left over.
  absl::Status Check(std::string_view what) const;

 private:
  std::string_view rest_;
  size_t size_;
  bool ok_ = true;
  const char* why_ = "";
  size_t failed_at_ = 0;
};

std::string Hex(std::string_view bytes);
bool Unhex(std::string_view hex, std::string* out);  // false and *out untouched unless all pairs of hex digits
std::string Base64Url(std::string_view bytes);       // without padding
bool UnBase64Url(std::string_view text, std::string* out);

}  // namespace liaison

#endif  // LIAISON_COMMON_BASE_BYTES_H_

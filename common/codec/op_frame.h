// An op's bytes taken apart and put together again, for codecs that carry them in another form.
#ifndef LIAISON_COMMON_CODEC_OP_FRAME_H_
#define LIAISON_COMMON_CODEC_OP_FRAME_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/record/op.h"

namespace liaison {

inline constexpr uint8_t kClearPart = 1, kSealedPart = 2, kBlobPart = 3;
inline constexpr uint8_t kBytesForm = 0, kHashForm = 1;

struct OpPart {
  uint8_t kind = 0;
  uint8_t algorithm = 0;
  uint64_t length = 0;  // of the part as it was written
  uint8_t form = kBytesForm;
  std::string body;  // kBytesForm: its bytes, `length` of them; kHashForm: their hash
};

struct OpFrame {
  Op header;  // without writes, sealed and blobs; its hash is set by ReadFrame
  std::vector<OpPart> parts;
};

// As DecodeFrame(); the parts are not looked into.
absl::StatusOr<OpFrame> ReadFrame(std::string_view bytes);

// For every op made by EncodeOp() or WithoutSealedPart(), WriteFrame(*ReadFrame(bytes)) == bytes. Others may have been
// written in another way: whoever relies on it compares.
std::string WriteFrame(const OpFrame& frame);

}  // namespace liaison

#endif  // LIAISON_COMMON_CODEC_OP_FRAME_H_

// The bytes of an op. They are made once, by the author, then hashed, chained, signed, stored and forwarded as they
// are, never made again from their meaning. A byte grammar of our own, not protobuf, which promises no canonical form.
//
//   op      := header {form:u8 body}*             one form and body for each part in the header's table
//   header  := format:u8=1 hash:u8 flags:u8 actor seq:varint
//              [parent: actor seq:varint head:32]              flags & 1
//              action:10 index:varint count:varint aggregate:id kind:varint schema:varint
//              n:varint [previous:fixed64]                     n > 1
//              context:vector grants:vector
//              logical:varint wall:zigzag (milliseconds relative to the logical time's) quality:u8 user:string
//              [was: name]                                     flags & 2
//              parts:varint {kind:u8 algorithm:u8 length:varint}*
//   form    := 0: the part's bytes follow; 1: its hash (32) follows, the part was erased or is not for this reader
//   writes  := groups:varint {child:id count:varint {tag*2+has-element:varint [element:string] value:string}*}*
//   blobs   := count:varint hash:32*
//   parts: ascending by kind; 1 clear writes, 2 sealed writes, 3 blobs; algorithm 0: as it stands. Another kind or
//   algorithm is kept and not read. A (child, tag, element) stands at most once among the writes of a part.
//
//   op hash = H(header | H(part 1) | H(part 2) …)     so that an erased part still verifies
//   chain_n = H(chain_{n-1} | op hash)                chain_0 = H("liaison-chain-1" | parent as above, or nothing)
//
// Downsides: an erased text that somebody guesses whole can be confirmed by its hash; the header is always in clear.
#ifndef LIAISON_COMMON_CODEC_OP_CODEC_H_
#define LIAISON_COMMON_CODEC_OP_CODEC_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/record/op.h"

namespace liaison {

// The largest op that is made or taken. Larger things are attachments.
inline constexpr size_t kMaxOpBytes = 256 * 1024;

// Encodes and sets op->hash. Writes of one child must stand together, so the encoder groups them in order of first
// appearance; decoding gives that order. REQUIRES: action_id of kActionIdBytes, n >= 1.
std::string EncodeOp(Op* op);

// Decodes, computes the hash, and checks all that can be checked of an op by itself: form, counts, previous iff n > 1,
// parent only on seq 1, parts ascending, no field twice. An op of a kind, schema version or part that is not known
// decodes; one of another format does not (kUnimplemented). kInvalidArgument names what is wrong and the byte; inside
// a part, the part and where it ends.
absl::StatusOr<Op> DecodeOp(std::string_view bytes);

// The header and the hash of an op whose content may be wrong: whatever the parts hold, and rules of the header that
// DecodeOp holds it to. Such an op can be stored under its name and its log goes on. kInvalidArgument: not even that.
absl::StatusOr<Op> DecodeFrame(std::string_view bytes);

// The op with its sealed part replaced by its hash: what readers get who may not have it, and what erasure leaves.
absl::StatusOr<std::string> WithoutSealedPart(std::string_view bytes);

std::string ChainStart(const std::optional<ParentLink>& parent);
std::string ChainNext(std::string_view head, std::string_view op_hash);

}  // namespace liaison

#endif  // LIAISON_COMMON_CODEC_OP_CODEC_H_

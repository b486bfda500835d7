#include "common/codec/message_codec.h"

#include <utility>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/archive.h"
#include "common/crypto/hash.h"

namespace liaison {
namespace {

constexpr uint8_t kMessageVersion = 1;

template <size_t I>
absl::StatusOr<sync::Message> DecodeAs(ByteReader* in) {
  std::variant_alternative_t<I, sync::Message> body;
  Archive<ByteReader> archive(in);
  Fields(archive, body);
  RETURN_IF_ERROR(in->Check("message"));
  return sync::Message(std::move(body));
}

template <size_t... I>
absl::StatusOr<sync::Message> DecodeType(uint8_t type, ByteReader* in, std::index_sequence<I...>) {
  absl::StatusOr<sync::Message> result =
      absl::UnimplementedError(Cat("message: type ", static_cast<int>(type), " is not known to this version"));
  ((type == I + 1 ? (void)(result = DecodeAs<I>(in)) : void()), ...);
  return result;
}

template <typename T>
void AppendFields(T& value, std::string* out) {
  ByteWriter writer(out);
  Archive<ByteWriter> archive(&writer);
  Fields(archive, value);
}

}  // namespace

std::string EncodeMessage(const sync::Message& message) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.U8(kMessageVersion);
  out.U8(static_cast<uint8_t>(message.index() + 1));
  std::visit([&](const auto& body) { AppendFields(body, &bytes); }, message);
  return bytes;
}

absl::StatusOr<sync::Message> DecodeMessage(std::string_view bytes) {
  ByteReader in(bytes);
  if (uint8_t version = in.U8(); in.ok() && version != kMessageVersion)
    return absl::UnimplementedError(Cat("message: version ", static_cast<int>(version), " is not known"));
  uint8_t type = in.U8();
  RETURN_IF_ERROR(in.Check("message"));
  return DecodeType(type, &in, std::make_index_sequence<std::variant_size_v<sync::Message>>());
}

std::string RangeSigningBytes(const sync::Range& range) {
  std::string bytes = "liaison-range-1";
  ByteWriter out(&bytes);
  EncodeActor(range.actor, &out);
  out.Varint(range.first);
  out.Varint(range.last);
  out.Raw(range.head_before);
  out.Raw(range.head_after);
  return bytes;
}

std::string FeedSigningBytes(const sync::FeedBatch& batch) {
  std::string bytes = "liaison-feed-1";
  ByteWriter out(&bytes);
  out.String(batch.interest);
  out.String(batch.epoch);
  out.Varint(batch.first);
  out.Raw(batch.prefix_before);
  out.Varint(batch.last);
  out.Raw(batch.prefix_after);
  return bytes;
}

std::string AckSigningBytes(const sync::Ack& ack) {
  std::string bytes = "liaison-ack-1";
  sync::Ack clear = ack;
  clear.seal = {};
  clear.verdicts.clear();
  clear.gap.reset();
  AppendFields(clear, &bytes);
  return bytes;
}

std::string HeadsSigningBytes(const sync::Welcome& welcome) {
  std::string bytes = "liaison-heads-1";
  ByteWriter out(&bytes);
  out.Zigzag(welcome.hub_time_ms);
  Archive<ByteWriter> archive(&out);
  archive(welcome.heads);
  return bytes;
}

std::string FeedStart(std::string_view interest) { return Sha256("liaison-feed-1" + std::string(interest)); }

std::string FeedNext(std::string_view prefix, const sync::FeedItem& item) {
  std::string bytes(prefix);
  bytes += Sha256(EncodeFeedItem(item));
  return Sha256(bytes);
}

std::string EncodeFeedItem(const sync::FeedItem& item) {
  std::string bytes;
  AppendFields(item, &bytes);
  return bytes;
}

absl::StatusOr<sync::FeedItem> DecodeFeedItem(std::string_view bytes) {
  ByteReader in(bytes);
  sync::FeedItem item;
  Archive<ByteReader> archive(&in);
  Fields(archive, item);
  RETURN_IF_ERROR(in.Finish("feed item"));
  return item;
}

}  // namespace liaison

#include "common/causal/dot.h"

#include "absl/strings/str_format.h"

namespace liaison {

void EncodeActor(const Actor& actor, ByteWriter* out) {
  out->String(actor.station);
  out->Fixed64(actor.random);
}

Actor DecodeActor(ByteReader* in) {
  Actor actor;
  actor.station = std::string(in->String());
  actor.random = in->Fixed64();
  return actor;
}

void EncodeDot(const Dot& dot, ByteWriter* out) {
  EncodeActor(dot.actor, out);
  out->Varint(dot.n);
  out->Fixed64(dot.tag);
}

Dot DecodeDot(ByteReader* in) {
  Dot dot;
  dot.actor = DecodeActor(in);
  dot.n = in->Varint();
  dot.tag = in->Fixed64();
  if (dot.n == 0) in->Fail("a dot counts from 1");
  return dot;
}

std::string ToText(const Actor& actor) { return absl::StrFormat("%s/%016x", actor.station, actor.random); }

std::string ToText(const Dot& dot) { return absl::StrFormat("%s:%d~%016x", ToText(dot.actor), dot.n, dot.tag); }

}  // namespace liaison

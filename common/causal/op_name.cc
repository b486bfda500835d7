#include "common/causal/op_name.h"

#include "common/base/text.h"

namespace liaison {

void EncodeOpName(const OpName& name, ByteWriter* out) {
  EncodeActor(name.actor, out);
  out->Varint(name.seq);
  out->Raw(name.hash);
}

OpName DecodeOpName(ByteReader* in) {
  OpName name;
  name.actor = DecodeActor(in);
  name.seq = in->Varint();
  name.hash = std::string(in->Raw(kHashBytes));
  return name;
}

std::string ToText(const OpName& name) {
  return Cat(ToText(name.actor), "#", name.seq, "~", Hex(std::string_view(name.hash).substr(0, 8)));
}

}  // namespace liaison

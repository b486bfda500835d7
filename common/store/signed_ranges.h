// What stations signed, as table R notes it, against the ops that stand in O. Private to common/store.
#ifndef LIAISON_COMMON_STORE_SIGNED_RANGES_H_
#define LIAISON_COMMON_STORE_SIGNED_RANGES_H_

#include <functional>
#include <string>
#include <vector>

#include "common/codec/message_codec.h"
#include "common/store/kv.h"

namespace liaison {

struct SignedRange {
  sync::Range range;              // without ops and keys; the heads and the seal as they were signed
  std::vector<std::string> keys;  // of its ops in O, in order; empty: those that are here do not give its last head
};
// By log and number. Stops when `visit` returns false.
void ForEachSignedRange(const KvReader& kv, const std::function<bool(const SignedRange&)>& visit);

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_SIGNED_RANGES_H_

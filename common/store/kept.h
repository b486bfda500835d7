// Ops that are on the disk and not folded (table Q): they can be named but not read, or may not stand. Their log goes
// on over them, they are in no feed, and a person may take those that can be read (Store::AcceptKept).
#ifndef LIAISON_COMMON_STORE_KEPT_H_
#define LIAISON_COMMON_STORE_KEPT_H_

#include <functional>
#include <optional>
#include <string>

#include "common/codec/message_codec.h"
#include "common/record/op.h"
#include "common/store/kv.h"

namespace liaison {

// The value of table Q (keys.h).
struct KeptMark {
  sync::Verdict verdict = sync::Verdict::kMalformed;
  std::string reason;  // Chinese, as its author was told
  std::string key_id;  // of the device that signed its range; empty: unsigned, or kept by an older version
};
std::string EncodeKeptMark(const KeptMark& mark);
KeptMark DecodeKeptMark(std::string_view bytes);

// Of what another hub's folder has and no device of this hub's register has signed (Store::Import).
inline constexpr char kUnsignedReason[] = "接管的文件夹里没有本镇设备对这条记录的签名";

struct KeptOp {
  Op op;                  // unless `readable`, what its header says: without writes
  std::string bytes;      // its own
  bool readable = false;  // and so may be taken
  KeptMark mark;
};

// By actor and number. Stops when `visit` returns false.
void ForEachKept(const KvReader& kv, const std::function<bool(const KeptOp&)>& visit);

bool IsKept(const KvReader& kv, const OpName& name);
// Whether an op of this disk is kept and could be taken.
bool IsKeptReadable(const KvReader& kv, const OpName& name);

// The name of an op on this disk, kept or folded, by the tag that people see; nothing if it is not here.
std::optional<OpName> FindOpName(const KvReader& kv, const Actor& actor, uint64_t seq, Tag tag);

// Whether an op says that others' ops are refused: the hub's word alone, since such an op cannot be refused itself.
bool JudgesOps(const Op& op);

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_KEPT_H_

#include "common/store/signed_ranges.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/codec/op_codec.h"
#include "common/store/keys.h"

namespace liaison {
namespace {

// Ops of branches that came by themselves fit behind any other: two such branches of a long log would double the paths
// with each number.
constexpr size_t kMostPaths = 1024;

struct Step {
  std::string key;
  size_t before = 0;  // of the steps, plus one; 0: none
};
struct Path {
  std::string head;
  size_t last = 0;  // as Step::before
  bool on_chain = true;
};

// From the range's first head to its last. It runs along the chain, or along a branch, or leaves the chain for a
// branch: ops of branches stand in N with the head behind them, one without it has come by itself.
std::vector<std::string> Follow(const KvReader& kv, const sync::Range& range) {
  std::vector<Step> steps;
  std::vector<Path> paths{{range.head_before, 0, true}};
  for (uint64_t seq = range.first; seq <= range.last && !paths.empty(); ++seq) {
    std::vector<Path> next;
    kv.ScanPrefix(key::OpAt(range.actor, seq), [&](std::string_view key, std::string_view bytes) {
      absl::StatusOr<Op> op = DecodeFrame(bytes);
      if (!op.ok() || op->actor != range.actor || op->seq != seq) return true;
      const std::optional<std::string> branch = kv.Get(key::Branch(op->actor, op->seq, op->tag()));
      for (const Path& path : paths) {
        std::string head = ChainNext(path.head, op->hash);
        if (branch ? !branch->empty() && *branch != head : !path.on_chain) continue;
        if (next.size() == kMostPaths) return false;
        steps.push_back({std::string(key), path.last});
        next.push_back({std::move(head), steps.size(), path.on_chain && !branch});
      }
      return true;
    });
    paths = std::move(next);
  }
  std::vector<std::string> keys;
  for (const Path& path : paths) {
    if (path.head != range.head_after) continue;
    for (size_t at = path.last; at > 0; at = steps[at - 1].before) keys.push_back(steps[at - 1].key);
    std::reverse(keys.begin(), keys.end());
    break;
  }
  return keys;
}

}  // namespace

void ForEachSignedRange(const KvReader& kv, const std::function<bool(const SignedRange&)>& visit) {
  kv.ScanPrefix(key::kRange, [&](std::string_view key, std::string_view value) {
    ByteReader place(key.substr(sizeof(key::kRange) - 1)), in(value);
    SignedRange one;
    one.range.actor = DecodeActor(&place);
    one.range.last = place.Fixed64();
    one.range.first = in.Varint();
    one.range.head_before = std::string(in.Raw(kHashBytes));
    one.range.head_after = std::string(in.Raw(kHashBytes));
    one.range.seal.key_id = std::string(in.String());
    one.range.seal.algorithm = in.U8();
    one.range.seal.signature = std::string(in.String());
    const bool sound = place.ok() && in.ok() && one.range.first > 0 && one.range.first <= one.range.last;
    if (sound) one.keys = Follow(kv, one.range);
    return visit(one);
  });
}

}  // namespace liaison

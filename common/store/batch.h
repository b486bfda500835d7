// One write of the store under construction: folds ops through an in-memory overlay, then derives what depends on
// the records. Private to common/store.
#ifndef LIAISON_COMMON_STORE_BATCH_H_
#define LIAISON_COMMON_STORE_BATCH_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/store/kept.h"
#include "common/store/store.h"

namespace liaison {

// Who writes what the hub says by itself.
inline constexpr char kHubUser[] = "镇中心";

// The value of table C (keys.h). Order 0: another's log. Nothing archived: without the last number.
std::string EncodeChain(const Store::OwnLog& log);
absl::StatusOr<Store::OwnLog> DecodeChain(const Actor& actor, std::string_view bytes);

// The chain head after `seq` of the log in C, walked from `head` after `at`; empty if an op of it is missing or
// damaged.
std::string WalkChain(const KvReader& kv, const Actor& actor, uint64_t at, std::string head, uint64_t seq);

// The end of an actor's chain; nullopt: nothing of it is here.
std::optional<sync::Tip> ChainTip(const KvReader& kv, const Actor& actor);

class Store::Batch {
 public:
  Batch(const Kv* kv, const StoreOptions* options) : out_(kv), options_(options) {}

  KvWriter& out() { return out_; }

  // Stores and folds an op that is not in the store yet. `bytes` are its own.
  void AddOp(const Op& op, std::string_view bytes);
  // Stores an op that can be named but not read, or may not stand: its log goes on over it, nothing is folded.
  void KeepOp(const Op& frame, std::string_view bytes, const KeptMark& mark);
  bool HasOp(const OpName& name) const;
  // A range that ends there came now, unless it came before.
  void NoteArrival(const Actor& actor, uint64_t last, Tag tag);
  // Unless `told`, it enters no feed: nothing that it opens is folded. kKnown: it is held, or was destroyed, which is
  // for good. kIgnored: it is empty, or another one is held, which it does not replace.
  enum class KeyOutcome { kTaken, kKnown, kIgnored };
  KeyOutcome AddKey(const sync::KeyItem& item, bool told = true);
  // By this disk's own word or the hub's signed one, never because a station says so.
  void DestroyKey(const sync::KeyItem& item);
  // The keys of a visitor that are here go to the feeds as new ones do.
  void TellKeys(const RecordId& visitor);

  // Loaded once per batch; changed by AddOp.
  Aggregate& Get(const RecordId& id);

  // Reads the records as they are with all that was added so far. Lives no longer than the batch, and tells nothing of
  // projections, which are made last.
  StoreReader View();

  // Writes states, projections and feeds into out(). Afterwards `changed()` names the aggregates.
  void Derive(std::string_view epoch);
  std::vector<const Aggregate*> changed() const;
  std::vector<RecordId> changed_ids() const;

 private:
  struct Entry {
    std::optional<Aggregate> before;
    Aggregate now;
    bool changed = false;
  };
  struct Feed {
    uint64_t position = 0;
    std::string prefix;
  };

  Entry& Load(const RecordId& id);
  void DeriveFeeds(std::string_view epoch);
  void DeriveKeyFeeds(const std::map<RecordId, std::set<std::string>>& entered,
                      const std::map<RecordId, std::set<std::string>>& interests);
  bool NobodyMade(const RecordId& visitor);
  void Append(const std::string& interest, const sync::FeedItem& item);
  std::set<std::string> Members(const RecordId& id) const;
  void PutKey(const sync::KeyItem& item, bool told);

  KvWriter out_;
  const StoreOptions* options_;
  std::map<RecordId, Entry> entries_;
  std::set<RecordId> unread_;  // changed since View(): out_ has an older state
  std::vector<std::pair<RecordId, OpName>> new_ops_;  // in order of arrival
  std::vector<sync::KeyItem> new_keys_;
  std::map<std::string, Feed> feeds_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_BATCH_H_

// What the store needs of a key-value database: ordered keys, atomic batches that are durable when they say so, and
// consistent snapshots. RocksDB in the daemons; an in-memory one in simulation.
#ifndef LIAISON_COMMON_STORE_KV_H_
#define LIAISON_COMMON_STORE_KV_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace liaison {

class Vault;

// Reads. An implementation says which threads may use it. A read that fails answers "absent" and leaves a note on its
// thread (read_failure.h), to be asked for before anything is made of it; and it is returned by the next Kv::Write.
class KvReader {
 public:
  virtual ~KvReader() = default;
  virtual std::optional<std::string> Get(std::string_view key) const = 0;

  // Calls `visit` for each key in [from, to), ascending, until it returns false. Views live during the call only.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  virtual void Scan(std::string_view from, std::string_view to, const Visit& visit) const = 0;
  // The last key in [from, to) and its value.
  virtual std::optional<std::pair<std::string, std::string>> Last(std::string_view from, std::string_view to) const = 0;

  void ScanPrefix(std::string_view prefix, const Visit& visit) const;
};

// The smallest key above all keys with this prefix; "" (no upper bound) if there is none.
std::string PrefixEnd(std::string_view prefix);

// Changes to be written at once; nullopt deletes.
using KvChanges = std::map<std::string, std::optional<std::string>, std::less<>>;

class Kv : public KvReader {
 public:
  // All or nothing; with `sync` durable against power cuts when it returns OK. After an error nothing may be written
  // any more until the database is opened again: kDataLoss from then on, kResourceExhausted if the disk was full.
  virtual absl::Status Write(const KvChanges& changes, bool sync) = 0;
  // A consistent view of now, readable from any thread while writes go on. Must die before the Kv.
  virtual std::unique_ptr<KvReader> Snapshot() const = 0;
  // What was overwritten or deleted under this prefix leaves the files, too, not only what is read. May take long.
  virtual absl::Status Forget(std::string_view prefix) { return (void)prefix, absl::OkStatus(); }
};

// Reads through pending changes onto a base: what a projection and an action under construction see.
class KvWriter : public KvReader {
 public:
  explicit KvWriter(const KvReader* base) : base_(base) {}  // base must outlive this

  std::optional<std::string> Get(std::string_view key) const override;
  void Scan(std::string_view from, std::string_view to, const Visit& visit) const override;
  std::optional<std::pair<std::string, std::string>> Last(std::string_view from, std::string_view to) const override;

  void Put(std::string_view key, std::string value);
  void Delete(std::string_view key);

  const KvChanges& changes() const { return changes_; }

 private:
  const KvReader* base_;
  KvChanges changes_;
};

// For tests and simulation: a map in memory. Thread-safe; snapshots copy it whole. Nothing is ever lost or refused.
std::unique_ptr<Kv> NewMemoryKv();

// Opens or creates the RocksDB in `dir` with a station's (small) or the hub's profile. kUnavailable: in use. kDataLoss:
// unreadable, damaged, or short of what was acknowledged (head_mark.h), left as it was. kResourceExhausted: disk full.
// kFailedPrecondition (Chinese): encrypted, and no vault is given. Of a data folder: OpenDatabase() in daemon/rest.h.
struct RocksOptions {
  bool hub = false;
  std::shared_ptr<const Vault> vault = nullptr;  // its files are encrypted (crypto/at_rest.h); null: in the clear
};
absl::StatusOr<std::unique_ptr<Kv>> OpenRocks(const std::string& dir, const RocksOptions& options);

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_KV_H_

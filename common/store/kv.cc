#include "common/store/kv.h"

#include <mutex>

#include "common/store/keys.h"
#include "common/store/projection.h"

namespace liaison {
namespace {

bool Below(std::string_view key, std::string_view to) { return to.empty() || key < to; }

// A map with a mutex. Snapshots copy the whole map: this is for simulation and tests, where stores are small.
class MapReader : public KvReader {
 public:
  using Map = std::map<std::string, std::string, std::less<>>;
  explicit MapReader(Map map) : map_(std::move(map)) {}

  std::optional<std::string> Get(std::string_view key) const override { return GetIn(map_, key); }
  void Scan(std::string_view from, std::string_view to, const Visit& visit) const override {
    ScanIn(map_, from, to, visit);
  }
  std::optional<std::pair<std::string, std::string>> Last(std::string_view from, std::string_view to) const override {
    return LastIn(map_, from, to);
  }

  static std::optional<std::string> GetIn(const Map& map, std::string_view key) {
    auto it = map.find(key);
    if (it == map.end()) return std::nullopt;
    return it->second;
  }
  static void ScanIn(const Map& map, std::string_view from, std::string_view to, const Visit& visit) {
    for (auto it = map.lower_bound(from); it != map.end() && Below(it->first, to); ++it)
      if (!visit(it->first, it->second)) return;
  }
  static std::optional<std::pair<std::string, std::string>> LastIn(const Map& map, std::string_view from,
                                                                   std::string_view to) {
    auto it = to.empty() ? map.end() : map.lower_bound(to);
    if (it == map.begin()) return std::nullopt;
    --it;
    if (it->first < from) return std::nullopt;
    return *it;
  }

 private:
  Map map_;
};

class MemoryKv : public Kv {
 public:
  std::optional<std::string> Get(std::string_view key) const override {
    std::lock_guard lock(mutex_);
    return MapReader::GetIn(map_, key);
  }
  void Scan(std::string_view from, std::string_view to, const Visit& visit) const override {
    std::lock_guard lock(mutex_);
    MapReader::ScanIn(map_, from, to, visit);
  }
  std::optional<std::pair<std::string, std::string>> Last(std::string_view from, std::string_view to) const override {
    std::lock_guard lock(mutex_);
    return MapReader::LastIn(map_, from, to);
  }
  absl::Status Write(const KvChanges& changes, bool /*sync*/) override {
    std::lock_guard lock(mutex_);
    for (const auto& [key, value] : changes) {
      if (value) {
        map_[key] = *value;
      } else {
        map_.erase(key);
      }
    }
    return absl::OkStatus();
  }
  std::unique_ptr<KvReader> Snapshot() const override {
    std::lock_guard lock(mutex_);
    return std::make_unique<MapReader>(map_);
  }

 private:
  mutable std::recursive_mutex mutex_;  // a visit may read again
  MapReader::Map map_;
};

}  // namespace

std::string ProjectionPrefix(char name) { return std::string(key::kProjection) + name; }

std::string PrefixEnd(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<uint8_t>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<uint8_t>(end.back()) + 1);
  return end;
}

void KvReader::ScanPrefix(std::string_view prefix, const Visit& visit) const { Scan(prefix, PrefixEnd(prefix), visit); }

std::optional<std::string> KvWriter::Get(std::string_view key) const {
  auto it = changes_.find(key);
  return it == changes_.end() ? base_->Get(key) : it->second;
}

void KvWriter::Scan(std::string_view from, std::string_view to, const Visit& visit) const {
  auto pending = changes_.lower_bound(from);
  bool more = true;
  auto emit_until = [&](std::optional<std::string_view> bound) {  // pending keys below `bound`
    while (more && pending != changes_.end() && Below(pending->first, to) && (!bound || pending->first < *bound)) {
      if (pending->second) more = visit(pending->first, *pending->second);
      ++pending;
    }
  };
  base_->Scan(from, to, [&](std::string_view key, std::string_view value) {
    emit_until(key);
    if (!more) return false;
    if (pending != changes_.end() && pending->first == key) return true;  // replaced: emitted by the next call
    more = visit(key, value);
    return more;
  });
  emit_until(std::nullopt);
}

std::optional<std::pair<std::string, std::string>> KvWriter::Last(std::string_view from, std::string_view to) const {
  std::string end(to);
  for (;;) {
    auto base = base_->Last(from, end);
    auto it = end.empty() ? changes_.end() : changes_.lower_bound(end);
    bool pending = it != changes_.begin() && (--it)->first >= from;
    if (!pending && !base) return std::nullopt;
    if (!pending || (base && base->first > it->first)) return base;
    if (it->second) return std::pair(it->first, *it->second);
    end = it->first;  // a deleted key: look below it
  }
}

void KvWriter::Put(std::string_view key, std::string value) {
  changes_.insert_or_assign(std::string(key), std::move(value));
}

void KvWriter::Delete(std::string_view key) { changes_.insert_or_assign(std::string(key), std::nullopt); }

std::unique_ptr<Kv> NewMemoryKv() { return std::make_unique<MemoryKv>(); }

}  // namespace liaison

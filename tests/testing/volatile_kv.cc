#include "tests/testing/volatile_kv.h"

#include <optional>
#include <string>
#include <utility>

namespace liaison {
namespace {

std::optional<std::string> GetFrom(const PersistentMap& map, std::string_view key) {
  const std::string* value = map.Get(key);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<std::pair<std::string, std::string>> LastOf(const PersistentMap& map, std::string_view from,
                                                          std::string_view to) {
  std::pair<std::string, std::string> last;
  return map.Last(from, to, &last.first, &last.second) ? std::optional(std::move(last)) : std::nullopt;
}

class MapSnapshot : public KvReader {
 public:
  explicit MapSnapshot(PersistentMap map) : map_(std::move(map)) {}
  std::optional<std::string> Get(std::string_view key) const override { return GetFrom(map_, key); }
  void Scan(std::string_view from, std::string_view to, const Visit& visit) const override {
    map_.Scan(from, to, visit);
  }
  std::optional<std::pair<std::string, std::string>> Last(std::string_view from, std::string_view to) const override {
    return LastOf(map_, from, to);
  }

 private:
  PersistentMap map_;
};

}  // namespace

class VolatileKv : public Kv {
 public:
  explicit VolatileKv(VolatileDisk* disk) : disk_(disk) {}
  std::optional<std::string> Get(std::string_view key) const override { return GetFrom(disk_->contents(), key); }
  void Scan(std::string_view from, std::string_view to, const Visit& visit) const override {
    disk_->contents().Scan(from, to, visit);
  }
  std::optional<std::pair<std::string, std::string>> Last(std::string_view from, std::string_view to) const override {
    return LastOf(disk_->contents(), from, to);
  }
  absl::Status Write(const KvChanges& changes, bool sync) override { return disk_->Write(changes, sync); }
  std::unique_ptr<KvReader> Snapshot() const override { return std::make_unique<MapSnapshot>(disk_->contents()); }

 private:
  VolatileDisk* const disk_;
};

std::unique_ptr<Kv> VolatileDisk::Open() {
  failed_ = dead_ = false;
  death_.reset();
  return std::make_unique<VolatileKv>(this);
}

void VolatileDisk::LosePower(size_t lost) {
  PersistentMap left = states_[states_.size() - 1 - lost];
  Restore(std::move(left));
}

void VolatileDisk::Restore(PersistentMap image) {
  states_.clear();
  states_.push_back(std::move(image));
}

absl::Status VolatileDisk::Write(const KvChanges& changes, bool sync) {
  if (failed_) return absl::DataLossError("the disk has failed before");
  if (full_) {
    failed_ = true;
    return absl::ResourceExhaustedError("no space left on the disk");
  }
  bool dies = death_ != nullptr;
  if (dies) failed_ = dead_ = true;
  if (!dies || *death_ == Death::kAfter) {
    ++writes_;
    PersistentMap next = states_.back();
    if (sync) states_.clear();
    for (const auto& [key, value] : changes) {
      if (value) {
        next.Put(key, *value);
      } else {
        next.Erase(key);
      }
    }
    states_.push_back(std::move(next));
  }
  death_.reset();
  return dies ? absl::DataLossError("the machine dies") : absl::OkStatus();
}

}  // namespace liaison

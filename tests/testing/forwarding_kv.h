// A database in front of another, to be overridden where a test or a measurement looks in.
#ifndef LIAISON_TESTS_TESTING_FORWARDING_KV_H_
#define LIAISON_TESTS_TESTING_FORWARDING_KV_H_

#include <memory>
#include <utility>
#include <vector>

#include "common/store/kv.h"

namespace liaison {

class ForwardingKv : public Kv {
 public:
  explicit ForwardingKv(std::shared_ptr<Kv> kv) : kv_(std::move(kv)) {}
  std::optional<std::string> Get(std::string_view key) const override { return kv_->Get(key); }
  void Scan(std::string_view from, std::string_view to, const Visit& visit) const override {
    kv_->Scan(from, to, visit);
  }
  std::optional<std::pair<std::string, std::string>> Last(std::string_view from, std::string_view to) const override {
    return kv_->Last(from, to);
  }
  absl::Status Write(const KvChanges& changes, bool sync) override { return kv_->Write(changes, sync); }
  std::unique_ptr<KvReader> Snapshot() const override { return kv_->Snapshot(); }

 private:
  const std::shared_ptr<Kv> kv_;
};

// Counts what goes to the disk.
class CountingKv : public ForwardingKv {
 public:
  CountingKv(std::unique_ptr<Kv> kv, std::vector<size_t>* sizes) : ForwardingKv(std::move(kv)), sizes_(sizes) {}
  absl::Status Write(const KvChanges& changes, bool sync) override {
    size_t bytes = 0;
    for (const auto& [key, value] : changes) bytes += key.size() + (value ? value->size() : 0);
    sizes_->push_back(bytes);
    return ForwardingKv::Write(changes, sync);
  }

 private:
  std::vector<size_t>* sizes_;
};

}  // namespace liaison

#endif  // LIAISON_TESTS_TESTING_FORWARDING_KV_H_

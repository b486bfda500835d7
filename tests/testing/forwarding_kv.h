// A database in front of another, to be overridden where a test or a measurement looks in.
#ifndef LIAISON_TESTS_TESTING_FORWARDING_KV_H_
#define LIAISON_TESTS_TESTING_FORWARDING_KV_H_

#include <memory>
#include <utility>

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

}  // namespace liaison

#endif  // LIAISON_TESTS_TESTING_FORWARDING_KV_H_

#include "hub/hub_node.h"

#include <filesystem>

#include "absl/strings/numbers.h"
#include "common/base/text.h"
#include "hub/interests.h"

namespace liaison {
namespace {

constexpr int64_t kNoteEveryMs = 60'000;  // how often a station's last receipt is written down

std::string SyncedMeta(const std::string& station_id) { return "synced-" + station_id; }

}  // namespace

absl::Status HubNode::OpenStore(Options* options) {
  if (options->create) {
    std::error_code error;
    std::filesystem::create_directories(options->dir, error);
    if (error) return absl::UnavailableError(Cat("不能建立文件夹 ", options->dir, ":", error.message()));
    absl::Status saved = SaveKeyPair(KeyPath(options->dir), GenerateKeyPair(options->random));
    if (!saved.ok() && !absl::IsAlreadyExists(saved)) return saved;
  }
  absl::StatusOr<KeyPair> key = LoadKeyPair(KeyPath(options->dir));
  if (absl::IsNotFound(key.status()))
    return absl::NotFoundError(Cat("文件夹 ", options->dir, " 里没有镇中心的数据,请先运行 liaison hub init"));
  RETURN_IF_ERROR(key.status());
  key_ = *key;
  std::unique_ptr<Kv> kv = std::move(options->kv);
  if (kv == nullptr) {
    ASSIGN_OR_RETURN(kv, OpenRocks(DbPath(options->dir), RocksOptions{true}));
  }
  StoreOptions store_options;
  store_options.station = kHubStation;
  store_options.clock = options->clock;
  store_options.random = options->random;
  store_options.projections = {&tables_, &facts_, &counters_};
  store_options.interests = InterestsOf;
  store_options.refusal = RefusalOf;
  KeyPair copy = key_;
  store_options.sign = [copy](std::string_view bytes) {
    return sync::Seal{KeyId(copy.public_key), copy.algorithm, Sign(copy, bytes)};
  };
  store_options.check_range = [this](const sync::Range& range) { return CheckRangeSeal(*roster_->Get(), range); };
  ASSIGN_OR_RETURN(store_, Store::Open(std::move(kv), std::move(store_options)));
  if (store_->GetMeta(kHubKeyMeta) != key_.public_key) return store_->PutMeta(kHubKeyMeta, key_.public_key);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<HubNode>> HubNode::Open(Options options) {
  std::unique_ptr<HubNode> node(new HubNode());
  RETURN_IF_ERROR(node->OpenStore(&options));
  node->roster_ = std::make_unique<RosterCache>(node->store_.get());
  node->find_ = std::make_unique<FindIndex>(node->store_.get());
  HubNode* raw = node.get();
  node->port_ = std::make_unique<HubPort>(node->store_.get(), node->roster_.get(),
                                          [raw](const std::string& station) { raw->OnReceipt(station); });
  ServiceContext context;
  context.store = node->store_.get();
  context.roster = node->roster_.get();
  context.find = node->find_.get();
  context.station_id = kHubStation;
  node->records_ = std::make_unique<RecordService>(context);
  node->desk_ = std::make_unique<Desk>(context, node.get());
  node->records_->Register(&node->dispatcher_);
  node->desk_->Register(&node->dispatcher_);
  if (options.sync_address.empty()) return node;
  node->queue_ =
      std::make_unique<ApplyQueue>(node->store_.get(), [raw](const std::string& station) { raw->OnReceipt(station); });
  SyncServiceOptions sync;
  sync.address = options.sync_address;
  ASSIGN_OR_RETURN(node->sync_, SyncService::Start(sync, node->port_.get(), node->queue_.get()));
  node->store_->AddListener(raw);
  return node;
}

HubNode::~HubNode() {
  if (sync_ == nullptr) return;
  store_->RemoveListener(this);
  sync_->Stop();
  queue_->Stop();
}

void HubNode::OnCommitted(std::span<const Aggregate* const> changed, bool) {
  std::set<std::string> interests;
  for (const Aggregate* aggregate : changed) {
    for (std::string& interest : InterestsOf(*aggregate)) {
      // A visitor's key goes to the station of the point, beside the visitor itself.
      if (interest.starts_with("point:")) interests.insert("station:" + interest.substr(6));
      interests.insert(std::move(interest));
    }
  }
  for (const std::string& interest : interests) sync_->NotifyFeed(interest);
}

void HubNode::OnReceipt(const std::string& station_id) {
  int64_t now = store_->options().clock->NowMs();
  bool note;
  {
    absl::MutexLock lock(&mutex_);
    int64_t& last = last_sync_ms_[station_id];
    note = now - last >= kNoteEveryMs || now < last;
    last = now;
  }
  // A failed note is told by the next write of the store itself; the receipt does not depend on it.
  if (note) store_->PutMeta(SyncedMeta(station_id), Cat(now)).IgnoreError();
}

int64_t HubNode::LastSyncMs(const std::string& station_id) const {
  absl::MutexLock lock(&mutex_);
  auto [it, fresh] = last_sync_ms_.try_emplace(station_id, 0);
  if (fresh)
    if (auto noted = store_->GetMeta(SyncedMeta(station_id))) (void)absl::SimpleAtoi(*noted, &it->second);
  return it->second;
}

bool HubNode::Connected(const std::string& station_id) const {
  int64_t last = LastSyncMs(station_id);
  return sync_ != nullptr && last > 0 && store_->options().clock->NowMs() - last < kNoteEveryMs;
}

}  // namespace liaison

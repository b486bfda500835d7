#include "hub/hub_node.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "common/base/file.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/daemon/login_service.h"
#include "common/daemon/metrics.h"
#include "common/daemon/rest.h"
#include "common/daemon/secrets.h"
#include "common/doctor/doctor_service.h"
#include "common/record/feeds.h"
#include "common/rules/people/people.h"
#include "common/store/judging.h"
#include "common/rules/people/scope.h"
#include "common/store/read_failure.h"
#include "hub/desk/demo.h"
#include "hub/door/attachment_service.h"
#include "hub/door/door_service.h"
#include "hub/door/interests.h"
#include "hub/examination.h"
#include "hub/keep/backups.h"

namespace liaison {
namespace {

constexpr absl::Duration kDailyCheck = absl::Minutes(1);
constexpr int64_t kNoteEveryMs = 60'000;  // how often a station's last receipt is written down
constexpr char kAuthorityMeta[] = "authority-fingerprint";

std::string SyncedMeta(const std::string& station_id) { return "synced-" + station_id; }

}  // namespace

absl::Status HubNode::OpenStore(Options* options) {
  std::error_code error;
  if (std::filesystem::exists(options->dir + "/station.json", error))
    return absl::FailedPreconditionError(
        Cat("文件夹 ", options->dir, " 是站点的数据，不是镇中心的：没有启动，什么都没有改。请核对 --data"));
  if (std::filesystem::exists(options->dir, error)) RETURN_IF_ERROR(KeepPrivate(options->dir));
  RETURN_IF_ERROR(CheckKeyIsThere(options->dir));
  if (options->create) {
    RETURN_IF_ERROR(MakeFolder(options->dir));
    absl::Status saved = SaveKeyPair(KeyPath(options->dir), GenerateKeyPair(options->random));
    if (!saved.ok() && !absl::IsAlreadyExists(saved)) return saved;
  }
  absl::StatusOr<KeyPair> key = LoadKeyPair(KeyPath(options->dir));
  if (absl::IsNotFound(key.status()))
    return absl::NotFoundError(Cat("文件夹 ", options->dir, " 里没有镇中心的数据，请先运行 liaison hub init"));
  RETURN_IF_ERROR(key.status());
  key_ = *key;
  std::unique_ptr<Kv> kv = std::move(options->kv);
  if (kv == nullptr) {
    ASSIGN_OR_RETURN(options->files.vault, PrepareVault(options->dir, options->vault));
    ASSIGN_OR_RETURN(kv, OpenRocks(DbPath(options->dir), RocksOptions{true, options->files.vault}));
  }
  StoreOptions store_options;
  store_options.station = kHubStation;
  store_options.clock = options->clock;
  store_options.random = options->random;
  box_ = std::make_unique<BoxClock>(options->clock);
  store_options.clock_quality = [box = box_.get()](int64_t wall_ms, int64_t newest_ms) {
    return box->QualityOf(wall_ms, newest_ms);
  };
  store_options.projections = {&tables_, &file_rows_, &work_, &facts_, &counters_, &verdicts_};
  store_options.derived_version = kDerivedVersion;
  store_options.interests = InterestsOf;
  store_options.refusal = RefusalOf;
  store_options.judge = [this](const Op& op, const StoreReader& view) { return (*judge_)(op, view); };
  store_options.judge_in_scope = [this](const Op& op, const StoreReader& view) { return judge_->InScope(op, view); };
  KeyPair copy = key_;
  store_options.sign = [copy](std::string_view bytes) {
    return sync::Seal{KeyId(copy.public_key), copy.algorithm, Sign(copy, bytes)};
  };
  store_options.check_range = [this](const sync::Range& range) { return CheckRangeSeal(*roster_->Get(), range); };
  store_options.range_objection = [this](const sync::Range& range) { return RangeObjectionTo(*roster_->Get(), range); };
  ASSIGN_OR_RETURN(store_, Store::Open(std::move(kv), std::move(store_options)));
  box_->Attach(store_.get(), "");
  if (store_->GetMeta(kHubKeyMeta) != key_.public_key) return store_->PutMeta(kHubKeyMeta, key_.public_key);
  return absl::OkStatus();
}

absl::Status HubNode::OpenFiles(const Options& options) {
  FileStore::Options files = options.files;
  files.dir = options.dir + "/files";
  ASSIGN_OR_RETURN(files_, FileStore::Open(std::move(files)));
  book_ = std::make_unique<FileBook>(store_.get(), files_.get(), InterestsOf);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<HubNode>> HubNode::Open(Options options) {
  ReadWatch reads;
  std::unique_ptr<HubNode> node(new HubNode());
  RETURN_IF_ERROR(node->OpenStore(&options));
  RETURN_IF_ERROR(node->OpenFiles(options));
  node->roster_ = std::make_unique<RosterCache>(node->store_.get());
  node->people_ = std::make_unique<PeopleCache>(node->store_.get());
  node->judge_ = std::make_unique<Judge>(node->roster_.get(), node->people_.get());
  node->find_ = std::make_unique<FindIndex>(node->store_.get());
  HubNode* raw = node.get();
  node->port_ = std::make_unique<HubPort>(node->store_.get(), node->roster_.get(),
                                          [raw](const std::string& station) { raw->OnReceipt(station); });
  ServiceContext context;
  context.store = node->store_.get();
  context.roster = node->roster_.get();
  context.find = node->find_.get();
  context.people = node->people_.get();
  if (options.login)
    context.check_secret = [raw](const Caller& caller, const std::string& secret) {
      return raw->login_->CheckAgain(caller, secret);
    };
  context.station_id = kHubStation;
  context.box = node->box_.get();
  context.files = [raw] { return raw->file_desk_->Counts(); };
  context.port = [raw] { return raw->PortState(); };
  context.network = [raw] { return raw->lan_ == nullptr ? v1::NetworkState() : raw->lan_->State(); };
  node->file_desk_ = std::make_unique<FileDesk>(context, node->files_.get(), node->book_.get());
  node->file_desk_->Register(&node->dispatcher_);
  node->records_ = std::make_unique<RecordService>(context);
  node->desk_ = std::make_unique<Desk>(context, node.get());
  node->records_->Register(&node->dispatcher_);
  node->desk_->Register(&node->dispatcher_);
  node->statistics_ = std::make_unique<Statistics>(context, node.get());
  node->statistics_->Register(&node->dispatcher_);
  node->casework_ = std::make_unique<Casework>(context);
  node->casework_->Register(&node->dispatcher_);
  node->congress_ = std::make_unique<Congress>(context);
  node->congress_->Register(&node->dispatcher_);
  node->prints_ = std::make_unique<PrintService>(context);
  node->prints_->Register(&node->dispatcher_);
  node->imports_ = std::make_unique<Imports>(context);
  node->imports_->Register(&node->dispatcher_);
  RETURN_IF_ERROR(reads.status());  // before anything is made anew because it was not found
  node->OpenPeople(options, context);
  RETURN_IF_ERROR(node->OpenRegister(options, context));
  node->bundles_ =
      std::make_unique<HubBundles>(HubBundles::Options{options.dir, node->key_, node->store_.get(), node->roster_.get(),
                                                       [raw](const std::string& station) { raw->OnReceipt(station); },
                                                       node->files_.get(), node->book_.get()});
  node->bundles_->Register(&node->dispatcher_);
  node->backups_ = std::make_unique<BackupService>(BackupService::Options{
      options.dir, node->key_, node->store_.get(), node->files_.get(), node->book_.get()});
  node->backups_->Register(&node->dispatcher_);
  node->OpenDoctor(options);
  RETURN_IF_ERROR(reads.status());
  node->SettleRights();
  if (!options.sync_address.empty()) RETURN_IF_ERROR(node->StartSync(options));
  return node;
}

void HubNode::OpenPeople(const Options& options, const ServiceContext& context) {
  Secrets::Options secrets;
  secrets.kind = Secrets::Kind::kPassword;
  secrets.random = options.random;
  secrets.steady_ms = options.steady_ms;
  secrets.cost = options.password_cost;
  absl::StatusOr<std::unique_ptr<Secrets>> opened = Secrets::Open(SecretsPath(options.dir), std::move(secrets));
  LoginService::Options login;
  login.context = context;
  login.asks = true;
  login.steady_ms = options.steady_ms;
  if (opened.ok()) {
    secrets_ = *std::move(opened);
    login.secrets = secrets_.get();
  } else {
    login.secrets = opened.status();
    LogError(Cat("谁也不能登录：", StdView(opened.status().message())));
  }
  accounts_ = std::make_unique<Accounts>(context, people_.get());
  accounts_->Register(&dispatcher_);
  local_secrets_ = std::make_unique<LocalSecrets>(secrets_.get(), people_.get(), kHubStation);
  local_secrets_->Register(&dispatcher_);
  login_ = std::make_unique<LoginService>(std::move(login));
  login_->Register(&dispatcher_);
  if (options.login) login_->Guard(&dispatcher_);
}

// A folder of before rights told of it, or a roster that was changed by hand. A hub whose disk is full still opens; the
// same is tried again every day.
void HubNode::SettleRights() {
  if (absl::Status settled = SettleScopes(store_.get(), *roster_->Get()); !settled.ok())
    LogError(Cat("各站代录范围没有写入权限记录：", absl::StatusCodeToString(settled.code())));
}

void HubNode::OpenDoctor(const Options& options) {
  auto examine = [this, dir = options.dir, clock = options.clock] {
    return Examine(HubExamination{dir, CheckFolder(dir), this, absl::OkStatus(), clock});
  };
  doctor_ = std::make_unique<DoctorService>(std::move(examine), store_.get());
  doctor_->Register(&dispatcher_);
}

HubNode::SyncPort HubNode::sync_address() const { return sync_address_; }

int64_t HubNode::last_backup_ms() const { return backups_->last_backup_ms(); }

absl::Status HubNode::OpenRegister(const Options& options, const ServiceContext& context) {
  std::string path = options.dir + "/authority";
  absl::StatusOr<Authority> authority = LoadAuthority(path);
  std::optional<std::string> known = store_->GetMeta(kAuthorityMeta);
  if (absl::IsNotFound(authority.status())) {
    if (known && !options.create)
      return absl::FailedPreconditionError(
          Cat("文件 ", path,
              " 不在了，所有站点的证书都靠它。请从备份里拿回；实在没有，重新运行 liaison hub init 另建，"
              "各站点再凭邀请码办理入网"));
    authority = NewAuthority(context.clock()->NowMs());
    RETURN_IF_ERROR(SaveAuthority(path, *authority));
  }
  RETURN_IF_ERROR(authority.status());
  std::string fingerprint = Fingerprint(authority->certificate);
  if (known != fingerprint) RETURN_IF_ERROR(store_->PutMeta(kAuthorityMeta, fingerprint));
  admission_ = std::make_unique<Admission>(*std::move(authority), roster_.get(), context.clock());
  budget_ = std::make_unique<StationBudget>(options.budget, context.clock());
  registry_ = std::make_unique<Registry>(context, admission_.get());
  ASSIGN_OR_RETURN(pages_, PageIssuer::Open(options.dir, store_.get(), context.clock()));
  registry_->set_pages(pages_.get());
  OpenLan(options);
  registry_->set_slowed([this] { return budget_->Slowed(); });
  registry_->set_clocks([this] { return Clocks(); });
  registry_->Register(&dispatcher_);
  refused_ = std::make_unique<RefusedDesk>(context);
  refused_->Register(&dispatcher_);
  return absl::OkStatus();
}

// Here a login is always required of who comes by the network.
void HubNode::OpenLan(const Options& options) {
  LanDoor::Options lan;
  lan.dir = options.dir;
  lan.port = options.lan_port;
  lan.names = LocalNames(kHubStation, "", "");
  lan.allowed = [this] {
    return CheckDemoStaysHere(*store_, "0.0.0.0:1").ok() && NetworkAllowed(store_->Read(), kHubStation);
  };
  lan.login_required = [] { return true; };
  lan.ask = [this](const std::string& key, const std::vector<std::string>& names) -> absl::StatusOr<v1::PageConfig> {
    v1::PageConfig config;
    ASSIGN_OR_RETURN(*config.mutable_certificate(), pages_->Issue({kHubStation, ""}, "", key, names));
    config.set_authority(pages_->authority());
    return config;
  };
  lan.clock = options.clock;
  lan_ = std::make_unique<LanDoor>(std::move(lan));
}

absl::Status HubNode::StartSync(const Options& options) {
  RETURN_IF_ERROR(CheckDemoStaysHere(*store_, options.sync_address));
  queue_ = std::make_unique<ApplyQueue>(store_.get(), [this](const std::string& station) { OnReceipt(station); });
  SyncServiceOptions sync;
  sync.address = options.sync_address;
  sync.listener = options.listener;
  sync.budget = budget_.get();
  sync.on_clock = [this](const DeviceName& device, int64_t device_ms) { OnClock(device, device_ms); };
  sync.check_device = [this](const DeviceName& name) { return admission_->CheckDevice(name, ""); };
  if (!options.clear) {
    RequireTls13();
    door_ = std::make_unique<DoorService>(admission_.get(), registry_.get());
    sync.credentials = DoorCredentials(admission_.get());
    attachments_ = std::make_unique<AttachmentService>(admission_.get(), roster_.get(), files_.get(), book_.get());
    sync.services = {door_.get(), attachments_.get()};
    sync.device = [this](const grpc::AuthContext& peer) -> absl::StatusOr<DeviceName> {
      ASSIGN_OR_RETURN(Certificate certificate, admission_->Decide(kExchangeMethod, PeerPem(peer)));
      return certificate.name;
    };
  }
  ASSIGN_OR_RETURN(sync_, SyncService::Start(sync, port_.get(), queue_.get()));
  std::string host = options.sync_address.substr(0, options.sync_address.rfind(':'));
  sync_address_ = {Cat(host, ":", sync_->port()), options.clear};
  if (host != "0.0.0.0" && host != "[::]") registry_->set_hub_address(Cat(host, ":", sync_->port()));
  store_->AddListener(this);
  scrubber_ = std::make_unique<Repeater>(kScrubPause, [files = files_.get()] { files->ScrubNext(); });
  // It reads all that may be due under the store's lock: not again for the same records on the same day.
  daily_ = std::make_unique<Repeater>(kDailyCheck, [this, seen = std::pair<uint64_t, std::string>()]() mutable {
    const std::pair<uint64_t, std::string> now(store_->ops_held(), box_->Today());
    if (now == seen) return;
    const absl::Status looked = Store::Judging(store_.get()).LookAgain().status();
    if (!looked.ok()) LogError(Cat("待镇里确认的记录没有复核完，一分钟后再试：", absl::StatusCodeToString(looked.code())));
    absl::StatusOr<v1::RunDailyResponse> done = casework_->RunDaily({});
    if (!done.ok()) {
      LogError(Cat("每日处理没有完成，一分钟后再试：", absl::StatusCodeToString(done.status().code())));
      return;
    }
    SettleRights();
    seen = now;
  });
  return absl::OkStatus();
}

v1::PortState HubNode::PortState() const {
  v1::PortState state;
  if (sync_ == nullptr) return state;
  Listener::State now = sync_->port_state();
  state.set_trouble(now.trouble);
  state.set_sockets(now.sockets);
  state.set_turned_away(now.turned_away);
  state.set_failed(now.failed);
  return state;
}

void HubNode::AwaitWork() {
  AwaitWritable(store_.get());
  if (queue_ != nullptr) queue_->AwaitRound();
}

void HubNode::AddMetrics(Metrics* metrics) const {
  const int64_t now = store_->options().clock->NowMs();
  AddRecordMetrics(store_->Read(), metrics);
  metrics->Age("liaison_backup_age_seconds", "Since the newest verified backup; absent: there is none.",
               backups_->last_backup_ms(), now);
  std::map<std::string, int64_t> receipts;
  int64_t newest = 0;
  for (const auto& [id, station] : roster_->Get()->stations) {
    receipts[id] = LastSyncMs(id);
    newest = std::max(newest, receipts[id]);
  }
  metrics->Age("liaison_last_receipt_age_seconds", "Since the last receipt to any station.", newest, now);
  for (const auto& [id, ms] : receipts)
    metrics->Age("liaison_delivery_age_seconds", "Since the last receipt to a station.", ms, now, {{"station", id}});
  if (sync_ == nullptr) return;
  const SyncService::Sessions sessions = sync_->sessions();
  constexpr char kSessions[] = "liaison_sessions_total";
  constexpr char kSessionsHelp[] = "Sessions with stations, counted at the welcome or, without one, at the end.";
  metrics->Counter(kSessions, kSessionsHelp, sessions.welcomed, {{"outcome", "welcomed"}});
  metrics->Counter(kSessions, kSessionsHelp, sessions.refused, {{"outcome", "refused"}});
  metrics->Counter(kSessions, kSessionsHelp, sessions.lost, {{"outcome", "lost"}});
  AddLinkBytes(sync_->bytes_in(), sync_->bytes_out(), metrics);
  metrics->Gauge("liaison_streams", "Sessions that are open.", static_cast<double>(sync_->streams()));
  metrics->Gauge("liaison_apply_queue", "Ranges and offers that wait to be written.",
                 static_cast<double>(queue_->waiting()));
  AddApplyTimes(queue_->apply_times(), metrics);
  const v1::PortState port = PortState();
  metrics->Gauge("liaison_port_sockets", "Sockets of the stations' port.", port.sockets());
  metrics->Counter("liaison_port_turned_away_total", "Sockets above the limits.",
                   static_cast<uint64_t>(port.turned_away()));
  metrics->Counter("liaison_port_failed_total", "Handshakes that failed.", static_cast<uint64_t>(port.failed()));
}

HubNode::~HubNode() {
  if (sync_ == nullptr) return;
  store_->RemoveListener(this);
  sync_->Stop();
  queue_->Stop();
}

void HubNode::OnCommitted(std::span<const Aggregate* const> changed, bool) {
  std::set<std::string> interests;
  bool nodes = false;
  for (const Aggregate* aggregate : changed) {
    nodes |= aggregate->id().type == TypeOf<v1::Node>().type();
    for (std::string& interest : InterestsOf(*aggregate, store_->Live())) {
      // A visitor's key goes to the station of the point, beside the visitor itself.
      if (auto point = PointOfFeed(interest)) interests.insert(StationFeed(*point));
      interests.insert(std::move(interest));
    }
  }
  for (const std::string& interest : interests) sync_->NotifyFeed(interest);
  if (nodes) sync_->RecheckDevices();
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

void HubNode::OnClock(const DeviceName& device, int64_t device_ms) {
  v1::NodeClock clock;
  clock.set_node_id(device.node);
  clock.set_told_ms(store_->options().clock->NowMs());
  clock.set_ahead_ms(device_ms - clock.told_ms());
  absl::MutexLock lock(&mutex_);
  clocks_[device.node] = std::move(clock);
}

std::vector<v1::NodeClock> HubNode::Clocks() const {
  absl::MutexLock lock(&mutex_);
  std::vector<v1::NodeClock> clocks;
  for (const auto& [node, clock] : clocks_) clocks.push_back(clock);
  return clocks;
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

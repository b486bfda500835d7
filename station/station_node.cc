#include "station/station_node.h"

#include <fstream>
#include <optional>

#include "common/api/methods.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/message_codec.h"
#include "common/crypto/hash.h"
#include "common/daemon/enrolment.h"
#include "common/daemon/login_service.h"
#include "common/daemon/metrics.h"
#include "common/daemon/rest.h"
#include "common/daemon/secrets.h"
#include "common/doctor/doctor_service.h"
#include "common/record/view.h"
#include "common/rules/people/people.h"
#include "common/rules/people/scope.h"
#include "common/store/read_failure.h"
#include "station/examination.h"

namespace liaison {
namespace {

std::string NameOfThisMachine() {
  std::ifstream in("/etc/machine-id");
  std::string id;
  std::getline(in, id);
  return MachineName(id);
}

absl::Status NotEnrolled(const std::string& dir) {
  return absl::NotFoundError(Cat("文件夹 ", dir, " 还没有入网，请先运行 liaison enrol"));
}

}  // namespace

std::string MachineName(std::string_view machine_id) {
  return machine_id.empty() ? "" : Hex(Sha256(Cat("liaison-machine-1", machine_id)).substr(0, 16));
}

absl::StatusOr<bool> KeepHubAddress(const std::string& dir, const std::string& address) {
  ASSIGN_OR_RETURN(const std::string plain, PlainAddress(address));
  v1::StationConfig config;
  absl::Status read = ReadConfig(dir + "/station.json", &config);
  if (absl::IsNotFound(read)) return NotEnrolled(dir);
  RETURN_IF_ERROR(read);
  if (config.hub_address() == plain) return false;
  config.set_hub_address(plain);
  RETURN_IF_ERROR(WriteConfig(dir + "/station.json", config));
  return true;
}

StationNode::StationNode() = default;

absl::StatusOr<std::unique_ptr<StationNode>> StationNode::Open(Options options) {
  ReadWatch reads;
  std::unique_ptr<StationNode> node(new StationNode());
  RETURN_IF_ERROR(node->OpenStore(&options));
  node->hub_address_ = options.hub_address.empty() ? node->config_.hub_address() : options.hub_address;
  node->OpenServices(options);
  RETURN_IF_ERROR(reads.status());
  if (options.link && !node->hub_address_.empty()) RETURN_IF_ERROR(node->StartLink(options));
  node->OpenLan(options);
  return node;
}

absl::Status StationNode::OpenStore(Options* options) {
  absl::Status read = ReadConfig(options->dir + "/station.json", &config_);
  if (absl::IsNotFound(read)) return NotEnrolled(options->dir);
  RETURN_IF_ERROR(read);
  RETURN_IF_ERROR(KeepPrivate(options->dir));
  ASSIGN_OR_RETURN(key_, LoadKeyPair(KeyPath(options->dir)));
  std::unique_ptr<Kv> kv = std::move(options->kv);
  if (kv == nullptr) {
    ASSIGN_OR_RETURN(options->files.vault, PrepareVault(options->dir, options->vault));
    ASSIGN_OR_RETURN(kv, OpenRocks(DbPath(options->dir), RocksOptions{false, options->files.vault}));
  }
  StoreOptions store_options;
  store_options.station = config_.station_id();
  store_options.clock = options->clock;
  store_options.random = options->random;
  box_ = std::make_unique<BoxClock>(options->clock);
  store_options.clock_quality = [box = box_.get()](int64_t wall_ms, int64_t newest_ms) {
    return box->QualityOf(wall_ms, newest_ms);
  };
  store_options.projections = {&tables_, &file_rows_, &work_};
  store_options.derived_version = kDerivedVersion;
  store_options.sign = [key = key_](std::string_view bytes) {
    return sync::Seal{KeyId(key.public_key), key.algorithm, Sign(key, bytes)};
  };
  store_options.grants = [station = config_.station_id()](const StoreReader& view) {
    return RightsKnown(view, station);
  };
  ASSIGN_OR_RETURN(store_, Store::Open(std::move(kv), std::move(store_options)));
  RETURN_IF_ERROR(TakeEnrolment(options->dir));
  box_->Attach(store_.get(), config_.node_id());
  return OpenFiles(*options);
}

ServiceContext StationNode::MakeContext() {
  ServiceContext context;
  context.store = store_.get();
  context.roster = roster_.get();
  context.find = find_.get();
  context.people = people_.get();
  context.station_id = config_.station_id();
  context.node_id = config_.node_id();
  context.block = config_.block();
  context.box = box_.get();
  context.hub_address = hub_address_;
  context.link = [this] {
    if (uplink_ == nullptr) return ServiceContext::Link{false, 0, no_link_};
    UplinkState state = uplink_->state();
    return ServiceContext::Link{state.link_up, state.last_receipt_ms, state.last_error};
  };
  context.files = [this] { return FileCounts(); };
  context.network = [this] { return lan_ == nullptr ? v1::NetworkState() : lan_->State(); };
  return context;
}

v1::Rights StationNode::OwnRights() const {
  const RecordId id = RecordId::Master(TypeOf<v1::Rights>().type(), config_.station_id());
  const std::optional<Aggregate> rights = store_->Read().Load(id);
  return rights ? Show<v1::Rights>(*rights) : v1::Rights();
}

void StationNode::OpenLan(const Options& options) {
  LanDoor::Options lan;
  lan.dir = options.dir;
  lan.port = options.lan_port;
  lan.names = LocalNames(config_.station_id(), config_.block(), config_.node_id());
  lan.allowed = [this] { return OwnRights().network_allowed(); };
  lan.login_required = [this] { return login_->required(); };
  lan.ask = [this](const std::string& key, const std::vector<std::string>& names) -> absl::StatusOr<v1::PageConfig> {
    if (channels_ == nullptr) return absl::UnavailableError("没有与镇中心的加密连接，拿不到网页证书");
    if (!uplink_->state().link_up) return absl::UnavailableError("连上镇中心以后才能拿到网页证书");
    ASSIGN_OR_RETURN(const HubChannels::Page page, channels_->AskForPage(hub_address_, key, names));
    v1::PageConfig config;
    config.set_certificate(page.certificate);
    config.set_authority(page.authority);
    return config;
  };
  lan.clock = options.clock;
  lan_ = std::make_unique<LanDoor>(std::move(lan));
}

void StationNode::OpenServices(const Options& options) {
  roster_ = std::make_unique<RosterCache>(store_.get());
  people_ = std::make_unique<PeopleCache>(store_.get());
  find_ = std::make_unique<FindIndex>(store_.get());
  sync::Hello identity;
  identity.station = config_.station_id();
  identity.node = config_.node_id();
  identity.machine_id = NameOfThisMachine();
  port_ = std::make_unique<StationPort>(store_.get(), identity);
  ServiceContext context = MakeContext();
  if (options.login)
    context.check_secret = [this](const Caller& caller, const std::string& secret) {
      return login_->CheckAgain(caller, secret);
    };
  file_desk_ = std::make_unique<FileDesk>(context, files_.get(), book_.get());
  file_desk_->Register(&dispatcher_);
  records_ = std::make_unique<RecordService>(context);
  records_->Register(&dispatcher_);
  casework_ = std::make_unique<Casework>(context);
  casework_->Register(&dispatcher_);
  reception_ = std::make_unique<Reception>(context);
  reception_->Register(&dispatcher_);
  ledgers_ = std::make_unique<LedgerImport>(context);
  ledgers_->Register(&dispatcher_);
  Methods(&dispatcher_, "StationService", this).Bind("RetryNow", &StationNode::RetryNow);
  planning_ = std::make_unique<Planning>(context);
  planning_->Register(&dispatcher_);
  congress_ = std::make_unique<Congress>(context);
  congress_->Register(&dispatcher_);
  prints_ = std::make_unique<PrintService>(context);
  prints_->Register(&dispatcher_);
  bundles_ = std::make_unique<StationBundles>(StationBundles::Options{options.dir, config_.station_id(),
                                                                      identity.machine_id, config_.hub_public_key(),
                                                                      key_, store_.get(), roster_.get(), files_.get(),
                                                                      book_.get()});
  bundles_->Register(&dispatcher_);
  auto examine = [this, dir = options.dir, clock = options.clock, random = options.random] {
    return Examine(StationExamination{dir, CheckFolder(dir), this, absl::OkStatus(), clock, random});
  };
  doctor_ = std::make_unique<DoctorService>(std::move(examine), store_.get());
  doctor_->Register(&dispatcher_);
  OpenPeople(options, context);
}

void StationNode::OpenPeople(const Options& options, const ServiceContext& context) {
  Secrets::Options secrets;
  secrets.kind = Secrets::Kind::kPin;
  secrets.random = options.random;
  secrets.steady_ms = options.steady_ms;
  secrets.cost = options.password_cost;
  absl::StatusOr<std::unique_ptr<Secrets>> opened = Secrets::Open(SecretsPath(options.dir), std::move(secrets));
  LoginService::Options login;
  login.context = context;
  login.asks = config_.login();
  login.steady_ms = options.steady_ms;
  if (opened.ok()) {
    secrets_ = *std::move(opened);
    login.secrets = secrets_.get();
  } else {
    login.secrets = opened.status();
    LogError(Cat("谁也不能登录：", StdView(opened.status().message())));
  }
  local_secrets_ = std::make_unique<LocalSecrets>(secrets_.get(), people_.get(), config_.station_id());
  local_secrets_->Register(&dispatcher_);
  login_ = std::make_unique<LoginService>(std::move(login));
  login_->Register(&dispatcher_);
  if (options.login) login_->Guard(&dispatcher_);
}

absl::Status StationNode::OpenFiles(const Options& options) {
  FileStore::Options files = options.files;
  files.dir = options.dir + "/files";
  ASSIGN_OR_RETURN(files_, FileStore::Open(std::move(files)));
  book_ = std::make_unique<FileBook>(store_.get(), files_.get());
  return absl::OkStatus();
}

v1::FileCounts StationNode::FileCounts() const {
  v1::FileCounts counts = file_desk_->Counts();
  if (transfer_ != nullptr) counts.set_trouble(transfer_->state().trouble);
  return counts;
}

// A station without a certificate works on, offline, and says so.
absl::Status StationNode::StartLink(const Options& options) {
  UplinkOptions link;
  link.hub_address = hub_address_;
  link.clock = options.clock;
  link.random = options.random;
  link.retry_delay_ms = options.retry_delay_ms;
  link.retry_delay_ms_max = options.retry_delay_ms_max;
  if (!options.clear) {
    absl::StatusOr<std::unique_ptr<HubChannels>> channels =
        HubChannels::Open({options.dir, config_, key_, options.clock, options.random});
    if (!channels.ok()) {
      no_link_ = std::string(channels.status().message());
      return absl::OkStatus();
    }
    channels_ = *std::move(channels);
    link.channels = channels_.get();
    FileTransfer::Options transfer{channels_.get(), files_.get(), book_.get(), hub_address_};
    // Records go first.
    transfer.may_move = [this] { return uplink_->state().synced && store_->pending_ops() == 0; };
    transfer.retry_delay_ms = options.retry_delay_ms;
    transfer.retry_delay_ms_max = options.retry_delay_ms_max;
    transfer.ask_again_ms = options.ask_files_again_ms;
    transfer.random = options.random;
    transfer_ = std::make_unique<FileTransfer>(std::move(transfer));
    link.on_change = [transfer = transfer_.get()] { transfer->Wake(); };
  }
  ASSIGN_OR_RETURN(uplink_, Uplink::Start(link, port_.get(), this));
  if (transfer_ != nullptr) transfer_->Start();
  scrubber_ = std::make_unique<Repeater>(kScrubPause, [files = files_.get()] { files->ScrubNext(); });
  store_->AddListener(this);
  return absl::OkStatus();
}

absl::StatusOr<v1::RetryNowResponse> StationNode::RetryNow(const v1::RetryNowRequest&) {
  if (uplink_ == nullptr) return absl::FailedPreconditionError(no_link_);
  v1::RetryNowResponse response;
  uplink_->RetryNow();
  if (transfer_ != nullptr) transfer_->RetryNow();
  response.set_link_up(uplink_->state().link_up);
  return response;
}

void StationNode::AddMetrics(Metrics* metrics) const {
  AddRecordMetrics(store_->Read(), metrics);
  metrics->Gauge("liaison_pending_ops", "Own ops without a receipt of the hub.",
                 static_cast<double>(store_->pending_ops()));
  if (uplink_ == nullptr) return;
  const UplinkState state = uplink_->state();
  metrics->Gauge("liaison_link_up", "Whether a session with the hub is open: 1, or not: 0.", state.link_up ? 1 : 0);
  metrics->Age("liaison_last_receipt_age_seconds", "Since the hub's last receipt; absent: none since the start.",
               state.last_receipt_ms, store_->options().clock->NowMs());
  constexpr char kSessions[] = "liaison_sessions_total";
  constexpr char kSessionsHelp[] = "Sessions with the hub, counted when all is delivered or, before that, at the end.";
  metrics->Counter(kSessions, kSessionsHelp, state.sessions.synced, {{"outcome", "synced"}});
  metrics->Counter(kSessions, kSessionsHelp, state.sessions.cut, {{"outcome", "cut"}});
  metrics->Counter(kSessions, kSessionsHelp, state.sessions.refused, {{"outcome", "refused"}});
  metrics->Counter(kSessions, kSessionsHelp, state.sessions.unreached, {{"outcome", "unreached"}});
  AddLinkBytes(state.bytes_in, state.bytes_out, metrics);
  AddApplyTimes(uplink_->apply_times(), metrics);
}

StationNode::~StationNode() {
  if (uplink_ == nullptr) return;
  store_->RemoveListener(this);
  uplink_->Stop();
  if (transfer_ != nullptr) transfer_->Stop();
}

absl::Status StationNode::TakeEnrolment(const std::string& dir) {
  ASSIGN_OR_RETURN(std::vector<std::string> messages, ReadEnrolment(dir));
  for (const std::string& bytes : messages) {
    ASSIGN_OR_RETURN(sync::Message message, DecodeMessage(bytes));
    const auto* batch = std::get_if<sync::FeedBatch>(&message);
    if (batch == nullptr) return absl::InvalidArgumentError("入网文件：内容不对");
    std::optional<sync::Cursor> held = store_->FeedHead(batch->interest);
    if (held && held->position >= batch->last) continue;
    absl::Status status = ApplyBatch(*batch);
    if (absl::IsFailedPrecondition(status)) return absl::OkStatus();  // this disk knows more than the file
    RETURN_IF_ERROR(status);
  }
  return absl::OkStatus();
}

absl::Status StationNode::ApplyBatch(const sync::FeedBatch& batch) {
  RETURN_IF_ERROR(CheckBatchSeal(config_.hub_public_key(), batch));
  return store_->ApplyFeedBatch(batch);
}

void StationNode::OnCommitted(std::span<const Aggregate* const>, bool own_ops) {
  if (own_ops) uplink_->NotifyCommit();
}

}  // namespace liaison

#include "hub/door/sync_service.h"

#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/support/server_interceptor.h>

#include <chrono>
#include <deque>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/dictionary.h"
#include "common/codec/link_codec.h"
#include "common/daemon/enrolment.h"
#include "common/store/read_failure.h"
#include "hub/door/to_grpc.h"
#include "liaison/v1/sync.grpc.pb.h"

namespace liaison {
namespace {

constexpr size_t kMaxUnreadBytes = 256 << 10;   // written for a station and not yet taken; then it is not read either
constexpr int kWindowLog = 15, kTableLog = 14;  // of what goes down: one compressor for each station, so a small one
constexpr int kMaxMetadataBytes = 8 << 10;
constexpr int kMaxStreamsPerConnection = 8;
constexpr size_t kMaxTransportBytes = 64 << 20;  // of all connections
constexpr int kKeepaliveMs = 6 * 60'000, kKeepaliveTimeoutMs = 20'000, kPingsAtMostEveryMs = 5 * 60'000;
constexpr int kHandshakeTimeoutMs = 20'000, kIdleConnectionMs = 60'000;  // strangers hold no connection for long

bool IsLoopback(std::string_view address) {
  return address.starts_with("127.") || address.starts_with("localhost:") || address.starts_with("[::1]:") ||
         address.starts_with("unix:");
}

// Op bytes that a station sends with a message: its own, and those that it gives back.
int64_t OpBytes(const sync::Message& message) {
  const std::vector<std::string>* ops = nullptr;
  if (const auto* range = std::get_if<sync::Range>(&message)) ops = &range->ops;
  if (const auto* given = std::get_if<sync::Ops>(&message)) ops = &given->ops;
  int64_t bytes = 0;
  if (ops != nullptr)
    for (const std::string& op : *ops) bytes += static_cast<int64_t>(op.size());
  return bytes;
}

}  // namespace

using Reactor = grpc::ServerBidiReactor<v1::Packet, v1::Packet>;

class SyncService::Stream : public Reactor, public std::enable_shared_from_this<Stream> {
 public:
  // `device`: the one of the certificate; none in clear text.
  Stream(SyncService* service, std::optional<DeviceName> device)
      : service_(service), device_(std::move(device)), session_(service->port_) {}

  void Begin() {
    absl::MutexLock lock(&mutex_);
    codec_.set_zip({.level = 3, .window_log = kWindowLog, .table_log = kTableLog, .dictionary = kDictionary});
    ReadNext();
  }

  void OnReadDone(bool ok) override {
    std::vector<sync::Range> ranges;
    int64_t bytes = 0;
    {
      absl::MutexLock lock(&mutex_);
      if (!ok) return FinishNow();
      absl::StatusOr<sync::Message> message = codec_.Decode(in_.message());
      bytes = message.ok() ? OpBytes(*message) : 0;
      service_->bytes_in_ += in_.message().size();
      auto said = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        if (IsForeignHello(message)) return session_.End("报到的设备不是证书上的那一台", false);
        return message.ok() ? session_.OnMessage(*std::move(message))
                            : session_.End(Cat("发来的数据读不懂（", message.status().message(), "）"), true);
      };
      Handle(Read(said), &ranges);
    }
    // Outside of the lock: the applier's answers take it. Nothing else submits for this stream meanwhile, since
    // reading_ holds the next read back; ranges would overtake each other otherwise.
    for (sync::Range& range : ranges) Submit(std::move(range));
    absl::MutexLock lock(&mutex_);
    if (int64_t wait_ms = Debt(bytes); wait_ms > 0) return ReadLater(wait_ms);
    reading_ = false;
    ReadNext();
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    unread_bytes_ -= out_.front().message().size();
    out_.pop_front();
    if (!ok) return FinishNow();
    WriteNext();
    ReadNext();
  }

  void OnCancel() override {
    absl::MutexLock lock(&mutex_);
    FinishNow();
  }

  void OnDone() override {
    {
      absl::MutexLock lock(&mutex_);
      Count(&service_->lost_);
      LogEnd();
    }
    service_->Remove(this);
  }

  void FeedGrew(const std::set<std::string>& interests) {
    absl::MutexLock lock(&mutex_);
    for (const std::string& interest : interests) {
      auto grew = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return session_.OnFeedGrew(interest); };
      Handle(Read(grew), nullptr);
    }
  }

  void End(std::string_view reason, bool retry) {
    absl::MutexLock lock(&mutex_);
    Handle(session_.End(std::string(reason), retry), nullptr);
  }

  // The device of the certificate, or in clear text the one that said hello.
  DeviceName device() {
    absl::MutexLock lock(&mutex_);
    return device_.value_or(DeviceName{session_.station(), session_.node()});
  }

 private:
  bool IsForeignHello(const absl::StatusOr<sync::Message>& message) const {
    const auto* hello = message.ok() ? std::get_if<sync::Hello>(&*message) : nullptr;
    return hello != nullptr && device_ && DeviceName{hello->station, hello->node} != *device_;
  }

  void Submit(sync::Range range) {
    service_->applier_->Submit(std::move(range), [weak = weak_from_this()](absl::StatusOr<sync::Ack> ack) {
      if (std::shared_ptr<Stream> stream = weak.lock()) stream->OnApplied(std::move(ack));
    });
  }

  void OnApplied(absl::StatusOr<sync::Ack> ack) {
    absl::MutexLock lock(&mutex_);
    auto applied = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return ack.ok() ? session_.OnRangeApplied(*std::move(ack)) : session_.End("镇中心暂时不能存盘，稍后再试", true);
    };
    Handle(Read(applied), nullptr);
  }

  // What the session makes of something, unless the disk did not give what it read for it: then the stream ends, and
  // the station comes again.
  template <typename Step>
  sync::Effects Read(const Step& step) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ReadWatch reads;
    sync::Effects effects = step();
    return reads.status().ok() ? std::move(effects) : session_.End("镇中心的数据读不出来，请告诉镇里", true);
  }

  // `ranges`: where those to apply go; only what a station sends leads to any.
  void Handle(sync::Effects effects, std::vector<sync::Range>* ranges) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!session_.station().empty() && !counted_) {
      LogInfo(Cat(Who(), "已连上"));
      Count(&service_->welcomed_);
    }
    for (sync::Effect& effect : effects) {
      if (auto* send = std::get_if<sync::Send>(&effect)) {
        v1::Packet& packet = out_.emplace_back();
        packet.set_message(codec_.Encode(send->message));
        unread_bytes_ += packet.message().size();
        service_->bytes_out_ += packet.message().size();
      } else if (auto* apply = std::get_if<sync::ApplyRange>(&effect); apply != nullptr && ranges != nullptr) {
        ranges->push_back(std::move(apply->range));
      } else if (auto* offer = std::get_if<sync::TakeOffer>(&effect)) {
        service_->applier_->SubmitOffer(std::move(*offer), [weak = weak_from_this()](absl::Status status) {
          std::shared_ptr<Stream> stream = weak.lock();
          if (stream == nullptr) return;
          absl::MutexLock lock(&stream->mutex_);
          auto taken = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(stream->mutex_) {
            return stream->session_.OnOfferTaken(status);
          };
          stream->Handle(stream->Read(taken), nullptr);
        });
      } else if (auto* close = std::get_if<sync::Close>(&effect)) {
        closing_ = true;
        end_reason_ = close->reason;
        Count(&service_->refused_);  // unless it was welcomed
        if (ranges != nullptr) ranges->clear();
      }
    }
    WriteNext();
  }

  // The first call counts the session.
  void Count(std::atomic<uint64_t>* as) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!std::exchange(counted_, true)) ++*as;
  }

  // "站点 HK-D057 的设备 N-1 ", with a space behind: by the certificate or, in clear text, by the hello.
  std::string Who() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const DeviceName name = device_.value_or(DeviceName{session_.station(), session_.node()});
    return name.node.empty() ? "没有报到的连接" : Cat("站点 ", name.station, " 的设备 ", name.node, " ");
  }

  // Reasons are sentences of the session and of this service, about the link and the disk.
  void LogEnd() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const bool said = !end_reason_.empty();
    if (!session_.station().empty())
      return LogInfo(Cat(Who(), "的连接已结束：", said ? end_reason_ : "对方断开，或网络断了"));
    if (said) return LogWarning(Cat(Who(), "没有放行：", end_reason_));
    LogDebug(Cat(Who(), "没有报到就断开了"));
  }

  int64_t Debt(int64_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (service_->options_.budget == nullptr || session_.station().empty()) return 0;
    return service_->options_.budget->Charge(session_.station(), bytes);
  }

  // reading_ stays set meanwhile. After the wait it reads whatever the debt is then: no clock and no other stream of
  // the station can hold it back for good.
  void ReadLater(int64_t ms) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    auto resume = [weak = weak_from_this()] {
      std::shared_ptr<Stream> stream = weak.lock();
      if (stream == nullptr) return;
      absl::MutexLock lock(&stream->mutex_);
      stream->reading_ = false;
      stream->ReadNext();
    };
    if (service_->options_.later) return service_->options_.later(ms, std::move(resume));
    alarm_ = std::make_unique<grpc::Alarm>();
    gpr_timespec end = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(ms, GPR_TIMESPAN));
    alarm_->Set(end, [resume = std::move(resume)](bool) { resume(); });
  }

  void ReadNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (reading_ || finished_ || closing_ || unread_bytes_ > kMaxUnreadBytes) return;
    reading_ = true;
    StartRead(&in_);
  }

  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (writing_ || finished_) return;
    if (!out_.empty()) {
      writing_ = true;
      StartWrite(&out_.front());
    } else if (closing_) {
      FinishNow();
    }
  }

  void FinishNow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (finished_) return;
    finished_ = true;
    Finish(grpc::Status::OK);
  }

  SyncService* const service_;
  const std::optional<DeviceName> device_;
  absl::Mutex mutex_;
  sync::HubSession session_ ABSL_GUARDED_BY(mutex_);
  LinkCodec codec_ ABSL_GUARDED_BY(mutex_);
  v1::Packet in_;                                       // gRPC's while reading_
  std::deque<v1::Packet> out_ ABSL_GUARDED_BY(mutex_);  // the front one is gRPC's while writing_
  size_t unread_bytes_ ABSL_GUARDED_BY(mutex_) = 0;     // of out_
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;        // from the start of a read until its message is dealt with
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<grpc::Alarm> alarm_ ABSL_GUARDED_BY(mutex_);  // of a read that waits
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;                // the session is over; what is in out_ is still written
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;               // nothing may be started any more
  bool counted_ ABSL_GUARDED_BY(mutex_) = false;                // in one of the service's Sessions
  std::string end_reason_ ABSL_GUARDED_BY(mutex_);              // Chinese; empty: nobody has said why
};

class SyncService::Rpc : public v1::SyncService::CallbackService {
 public:
  explicit Rpc(SyncService* service) : service_(service) {}

  Reactor* Exchange(grpc::CallbackServerContext* context) override {
    std::optional<DeviceName> device;
    if (service_->options_.device) {
      absl::StatusOr<DeviceName> named = service_->options_.device(*context->auth_context());
      if (!named.ok()) return Refuse(ToGrpc(named.status()));
      device = *std::move(named);
      NoteClock(*context, *device);
    }
    auto stream = std::make_shared<Stream>(service_, std::move(device));
    {
      absl::MutexLock lock(&service_->mutex_);
      if (service_->stopping_) return Refuse(grpc::Status(grpc::StatusCode::UNAVAILABLE, "stopping"));
      if (service_->streams_.size() >= service_->options_.max_streams)
        return Refuse(grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "too many streams"));
      service_->streams_.emplace(stream.get(), stream);
    }
    stream->Begin();
    return stream.get();
  }

 private:
  void NoteClock(const grpc::CallbackServerContext& context, const DeviceName& device) {
    auto told = context.client_metadata().find(kClockMetadata);
    int64_t ms = 0;
    if (told == context.client_metadata().end() || !service_->options_.on_clock) return;
    if (absl::SimpleAtoi(absl::string_view(told->second.data(), told->second.size()), &ms) && ms >= 0)
      service_->options_.on_clock(device, ms);
  }

  class Refusal : public Reactor {
   public:
    explicit Refusal(const grpc::Status& status) { Finish(status); }
    void OnDone() override { delete this; }
  };

  Reactor* Refuse(const grpc::Status& status) {
    ++service_->refused_;
    LogWarning(Cat("一个连接没有放行：", status.error_message()));
    return new Refusal(status);
  }

  SyncService* const service_;
};

namespace {

// Sees every call of every service begin, and intercepts none.
class CallWatch : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit CallWatch(Listener* listener) : listener_(listener) {}
  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* call) override {
    listener_->OnCall(call->server_context()->peer());
    return nullptr;
  }

 private:
  Listener* const listener_;
};

}  // namespace

SyncService::SyncService(SyncServiceOptions options, sync::HubPort* port, Applier* applier)
    : options_(std::move(options)), port_(port), applier_(applier), rpc_(std::make_unique<Rpc>(this)) {}

absl::StatusOr<std::unique_ptr<SyncService>> SyncService::Start(SyncServiceOptions options, sync::HubPort* port,
                                                                Applier* applier) {
  if (options.credentials == nullptr && !IsLoopback(options.address))
    return absl::InvalidArgumentError(
        Cat("同步地址 ", options.address, " 不在本机：不加密时只允许 127.0.0.1、localhost 或 [::1]"));
  std::unique_ptr<SyncService> service(new SyncService(std::move(options), port, applier));
  ASSIGN_OR_RETURN(service->listener_, Listener::Bind(service->options_.address, service->options_.listener));
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  std::shared_ptr<grpc::ServerCredentials> credentials = service->options_.credentials;
  if (credentials == nullptr) credentials = grpc::InsecureServerCredentials();
  service->acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials);
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> watches;
  watches.push_back(std::make_unique<CallWatch>(service->listener_.get()));
  builder.experimental().SetInterceptorCreators(std::move(watches));
  builder.RegisterService(service->rpc_.get());
  for (grpc::Service* more : service->options_.services) builder.RegisterService(more);
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes + 1024);
  builder.SetMaxSendMessageSize(kMaxMessageBytes + 1024);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreamsPerConnection);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kPingsAtMostEveryMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kIdleConnectionMs);
  builder.SetResourceQuota(grpc::ResourceQuota("sync").Resize(kMaxTransportBytes));
  service->server_ = builder.BuildAndStart();
  if (service->server_ == nullptr) return absl::UnavailableError("同步服务启动不了");
  service->listener_->Start(service->acceptor_.get());
  service->notifier_ = std::thread([raw = service.get()] { raw->TellStreams(); });
  return service;
}

SyncService::~SyncService() { Stop(); }

void SyncService::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    if (std::exchange(stopping_, true)) return;
  }
  if (notifier_.joinable()) notifier_.join();
  if (listener_ != nullptr) listener_->Stop();
  if (server_ == nullptr) return;
  for (const std::shared_ptr<Stream>& stream : Streams()) stream->End("镇中心正在停机，稍后会自动重连", true);
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(options_.stop_grace_ms));
  server_->Wait();
  absl::MutexLock lock(&mutex_);
  auto none = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return streams_.empty(); };
  mutex_.Await(absl::Condition(&none));
}

size_t SyncService::streams() const {
  absl::MutexLock lock(&mutex_);
  return streams_.size();
}

std::vector<std::shared_ptr<SyncService::Stream>> SyncService::Streams() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::shared_ptr<Stream>> streams;
  for (const auto& [raw, stream] : streams_) streams.push_back(stream);
  return streams;
}

void SyncService::Remove(Stream* stream) {
  std::shared_ptr<Stream> last;  // dies outside of the lock
  absl::MutexLock lock(&mutex_);
  auto it = streams_.find(stream);
  last = std::move(it->second);
  streams_.erase(it);
}

void SyncService::NotifyFeed(std::string_view interest) {
  absl::MutexLock lock(&mutex_);
  grown_.emplace(interest);
}

void SyncService::RecheckDevices() {
  absl::MutexLock lock(&mutex_);
  recheck_ = true;
}

void SyncService::EndBarredStreams() {
  if (!options_.check_device) return;
  for (const std::shared_ptr<Stream>& stream : Streams()) {
    DeviceName device = stream->device();
    if (device.node.empty()) continue;  // nobody has spoken yet; the hello is checked against the register
    absl::Status status = options_.check_device(device);
    if (!status.ok()) stream->End(StdView(status.message()), false);
  }
}

void SyncService::TellStreams() {
  for (;;) {
    std::set<std::string> grown;
    bool recheck = false;
    {
      absl::MutexLock lock(&mutex_);
      auto woken = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || recheck_ || !grown_.empty(); };
      mutex_.Await(absl::Condition(&woken));
      if (stopping_) return;
      recheck = std::exchange(recheck_, false);
      grown = std::exchange(grown_, {});
    }
    if (recheck) EndBarredStreams();
    if (grown.empty()) continue;
    for (const std::shared_ptr<Stream>& stream : Streams()) stream->FeedGrew(grown);
  }
}

}  // namespace liaison

#include "station/link/uplink.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/codec/link_codec.h"
#include "common/daemon/enrolment.h"
#include "liaison/v1/sync.grpc.pb.h"

namespace liaison {
namespace {

constexpr int kKeepaliveMs = 6 * 60'000;  // servers punish pings more often than every 5 minutes
constexpr int kKeepaliveTimeoutMs = 20'000;
constexpr absl::Duration kFarewell = absl::Seconds(2);  // for a last word to reach the hub

bool IsLoopback(std::string_view address) {
  return address.starts_with("127.") || address.starts_with("localhost:") || address.starts_with("[::1]:") ||
         address.starts_with("unix:");
}

int64_t NowUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

int64_t NowMs() { return NowUs() / 1000; }

std::string ReasonOf(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::PERMISSION_DENIED:
      return status.error_message();
    case grpc::StatusCode::UNAUTHENTICATED:
      return Cat("镇中心没有接受本机的证书：", status.error_message());
    case grpc::StatusCode::OK:
    case grpc::StatusCode::CANCELLED:
      return "与镇中心的连接断开了，会自动重连";
    case grpc::StatusCode::UNAVAILABLE:
      return WhyUnreached(status.error_message());
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return "镇中心正忙，稍后再试";
    default:
      return Cat("与镇中心的连接出错（", static_cast<int>(status.error_code()), "），会自动重试");
  }
}

}  // namespace

bool IsForeignAnswer(std::string_view transport) {
  // What TLS says of an answer that is none of its own; the last, of a web page's.
  for (std::string_view sign :
       {"wrong version number", "http request", "unknown protocol", "packet length too long", "missing selected ALPN"})
    if (transport.find(sign) != std::string_view::npos) return true;
  return false;
}

std::string WhyUnreached(std::string_view transport) {
  if (transport.find("DNS resolution failed") != std::string_view::npos)
    return "连不上镇中心：找不到这个主机名，请核对镇中心地址和网络，会自动重试";
  if (IsForeignAnswer(transport))
    return "连不上镇中心：这个地址和端口上应答的不是镇中心，请核对地址（上网要先登录的，请先登录），会自动重试";
  return "连不上镇中心，会自动重试";
}

grpc::ChannelArguments ChannelArguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes + 1024);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes + 1024);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);    // its pings cost more than they bring on a thin link
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);  // one that was set for the web knows no way to the hub
  // Each attempt has a connection of its own, so that only the uplink decides when to try again.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return arguments;
}

// One stream. gRPC's reactions only set flags; the uplink's thread acts on them.
class Uplink::Call : public grpc::ClientBidiReactor<v1::Packet, v1::Packet> {
 public:
  Call(std::shared_ptr<grpc::Channel> channel, int64_t clock_ms) : stub_(v1::SyncService::NewStub(std::move(channel))) {
    context_.AddMetadata(kClockMetadata, Cat(clock_ms));
    stub_->async()->Exchange(&context_, this);
    AddHold();  // reads and writes start outside of reactions
    StartRead(&in_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    absl::MutexLock lock(&mutex);
    if (draining_ && ok) return StartRead(&in_);
    read_done = true;
    read_ok = ok;
    Wake();
  }
  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex);
    writing_ = false;
    out_.pop_front();
    if (!ok) out_.clear();
    WriteNext();
    Wake();
  }
  void OnDone(const grpc::Status& status) override {
    absl::MutexLock lock(&mutex);
    done_ = true;
    status_ = status;
    Wake();
  }

  // Bytes that the message takes on the link.
  size_t Write(const sync::Message& message) {
    v1::Packet packet;
    packet.set_message(codec_.Encode(message));
    size_t bytes = packet.message().size();
    absl::MutexLock lock(&mutex);
    out_.push_back(std::move(packet));
    WriteNext();
    return bytes;
  }
  void set_zip(const StreamZip::Settings& settings) { codec_.set_zip(settings); }
  const StreamZip::Settings& zip() const { return codec_.zip(); }
  // REQUIRES: read_done. `bytes`: what the message took on the link.
  absl::StatusOr<sync::Message> TakeRead(size_t* bytes) {
    *bytes = in_.message().size();
    absl::StatusOr<sync::Message> message = codec_.Decode(in_.message());
    absl::MutexLock lock(&mutex);
    read_done = false;
    StartRead(&in_);
    return message;
  }
  void Poke() {
    absl::MutexLock lock(&mutex);
    Wake();
  }
  // Waits until something has happened since the last call, at most for `ms`.
  void Await(int64_t ms) {
    absl::MutexLock lock(&mutex);
    mutex.AwaitWithTimeout(absl::Condition(&woken_), absl::Milliseconds(ms));
    woken_ = false;
  }
  // Ends the stream; with `farewell`, after what is still to be said. The call may then be deleted.
  grpc::Status End(bool farewell) {
    absl::MutexLock lock(&mutex);
    if (farewell) {
      draining_ = true;  // the hub's end of the stream arrives behind all that it has said
      if (read_done && read_ok) StartRead(&in_);
      auto said = [this] { return done_ || (out_.empty() && !writing_); };
      mutex.AwaitWithTimeout(absl::Condition(&said), kFarewell);
      if (!done_ && out_.empty()) StartWritesDone();
    } else {
      context_.TryCancel();
    }
    RemoveHold();
    if (farewell && !mutex.AwaitWithTimeout(absl::Condition(&done_), kFarewell)) context_.TryCancel();
    mutex.Await(absl::Condition(&done_));
    return status_;
  }

  absl::Mutex mutex;
  bool read_done ABSL_GUARDED_BY(mutex) = false;
  bool read_ok ABSL_GUARDED_BY(mutex) = false;

 private:
  void Wake() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { woken_ = true; }
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    if (writing_ || out_.empty() || done_) return;
    writing_ = true;
    StartWrite(&out_.front());
  }

  const std::unique_ptr<v1::SyncService::Stub> stub_;
  grpc::ClientContext context_;
  v1::Packet in_;    // gRPC's until read_done
  LinkCodec codec_;  // the uplink's thread's
  bool woken_ ABSL_GUARDED_BY(mutex) = false;
  bool writing_ ABSL_GUARDED_BY(mutex) = false;
  bool done_ ABSL_GUARDED_BY(mutex) = false;
  bool draining_ ABSL_GUARDED_BY(mutex) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mutex);
  std::deque<v1::Packet> out_ ABSL_GUARDED_BY(mutex);  // the front one is gRPC's while writing_
};

absl::StatusOr<std::unique_ptr<Uplink>> Uplink::Start(UplinkOptions options, sync::StationPort* port,
                                                      UplinkSink* sink) {
  if (options.channels == nullptr && !IsLoopback(options.hub_address))
    return absl::InvalidArgumentError(
        Cat("镇中心地址 ", options.hub_address, " 不在本机：不加密时只允许 127.0.0.1、localhost 或 [::1]"));
  std::unique_ptr<Uplink> uplink(new Uplink(std::move(options), port, sink));
  uplink->thread_ = std::thread([raw = uplink.get()] { raw->Loop(); });
  return uplink;
}

Uplink::Uplink(UplinkOptions options, sync::StationPort* port, UplinkSink* sink)
    : options_(std::move(options)), watch_(options_.receipt_ms), port_(port), sink_(sink) {}

Uplink::~Uplink() { Stop(); }

void Uplink::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    if (call_ != nullptr) call_->Poke();
  }
  if (options_.channels != nullptr) options_.channels->Cancel();
  if (thread_.joinable()) thread_.join();
}

void Uplink::RetryNow() {
  absl::MutexLock lock(&mutex_);
  asked_ = true;
}

void Uplink::NotifyCommit() {
  absl::MutexLock lock(&mutex_);
  committed_ = true;
  if (call_ != nullptr) call_->Poke();
}

UplinkState Uplink::state() const {
  absl::MutexLock lock(&mutex_);
  return state_;
}

bool Uplink::AwaitState(const std::function<bool(const UplinkState&)>& done, absl::Duration timeout) const {
  absl::MutexLock lock(&mutex_);
  auto holds = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return done(state_); };
  return mutex_.AwaitWithTimeout(absl::Condition(&holds), timeout);
}

uint64_t Uplink::PendingBytes() {
  constexpr uint64_t kBytesPerOp = 600;
  return std::max<uint64_t>(PendingOps(), 1) * kBytesPerOp;
}

uint64_t Uplink::PendingOps() {
  uint64_t pending = 0;
  for (const sync::OwnLog& log : port_->OwnLogs()) pending += log.last_seq - std::min(log.acked_seq, log.last_seq);
  return pending;
}

// ---------------------------------------------------------------- the uplink's thread

void Uplink::Loop() {
  int losses = 0;  // since a session was last up
  for (;;) {
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
      ++state_.attempts;
      committed_ = asked_ = false;  // also of an attempt that comes no further than Prepare()
    }
    Ending ending = RunCall();
    uint64_t pending = PendingOps();
    LogEnd(ending);
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
      state_.link_up = state_.synced = false;
      state_.pending_ops = pending;
      state_.last_error = ending.reason;
      CountEnd(ending);
    }
    options_.on_change();
    // A hub that says welcome and then goodbye each time must not be asked ever faster.
    losses = ending.was_up && ending.lost ? 0 : losses + 1;
    if (WaitForRetry(!ending.retry, losses)) losses = 0;
  }
}

Uplink::Ending Uplink::RunCall() {
  Ending ending;
  absl::Status ready =
      options_.channels == nullptr ? absl::OkStatus() : options_.channels->Prepare(options_.hub_address);
  if (!ready.ok()) {
    ending.retry = !absl::IsPermissionDenied(ready);
    ending.reason = std::string(ready.message());
    return ending;
  }
  Call call(
      options_.channels == nullptr
          ? grpc::CreateCustomChannel(options_.hub_address, grpc::InsecureChannelCredentials(), ChannelArguments())
          : options_.channels->NewChannel(options_.hub_address),
      options_.clock->NowMs());
  {
    absl::MutexLock lock(&mutex_);
    call_ = &call;
    committed_ = asked_ = false;
  }
  sync::StationSession session(port_);
  pace_.OnStart(NowMs());
  session.set_limits(pace_.limits());
  call.set_zip(pace_.zip(PendingBytes()));
  watch_.OnStart(NowMs());
  Perform(session.Start(), &session, &call, &ending);
  Woken woken;
  while (!session.closed()) {
    woken = AwaitWork(&call);
    if (woken.stopping || woken.lost || woken.overdue) break;
    if (woken.committed) Perform(session.OnLocalCommit(), &session, &call, &ending);
    if (woken.read) Perform(TakeMessage(&session, &call), &session, &call, &ending);
  }
  {
    absl::MutexLock lock(&mutex_);
    call_ = nullptr;
  }
  ending.lost = !session.closed();
  if (ending.lost && !woken.stopping) pace_.OnCut();
  grpc::Status status = call.End(session.closed() && !woken.stopping);
  if (ending.lost) NoteLoss(status, &ending);
  if (woken.overdue) {
    watch_.OnOverdue(NowMs());
    ending.reason = "镇中心迟迟没有回执，正在重新连接";
  }
  return ending;
}

Uplink::Woken Uplink::AwaitWork(Call* call) {
  call->Await(watch_.LeftMs(NowMs()));
  bool stopping = false, committed = false, read = false, lost = false;
  {
    absl::MutexLock lock(&mutex_);
    stopping = stopping_;
    committed = std::exchange(committed_, false);
  }
  {
    absl::MutexLock lock(&call->mutex);
    read = call->read_done && call->read_ok;
    lost = call->read_done && !call->read_ok;
  }
  const bool overdue = !read && !lost && watch_.LeftMs(NowMs()) <= 0;
  return {stopping, committed, read, lost, overdue};
}

// The pace learns from it first, and the hub's time is durable before the session goes on.
sync::Effects Uplink::TakeMessage(sync::StationSession* session, Call* call) {
  size_t bytes = 0;
  absl::StatusOr<sync::Message> message = call->TakeRead(&bytes);
  {
    absl::MutexLock lock(&mutex_);
    state_.bytes_in += bytes;
  }
  watch_.OnMessage(NowMs());
  if (!message.ok()) return session->End(Cat("收到的数据读不懂（", message.status().message(), "）"), true);
  if (const auto* welcome = std::get_if<sync::Welcome>(&*message)) {
    pace_.OnWelcome(NowMs());
    call->set_zip(pace_.zip(PendingBytes()));
    absl::Status told = sink_->OnHubTime(welcome->hub_time_ms);
    if (!told.ok()) return session->End(Cat("本机存盘出错：", told.message()), true);
  }
  if (std::holds_alternative<sync::Ack>(*message)) {
    pace_.OnAnswer(NowMs());
    session->set_limits(pace_.limits());
    // A new level begins a new frame and forgets the old one: only down, so at most twice more in a session.
    StreamZip::Settings zip = call->zip();
    zip.level = std::min(zip.level, pace_.zip(0).level);
    call->set_zip(zip);
  }
  return session->OnMessage(*std::move(message));
}

// Reasons are sentences about the link and the disks, of this side or the hub's.
void Uplink::LogEnd(const Ending& ending) const {
  bool stopping;
  {
    absl::MutexLock lock(&mutex_);
    stopping = stopping_;
  }
  if (ending.was_up)
    LogInfo(Cat("与镇中心 ", options_.hub_address, " 的连接已结束：", stopping ? "本机正在停止" : ending.reason));
  else if (!stopping)
    LogWarning(Cat("没有连上镇中心 ", options_.hub_address, "：", ending.reason));
}

void Uplink::CountEnd(const Ending& ending) {
  if (ending.synced) return;  // counted when it was
  UplinkState::Sessions& sessions = state_.sessions;
  ++(!ending.retry ? sessions.refused : ending.was_up ? sessions.cut : sessions.unreached);
}

// What is sent from here on goes as the pace says.
void Uplink::Say(const sync::Message& message, sync::StationSession* session, Call* call) {
  const auto* range = std::get_if<sync::Range>(&message);
  LinkPace::Range sent{.level = call->zip().level};
  int64_t from_us = NowUs();
  sent.packed_bytes = call->Write(message);
  sent.pack_us = NowUs() - from_us;
  {
    absl::MutexLock lock(&mutex_);
    state_.bytes_out += sent.packed_bytes;
  }
  if (range == nullptr) return;
  for (const std::string& op : range->ops) sent.plain_bytes += op.size();
  pace_.OnRange(sent, NowMs());
  session->set_limits(pace_.limits());
}

void Uplink::NoteLoss(const grpc::Status& status, Ending* ending) {
  ending->reason = ReasonOf(status);
  if (options_.channels == nullptr) return;
  if (status.error_code() == grpc::StatusCode::UNAUTHENTICATED) options_.channels->OnRefused();
  if (status.error_code() == grpc::StatusCode::PERMISSION_DENIED) ending->retry = false;
  std::string complaint = options_.channels->Complaint();
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE && !complaint.empty()) ending->reason = complaint;
}

absl::Status Uplink::Apply(const sync::FeedBatch& batch) {
  Timed timed(&apply_times_);
  return sink_->ApplyBatch(batch);
}

// In order: what is said after an effect is only said when the effect is durable.
void Uplink::Perform(sync::Effects effects, sync::StationSession* session, Call* call, Ending* ending) {
  std::deque<sync::Effect> todo(std::make_move_iterator(effects.begin()), std::make_move_iterator(effects.end()));
  auto append = [&](sync::Effects more) { std::move(more.begin(), more.end(), std::back_inserter(todo)); };
  bool receipt = false;
  bool unreadable = false;
  for (; !todo.empty(); todo.pop_front()) {
    if (!unreadable && !ending->reads.status().ok()) {  // what was to be said was made from less than is held
      unreadable = true;
      todo.clear();
      append(session->End("本机的数据读不出来，已停止收发；请重新启动程序，并检查磁盘", true));
      if (todo.empty()) break;
    }
    sync::Effect& effect = todo.front();
    if (auto* send = std::get_if<sync::Send>(&effect)) {
      Say(send->message, session, call);
    } else if (auto* apply = std::get_if<sync::ApplyBatch>(&effect)) {
      append(session->OnBatchApplied(apply->batch.interest, Apply(apply->batch)));
    } else if (auto* rewind = std::get_if<sync::RewindFeed>(&effect)) {
      append(session->OnRewound(rewind->cursor.interest, sink_->RewindFeed(rewind->cursor)));
    } else if (auto* record = std::get_if<sync::RecordAck>(&effect)) {
      receipt |= !record->exact;
      absl::Status status = sink_->RecordAck(*record);
      if (!status.ok()) append(session->End(Cat("本机存盘出错：", status.message()), true));
    } else if (auto* close = std::get_if<sync::Close>(&effect)) {
      ending->retry = close->retry;
      ending->reason = close->reason;
    }
  }
  sync::StationStatus status = session->status();
  watch_.SetWaiting(status.waiting, NowMs());
  bool came_up = status.welcomed && !ending->was_up;
  ending->was_up |= status.welcomed;
  if (came_up) LogInfo(Cat("已连上镇中心 ", options_.hub_address, "，待送 ", status.pending_ops, " 条操作"));
  {
    absl::MutexLock lock(&mutex_);
    if (receipt || (came_up && status.up_done)) state_.last_receipt_ms = options_.clock->NowMs();
    state_.link_up = status.welcomed;
    state_.synced = status.synced();
    if (status.synced() && !std::exchange(ending->synced, true)) ++state_.sessions.synced;
    state_.fork_notice = status.fork_notice;
    state_.pending_ops = status.pending_ops;
    if (status.welcomed || !status.trouble.empty()) state_.last_error = status.trouble;
  }
  options_.on_change();
}

bool Uplink::WaitForRetry(bool refused, int losses) {
  RetryWait wait =
      RetryWaitOf({options_.retry_delay_ms, options_.retry_delay_ms_max}, refused, losses, options_.random->U64());
  absl::Time now = absl::Now(), earliest = now + absl::Milliseconds(wait.least_ms);
  absl::MutexLock lock(&mutex_);
  if (mutex_.AwaitWithDeadline(absl::Condition(&stopping_), earliest)) return false;
  auto woken = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || asked_ || (committed_ && wait.commit_ends);
  };
  mutex_.AwaitWithDeadline(absl::Condition(&woken), now + absl::Milliseconds(wait.most_ms));
  return asked_;
}

}  // namespace liaison

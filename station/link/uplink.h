// Keeps a station's link to the hub: connects, runs sync sessions over the gRPC stream, and after a loss tries again
// with growing, jittered delays until it is stopped. Saving on this machine never waits for it.
//
// One thread of its own runs the session and applies what comes down; gRPC's threads only move bytes. The stream stays
// open while it works: a new op then costs one message and one answer.
#ifndef LIAISON_STATION_LINK_UPLINK_H_
#define LIAISON_STATION_LINK_UPLINK_H_

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/durations.h"
#include "common/base/ports.h"
#include "common/store/read_failure.h"
#include "common/sync/station_session.h"
#include "station/link/link_pace.h"
#include "station/link/retry.h"

namespace grpc {
class Channel;
class ChannelArguments;
class Status;
}  // namespace grpc

namespace liaison {

// The ways to the hub under TLS; see hub_channel.h. Thread-safe.
class Channels {
 public:
  virtual ~Channels() = default;
  virtual std::shared_ptr<grpc::Channel> NewChannel(const std::string& address) = 0;
  // Before each attempt: what must be in order first. Waits for the network. Chinese.
  virtual absl::Status Prepare(const std::string& address) = 0;
  // The hub has refused the certificate as out of date.
  virtual void OnRefused() = 0;
  // Ends a Prepare() that waits, and all later ones.
  virtual void Cancel() = 0;
  // Why the last hub that answered was not accepted (Chinese); empty if it was.
  virtual std::string Complaint() const = 0;
};

// What every channel to the hub has in common.
grpc::ChannelArguments ChannelArguments();

// Why the hub was not reached, in words, from what the transport says of it: its name is unknown, something else
// answers there, or nobody does.
std::string WhyUnreached(std::string_view transport);
// Whether what the transport says of a handshake means that something else than a hub answered: it speaks no TLS, or
// not what is spoken within it.
bool IsForeignAnswer(std::string_view transport);

// What the sessions do to the station's store. Called on the uplink's thread; each call is durable when it returns.
class UplinkSink {
 public:
  virtual ~UplinkSink() = default;
  virtual absl::Status ApplyBatch(const sync::FeedBatch& batch) = 0;  // verifies it first
  virtual absl::Status RewindFeed(const sync::Cursor& cursor) = 0;    // see sync::RewindFeed
  virtual absl::Status RecordAck(const sync::RecordAck& record) = 0;
  virtual absl::Status OnHubTime(int64_t) { return absl::OkStatus(); }  // milliseconds; not positive: none
};

struct UplinkOptions {
  std::string hub_address;              // "10.0.0.2:7061"
  Channels* channels = nullptr;         // not owned; none: clear text, and then only to this machine
  int64_t retry_delay_ms = 1'000;       // of the first attempt after a loss; also the least time between two attempts
  int64_t retry_delay_ms_max = 60'000;  // doubled up to this
  int64_t receipt_ms = 30'000;          // a receipt is overdue; see ReceiptWatch
  Clock* clock = SystemClock();         // for `last_receipt_ms`, and told to the hub
  Random* random = SystemRandom();      // jitter
  // Called when state() may have changed, on the uplink's thread; quick.
  std::function<void()> on_change = [] {};
};

struct UplinkState {
  bool link_up = false;  // a session is open and the hub has said welcome
  bool synced = false;   // and has everything of ours, and we all of its
  bool fork_notice = false;
  uint64_t pending_ops = 0;
  int64_t last_receipt_ms = 0;  // wall clock of the hub's last receipt since the start; 0: none
  std::string last_error;       // Chinese; empty while all is well
  uint64_t attempts = 0;        // since the start

  // Since the start. Each session is in one of these: at its first moment of `synced`, else when it ends.
  struct Sessions {
    uint64_t synced = 0;     // everything of both sides was delivered
    uint64_t cut = 0;        // the hub had said welcome, and the link was lost before that
    uint64_t refused = 0;    // the hub does not take this device, or does not want it back soon
    uint64_t unreached = 0;  // no welcome came
  } sessions;
  uint64_t bytes_in = 0, bytes_out = 0;  // of messages as packed, without gRPC and TLS
};

class Uplink {
 public:
  // `port` and `sink` must outlive the uplink. kInvalidArgument (Chinese): clear text to another
  // machine.
  static absl::StatusOr<std::unique_ptr<Uplink>> Start(UplinkOptions options, sync::StationPort* port,
                                                       UplinkSink* sink);
  ~Uplink();  // Stop()

  // There are new own ops, durable. From any thread; returns at once. Ends a waiting delay, but never makes attempts
  // follow each other faster than retry_delay_ms, nor before the time after the hub has refused this station.
  void NotifyCommit();
  UplinkState state() const;
  const Durations& apply_times() const { return apply_times_; }  // of the batches that came down
  // Waits until `done` holds of the state; false if it does not within `timeout`.
  bool AwaitState(const std::function<bool(const UplinkState&)>& done, absl::Duration timeout) const;
  // A person does not want to wait for the next attempt: it is made at once, but never within retry_delay_ms of the
  // last; the delays begin from the shortest again. Nothing while an attempt or a session is under way. From any
  // thread; returns at once.
  void RetryNow();
  // Ends the link and joins the thread. May take as long as one call of the sink. Idempotent.
  void Stop();

 private:
  class Call;
  struct Ending {  // of one attempt
    bool was_up = false;
    bool synced = false;  // once
    bool lost = false;  // neither side had ended the session
    bool retry = true;
    std::string reason;  // Chinese
    ReadWatch reads;     // of the uplink's thread
  };
  struct Woken {  // why the uplink's thread goes on with a stream
    bool stopping = false;
    bool committed = false;
    bool read = false;     // a message has come
    bool lost = false;     // no more will come
    bool overdue = false;  // the hub has not answered in time
  };

  Uplink(UplinkOptions options, sync::StationPort* port, UplinkSink* sink);
  void Loop();
  Ending RunCall();
  Woken AwaitWork(Call* call);
  sync::Effects TakeMessage(sync::StationSession* session, Call* call);
  void Perform(sync::Effects effects, sync::StationSession* session, Call* call, Ending* ending);
  void NoteLoss(const grpc::Status& status, Ending* ending);
  void LogEnd(const Ending& ending) const;
  void CountEnd(const Ending& ending) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool WaitForRetry(bool refused, int losses);  // true: a person ended it
  absl::Status Apply(const sync::FeedBatch& batch);
  void Say(const sync::Message& message, sync::StationSession* session, Call* call);
  uint64_t PendingOps();
  uint64_t PendingBytes();

  const UplinkOptions options_;
  LinkPace pace_;                  // the uplink's thread's
  ReceiptWatch watch_;             // the same
  sync::StationPort* const port_;  // not owned
  UplinkSink* const sink_;         // not owned

  Durations apply_times_;

  mutable absl::Mutex mutex_;
  UplinkState state_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Call* call_ ABSL_GUARDED_BY(mutex_) = nullptr;    // the open stream, to be woken
  bool committed_ ABSL_GUARDED_BY(mutex_) = false;  // NotifyCommit since the session last looked
  bool asked_ ABSL_GUARDED_BY(mutex_) = false;      // RetryNow since the last attempt began

  std::thread thread_;  // last: runs on all of the above
};

}  // namespace liaison

#endif  // LIAISON_STATION_LINK_UPLINK_H_

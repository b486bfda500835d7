// The hub's end of the links: a gRPC server whose every stream is one sync session.
//
// gRPC's threads run the sessions, each under its stream's lock; what stations push goes to the one thread that applies
// (Applier), and its answers come back on that thread. A stream that is not read by its station is itself no longer
// read, so it holds at most a few hundred kilobytes and no one else waits for it.
#ifndef LIAISON_HUB_DOOR_SYNC_SERVICE_H_
#define LIAISON_HUB_DOOR_SYNC_SERVICE_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/crypto/certificate.h"
#include "common/sync/hub_session.h"
#include "hub/door/budget.h"
#include "hub/door/listener.h"

namespace grpc {
class AuthContext;
class Server;
class ServerCredentials;
class Service;
namespace experimental {
class ExternalConnectionAcceptor;
}
}  // namespace grpc

namespace liaison {

// Applies ranges one after the other, in the order of the calls, and makes them durable.
class Applier {
 public:
  virtual ~Applier() = default;
  // From any thread; must not wait for the applying. `done` is called exactly once, later, never from within Submit,
  // with what sync::HubSession::OnRangeApplied() wants, or with an error if nothing could be written: the station's
  // session then ends and it comes back. `done` may be called after Stop() of the service, and does nothing then.
  virtual void Submit(sync::Range range, std::function<void(absl::StatusOr<sync::Ack>)> done) = 0;
  // The same for what a station offers back; `done` gets what sync::HubSession::OnOfferTaken() wants.
  virtual void SubmitOffer(sync::TakeOffer offer, std::function<void(absl::Status)> done) = 0;
};

struct SyncServiceOptions {
  std::string address = "127.0.0.1:0";  // port 0: any free one
  ListenerOptions listener;             // whom it lets connect
  size_t max_streams = 1'200;           // more are told to come back later
  int64_t stop_grace_ms = 2'000;        // how long Stop() lets stations read their last message
  // A device has told its clock with a new stream (milliseconds, by the metadata kClockMetadata). On gRPC threads;
  // quick. Never in clear text.
  std::function<void(const DeviceName& device, int64_t device_ms)> on_clock;

  // What each station may send before its streams are read more slowly; must outlive the service. Unset: all at once.
  StationBudget* budget = nullptr;
  // Calls `done` once, on any thread but not from within, after `ms` of a clock that nobody sets, or when the process
  // ends. Unset: gRPC's alarms.
  std::function<void(int64_t ms, std::function<void()> done)> later;

  // TLS (hub/door/admission.h). Unset: clear text, for development and measuring, and then on this machine only.
  std::shared_ptr<grpc::ServerCredentials> credentials;
  std::vector<grpc::Service*> services;  // more on the same port; they must outlive the service
  // Under TLS, the device that a stream's certificate names: a hello of another one ends the stream. From any thread.
  std::function<absl::StatusOr<DeviceName>(const grpc::AuthContext&)> device;
  // Whether a device may go on; asked for every stream after RecheckDevices(), under TLS and without. From any thread.
  std::function<absl::Status(const DeviceName&)> check_device;
};

class SyncService {
 public:
  // Binds and serves. `port` and `applier` must outlive the service. kInvalidArgument (Chinese): clear text at an
  // address that is not on this machine; kUnavailable: it cannot be bound.
  static absl::StatusOr<std::unique_ptr<SyncService>> Start(SyncServiceOptions options, sync::HubPort* port,
                                                            Applier* applier);
  ~SyncService();  // Stop()

  int port() const { return listener_->port(); }
  Listener::State port_state() { return listener_->state(); }
  size_t streams() const;
  // Since the start. Each session is in one of these: at its welcome, else when it ends.
  struct Sessions {
    uint64_t welcomed = 0;
    uint64_t refused = 0;  // its device may not come in, or not now, or speaks nonsense
    uint64_t lost = 0;     // ended without a hello
  };
  Sessions sessions() const { return {welcomed_, refused_, lost_}; }
  uint64_t bytes_in() const { return bytes_in_; }  // of messages as packed, without gRPC and TLS
  uint64_t bytes_out() const { return bytes_out_; }
  // Items were appended to this feed and are durable. From any thread; returns at once.
  void NotifyFeed(std::string_view interest);
  // The register of devices has changed: streams of those that may not go on get a last word and end, at once and for
  // good. From any thread; returns at once.
  void RecheckDevices();
  // Says goodbye to all stations, ends all streams and joins all threads. Idempotent.
  void Stop();

 private:
  class Rpc;
  class Stream;

  SyncService(SyncServiceOptions options, sync::HubPort* port, Applier* applier);
  void TellStreams();  // the notifier's thread
  void EndBarredStreams();
  std::vector<std::shared_ptr<Stream>> Streams() const;
  void Remove(Stream* stream);

  const SyncServiceOptions options_;
  sync::HubPort* const port_;  // not owned
  Applier* const applier_;     // not owned
  std::unique_ptr<Rpc> rpc_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::unique_ptr<grpc::Server> server_;

  std::atomic<uint64_t> welcomed_ = 0, refused_ = 0, lost_ = 0, bytes_in_ = 0, bytes_out_ = 0;

  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<Stream*, std::shared_ptr<Stream>> streams_ ABSL_GUARDED_BY(mutex_);  // until gRPC is done with them
  std::set<std::string> grown_ ABSL_GUARDED_BY(mutex_);                         // feeds to tell the streams of
  bool recheck_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread notifier_;  // last: runs on all of the above
};

}  // namespace liaison

#endif  // LIAISON_HUB_DOOR_SYNC_SERVICE_H_

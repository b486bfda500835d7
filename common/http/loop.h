// What stands behind transport.h: the loop and its connections. Only transport.cc and connections.cc include it.
#ifndef LIAISON_COMMON_HTTP_LOOP_H_
#define LIAISON_COMMON_HTTP_LOOP_H_

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <sys/time.h>
#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/crypto/page_tls.h"
#include "common/http/sockets.h"
#include "common/http/transport.h"

namespace liaison::http {

inline constexpr int kStopMs = 5'000;  // for what is on its way when the server stops
inline constexpr int kGraceMs = 50;    // before a connection that says nothing has to make room

inline timeval After(int ms) { return {ms / 1000, ms % 1000 * 1000}; }

// What the public functions and the handler's threads share is guarded by mutex_; all else is the event thread's, from
// Listen() on.
class Transport::Impl {
 public:
  Impl(TransportOptions options, Handle handle, Refuse refuse)
      : options_(std::move(options)), handle_(std::move(handle)), refuse_(std::move(refuse)) {}
  ~Impl();

  absl::Status ListenLocal(const std::string& dir);
  absl::Status Listen(const std::string& host, int port);
  absl::Status SetIdentity(const TlsIdentity& identity) { return tls_.Set(identity); }
  absl::Status ListenTls(const std::string& host, int port);
  void StopTls();
  int tls_port() const {
    absl::MutexLock lock(&mutex_);
    return tls_port_;
  }
  void Stop();
  int port() const {
    absl::MutexLock lock(&mutex_);
    return port_;
  }

 private:
  // In the order in which they make room for others. A new one is not yet looked at.
  enum class Phase { kIdle, kReading, kWriting, kHandling, kNew };

  // Made when a socket is accepted, freed by evhttp's close callback.
  struct Connection {
    Impl* all = nullptr;
    uint64_t id = 0;
    Phase phase = Phase::kNew;
    int64_t since_ms = 0;  // of the phase
    bufferevent* buffer = nullptr;
    evhttp_connection* http = nullptr;
    event* look = nullptr;      // made active where a callback cannot do the thing itself
    event* deadline = nullptr;  // of the phase
    evbuffer_cb_entry *in = nullptr, *out = nullptr;
    evhttp_request* request = nullptr;  // being handled
    bool shared = false;                // address counts
    Peer peer;
    size_t seen = 0;        // bytes of this request that came
    size_t held = 0;        // of them in memory
    bool cut = false;       // to be closed
    bool answered = false;  // by evhttp itself: a page of its own is on its way
    bool tls = false;
    bool last = false;   // it ends with the answer that is on its way
    int64_t by_ms = 0;   // when the handshake and the first request must be in; 0: they are, or there is no handshake
  };

  struct Door {
    Impl* all = nullptr;
    std::string host;  // of TCP
    int port = 0;
    std::string dir;  // of a folder's socket; empty for TCP
    uid_t owner = 0;
    bool tls = false;
    int fd = -1;  // until the event thread has it
    evhttp_bound_socket* bound = nullptr;
    bool resting = false;  // after an error, until reopen_
    bool broken = false;   // needs a new socket
  };

  struct Job {
    uint64_t id = 0;
    WireRequest request;
  };
  struct Answer {
    uint64_t id = 0;
    WireResponse response;
  };

  // ---- the handler's threads
  void Work();
  void Wake() const;

  // ---- the event thread
  void Run();
  void OnWake();
  void BeginStop();
  void EndIfDone();
  void Configure(evhttp* server);
  void Attach(Door* door);
  void Detach(Door* door);
  void ChangeTls();
  void OnAcceptError(evconnlistener* listener, int error);
  void Reopen();
  void Balance();
  bufferevent* Accepted(bool tls);
  void Look(Connection* connection);
  void Adopt(Connection* connection);
  bool MakeRoom(const Connection& newcomer);
  Connection* Victim(const std::string* address) const;
  void Enter(Connection* connection, Phase phase);
  void Arm(Connection* connection, int ms);
  void Hold(Connection* connection, size_t bytes);
  void OnInput(Connection* connection, const evbuffer_cb_info& change);
  void OnOutput(Connection* connection, const evbuffer_cb_info& change);
  void AnswerInstead(Connection* connection);
  void SendToTls(const Connection& connection);
  void OnRequest(evhttp_request* request);
  void Send(Answer answer);
  void OnSent(Connection* connection);
  void Forget(Connection* connection);
  static void Close(Connection* connection) { evhttp_connection_free(connection->http); }

  static thread_local Impl* here_;  // of the event thread, for a callback without a pointer of ours

  const TransportOptions options_;
  const Handle handle_;
  const Refuse refuse_;
  PageTls tls_;

  mutable absl::Mutex mutex_;
  int port_ ABSL_GUARDED_BY(mutex_) = 0;
  int tls_port_ ABSL_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<Door> new_door_ ABSL_GUARDED_BY(mutex_);  // of TLS, for the event thread
  bool close_tls_ ABSL_GUARDED_BY(mutex_) = false;          // asked of the event thread
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;  // no job comes any more
  std::deque<Job> jobs_ ABSL_GUARDED_BY(mutex_);
  std::vector<Answer> answers_ ABSL_GUARDED_BY(mutex_);
  absl::Notification ended_;  // the event thread holds nothing any more

  int wake_fd_ = -1;
  event_base* base_ = nullptr;
  evhttp *http_ = nullptr, *https_ = nullptr;  // one for each kind of connection; the limits are of both together
  event *wake_ = nullptr, *reopen_ = nullptr, *balance_ = nullptr;
  bool stop_begun_ = false;
  std::vector<std::unique_ptr<Door>> doors_;
  std::vector<std::unique_ptr<Connection>> connections_;
  uint64_t last_id_ = 0;
  size_t held_ = 0;  // by all connections

  absl::Mutex join_mutex_;
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(join_mutex_);
};

}  // namespace liaison::http

#endif  // LIAISON_COMMON_HTTP_LOOP_H_

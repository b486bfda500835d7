// The hub's sync port: accepts connections itself and hands each socket to gRPC.
//
// gRPC's own listener (1.51) never accepts again once the process has run out of files, and keeps a socket for whoever
// connects. Here an address that holds more sockets than its share is turned away, and of those that have made no call
// yet only so many are kept: one of them, drawn by lot, makes room for the next, so silence keeps nobody out. A process
// that is out of files waits and goes on.
//
// From the handing over a socket is gRPC's, which closes it without a word. So each is remembered with its inode: it is
// gone when its descriptor names another file. Until its first call a second descriptor of ours can end it.
#ifndef LIAISON_HUB_DOOR_LISTENER_H_
#define LIAISON_HUB_DOOR_LISTENER_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/ports.h"

struct sockaddr_storage;

namespace grpc::experimental {
class ExternalConnectionAcceptor;
}

namespace liaison {

// As many files as the system lets this process have, at most 65,536. Call it before threads are started.
void RaiseFileLimit();

// gRPC's own lines about connections that come to nothing are not printed any more, in the whole process: the listener
// counts them and says how many.
void QuietConnectionLog();

// What stands behind the number of connections that were turned away, of which some were so for want of files
// (Chinese, in brackets); empty for none.
std::string WhyTurnedAway(int64_t turned_away, int64_t out_of_files);

struct ListenerOptions {
  int max_sockets = 600;  // of one address; of IPv6 its first 64 bits count. A carrier may hide all stations behind one
  int max_unfinished = 64;  // of one address, that have made no call yet
  int max_all = 0;          // of all addresses; 0: by what the process may open, less what the rest of it needs
  Random* random = SystemRandom();
  absl::Duration report_every = absl::Minutes(1);
  // Where the line goes that says how many connections came to nothing, at most one in `report_every`. Any thread.
  // Unset: standard error.
  std::function<void(const std::string& line)> report;
};

// Thread-safe.
class Listener {
 public:
  struct State {
    std::string trouble;      // why nobody can connect now (Chinese); empty while it answers
    int sockets = 0;          // open now
    int64_t turned_away = 0;  // since the start, by these limits or for want of files
    int64_t failed = 0;       // since the start: ended before a call
  };

  // Binds and listens; nobody is accepted yet. `address` as "127.0.0.1:7061"; port 0: any free one. 0.0.0.0 and [::]
  // are both families. kUnavailable (Chinese): it cannot be bound; kInvalidArgument: it is no address.
  static absl::StatusOr<std::unique_ptr<Listener>> Bind(const std::string& address, ListenerOptions options);
  ~Listener();  // Stop()

  int port() const { return port_; }
  // Begins to accept. `acceptor` must outlive Stop(), and its server must run.
  void Start(grpc::experimental::ExternalConnectionAcceptor* acceptor);
  // A call came on the connection of this peer (as gRPC writes peers): its handshake is done.
  void OnCall(std::string_view peer);
  State state();
  // Closes the port and joins the thread; sockets that were handed over stay. Idempotent.
  void Stop();

 private:
  struct Socket {
    int fd = -1;  // gRPC's
    ino_t inode = 0;
    std::string address;  // what is counted
    int own = -1;         // of the same socket, until its first call
  };
  struct Share {
    int sockets = 0;
    std::vector<Socket*> unfinished;  // in sockets_
  };

  explicit Listener(ListenerOptions options) : options_(std::move(options)) {}
  absl::Status Listen(const std::string& address);
  void Loop();
  bool AcceptOne(int listener);  // false: nobody waits, or nobody can be taken
  bool Admit(const sockaddr_storage& peer, int fd);
  bool HasRoom(const std::string& address) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndOne(const std::vector<Socket*>& unfinished) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Finish(Socket* socket) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Sweep() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Duration Report();  // how long until the next look

  const ListenerOptions options_;
  int max_all_ = 0, max_all_unfinished_ = 0;
  int port_ = 0;
  int wake_ = -1;
  std::vector<int> listeners_;
  grpc::experimental::ExternalConnectionAcceptor* acceptor_ = nullptr;

  absl::Mutex mutex_;
  std::map<std::string, Socket> sockets_ ABSL_GUARDED_BY(mutex_);  // by peer
  std::map<std::string, Share> shares_ ABSL_GUARDED_BY(mutex_);
  int unfinished_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time swept_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::string trouble_ ABSL_GUARDED_BY(mutex_);
  int64_t turned_away_ ABSL_GUARDED_BY(mutex_) = 0, failed_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t out_of_files_ ABSL_GUARDED_BY(mutex_) = 0;  // of turned_away_: for want of files
  int64_t told_turned_away_ ABSL_GUARDED_BY(mutex_) = 0, told_failed_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t told_out_of_files_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time told_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();

  std::thread thread_;  // last
};

}  // namespace liaison

#endif  // LIAISON_HUB_DOOR_LISTENER_H_

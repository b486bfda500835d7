// Carries photos and scanned files between a station and the hub, on a thread of its own, behind everything else: only
// while the link is up and nothing of the records is on its way or waiting, one slice at a time, up before down.
//
// Nothing is remembered but what lies in the file stores: after any cut or restart each end says where a file goes on.
// Which files are to be brought is what the hub lacks; it is asked when there are files without a receipt, and every
// few hours, so that a hub whose disk has lost some gets them again. The connection is closed when nothing is to do.
#ifndef LIAISON_STATION_LINK_ATTACHMENTS_H_
#define LIAISON_STATION_LINK_ATTACHMENTS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/attachments/file_book.h"
#include "common/base/ports.h"
#include "liaison/v1/attachments.grpc.pb.h"
#include "station/link/slice_pace.h"
#include "station/link/uplink.h"

namespace liaison {

class FileTransfer {
 public:
  struct Options {
    Channels* channels = nullptr;  // these three outlive this
    FileStore* files = nullptr;
    FileBook* book = nullptr;  // its listener is taken
    std::string hub_address;
    // Whether files may move now: asked before every call to the hub, on this class's thread.
    std::function<bool()> may_move;
    int64_t retry_delay_ms = 1'000;  // after a loss; doubled up to
    int64_t retry_delay_ms_max = 60'000;
    int64_t ask_again_ms = 6 * 3'600'000;
    Random* random = SystemRandom();
  };
  struct State {
    uint64_t calls = 0;  // answered by the hub
    uint64_t bytes_up = 0, bytes_down = 0;
    bool idle = false;    // nothing to do now
    std::string trouble;  // why something did not move (Chinese); empty while all is well
  };

  explicit FileTransfer(Options options);
  ~FileTransfer();  // Stop()

  void Start();
  // What may_move() answers may have changed. From any thread, also before Start(); returns at once.
  void Wake();
  // Ends the rest behind a failed call; what rests by itself goes on resting. From any thread; returns at once.
  void RetryNow();
  State state() const;
  bool AwaitState(const std::function<bool(const State&)>& done, absl::Duration timeout) const;
  // Breaks off a call that waits, and joins the thread. Idempotent.
  void Stop();

 private:
  using Stub = v1::AttachmentService::Stub;
  template <typename Request, typename Response>
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

  // The thread's.
  void Loop();
  bool AwaitWork();  // false: stopping
  bool AwaitTurn();
  void Rest(int losses);
  std::vector<std::string> Ready(std::vector<std::string> hashes) const;  // without those that rest
  bool HasWork() const;
  int64_t NextDueMs() const;
  absl::Status Pass();
  absl::Status Ask(std::vector<v1::StatFilesResponse::File>* wanted);
  absl::Status Send(const std::string& hash, const v1::FilePosition& at);
  absl::Status Fetch(const std::string& hash);
  absl::Status TakePart(const std::string& hash, const v1::GetPieceResponse& part, Position* at);
  absl::Status LayAside(const std::string& hash, const absl::Status& why);
  template <typename Request, typename Response>
  absl::Status Call(Method<Request, Response> method, const Request& request, Response* response);

  const Options options_;
  SlicePace pace_;
  std::unique_ptr<Stub> stub_;              // of this pass
  std::map<std::string, int64_t> resting_;  // files that cannot move now -> when they are tried again
  int64_t next_ask_ms_ = 0;

  mutable absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool asked_ ABSL_GUARDED_BY(mutex_) = false;  // RetryNow in this rest
  grpc::ClientContext* call_ ABSL_GUARDED_BY(mutex_) = nullptr;

  std::thread thread_;  // last
};

}  // namespace liaison

#endif  // LIAISON_STATION_LINK_ATTACHMENTS_H_

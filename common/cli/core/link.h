// The way to a data folder's services. A running daemon is found through DIR/endpoint.json and asked over HTTP: on
// DIR/socket if it answers there, as the folder's owner, who needs no login; else at the address in the file, where a
// daemon that asks for logins answers nothing. Without one, `liaison-station call` or `liaison-hub
// call` beside this program answers: it opens the database itself, which only one process can, so the two ways never
// meet.
//
// An endpoint file may be stale (the daemon was killed), and by now another program, or another station, may answer on
// its port. The lock of the database tells whether a process has it open, and which: if it is the one that the file
// names, it is believed without asking, since a busy daemon may answer late; else the daemon behind the port must say
// that it is the one of this folder. While somebody has the database open no binary is started: a daemon that starts or
// ends, or another call, is waited for.
#ifndef LIAISON_COMMON_CLI_CORE_LINK_H_
#define LIAISON_COMMON_CLI_CORE_LINK_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/http/client.h"
#include "liaison/v1/config.pb.h"

namespace liaison::cli {

// Whose data lies in a folder. A station's has station.json, a hub's has the database alone.
enum class FolderKind { kNone, kStation, kHub };
FolderKind KindOf(const std::string& dir);

// Not thread-safe.
class Link {
 public:
  // Nothing is touched yet. `user` is who the calls say they come from; may be empty.
  Link(std::string dir, std::string bin_dir, std::string user);
  // A daemon on another folder or machine, by its HTTP address. Never falls back to a binary.
  static Link At(std::string host, int port, std::string user);

  // `method` as "StationService/LogVisit". The service's JSON, or its error with its message.
  // kInvalidArgument: DIR holds no data. kUnavailable, kDeadlineExceeded: nobody could be reached, or the answer was
  // lost; a write may have been carried out, so repeat it with the same action id.
  // Where standard error is a terminal, a call that takes long says on it what the daemon is at (progress.h).
  absl::StatusOr<std::string> Call(const std::string& method, const std::string& json);

  // What to say instead of `status` (kUnimplemented) where the folder is of the other kind: kFailedPrecondition.
  absl::Status WrongKind(const absl::Status& status) const;

  // Where the daemon answers, if one runs over the folder and it is really this folder's.
  const v1::Endpoint* running();

 private:
  Link() = default;
  void Look();  // sets client_ and endpoint_ if there is a daemon
  // What to say where the daemon wants a login, which commands do not have: they are the folder's owner's.
  absl::Status NeedsFolder() const;
  absl::StatusOr<std::string> CallBinary(const std::string& path, const std::string& json);

  std::string dir_;
  std::string bin_dir_;
  std::string user_;
  bool looked_ = false;
  bool on_socket_ = false;  // of dir_: as its owner
  absl::Status trouble_;  // somebody has the database open and does not answer
  v1::Endpoint endpoint_;
  std::unique_ptr<http::Client> client_;  // null: no daemon
};

}  // namespace liaison::cli

#endif  // LIAISON_COMMON_CLI_CORE_LINK_H_

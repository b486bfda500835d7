// What both daemons do around their services: a data folder, the HTTP face, signals.
//
//   DIR/db/             the database
//   DIR/key             this machine's signing key, mode 0600
//   DIR/station.json    who this station is (stations only)
//   DIR/endpoint.json   where the running daemon answers; there only while it runs
//   DIR/socket          where it answers the folder's owner and root, mode 0600 (http/server.h); likewise
//   DIR/rest.json       how the data key of the database and the photos opens (rest.h); rest.key beside it, mode 0600
//   DIR/metrics.token   who sends it may read /metrics (metrics.h), mode 0600
//   DIR/secrets.json    who can log in at this machine (secrets.h), mode 0600
//   DIR/page.key        the key of the page on the village's network, mode 0600 (lan_door.h)
//   DIR/page.json       its certificate
//   DIR/log/            the program's log (base/log.h), where no service manager takes it
#ifndef LIAISON_COMMON_DAEMON_DAEMON_H_
#define LIAISON_COMMON_DAEMON_DAEMON_H_

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/api/dispatcher.h"
#include "common/base/log.h"
#include "common/base/repeater.h"
#include "common/crypto/sign.h"
#include "common/http/page.h"
#include "common/store/store.h"
#include "liaison/v1/config.pb.h"

namespace liaison {
namespace http {
class Server;
}
class LoginService;
class Metrics;

std::string DbPath(const std::string& dir);
std::string KeyPath(const std::string& dir);

// JSON files of the data folder. Writing is atomic and durable. Errors of files as in base/file.h; kInvalidArgument,
// with the file's name: not such a config.
absl::Status ReadConfig(const std::string& path, google::protobuf::Message* config);
absl::Status WriteConfig(const std::string& path, const google::protobuf::Message& config);

// "127.0.0.1:7060" into its parts. kInvalidArgument in Chinese.
absl::Status ParseAddress(const std::string& address, std::string* host, int* port);

// A hub's address as a person typed or pasted it, as it is kept: one width, no spaces, the host in small letters and
// without a dot behind. "１９２.168.1.10：7061 " -> "192.168.1.10:7061"; an IPv6 host is in brackets.
// kInvalidArgument in Chinese: no host, no port from 1 to 65535, or more than these (http://…, two addresses).
absl::StatusOr<std::string> PlainAddress(std::string_view typed);

// Opens the log of the program that serves `dir`, and writes its first line: `what` (镇中心), the version and the folder.
// Under a manager that reads standard error the lines go there, else to files DIR/log/NAME.log. Null, and nothing is
// made: `dir` has no file called `mark`, so it is another program's folder or nobody's.
std::unique_ptr<ProgramLog> OpenLog(const std::string& dir, const std::string& mark, LogSettings settings,
                                    const std::string& what);

// Blocks SIGINT and SIGTERM in this thread and those it starts. Call first in main.
void BlockSignals();

// Serves the dispatcher and the pages until SIGINT or SIGTERM, on DIR/socket and at the address. Writes endpoint.json
// when it answers and prints `banner("127.0.0.1:7060")`; takes both away at the end. REQUIRES: BlockSignals().
//
// A service manager (service_manager.h) hears READY when all of that is done, and STOPPING at the signal; from then on
// the process has `stop_s` seconds to end, however its owner takes it apart. A manager that watches hears WATCHDOG
// while each round through the work ends: a page through the port, GetStatus on the socket, then `work`.
struct Face {
  std::string dir;
  std::string address = "127.0.0.1:0";
  int sync_port = 0;
  LoginService* login = nullptr;  // says who calls; null: everybody is let in, by the name that the call gives
  std::span<const http::Page> pages;
  std::function<std::string(const std::string& page)> banner;
  std::function<void(http::Server*)> more = [](http::Server*) {};  // what is served beside services and pages
  // What runs beside the server while it serves; it goes before the server stops.
  std::function<std::unique_ptr<Repeater>(http::Server*)> beside = [](http::Server*) { return nullptr; };
  std::function<void(Metrics*)> metrics = [](Metrics*) {};  // what /metrics tells beside version and size
  // Goes once through what must live beside the port, and blocks for as long as it does not. Another thread's.
  std::function<void()> work = [] {};
  int stop_s = 25;  // less than the TimeoutStopSec of the units
};
absl::Status Serve(const Dispatcher& dispatcher, const Face& face);

// The part of Serve() that puts each method at its path; `login` as in Face. All outlive the server.
void ServeMethods(const Dispatcher& dispatcher, LoginService* login, http::Server* server);

// Returns when nobody holds the store's write lock. Writes nothing.
void AwaitWritable(Store* store);

// Answers one call from the command line when no daemon runs: JSON request on standard input, JSON answer or error on
// standard output. The process's exit code.
int AnswerOneCall(const Dispatcher& dispatcher, const std::string& path, const Caller& caller);

// The exit code of a program that has said all: `code`, or 1 with words on standard error when standard output could
// not be written.
int Told(int code);

}  // namespace liaison

#endif  // LIAISON_COMMON_DAEMON_DAEMON_H_

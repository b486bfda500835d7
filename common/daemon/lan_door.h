// The page on a village's network: opened, kept certified, and closed again, as the township allows it.
//
//   DIR/page.key    the page's key, made here, mode 0600
//   DIR/page.json   its certificate and the authority behind it
//
// It is open only while a clerk allows it, a login is required at this machine, and a certificate is held that names
// the machine's present addresses. Beside the pages' own files there are, at both doors:
//
//   /trust               how a phone or a computer comes to trust the authority; needs no script and no login
//   /page-authority.crt  the authority's certificate
#ifndef LIAISON_COMMON_DAEMON_LAN_DOOR_H_
#define LIAISON_COMMON_DAEMON_LAN_DOOR_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/ports.h"
#include "common/daemon/page_names.h"
#include "liaison/v1/config.pb.h"
#include "liaison/v1/record_service.pb.h"

namespace liaison {
namespace http {
class Server;
}

inline constexpr int kLanPort = 7443;
inline constexpr absl::Duration kLanPause = absl::Seconds(5);  // between two steps

// Thread-safe.
class LanDoor {
 public:
  struct Options {
    std::string dir;
    std::string host = "::";               // where it listens: all addresses of this machine
    int port = kLanPort;                   // 0: any free one
    std::vector<std::string> names;        // under .local (LocalNames)
    std::function<bool()> allowed;         // by a clerk
    std::function<bool()> login_required;  // at this machine
    // A certificate (`public_key` is a SubjectPublicKeyInfo). Waits for the network; an error is Chinese.
    std::function<absl::StatusOr<v1::PageConfig>(const std::string& public_key, const std::vector<std::string>& names)>
        ask;
    std::function<std::vector<std::string>()> addresses = PresentAddresses;
    Clock* clock = SystemClock();
  };

  explicit LanDoor(Options options);

  // /trust and /page-authority.crt. REQUIRES: before the server listens.
  void Register(http::Server* server);
  // One look at what is and what should be: opens, certifies anew, closes. After an error the next step tries again, a
  // request for a certificate after a minute at the earliest.
  // REQUIRES: one call at a time, each of the same server, which listens.
  void Step(http::Server* server);
  v1::NetworkState State() const;

 private:
  absl::StatusOr<v1::PageConfig> Held(const std::string& public_key, const std::vector<std::string>& names);
  std::string Open(http::Server* server, const std::vector<std::string>& addresses);
  std::string TrustPage() const;

  const Options options_;
  // Of Step() alone.
  std::string served_;                    // the certificate that the server has
  std::vector<std::string> asked_names_;  // of the last request, sorted
  std::optional<absl::Time> asked_;
  std::string ask_error_ = "还没有网页证书";

  mutable absl::Mutex mutex_;
  v1::NetworkState state_ ABSL_GUARDED_BY(mutex_);
  std::string authority_ ABSL_GUARDED_BY(mutex_);  // DER; empty: none is known yet
};

// SHA-256 of a certificate in hex, small letters, in groups of four: as people compare it.
std::string FingerprintText(std::string_view certificate);

}  // namespace liaison

#endif  // LIAISON_COMMON_DAEMON_LAN_DOOR_H_

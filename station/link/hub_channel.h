// Channels to the hub: TLS 1.3 that presents this device and accepts only the right hub. For the sync stream, and for
// every other service that the station uses at the hub.
#ifndef LIAISON_STATION_LINK_HUB_CHANNEL_H_
#define LIAISON_STATION_LINK_HUB_CHANNEL_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/base/ports.h"
#include "common/crypto/certificate.h"
#include "liaison/v1/config.pb.h"
#include "station/link/known_door.h"
#include "station/link/uplink.h"

namespace grpc {
class ClientContext;
}

namespace liaison {

// A channel that presents `identity` and accepts the hub whose certificate (DER) `accept` accepts. No date in the
// hub's certificate is looked at, since this box's clock may be wrong by years: it hangs on the authority alone.
// `accept` may run on any thread, also after the channel is gone. REQUIRES: RequireTls13() was called.
std::shared_ptr<grpc::Channel> NewTlsChannel(const std::string& address, const TlsIdentity& identity,
                                             std::function<absl::Status(const std::string& der)> accept);

// gRPC's own lines (English, of single connections) are not printed any more, in the whole process: the link says in
// words why the hub was not reached. Whoever looks into the transport sets GRPC_VERBOSITY, and they stay.
void QuietTransportLog();

// This device's key and certificate. Thread-safe.
class HubChannels : public Channels {
 public:
  struct Options {
    std::string dir;  // of the station; renewed certificates are written there
    v1::StationConfig config;
    KeyPair key;
    Clock* clock = SystemClock();
    Random* random = SystemRandom();
    int timeout_ms = 20'000;  // of a renewal
  };
  // kFailedPrecondition (Chinese): enrolled before there were certificates, or the certificate is not this device's.
  static absl::StatusOr<std::unique_ptr<HubChannels>> Open(Options options);
  ~HubChannels() override;

  // Connects when first used. All channels are alike; each has a connection of its own.
  std::shared_ptr<grpc::Channel> NewChannel(const std::string& address) override;
  // Renews when the certificate is due by the best time known: this box's clock, corrected by what the hub last signed.
  // A box whose clock is wrong therefore asks once a run, is told the hub's time, and keeps its certificate if that is
  // good. So does one that was turned away by a door of an older program, whose hub has to prove its key first.
  // kPermissionDenied: the hub does not know this device any more. kUnauthenticated: the hub is not ours.
  absl::Status Prepare(const std::string& address) override;
  void OnRefused() override;
  void Cancel() override;
  std::string Complaint() const override;

  // What comes of asking the hub for its time, as Prepare() does for a renewal, with nothing kept of the answer.
  struct Greeting {
    bool secured = false;    // a TLS connection to an accepted hub stood
    std::string complaint;   // why the door was not accepted (Chinese); empty: it was, or none was shown
    absl::Status status;     // of the connection while not `secured`, else of the answer; messages as they came
    int64_t hub_time_ms = 0;  // signed by the hub; 0: no good answer
    std::string hub_version;  // of its program; empty: it does not say
  };
  // Over a connection of its own; both steps wait at most `step_ms`. Any thread; another call does not disturb it, nor
  // does Cancel().
  Greeting Greet(const std::string& address, int step_ms) const;

  // A certificate for this device's page on its village's network, with the authority that it hangs on. `public_key`
  // as PublicHalf() of crypto/page_certificate.h gives it. Over a connection of its own; any thread; waits for the
  // network eight seconds at most. kUnavailable: the hub was not reached, or its program is too old.
  // kPermissionDenied: the hub issues none, in its words. kUnauthenticated: what came is no such certificate.
  struct Page {
    std::string certificate, authority;  // DER
  };
  absl::StatusOr<Page> AskForPage(const std::string& address, const std::string& public_key,
                                  const std::vector<std::string>& names) const;

  Certificate certificate() const;
  // This box's clock, corrected as above.
  int64_t HubNowMs() const;

 private:
  struct Call;
  explicit HubChannels(Options options);
  absl::Status Take(const Call& call);
  // Whether the time in the answer is signed by this station's hub, over the nonce of the request.
  absl::Status CheckTime(const Call& call) const;
  std::shared_ptr<grpc::Channel> Connect(const std::string& address, const std::shared_ptr<KnownDoor>& door,
                                         bool for_proof) const;

  const Options options_;
  const std::shared_ptr<KnownDoor> door_;  // outlives this with the last channel

  mutable absl::Mutex mutex_;
  Certificate certificate_ ABSL_GUARDED_BY(mutex_);
  int64_t hub_ahead_ms_ ABSL_GUARDED_BY(mutex_) = 0;  // the hub's signed time minus this box's clock
  bool refused_ ABSL_GUARDED_BY(mutex_) = false;      // since the last renewal
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  Call* call_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace liaison

#endif  // LIAISON_STATION_LINK_HUB_CHANNEL_H_

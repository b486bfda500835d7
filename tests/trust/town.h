// A hub and stations over real TLS sockets, each with a data folder, a memory database and a clock of its own.
#ifndef LIAISON_TESTS_TRUST_TOWN_H_
#define LIAISON_TESTS_TRUST_TOWN_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "hub/hub_node.h"
#include "station/link/enrol.h"
#include "station/station_node.h"

namespace liaison {

inline constexpr absl::Duration kSoon = absl::Seconds(60);  // never waited for in full when the test passes
inline constexpr int64_t kDayMs = 86'400'000, kHourMs = 3'600'000;
inline constexpr int64_t kNow = 1'796'000'000'000;   // 2026-11-30: behind every day that tests register
inline constexpr int64_t k2010 = 1'262'304'000'000;  // where a box without a battery starts
inline constexpr int64_t k2040 = 2'208'988'800'000;

class SetClock : public Clock {
 public:
  explicit SetClock(int64_t now_ms = kNow) : now_ms_(now_ms) {}
  int64_t NowMs() override { return now_ms_; }
  void Set(int64_t now_ms) { now_ms_ = now_ms; }
  void Advance(int64_t ms) { now_ms_ += ms; }

 private:
  std::atomic<int64_t> now_ms_;
};

class TempDir {
 public:
  TempDir();
  ~TempDir();
  std::string In(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// A hub with the points D057 and D058 and the centre Z001.
class Town {
 public:
  explicit Town(HubNode::Options options = {});

  HubNode& hub() { return *hub_; }
  const Authority& authority() { return hub_->admission()->authority(); }
  std::string address() const;
  std::string Invite(const std::string& station, int hours = 0);  // the code
  // Enrols `folder`, and the same again with the certificate and the key that it got; the second one also where the
  // hub waits for a person.
  absl::StatusOr<v1::StationConfig> Enrol(const std::string& folder, const std::string& code,
                                          const std::string& address = "");
  struct Device {
    v1::StationConfig config;
    KeyPair key;
    Certificate certificate;
  };
  Device EnrolDevice(const std::string& folder, const std::string& station);
  // Opens the station in `folder` and starts its link.
  std::unique_ptr<StationNode> Open(const std::string& folder, Clock* clock = nullptr, const std::string& address = "",
                                    bool clear = false);
  std::string Dir(const std::string& folder) const { return dir_.In(folder); }

  SetClock clock;  // of the hub, and of stations without one of their own

 private:
  TempDir dir_;
  std::unique_ptr<HubNode> hub_;
};

bool Await(const StationNode& station, const std::function<bool(const UplinkState&)>& done);
bool AwaitSynced(StationNode* station);
bool AwaitError(StationNode* station, const std::string& part);
// A visit of somebody with a name and a phone in a new session; the id of the visitor's record.
RecordId LogVisitor(StationNode* station, const std::string& date, const std::string& name, const std::string& phone);
// One more op in the station's log.
void Work(StationNode* station, const std::string& date);

// A channel that presents `identity`, or nothing, and accepts every hub.
std::shared_ptr<grpc::Channel> ChannelAs(const std::string& address, const TlsIdentity& identity);
std::shared_ptr<grpc::Channel> ChannelWithoutCertificate(const std::string& address);
// Calls "/service/method" with an empty message; the answer is not looked at.
grpc::Status CallRaw(grpc::Channel* channel, const std::string& method, int timeout_s = 60);

}  // namespace liaison

#endif  // LIAISON_TESTS_TRUST_TOWN_H_

// The way to the hub step by step, for a person who looks for a fault: name, connection, TLS, hello. Beside the uplink,
// which goes on as it is; over connections of its own, made as the uplink makes them.
#ifndef LIAISON_STATION_LINK_LINK_STEPS_H_
#define LIAISON_STATION_LINK_LINK_STEPS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/ports.h"
#include "common/crypto/sign.h"
#include "liaison/v1/config.pb.h"

namespace liaison {

// The numeric addresses of a host. Blocks as long as the system's resolver does.
using Resolve = std::function<absl::StatusOr<std::vector<std::string>>(const std::string& host)>;
absl::StatusOr<std::vector<std::string>> ResolveBySystem(const std::string& host);  // getaddrinfo(3)

struct LinkQuestion {
  std::string dir;      // of the station
  std::string address;  // of the hub, as it is kept; empty: there is none
  v1::StationConfig config;
  KeyPair key;
  Clock* clock = SystemClock();
  Random* random = SystemRandom();
  int step_ms = 5'000;  // each step waits at most so long
  Resolve resolve = ResolveBySystem;  // run on a thread of its own, which may outlive the call
};

struct LinkStep {
  enum Kind { kName, kConnect, kTls, kHello };
  Kind kind = kName;
  bool good = false;
  std::string text, advice;  // Chinese; `advice` is empty where it is good
};

struct LinkReport {
  std::vector<LinkStep> steps;  // in order, up to the first that is not good
  int64_t hub_time_ms = 0;      // signed by the hub; 0: the hello failed
  int64_t asked_ms = 0;         // this box's clock then
  std::string hub_version;      // empty: not told
};

// Any thread; ends within four times `step_ms`. Changes nothing at the hub, and at the station at most what the first
// connection to a newer hub notes (known_door.h).
LinkReport ExamineLink(const LinkQuestion& question);

}  // namespace liaison

#endif  // LIAISON_STATION_LINK_LINK_STEPS_H_

// A hub and stations on this machine, put together for one measurement: folders, enrolment, daemons, the link.
#ifndef LIAISON_TESTS_BENCH_RIG_H_
#define LIAISON_TESTS_BENCH_RIG_H_

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub/hub_node.h"
#include "liaison/v1/devices.pb.h"
#include "liaison/v1/record_service.pb.h"
#include "station/station_node.h"
#include "tests/bench/child.h"
#include "tests/bench/records.h"

namespace liaison::bench {

// What all workloads are told on the command line.
struct Setting {
  std::string work;         // scratch folder on the disk that is measured
  std::string bin, source;  // build/…/bin, the source tree
  uint64_t seed = 1;
  int records = 0;         // 0: the workload's own number
  int stations = 0;        // the same
  bool fast_only = false;  // W3, W4: not over the thin link
  bool trust = false;      // certificates and TLS, as in a town; else clear text
  int runs = 3;
  int idle_ms = 60'000;  // W4
  int number_or(int own) const { return records > 0 ? records : own; }
  std::string roster() const { return source + "/hub/fixture"; }
};

// ---------------------------------------------------------------- folders, while no daemon runs

// A hub with the roster of hub/fixture, or, for more than its 96 points, with as many made-up ones.
std::unique_ptr<HubNode> MakeHub(const Setting& setting, const std::string& dir, int stations);
std::vector<std::string> PointIds(int stations);
// Makes `dir` a device of the station, with a certificate.
void EnrolStation(const std::string& dir, const std::string& station_id, HubNode* hub, uint64_t seed);
// The station's services without a link, to write records offline.
std::unique_ptr<StationNode> OpenOffline(const std::string& dir, std::unique_ptr<Kv> kv = nullptr);
// The ways to the hub under TLS of the device whose folder this is.
std::unique_ptr<HubChannels> ChannelsOf(const std::string& dir);
// A fresh folder under setting.work.
std::string FreshDir(const Setting& setting, const std::string& name);
void CopyDir(const std::string& from, const std::string& to);

// ---------------------------------------------------------------- daemons

class Daemon {
 public:
  enum class Role { kHub, kStation };
  // `hub_port` 0: a station without a link that works.
  Daemon(const Setting& setting, Role role, const std::string& dir, int hub_port);
  int sync_port() const { return endpoint_.sync_port(); }
  double start_ms() const { return start_ms_; }  // from the start of the process to its first answer
  Child& child() { return *child_; }
  void Stop();  // as an operator does
  v1::GetStatusResponse Status();
  void Call(const std::string& method, const google::protobuf::Message& request, google::protobuf::Message* response);
  // Polls until nothing is pending. False after `timeout_ms`.
  bool AwaitDelivered(int timeout_ms, int poll_ms = 50);

 private:
  std::unique_ptr<Child> child_;
  const std::string dir_;
  v1::Endpoint endpoint_;
  double start_ms_ = 0;
};

// ---------------------------------------------------------------- the link

struct LinkStats {
  double up = 0, down = 0, dropped = 0, connections = 0, cuts = 0, turns = 0;
  double first_ms = 0, last_up_ms = 0, last_down_ms = 0;
  double bytes() const { return up + down; }
  double last_ms() const { return std::max(last_up_ms, last_down_ms); }
  LinkStats operator-(const LinkStats& before) const;
};

class LinkSim {
 public:
  LinkSim(const Setting& setting, int to_port, const std::vector<std::string>& options);
  int port() const { return port_; }
  LinkStats Stats();
  LinkStats Go();    // ends --hold
  LinkStats Down();  // cuts everything and closes the port
  LinkStats Up();    // opens it again, and counts from 0
  // Waits until no byte has passed for `quiet_ms`.
  LinkStats AwaitQuiet(int quiet_ms);
  // What a connection of this device costs that says nothing: the TLS handshake, if any, and HTTP/2's settings.
  LinkStats Handshake(const Setting& setting, const std::string& station_dir);

 private:
  LinkStats Command(const std::string& word);
  std::unique_ptr<Child> child_;
  int port_ = 0;
};

// ---------------------------------------------------------------- figures

// How every line of a workload begins.
JsonLine LineOf(const Setting& setting, const std::string& workload, const std::string& variant);

// All pairs of a database whose key or value is not in `before`.
std::vector<std::pair<std::string, std::string>> NewPairs(const std::string& before, const std::string& after);
// Seconds to write these in synced batches into an empty database of the hub's profile; every table's keys spread
// evenly over the batches.
double BareIngestSeconds(const Setting& setting, const std::vector<std::pair<std::string, std::string>>& pairs,
                         int batches);

}  // namespace liaison::bench

#endif  // LIAISON_TESTS_BENCH_RIG_H_

#include "tests/bench/rig.h"

#include <grpcpp/grpcpp.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>

#include "common/base/text.h"
#include "common/daemon/daemon.h"
#include "common/daemon/enrolment.h"
#include "common/daemon/rest.h"
#include "common/http/client.h"
#include "common/http/connect.h"
#include "common/record/json.h"
#include "hub/desk/setup.h"

namespace liaison::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kFixturePoints = 96;

std::string PointId(int i) {
  std::string digits = std::to_string(i + 1);
  return Cat("HK-D", std::string(digits.size() < 3 ? 3 - digits.size() : 0, '0'), digits);
}

// The fixture with its points replaced by `stations` made-up ones under the same areas.
std::string LargeRoster(const Setting& setting, int stations) {
  std::string dir = FreshDir(setting, "roster");
  for (const auto& file : fs::directory_iterator(setting.roster()))
    fs::copy_file(file.path(), dir + "/" + file.path().filename().string());
  std::ifstream in(setting.roster() + "/stations.csv");
  std::ofstream out(dir + "/stations.csv");
  std::map<int, std::string> points;
  for (std::string line; std::getline(in, line);)
    if (line.find(",point,") == std::string::npos) out << line << "\n";
  for (int i = 0; i < stations; ++i)
    out << Cat(PointId(i), ",point,HK-P001,normal,第", i + 1, "联络点,610902107000,第", i + 1, "点\n");
  return dir;
}

}  // namespace

std::vector<std::string> PointIds(int stations) {
  std::vector<std::string> ids;
  for (int i = 0; i < stations; ++i) ids.push_back(PointId(i));
  return ids;
}

std::string FreshDir(const Setting& setting, const std::string& name) {
  std::string dir = setting.work + "/" + name;
  fs::remove_all(dir);
  fs::create_directories(dir);
  return dir;
}

void CopyDir(const std::string& from, const std::string& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive);
}

std::unique_ptr<HubNode> MakeHub(const Setting& setting, const std::string& dir, int stations) {
  HubNode::Options options;
  options.dir = dir;
  options.create = true;
  options.sync_address = "";
  std::unique_ptr<HubNode> hub = OrDie(HubNode::Open(std::move(options)));
  std::string roster = stations <= kFixturePoints ? setting.roster() : LargeRoster(setting, stations);
  OrDie(LoadRoster(roster, hub->store()).status());
  return hub;
}

void EnrolStation(const std::string& dir, const std::string& station_id, HubNode* hub, uint64_t seed) {
  SeededRandom random(seed);
  KeyPair key = OrDie(OpenDeviceKey(dir, &random));
  v1::EnrolRequest request;
  request.set_station_id(station_id);
  request.set_public_key(key.public_key);
  request.set_signature_algorithm(key.algorithm);
  // Of the registry: the desk's own answer has no certificate. The address is told at every start.
  OrDie(WriteStation(dir, {}, OrDie(hub->registry()->Enrol(request)), "").status());
}

std::unique_ptr<StationNode> OpenOffline(const std::string& dir, std::unique_ptr<Kv> kv) {
  StationNode::Options options;
  options.dir = dir;
  options.link = false;
  options.kv = std::move(kv);
  return OrDie(StationNode::Open(std::move(options)));
}

std::unique_ptr<HubChannels> ChannelsOf(const std::string& dir) {
  HubChannels::Options options;
  options.dir = dir;
  OrDie(ReadConfig(dir + "/station.json", &options.config));
  options.key = OrDie(LoadKeyPair(KeyPath(dir)));
  return OrDie(HubChannels::Open(std::move(options)));
}

Daemon::Daemon(const Setting& setting, Role role, const std::string& dir, int hub_port) : dir_(dir) {
  const bool hub = role == Role::kHub;
  std::vector<std::string> words{setting.bin + (hub ? "/liaison-hub" : "/liaison-station"), "run", "--data", dir};
  words.insert(words.end(), {"--http", "127.0.0.1:0", hub ? "--sync" : "--hub"});
  words.push_back(Cat("127.0.0.1:", hub ? 0 : hub_port == 0 ? 1 : hub_port));  // port 1: nothing listens there
  if (!setting.trust) words.push_back("--clear");
  double begin = MonotonicMs();
  child_ = std::make_unique<Child>(words);
  child_->ReadLine();  // printed when it answers
  start_ms_ = MonotonicMs() - begin;
  OrDie(ReadConfig(dir + "/endpoint.json", &endpoint_));
}

void Daemon::Stop() {
  if (int code = child_->Stop(SIGTERM); code != 0) Die(Cat("a daemon ended with ", code));
}

void Daemon::Call(const std::string& method, const google::protobuf::Message& request,
                  google::protobuf::Message* response) {
  // A program of before 0.5 has no socket, and asks for no login.
  const http::Client client = http::Client::AnswersInFolder(dir_)
                                  ? http::Client::InFolder(dir_)
                                  : http::Client(endpoint_.host(), endpoint_.port());
  OrDie(FromJson(OrDie(client.Post("/liaison.v1." + method, ToJson(request), 120'000)), response));
}

v1::GetStatusResponse Daemon::Status() {
  v1::GetStatusResponse status;
  Call("RecordService/GetStatus", v1::GetStatusRequest(), &status);
  return status;
}

bool Daemon::AwaitDelivered(int timeout_ms, int poll_ms) {
  for (double end = MonotonicMs() + timeout_ms; MonotonicMs() < end; Pause(poll_ms))
    if (Status().pending_ops() == 0) return true;
  return false;
}

LinkStats LinkStats::operator-(const LinkStats& before) const {
  LinkStats d = *this;
  d.up -= before.up;
  d.down -= before.down;
  d.dropped -= before.dropped;
  d.connections -= before.connections;
  d.cuts -= before.cuts;
  d.turns -= before.turns;
  return d;
}

LinkSim::LinkSim(const Setting& setting, int to_port, const std::vector<std::string>& options) {
  std::vector<std::string> words{setting.bin + "/link_sim", "--to", std::to_string(to_port)};
  words.insert(words.end(), options.begin(), options.end());
  child_ = std::make_unique<Child>(words);
  port_ = static_cast<int>(NumberIn(child_->ReadLine(), "port"));
}

LinkStats LinkSim::Command(const std::string& word) {
  child_->Write(word);
  std::string line = child_->ReadLine();
  LinkStats s;
  s.up = NumberIn(line, "up");
  s.down = NumberIn(line, "down");
  s.dropped = NumberIn(line, "dropped");
  s.connections = NumberIn(line, "connections");
  s.cuts = NumberIn(line, "cuts");
  s.turns = NumberIn(line, "turns");
  s.first_ms = NumberIn(line, "first_ms");
  s.last_up_ms = NumberIn(line, "last_up_ms");
  s.last_down_ms = NumberIn(line, "last_down_ms");
  return s;
}

LinkStats LinkSim::Stats() { return Command("stats"); }
LinkStats LinkSim::Go() { return Command("go"); }
LinkStats LinkSim::Down() { return Command("down"); }
LinkStats LinkSim::Up() { return Command("up"); }

LinkStats LinkSim::AwaitQuiet(int quiet_ms) {
  for (;;) {
    LinkStats stats = Stats();
    double since = WallMs() - stats.last_ms();
    if (stats.bytes() > 0 && since >= quiet_ms) return stats;
    Pause(static_cast<int>(std::clamp(quiet_ms - since, 1.0, 100.0)));
  }
}

LinkStats LinkSim::Handshake(const Setting& setting, const std::string& station_dir) {
  LinkStats before = Stats();
  std::string address = Cat("127.0.0.1:", port_);
  std::unique_ptr<HubChannels> channels = setting.trust ? ChannelsOf(station_dir) : nullptr;
  std::shared_ptr<grpc::Channel> channel =
      setting.trust ? channels->NewChannel(address)
                    : grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), ChannelArguments());
  if (!channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::minutes(1))) Die("no connection");
  return AwaitQuiet(1500) - before;
}

JsonLine LineOf(const Setting& setting, const std::string& workload, const std::string& variant) {
  JsonLine line;
  line.Add("workload", workload).Add("side", "liaison").Add("variant", variant);
  if (setting.trust) line.Add("trust", 1);
  return line;
}

std::vector<std::pair<std::string, std::string>> NewPairs(const std::string& before, const std::string& after) {
  std::map<std::string, std::string> known;
  {
    std::unique_ptr<Kv> kv = OrDie(OpenDatabase(before, RocksOptions{true}));
    kv->Scan("", "", [&](std::string_view key, std::string_view value) {
      known.emplace(key, value);
      return true;
    });
  }
  std::vector<std::pair<std::string, std::string>> pairs;
  std::unique_ptr<Kv> kv = OrDie(OpenDatabase(after, RocksOptions{true}));
  kv->Scan("", "", [&](std::string_view key, std::string_view value) {
    auto it = known.find(std::string(key));
    if (it == known.end() || it->second != value) pairs.emplace_back(key, value);
    return true;
  });
  return pairs;
}

double BareIngestSeconds(const Setting& setting, const std::vector<std::pair<std::string, std::string>>& pairs,
                         int batches) {
  std::map<std::string, std::vector<size_t>> tables;  // by version and table byte
  for (size_t i = 0; i < pairs.size(); ++i) tables[pairs[i].first.substr(0, 2)].push_back(i);
  std::vector<KvChanges> writes(static_cast<size_t>(batches));
  for (const auto& [table, keys] : tables)
    for (size_t k = 0; k < keys.size(); ++k)
      writes[k * static_cast<size_t>(batches) / keys.size()][pairs[keys[k]].first] = pairs[keys[k]].second;
  std::unique_ptr<Kv> kv = OrDie(OpenRocks(FreshDir(setting, "bare"), RocksOptions{true}));
  double begin = MonotonicMs();
  for (const KvChanges& write : writes) OrDie(kv->Write(write, true));
  return (MonotonicMs() - begin) / 1e3;
}

}  // namespace liaison::bench

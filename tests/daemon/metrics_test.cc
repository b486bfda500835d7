// GET /metrics of real daemons over real sockets.
#include "common/daemon/metrics.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "absl/time/clock.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/cli/core/process.h"
#include "liaison/v1/record_service.pb.h"
#include "tests/http/raw.h"
#include "tests/store/fixture.h"
#include "tests/testing/places.h"
#include "tests/whole/process.h"

namespace liaison {
namespace {

using testing_store::TempDir;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kBinaries = InBuild("/bin/");
constexpr absl::Duration kSoon = absl::Seconds(60);
const std::string kHost = "Host: localhost\r\n";

// A page as a Prometheus server reads it: series -> value. Each fault of form is a failure of the test.
class Page {
 public:
  explicit Page(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) Read(line);
    EXPECT_EQ(text.empty() ? '\n' : text.back(), '\n');
    EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7f); }));
    for (const auto& [name, type] : types_)
      if (type == "histogram") CheckHistogram(name);
  }
  bool Has(const std::string& series) const { return values_.contains(series); }
  double operator[](const std::string& series) const {
    auto it = values_.find(series);
    if (it != values_.end()) return it->second;
    ADD_FAILURE() << "no " << series;
    return -1;
  }

 private:
  void Read(const std::string& line) {
    static const std::regex help("# HELP ([a-z_]+) [A-Z].*\\."), type("# TYPE ([a-z_]+) (counter|gauge|histogram)");
    static const std::regex sample("([a-z_]+)(\\{[a-z]+=\"[^\"\\\\]*\"\\})? ([0-9.e+-]+)");
    std::smatch match;
    if (std::regex_match(line, match, help)) {
      EXPECT_TRUE(helped_.insert(match[1]).second) << "twice: " << line;
    } else if (std::regex_match(line, match, type)) {
      EXPECT_TRUE(types_.emplace(match[1], match[2]).second) << "twice: " << line;
      EXPECT_TRUE(helped_.contains(match[1])) << line;
      EXPECT_EQ(match[2] == "counter", match[1].str().ends_with("_total")) << line;
      family_ = match[1];
    } else if (std::regex_match(line, match, sample)) {
      const std::string name = match[1], kind = types_[family_];
      const bool of_histogram = kind == "histogram" && (name == family_ + "_bucket" || name == family_ + "_count" ||
                                                        name == family_ + "_sum");
      EXPECT_TRUE(of_histogram || (kind != "histogram" && name == family_)) << line << " after " << family_;
      EXPECT_TRUE(values_.emplace(name + match[2].str(), std::stod(match[3])).second) << "twice: " << line;
    } else {
      ADD_FAILURE() << "not of the form: " << line;
    }
  }
  void CheckHistogram(const std::string& name) {
    std::map<double, double> buckets;
    for (const auto& [series, value] : values_)
      if (series.starts_with(name + "_bucket{le=\""))
        buckets[std::stod(series.substr(name.size() + 12))] = value;  // "+Inf" is a number, too
    ASSERT_GT(buckets.size(), 1u) << name;
    EXPECT_TRUE(std::is_sorted(buckets.begin(), buckets.end(),
                               [](const auto& a, const auto& b) { return a.second < b.second; }));
    EXPECT_EQ(buckets.rbegin()->second, values_[name + "_count"]);
  }

  std::set<std::string> helped_;
  std::map<std::string, std::string> types_;
  std::string family_;
  std::map<std::string, double> values_;
};

// A port of this machine at which nobody answers, as long as this lives.
class DeadPort {
 public:
  DeadPort() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~DeadPort() { close(socket_); }
  int port() const { return port_; }

 private:
  const int socket_;
  int port_ = 0;
};

class MetricsPage : public ::testing::Test {
 protected:
  void SetUp() override {
    Ok(Cat("$L hub init --data hub --roster ", InSource("/hub/fixture")));
    Ok("$L enrol --station HK-D057 --data st --hub-data hub");
  }
  std::string In(const std::string& name) const { return dir_.path() + "/" + name; }
  std::string Ok(const std::string& line) {
    absl::StatusOr<cli::ProcessResult> result = cli::RunProcess(
        "/bin/sh", {"-c", Cat("cd ", dir_.path(), "; L=", kBinaries, "liaison; exec 2>&1; ", line)}, "");
    EXPECT_TRUE(result.ok()) << result.status();
    if (!result.ok()) return "";
    EXPECT_EQ(result->exit_code, 0) << line << "\n" << result->out;
    return result->out;
  }
  Daemon Hub() {
    return Daemon(kBinaries + "liaison-hub", In("hub"),
                  {"run", "--data", In("hub"), "--http", "127.0.0.1:0", "--sync", "127.0.0.1:0"});
  }
  Daemon Station(int hub_port) {
    return Daemon(kBinaries + "liaison-station", In("st"),
                  {"run", "--data", In("st"), "--http", "127.0.0.1:0", "--hub", Cat("127.0.0.1:", hub_port)});
  }
  std::string Token(const std::string& folder) {
    std::ifstream in(In(folder) + "/metrics.token");
    std::string token;
    std::getline(in, token);
    return token;
  }
  static std::string Ask(const Daemon& daemon, const std::string& headers) {
    return http::Exchange(daemon.endpoint().port(), http::GetText("/metrics", headers));
  }
  static std::string Bearing(const std::string& token) { return Cat(kHost, "Authorization: Bearer ", token, "\r\n"); }
  Page Read(const Daemon& daemon, const std::string& folder) {
    const std::string answer = Ask(daemon, Bearing(Token(folder)));
    EXPECT_EQ(http::StatusOf(answer), 200) << answer;
    EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    return Page(http::BodyOf(answer));
  }
  void AwaitOne(Daemon& station, const std::string& series) {
    for (const absl::Time end = absl::Now() + kSoon; Read(station, "st")[series] < 1; station.process().Breathe(20))
      if (absl::Now() > end) return ADD_FAILURE() << series << " stays 0", void();
  }

  TempDir dir_;
};

TEST_F(MetricsPage, FollowsAVisitFromTheStationsDiskToTheHubs) {
  DeadPort nobody;
  {
    Daemon station = Station(nobody.port());
    station.Start();
    const double before = Read(station, "st")["liaison_pending_ops"];
    Ok("$L log --data st --words 水渠垮了 --name 李长顺 --phone 13812345678 --category 01 --disposition 上报镇"
       " --deputy HK-R001");
    const Page page = Read(station, "st");
    EXPECT_GT(page["liaison_pending_ops"], before);
    EXPECT_EQ(page["liaison_link_up"], 0);
    EXPECT_EQ(page["liaison_sessions_total{outcome=\"synced\"}"], 0);
    EXPECT_FALSE(page.Has("liaison_last_receipt_age_seconds")) << "there was none";
    AwaitOne(station, "liaison_sessions_total{outcome=\"unreached\"}");
    station.Stop(SIGTERM);
  }
  Daemon hub = Hub();
  hub.Start();
  EXPECT_EQ(Read(hub, "hub")["liaison_sessions_total{outcome=\"welcomed\"}"], 0);
  Daemon station = Station(hub.sync_port());
  station.Start();
  AwaitOne(station, "liaison_sessions_total{outcome=\"synced\"}");

  const Page here = Read(station, "st");
  EXPECT_EQ(here["liaison_pending_ops"], 0);
  EXPECT_EQ(here["liaison_link_up"], 1);
  EXPECT_GE(here["liaison_last_receipt_age_seconds"], 0);
  EXPECT_GT(here["liaison_link_bytes_total{direction=\"out\"}"], 100);
  EXPECT_GT(here["liaison_link_bytes_total{direction=\"in\"}"], 100);
  EXPECT_GT(here["liaison_store_bytes"], 1000);
  EXPECT_EQ(here["liaison_conflicts"], 0);

  const Page there = Read(hub, "hub");
  EXPECT_GE(there["liaison_sessions_total{outcome=\"welcomed\"}"], 1);
  EXPECT_EQ(there["liaison_streams"], 1);
  EXPECT_GE(there["liaison_apply_seconds_count"], 1);
  EXPECT_EQ(there["liaison_apply_queue"], 0);
  EXPECT_GT(there["liaison_link_bytes_total{direction=\"in\"}"], 100);
  EXPECT_GT(there["liaison_link_bytes_total{direction=\"out\"}"], 100);
  EXPECT_EQ(there["liaison_delivery_age_seconds{station=\"HK-D057\"}"], there["liaison_last_receipt_age_seconds"]);
  EXPECT_FALSE(there.Has("liaison_delivery_age_seconds{station=\"HK-D001\"}")) << "it never delivered";
  for (const auto& [daemon, folder] : {std::pair(&station, "st"), std::pair(&hub, "hub")}) {
    const std::string page = Ask(*daemon, Bearing(Token(folder)));
    for (const char* word : {"D057-0001", "1381234", "5678", "HK-R001"}) EXPECT_THAT(page, Not(HasSubstr(word)));
  }
}

TEST_F(MetricsPage, NeedsTheTokenOfTheFolder) {
  Daemon hub = Hub();
  hub.Start();
  const std::string token = Token("hub");
  struct stat info {};
  ASSERT_EQ(stat(In("hub/metrics.token").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ASSERT_EQ(token.size(), 64u);
  std::string wrong = token;
  wrong[63] = wrong[63] == '0' ? '1' : '0';
  for (const std::string& headers :
       {kHost, Bearing(wrong), Bearing(""), Bearing(token.substr(0, 63)), Bearing(token + "0"),
        Cat(kHost, "Authorization: ", token, "\r\n"), Cat(kHost, "Authorization: Basic ", token, "\r\n"),
        Cat(Bearing(token), "Authorization: Bearer ", token, "\r\n")}) {
    const std::string answer = Ask(hub, headers);
    EXPECT_EQ(http::StatusOf(answer), 401) << headers;
    EXPECT_THAT(answer, HasSubstr("WWW-Authenticate: Bearer\r\n")) << headers;
    EXPECT_THAT(answer, Not(HasSubstr("liaison_"))) << headers;
    EXPECT_THAT(answer, HasSubstr("metrics.token")) << headers;
  }
  EXPECT_EQ(http::StatusOf(Ask(hub, Bearing(token))), 200);
  EXPECT_EQ(http::StatusOf(Ask(hub, Cat("Host: evil.example\r\nAuthorization: Bearer ", token, "\r\n"))), 403);
}

TEST_F(MetricsPage, KeepsItsTokenAndMakesOneWhereThereIsNone) {
  DeadPort nobody;
  Daemon station = Station(nobody.port());
  auto restart = [&] {
    station.Stop(SIGTERM);
    station.Start();
  };
  station.Start();
  const std::string first = Token("st");
  restart();
  EXPECT_EQ(Token("st"), first);
  for (const char* spoilt : {"", "\n", "geheim\n"}) {  // would let in whoever sends just that
    std::ofstream(In("st/metrics.token")) << spoilt;
    restart();
    const std::string made = Token("st");
    EXPECT_EQ(made.size(), 64u);
    EXPECT_NE(made, first);
    EXPECT_EQ(http::StatusOf(Ask(station, Bearing(""))), 401);
    EXPECT_EQ(http::StatusOf(Ask(station, Bearing(made))), 200);
  }
  // Where none can be made the daemon works all the same, and the page lets nobody in.
  Ok("rm st/metrics.token && mkdir st/metrics.token");
  restart();
  EXPECT_NE(http::StatusOf(Ask(station, Bearing(""))), 200);
  EXPECT_NE(http::StatusOf(Ask(station, Bearing(first))), 200);
  v1::GetStatusResponse status;
  EXPECT_TRUE(station.Call("RecordService/GetStatus", v1::GetStatusRequest(), &status).ok());
}

TEST_F(MetricsPage, TellsTheAgeOfABackupWhichHoldsNoToken) {
  Daemon hub = Hub();
  hub.Start();
  EXPECT_FALSE(Read(hub, "hub").Has("liaison_backup_age_seconds"));
  Ok("$L hub backup backups --data hub");
  const double age = Read(hub, "hub")["liaison_backup_age_seconds"];
  EXPECT_GE(age, 0);
  hub.Stop(SIGTERM);
  hub.Start();
  EXPECT_GE(Read(hub, "hub")["liaison_backup_age_seconds"], age) << "also of one that was made before the start";
  Ok("$L hub restore backups --data again && test -s again/key && test ! -e again/metrics.token");
}

TEST_F(MetricsPage, CountsADisagreementUntilItIsSettled) {
  DeadPort nobody;
  Daemon station = Station(nobody.port());
  station.Start();
  Ok("$L log --data st --words 水渠垮了 --category 01 --disposition 上报镇 --deputy HK-R001");
  v1::FindRequest find;
  find.set_query("水渠");
  v1::FindResponse found;
  for (const absl::Time end = absl::Now() + kSoon; absl::Now() < end; station.process().Breathe(20))
    if (!station.Call("RecordService/Find", find, &found).ok() || !found.building()) break;
  v1::GetRecordRequest get;
  for (const v1::FindHit& hit : found.hits())
    if (hit.state() == v1::REGISTERED) get.set_id(hit.id());  // the matter, not its visit
  v1::GetRecordResponse record;
  ASSERT_TRUE(station.Call("RecordService/GetRecord", get, &record).ok());
  auto change = [&](const std::string& number, const std::string& title) {  // by who has seen `record`
    v1::ChangeRecordRequest request;
    request.set_action_id(Cat("0000000000000000000", number));
    request.set_id(get.id());
    request.set_token(record.record().token());
    request.set_fields(Cat("{\"title\":\"", title, "\"}"));
    v1::ChangeRecordResponse changed;
    const absl::Status status = station.Call("RecordService/ChangeRecord", request, &changed);
    EXPECT_TRUE(status.ok()) << status;
    return changed.record();
  };
  change("1", "东边的水渠");
  EXPECT_EQ(Read(station, "st")["liaison_conflicts"], 0);
  *record.mutable_record() = change("2", "西边的水渠");
  EXPECT_EQ(Read(station, "st")["liaison_conflicts"], 1);
  change("3", "东西两边的水渠");
  EXPECT_EQ(Read(station, "st")["liaison_conflicts"], 0);
}

TEST(Metrics, AHistogramCountsUpAndAnAgeIsNeverBelowNothing) {
  Durations durations;
  for (int ms : {-5, 1, 2, 30'000}) durations.Add(absl::Milliseconds(ms));
  Metrics metrics;
  metrics.Histogram("a_seconds", "Of a test.", durations.counts());
  metrics.Age("b_seconds", "Of a test.", 5'000, 7'500);
  metrics.Age("c_seconds", "Of a test.", 5'000, 4'000);
  metrics.Age("d_seconds", "Of a test.", 0, 4'000);
  const Page page(metrics.Text());
  EXPECT_EQ(page["a_seconds_bucket{le=\"0.001\"}"], 2);
  EXPECT_EQ(page["a_seconds_bucket{le=\"0.0025\"}"], 3);
  EXPECT_EQ(page["a_seconds_bucket{le=\"10\"}"], 3);
  EXPECT_EQ(page["a_seconds_bucket{le=\"+Inf\"}"], 4);
  EXPECT_DOUBLE_EQ(page["a_seconds_sum"], 30.003);
  EXPECT_EQ(page["b_seconds"], 2.5);
  EXPECT_EQ(page["c_seconds"], 0);
  EXPECT_FALSE(page.Has("d_seconds"));
}

}  // namespace
}  // namespace liaison

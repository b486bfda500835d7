// A command line without its daemons: a data folder of its own, an HTTP server that plays the running daemon, and shell
// scripts that play the binaries beside it.
#ifndef LIAISON_TESTS_CLI_FIXTURE_H_
#define LIAISON_TESTS_CLI_FIXTURE_H_

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/api/dispatcher.h"
#include "common/base/text.h"
#include "common/cli/commands/cli.h"
#include "common/daemon/daemon.h"
#include "common/http/server.h"
#include "common/record/json.h"
#include "liaison/v1/record_service.pb.h"

namespace liaison::cli {

inline std::string ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

inline void WriteText(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

// Answers methods with what the test gave, and remembers the requests of each. The maps are read while no call runs.
class FakeDaemon {
 public:
  using Answer = std::function<absl::StatusOr<std::string>(const std::string& json)>;

  void Add(const std::string& method, Answer answer) {
    server_.Handle("/liaison.v1." + method, [this, method, answer](const http::Call& call) {
      {
        absl::MutexLock lock(&mutex_);
        requests[method].push_back(call.body);
        user = call.user;
      }
      return answer(call.body);
    });
  }
  void Add(const std::string& method, const google::protobuf::Message& answer) {
    Add(method, [json = ToJson(answer)](const std::string&) { return json; });
  }
  // Listens, and leaves endpoint.json in `dir`.
  void Start(const std::string& dir, int pid = getpid()) {
    ASSERT_TRUE(server_.Listen("127.0.0.1", 0).ok());
    v1::Endpoint endpoint;
    endpoint.set_host("127.0.0.1");
    endpoint.set_port(server_.port());
    endpoint.set_sync_port(4321);
    endpoint.set_pid(pid);
    ASSERT_TRUE(WriteConfig(dir + "/endpoint.json", endpoint).ok());
  }
  // Answers in `dir` alone: the port that its endpoint.json names is nobody's.
  void StartOnSocket(const std::string& dir) {
    ASSERT_TRUE(server_.ListenLocal(dir).ok());
    Start(dir);
    v1::Endpoint endpoint;
    ASSERT_TRUE(ReadConfig(dir + "/endpoint.json", &endpoint).ok());
    endpoint.set_port(1);
    ASSERT_TRUE(WriteConfig(dir + "/endpoint.json", endpoint).ok());
  }
  int port() const { return server_.port(); }
  void Stop() { server_.Stop(); }

  template <typename M>
  M Request(const std::string& method, size_t i = 0) const {
    M message;
    auto found = requests.find(method);
    bool there = found != requests.end() && found->second.size() > i;
    EXPECT_TRUE(there && FromJson(found->second[i], &message).ok()) << method;
    return message;
  }

  std::map<std::string, std::vector<std::string>> requests;
  std::string user;

 private:
  absl::Mutex mutex_;
  http::Server server_;
};

struct Outcome {
  int code = -1;
  std::string out, err;
};

class CliTest : public ::testing::Test {
 protected:
  CliTest() {
    std::string pattern = ::testing::TempDir() + "/liaison-cli-XXXXXX";
    root_ = mkdtemp(pattern.data());
    bin_ = root_ + "/bin";
    dir_ = root_ + "/D057";
    std::filesystem::create_directories(bin_);
  }
  ~CliTest() override { std::filesystem::remove_all(root_); }

  Outcome Run(std::vector<std::string> args) {
    std::ostringstream out, err;
    Environment environment;
    environment.bin_dir = bin_;
    environment.out = &out;
    environment.err = &err;
    environment.random = &random_;
    std::istringstream in(input_);
    if (!input_.empty()) environment.in = &in;
    environment.exec = [this](const std::string& path, const std::vector<std::string>& args) {
      executed_ = path;
      executed_args_ = args;
      return ENOENT;
    };
    environment.pause = [this](int64_t ms) {
      paused_ms_ += ms;
      if (on_pause_) on_pause_();
    };
    int code = cli::Run(args, environment);
    return {code, out.str(), err.str()};
  }

  void MakeStation(const std::string& station = "HK-D057") {
    std::filesystem::create_directories(dir_);
    v1::StationConfig config;
    config.set_station_id(station);
    config.set_node_id("N-1");
    ASSERT_TRUE(WriteConfig(dir_ + "/station.json", config).ok());
  }
  void MakeHub() { std::filesystem::create_directories(dir_ + "/db"); }

  static v1::GetStatusResponse StationStatus(const std::string& node = "N-1") {
    v1::GetStatusResponse status;
    status.set_role("station");
    status.set_station_id("HK-D057");
    status.set_node_id(node);
    status.set_today("2026-11-20");
    return status;
  }
  static v1::GetStatusResponse HubStatus() {
    v1::GetStatusResponse status;
    status.set_role("hub");
    return status;
  }

  // A binary beside the command: keeps its arguments and input in bin/args and bin/input, prints `answer`.
  void FakeBinary(const std::string& name, const std::string& answer, int exit_code) {
    WriteText(bin_ + "/answer", answer + "\n");
    std::string path = bin_ + "/" + name;
    WriteText(path, Cat("#!/bin/sh\nprintf '%s\\n' \"$@\" >'", bin_, "/args'\ncat >'", bin_, "/input'\ncat '", bin_,
                        "/answer'\nexit ", exit_code, "\n"));
    chmod(path.c_str(), 0755);
  }

  SeededRandom random_{7};
  std::string root_, bin_, dir_;
  std::string executed_;
  std::vector<std::string> executed_args_;
  std::string input_;  // standard input; empty: there is none
  int64_t paused_ms_ = 0;
  std::function<void()> on_pause_;
};

}  // namespace liaison::cli

#endif  // LIAISON_TESTS_CLI_FIXTURE_H_

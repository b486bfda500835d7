// docs/api.md and the reference that the build makes: each call is answered as the document shows, by real daemons; no
// service and no method is missing; who is said to serve a method does, and nobody else.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/empty.pb.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/ports.h"
#include "common/base/text.h"
#include "common/cli/core/process.h"
#include "liaison/v1/record_service.pb.h"
#include "liaison/v1/station_service.pb.h"
#include "tests/testing/places.h"
#include "tests/testing/visits.h"
#include "tests/whole/process.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

using Json = nlohmann::json;
using google::protobuf::FileDescriptor;
using google::protobuf::ServiceDescriptor;
using ::testing::HasSubstr;

constexpr absl::Duration kSoon = absl::Seconds(60);
const std::string kBinaries = InBuild("/bin/");

std::string TextOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

struct Example {
  std::string service;  // the heading: "RecordService, at both"
  std::string call;
  std::string answer;
};

// Each block of sh, with the block of json behind it.
std::vector<Example> Examples() {
  std::vector<Example> examples;
  std::istringstream lines(TextOf(InSource("/docs/api.md")));
  std::string heading, *block = nullptr;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) heading = line.substr(3);
    if (line == "```sh") {
      examples.push_back({heading.substr(0, heading.find(',')), "", ""});
      block = &examples.back().call;
    } else if (line == "```json" && !examples.empty()) {
      block = &examples.back().answer;
    } else if (line == "```") {
      block = nullptr;
    } else if (block != nullptr) {
      *block += line + "\n";
    }
  }
  return examples;
}

// Whatever is shown is there; … stands for any value.
void ExpectFields(const Json& shown, const Json& got, const std::string& at) {
  if (shown.is_object()) {
    for (auto it = shown.begin(); it != shown.end(); ++it) {
      ASSERT_TRUE(got.is_object() && got.contains(it.key())) << at << "." << it.key() << " is not in " << got.dump();
      ExpectFields(it.value(), got.at(it.key()), Cat(at, ".", it.key()));
    }
  } else if (shown.is_array()) {
    ASSERT_TRUE(got.is_array() && got.size() >= shown.size()) << at << ": " << got.dump();
    for (size_t i = 0; i < shown.size(); ++i) ExpectFields(shown[i], got[i], Cat(at, "[", i, "]"));
  } else if (shown != "…") {
    EXPECT_TRUE(shown == got) << at << ": " << got.dump();
  }
}

TEST(ApiExamples, WhatIsShownAndMissingIsSeen) {
  const Json got = Json::parse(R"({"a": [{"b": 1, "c": "x"}]})");
  ExpectFields(Json::parse(R"({"a": [{"b": "…", "c": "x"}]})"), got, "");
  EXPECT_NONFATAL_FAILURE(ExpectFields(Json::parse(R"({"a": [{"c": "y"}]})"), Json::parse(R"({"a": [{"c": "x"}]})"), ""),
                          "a[0].c");
}

std::vector<const ServiceDescriptor*> Services() {
  std::vector<const ServiceDescriptor*> services;
  for (const auto& entry : std::filesystem::directory_iterator(InSource("/proto/liaison/v1"))) {
    const std::string name = Cat("liaison/v1/", entry.path().filename().string());
    const FileDescriptor* file = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name);
    EXPECT_NE(file, nullptr) << name;
    for (int i = 0; file != nullptr && i < file->service_count(); ++i) services.push_back(file->service(i));
  }
  return services;
}

// By gRPC, at the hub's port for stations; all others answer JSON.
bool IsBetweenSides(const ServiceDescriptor* service) {
  static const std::set<std::string> names = {"AttachmentService", "DoorService", "SyncService"};
  return names.contains(service->name());
}

class Api : public ::testing::Test {
 protected:
  void SetUp() override {
    Run(Cat("$L hub init --data hub --roster ", InSource("/hub/fixture"),
            " && $L enrol --station HK-D057 --data st --hub-data hub"));
    hub_ = std::make_unique<Daemon>(
        kBinaries + "liaison-hub", In("hub"),
        std::vector<std::string>{"run", "--data", In("hub"), "--http", "127.0.0.1:0", "--sync", "127.0.0.1:0"});
    hub_->Start();
    station_ = std::make_unique<Daemon>(kBinaries + "liaison-station", In("st"),
                                        std::vector<std::string>{"run", "--data", In("st"), "--http", "127.0.0.1:0",
                                                                 "--hub", Cat("127.0.0.1:", hub_->sync_port())});
    station_->Start();
  }
  std::string In(const std::string& name) const { return dir_.path() + "/" + name; }
  std::string Run(const std::string& line) {
    absl::StatusOr<cli::ProcessResult> result =
        cli::RunProcess("/bin/sh", {"-c", Cat("cd ", dir_.path(), "; L=", kBinaries, "liaison; ", line)}, "");
    EXPECT_TRUE(result.ok() && result->exit_code == 0) << line << "\n" << (result.ok() ? result->out : "");
    return result.ok() ? result->out : "";
  }
  template <typename Response, typename Request>
  Response Ask(const std::string& method, const Request& request) {
    Response response;
    const absl::Status status = station_->Call(method, request, &response);
    EXPECT_TRUE(status.ok()) << method << ": " << status;
    return response;
  }
  // A session with a visit, delivered and found; the variables of the document, and curl with the code of its answer.
  std::string Variables() {
    v1::OpenSessionRequest open;
    open.set_action_id("00000000000000000001");
    open.mutable_session()->set_date(BusinessDate(SystemClock()->NowMs()));
    open.mutable_session()->add_deputies()->set_deputy_id("HK-R001");
    const auto session = Ask<v1::OpenSessionResponse>("StationService/OpenSession", open).session();
    v1::LogVisitRequest log;
    log.set_action_id("00000000000000000002");
    log.set_session_id(session.id());
    FillVisit("水渠垮了", 1, &log);
    const auto visit = Ask<v1::LogVisitResponse>("StationService/LogVisit", log).visit();
    EXPECT_EQ(visit.matters_size(), 1);
    Run("mkdir backups && $L wait --data st --sent --timeout 60");
    v1::FindRequest find;
    find.set_query("水渠");
    for (const absl::Time end = absl::Now() + kSoon; absl::Now() < end; station_->process().Breathe(20))
      if (!Ask<v1::FindResponse>("RecordService/Find", find).building()) break;
    return Cat("STATION='--unix-socket ", In("st"), "/socket http://localhost' HUB='--unix-socket ", In("hub"),
               "/socket http://localhost' SESSION='", session.id(), "' TOKEN='",
               session.token(), "' MATTER='", visit.matters_size() > 0 ? visit.matters(0).id() : "",
               "' DEPUTY=HK-R001 FOLDER='", In("backups"),
               "'\ncurl() { command curl --noproxy '*' --max-time 60 -w '\\n%{http_code}' \"$@\"; }\n");
  }

  TempDir dir_;
  std::unique_ptr<Daemon> hub_, station_;
};

TEST_F(Api, EachCallOfTheDocumentIsAnsweredAsItSays) {
  const std::string variables = Variables();
  for (const Example& example : Examples()) {
    const std::string said = Run(Cat(variables, example.call));
    const size_t line = said.rfind('\n');
    ASSERT_NE(line, std::string::npos) << example.call << said;
    EXPECT_EQ(said.substr(line + 1), "200") << example.call << said;
    const Json shown = Json::parse(example.answer, nullptr, /*allow_exceptions=*/false);
    const Json got = Json::parse(said.substr(0, line), nullptr, /*allow_exceptions=*/false);
    ASSERT_TRUE(shown.is_object() && got.is_object()) << example.answer << said;
    EXPECT_FALSE(shown.empty()) << example.call;
    ExpectFields(shown, got, example.service);
  }
}

TEST_F(Api, WhoIsSaidToServeAMethodDoesAndNobodyElse) {
  const std::string page = TextOf(InBuild("/api/reference.md"));
  for (const ServiceDescriptor* service : Services()) {
    const size_t at = page.find(Cat("\n## ", service->name(), "\n"));
    ASSERT_NE(at, std::string::npos) << service->name();
    const std::string about = page.substr(at, page.find("\n### ", at) - at);
    EXPECT_THAT(about, HasSubstr("Served by the ")) << service->name();
    if (IsBetweenSides(service)) continue;
    const bool both = about.find("Served by the station and the hub.") != std::string::npos;
    const bool here = both || about.find("Served by the station.") != std::string::npos;
    const bool there = both || about.find("Served by the hub.") != std::string::npos;
    EXPECT_TRUE(here || there) << about;
    for (int i = 0; i < service->method_count(); ++i) {
      const std::string method = Cat(service->name(), "/", service->method(i)->name());
      auto serves = [&](Daemon* daemon) {
        google::protobuf::Empty nothing, answer;
        return !absl::IsUnimplemented(daemon->Call(method, nothing, &answer));
      };
      EXPECT_EQ(serves(station_.get()), here) << method;
      EXPECT_EQ(serves(hub_.get()), there) << method;
    }
  }
}

TEST(ApiDocuments, HaveEveryServiceAndMethod) {
  const std::string page = TextOf(InBuild("/api/reference.md"));
  std::set<std::string> shown;
  for (const Example& example : Examples()) shown.insert(example.service);
  size_t methods = 0;
  for (const ServiceDescriptor* service : Services()) {
    if (!IsBetweenSides(service)) EXPECT_TRUE(shown.contains(service->name())) << service->name();
    for (int i = 0; i < service->method_count(); ++i, ++methods) {
      const std::string heading = Cat("\n### ", service->name(), ".", service->method(i)->name(), "\n\n");
      const size_t at = page.find(heading);
      ASSERT_NE(at, std::string::npos) << heading;
      EXPECT_NE(page[at + heading.size()], '\n') << heading << "what does it do?";
    }
  }
  EXPECT_GT(methods, 80u);
}

}  // namespace
}  // namespace liaison

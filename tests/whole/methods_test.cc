// Which methods of the schema answer where, and what binding them checks.
#include "common/api/methods.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>

#include <filesystem>
#include <map>
#include <set>

#include "common/actions/context.h"
#include "common/base/text.h"
#include "liaison/v1/hub_service.pb.h"
#include "liaison/v1/record_service.pb.h"
#include "liaison/v1/station_service.pb.h"
#include "tests/testing/must.h"
#include "tests/testing/places.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Names = std::set<std::string>;

// Who serves a service as JSON, as proto/README.md says. Those between stations and hub go over gRPC alone.
const std::map<std::string, Names> kServedAt = {
    {"RecordService", {"station", "hub"}},
    {"FileService", {"station", "hub"}},
    {"CaseworkService", {"station", "hub"}},
    {"PrintService", {"station", "hub"}},
    {"DoctorService", {"station", "hub"}},
    {"BundleService", {"station", "hub"}},
    {"CongressService", {"station", "hub"}},
    {"LoginService", {"station", "hub"}},
    {"StationService", {"station"}},
    {"ReceptionService", {"station"}},
    {"HubService", {"hub"}},
    {"ImportService", {"hub"}},
    {"BackupService", {"hub"}},
    {"AccountService", {"hub"}},
    {"SyncService", {}},
    {"DoorService", {}},
    {"AttachmentService", {}},
};

// The paths of all methods of all services in the schema's files that `daemon` is to serve.
Names ExpectedAt(const std::string& daemon) {
  Names paths;
  for (const auto& entry : std::filesystem::directory_iterator(InSource("/proto/liaison/v1"))) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".proto")) continue;
    const auto* file = google::protobuf::DescriptorPool::generated_pool()->FindFileByName("liaison/v1/" + name);
    if (file == nullptr) {
      ADD_FAILURE() << name << " is not in this program";
      continue;
    }
    for (int s = 0; s < file->service_count(); ++s) {
      const auto* service = file->service(s);
      const auto served = kServedAt.find(service->name());
      EXPECT_NE(served, kServedAt.end()) << service->name() << ": who serves it?";
      if (served == kServedAt.end() || !served->second.contains(daemon)) continue;
      for (int m = 0; m < service->method_count(); ++m)
        paths.insert(Cat("/", service->full_name(), "/", service->method(m)->name()));
    }
  }
  return paths;
}

Names Without(const Names& all, const Names& some) {
  Names left;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::inserter(left, left.end()));
  return left;
}

void ExpectServed(const Dispatcher& dispatcher, const std::string& daemon) {
  const Names expected = ExpectedAt(daemon);
  EXPECT_GT(expected.size(), 30u);
  Names served;
  for (const auto& [path, method] : dispatcher.methods()) served.insert(path);
  EXPECT_THAT(Without(expected, served), IsEmpty()) << "not bound at the " << daemon;
  EXPECT_THAT(Without(served, expected), IsEmpty()) << "bound at the " << daemon << ", where nobody expects it";
}

TEST(Methods, EachOfTheSchemaIsBoundAtJustTheDaemonsThatServeIt) {
  Township town(3);
  const std::unique_ptr<Site> site = town.Enrol("HK-D057");
  ExpectServed(town.hub().dispatcher(), "hub");
  ExpectServed(site->node->dispatcher(), "station");
}

TEST(Methods, WhatTheSchemaDoesNotHaveIsNamed) {
  auto path = [](std::string_view service, std::string_view method) {
    return MethodPath(service, method, v1::GetRecordRequest::descriptor(), v1::GetRecordResponse::descriptor());
  };
  EXPECT_EQ(Must(path("RecordService", "GetRecord")), "/liaison.v1.RecordService/GetRecord");
  EXPECT_THAT(path("RecordsService", "GetRecord").status().message(), HasSubstr("no such service"));
  EXPECT_THAT(path("RecordService", "GetRecords").status().message(), HasSubstr("no such method"));
  EXPECT_THAT(path("RecordService", "GetHistory").status().message(),
              HasSubstr("takes GetHistoryRequest and gives GetHistoryResponse"));
}

// Serves methods of three kinds and notes what it was asked.
class Asked {
 public:
  absl::StatusOr<v1::SetTodayResponse> SetToday(const v1::SetTodayRequest& request) {
    user = request.user();
    return v1::SetTodayResponse();
  }
  absl::StatusOr<v1::AcceptRefusedResponse> Accept(const v1::AcceptRefusedRequest&, const std::string& who) {
    user = who;
    return v1::AcceptRefusedResponse();
  }
  absl::StatusOr<v1::GetRecordResponse> GetRecord(const v1::GetRecordRequest&) const { return v1::GetRecordResponse(); }
  std::string user;
};

TEST(Methods, WhoAsksIsTakenFromTheRequestThenFromTheCallerThenFromTheDaemon) {
  ServiceContext hub;
  hub.station_id = kHubStation;
  Asked asked;
  Dispatcher dispatcher;
  Methods(&dispatcher, "RecordService", &asked, &hub).Bind("SetToday", &Asked::SetToday);
  Methods(&dispatcher, "HubService", &asked, &hub).Bind("AcceptRefused", &Asked::Accept);
  auto user_of = [&](const char* path, const char* json, const char* caller) {
    asked.user = "nobody";
    EXPECT_EQ(dispatcher.Call(path, json, {.user = caller}).status(), absl::OkStatus());
    return asked.user;
  };
  constexpr char kSetToday[] = "/liaison.v1.RecordService/SetToday";
  constexpr char kAccept[] = "/liaison.v1.HubService/AcceptRefused";
  EXPECT_EQ(user_of(kSetToday, R"({"user":"王干事"})", "李干事"), "王干事");
  EXPECT_EQ(user_of(kSetToday, "{}", "李干事"), "李干事");
  EXPECT_EQ(user_of(kSetToday, "{}", ""), "镇中心");
  EXPECT_EQ(user_of(kAccept, "{}", "李干事"), "李干事");
  EXPECT_EQ(user_of(kAccept, "{}", ""), "镇中心");
}

TEST(MethodsDeathTest, AFaultOfOursEndsTheProgram) {
  Asked asked;
  Dispatcher dispatcher;
  Methods methods(&dispatcher, "RecordService", &asked);
  methods.Bind("GetRecord", &Asked::GetRecord);
  EXPECT_DEATH(methods.Bind("GetRecord", &Asked::GetRecord), "RecordService/GetRecord: is bound already");
  EXPECT_DEATH(methods.Bind("GetHistory", &Asked::GetRecord), "takes GetHistoryRequest");
  EXPECT_DEATH(methods.Bind("SetToday", &Asked::SetToday), "needs a context");
}

}  // namespace
}  // namespace liaison

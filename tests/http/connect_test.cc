#include "common/http/connect.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/cord.h"
#include "common/base/text.h"
#include "common/http/percent.h"

namespace liaison::http {
namespace {

TEST(ConnectTest, EveryErrorComesBackAsItWas) {
  for (int i = 1; i <= 16; ++i) {
    const absl::Status status(static_cast<absl::StatusCode>(i), "办理期限已过，第 3 号\n\"引号\"");
    const int http_status = HttpStatus(status.code());
    EXPECT_GE(http_status, 400);
    EXPECT_NE(http_status, 408) << "invites a client to repeat the call by itself";
    EXPECT_EQ(ErrorOfBody(http_status, ErrorBody(status)), status) << i;
    EXPECT_EQ(ErrorOfBody(500, ErrorBody(status)), status) << "the code in the body counts";
  }
}

TEST(ConnectTest, NamesAndStatusesAreThoseOfTheProtocol) {
  EXPECT_EQ(CodeName(absl::StatusCode::kCancelled), "canceled");
  EXPECT_EQ(CodeName(absl::StatusCode::kInvalidArgument), "invalid_argument");
  EXPECT_EQ(HttpStatus(absl::StatusCode::kCancelled), 499);
  EXPECT_EQ(HttpStatus(absl::StatusCode::kInvalidArgument), 400);
  EXPECT_EQ(HttpStatus(absl::StatusCode::kFailedPrecondition), 400);
  EXPECT_EQ(HttpStatus(absl::StatusCode::kAlreadyExists), 409);
  EXPECT_EQ(HttpStatus(absl::StatusCode::kUnavailable), 503);
  EXPECT_EQ(HttpStatus(absl::StatusCode::kUnauthenticated), 401);
  EXPECT_EQ(CodeName(static_cast<absl::StatusCode>(99)), "unknown");
}

TEST(ConnectTest, PayloadsAreTheProtocolsDetails) {
  absl::Status status = absl::FailedPreconditionError("接待日期");
  status.SetPayload("type.googleapis.com/liaison.v1.DateToConfirm", absl::Cord());
  EXPECT_EQ(ErrorBody(status),
            "{\"code\":\"failed_precondition\",\"message\":\"接待日期\","
            "\"details\":[{\"type\":\"liaison.v1.DateToConfirm\",\"value\":\"\"}]}");
  status.SetPayload("type.googleapis.com/a.B", absl::Cord("\x01\xff"));
  EXPECT_EQ(ErrorOfBody(400, ErrorBody(status)), status);
  for (const char* odd :
       {"7", "[7]", "[{\"type\":\"x\"}]", "[{\"type\":1,\"value\":2}]", "[{\"type\":\"x\",\"value\":\"\u00ff\"}]"})
    EXPECT_EQ(ErrorOfBody(400, Cat("{\"code\":\"aborted\",\"message\":\"m\",\"details\":", odd, "}")),
              absl::AbortedError("m"))
        << odd;
}

TEST(ConnectTest, MessagesThatAreNotUtf8StillMakeJson) {
  const std::string body = ErrorBody(absl::DataLossError("bytes \xff\xfe here"));
  EXPECT_TRUE(nlohmann::json::accept(body)) << body;
  EXPECT_EQ(ErrorOfBody(500, body).message(), "bytes \uFFFD\uFFFD here");
}

TEST(ConnectTest, AnyBodyGivesAnErrorWithAMessage) {
  const std::string deep(60000, '[');
  for (std::string body : {std::string(), std::string("<html>"), std::string("null"), std::string("[1]"), deep,
                           std::string("{\"code\":7,\"message\":{}}"), std::string("{\"code\":\"no_such\"}"),
                           std::string(100000, ' '), std::string("{\"code\":\"ok\"}"), std::string("\xff\x00{", 3)}) {
    const absl::Status status = ErrorOfBody(503, body);
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << body.substr(0, 40);
    EXPECT_FALSE(status.message().empty());
  }
  EXPECT_EQ(ErrorOfBody(404, "not found").code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(ErrorOfBody(200, "").code(), absl::StatusCode::kUnknown);
}

TEST(PercentTest, DecodingTakesBackEncoding) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(PercentDecode(PercentEncode(all)), all);
  EXPECT_EQ(PercentEncode("台账 1.xlsx"), "%e5%8f%b0%e8%b4%a6%201.xlsx");
  EXPECT_EQ(PercentDecode("%E6%81%92"), "恒") << "as browsers write it";
  EXPECT_EQ(PercentDecode("100%"), "100%");
  EXPECT_EQ(PercentDecode("%zz%4"), "%zz%4");
}

}  // namespace
}  // namespace liaison::http

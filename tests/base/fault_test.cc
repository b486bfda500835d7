#include "common/base/fault.h"

#include <gtest/gtest.h>

#include "absl/strings/cord.h"

namespace liaison {
namespace {

TEST(Fault, IsASentenceAndItsPartsAreFoundAgain) {
  const absl::Status status = WrongField("标题", "最多40字，现有52字");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "标题：最多40字，现有52字");
  EXPECT_EQ(FaultOf(status), (Fault{"标题", "最多40字，现有52字", ""}));
  EXPECT_EQ(FixedField("状态", "不能修改").code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Fault, InOneOfSeveralThingsSaysInWhich) {
  const absl::Status inner = InPlace("第2件事项，", WrongField("类别", "不能为空"));
  const absl::Status status = InPlace("第7行：", inner);
  EXPECT_EQ(status.message(), "第7行：第2件事项，类别：不能为空");
  EXPECT_EQ(FaultOf(status), (Fault{"类别", "不能为空", "第7行：第2件事项，"}));
  EXPECT_EQ(InPlace("第7行：", absl::OkStatus()), absl::OkStatus());
}

TEST(Fault, ADifferentErrorIsNoneAndKeepsItsPayloadsInAPlace) {
  absl::Status status = absl::FailedPreconditionError("接待日期：还没有到");
  status.SetPayload("type.googleapis.com/a.B", absl::Cord("x"));
  EXPECT_EQ(FaultOf(status), std::nullopt);
  EXPECT_EQ(FaultOf(absl::OkStatus()), std::nullopt);
  const absl::Status placed = InPlace("第2件：", status);
  EXPECT_EQ(FaultOf(placed), std::nullopt);
  EXPECT_EQ(placed.GetPayload("type.googleapis.com/a.B"), absl::Cord("x"));
}

TEST(Fault, BytesThatAreNoneGiveNone) {
  absl::Status status = absl::InvalidArgumentError("x");
  status.SetPayload(kFaultPayload, absl::Cord("\x0a\x7f"));
  EXPECT_EQ(FaultOf(status), std::nullopt);
}

}  // namespace
}  // namespace liaison

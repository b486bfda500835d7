#include "common/rules/matter/steps.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <tuple>

#include "common/base/text.h"
#include "common/record/schema.h"

namespace liaison {
namespace {

// Who may take which step from which state, as a person would write it down: the specification, not the table's copy.
constexpr char kAllowed[] = R"(
上报      站 已登记 村级办理 退回补正 未定
村级答复  站 已登记 村级办理
引导      站 已登记 村级办理
引导      镇 已上报
退回补正  镇 已上报
受理      镇 已上报
并案      镇 已上报 已受理
取消并案  镇 并案
转代表建议 镇 已受理
交办      镇 已受理
签收      镇 已交办 重新办理
申请退办  镇 已交办 已签收
审核退办  镇 已交办 已签收 办理中
申请延期  镇 已交办 已签收 办理中 转上级 重新办理
审核延期  镇 已交办 已签收 办理中 转上级 重新办理
办理进展  镇 已交办 已签收 办理中 转上级 重新办理 跟踪
转上级    镇 已交办 已签收 办理中 重新办理
答复      镇 已交办 已签收 办理中 转上级 重新办理
评价      站 已答复 办结 跟踪 当场答复
评价      镇 已答复 办结 跟踪 当场答复
重新办理  镇 已答复 办结 跟踪
办结      镇 已答复
兑现承诺  镇 跟踪
调整承诺  镇 跟踪
反馈回访  站 未定 已登记 当场答复 村级办理 引导 已上报 退回补正 已受理 并案 转代表建议 已交办 已签收 办理中 转上级 已答复 重新办理 办结 跟踪 归档
反馈回访  镇 未定 已登记 当场答复 村级办理 引导 已上报 退回补正 已受理 并案 转代表建议 已交办 已签收 办理中 转上级 已答复 重新办理 办结 跟踪 归档
督办      镇 已交办 已签收 办理中 转上级 重新办理 已答复 跟踪
归档      镇 办结 当场答复 引导
撤回      站 已登记 村级办理 退回补正 未定
撤回      镇 已上报 已受理
重新受理  镇 当场答复 引导
更正说明  站 当场答复 引导 已上报 已受理 并案 转代表建议 已交办 已签收 办理中 转上级 已答复 重新办理 办结 跟踪 归档 撤回
更正说明  镇 当场答复 引导 已上报 已受理 并案 转代表建议 已交办 已签收 办理中 转上级 已答复 重新办理 办结 跟踪 归档 撤回
定为重点  镇 已上报 已受理 已交办 已签收 办理中 转上级 已答复 重新办理
撤销      站 未定 已登记 当场答复 村级办理 引导 已上报 退回补正 已受理 并案 转代表建议 已交办 已签收 办理中 转上级 已答复 重新办理 办结 跟踪 归档 撤回
撤销      镇 未定 已登记 当场答复 村级办理 引导 已上报 退回补正 已受理 并案 转代表建议 已交办 已签收 办理中 转上级 已答复 重新办理 办结 跟踪 归档 撤回
)";

CaseFile InState(v1::MatterState state) {
  CaseFile file(Aggregate(), {});
  file.present = true;
  file.state = state;
  return file;
}

TEST(Steps, EveryStateAndStepAndSideIsAsWrittenDown) {
  std::set<std::tuple<std::string, std::string, std::string>> allowed;
  std::istringstream lines(kAllowed);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string step, side;
    words >> step >> side;
    for (std::string state; words >> state;) allowed.insert({step, side, state});
  }
  const auto* kinds = v1::StepKind_descriptor();
  const auto* states = v1::MatterState_descriptor();
  for (int k = 1; k < kinds->value_count(); ++k) {
    for (int s = 0; s < states->value_count(); ++s) {
      for (bool hub : {false, true}) {
        const auto kind = static_cast<v1::StepKind>(kinds->value(k)->number());
        const auto state = static_cast<v1::MatterState>(states->value(s)->number());
        const bool expected = allowed.contains({EnumLabel(kind), hub ? "镇" : "站", EnumLabel(state)});
        absl::Status status = CheckStepNow(kind, InState(state), hub);
        EXPECT_EQ(status.ok(), expected) << EnumLabel(kind) << (hub ? " 镇 " : " 站 ") << EnumLabel(state) << ": "
                                         << status;
        if (!status.ok()) EXPECT_FALSE(status.message().empty());
      }
    }
  }
}

TEST(Steps, WhatIsContestedWaitsForAPerson) {
  absl::Status status = CheckStepNow(v1::STEP_CLOSE, InState(v1::CONTESTED), true);
  EXPECT_EQ(status.message(), "状态有分歧，请先确定状态");
}

TEST(Steps, AnAnsweredMatterIsReopenedBeforeItIsAssigned) {
  absl::Status status = CheckStepNow(v1::STEP_ASSIGN, InState(v1::ANSWERED), true);
  EXPECT_EQ(status.message(), "现在是“当场答复”，不能交办；请先重新受理");
}

struct Scene {
  Deadlines deadlines;
  StepScene scene;
  explicit Scene(const char* date) {
    scene.at_hub = true;
    scene.date = ParseDay(date).value();
    scene.deadlines = &deadlines;
  }
};

TEST(Steps, WhatIsMissingAndWhatIsTooMuchIsNamed) {
  Scene at("2026-03-25");
  v1::Step step;
  step.set_kind(v1::STEP_ASSIGN);
  EXPECT_EQ(CheckStep(step, InState(v1::ACCEPTED), at.scene).message(), "单位：交办时必须填写");
  step.set_unit("HK-U01");
  EXPECT_TRUE(CheckStep(step, InState(v1::ACCEPTED), at.scene).ok());
  step.set_promise("明年");
  EXPECT_EQ(CheckStep(step, InState(v1::ACCEPTED), at.scene).message(), "承诺事项：交办时不用填写");
}

TEST(Steps, AReplyNeedsAClassAndAPromiseItsDate) {
  Scene at("2026-06-20");
  v1::Step step;
  step.set_kind(v1::STEP_REPLY);
  step.set_text("已硬化");
  step.set_mode("面复");
  EXPECT_EQ(CheckStep(step, InState(v1::HANDLING), at.scene).message(), "答复类别：答复时必须填写");
  step.set_reply_class(v1::CLASS_B);
  EXPECT_EQ(CheckStep(step, InState(v1::HANDLING), at.scene).message(), "承诺事项：B类答复须写明打算做什么");
  step.set_promise("列入明年计划");
  EXPECT_EQ(CheckStep(step, InState(v1::HANDLING), at.scene).message(), "承诺期限：B类答复须写明何时做到");
  step.set_promise_date("2026-06-19");
  EXPECT_EQ(CheckStep(step, InState(v1::HANDLING), at.scene).message(), "承诺期限：不能早于答复日期");
  step.set_promise_date("2026-12-31");
  EXPECT_TRUE(CheckStep(step, InState(v1::HANDLING), at.scene).ok());
  step.set_reply_class(v1::CLASS_A);
  EXPECT_EQ(CheckStep(step, InState(v1::HANDLING), at.scene).message(), "承诺事项：只有B类答复才填写");
  step.clear_promise();
  step.clear_promise_date();
  step.set_reply_class(v1::CLASS_D);
  EXPECT_EQ(CheckStep(step, InState(v1::HANDLING), at.scene).message(), "答复类别：本镇没有采用D类");
  at.scene.class_d = true;
  EXPECT_TRUE(CheckStep(step, InState(v1::HANDLING), at.scene).ok());
}

CaseFile Replied(v1::Track track, const char* date, v1::Rating rating) {
  CaseFile file = InState(v1::REPLIED);
  file.matter.set_track(track);
  v1::Reply reply;
  reply.set_round(1);
  reply.set_date(date);
  reply.set_reply_class(v1::CLASS_C);
  file.replies.push_back({{}, reply});
  if (rating != v1::RATING_UNSPECIFIED) {
    v1::Evaluation evaluation;
    evaluation.set_round(1);
    evaluation.set_result(rating);
    file.evaluations.push_back({{}, evaluation});
  }
  return file;
}

TEST(Steps, ClosingWaitsForTheEvaluationOrForItsEnd) {
  v1::Step step;
  step.set_kind(v1::STEP_CLOSE);
  Scene early("2026-06-10"), late("2026-07-08");
  const CaseFile none = Replied(v1::TRACK_SUGGESTION, "2026-06-09", v1::RATING_UNSPECIFIED);
  EXPECT_EQ(CheckStep(step, none, early.scene).message(), "还没有评价；到2026-07-07仍不评价的，才可按“未评价”办结");
  EXPECT_TRUE(CheckStep(step, none, late.scene).ok());
  EXPECT_TRUE(CheckStep(step, Replied(v1::TRACK_OPINION, "2026-06-09", v1::RATING_BASICALLY), early.scene).ok());
  EXPECT_EQ(CheckStep(step, Replied(v1::TRACK_OPINION, "2026-06-09", v1::RATING_DISSATISFIED), late.scene).message(),
            "评价为不满意，应重新办理，不能办结");
}

TEST(Steps, OnlyWhatDissatisfiedIsReworked) {
  v1::Step step;
  step.set_kind(v1::STEP_REWORK);
  Scene at("2026-05-20");
  EXPECT_TRUE(CheckStep(step, Replied(v1::TRACK_OPINION, "2026-05-10", v1::RATING_DISSATISFIED), at.scene).ok());
  EXPECT_EQ(CheckStep(step, Replied(v1::TRACK_OPINION, "2026-05-10", v1::RATING_SATISFIED), at.scene).message(),
            "评价为不满意的才重新办理");
}

// On most machines a shift by 40 is one by 8, which is 已受理.
TEST(Steps, AStateOfALaterVersionIsInNoSet) {
  for (int number : {21, 32 + v1::ACCEPTED, 64 + v1::SUBMITTED, -1}) {
    const auto state = static_cast<v1::MatterState>(number);
    EXPECT_FALSE(Holds(StatesOf({v1::ACCEPTED, v1::SUBMITTED}), state)) << number;
    for (const StepRule& rule : AllSteps())
      for (bool hub : {false, true}) EXPECT_FALSE(CheckStepNow(rule.kind, InState(state), hub).ok()) << number;
  }
}

TEST(Steps, ASuggestionMayNotTakeLongerThanTheLawLets) {
  CaseFile file = InState(v1::HANDLING);
  file.matter.set_track(v1::TRACK_SUGGESTION);
  v1::Assignment assignment;
  assignment.set_round(1);
  assignment.set_assigned_date("2026-03-25");
  assignment.set_due_date("2026-06-25");
  file.assignments.push_back({RecordId::Master(TypeOf<v1::Assignment>().type(), "1-1"), assignment});
  v1::Step ask;
  ask.set_kind(v1::STEP_ASK_EXTENSION);
  ask.set_reason("要等资金");
  ask.set_due_date("2026-06-25");
  Scene at("2026-06-01");
  EXPECT_EQ(CheckStep(ask, file, at.scene).message(), "时限：须晚于现在的时限2026-06-25");
  ask.set_due_date("2026-09-26");
  EXPECT_EQ(CheckStep(ask, file, at.scene).message(), "时限：从首次交办算起最迟到2026-09-25（代表法第五十一条）");
  ask.set_due_date("2026-09-25");
  EXPECT_TRUE(CheckStep(ask, file, at.scene).ok());
}

}  // namespace
}  // namespace liaison

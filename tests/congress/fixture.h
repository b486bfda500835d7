// A township with a village and its area station, and requests as a page would send them.
#ifndef LIAISON_TESTS_CONGRESS_FIXTURE_H_
#define LIAISON_TESTS_CONGRESS_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/rules/days/calendar.h"
#include "tests/testing/must.h"
#include "tests/whole/township.h"

namespace liaison {

class CongressFixture : public ::testing::Test {
 protected:
  // Enrolled early in the year, so that the clock is trusted on whatever day of it a test is set.
  CongressFixture() : town_(11, "", NineOn("2026-01-05")) {
    v1::GetRosterResponse roster = Must(hub().records()->GetRoster({}));
    for (const v1::Station& station : roster.stations())
      if (station.station_id() == kVillage) area_id_ = station.parent_id();
    village_ = town_.Enrol(kVillage);
    On("2026-11-20");
  }

  static constexpr char kVillage[] = "HK-D057";

  HubNode& hub() { return town_.hub(); }
  StationNode& village() { return *village_->node; }
  StationNode& area() {
    if (area_ == nullptr) area_ = town_.Enrol(area_id_);
    return *area_->node;
  }
  static int64_t NineOn(const char* date) {
    const absl::CivilDay day = absl::CivilDay(1970, 1, 1) + ParseDay(date).value();
    return absl::ToUnixMillis(absl::FromCivil(day, absl::FixedTimeZone(8 * 3600)) + absl::Hours(9));
  }
  void On(const char* date) { town_.clock().Set(NineOn(date)); }
  void SyncAll() {
    for (int round = 0; round < 2; ++round) {
      ASSERT_TRUE(town_.Sync(&village()));
      if (area_ != nullptr) ASSERT_TRUE(town_.Sync(area_->node.get()));
    }
  }
  void ExpectWhole() {
    EXPECT_TRUE(hub().records()->Verify({})->ok());
    EXPECT_TRUE(village().records()->Verify({})->ok());
  }

  // "" if it was taken, else why not.
  template <typename T>
  static std::string Why(const absl::StatusOr<T>& answer) {
    return answer.ok() ? "" : std::string(answer.status().message());
  }
  template <typename Node>
  std::string Token(Node& node, const std::string& id) {
    v1::GetRecordRequest get;
    get.set_id(id);
    absl::StatusOr<v1::GetRecordResponse> record = node.records()->GetRecord(get);
    EXPECT_TRUE(record.ok()) << record.status();
    return record.ok() ? record->record().token() : "";
  }
  void SetRule(const std::string& rule, const std::string& station = "") {
    v1::SetSettingRequest request;
    request.set_action_id(town_.ActionId());
    request.set_key("schedule");
    request.set_station_id(station);
    request.set_value(rule);
    ASSERT_EQ(Why(hub().congress()->SetSetting(request)), "");
  }
  v1::PlanSessionsRequest PlanRequest(const char* from, const char* to) {
    v1::PlanSessionsRequest request;
    request.set_action_id(town_.ActionId());
    request.set_from(from);
    request.set_to(to);
    request.set_start("08:30");
    request.set_end("11:30");
    return request;
  }
  v1::PlanSessionsResponse Plan(StationNode& node, const char* from, const char* to) {
    absl::StatusOr<v1::PlanSessionsResponse> planned = node.planning()->PlanSessions(PlanRequest(from, to));
    EXPECT_TRUE(planned.ok()) << planned.status();
    return planned.ok() ? *planned : v1::PlanSessionsResponse();
  }
  // A request about a session as its screen shows it.
  template <typename Request>
  Request About(StationNode& node, const std::string& session) {
    Request request;
    request.set_action_id(town_.ActionId());
    request.set_session_id(session);
    request.set_token(Token(node, session));
    return request;
  }
  absl::StatusOr<v1::SignInResponse> SignIn(StationNode& node, const std::string& session, const char* deputy,
                                            const char* in, const char* out = "") {
    auto request = About<v1::SignInRequest>(node, session);
    request.set_deputy_id(deputy);
    request.set_in(in);
    request.set_out(out);
    return node.planning()->SignIn(request);
  }
  absl::StatusOr<v1::TakeLeaveResponse> Leave(StationNode& node, const std::string& session,
                                              const std::string& deputy) {
    auto request = About<v1::TakeLeaveRequest>(node, session);
    request.set_deputy_id(deputy);
    request.set_reason("外出学习");
    return node.planning()->TakeLeave(request);
  }
  absl::StatusOr<v1::CloseSessionResponse> Close(StationNode& node, const std::string& session) {
    auto request = About<v1::CloseSessionRequest>(node, session);
    request.set_end("11:30");
    return node.reception()->CloseSession(request);
  }
  // A session that was held: opened and closed on its day.
  std::string Held(StationNode& node, const char* date, v1::Form form, const char* deputy) {
    v1::OpenSessionRequest open;
    open.set_action_id(town_.ActionId());
    open.mutable_session()->set_date(date);
    open.mutable_session()->set_form(form);
    open.mutable_session()->add_deputies()->set_deputy_id(deputy);
    v1::OpenSessionResponse opened = Must(node.reception()->OpenSession(open));
    EXPECT_EQ(Why(Close(node, opened.session().id())), "");
    return opened.session().id();
  }

  Township town_;
  std::unique_ptr<Site> village_, area_;
  std::string area_id_;
};

}  // namespace liaison

#endif  // LIAISON_TESTS_CONGRESS_FIXTURE_H_

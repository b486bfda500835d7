#include "tests/acceptance/town.h"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/time/clock.h"
#include "common/base/shifted_clock.h"
#include "common/base/text.h"
#include "common/cli/core/process.h"
#include "hub/desk/setup.h"
#include "tests/testing/places.h"

namespace liaison {
namespace {

const std::string kBinaries = InBuild("/bin/");
constexpr size_t kShortestWords = 4, kShortestOfAVisitor = 2;  // characters; shorter ones stand in sentences by chance

}  // namespace

WeakLink::WeakLink(int to, std::vector<std::string> options) {
  options.insert(options.begin(), {kBinaries + "link_sim", "--to", Cat(to)});
  child_ = std::make_unique<bench::Child>(options);
  port_ = static_cast<int>(bench::NumberIn(child_->ReadLine(), "port"));
}

int64_t WeakLink::Stat(const std::string& name) {
  child_->Write("stats");
  return static_cast<int64_t>(bench::NumberIn(child_->ReadLine(), name));
}

FigureValues::FigureValues(const v1::GetFiguresResponse& response) {
  for (const v1::Figure& figure : response.figures()) values_[figure.code()] = figure.value();
}

int64_t FigureValues::at(const std::string& code) const {
  auto it = values_.find(code);
  if (it != values_.end()) return it->second;
  ADD_FAILURE() << "no figure " << code;
  return -1;
}

void Town::TearDown() {
  for (const std::string& name : served_) {
    std::string text;
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator(Dir(name) + "/log", error)) {
      std::ifstream in(file.path());
      text.append(std::istreambuf_iterator<char>(in), {});
    }
    EXPECT_NE(text.find("程序启动：版本"), std::string::npos) << name << " has no log";
    for (const std::string& words : typed_) EXPECT_EQ(text.find(words), std::string::npos) << name << ": " << words;
  }
}

void Town::NoteText(std::string_view text, size_t shortest) {
  const auto characters = static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  const bool number = text.size() >= 9 && text.find_first_not_of("0123456789") == std::string_view::npos;
  if (number || (characters < text.size() && characters >= shortest)) typed_.emplace(text);
}

void Town::Note(const google::protobuf::Message& request) {
  using Field = google::protobuf::FieldDescriptor;
  const google::protobuf::Reflection& values = *request.GetReflection();
  const bool visitor = request.GetDescriptor()->name().find("Visitor") != std::string::npos;
  std::vector<const Field*> fields;
  values.ListFields(request, &fields);
  for (const Field* field : fields) {
    const int count = field->is_repeated() ? values.FieldSize(request, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == Field::CPPTYPE_MESSAGE)
        Note(field->is_repeated() ? values.GetRepeatedMessage(request, field, i) : values.GetMessage(request, field));
      else if (field->type() == Field::TYPE_STRING)
        NoteText(field->is_repeated() ? values.GetRepeatedString(request, field, i) : values.GetString(request, field),
                 visitor ? kShortestOfAVisitor : kShortestWords);
    }
  }
}

void Town::Make(const std::vector<std::string>& stations) {
  unsetenv("NOTIFY_SOCKET");  // the logs are files
  unsetenv("JOURNAL_STREAM");
  HubNode::Options options;
  options.dir = Dir("hub");
  options.create = true;
  options.sync_address = "";
  // Before all that is played: who was enrolled later than today does not believe its clock.
  absl::StatusOr<std::unique_ptr<Clock>> clock = ClockFrom("2026-01-02T09:00");
  ASSERT_TRUE(clock.ok()) << clock.status();
  options.clock = clock->get();
  absl::StatusOr<std::unique_ptr<HubNode>> hub = HubNode::Open(std::move(options));
  ASSERT_TRUE(hub.ok()) << hub.status();
  ASSERT_TRUE(LoadRoster(InSource("/hub/fixture"), (*hub)->store()).ok());
  for (const std::string& station : stations) EnrolInto(Dir(station), station, hub->get(), SystemRandom());
}

void Town::StartHub(const std::string& clock) {
  const std::string port = hub_ == nullptr ? "0" : Cat(SyncPort());  // the stations know the first one
  served_.insert("hub");
  hub_.reset();
  hub_ = std::make_unique<Daemon>(kBinaries + "liaison-hub", Dir("hub"),
                                  std::vector<std::string>{"run", "--data", Dir("hub"), "--http", "127.0.0.1:0",
                                                           "--sync", Cat("127.0.0.1:", port), "--start-at", clock,
                                                           "--log-level", "debug"});
  hub_->Start();
}

Daemon& Town::StartStation(const std::string& id, const std::string& clock, int hub_port) {
  stations_.erase(id);
  served_.insert(id);
  auto& station = stations_[id];
  station =
      std::make_unique<Daemon>(kBinaries + "liaison-station", Dir(id),
                               std::vector<std::string>{"run", "--data", Dir(id), "--http", "127.0.0.1:0", "--hub",
                                                        Cat("127.0.0.1:", hub_port), "--start-at", clock, "--log-level",
                                                        "debug"});
  station->Start();
  return *station;
}

std::string Town::ActionId() { return Hex(SystemRandom()->Bytes(kActionIdBytes)); }

std::string Town::Liaison(std::vector<std::string> args, int want_exit) {
  for (const std::string& word : args)
    if (word.find('/') == std::string::npos) NoteText(word, kShortestWords);  // a path is logged
  args.insert(args.begin(), {"-c", "exec \"$0\" \"$@\" 2>&1", kBinaries + "liaison"});
  absl::StatusOr<cli::ProcessResult> result = cli::RunProcess("/bin/sh", args, "");
  EXPECT_TRUE(result.ok()) << result.status();
  if (!result.ok()) return "";
  EXPECT_EQ(result->exit_code, want_exit) << result->out;
  return result->out;
}

void Town::Deliver(const std::string& id) { Liaison({"wait", "--data", Dir(id), "--sent", "--timeout", "120"}); }

void Town::AwaitState(Daemon& station, const std::string& matter, v1::MatterState state) {
  v1::GetCaseRequest request;
  request.set_id(matter);
  v1::GetCaseResponse response;
  const absl::Time deadline = absl::Now() + absl::Minutes(2);
  while (!station.Call("CaseworkService/GetCase", request, &response).ok() ||
         response.case_().matter().state() != state) {
    ASSERT_LT(absl::Now(), deadline) << response.ShortDebugString();
    station.process().Breathe(20);
  }
}

v1::SessionView Town::Open(Daemon& station, const std::string& date, const std::vector<std::string>& deputies) {
  v1::OpenSessionRequest request;
  request.set_action_id(ActionId());
  v1::ReceptionSession& session = *request.mutable_session();
  session.set_date(date);
  session.set_start("09:00");
  session.set_form(v1::FORM_RECEPTION_DAY);
  for (const std::string& deputy : deputies) session.add_deputies()->set_deputy_id(deputy);
  return Call<v1::OpenSessionResponse>(station, "StationService/OpenSession", request).session();
}

v1::SessionView Town::Close(Daemon& station, const v1::SessionView& session) {
  v1::GetRecordRequest get;
  get.set_id(session.id());
  v1::CloseSessionRequest request;
  request.set_action_id(ActionId());
  request.set_session_id(session.id());
  request.set_token(Call<v1::GetRecordResponse>(station, "RecordService/GetRecord", get).record().token());
  request.set_end("11:30");
  return Call<v1::CloseSessionResponse>(station, "StationService/CloseSession", request).session();
}

v1::Matter Town::MatterOf(const std::string& words, v1::Disposition disposition, v1::Nature nature,
                          const std::string& category) {
  v1::Matter matter;
  matter.set_title(words);
  matter.set_content(words);
  matter.set_category(category);
  matter.set_nature(nature);
  matter.set_disposition(disposition);
  if (disposition == v1::DISPOSITION_ANSWERED) {
    matter.set_answer("当场说明了办法");
    matter.set_answered_by("HK-R001");
    matter.set_answer_solved(true);
  }
  return matter;
}

v1::VisitView Town::Log(Daemon& station, const v1::SessionView& session, const std::string& words, int headcount,
                        const std::string& name, const std::vector<v1::Matter>& matters) {
  v1::LogVisitRequest request;
  request.set_action_id(ActionId());
  request.set_session_id(session.id());
  request.mutable_entry()->set_original_words(words);
  request.mutable_entry()->set_headcount(headcount);
  request.mutable_entry()->set_anonymous(name.empty());
  request.mutable_visitor()->set_name(name);
  for (const v1::Matter& matter : matters) *request.add_matters() = matter;
  return Call<v1::LogVisitResponse>(station, "StationService/LogVisit", request).visit();
}

absl::Status Town::TryStep(Daemon& daemon, const std::vector<std::string>& matters, const v1::Step& step,
                           v1::TakeStepResponse* response) {
  v1::TakeStepRequest request;
  request.set_action_id(ActionId());
  for (const std::string& matter : matters) {
    v1::StepTarget& target = *request.add_targets();
    target.set_id(matter);
    target.set_token(Case(daemon, matter).matter().token());
  }
  *request.mutable_step() = step;
  Note(request);
  return daemon.Call("CaseworkService/TakeStep", request, response);
}

v1::TakeStepResponse Town::Take(Daemon& daemon, const std::vector<std::string>& matters, const v1::Step& step) {
  v1::TakeStepResponse response;
  absl::Status status = TryStep(daemon, matters, step, &response);
  EXPECT_TRUE(status.ok()) << step.ShortDebugString() << ": " << status;
  return response;
}

v1::MatterState Town::Do(Daemon& daemon, const std::string& matter, const v1::Step& step) {
  v1::TakeStepResponse response = Take(daemon, {matter}, step);
  return response.matters_size() == 1 ? response.matters(0).state() : v1::STATE_UNSPECIFIED;
}

std::string Town::Refused(Daemon& daemon, const std::string& matter, const v1::Step& step) {
  v1::TakeStepResponse response;
  absl::Status status = TryStep(daemon, {matter}, step, &response);
  return status.ok() ? "taken" : std::string(status.message());
}

v1::CaseView Town::Case(Daemon& daemon, const std::string& matter) {
  v1::GetCaseRequest request;
  request.set_id(matter);
  return Call<v1::GetCaseResponse>(daemon, "CaseworkService/GetCase", request).case_();
}

std::string Town::Propose(const std::string& words, const std::string& category, const std::string& deputy) {
  v1::RegisterProposalRequest request;
  request.set_action_id(ActionId());
  v1::Matter& matter = *request.mutable_matter();
  matter.set_track(v1::TRACK_SUGGESTION);
  matter.set_content(words);
  matter.set_category(category);
  matter.set_lead_deputy(deputy);
  matter.set_congress("20-3");
  matter.set_date("2026-03-20");
  return Call<v1::RegisterProposalResponse>(hub(), "CaseworkService/RegisterProposal", request).matter().id();
}

int Town::CountIn(Daemon& daemon, v1::WorkList list) {
  v1::ListWorkRequest request;
  request.set_list(list);
  request.set_any_track(true);
  return Call<v1::ListWorkResponse>(daemon, "CaseworkService/ListWork", request).total();
}

FigureValues Town::Figures(const std::string& from, const std::string& to) {
  v1::GetFiguresRequest request;
  request.set_from(from);
  request.set_to(to);
  auto response = Call<v1::GetFiguresResponse>(hub(), "HubService/GetFigures", request);
  EXPECT_EQ(response.identity_difference(), 0);
  return FigureValues(response);
}

v1::GetReportResponse Town::Report(const std::string& from, const std::string& to) {
  v1::GetReportRequest request;
  request.set_from(from);
  request.set_to(to);
  return Call<v1::GetReportResponse>(hub(), "HubService/GetReport", request);
}

v1::Step StepOn(const std::string& date, v1::StepKind kind) {
  v1::Step step;
  step.set_date(date);
  step.set_kind(kind);
  return step;
}

}  // namespace liaison

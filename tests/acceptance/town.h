// A hub and stations as real processes, each with its own data folder, and what people do at them.
#ifndef LIAISON_TESTS_ACCEPTANCE_TOWN_H_
#define LIAISON_TESTS_ACCEPTANCE_TOWN_H_

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "liaison/v1/casework.pb.h"
#include "liaison/v1/figures.pb.h"
#include "liaison/v1/hub_service.pb.h"
#include "liaison/v1/record_service.pb.h"
#include "liaison/v1/station_service.pb.h"
#include "tests/bench/child.h"
#include "tests/whole/process.h"
#include "tests/whole/township.h"

namespace liaison {

inline constexpr int kNobody = 1;  // a port where nothing listens: no network

// A link_sim in front of a port.
class WeakLink {
 public:
  WeakLink(int to, std::vector<std::string> options);
  int port() const { return port_; }
  int64_t Stat(const std::string& name);  // of its answer to "stats"

 private:
  std::unique_ptr<bench::Child> child_;
  int port_ = 0;
};

// The figures of a period by their codes; a code that does not exist fails the test.
class FigureValues {
 public:
  explicit FigureValues(const v1::GetFiguresResponse& response);
  int64_t at(const std::string& code) const;

 private:
  std::map<std::string, int64_t> values_;
};

class Town : public ::testing::Test {
 protected:
  // No log of the run, which is written down to its finest level, holds what people typed.
  void TearDown() override;
  // The hub's folder with the roster, and the stations' folders, before any process runs.
  void Make(const std::vector<std::string>& stations);
  // Processes. `clock`: where their clocks begin, "2026-11-20T09:00".
  void StartHub(const std::string& clock);
  Daemon& StartStation(const std::string& id, const std::string& clock, int hub_port);
  Daemon& StartStation(const std::string& id, const std::string& clock) { return StartStation(id, clock, SyncPort()); }
  Daemon& hub() { return *hub_; }
  Daemon& at(const std::string& id) { return *stations_.at(id); }
  int SyncPort() const { return hub_->sync_port(); }
  std::string Dir(const std::string& name) const { return dir_.path() + "/" + name; }
  // Until the station has a receipt for all it wrote. Ends the test if it takes too long.
  void Deliver(const std::string& id);
  // Until the station shows that state of a matter, which comes from the hub.
  void AwaitState(Daemon& station, const std::string& matter, v1::MatterState state);

  std::string ActionId();
  // The command line, both of its outputs.
  std::string Liaison(std::vector<std::string> args, int want_exit = 0);

  template <typename Response, typename Request>
  Response Call(Daemon& daemon, const std::string& method, const Request& request) {
    Note(request);
    Response response;
    absl::Status status = daemon.Call(method, request, &response);
    EXPECT_TRUE(status.ok()) << method << ": " << status;
    return response;
  }

  // ---- at a station
  v1::SessionView Open(Daemon& station, const std::string& date, const std::vector<std::string>& deputies);
  v1::SessionView Close(Daemon& station, const v1::SessionView& session);
  static v1::Matter MatterOf(const std::string& words, v1::Disposition disposition,
                             v1::Nature nature = v1::NATURE_OPINION, const std::string& category = "01");
  v1::VisitView Log(Daemon& station, const v1::SessionView& session, const std::string& words, int headcount,
                    const std::string& name, const std::vector<v1::Matter>& matters);

  // ---- casework, at the hub or a station, with what the screen shows now
  v1::TakeStepResponse Take(Daemon& daemon, const std::vector<std::string>& matters, const v1::Step& step);
  v1::MatterState Do(Daemon& daemon, const std::string& matter, const v1::Step& step);
  std::string Refused(Daemon& daemon, const std::string& matter, const v1::Step& step);
  v1::CaseView Case(Daemon& daemon, const std::string& matter);
  std::string Propose(const std::string& words, const std::string& category, const std::string& deputy);
  int CountIn(Daemon& daemon, v1::WorkList list);

  // ---- figures
  FigureValues Figures(const std::string& from, const std::string& to);
  v1::GetReportResponse Report(const std::string& from, const std::string& to);

 private:
  absl::Status TryStep(Daemon& daemon, const std::vector<std::string>& matters, const v1::Step& step,
                       v1::TakeStepResponse* response);

  // Keeps the words, names and phones of a request, to look for them in the logs.
  void Note(const google::protobuf::Message& request);
  void NoteText(std::string_view text, size_t shortest);

  TempDir dir_;
  std::set<std::string> typed_, served_;  // served_: names of folders of which a daemon has run
  std::unique_ptr<Daemon> hub_;
  std::map<std::string, std::unique_ptr<Daemon>> stations_;
};

// A step on a date.
v1::Step StepOn(const std::string& date, v1::StepKind kind);

}  // namespace liaison

#endif  // LIAISON_TESTS_ACCEPTANCE_TOWN_H_

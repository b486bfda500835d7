// W11: one record with very many children: a session at which thousands came. What a step on it costs, and that twice
// as many children cost about twice as much.
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "common/base/text.h"
#include "tests/bench/workloads.h"

namespace liaison::bench {
namespace {

constexpr int kVisits = 3'200;

class BigSession {
 public:
  BigSession(StationNode* node, uint64_t seed) : node_(node), seed_(seed) {
    v1::OpenSessionRequest open;
    open.set_action_id(NextAction());
    open.mutable_session()->set_date(Value(node_->records()->GetStatus({})).today());
    open.mutable_session()->set_form(v1::FORM_RECEPTION_DAY);
    open.mutable_session()->add_deputies()->set_deputy_id("HK-R001");
    id_ = Value(node_->reception()->OpenSession(open)).session().id();
  }
  void GrowTo(int visits) {
    for (; visits_ < visits; ++visits_) Log();
  }
  void Log() {
    v1::LogVisitRequest request;
    request.set_action_id(NextAction());
    request.set_session_id(id_);
    request.mutable_entry()->set_headcount(1);
    request.mutable_entry()->set_original_words(Cat("第", visits_, "位来访：水渠垮了"));
    v1::Matter& matter = *request.add_matters();
    matter.set_content("水渠垮了");
    matter.set_category("01");
    matter.set_nature(v1::NATURE_OPINION);
    matter.set_disposition(v1::DISPOSITION_SUBMIT);
    Value(node_->reception()->LogVisit(request));
  }
  std::string Token() {
    v1::GetRecordRequest get;
    get.set_id(id_);
    return Value(node_->records()->GetRecord(get)).record().token();
  }
  void List() {
    v1::ListVisitsRequest request;
    request.set_session_id(id_);
    request.set_limit(kVisits);
    Value(node_->reception()->ListVisits(request));
  }
  void Remark() {
    v1::ChangeRecordRequest request;
    request.set_action_id(NextAction());
    request.set_id(id_);
    request.set_token(Token());
    request.set_fields(Cat("{\"remark\":\"第", count_, "次\"}"));
    Value(node_->records()->ChangeRecord(request));
  }

 private:
  template <typename T>
  static T Value(absl::StatusOr<T> answer) {
    if (!answer.ok()) {
      fprintf(stderr, "%s\n", std::string(answer.status().message()).c_str());
      exit(1);
    }
    return *std::move(answer);
  }
  std::string NextAction() {
    std::string digits = Cat(++count_);
    return std::string(10, static_cast<char>('a' + seed_ % 6)) + std::string(10 - digits.size(), '0') + digits;
  }

  StationNode* node_;
  uint64_t seed_;
  uint64_t count_ = 0;
  int visits_ = 0;
  std::string id_;
};

template <typename F>
double Ms(F what) {
  const auto start = std::chrono::steady_clock::now();
  what();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

void BigRecord(const Setting& setting) {
  for (int run = 0; run < setting.runs; ++run) {
    const std::string hub_dir = FreshDir(setting, "w11-hub"), station_dir = FreshDir(setting, "w11-station");
    {
      std::unique_ptr<HubNode> hub = MakeHub(setting, hub_dir, 1);
      EnrolStation(station_dir, "HK-D001", hub.get(), setting.seed);
    }
    std::unique_ptr<StationNode> node = OpenOffline(station_dir);
    BigSession session(node.get(), setting.seed + static_cast<uint64_t>(run));
    const int most = setting.number_or(kVisits);
    for (int visits : {most / 2, most}) {
      session.GrowTo(visits);
      JsonLine line = LineOf(setting, "W11", Cat(visits, " visits in one session"));
      line.Add("read_ms", Ms([&] { session.Token(); })).Add("list_ms", Ms([&] { session.List(); }));
      line.Add("step_ms", Ms([&] { session.Remark(); })).Add("log_ms", Ms([&] { session.Log(); }));
      line.Print();
    }
  }
}

}  // namespace liaison::bench

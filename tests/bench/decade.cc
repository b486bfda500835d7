#include "tests/bench/decade.h"

#include <algorithm>
#include <map>

#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/daemon/daemon.h"
#include "common/daemon/rest.h"
#include "common/rules/matter/numbering.h"
#include "tests/bench/decade_station.h"
#include "tests/bench/decade_words.h"
#include "tests/testing/forwarding_kv.h"

namespace liaison::bench {
namespace {

constexpr int kPoints = 96;
constexpr size_t kSitting = 20;  // township ops of one action

std::string DateOf(Day day) { return DayText(day); }

// The disk is not waited for.
class LazyKv : public ForwardingKv {
 public:
  using ForwardingKv::ForwardingKv;
  absl::Status Write(const KvChanges& changes, bool) override { return ForwardingKv::Write(changes, false); }
};

enum class Step { kAccept, kAssign, kHandle, kSupervise, kReply, kEvaluate, kSecondReply, kSecondEvaluate };

// The township's part of each matter: what is to be done on which day, and the ops of it.
class Casework {
 public:
  Casework(HubNode* hub, Scribe* scribe, ManualClock* clock, Day last, DecadeCounts* counts)
      : hub_(hub), scribe_(scribe), clock_(clock), last_(last), counts_(counts) {
    for (const auto& [id, department] : RosterCache(hub->store()).Get()->departments) units_.push_back(id);
  }

  void TakeUp(const std::vector<Handed>& handed, Day day) {
    for (const Handed& one : handed) Plan(one.id, Step::kAccept, day + 1 + scribe_->Below(5), one.device);
  }

  void WorkOn(Day day) {
    auto due = plan_.find(day);
    if (due == plan_.end()) return;
    std::vector<Task> tasks = std::move(due->second);
    plan_.erase(due);
    int minute = 9 * 60;
    for (size_t at = 0; at < tasks.size(); at += kSitting) {
      clock_->Set(WallOfDay(day, minute++));
      std::span<const Task> sitting(tasks.data() + at, std::min(kSitting, tasks.size() - at));
      std::string action_id = scribe_->random()->Bytes(kActionIdBytes);
      auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
        Action action;
        action.user = "镇人大干事";
        for (const Task& task : sitting) {
          std::optional<Aggregate> matter = view.Load(task.matter);
          if (!matter) return absl::NotFoundError("matter");
          const auto index = static_cast<uint16_t>(action.ops.size() * 2);
          action.ops.push_back(Do(task, *matter, day, action_id, index));
        }
        return action;
      };
      OrDie(hub_->store()->Commit(action_id, Sha256(action_id), build).status());
      counts_->township_ops += static_cast<double>(sitting.size());
    }
  }

 private:
  struct Task {
    RecordId matter;
    Step step;
    Device* device;
    std::string unit;
  };

  void Plan(const RecordId& matter, Step step, Day day, Device* device, const std::string& unit = "") {
    if (day <= last_) plan_[day].push_back({matter, step, device, unit});
  }

  static void SetState(v1::MatterState to, Day day, NewOp* op) {
    v1::Matter change;
    change.mutable_status()->set_to(to);
    change.mutable_status()->set_date(DateOf(day));
    WritesOf(change, {}, &op->writes, &op->sealed);
  }
  template <typename M>
  static void AddChild(const M& message, const std::string& action_id, uint16_t index, NewOp* op) {
    WritesOf(message, RecordId::Random(TypeOf<M>().type(), action_id, index), &op->writes, &op->sealed);
  }

  NewOp Do(const Task& task, const Aggregate& matter, Day day, const std::string& action_id, uint16_t index) {
    NewOp op;
    op.aggregate = task.matter;
    op.context = matter.lineage().Visible();
    switch (task.step) {
      case Step::kAccept:
        Accept(task, day, &op);
        break;
      case Step::kAssign:
        Assign(task, day, 1, action_id, index, &op);
        SetState(v1::ASSIGNED, day, &op);
        Plan(task.matter, Step::kHandle, day + 2 + scribe_->Below(6), task.device, task.unit);
        break;
      case Step::kHandle:
      case Step::kSupervise:
        Handle(task, day, action_id, index, &op);
        break;
      case Step::kReply:
      case Step::kSecondReply:
        Answer(task, day, action_id, index, &op);
        break;
      case Step::kEvaluate:
      case Step::kSecondEvaluate:
        Evaluate(task, day, action_id, index, &op);
        break;
    }
    return op;
  }

  void Accept(const Task& task, Day day, NewOp* op) {
    const int fate = scribe_->Below(100);
    RecordId& kept = newest_[task.device];  // of this station, never merged itself
    if (fate < 3 && !kept.name.empty()) {
      v1::Matter change;
      change.set_merged_into(ToBytes(kept));
      WritesOf(change, {}, &op->writes, &op->sealed);
      return SetState(v1::MERGED, day, op);
    }
    if (fate == 3) return SetState(v1::RETURNED, day, op);
    if (fate == 4) return SetState(v1::WITHDRAWN, day, op);
    kept = task.matter;
    SetState(v1::ACCEPTED, day, op);
    const std::string& unit = units_[static_cast<size_t>(scribe_->Below(static_cast<int>(units_.size())))];
    Plan(task.matter, Step::kAssign, day + 2 + (7 - day % 7), task.device, unit);  // the weekly handing-over meeting
  }

  void Assign(const Task& task, Day day, uint32_t round, const std::string& action_id, uint16_t index, NewOp* op) {
    v1::Assignment assignment;
    assignment.set_round(round);
    std::string digits = std::to_string(++assigned_[DateOf(day).substr(0, 4)]);
    assignment.set_number(Cat("恒人交〔", DateOf(day).substr(0, 4), "〕", digits, "号"));
    assignment.set_batch(Cat(DateOf(day), "交办会"));
    assignment.set_main_unit(task.unit);
    assignment.set_assigned_date(DateOf(day));
    assignment.set_due_date(DateOf(day + 30));
    AddChild(assignment, action_id, index, op);
  }

  void Handle(const Task& task, Day day, const std::string& action_id, uint16_t index, NewOp* op) {
    if (task.step == Step::kSupervise) {
      v1::Supervision supervision;
      supervision.set_type("催办");
      supervision.set_date(DateOf(day));
      supervision.set_to(task.unit);
      supervision.set_due_date(DateOf(day + 7));
      AddChild(supervision, action_id, index, op);
      return Plan(task.matter, Step::kReply, day + 3 + scribe_->Below(10), task.device, task.unit);
    }
    v1::Progress progress;
    progress.set_date(DateOf(day));
    progress.set_unit(task.unit);
    progress.set_text(scribe_->ProgressText());
    AddChild(progress, action_id, index, op);
    SetState(v1::HANDLING, day, op);
    if (scribe_->Chance(80)) return Plan(task.matter, Step::kSupervise, day + 25, task.device, task.unit);
    Plan(task.matter, Step::kReply, day + 5 + scribe_->Below(30), task.device, task.unit);
  }

  void Answer(const Task& task, Day day, const std::string& action_id, uint16_t index, NewOp* op) {
    const bool second = task.step == Step::kSecondReply;
    if (second) Assign(task, day, 2, action_id, static_cast<uint16_t>(index + 1), op);
    v1::Reply reply;
    reply.set_round(second ? 2 : 1);
    reply.set_date(DateOf(day));
    const int kind = scribe_->Below(100);
    reply.set_reply_class(kind < 62 ? v1::CLASS_A : kind < 82 ? v1::CLASS_B : kind < 95 ? v1::CLASS_C : v1::CLASS_D);
    scribe_->Category();
    reply.set_text(scribe_->ReplyText());
    reply.set_mode(scribe_->Chance(600) ? "面复" : "电话");
    reply.set_unit(task.unit);
    AddChild(reply, action_id, index, op);
    SetState(v1::REPLIED, day, op);
    Plan(task.matter, second ? Step::kSecondEvaluate : Step::kEvaluate, day + 3 + scribe_->Below(15), task.device,
         task.unit);
  }

  void Evaluate(const Task& task, Day day, const std::string& action_id, uint16_t index, NewOp* op) {
    const bool second = task.step == Step::kSecondEvaluate;
    const int rating = scribe_->Below(100);
    v1::Evaluation evaluation;
    evaluation.set_round(second ? 2 : 1);
    evaluation.set_result(rating < 70             ? v1::RATING_SATISFIED
                          : rating < 95 || second ? v1::RATING_BASICALLY
                                                  : v1::RATING_DISSATISFIED);
    evaluation.set_date(DateOf(day));
    evaluation.set_channel("电话");
    AddChild(evaluation, action_id, index, op);
    if (evaluation.result() == v1::RATING_DISSATISFIED) {
      SetState(v1::REWORK, day, op);
      return Plan(task.matter, Step::kSecondReply, day + 10 + scribe_->Below(15), task.device, task.unit);
    }
    if (scribe_->Chance(700)) {
      v1::Feedback feedback;
      feedback.set_date(DateOf(day));
      feedback.set_method("电话");
      feedback.set_result(evaluation.result());
      AddChild(feedback, action_id, static_cast<uint16_t>(index + 1), op);
    }
    SetState(v1::CLOSED, day, op);
  }

  HubNode* hub_;
  Scribe* scribe_;
  ManualClock* clock_;
  Day last_;
  DecadeCounts* counts_;
  std::vector<std::string> units_;
  std::map<Day, std::vector<Task>> plan_;
  std::map<Device*, RecordId> newest_;
  std::map<std::string, int> assigned_;  // by year
};

// The devices of all points, enrolled.
class Points {
 public:
  Points(HubNode* hub, Scribe* scribe, int people) {
    for (const std::string& station : PointIds(kPoints)) {
      KeyPair key = GenerateKeyPair(scribe->random());
      v1::EnrolRequest request;
      request.set_station_id(station);
      request.set_public_key(key.public_key);
      request.set_signature_algorithm(key.algorithm);
      v1::EnrolResponse response = OrDie(hub->registry()->Enrol(request));
      devices_.push_back(std::make_unique<Device>(station, NumberBlock(station, response.block()), std::move(key),
                                                  std::max(5, people / kPoints), scribe));
    }
  }
  Device* at(int i) { return devices_[static_cast<size_t>(i)].get(); }
  void Restart() {
    for (auto& device : devices_) device->Restart();
  }

 private:
  std::vector<std::unique_ptr<Device>> devices_;
};

void TakeAll(HubNode* hub, std::span<const sync::Range> ranges) {
  for (const sync::Ack& ack : OrDie(hub->store()->ApplyRanges(ranges)))
    if (ack.gap || !ack.verdicts.empty())
      Die(Cat("a range was refused: ", ack.verdicts.empty() ? "gap" : ack.verdicts[0].reason));
}

}  // namespace

DecadeCounts FillDecade(const Setting& setting, const std::string& dir, int matters) {
  const double begin = MonotonicMs();
  DecadeCounts counts;
  const Day first = *ParseDay(kDecadeFirst), last = *ParseDay(kDecadeLast);
  ManualClock clock(WallOfDay(first, 0));
  SeededRandom hub_random(setting.seed + 1);
  Scribe scribe(setting.seed);
  HubNode::Options options;
  MakeHub(setting, dir, kPoints).reset();
  options.dir = dir;
  options.sync_address = "";
  options.clock = &clock;
  options.random = &hub_random;
  options.kv = std::make_unique<LazyKv>(OrDie(OpenDatabase(dir, RocksOptions{true})));
  std::unique_ptr<HubNode> hub = OrDie(HubNode::Open(std::move(options)));
  Points points(hub.get(), &scribe, matters / 4);
  std::vector<DeputyName> deputies = ReadDeputies(setting.roster());
  Casework casework(hub.get(), &scribe, &clock, last, &counts);
  std::string year;
  int next = 0;  // the point whose turn it is
  for (Day day = first; day <= last; ++day) {
    if (DateOf(day).substr(0, 4) != year) {
      year = DateOf(day).substr(0, 4);
      points.Restart();
    }
    clock.Set(WallOfDay(day, 18 * 60));
    const double goal = static_cast<double>(matters) * (day - first + 1) / (last - first + 1);
    std::vector<sync::Range> ranges;
    std::vector<Handed> handed;
    while (counts.matters + 0.5 < goal) {
      Device* device = points.at(next++ % kPoints);
      if (next % 3 == 0 && next / 3 % kPoints % 4 == 0) ++next;  // some points are busier than others
      ranges.push_back(
          Receive(device, &scribe, deputies, day, matters - static_cast<int>(counts.matters), &counts, &handed));
    }
    if (!ranges.empty()) TakeAll(hub.get(), ranges);
    casework.TakeUp(handed, day);
    casework.WorkOn(day);
    if (DateOf(day).substr(5) == "12-31")
      fprintf(stderr, "%s: %.0f matters, %.0f township ops, %.0f s\n", year.c_str(), counts.matters,
              counts.township_ops, (MonotonicMs() - begin) / 1e3);
  }
  OrDie(hub->store()->PutMeta("decade", Cat(matters)));
  hub.reset();
  counts.seconds = (MonotonicMs() - begin) / 1e3;
  return counts;
}

class LaterVisits::Impl {
 public:
  Impl(const Setting& setting, HubNode* hub)
      : scribe_(setting.seed + 2), points_(hub, &scribe_, 20'000), deputies_(ReadDeputies(setting.roster())) {
    points_.Restart();
  }

  std::vector<std::vector<sync::Range>> Make(int matters) {
    constexpr size_t kBatchBytes = 1 << 20;  // as the hub's queue makes them
    std::vector<std::vector<sync::Range>> batches(1);
    size_t bytes = 0;
    DecadeCounts counts;
    std::vector<Handed> handed;
    for (int next = 0; counts.matters < matters; ++next) {
      Day day = *ParseDay(kDecadeLast) + 1 + next / kPoints;
      sync::Range range = Receive(points_.at(next % kPoints), &scribe_, deputies_, day,
                                  matters - static_cast<int>(counts.matters), &counts, &handed);
      for (const std::string& op : range.ops) bytes += op.size();
      batches.back().push_back(std::move(range));
      if (bytes < kBatchBytes) continue;
      batches.emplace_back();
      bytes = 0;
    }
    return batches;
  }

 private:
  Scribe scribe_;
  Points points_;
  std::vector<DeputyName> deputies_;
};

LaterVisits::LaterVisits(const Setting& setting, HubNode* hub) : impl_(std::make_unique<Impl>(setting, hub)) {}
LaterVisits::~LaterVisits() = default;
std::vector<std::vector<sync::Range>> LaterVisits::Make(int matters) { return impl_->Make(matters); }

}  // namespace liaison::bench

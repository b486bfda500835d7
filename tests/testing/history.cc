#include "tests/testing/history.h"

#include <algorithm>
#include <optional>

#include "common/base/text.h"
#include "tests/testing/merge_check.h"

namespace liaison {
namespace {

constexpr uint32_t kTitle = 1 << 3 | 2, kText = 2 << 3 | 2, kDeputies = 3 << 3 | 2, kName = 4 << 3 | 2;

class Generator {
 public:
  Generator(const HistoryOptions& options, Choices* choices) : options_(options), choices_(*choices) {
    history_.aggregate = RecordId::Random(20, "0123456789", 0);
    children_ = {RecordId{}, RecordId::Random(21, "0123456789", 1), RecordId::Random(21, "0123456789", 2)};
    history_.sites = 2 + choices_.Below(4);
    sites_.resize(history_.sites);
    for (size_t i = 0; i < sites_.size(); ++i) Restart(i);
  }

  History Run() {
    size_t steps = 1 + choices_.Below(static_cast<uint32_t>(options_.steps));
    for (size_t i = 0; i < steps; ++i) Step();
    if (options_.calm) {
      std::vector<size_t> all(history_.ops.size());
      for (size_t i = 0; i < all.size(); ++i) all[i] = i;
      for (size_t site = 0; site < sites_.size(); ++site) Send(all, site, true);
    }
    return std::move(history_);
  }

 private:
  struct Process {
    Actor actor;
    uint64_t n = 0, seq = 0;
    Tag tag = 0;
  };
  struct Screen {
    VersionVector vector;
    size_t ops;  // how many the site had when it was loaded
  };
  struct Site {
    Process process;
    std::vector<size_t> ops;  // in the order in which they came
    std::vector<Screen> screens;

    bool Has(size_t op) const { return std::find(ops.begin(), ops.end(), op) != ops.end(); }
  };

  size_t AnySite() { return choices_.Below(static_cast<uint32_t>(sites_.size())); }

  void Step() {
    size_t site = AnySite(), other = AnySite();
    uint32_t roll = choices_.Below(100);
    if (roll < 46) {
      WriteAt(site);
    } else if (roll < 82) {
      if (site != other) Sync(site, other);
    } else if (roll < 88) {
      LoadScreen(site);
    } else if (roll < 92) {
      Restart(site);
    } else if (roll < 95) {
      GoBack(site);
    } else if (site != other) {
      CopyDisk(site, other, roll < 97);
    }
  }

  void Restart(size_t site) {
    sites_[site].process = {Actor{site == 0 ? "HUB" : Cat("S", site), choices_.UniqueBits()}, 0, 0, 0};
  }

  void ReplaceDisk(size_t site, std::vector<size_t> ops) {
    sites_[site].ops = ops;
    std::erase_if(sites_[site].screens, [&](const Screen& screen) { return screen.ops > ops.size(); });
    history_.events.push_back({site, 0, true, std::move(ops)});
  }

  void GoBack(size_t site) {
    std::vector<size_t> ops = sites_[site].ops;
    ops.resize(ops.size() - choices_.Below(static_cast<uint32_t>(ops.size() + 1)));
    ReplaceDisk(site, std::move(ops));
    Restart(site);
  }

  // With the running process (a machine resumed twice from one snapshot), or the disk alone.
  void CopyDisk(size_t from, size_t to, bool with_process) {
    sites_[to].screens = sites_[from].screens;
    ReplaceDisk(to, sites_[from].ops);
    if (with_process) {
      sites_[to].process = sites_[from].process;
    } else {
      Restart(to);
      if (choices_.OneIn(2)) Restart(from);
    }
  }

  VersionVector Visible(const Site& site) const {
    std::vector<const naive::Op*> ops;
    for (size_t op : site.ops) ops.push_back(&history_.plain[op]);
    std::set<naive::Name> names = naive::Evaluate(ops).visible;
    VersionVector vector;
    for (size_t op : site.ops)
      if (names.contains(history_.plain[op].name)) vector.Insert(history_.ops[op].dot());
    return vector;
  }

  void LoadScreen(size_t site) { sites_[site].screens.push_back({Visible(sites_[site]), sites_[site].ops.size()}); }

  VersionVector Context(size_t site) {
    std::vector<Screen>& screens = sites_[site].screens;
    if (screens.empty() || !choices_.OneIn(3)) LoadScreen(site);
    bool stale = choices_.OneIn(3);
    VersionVector vector =
        stale ? screens[choices_.Below(static_cast<uint32_t>(screens.size()))].vector : screens.back().vector;
    if (!history_.ops.empty() && choices_.OneIn(40))
      vector.Insert(history_.ops[choices_.Below(static_cast<uint32_t>(history_.ops.size()))].dot());
    return vector;
  }

  void WriteAt(size_t site) {
    Process& process = sites_[site].process;
    Op op;
    op.aggregate = history_.aggregate;
    op.actor = process.actor;
    op.n = ++process.n;
    op.seq = process.seq += 1 + choices_.Below(3);  // ops on other aggregates lie between
    op.previous = process.tag;
    op.context = Context(site);
    op.wall_ms = static_cast<int64_t>(choices_.UniqueBits() >> 20);
    op.logical_time = choices_.UniqueBits();
    op.clock_quality = static_cast<uint8_t>(op.logical_time % 3);
    ByteWriter hash(&op.hash);
    for (int i = 0; i < 4; ++i) hash.Fixed64(choices_.UniqueBits());
    if (options_.unknown_kinds && choices_.OneIn(20)) op.kind = kNewestKnownKind + 1;
    if (options_.verdicts && site <= 1 && !history_.ops.empty() && choices_.OneIn(2)) Judge(&op);
    if (choices_.OneIn(10)) {
      op.writes.push_back(
          {children_[choices_.Below(static_cast<uint32_t>(children_.size()))], kVoidTag, "", "1mistake"});
    } else if (!choices_.OneIn(20)) {  // else nothing but attached files
      for (uint32_t i = 1 + choices_.Below(3); i > 0; --i) AddWrite(&op);
    }
    process.tag = op.tag();

    size_t index = history_.ops.size();
    history_.plain.push_back(ToNaive(op));
    history_.ops.push_back(std::move(op));
    withheld_.push_back(choices_.OneIn(8));
    Deliver(site, index);
  }

  void Judge(Op* op) {
    Write verdict;
    verdict.tag = kVerdictTag;
    // Often what was judged before: a verdict that another covers decides most.
    if (judged_ >= history_.ops.size() || choices_.OneIn(4))
      judged_ = choices_.Below(static_cast<uint32_t>(history_.ops.size()));
    const Op& judged = history_.ops[judged_];
    ByteWriter element(&verdict.element);
    EncodeOpName(judged.name(), &element);
    if (!choices_.OneIn(2)) verdict.value = "1no";
    op->writes.push_back(verdict);
  }

  void AddWrite(Op* op) {
    Write write;
    write.child = children_[choices_.Below(static_cast<uint32_t>(children_.size()))];
    write.value = choices_.OneIn(8) ? "" : Cat("v", choices_.Below(6));
    bool sealed = false;
    switch (choices_.Below(9)) {
      case 0:
      case 1:
      case 2:
        write.tag = kTitle;
        break;
      case 3:
      case 4:
        write.tag = kText;
        break;
      case 5:
        write.tag = kName;
        sealed = true;
        break;
      case 6:
        write.tag = kVoidTag;
        write.value = choices_.OneIn(4) ? "" : "1mistake";
        break;
      default:
        write.tag = kDeputies;
        write.element = Cat("d", choices_.Below(3));
        write.value = choices_.OneIn(3) ? "" : write.element;
    }
    std::vector<Write>& writes = sealed ? op->sealed : op->writes;
    bool twice = std::any_of(writes.begin(), writes.end(), [&](const Write& w) {
      return w.child == write.child && w.tag == write.tag && w.element == write.element;
    });
    if (!twice) writes.push_back(write);  // the codec refuses an op that writes a field twice
  }

  bool PredecessorIsAt(const Site& site, size_t op) const {
    const Op& later = history_.ops[op];
    return later.n == 1 || std::any_of(site.ops.begin(), site.ops.end(), [&](size_t i) {
             return history_.ops[i].actor == later.actor && history_.ops[i].n + 1 == later.n &&
                    history_.ops[i].tag() == later.previous;
           });
  }

  void Deliver(size_t site, size_t op) {
    if (!sites_[site].Has(op)) sites_[site].ops.push_back(op);
    history_.events.push_back({site, op, false, {}});
  }

  void Sync(size_t from, size_t to) {
    std::vector<size_t> offered;
    for (size_t op : sites_[from].ops)
      if (!withheld_[op] || choices_.OneIn(6)) offered.push_back(op);
    if (choices_.OneIn(3)) offered.resize(choices_.Below(static_cast<uint32_t>(offered.size() + 1)));
    Send(offered, to, choices_.OneIn(2));
  }

  // In any order, or each after its predecessor by the same actor.
  void Send(std::vector<size_t> offered, size_t to, bool shuffled) {
    if (shuffled || options_.any_order) choices_.Shuffle(&offered);
    for (bool sent = true; sent;) {
      sent = false;
      for (size_t& op : offered) {
        if (op == kSent || sites_[to].Has(op)) continue;
        if (!options_.any_order && !PredecessorIsAt(sites_[to], op)) continue;
        Deliver(to, op);
        if (choices_.OneIn(6))
          Deliver(to, sites_[to].ops[choices_.Below(static_cast<uint32_t>(sites_[to].ops.size()))]);
        op = kSent;
        sent = true;
      }
    }
  }

  static constexpr size_t kSent = static_cast<size_t>(-1);

  HistoryOptions options_;
  Choices& choices_;
  History history_;
  std::vector<RecordId> children_;
  std::vector<Site> sites_;
  std::vector<bool> withheld_;
  size_t judged_ = static_cast<size_t>(-1);  // none yet
};

std::string WritesText(const Op& op) {
  std::string text;
  for (const auto* writes : {&op.writes, &op.sealed}) {
    for (const Write& write : *writes) {
      text += write.child.IsRoot() ? " root" : Cat(" child", write.child.name.back() + 0);
      if (write.tag == kVoidTag) {
        text += ".void";
      } else if (write.tag == kVerdictTag) {
        ByteReader in(write.element);
        text += Cat(".verdict[", absl::Hex(TagOf(DecodeOpName(&in).hash)), "]");
      } else {
        text += Cat(".", write.field(), writes == &op.sealed ? "(sealed)" : "");
        if (!write.element.empty()) text += Cat("[", write.element, "]");
      }
      text += Cat("=\"", write.value, "\"");
    }
  }
  return text;
}

}  // namespace

History MakeHistory(const HistoryOptions& options, Choices* choices) { return Generator(options, choices).Run(); }

std::string History::ToText() const {
  std::map<Dot, size_t> numbers;
  for (size_t i = 0; i < ops.size(); ++i) numbers[ops[i].dot()] = i;
  std::string text;
  for (size_t i = 0; i < ops.size(); ++i) {
    const Op& op = ops[i];
    text += Cat("#", i, " ", liaison::ToText(op.dot()));
    if (op.n > 1) text += Cat(" after #", numbers[{op.actor, op.n - 1, op.previous}]);
    if (op.kind > kNewestKnownKind) text += " UNKNOWN KIND";
    text += " saw {";
    for (const Dot& dot : op.context.dots()) text += Cat(" #", numbers[dot]);
    text += Cat(" } writes", WritesText(op), "\n");
  }
  std::set<size_t> written;
  for (const Event& event : events) {
    if (event.disk_replaced) {
      text += Cat("site ", event.site, ": disk becomes {");
      for (size_t op : event.disk) text += Cat(" #", op);
      text += " }\n";
    } else {
      text += Cat("site ", event.site, written.insert(event.op).second ? " writes #" : " gets #", event.op, "\n");
    }
  }
  return text;
}

std::string FirstFailure(HistoryOptions options, uint64_t first_seed, size_t count,
                         const std::function<std::string(const History&)>& check) {
  for (uint64_t seed = first_seed; seed < first_seed + count; ++seed) {
    Choices choices(seed);
    if (check(MakeHistory(options, &choices)).empty()) continue;
    for (size_t steps = 1; steps <= options.steps; ++steps) {  // in all, since more steps may hide what fewer show
      HistoryOptions shorter = options;
      shorter.steps = steps;
      Choices again(seed);
      History history = MakeHistory(shorter, &again);
      std::string wrong = check(history);
      if (!wrong.empty()) return Cat("seed ", seed, ", ", steps, " steps\n", wrong, history.ToText());
    }
  }
  return "";
}

void Replica::Deliver(const Op& op) {
  ops_.emplace(op.dot(), &op);
  std::vector<const Op*> queue = {&op};
  while (!queue.empty()) {
    const Op* next = queue.back();
    queue.pop_back();
    switch (state_.Apply(*next)) {
      case Aggregate::Outcome::kKnown:
        break;
      case Aggregate::Outcome::kHeld:
        ++held_seen_;
        break;
      case Aggregate::Outcome::kRefold: {
        ++refolds_;
        std::vector<const Op*> all = ops();
        state_ = Aggregate::Fold(id_, all);
        break;
      }
      case Aggregate::Outcome::kApplied:
        for (const Aggregate::HeldOp& held : state_.Ready()) queue.push_back(ops_.at(held.dot));
        break;
    }
  }
}

void Replica::Replace(const std::vector<const Op*>& ops) {
  ops_.clear();
  for (const Op* op : ops) ops_.emplace(op->dot(), op);
  state_ = Aggregate::Fold(id_, ops);
}

bool Replica::ThroughBytes() {
  absl::StatusOr<Aggregate> back = Aggregate::Decode(id_, state_.Encode());
  if (!back.ok() || *back != state_ || back->Encode() != state_.Encode()) return false;
  state_ = *std::move(back);
  return true;
}

std::vector<const Op*> Replica::ops() const {
  std::vector<const Op*> all;
  for (const auto& [dot, op] : ops_) all.push_back(op);
  return all;
}

}  // namespace liaison

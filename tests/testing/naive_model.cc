#include "tests/testing/naive_model.h"

#include <algorithm>

namespace liaison::naive {
namespace {

bool Follows(const Op& later, const Op& earlier) {
  return later.name.actor == earlier.name.actor && later.name.n == earlier.name.n + 1 &&
         later.previous == earlier.name.tag;
}

bool CarriesVerdict(const Op& op) {
  return std::any_of(op.writes.begin(), op.writes.end(), [](const Write& w) { return w.kind == WriteKind::kVerdict; });
}

class Evaluation {
 public:
  explicit Evaluation(const std::vector<const Op*>& given) {
    std::set<Name> seen;
    std::vector<const Op*> ops;
    for (const Op* op : given)
      if (seen.insert(op->name).second) ops.push_back(op);
    FindApplied(ops);
    FindCoverage();
    for (size_t i = 0; i < applied_.size(); ++i) effective_.push_back(applied_[i]->known && !RefusedBySomebody(i));
  }

  Answers Answer() const {
    Answers answers = answers_;
    for (size_t i = 0; i < applied_.size(); ++i) {
      const Op& op = *applied_[i];
      answers.applied.insert(op.name);
      if (!op.known) {
        answers.unknown.insert(op.name);
      } else if (!effective_[i]) {
        answers.refused.insert(op.name);
      } else {
        for (const Write& write : op.writes) {
          if (Visible(i, write)) answers.siblings[{write.child, write.kind, write.field}][op.name] = write.value;
          answers.life[write.child] = LifeOf(write.child);
        }
      }
      if (!FollowedByOne(i, [](size_t) { return true; })) answers.heads.insert(op.name);
      if (effective_[i] && Open(i) && !FollowedByWord(i)) answers.visible.insert(op.name);
    }
    return answers;
  }

 private:
  // Takes what can be applied, again and again, until nothing more can be.
  void FindApplied(std::vector<const Op*> waiting) {
    for (bool found = true; found;) {
      found = false;
      for (const Op*& op : waiting) {
        if (op == nullptr) continue;
        bool first = op->name.n == 1 && op->previous == 0;
        if (!first && std::none_of(applied_.begin(), applied_.end(), [&](const Op* a) { return Follows(*op, *a); }))
          continue;
        applied_.push_back(op);
        op = nullptr;
        found = true;
      }
    }
    for (const Op* op : waiting)
      if (op != nullptr) answers_.held.insert(op->name);
  }

  // covers_[i][j]: the context of op i covers op j.
  void FindCoverage() {
    size_t count = applied_.size();
    std::vector<std::vector<bool>> behind(count, std::vector<bool>(count));  // j is i or a predecessor of i
    for (size_t i = 0; i < count; ++i) {  // a predecessor stands before what follows it
      behind[i][i] = true;
      for (size_t j = 0; j < i; ++j)
        if (Follows(*applied_[i], *applied_[j])) behind[i] = behind[j], behind[i][i] = true;
    }
    covers_.assign(count, std::vector<bool>(count));
    for (size_t i = 0; i < count; ++i)
      for (const Name& entry : applied_[i]->context)
        for (size_t named = 0; named < count; ++named)
          for (size_t j = 0; applied_[named]->name == entry && j < count; ++j)
            if (behind[named][j]) covers_[i][j] = true;
  }

  bool Visible(size_t i, const Write& write) const {
    for (size_t other = 0; other < applied_.size(); ++other) {
      if (!covers_[other][i] || !effective_[other]) continue;
      for (const Write& w : applied_[other]->writes)
        if (w.kind == write.kind && w.child == write.child && w.field == write.field) return false;
    }
    return true;
  }

  // Only ops that carry verdicts decide here, and those are never refused: one level.
  bool RefusedBySomebody(size_t target) const { return !CarriesVerdict(*applied_[target]) && Condemned(target); }

  bool Condemned(size_t target) const {
    for (size_t i = 0; i < applied_.size(); ++i) {
      if (!applied_[i]->known) continue;
      for (const Write& verdict : applied_[i]->writes) {
        if (verdict.kind != WriteKind::kVerdict || verdict.field != applied_[target]->id || verdict.value.empty())
          continue;
        bool visible = true;
        for (size_t other = 0; other < applied_.size(); ++other) {
          if (!applied_[other]->known || !covers_[other][i]) continue;
          for (const Write& w : applied_[other]->writes)
            if (w.kind == WriteKind::kVerdict && w.child == verdict.child && w.field == verdict.field) visible = false;
        }
        if (visible) return true;
      }
    }
    return false;
  }

  Life LifeOf(const std::string& child) const {
    Life life = Life::kLive;
    for (size_t i = 0; i < applied_.size(); ++i) {
      if (!effective_[i]) continue;
      for (const Write& write : applied_[i]->writes) {
        if (write.kind != WriteKind::kVoid || write.child != child || write.value.empty()) continue;
        if (!Visible(i, write)) continue;
        if (AllSeenBy(i, child)) return Life::kVoid;
        life = Life::kFlagged;
      }
    }
    return life;
  }

  // Whether every write of the record (of the root: of the root and all children) is of op i or inside its context.
  bool AllSeenBy(size_t i, const std::string& child) const {
    for (size_t other = 0; other < applied_.size(); ++other) {
      if (!effective_[other] || other == i || covers_[i][other]) continue;
      for (const Write& w : applied_[other]->writes)
        if (w.kind == WriteKind::kField && (child.empty() || w.child == child)) return false;
    }
    return true;
  }

  // An author may be handed what stands behind no op of unknown kind, unless a verdict hides that one as well.
  bool Open(size_t i) const {
    if (!effective_[i] && !Condemned(i)) return false;
    if (applied_[i]->name.n == 1) return true;
    for (size_t j = 0; j < applied_.size(); ++j)
      if (Follows(*applied_[i], *applied_[j])) return Open(j);
    return false;
  }

  // Whether an op that takes effect comes behind it on its branch, over hidden ones.
  bool FollowedByWord(size_t i) const {
    return FollowedByOne(i, [this](size_t later) {
      return Open(later) && (effective_[later] || FollowedByWord(later));
    });
  }

  template <typename F>
  bool FollowedByOne(size_t i, F that) const {
    for (size_t later = 0; later < applied_.size(); ++later)
      if (Follows(*applied_[later], *applied_[i]) && that(later)) return true;
    return false;
  }

  std::vector<const Op*> applied_;  // each after its predecessor
  std::vector<bool> effective_;     // neither refused nor of unknown kind
  std::vector<std::vector<bool>> covers_;
  Answers answers_;  // held only
};

}  // namespace

Answers Evaluate(const std::vector<const Op*>& ops) { return Evaluation(ops).Answer(); }

}  // namespace liaison::naive

// What must hold after every step, and what must hold when calm has come. Nothing here asks the sessions: everything is
// compared on the disks.
#include <algorithm>

#include "tests/model/stick.h"
#include "tests/model/world.h"

namespace liaison::model {

// ---------------------------------------------------------------- always

std::string World::CheckAlways() const {
  if (!wrong_.empty()) return wrong_;
  for (const Store& hub : hubs_)
    if (std::string wrong = CheckDisk(hub); !wrong.empty()) return "hub: " + wrong;
  for (size_t i = 0; i < boxes_.size(); ++i) {
    if (std::string wrong = CheckDisk(boxes_[i]); !wrong.empty()) return "box " + std::to_string(i) + ": " + wrong;
    for (const OwnLog& log : boxes_[i].disk.own) {
      if (log.archived == 0) continue;
      if (!archives_.at(log.archive).heads.contains(log.HeadAt(log.archived)))
        return "an archived receipt for " + Show(log.ops[log.archived - 1]) + ", which is not in archive " +
               std::to_string(log.archive);
    }
  }
  return "";
}

std::string World::CheckDisk(const Store& store) const {
  for (OpId id : store.disk.ops)
    if (Names().op(id).forged) return "holds a forged op";
  for (OpId id : store.disk.tombstones)
    if (store.disk.ops.contains(id) && !store.disk.erased.contains(id)) return "erased, but with bytes: " + Show(id);
  for (const auto& [interest, feed] : store.disk.feeds)
    for (const Item& item : feed.items)
      if (item.kind == ItemKind::kOp && !store.disk.ops.contains(item.op))
        return "cursor of " + ShowInterest(interest) + " passed " + Show(item.op);
  if (store.disk.abandoned.size() > store.AbandonedNames().size()) return "abandoned batches that name nothing new";
  return "";
}

// ---------------------------------------------------------------- calm

std::string World::Calm() {
  links_.clear();
  std::set<OpId> expected, whole;
  auto collect = [&](const Store& store) {
    for (OpId id : store.disk.ops) {
      expected.insert(id);
      if (!store.disk.erased.contains(id)) whole.insert(id);
    }
  };
  for (const Store& box : boxes_) collect(box);
  for (const Store& hub : hubs_) collect(hub);
  if (hubs_.size() > 1) {
    hubs_[0].Import(hubs_[1].disk, &draws_);
    hubs_.pop_back();
  }
  std::string difference;
  for (calm_rounds_ = 1; calm_rounds_ <= kCalmRounds; ++calm_rounds_) {
    for (size_t i = 0; i < boxes_.size(); ++i) {
      if (hubs_[0].Revoked(boxes_[i].device)) {
        TakeUp(MakeUp(boxes_[i], true), &hubs_[0], &draws_);
        continue;
      }
      int before = messages_;
      Open(static_cast<int>(i), 0);
      RunLink(0);
      links_.clear();
      if (messages_ - before > 2'000) return "a session of box " + std::to_string(i) + " does not end";
    }
    if (std::string wrong = CheckAlways(); !wrong.empty()) return wrong;
    difference = Difference(expected, whole);
    if (difference.empty()) return "";
  }
  return difference;
}

std::string World::Difference(const std::set<OpId>& expected, const std::set<OpId>& whole) const {
  const Store& hub = hubs_[0];
  for (OpId id : expected) {
    if (!hub.disk.ops.contains(id)) return "lost: " + Show(id);
    if (whole.contains(id) && hub.disk.erased.contains(id) && !hub.disk.tombstones.contains(id))
      return "bytes lost: " + Show(id);
  }
  for (size_t i = 0; i < boxes_.size(); ++i) {
    if (hub.Revoked(boxes_[i].device)) continue;
    if (std::string wrong = DifferenceAt(boxes_[i], hub); !wrong.empty())
      return "box " + std::to_string(i) + ": " + wrong;
  }
  return DifferenceOfVerdicts(hub);
}

std::string World::DifferenceAt(const Store& box, const Store& hub) const {
  for (const OwnLog& log : box.disk.own) {
    if (log.Size() == 0) continue;
    if (!hub.disk.heads.contains(log.heads.back())) return "the hub lacks the end of " + ShowActor(log.actor);
    if (log.acked != log.Size()) return "no receipt for the end of " + ShowActor(log.actor);
    if (log.archived > 0 && !hub.disk.archives.contains(log.archive))
      return "an archived receipt of an archive that the hub does not contain";
  }
  for (OpId id : box.disk.ops) {
    const Op& op = Names().op(id);
    if (StationOf(op.actor) == box.station() && box.Refused(id) != hub.Refused(id))
      return "the author does not know the verdict on " + Show(id);
    if (op.kind == OpKind::kMalformed && StationOf(op.actor) == box.station() && !box.Refused(id) &&
        !box.disk.told.contains(id))
      return "the author does not know that an op was malformed: " + Show(id);
  }
  for (OpId id : hub.disk.tombstones)
    if (box.disk.ops.contains(id) && !box.disk.erased.contains(id)) return "erased elsewhere, but here: " + Show(id);
  std::set<Interest> subscriptions = hub.Subscriptions(box.station());
  std::set<Record> granted;
  for (const auto& [interest, record] : hub.disk.members)
    if (subscriptions.contains(interest)) granted.insert(record);
  if (box.Shown(subscriptions) != granted) return "shows other records than are granted";
  for (Record record : granted) {
    std::vector<OpId> ours = box.OpsOf(record), theirs = hub.OpsOf(record);
    std::sort(ours.begin(), ours.end());
    std::sort(theirs.begin(), theirs.end());
    if (ours != theirs) return "record " + std::to_string(record) + " is not the hub's";
    for (OpId id : ours) {
      if (box.Refused(id) != hub.Refused(id)) return "refused here or there only: " + Show(id);
      if (box.disk.erased.contains(id) != hub.disk.erased.contains(id)) return "erased here or there only: " + Show(id);
    }
    if (IsData(record) && box.InterestsOf(record) != hub.InterestsOf(record)) return "another source than the hub's";
  }
  for (Interest interest : subscriptions) {
    auto ours = box.disk.feeds.find(interest), theirs = hub.disk.feeds.find(interest);
    const std::vector<Item> none;
    if ((ours == box.disk.feeds.end() ? none : ours->second.items) !=
        (theirs == hub.disk.feeds.end() ? none : theirs->second.items))
      return "feed " + ShowInterest(interest) + " is not the hub's";
  }
  return "";
}

// What was accepted is folded; what lies beyond a revocation is not, unless a person has accepted it.
std::string World::DifferenceOfVerdicts(const Store& hub) const {
  for (OpId id : hub.disk.ops) {
    const Op& op = Names().op(id);
    bool revoked = false, beyond = false;
    for (OpId other : hub.disk.ops) {
      const Op& revoke = Names().op(other);
      if (revoke.kind != OpKind::kRevoke || revoke.value != DeviceOf(op.actor)) continue;
      revoked = true;
      beyond |= std::none_of(revoke.accepted.begin(), revoke.accepted.end(),
                             [&](const Tip& tip) { return tip.actor == op.actor && op.seq <= tip.seq; });
    }
    bool hidden = hub.disk.hidden.contains(id);
    if (hidden && !revoked) return "hidden without a revocation: " + Show(id);
    if (beyond && !hidden && !hub.Refused(id) && !hub.Accepted(id))
      return "beyond a revocation, but folded: " + Show(id);
    if (!beyond && hidden) {
      bool other_branch = hub.Beyond(id) && rules_->revocation_names_heads;
      if (!other_branch) return "accepted before the revocation, but hidden: " + Show(id);
    }
  }
  return "";
}

}  // namespace liaison::model

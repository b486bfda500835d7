// What happens to disks, processes and sticks, and what an attacker tries.
#include <algorithm>
#include <iterator>

#include "tests/model/stick.h"
#include "tests/model/world.h"

namespace liaison::model {
namespace {

constexpr size_t kMaxBoxes = 5, kMaxHubs = 2, kMaxCopies = 6, kMaxSticks = 8;

}  // namespace

bool World::Accident(const Step& step) {
  switch (step.act) {
    case Act::kRestartBox:
    case Act::kCopyBox:
    case Act::kRestoreBox:
    case Act::kCloneBox:
    case Act::kResumeBox:
      return AccidentOfABox(step);
    case Act::kForgeRange:
    case Act::kForgeBatch:
    case Act::kForgeOffer:
      return Forge(step);
    default:
      return AccidentOfAHub(step);
  }
}

bool World::AccidentOfABox(const Step& step) {
  const size_t box = step.a % boxes_.size();
  auto add_box = [&](Actor live) {
    if (boxes_.size() >= kMaxBoxes) return false;
    boxes_.push_back(boxes_[box]);
    boxes_.back().live = live;
    return true;
  };
  switch (step.act) {
    case Act::kRestartBox:
      BoxDown(static_cast<int>(box));
      return true;
    case Act::kCopyBox:
      if (box_copies_.size() >= kMaxCopies) return false;
      box_copies_.emplace_back(static_cast<int>(box), boxes_[box]);
      return true;
    case Act::kRestoreBox: {
      if (box_copies_.empty()) return false;
      const auto& [of, copy] = box_copies_[step.b % box_copies_.size()];
      boxes_[of].disk = copy.disk;
      BoxDown(of);
      told_ = "box " + std::to_string(of);
      return true;
    }
    case Act::kCloneBox:
      if (!add_box(kNone)) return false;
      boxes_.back().Restart();
      return true;
    case Act::kResumeBox:  // a second process from one snapshot of the machine: it goes on as the same actor
      return add_box(boxes_[box].live);
    default:
      return false;
  }
}

bool World::AccidentOfAHub(const Step& step) {
  const size_t hub = step.a % hubs_.size();
  switch (step.act) {
    case Act::kRestartHub:
      HubDown(static_cast<int>(hub));
      return true;
    case Act::kCopyHub:
      if (hub_copies_.size() >= kMaxCopies) return false;
      hub_copies_.push_back(hubs_[hub]);
      return true;
    case Act::kArchive: {
      Disk& disk = hubs_[hub].disk;
      int id = ++archive_count_;
      disk.archives.insert(id);  // first noted, so that the checkpoint contains its own name
      archives_[id] = disk;
      disk.pending_archive = id;
      disk.pending_heads = disk.heads;
      told_ = "archive " + std::to_string(id);
      return true;
    }
    case Act::kVerify: {
      Disk& disk = hubs_[hub].disk;
      if (disk.pending_archive == kNone) return false;
      disk.verified_archive = std::exchange(disk.pending_archive, kNone);
      disk.verified_heads = rules_->archive_at_checkpoint ? disk.pending_heads : disk.heads;
      return true;
    }
    case Act::kRestoreHub:
      return RestoreHub(step);
    case Act::kSecondHub: {  // an older copy is started beside this hub; it does not know that it is one
      if (hubs_.size() >= kMaxHubs || hub_copies_.empty()) return false;
      hubs_.push_back(hub_copies_[step.b % hub_copies_.size()]);
      hubs_.back().Restart();
      return true;
    }
    case Act::kResumeHub:
      if (hubs_.size() >= kMaxHubs) return false;
      hubs_.push_back(hubs_[hub]);
      return true;
    case Act::kImportHub:
      if (hubs_.size() < 2) return false;
      hubs_[0].Import(hubs_[1].disk, &draws_);
      std::erase_if(links_, [](const Link& link) { return link.hub == 1; });
      hubs_.pop_back();
      return true;
    default:
      return Sticks(step);
  }
}

// From a copy or an archive. By the command it gets a new epoch; a folder that was only copied back keeps its old one.
bool World::RestoreHub(const Step& step) {
  Store& hub = hubs_[step.a % hubs_.size()];
  size_t choices = hub_copies_.size() + archives_.size();
  if (choices == 0) return false;
  size_t choice = step.b % choices;
  if (choice < hub_copies_.size()) {
    hub.disk = hub_copies_[choice].disk;
  } else {
    auto archive = archives_.begin();
    std::advance(archive, choice - hub_copies_.size());
    hub.disk = archive->second;
    told_ = "archive " + std::to_string(archive->first);
  }
  HubDown(static_cast<int>(step.a % hubs_.size()));
  if (step.c % 4 == 0) return true;
  hub.disk.epoch = ++epochs_;
  hub.disk.lineage.insert(epochs_);
  return true;
}

bool World::Sticks(const Step& step) {
  std::vector<int> ups, downs;
  for (size_t i = 0; i < sticks_.size(); ++i) (sticks_[i].up ? ups : downs).push_back(static_cast<int>(i));
  Store& box = boxes_[step.a % boxes_.size()];
  Store& hub = hubs_[step.a % hubs_.size()];
  switch (step.act) {
    case Act::kStickUp:
      if (sticks_.size() >= kMaxSticks) return false;
      sticks_.push_back(MakeUp(box, step.b % 4 == 3));
      return true;
    case Act::kStickUpTaken:
      if (ups.empty()) return false;
      TakeUp(sticks_[ups[step.b % ups.size()]], &hub, &draws_);
      for (const Range& range : sticks_[ups[step.b % ups.size()]].ranges)
        for (OpId id : range.ops)
          if (!hub.disk.ops.contains(id)) wrong_ = "the hub has not kept " + Show(id) + " of a stick";
      told_ = "stick " + std::to_string(ups[step.b % ups.size()]);
      return true;
    case Act::kStickDown: {
      if (sticks_.size() >= kMaxSticks || ups.empty()) return false;
      const Stick& up = sticks_[ups[step.b % ups.size()]];
      if (hub.Revoked(up.device)) return false;
      sticks_.push_back(MakeDown(hub, up, limits_));
      return true;
    }
    case Act::kStickDownTaken: {
      if (downs.empty()) return false;
      const Stick& stick = sticks_[downs[step.b % downs.size()]];
      std::vector<Store*> readers;
      for (Store& other : boxes_)
        if (other.device == stick.device) readers.push_back(&other);
      if (readers.empty()) return false;
      TakeDown(*rules_, stick, readers[step.a % readers.size()]);
      told_ = "stick " + std::to_string(downs[step.b % downs.size()]);
      return true;
    }
    case Act::kRelay:
      if (ups.empty()) return false;
      box.disk.carried.push_back(ups[step.b % ups.size()]);
      return true;
    default:
      return false;
  }
}

// Somebody with the key of box a's device, but of nobody else's.
bool World::Forge(const Step& step) {
  const Store box = boxes_[step.a % boxes_.size()];
  Store& victim = boxes_[step.b % boxes_.size()];
  Op forged;
  forged.forged = true;
  forged.nonce = ++draws_.nonces;
  forged.kind = OpKind::kRoot;
  forged.value = victim.station();
  forged.record = 2 * victim.station();
  if (step.act == Act::kForgeRange) {
    if (victim.disk.own.empty() || victim.device == box.device) return false;
    int own = static_cast<int>(step.c % victim.disk.own.size());
    Range range = victim.ReadRange(own, 1, victim.disk.own[own].Size());
    if (step.c % 2 == 0) {  // an op replaced in what the victim has signed
      forged.actor = range.actor;
      forged.seq = range.last();
      if (forged.seq == 1) forged.parent = Names().op(range.ops[0]).parent;
      range.ops.back() = Names().Add(forged);
    } else {  // an op behind it, signed with another key
      forged.actor = range.actor;
      forged.seq = range.last() + 1;
      range.ops.push_back(Names().Add(forged));
      range.after = Names().Chain(range.after, range.ops.back());
      range.signer = box.device;
    }
    range.bytes.clear();
    for (OpId id : range.ops) range.bytes[id] = true;
    for (Store& hub : hubs_) hub.TakeRange(range, true, &draws_);
    return true;
  }
  // A batch that the hub has not signed, to a station or offered to the hub.
  forged.actor = draws_.actors++ * kDevices + kHubDevice;
  forged.seq = 1;
  OpId id = Names().Add(forged);
  Batch batch;
  batch.interest = PointOf(victim.station());
  auto feed = victim.disk.feeds.find(batch.interest);
  batch.first = feed == victim.disk.feeds.end() ? 0 : feed->second.Size();
  batch.before = batch.first == 0 ? Names().Start(batch.interest) : feed->second.prefixes.back();
  batch.items = {{ItemKind::kEnter, forged.record, kNone, 1}, {ItemKind::kOp, forged.record, id, 0}};
  batch.bytes[id] = true;
  if (step.c % 2 == 0) {  // the signature of another batch
    batch.after = batch.before;
  } else {
    batch.after = Names().Next(Names().Next(batch.before, batch.items[0]), batch.items[1]);
    batch.genuine = false;
  }
  if (step.act == Act::kForgeBatch) {
    victim.TakeBatch(batch, true);
    victim.KeepUnplaced(batch);
  } else {
    for (Store& hub : hubs_) hub.TakeOffered(batch, &draws_);
  }
  return true;
}

}  // namespace liaison::model

// What must hold: while it happens, after each accident, and when all is calm.
#include <algorithm>

#include "common/base/text.h"
#include "common/codec/message_codec.h"
#include "common/codec/op_codec.h"
#include "common/store/keys.h"
#include "hub/door/interests.h"
#include "tests/sim/world.h"

namespace liaison::sim {
namespace {

constexpr uint8_t kFirstOfPeople = 16;  // types below are master records
constexpr uint8_t kStationType = 1, kRightsType = 8, kVisitorType = 18;
constexpr uint32_t kNumber = 1 << 3 | 2, kParent = 4 << 3 | 2;

struct OpKey {
  Actor actor;
  uint64_t seq = 0;
  Tag tag = 0;
};

OpKey ParseOpKey(std::string_view key) {
  ByteReader in(key.substr(2));
  OpKey parsed;
  parsed.actor = DecodeActor(&in);
  parsed.seq = in.Fixed64();
  parsed.tag = in.Fixed64();
  return parsed;
}

std::string Readable(const std::string& record) {
  RecordId id;
  return RecordIdFromBytes(record, &id) ? ToText(id) : "?";
}

}  // namespace

std::set<OpId> World::OpsOn(const PersistentMap& disk) {
  std::set<OpId> ops;
  disk.Scan(key::kOp, PrefixEnd(key::kOp), [&](std::string_view key, std::string_view value) {
    OpKey at = ParseOpKey(key);
    OpId op = numbers_.Known(at.actor, at.seq, at.tag);
    if (op == 0)
      if (absl::StatusOr<Op> decoded = DecodeOp(value); decoded.ok()) op = numbers_.Find(*decoded);
    if (op == 0) Wrong(Cat("a disk holds an op that nobody made: ", ToText(at.actor), "#", at.seq));
    ops.insert(op);
    return true;
  });
  return ops;
}

std::map<std::string, OpIds> World::RecordsOn(const PersistentMap& disk) {
  std::map<std::string, OpIds> records;
  for (OpId op : OpsOn(disk)) records[oracle_.deed(op).record].push_back(op);
  return records;
}

void World::CheckPage(Machine* machine, const Aggregate& aggregate, const OpIds& applied) {
  std::string what = Cat(machine->name(), " ", ToText(aggregate.id()));
  if (std::find(applied.begin(), applied.end(), 0u) != applied.end()) return Wrong(what + " has an op of nobody");
  StoreReader reader = machine->store()->Read();
  Oracle::Shown expected = oracle_.Expect(applied), shown = numbers_.Shown(reader, aggregate);
  for (const auto& [place, writes] : expected.places)
    checked_["values visible or covered by one who saw them"] += writes.size();
  ++checked_["records shown as the rule says"];
  for (const auto& [child, life] : expected.life)
    if (life != Life::kLive) ++checked_[life == Life::kVoid ? "voids that hold" : "voids that are flagged"];
  if (expected == shown) return;
  Wrong(Cat(what, " shows\n", ToText(shown), "instead of\n", ToText(expected)));
}

// After the hub has died: what it had said to have is still there.
void World::CheckReceipts() {
  for (const auto& [one, site] : site_of_) {
    Machine* machine = const_cast<Machine*>(one);
    if (!machine->running()) continue;
    for (const Store::OwnLog& log : machine->store()->OwnLogs()) {
      std::string at = key::OpAt(log.actor, log.acked_seq);
      machine->disk().contents().Scan(at, PrefixEnd(at), [&](std::string_view key, std::string_view) {
        auto said = receipts_.find(std::string(key));
        if (said == receipts_.end() || said->second != hub_life_) return true;
        ++checked_["receipts: still true after the hub died"];
        if (hub_->disk().durable().Get(key) == nullptr)
          Wrong(Cat("the hub lost what it had acknowledged: ", ToText(log.actor), "#", log.acked_seq));
        return true;
      });
    }
  }
}

void World::CheckAfterRestart(Machine* machine) {
  auto said = said_saved_.find(machine);
  if (said == said_saved_.end()) return;
  std::string at = key::OpAt(said->second.first, said->second.second);
  bool held = false;
  machine->disk().contents().Scan(at, PrefixEnd(at),
                                  [&](std::string_view, std::string_view) { return !(held = true); });
  ++checked_["saved is saved after a restart"];
  if (!held) Wrong(Cat(machine->name(), " lost what it had called saved"));
}

// ---------------------------------------------------------------- when all is calm

bool World::AtHeads(Machine* machine, std::string* why) {
  std::string text;
  if (!machine->running()) text += " is not running";
  if (text.empty()) {
    if (uint64_t pending = machine->store()->pending_ops(); pending > 0) text += Cat(" has ", pending, " pending");
    for (const std::string& interest : SubscriptionsOf(*hub_->roster()->Get(), machine->identity().station)) {
      std::optional<sync::Cursor> theirs = hub_->store()->FeedHead(interest);
      std::optional<sync::Cursor> ours = machine->store()->FeedHead(interest);
      if (!theirs) continue;
      if (!ours || ours->position != theirs->position || ours->prefix != theirs->prefix)
        text += Cat(" ", interest, "@", ours ? ours->position : 0, " of ", theirs->position);
    }
  }
  if (why != nullptr && !text.empty()) *why += Cat(machine->name(), text, "; ");
  return text.empty();
}

// No word is lost while any disk still held it; and what is on no disk was on one that went back or was thrown away.
void World::CheckNothingIsLost(const std::map<const Machine*, std::set<OpId>, ByName>& before) {
  std::set<OpId> at_hub = OpsOn(hub_->disk().contents());
  for (const auto& [machine, ops] : before) {
    std::set<OpId> now = OpsOn(machine->disk().contents());
    for (OpId op : ops) {
      ++checked_["ops on a disk at the end of the faults: at the hub after the calm"];
      const Oracle::Deed& deed = oracle_.deed(op);
      if (!at_hub.contains(op))
        return Wrong(Cat("#", op, " of ", deed.author, " on ", Readable(deed.record), " was on the disk of ",
                         machine->name(), " and does not reach the hub"));
      if (!now.contains(op)) return Wrong(Cat("#", op, " went from the disk of ", machine->name()));
    }
  }
  for (OpId op = 1; op <= oracle_.deeds(); ++op) {
    if (!oracle_.deed(op).confirmed) continue;
    ++checked_["ops that were called saved: at the hub, or their disk went back"];
    if (at_hub.contains(op)) continue;
    ++fired_["ops lost with the only disks that had them"];
    if (!may_be_lost_.contains(op))
      return Wrong(Cat("#", op, " of ", oracle_.deed(op).author, " was called saved and is nowhere"));
  }
}

void World::CheckFinally() {
  CheckReplicas();
  for (auto& [machine, site] : site_of_)
    if (!failed()) CheckFeeds(const_cast<Machine*>(machine));
  if (!failed()) CheckNumbers();
  if (!failed()) CheckKeys();
  std::vector<Machine*> verified{hub_};
  for (int i = 0; i < 3; ++i) verified.push_back(Pick(SomeSite().machines));
  for (Machine* machine : verified) {
    if (failed()) return;
    Store::Check check = machine->store()->Verify();
    ++checked_["stores recomputed from their ops"];
    if (!check.ok()) Wrong(Cat(machine->name(), ": ", check.differences[0]));
  }
}

// The interests of each record by what people wrote, what each station stands under, and so what it must hold.
void World::CheckReplicas() {
  std::map<std::string, OpIds> at_hub = RecordsOn(hub_->disk().contents());
  std::map<std::string, std::set<std::string>> by_interest, ever_points;
  std::map<std::string, std::string> canonical, parents;
  StoreReader reader = hub_->store()->Read();
  for (const auto& [record, ops] : at_hub) {
    RecordId id;
    RecordIdFromBytes(record, &id);
    std::optional<Aggregate> aggregate = reader.Load(id);
    if (!aggregate) return Wrong(Cat("the hub has ops of ", ToText(id), " and no record"));
    if (!aggregate->held().empty()) return Wrong(Cat("the hub still holds ops back on ", ToText(id)));
    OpIds applied = numbers_.Applied(reader, *aggregate);
    if (applied != ops) return Wrong(Cat("the hub folds ", applied.size(), " of ", ops.size(), " ops on ", ToText(id)));
    CheckPage(hub_, *aggregate, applied);
    if (failed()) return;
    canonical[record] = aggregate->Canonical();
    Oracle::Shown shown = oracle_.Expect(ops);
    if (id.type == kStationType) {
      const auto& parent = shown.places[{"", kParent, "", false}];
      if (parent.size() == 1) parents[id.name] = parent.begin()->second;
    }
    std::set<std::string> interests, points = oracle_.PointsOf(shown, ops);
    if (id.type == kRightsType) {
      if (id.name != kHubStation) interests.insert("station:" + id.name);
    } else if (id.type < kFirstOfPeople) {
      interests.insert("all");
    }
    for (const std::string& point : points) interests.insert("point:" + point);
    if (!points.empty())
      if (std::string maker = oracle_.MakerOf(ops); !maker.empty() && maker != kHubStation && !points.contains(maker))
        interests.insert("station:" + maker);
    std::vector<std::string> theirs = InterestsOf(*aggregate, reader);
    ++checked_["interests of a record as people wrote them"];
    if (interests != std::set<std::string>(theirs.begin(), theirs.end()))
      return Wrong(Cat("interests of ", ToText(id), ": ", theirs.size(), " instead of ", interests.size()));
    for (const std::string& interest : interests) by_interest[interest].insert(record);
    ever_points[record] = oracle_.EverPointsOf(ops);
  }
  for (const auto& [machine, site] : site_of_) {
    CheckReplica(const_cast<Machine*>(machine), by_interest, ever_points, canonical, parents);
    if (failed()) return;
  }
}

void World::CheckReplica(Machine* machine, const std::map<std::string, std::set<std::string>>& by_interest,
                         const std::map<std::string, std::set<std::string>>& ever_points,
                         const std::map<std::string, std::string>& canonical,
                         const std::map<std::string, std::string>& parents) {
  const std::string& station = machine->identity().station;
  std::shared_ptr<const Roster> roster = hub_->roster()->Get();
  std::set<std::string> granted, subscriptions{"all", "station:" + station, "point:" + station};
  v1::Tier tier = roster->stations.at(station).tier();
  for (const auto& [id, one] : roster->stations) {
    auto parent = parents.find(id);  // where clerks of two hubs disagree, the roster decides what is displayed
    const std::string& above = parent == parents.end() ? one.parent_id() : parent->second;
    if (tier == v1::CENTER || (tier == v1::AREA && above == station)) subscriptions.insert("point:" + id);
  }
  for (const std::string& interest : subscriptions)
    if (auto records = by_interest.find(interest); records != by_interest.end())
      granted.insert(records->second.begin(), records->second.end());
  std::map<std::string, OpIds> held = RecordsOn(machine->disk().contents());
  StoreReader reader = machine->store()->Read();
  for (const std::string& record : granted) {
    RecordId id;
    RecordIdFromBytes(record, &id);
    std::optional<Aggregate> aggregate = reader.Load(id);
    ++checked_["replicas: granted, there, and byte for byte the hub's"];
    if (!aggregate) return Wrong(Cat(machine->name(), " lacks ", ToText(id), ", which it is granted"));
    if (!aggregate->held().empty()) return Wrong(Cat(machine->name(), " still holds ops back on ", ToText(id)));
    if (aggregate->Canonical() != canonical.at(record))
      return Wrong(Cat(machine->name(), " and the hub differ on ", ToText(id), ": ", held[record].size(), " ops here"));
  }
  for (const auto& [record, ops] : held) {
    RecordId id;
    RecordIdFromBytes(record, &id);
    if (granted.contains(record) || id.type < kFirstOfPeople) continue;
    // It was granted once, or it was written here.
    ++checked_["records held and no longer granted: they were once"];
    bool once = oracle_.AuthorsOf(ops).contains(station);
    auto ever = ever_points.find(record);
    if (ever != ever_points.end())
      for (const std::string& point : ever->second)
        once |= point == station || tier == v1::CENTER || SiteOf(machine).ever_points.contains(point);
    if (!once) return Wrong(Cat(machine->name(), " holds ", ToText(id), ", which it was never granted"));
  }
}

// A feed on a station's disk: every item from the first on, the prefix hashes come out, the ops are there, and it is
// the hub's.
void World::CheckFeeds(Machine* machine) {
  const PersistentMap& ours = machine->disk().contents();
  const PersistentMap& theirs = hub_->disk().contents();
  for (const std::string& interest : SubscriptionsOf(*hub_->roster()->Get(), machine->identity().station)) {
    std::optional<sync::Cursor> head = machine->store()->FeedHead(interest);
    if (!head) continue;
    std::string prefix = FeedStart(interest);
    for (uint64_t position = 0; position < head->position; ++position) {
      std::string at = key::FeedItem(interest, position);
      const std::string* item = ours.Get(at);
      const std::string* original = theirs.Get(at);
      ++checked_["feed items: no gap, the hub's, and with their ops"];
      std::string where = Cat(machine->name(), " ", interest, "@", position);
      if (item == nullptr) return Wrong("a gap at " + where);
      if (original == nullptr || *original != *item) return Wrong("not the hub's item at " + where);
      absl::StatusOr<sync::FeedItem> decoded = DecodeFeedItem(std::string_view(*item).substr(kHashBytes));
      if (!decoded.ok()) return Wrong("no item at " + where);
      prefix = FeedNext(prefix, *decoded);
      if (item->substr(0, kHashBytes) != prefix) return Wrong("the prefix breaks at " + where);
      if (decoded->kind != sync::ItemKind::kOp) continue;
      const OpName& name = decoded->name;
      if (ours.Get(key::Op(name.actor, name.seq, TagOf(name.hash))) == nullptr)
        return Wrong("an op is missing at " + where);
    }
  }
}

// A number stands on one record, unless disks were copied or went back.
void World::CheckNumbers() {
  std::map<std::string, std::set<std::string>> given;  // number -> where it stands
  for (OpId op : OpsOn(hub_->disk().contents())) {
    const Oracle::Deed& deed = oracle_.deed(op);
    RecordId id;
    if (!RecordIdFromBytes(deed.record, &id) || id.type < kFirstOfPeople || id.type == kVisitorType) continue;
    for (const Written& write : deed.writes) {
      if (write.place.field != kNumber) continue;
      ++checked_["numbers: unique, or from copied disks"];
      std::set<std::string>& places = given[write.value];
      places.insert(deed.record + write.place.child);
      if (places.size() < 2) continue;
      ++fired_["numbers given twice by copied disks"];
      if (!sites_.at(deed.author).numbers_may_repeat) return Wrong(Cat("the number ", write.value, " was given twice"));
    }
  }
}

// Keys go to the stations of a visitor's point, and what was destroyed is destroyed everywhere.
void World::CheckKeys() {
  StoreReader reader = hub_->store()->Read();
  reader.ForEach(kVisitorType, [&](const Aggregate& visitor) {
    std::string prefix = key::VisitorKeys(visitor.id());
    std::vector<sync::KeyItem> keys;
    reader.kv().ScanPrefix(prefix, [&](std::string_view key, std::string_view) {
      if (auto item = reader.VisitorKey(visitor.id(), key.substr(prefix.size()))) keys.push_back(*item);
      return true;
    });
    for (const std::string& interest : InterestsOf(visitor, reader)) {
      auto site = sites_.find(interest.substr(interest.find(':') + 1));
      if (site == sites_.end()) continue;
      for (Machine* machine : site->second.machines) {
        StoreReader there = machine->store()->Read();
        for (const sync::KeyItem& key : keys) {
          auto item = there.VisitorKey(visitor.id(), key.key_id);
          ++checked_["keys: where the visitor may be read, or destroyed everywhere"];
          if (!item) return Wrong(Cat(machine->name(), " lacks the key of ", ToText(visitor.id()))), false;
          if (key.key.empty() && !item->key.empty())
            return Wrong(
                       Cat(machine->name(), " still has the key of ", ToText(visitor.id()), ", destroyed at the hub")),
                   false;
          if (!key.key.empty() && item->key.empty()) ++fired_["key destroyed at a station, not at the restored hub"];
        }
      }
    }
    return !failed();
  });
}

}  // namespace liaison::sim

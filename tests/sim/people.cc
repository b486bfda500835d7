// What people do: receptions in the villages, edits from pages that may be old, voids, settlements; clerks at the hub.
#include <algorithm>
#include <cstdlib>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/store/keys.h"
#include "station/reception/entry.h"
#include "tests/sim/link.h"
#include "tests/sim/world.h"

namespace liaison::sim {
namespace {

constexpr uint8_t kSession = 16, kVisit = 17, kVisitor = 18, kMatter = 24, kReply = 27, kFeedback = 29;

constexpr uint32_t Text(uint32_t field) { return field << 3 | 2; }

std::string Bytes(const google::protobuf::Message& message) { return message.SerializeAsString(); }

// One op on what the page shows, and keys that go with it.
auto EditOf(const Page& page, std::vector<Write> writes, std::vector<sync::KeyItem> keys = {}) {
  return [page, writes = std::move(writes), keys = std::move(keys)](const StoreReader&, std::vector<OpIds>* screens) {
    Action action;
    NewOp& op = action.ops.emplace_back();
    op.aggregate = page.record;
    op.context = page.vector;
    op.writes = writes;
    action.keys = keys;
    screens->push_back(page.screen);
    return absl::StatusOr<Action>(std::move(action));
  };
}

}  // namespace

// One action of a person. The oracle learns of it first: a machine that dies may have kept it all the same.
bool World::Act(Machine* machine, const std::string& what, const Build& build, const std::string* action_id) {
  if (!machine->running() || machine->disk().failed()) return false;
  std::string id = action_id != nullptr ? *action_id : random_.Bytes(kActionIdBytes);
  OpId first = 0, last = 0;
  auto enter = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    std::vector<OpIds> screens;
    ASSIGN_OR_RETURN(Action action, build(view, &screens));
    screens.resize(action.ops.size());
    for (size_t i = 0; i < action.ops.size(); ++i) {
      const NewOp& op = action.ops[i];
      std::vector<Written> writes;
      for (const Write& write : op.writes) writes.push_back(WrittenOf(op.aggregate, write, false));
      for (const Write& write : op.sealed) writes.push_back(WrittenOf(op.aggregate, write, true));
      last = oracle_.Enter(machine->identity().station, ToBytes(op.aggregate), std::move(writes), screens[i]);
      if (first == 0) first = last;
    }
    action.user = UserOf(first);
    return action;
  };
  absl::Status status = machine->store()->Commit(id, "request", enter).status();
  Log(Cat(machine->name(), " ", what, " #", first, "-", last, status.ok() ? "" : ": ", status.message()));
  if (machine->disk().dead()) {
    Died(machine, "in a write");
    return false;
  }
  if (!status.ok()) return false;
  Count("actions");
  if (machine->name().find("-clone") != std::string::npos) Count("clone wrote");
  for (OpId op = first; op <= last; ++op) oracle_.Confirm(op);
  sync::Tip tip = *machine->store()->tip();
  said_saved_[machine] = {tip.actor, tip.seq};
  if (auto link = links_.find(machine); link != links_.end()) {
    std::shared_ptr<Link> there = link->second;
    Perform(there, there->station.OnLocalCommit(), false);
  }
  return true;
}

void World::Reception(Site* site) {
  Machine* machine = Pick(site->machines);
  if (!machine->running() || machine->disk().failed()) return;
  if (std::abs(machine->clock().offset_ms()) > 300LL * 86'400'000) Count("written with a clock years off");
  ServiceContext context;
  context.store = machine->store();
  context.roster = machine->roster();
  context.station_id = site->id;
  context.node_id = machine->identity().node;
  context.block = machine->identity().block;
  std::shared_ptr<const Roster> roster = context.roster->Get();
  v1::ReceptionSession session;
  std::vector<std::string> may = roster->MayEnterFor(site->id);
  session.set_station_id(OneIn(4) ? may[Below(may.size())] : site->id);
  session.set_date(Date());
  session.set_form(v1::FORM_RECEPTION_DAY);
  session.mutable_status()->set_to(v1::SESSION_OPEN);
  session.add_deputies()->set_deputy_id("HK-R001");
  std::string session_action = random_.Bytes(kActionIdBytes);
  VisitIds ids;
  ids.session = RecordId::Random(kSession, session_action, 0);
  auto open = [&](const StoreReader& view, std::vector<OpIds>*) -> absl::StatusOr<Action> {
    Action action;
    NewOp& op = action.ops.emplace_back();
    op.aggregate = ids.session;
    v1::ReceptionSession numbered = session;
    numbered.set_number(NumbersFor(context, *roster, view).Session(session.date()));
    WritesOf(numbered, {}, &op.writes, &op.sealed);
    return action;
  };
  if (!Act(machine, "opens a session", open, &session_action)) return;
  for (uint64_t visits = 1 + Below(3); visits > 0 && machine->running(); --visits) {
    std::string action_id = random_.Bytes(kActionIdBytes);
    auto visit = [&](const StoreReader& view, std::vector<OpIds>*) -> absl::StatusOr<Action> {
      VisitInput input;
      input.session = session;
      std::string words = Cat("第", oracle_.deeds() + 1, "件：水渠漏水，请镇里来看一看");
      input.entry.set_original_words(words);
      input.entry.set_headcount(static_cast<int32_t>(1 + Below(4)));
      if (!OneIn(3)) input.visitor.set_name(Cat("张", oracle_.deeds()));
      v1::Matter& matter = input.matters.emplace_back();
      matter.set_title(Cat("漏水", oracle_.deeds()));
      matter.set_content(words);
      matter.set_category("01");
      matter.set_nature(v1::NATURE_OPINION);
      matter.set_disposition(v1::DISPOSITION_SUBMIT);
      NumberGiver numbers = NumbersFor(context, *roster, view);
      Action action;
      VisitIds visit_ids;
      visit_ids.session = ids.session;
      RETURN_IF_ERROR(AppendVisit(context, action_id, 0, std::move(input), &numbers, &visit_ids, &action));
      return action;
    };
    if (Act(machine, "logs a visit", visit, &action_id)) Count("visits");
  }
}

std::optional<RecordId> World::SomeRecord(Machine* machine, uint8_t type) {
  std::string prefix = std::string(key::kAggregate) + static_cast<char>(type);
  std::optional<RecordId> found;
  auto take = [&](std::string_view key, std::string_view) {
    found = RecordId{type, std::string(key.substr(prefix.size()))};
    return false;
  };
  machine->disk().contents().Scan(prefix + random_.Bytes(kActionIdBytes), PrefixEnd(prefix), take);
  if (!found) machine->disk().contents().Scan(prefix, PrefixEnd(prefix), take);
  return found;
}

// Loads a page. What it shows is checked against what the ops behind it must give.
bool World::OpenPage(Machine* machine, Page* page) {
  StoreReader reader = machine->store()->Read();
  std::optional<Aggregate> aggregate = reader.Load(page->record);
  if (!aggregate || aggregate->empty()) return false;
  page->vector = aggregate->lineage().Visible();
  page->screen = numbers_.Applied(reader, *aggregate);
  page->conflicts.clear();
  page->children.clear();
  for (const FieldConflict& conflict : ConflictsOf(*aggregate)) {
    Write write;
    write.child = conflict.child;
    write.tag = conflict.tag;
    write.element = conflict.element;
    if (conflict.tag != Text(18) && conflict.tag != Text(2)) page->conflicts.push_back(write);
  }
  for (const auto& [id, child] : aggregate->children())
    if (!id.IsRoot()) page->children.push_back(id);
  CheckPage(machine, *aggregate, page->screen);
  return !failed();
}

void World::EditAt(Machine* machine) {
  if (!machine->running() || machine->disk().failed()) return;
  uint64_t roll = Below(10);
  if (roll >= 7 && !machine->pages.empty()) {
    size_t i = Below(machine->pages.size());
    Page page = machine->pages[i];
    machine->pages.erase(machine->pages.begin() + static_cast<ptrdiff_t>(i));
    return WriteOnPage(machine, page);
  }
  constexpr uint8_t kTypes[] = {kMatter, kMatter, kMatter, kSession, kVisitor};
  std::optional<RecordId> record = SomeRecord(machine, kTypes[Below(5)]);
  if (!record) return;
  Page page;
  page.record = *record;
  if (!OpenPage(machine, &page)) return;
  if (roll < 5) return WriteOnPage(machine, page);
  machine->pages.push_back(page);
  if (machine->pages.size() > 4) machine->pages.erase(machine->pages.begin());
}

Write World::SomeWrite(Machine* machine, const Page& page, const std::string& action_id) {
  Write write;
  write.value = OneIn(6) ? Cat("同样的话", Below(3)) : Cat("改", oracle_.deeds() + 1);
  uint64_t roll = Below(12);
  bool matter = page.record.type == kMatter;
  if (!page.children.empty() && roll >= 9) write.child = page.children[Below(page.children.size())];
  if (roll == 0 || roll == 11) {
    write.tag = kVoidTag;
    write.value = OneIn(3) ? "" : Cat("1录错", oracle_.deeds());
  } else if (page.record.type == kVisitor) {
    write.child = {};
    write.tag = Text(3);
  } else if (!write.child.IsRoot()) {
    write.tag = write.child.type == kVisit ? Text(8) : write.child.type == kFeedback ? Text(5) : Text(4);
  } else if (!matter) {
    write.tag = OneIn(2) ? Text(7) : Text(14);
  } else if (roll <= 2) {
    write.child = RecordId::Random(machine->is_hub() ? kReply : kFeedback, action_id, 0);
    write.tag = machine->is_hub() ? Text(4) : Text(5);
  } else if (roll == 3) {
    write.tag = Text(21);
    write.element = Cat("HK-R00", 1 + Below(4));
    write.value = OneIn(3) ? "" : write.element;
  } else if (roll == 4) {
    v1::StatusChange change;
    change.set_to(OneIn(2) ? v1::ACCEPTED : v1::CLOSED);
    change.set_date(Date());
    write.tag = Text(12);
    write.value = Bytes(change);
  } else {
    constexpr uint32_t kTexts[] = {4, 5, 28, 32};
    write.tag = Text(kTexts[Below(4)]);
  }
  return write;
}

void World::WriteOnPage(Machine* machine, const Page& page) {
  std::string action_id = random_.Bytes(kActionIdBytes);
  Write write = SomeWrite(machine, page, action_id);
  bool settles = !page.conflicts.empty() && !OneIn(4);
  if (settles) {
    std::string value = write.tag == kVoidTag ? Cat("定", oracle_.deeds()) : write.value;
    write = page.conflicts[Below(page.conflicts.size())];
    write.value = write.element.empty() ? value : write.element;
    if (write.tag == kVoidTag) write.value = Cat("1", value);
  }
  bool stale = false;
  if (std::optional<Aggregate> now = machine->store()->Read().Load(page.record))
    stale = now->lineage().Visible() != page.vector;
  auto build = EditOf(page, {write});
  bool is_void = write.tag == kVoidTag;
  if (!Act(machine, is_void ? "voids" : settles ? "settles" : "edits", build, &action_id)) return;
  if (is_void) Count("voids");
  if (settles) Count("conflicts settled");
  if (stale) Count("written on a page that was out of date");
}

// A clerk puts a village under another area, while both that area's people and the village's have not yet sent theirs.
void World::MoveVillage() {
  if (!hub_->running() || hub_->disk().failed() || areas_.size() < 2 || points_.empty()) return;
  const std::string& village = Pick(points_);
  Page page;
  page.record = RecordId::Master(1, village);
  if (!OpenPage(hub_, &page)) return;
  std::string from = hub_->roster()->Get()->stations.at(village).parent_id(), to = Pick(areas_);
  if (from == to) return;
  Write write;
  write.tag = Text(4);
  write.value = to;
  uint64_t unsent = 0;
  for (const std::string& id : {village, from}) {
    if (!sites_.contains(id)) continue;
    Machine* machine = Pick(sites_.at(id).machines);
    Cut(machine, "its line is down");
    EditAt(machine);
    if (failed()) return;
    if (machine->running() && machine->store()->pending_ops() > 0) ++unsent;
  }
  auto build = EditOf(page, {write});
  if (sites_.contains(to)) sites_.at(to).ever_points.insert(village);  // also if the hub dies over it
  if (!Act(hub_, Cat("moves ", village, " from ", from, " to ", to), build)) return;
  if (unsent == 2) Count("village moved while it and its area had unsent edits");
}

// A clerk gives a matter to another village, or to one more.
void World::MoveMatter() {
  if (!hub_->running() || hub_->disk().failed()) return;
  std::optional<RecordId> record = SomeRecord(hub_, kMatter);
  Page page;
  if (record) page.record = *record;
  if (!record || !OpenPage(hub_, &page)) return;
  std::optional<Aggregate> aggregate = hub_->store()->Read().Load(page.record);
  std::vector<Write> writes(1);
  writes[0].tag = Text(2);
  writes[0].value = Pick(points_);
  bool leaves = OneIn(2);
  if (leaves) {
    for (const auto& [key, field] : aggregate->Find({})->fields) {
      if (key.first != Text(18) || field.siblings().empty()) continue;
      Write gone;
      gone.tag = key.first;
      gone.element = key.second;
      writes.push_back(gone);
    }
  }
  auto build = EditOf(page, writes);
  if (Act(hub_, Cat("gives a matter to ", writes[0].value), build))
    Count(leaves ? "matter moved to another point" : "matter given to one more point");
}

// A visitor asks for his data to be destroyed: the record is voided and its key goes.
void World::EraseVisitor() {
  if (!hub_->running() || hub_->disk().failed()) return;
  std::optional<RecordId> record = SomeRecord(hub_, kVisitor);
  Page page;
  if (record) page.record = *record;
  if (!record || !OpenPage(hub_, &page)) return;
  std::string prefix = key::VisitorKeys(page.record);
  StoreReader reader = hub_->store()->Read();
  std::vector<sync::KeyItem> keys;
  reader.kv().ScanPrefix(prefix, [&](std::string_view key, std::string_view) {
    auto item = reader.VisitorKey(page.record, key.substr(prefix.size()));
    if (item && !item->key.empty()) keys.push_back(*item);
    return true;
  });
  if (keys.empty()) return;
  for (sync::KeyItem& item : keys) item.key.clear();
  Write write;
  write.tag = kVoidTag;
  write.value = "1本人要求删除";
  auto build = EditOf(page, {write}, keys);
  if (Act(hub_, "erases a visitor", build)) Count("visitors erased");
}

}  // namespace liaison::sim

// A box that writes what it likes: any field of any record, under any context, rights, person and making. It signs as
// its own station only.
#include <algorithm>

#include "tests/model/door/world.h"

namespace liaison::door {
namespace {

// What a record of this kind has no field for cannot be written to it.
Change Fitting(Change write, Kind kind) {
  const bool of_matter = write.what == What::kStatus || write.what == What::kHistorical || write.what == What::kReply ||
                         write.what == What::kHubField || write.what == What::kEvaluation ||
                         write.what == What::kVoidChild || write.what == What::kFeedback;
  const bool of_rights = write.what == What::kEnter || write.what == What::kGrant;
  if (kind < Kind::kSession || write.what == What::kVerdict) return write;
  if (of_matter && kind != Kind::kMatter) write.what = What::kField;
  if (write.what == What::kSealed && kind != Kind::kVisitor) write.what = What::kField;
  if (of_rights) write.what = kind == Kind::kMatter ? What::kHubField : What::kField;
  return write;
}

}  // namespace

Change World::AnyWrite(uint32_t a, uint32_t b, int station, int record) {
  const int any = static_cast<int>(b % 7);
  std::vector<int> replies, children, ops;
  for (size_t id = 0; id < u_.ops.size(); ++id) {
    if (u_.ops[id].record != record) continue;
    ops.push_back(static_cast<int>(id));
    for (const Change& write : u_.ops[id].writes) {
      if (write.what == What::kReply) replies.push_back(write.key);
      if (write.what == What::kFeedback || write.what == What::kEvaluation) children.push_back(write.key);
    }
  }
  auto pick = [&](const std::vector<int>& from) { return from.empty() ? 9999 : from[b % from.size()]; };
  switch (a % 20) {
    case 0:
    case 1:
    case 2:
      return {What::kField, static_cast<int>(b % 2), ++u_.values};
    case 3:
    case 4:
    case 5:
    case 6:
      return {What::kStatus, 0, 1 + static_cast<int>(b % 10)};
    case 7:
    case 8:
      return {What::kVoid, 0, static_cast<int>(b % 2)};
    case 9:
      return {What::kPlace, 0, b % 3 == 0 ? static_cast<int>(b / 3 % kPlaces) : station};
    case 10:
      return {What::kNumber, 0, any % kStations};
    case 11:
      return {What::kHistorical, 0, 1};
    case 12:
      return {What::kHubField, 0, ++u_.values};
    case 13:
      return {What::kSealed, 0, ++u_.values};
    case 14:
      return {What::kReply, ++u_.values, 1};
    case 15:
      return {What::kEvaluation, ++u_.values, b % 3 == 0 ? kNothing : pick(replies)};
    case 16:
      return {What::kVoidChild, pick(children), 1};
    case 17:
      return {What::kVerdict, pick(ops), b % 2 == 0 ? 0 : 23};
    case 18:
      return b % 2 == 0 ? Change{What::kEnter, any % kPlaces, 1} : Change{What::kGrant, ++u_.values, any};
    default:
      return {What::kFeedback, ++u_.values, 1};
  }
}

std::set<int> World::AnyContext(const Box& box, int record, uint32_t a, uint32_t b) const {
  std::set<int> context;
  switch (a % 4) {
    case 0:
      return Folded(&u_, box.disk.Of(record)).Vector(false);
    case 1:
      return {};
    case 2:
      for (int id : box.disk.Of(record))
        if ((b >> (id % 16)) % 2 == 0) context.insert(id);
      return context;
    default:
      context = Folded(&u_, box.disk.Of(record)).Vector(false);
      context.insert(b % 2 == 0 ? kUnknownOp
                                : box.disk.order[b / 2 % box.disk.order.size()]);  // perhaps of another record
      return context;
  }
}

void World::AnyRights(const Box& box, const Step& step, Op* op) const {
  const uint32_t pick = step.d >> 8;
  op->account = static_cast<int>(pick % (kAccounts + 1)) - 1;
  op->date = static_cast<int>(step.d % 5) + 1;
  const std::vector<int>& rights = box.disk.Of(box.station);
  switch (pick / 16 % 5) {
    case 0:
      return;  // says that it is of version 1
    case 1:
      op->grants = std::set<int>{};
      return;
    case 2:
      op->grants = rights.empty() ? std::set<int>{} : std::set<int>{rights[pick / 64 % rights.size()]};
      return;
    case 3:
      op->grants = std::set<int>{pick % 2 == 0 ? kUnknownOp : box.disk.order[pick / 2 % box.disk.order.size()]};
      return;
    default:
      op->grants = Folded(&u_, rights).Vector(false);
      if (std::optional<int> person = Person(box, pick)) op->account = *person;
  }
}

bool World::Forge(Box* box, const Step& step) {
  std::vector<int> known, all;
  for (size_t id = 0; id < u_.records.size(); ++id) {
    if (!hub_->disk().Of(static_cast<int>(id)).empty()) all.push_back(static_cast<int>(id));
    if (!box->disk.Of(static_cast<int>(id)).empty() && id >= kStations + kAccounts)
      known.push_back(static_cast<int>(id));
  }
  // Ids are random: mostly it knows what it has read, sometimes somebody told it what the hub has.
  const bool told = step.c % 20 == 0 || known.empty();
  const int record = told ? all[step.b % all.size()] : OneOf(known, step.b);
  Op op;
  op.record = record;
  op.action = step.c / 8 % 7 == 0 ? u_.record(record).action : u_.actions++;
  AnyRights(*box, step, &op);
  op.context = AnyContext(*box, record, step.c >> 6, step.d >> 3);
  op.writes.push_back(Fitting(AnyWrite(step.a >> 4, step.c >> 9, box->station, record), u_.record(record).kind));
  if (step.a >> 10 & 1)
    op.writes.push_back(Fitting(AnyWrite(step.a >> 12, step.c >> 14, box->station, record), u_.record(record).kind));
  if (op.action == u_.record(record).action && u_.record(record).kind >= Kind::kSession)
    op.writes.push_back({What::kPlace, 0, step.d % 2 == 0 ? box->station : static_cast<int>(step.d % kPlaces)});
  Commit(box, std::move(op));
  return true;
}

// Sends for a visitor no key, any, the right one, or that of what it has sealed itself.
bool World::ForgeKey(const Box& box, Hub* hub, const Step& step) {
  const std::vector<int> visitors = Of(hub->disk(), Kind::kVisitor);
  if (visitors.empty()) return false;
  const int visitor = OneOf(visitors, step.c);
  std::set<int> seals, own;
  for (const Op& op : u_.ops)
    for (const Change& write : op.writes)
      if (op.record == visitor && write.what == What::kSealed) {
        seals.insert(write.value);
        if (op.station == box.station) own.insert(write.value);
      }
  int key = kNothing;
  if (step.d % 4 == 1) key = ++u_.values;
  if (step.d % 4 == 2) key = u_.record(visitor).key;
  if (step.d % 4 == 3 && !own.empty()) key = *own.begin();
  const Record& record = u_.record(visitor);
  if (!hub->TakeKey(visitor, key, box.station) || !record.honest) return true;
  const bool fits = seals.contains(key) && (box.station == record.maker || key == record.key);
  if (!fits) Wrong("law 6: a forged key is that of visitor " + std::to_string(visitor));
  return true;
}

bool World::ForgeNew(Box* box, const Step& step) {
  Op op;
  op.action = u_.actions++;
  const Kind kind = step.b % 3 == 0 ? Kind::kVisitor : step.b % 3 == 1 ? Kind::kSession : Kind::kMatter;
  const int place = static_cast<int>(step.c % kPlaces);
  op.record = NewRecord(kind, op.action, box->station, place);
  u_.records.back().honest = false;
  AnyRights(*box, step, &op);
  op.writes = {{What::kPlace, 0, place},
               {What::kNumber, 0, step.c % 4 == 0 ? static_cast<int>(step.d % kStations) : box->station}};
  if (kind == Kind::kVisitor) {
    box->keys[op.record] = u_.record(op.record).key;
    op.writes.push_back({What::kSealed, 0, u_.record(op.record).key});
  }
  if (step.b >> 4 & 1) op.writes.push_back(Fitting(AnyWrite(step.a >> 4, step.c >> 9, box->station, op.record), kind));
  Commit(box, std::move(op));
  return true;
}

}  // namespace liaison::door

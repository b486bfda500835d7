#include "tests/model/universe.h"

#include <memory>

namespace liaison::model {
namespace {

std::unique_ptr<Universe>& Current() {
  static std::unique_ptr<Universe> universe = std::make_unique<Universe>();
  return universe;
}

}  // namespace

Universe& Names() { return *Current(); }
void ForgetNames() { Current() = std::make_unique<Universe>(); }

OpId Universe::Add(const Op& op) {
  auto [it, inserted] = op_ids_.try_emplace(op, static_cast<OpId>(ops_.size()));
  if (inserted) ops_.push_back(&it->first);
  return it->second;
}

Head Universe::Chain(Head before, OpId op) {
  auto [it, inserted] = head_ids_.try_emplace({before, op}, static_cast<Head>(heads_.size()));
  if (inserted) heads_.push_back(it->first);
  return it->second;
}

bool Universe::LeadsTo(Head head, Head tip) const {
  int seq = op(OpAt(head)).seq;
  while (op(OpAt(tip)).seq > seq) tip = Before(tip);
  return tip == head;
}

Prefix Universe::Next(Prefix before, const Item& item) {
  auto [it, inserted] = prefix_ids_.try_emplace({before, item}, static_cast<Prefix>(prefixes_.size()));
  if (inserted) prefixes_.push_back(&it->first);
  return it->second;
}

int Universe::SetOf(const std::vector<OpId>& names) {
  return sets_.try_emplace(names, static_cast<int>(sets_.size())).first->second;
}

std::string ShowActor(Actor actor) {
  if (actor == kNone) return "-";
  static const char* const kNames[] = {"S0", "S1", "S2", "S0b", "HUB"};
  return std::string(kNames[DeviceOf(actor)]) + "." + std::to_string(actor / kDevices);
}

std::string Show(OpId id) {
  static const char* const kKinds[] = {"root", "write", "move", "grant", "refuse", "accept", "erase", "revoke", "bad"};
  const Op& op = Names().op(id);
  std::string out = ShowActor(op.actor) + "#" + std::to_string(op.seq) + ":" + kKinds[static_cast<int>(op.kind)];
  if (op.target != kNone) return out + "(" + Show(op.target) + ")";
  if (op.kind == OpKind::kRoot || op.kind == OpKind::kMove || op.kind == OpKind::kGrant || op.kind == OpKind::kRevoke)
    out += "=" + std::to_string(op.value);
  return out + "/r" + std::to_string(op.record) + "~" + std::to_string(op.nonce);
}

std::string ShowInterest(Interest interest) {
  if (interest == kAll) return "all";
  return interest < 10 ? "p:S" + std::to_string(interest - 1) : "station:S" + std::to_string(interest - 10);
}

}  // namespace liaison::model

#include "tests/testing/merge_check.h"

#include <algorithm>

#include "common/base/bytes.h"
#include "common/base/text.h"

namespace liaison {
namespace {

using naive::Answers;
using naive::Name;
using naive::WriteKind;

std::string ChildText(const RecordId& id) { return id.IsRoot() ? "" : ToText(id); }

naive::Write ToNaive(const Write& write, bool sealed) {
  naive::Write out;
  out.child = ChildText(write.child);
  out.value = write.value;
  if (!sealed && write.tag == kVoidTag) {
    out.kind = WriteKind::kVoid;
  } else if (!sealed && write.tag == kVerdictTag) {
    out.kind = WriteKind::kVerdict;
    out.field = Hex(write.element);
  } else {
    out.field = Cat(write.tag, sealed ? " sealed " : " ", write.element);
  }
  return out;
}

std::string IdOf(const OpName& name) {
  std::string bytes;
  ByteWriter writer(&bytes);
  EncodeOpName(name, &writer);
  return Hex(bytes);
}

std::string Text(const Name& name) {
  return absl::StrCat(absl::Hex(name.actor, absl::kZeroPad4), ":", name.n, "~", absl::Hex(name.tag));
}

std::string Text(const std::set<Name>& names) {
  std::string text = "{";
  for (const Name& name : names) text += Cat(" ", Text(name));
  return text + " }";
}

std::set<Name> Names(const VersionVector& vector) {
  std::set<Name> names;
  for (const Dot& dot : vector.dots()) names.insert(liaison::ToNaive(dot));
  return names;
}

void ObserveFields(const std::string& child, const std::map<FieldKey, Register>& fields, bool sealed, Answers* out) {
  for (const auto& [key, field] : fields) {
    naive::Write place = ToNaive(Write{{}, key.first, key.second, ""}, sealed);
    for (const Sibling& sibling : field.siblings()) {
      std::string value = sibling.value;
      if (place.kind == WriteKind::kVoid) {  // the author's context stands in front
        ByteReader reader(value);
        reader.String();
        value = std::string(reader.rest());
      }
      out->siblings[{child, place.kind, place.field}][liaison::ToNaive(sibling.dot)] = value;
    }
  }
}

Answers Observe(const Aggregate& aggregate, const std::set<Name>& unknown) {
  Answers seen;
  for (const auto& [id, child] : aggregate.children()) {
    std::string text = ChildText(id);
    ObserveFields(text, child.fields, false, &seen);
    ObserveFields(text, child.sealed, true, &seen);
    seen.life[text] = static_cast<naive::Life>(aggregate.VoidOf(id));
  }
  for (const auto& [actor, steps] : aggregate.lineage().steps()) {
    for (const Lineage::Step& step : steps) {
      Name name = ToNaive(Dot{actor, step.n, step.tag});
      seen.applied.insert(name);
      if (!step.projected) (unknown.contains(name) ? seen.unknown : seen.refused).insert(name);
    }
  }
  for (const Aggregate::HeldOp& held : aggregate.held()) seen.held.insert(ToNaive(held.dot));
  seen.heads = Names(aggregate.lineage().Heads());
  seen.visible = Names(aggregate.lineage().Visible());
  return seen;
}

std::string SetDifference(const char* what, const std::set<Name>& seen, const std::set<Name>& expected) {
  return seen == expected ? "" : Cat(what, ": fold ", Text(seen), ", model ", Text(expected), "\n");
}

std::string SiblingsDifference(const Answers& seen, const Answers& expected) {
  std::set<naive::Place> places;
  for (const auto& [place, siblings] : seen.siblings) places.insert(place);
  for (const auto& [place, siblings] : expected.siblings) places.insert(place);
  for (const naive::Place& place : places) {
    auto list = [&](const Answers& answers) {
      std::string text;
      auto it = answers.siblings.find(place);
      if (it == answers.siblings.end()) return std::string(" none");
      for (const auto& [name, value] : it->second) text += Cat(" ", Text(name), "=\"", value, "\"");
      return text;
    };
    if (list(seen) != list(expected))
      return Cat("child '", place.child, "' field '", place.field, "': fold", list(seen), "; model", list(expected),
                 "\n");
  }
  return "";
}

std::string LifeDifference(const Answers& seen, const Answers& expected) {
  if (seen.life == expected.life) return "";
  std::string text = "life: fold";
  for (const auto& [child, life] : seen.life) text += Cat(" '", child, "'=", static_cast<int>(life));
  text += "; model";
  for (const auto& [child, life] : expected.life) text += Cat(" '", child, "'=", static_cast<int>(life));
  return text + "\n";
}

}  // namespace

naive::Name ToNaive(const Dot& dot) { return {dot.actor.random, dot.n, dot.tag}; }

naive::Op ToNaive(const Op& op) {
  naive::Op out{ToNaive(op.dot()), op.previous, IdOf(op.name()), op.kind <= kNewestKnownKind, {}, {}};
  for (const Dot& dot : op.context.dots()) out.context.push_back(ToNaive(dot));
  for (const Write& write : op.writes) out.writes.push_back(ToNaive(write, false));
  for (const Write& write : op.sealed) out.writes.push_back(ToNaive(write, true));
  return out;
}

std::string Difference(const Aggregate& aggregate, const std::vector<const Op*>& ops, const Answers& expected) {
  Answers seen = Observe(aggregate, expected.unknown);
  std::string text =
      SiblingsDifference(seen, expected) + LifeDifference(seen, expected) +
      SetDifference("applied", seen.applied, expected.applied) + SetDifference("held", seen.held, expected.held) +
      SetDifference("refused", seen.refused, expected.refused) +
      SetDifference("unknown", seen.unknown, expected.unknown) + SetDifference("heads", seen.heads, expected.heads) +
      SetDifference("visible vector", seen.visible, expected.visible);
  if (aggregate.refused_count() != expected.refused.size())
    text += Cat("refused_count ", aggregate.refused_count(), "\n");
  for (const Op* op : ops) {
    Name name = ToNaive(op->dot());
    if (!expected.applied.contains(name) || expected.unknown.contains(name)) continue;
    if (aggregate.Refused(op->name()) != expected.refused.contains(name)) text += Cat("Refused(", Text(name), ")\n");
  }
  if (aggregate.upgrade_needed() == expected.unknown.empty()) text += "upgrade_needed is wrong\n";
  for (const auto& [id, child] : aggregate.children()) {
    auto voids = expected.siblings.find({ChildText(id), WriteKind::kVoid, ""});
    bool any = voids != expected.siblings.end() &&
               std::any_of(voids->second.begin(), voids->second.end(), [](const auto& v) { return !v.second.empty(); });
    if (any == aggregate.VoidReason(id).empty()) text += Cat("void reason of '", ChildText(id), "' is wrong\n");
  }
  return text;
}

}  // namespace liaison

#include "common/record/verdict.h"

#include <utility>

namespace liaison {
namespace {

constexpr char kRefusedMark = '1', kHeldMark = '2';

}  // namespace

VerdictText ParseVerdict(std::string_view value) {
  VerdictText verdict;
  verdict.held = value.starts_with(kHeldMark);
  if (!value.empty()) value.remove_prefix(1);
  if (verdict.held) {
    const size_t space = value.find(' ');
    verdict.code = std::string(value.substr(0, space));
    value = space == value.npos ? std::string_view() : value.substr(space + 1);
  }
  verdict.words = std::string(value);
  return verdict;
}

std::string RefusedValue(std::string_view words) { return std::string(1, kRefusedMark).append(words); }

std::string HeldValue(std::string_view code, std::string_view words) {
  return std::string(1, kHeldMark).append(code).append(" ").append(words);
}

std::string VerdictElement(const OpName& name) {
  std::string element;
  ByteWriter writer(&element);
  EncodeOpName(name, &writer);
  return element;
}

std::vector<HiddenOp> HiddenBy(const Aggregate& aggregate) {
  std::vector<HiddenOp> hidden;
  const Child* root = aggregate.Find({});
  if (root == nullptr) return hidden;
  for (auto it = root->fields.lower_bound({kVerdictTag, ""});
       it != root->fields.end() && it->first.first == kVerdictTag; ++it) {
    const std::string* decides = nullptr;
    for (const Sibling& sibling : it->second.siblings()) {
      if (sibling.value.empty()) continue;
      if (decides == nullptr || (decides->starts_with(kHeldMark) && !sibling.value.starts_with(kHeldMark)))
        decides = &sibling.value;
    }
    ByteReader in(it->first.second);
    OpName name = DecodeOpName(&in);
    if (decides == nullptr || !in.ok()) continue;
    hidden.push_back({std::move(name), *decides, ParseVerdict(*decides)});
  }
  return hidden;
}

const Register* VerdictsOn(const Aggregate& aggregate, const OpName& name) {
  const Child* root = aggregate.Find({});
  if (root == nullptr) return nullptr;
  const auto it = root->fields.find({kVerdictTag, VerdictElement(name)});
  return it == root->fields.end() ? nullptr : &it->second;
}

}  // namespace liaison

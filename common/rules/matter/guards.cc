#include "common/rules/matter/guards.h"

#include <string>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/record/schema.h"

namespace liaison {

namespace {

// Only the ideographs of a text, so that no space, sign or invisible mark hides a word.
std::string Ideographs(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Char c = NextChar(&text);
    if ((c.code >= 0x3400 && c.code < 0xa000) || (c.code > 0xffff && c.code < kBrokenChar)) out += c.bytes;
  }
  return out;
}

// Of a matter's children and of a visit: ways, names and numbers are no longer.
constexpr uint32_t kLongestLabel = 60;

// Codes that 0.4.0's pages wrote as words.
struct OldReason {
  std::string_view text;
  v1::GuideReason code;
};
constexpr OldReason kOldReasons[] = {
    {"信访事项", v1::GUIDE_PETITION},
    {"已走信访程序", v1::GUIDE_PETITION},
    {"正在复议、仲裁或诉讼", v1::GUIDE_ARBITRATION},
    {"不属本镇", v1::GUIDE_OTHER_AREA},
};

v1::GuideReason CodeOfText(const std::string& text) {
  const auto* codes = v1::GuideReason_descriptor();
  for (int i = 1; i < codes->value_count(); ++i)
    if (LabelOf(codes->value(i)) == text) return static_cast<v1::GuideReason>(codes->value(i)->number());
  for (const OldReason& old : kOldReasons)
    if (old.text == text) return old.code;
  return v1::GUIDE_OTHER;
}

}  // namespace

bool NamesAccusation(std::string_view reason) {
  const std::string text = Ideographs(reason);
  for (std::string_view word : {"检举", "举报", "控告"})
    if (text.find(word) != std::string::npos) return true;
  return false;
}

bool IsAccusation(const v1::Matter& matter) {
  if (matter.disposition() != v1::DISPOSITION_GUIDED) return false;
  if (matter.guide_code() == v1::GUIDE_ACCUSATION) return true;
  const bool by_words = matter.guide_code() == v1::GUIDE_UNSPECIFIED || matter.guide_code() == v1::GUIDE_OTHER;
  return by_words && !matter.historical() && NamesAccusation(matter.guide_reason());
}

bool StandsForAccusation(std::string_view words) {
  // In brackets of either width, with a comma of either.
  const size_t name = words.find(kAccusation), rest = words.find("不记录内容");
  return words.size() <= sizeof(kAccusationWords) && name <= 3 && rest != std::string_view::npos && name < rest;
}

bool IsAccusationVisit(const v1::VisitEntry& entry) { return StandsForAccusation(entry.original_words()); }

bool HoldsWords(const TypeInfo& type, const FieldInfo& field) {
  const v1::FieldRules& rules = field.rules;
  if (rules.words() != v1::WORDS_BY_TYPE) return rules.words() == v1::WORDS_LABEL;
  if (field.descriptor->type() != google::protobuf::FieldDescriptor::TYPE_STRING || field.descriptor->is_repeated())
    return false;
  return type.type() == TypeOf<v1::Matter>().type() ||
         (rules.format() == v1::FORMAT_ANY && rules.max_chars() > kLongestLabel);
}

void BlankAccusation(v1::Matter* matter) {
  for (const FieldInfo& field : TypeOf<v1::Matter>().fields)
    if (HoldsWords(TypeOf<v1::Matter>(), field)) v1::Matter::GetReflection()->ClearField(matter, field.descriptor);
  matter->set_title(kAccusationTitle);
  matter->set_content(kAccusationText);
  matter->set_guided_to("纪检监察机关");
  matter->set_guide_reason(kAccusation);
  matter->set_guide_code(v1::GUIDE_ACCUSATION);
  matter->set_category("99");
  if (!matter->status().reason().empty()) matter->mutable_status()->set_reason(kAccusation);
}

absl::Status SettleGuiding(v1::Matter* matter) {
  const bool accusation = matter->guide_code() == v1::GUIDE_ACCUSATION || NamesAccusation(matter->guide_reason());
  if (matter->disposition() != v1::DISPOSITION_GUIDED) {
    if (!accusation) return absl::OkStatus();
    return absl::InvalidArgumentError("处理方式：检举控告只能引导至其他渠道，内容不记录");
  }
  if (accusation) {
    BlankAccusation(matter);
    return absl::OkStatus();
  }
  if (matter->guide_code() == v1::GUIDE_UNSPECIFIED && !matter->guide_reason().empty())
    matter->set_guide_code(CodeOfText(matter->guide_reason()));
  if (matter->guide_reason().empty() || matter->guide_reason() == EnumLabel(v1::GUIDE_OTHER)) {
    if (matter->guide_code() == v1::GUIDE_OTHER)
      return absl::InvalidArgumentError("引导原因：选了“其他”，请写明原因");
    if (matter->guide_code() != v1::GUIDE_UNSPECIFIED) matter->set_guide_reason(EnumLabel(matter->guide_code()));
  }
  return absl::OkStatus();
}

bool CountsAsOpinion(v1::Track track, v1::Nature nature, v1::MatterState state) {
  return track == v1::TRACK_OPINION && state != v1::DRAFT &&
         (nature == v1::NATURE_OPINION || nature == v1::NATURE_SUGGESTION || nature == v1::NATURE_CRITICISM ||
          nature == v1::NATURE_HELP);
}

absl::Status CheckNewMatter(const v1::Matter& matter) {
  switch (matter.disposition()) {
    case v1::DISPOSITION_ANSWERED:
      if (matter.answer().empty()) return absl::InvalidArgumentError("当场答复内容：选了“当场答复”，请写一句答复");
      if (matter.answered_by().empty()) return absl::InvalidArgumentError("答复代表：选了“当场答复”，请选答复的代表");
      return absl::OkStatus();
    case v1::DISPOSITION_GUIDED:
      if (matter.guided_to().empty()) return absl::InvalidArgumentError("引导去向：选了“引导”，请写引导到哪里");
      if (matter.guide_reason().empty()) return absl::InvalidArgumentError("引导原因：选了“引导”，请选原因");
      return absl::OkStatus();
    case v1::DISPOSITION_VILLAGE:
    case v1::DISPOSITION_SUBMIT:
      return absl::OkStatus();
    default:
      return absl::InvalidArgumentError("处理方式：不能为空");
  }
}

v1::MatterState FirstState(v1::Disposition disposition) {
  switch (disposition) {
    case v1::DISPOSITION_ANSWERED:
      return v1::ANSWERED;
    case v1::DISPOSITION_VILLAGE:
      return v1::VILLAGE;
    case v1::DISPOSITION_GUIDED:
      return v1::GUIDED;
    default:
      return v1::REGISTERED;
  }
}

absl::Status CheckStationMayEdit(const v1::Matter& matter, v1::MatterState state) {
  if (matter.historical()) return absl::FailedPreconditionError("旧台账的记录只供查阅，不能修改");
  switch (state) {
    case v1::DRAFT:
    case v1::REGISTERED:
    case v1::RETURNED:
    case v1::ANSWERED:
    case v1::VILLAGE:
    case v1::GUIDED:
    case v1::CONTESTED:
      return absl::OkStatus();
    default:
      return absl::FailedPreconditionError(Cat("这件事已是“", EnumLabel(state), "”，上报后内容不能再改，请写更正说明"));
  }
}

absl::Status CheckMayVoid(v1::MatterState state) {
  if (state != v1::CLOSED && state != v1::TRACKING && state != v1::ARCHIVED) return absl::OkStatus();
  return absl::FailedPreconditionError(Cat("这件事已是“", EnumLabel(state), "”，不能作废"));
}

}  // namespace liaison

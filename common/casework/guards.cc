#include "common/casework/guards.h"

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/record/schema.h"

namespace liaison {

bool IsAccusation(const v1::Matter& matter) {
  return matter.disposition() == v1::DISPOSITION_GUIDED && matter.guide_reason().starts_with(kAccusation);
}

void BlankAccusation(v1::Matter* matter) {
  matter->set_title(kAccusationTitle);
  matter->set_content(kAccusationText);
  matter->set_guided_to("纪检监察机关");
  matter->set_guide_reason(kAccusation);
  matter->set_category("99");
  matter->clear_subcategory();
  matter->clear_place();
  matter->clear_remark();
  matter->clear_answer();
  matter->clear_answered_by();
}

absl::Status CheckNewMatter(const v1::Matter& matter) {
  switch (matter.disposition()) {
    case v1::DISPOSITION_ANSWERED:
      if (matter.answer().empty()) return absl::InvalidArgumentError("当场答复内容:选了“当场答复”,请写一句答复");
      if (matter.answered_by().empty()) return absl::InvalidArgumentError("答复代表:选了“当场答复”,请选答复的代表");
      return absl::OkStatus();
    case v1::DISPOSITION_GUIDED:
      if (matter.guided_to().empty()) return absl::InvalidArgumentError("引导去向:选了“引导”,请写引导到哪里");
      if (matter.guide_reason().empty()) return absl::InvalidArgumentError("引导原因:选了“引导”,请选原因");
      return absl::OkStatus();
    case v1::DISPOSITION_VILLAGE:
    case v1::DISPOSITION_SUBMIT:
      return absl::OkStatus();
    default:
      return absl::InvalidArgumentError("处理方式:不能为空");
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
  if (matter.historical()) return absl::FailedPreconditionError("旧台账的记录只供查阅,不能修改");
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
      return absl::FailedPreconditionError(Cat("这件事已是“", EnumLabel(state), "”,上报后内容不能再改,请写更正说明"));
  }
}

absl::Status CheckMayVoid(v1::MatterState state) {
  if (state != v1::CLOSED && state != v1::TRACKING && state != v1::ARCHIVED) return absl::OkStatus();
  return absl::FailedPreconditionError(Cat("这件事已是“", EnumLabel(state), "”,不能作废"));
}

}  // namespace liaison

#include "common/doctor/findings.h"

#include <algorithm>
#include <utility>

namespace liaison {

void Findings::Add(const Check& check, v1::Health health, std::string text, std::string advice) {
  v1::Finding& finding = *response_.add_findings();
  finding.set_check(std::string(check.check));
  finding.set_label(std::string(check.label));
  finding.set_health(health);
  finding.set_text(std::move(text));
  finding.set_advice(std::move(advice));
}

void Findings::Append(const Findings& others) { response_.MergeFrom(others.response_); }

v1::ExamineResponse Findings::Answer(std::string_view role) const {
  v1::ExamineResponse answer = response_;
  answer.set_role(std::string(role));
  for (const v1::Finding& finding : answer.findings()) answer.set_health(std::max(answer.health(), finding.health()));
  return answer;
}

}  // namespace liaison

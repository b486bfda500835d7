// What an examination has found: a sentence for each thing that was looked at, and what to do.
#ifndef LIAISON_COMMON_DOCTOR_FINDINGS_H_
#define LIAISON_COMMON_DOCTOR_FINDINGS_H_

#include <string>
#include <string_view>

#include "liaison/v1/doctor.pb.h"

namespace liaison {

// One check, where its findings go. `check` is a name for programs ("disk.room"), `label` the same in Chinese.
// `advice` says what to do.
struct Check {
  std::string_view check, label;
};

// A value type; not thread-safe.
class Findings {
 public:
  void Good(const Check& check, std::string text) { Add(check, v1::HEALTH_GOOD, std::move(text), ""); }
  void Attention(const Check& check, std::string text, std::string advice) {
    Add(check, v1::HEALTH_ATTENTION, std::move(text), std::move(advice));
  }
  void Problem(const Check& check, std::string text, std::string advice) {
    Add(check, v1::HEALTH_PROBLEM, std::move(text), std::move(advice));
  }
  void NotChecked(std::string what) { response_.add_not_checked(std::move(what)); }
  void Append(const Findings& others);

  // With the worst health of all.
  v1::ExamineResponse Answer(std::string_view role) const;

 private:
  void Add(const Check& check, v1::Health health, std::string text, std::string advice);

  v1::ExamineResponse response_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_DOCTOR_FINDINGS_H_

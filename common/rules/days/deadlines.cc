#include "common/rules/days/deadlines.h"

#include <array>
#include <functional>

namespace liaison {
namespace {

constexpr TimeLimit Days(int n) { return {n, TimeLimit::Unit::kDays}; }
constexpr TimeLimit Workdays(int n) { return {n, TimeLimit::Unit::kWorkdays}; }
constexpr TimeLimit Months(int n) { return {n, TimeLimit::Unit::kMonths}; }

// In the order of the enum.
constexpr std::array<DeadlineInfo, static_cast<size_t>(Deadline::kCount)> kInfos = {{
    {"deadline-notice", "接待公告提前", Days(3), "街道联络站制度"},
    {"deadline-submit", "接待后上报", Days(3), "本镇惯例"},
    {"deadline-village", "村级办理，逾期自动上报", Days(15), "本镇惯例"},
    {"deadline-accept", "上报后受理", Days(3), "本镇惯例"},
    {"deadline-assign-opinion", "群众意见受理后交办", Days(10), "联络站制度"},
    {"deadline-assign-suggestion", "代表建议闭会期间交办", Days(7), "陕西省原规定"},
    {"deadline-return", "申请退办", Days(7), "陕西省原规定"},
    {"deadline-co-unit", "协办单位意见", Months(1), "青岛、福建规定"},
    {"deadline-reply-suggestion", "代表建议答复", Months(3), "代表法第五十一条"},
    {"deadline-reply-suggestion-long", "代表建议答复（涉及面广、处理难度大）", Months(6), "代表法第五十一条"},
    {"deadline-reply-opinion", "群众意见答复（一般）", Days(30), "本镇惯例"},
    {"deadline-reply-urgent", "群众意见答复（急）", Days(30), "本镇惯例"},
    {"deadline-reply-major", "群众意见答复（重大）", Days(30), "本镇惯例"},
    {"deadline-ceiling-opinion", "群众意见答复最长（含延期）", Months(3), "本镇惯例"},
    {"deadline-evaluate", "答复后评价", Workdays(20), "重庆市规定"},
    {"deadline-rework", "不满意后重新办理", Months(1), "浙江、河南规定"},
    {"deadline-feedback", "答复后反馈群众", Days(7), "本镇惯例"},
    {"deadline-petition-notice", "信访受理告知", Days(15), "信访工作条例"},
    {"deadline-petition-finish", "信访办结", Days(60), "信访工作条例"},
    {"deadline-near", "临近期限提醒提前", Days(5), "本镇惯例"},
    {"deadline-silent", "沉默站点", Days(60), "本镇惯例"},
}};

}  // namespace

const DeadlineInfo& InfoOf(Deadline deadline) { return kInfos[static_cast<size_t>(deadline)]; }

const DeadlineInfo* FindDeadline(std::string_view key) {
  for (const DeadlineInfo& info : kInfos)
    if (info.key == key) return &info;
  return nullptr;
}

Deadlines::Deadlines(const std::map<std::string, std::string, std::less<>>& policies) {
  for (size_t i = 0; i < kInfos.size(); ++i) {
    auto it = policies.find(kInfos[i].key);
    if (it == policies.end()) continue;
    if (std::optional<TimeLimit> limit = ParseTimeLimit(it->second)) changed_[static_cast<Deadline>(i)] = *limit;
  }
  constexpr std::string_view kHoliday = "holiday-";
  for (auto it = policies.lower_bound(kHoliday); it != policies.end() && it->first.starts_with(kHoliday); ++it) {
    std::optional<Day> day = ParseDay(std::string_view(it->first).substr(kHoliday.size()));
    if (!day) continue;
    if (it->second == "holiday") calendar_.SetDayOff(*day);
    if (it->second == "workday") calendar_.SetWorkday(*day);
  }
}

TimeLimit Deadlines::Limit(Deadline deadline) const {
  auto it = changed_.find(deadline);
  return it == changed_.end() ? InfoOf(deadline).limit : it->second;
}

}  // namespace liaison

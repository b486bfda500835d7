// The columns of the township's lists: what they are called, how a cell is read into a record and written from one.
// Pure, thread-safe.
//
// clang-format off
//   cell of                how
//   a choice               the label of the schema (已合并), the usual other words, or the English word (merged)
//   a list                 elements separated by 、 or ；
//   区划代码               12 digits each; behind one, in brackets, since and until when:
//                          610902107201(2016-01-01至2024-06-30)
//   任职层级               镇, 区 (县), 市, 省, 全国, as a list
//   届别 and its like      one part for each level of 任职层级, in its order, separated by ；; a part may be empty
//   a date, a phone        as text_forms.h understands them
//   a reception day rule   as rules/reception/schedule.h understands it
// clang-format on
#ifndef LIAISON_COMMON_INTAKE_ROSTER_COLUMNS_H_
#define LIAISON_COMMON_INTAKE_ROSTER_COLUMNS_H_

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "liaison/v1/imports.pb.h"

namespace liaison {

// An empty cell says nothing; one with this word clears the field.
inline constexpr std::string_view kClearCell = "清空";

// A function from a trimmed, nonempty cell into the record; returns "" or what is wrong, in Chinese.
using ReadCell = std::string (*)(std::string_view text, std::string_view field, google::protobuf::Message* record);
// What an export shows; an empty text where the record says nothing.
using WriteCell = std::string (*)(const google::protobuf::Message& record, std::string_view field);

struct RosterColumn {
  std::string_view field;  // of the record's message, also the column's English name; of a mandate's part: its own
  std::vector<std::string_view> names;  // the first is the head of exports
  ReadCell read;
  WriteCell write;
  // 任职层级 and what belongs to it are read together, as soon as one of them says something else than the record does.
  bool mandate = false;
  bool day = false;  // a number in it is a day
};

struct RosterForm {
  v1::RosterKind kind;
  std::string_view file_name;         // without its ending: "stations"
  std::vector<RosterColumn> columns;  // the first names the record
};

// The lists, in the order of v1::RosterKind; null for a kind that is none.
const std::vector<RosterForm>& RosterForms();
const RosterForm* FormOf(v1::RosterKind kind);

// An empty record of the list's type.
std::unique_ptr<google::protobuf::Message> NewRecord(v1::RosterKind kind);
// The code of its master record: "HK-D001", "holiday-2026-01-01", "category-01".
std::string RosterCode(v1::RosterKind kind, const google::protobuf::Message& record);
// What people call it: name or day.
std::string RosterName(v1::RosterKind kind, const google::protobuf::Message& record);

// A cell as a person typed it, without guards, control characters and white space around.
std::string CleanCell(std::string_view text);

}  // namespace liaison

#endif  // LIAISON_COMMON_INTAKE_ROSTER_COLUMNS_H_

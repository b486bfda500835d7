// An A4 page in HTML, built from top to bottom. All text is escaped here; nothing but this file and forms*.cc writes
// tags.
#ifndef LIAISON_COMMON_PAPER_PAGE_H_
#define LIAISON_COMMON_PAPER_PAGE_H_

#include <string>
#include <string_view>
#include <vector>

namespace liaison::office {

// Cells of a form's table. `kind` is a class of the style sheet.
std::string Th(std::string_view text, int span = 1);
std::string Td(std::string_view text, int span = 1, std::string_view kind = "");
std::string TdHtml(std::string_view html, int span = 1, std::string_view kind = "");

// "□当场答复 ☑上报镇": the choice that is `chosen` is ticked, all boxes are open where it is empty.
std::string Choices(const std::vector<std::string>& choices, std::string_view chosen);

class Page {
 public:
  // `size` is a class of the style sheet: "letter" for documents in running text, "poster"; "" for forms.
  Page(std::string_view title, bool landscape = false, std::string_view size = "");

  void Heading(std::string_view text);
  // One line over the table, its parts spread from left to right. Empty parts keep their place.
  void Line(const std::vector<std::string>& parts);
  void Note(std::string_view text);  // small, below
  // `widths` in percent; `rows` as Th() and Td() give them, a row each.
  void Table(const std::vector<int>& widths, const std::vector<std::string>& rows, std::string_view head = "");
  void Paragraph(std::string_view text, std::string_view kind = "");
  // Who signs where: "站长（签字）：" with room after each.
  void Signatures(const std::vector<std::string>& who);
  // 落款 at the right, with room for the seal.
  void Seal(std::string_view unit, std::string_view date);
  void TearOff();
  void Html(std::string_view html) { body_ += html; }

  std::string Finish() const;

 private:
  std::string title_, size_, body_;
  bool landscape_;
};

// Pages as Finish() gives them, one behind the other in one file, each on paper of its own. The first gives its margins
// and its style to all. REQUIRES: all of one form.
std::string JoinPages(const std::vector<std::string>& pages);

// "    年  月  日" where the day is empty.
std::string DayOrBlank(std::string_view date);

}  // namespace liaison::office

#endif  // LIAISON_COMMON_PAPER_PAGE_H_

// A document as .docx, laid out as official documents are (GB/T 9704-2012): A4, margins of 37, 35, 28 and 26 mm, the
// title in 方正小标宋 22 pt, the text in 仿宋 16 pt with two characters' indent on lines of 28 pt, headings 一、 in
// 黑体 and （一） in 楷体, page numbers — 1 — outside at the foot. Where those fonts are not installed the font table
// names the usual ones in their place.
#ifndef LIAISON_COMMON_PAPER_DOCUMENT_H_
#define LIAISON_COMMON_PAPER_DOCUMENT_H_

#include <string>
#include <string_view>
#include <vector>

#include "common/sheets/chart.h"

namespace liaison::office {

inline constexpr char kDocxMime[] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

struct DocumentColumn {
  std::string head;
  double share = 1;  // of the width, in proportion to the others'
  enum class Align { kLeft, kCentre, kRight } align = Align::kLeft;
};

struct DocumentTable {
  std::string caption;  // above the table; empty: none
  std::vector<DocumentColumn> columns;
  std::vector<std::vector<std::string>> rows;  // shorter rows are filled with empty cells, longer ones cut
  std::string note;                            // below it, small; empty: none
};

// Filled from top to bottom, then written once. Not thread-safe. Line feeds in any text begin a new paragraph (in a
// table's cell: a new line). An empty text gives an empty line.
class Document {
 public:
  // `title` and `author` also stand in the file's properties. The title is broken at its line feeds only where the
  // author wants it so.
  Document(std::string_view title, std::string_view author);

  void Heading(int level, std::string_view text);  // 1 or 2; numbered here: 一、 and （一）
  void Paragraph(std::string_view text);
  void Table(const DocumentTable& table);
  // With its numbers in an embedded workbook, so that an office program can edit it. Without series nothing is written.
  void AddChart(const Chart& chart);
  // 落款: who signs and the day (YYYY-MM-DD is written out), at the right, kept together.
  void Signature(std::string_view unit, std::string_view date);
  void PageBreak();

  // The file. May be called again.
  std::string Bytes() const;

 private:
  std::string title_, author_;
  std::string body_;  // what stands below the title, as XML
  std::vector<Chart> charts_;
  int heading_ = 0, subheading_ = 0;
};

}  // namespace liaison::office

#endif  // LIAISON_COMMON_PAPER_DOCUMENT_H_

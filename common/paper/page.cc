#include "common/paper/page.h"

#include "common/base/markup.h"
#include "common/base/text.h"

namespace liaison::office {
namespace {

constexpr char kStyle[] = R"(
*{box-sizing:border-box}
html,body{margin:0;padding:0;color:#000;background:#fff}
body{font:12pt/1.5 "仿宋_GB2312","仿宋",FangSong,"Noto Serif CJK SC",serif}
h1{font:normal 20pt/1.4 "方正小标宋简体","华文中宋","宋体",SimSun,"Noto Serif CJK SC",serif;text-align:center;margin:0 0 4mm;letter-spacing:.05em}
.line{display:flex;justify-content:space-between;gap:6mm;margin:0 0 1.5mm}
table{border-collapse:collapse;width:calc(100% - 1.2pt);table-layout:fixed;border:1.2pt solid #000}
th,td{border:.6pt solid #000;padding:1.2mm 1.8mm;vertical-align:middle;overflow-wrap:anywhere;white-space:pre-wrap}
th{font:normal 12pt/1.4 "黑体",SimHei,"Noto Sans CJK SC",sans-serif;text-align:center}
tr{break-inside:avoid}
thead{display:table-header-group}
td.c,.c td{text-align:center}
td.r{text-align:right}
td.low{height:16mm;vertical-align:top}
td.mid{height:30mm;vertical-align:top}
td.high{height:58mm;vertical-align:top}
td.sign{height:26mm;vertical-align:bottom;text-align:right}
.note{font-size:10.5pt;margin:2mm 0 0;white-space:pre-wrap}
.signs{display:flex;justify-content:space-between;gap:8mm;margin:8mm 0 0}
.signs span{flex:1}
.small+.signs{margin-top:4mm}
.seal{margin:10mm 12mm 0 0;text-align:right;break-inside:avoid}
.seal div{line-height:1.9}
.tear{margin:6mm 0 5mm;border-top:1pt dashed #000;text-align:center;font-size:10.5pt;line-height:0}
.tear span{background:#fff;padding:0 3mm}
p{margin:0;white-space:pre-wrap}
.letter{font-size:16pt;line-height:28pt}
.letter h1{font-size:22pt;line-height:35pt;margin:3mm 0 5mm}
.letter p{text-indent:2em;text-align:justify}
.letter p.to{text-indent:0}
.letter .line{margin:0 0 3mm}
.letter .line span:only-child{margin:auto}
.letter p.mark{text-indent:0;text-align:right;font-family:"黑体",SimHei,"Noto Sans CJK SC",sans-serif}
.letter .foot{border-top:.6pt solid #000;border-bottom:.6pt solid #000;margin-top:6mm;font-size:14pt;padding:0 4mm}
.letter .foot p{text-indent:0}
.poster{font-size:20pt;line-height:1.9}
.poster h1{font-size:40pt;margin:14mm 0 12mm}
.poster p{text-indent:2em}
.poster dl{margin:10mm 0;display:grid;grid-template-columns:5.2em 1fr;row-gap:4mm}
.poster dt{font-family:"黑体",SimHei,"Noto Sans CJK SC",sans-serif}
.poster dd{margin:0;white-space:pre-wrap}
.small th,.small td{font-size:9pt;line-height:1.3;padding:.8mm 1mm}
.small td.d{white-space:nowrap;text-align:center;padding:.8mm .2mm;font-size:9pt}
@media screen{body{margin:8mm auto;max-width:190mm}body.wide{max-width:277mm}}
)";

std::string SpanAttribute(int span) { return span > 1 ? Cat(" colspan=\"", span, "\"") : ""; }

}  // namespace

std::string Th(std::string_view text, int span) { return Cat("<th", SpanAttribute(span), ">", Escape(text), "</th>"); }

std::string Td(std::string_view text, int span, std::string_view kind) { return TdHtml(Escape(text), span, kind); }

std::string TdHtml(std::string_view html, int span, std::string_view kind) {
  return Cat("<td", SpanAttribute(span), kind.empty() ? "" : Cat(" class=\"", kind, "\""), ">", html, "</td>");
}

std::string Choices(const std::vector<std::string>& choices, std::string_view chosen) {
  std::string out;
  for (const std::string& choice : choices)
    out += Cat(out.empty() ? "" : "  ", !chosen.empty() && choice == chosen ? "☑" : "□", choice);
  return out;
}

std::string DayOrBlank(std::string_view date) { return date.empty() ? "    年   月   日" : ChineseDate(date); }

Page::Page(std::string_view title, bool landscape, std::string_view size)
    : title_(title), size_(size), landscape_(landscape) {}

void Page::Heading(std::string_view text) { body_ += Cat("<h1>", Escape(text), "</h1>\n"); }

void Page::Line(const std::vector<std::string>& parts) {
  body_ += "<div class=\"line\">";
  for (const std::string& part : parts) body_ += Cat("<span>", Escape(part), "</span>");
  body_ += "</div>\n";
}

void Page::Note(std::string_view text) { body_ += Cat("<div class=\"note\">", Escape(text), "</div>\n"); }

void Page::Table(const std::vector<int>& widths, const std::vector<std::string>& rows, std::string_view head) {
  body_ += "<table><colgroup>";
  for (int width : widths) body_ += Cat("<col style=\"width:", width, "%\">");
  body_ += "</colgroup>";
  if (!head.empty()) body_ += Cat("<thead><tr>", head, "</tr></thead>");
  body_ += "<tbody>\n";
  for (const std::string& row : rows) body_ += Cat("<tr>", row, "</tr>\n");
  body_ += "</tbody></table>\n";
}

void Page::Paragraph(std::string_view text, std::string_view kind) {
  std::string line;
  const std::string open = kind.empty() ? "<p>" : Cat("<p class=\"", kind, "\">");
  for (char c : Cat(CleanText(text), "\n")) {
    if (c != '\n') {
      line += c;
      continue;
    }
    body_ += Cat(open, Escape(line), "</p>\n");
    line.clear();
  }
}

void Page::Signatures(const std::vector<std::string>& who) {
  body_ += "<div class=\"signs\">";
  for (const std::string& one : who) body_ += Cat("<span>", Escape(one), "</span>");
  body_ += "</div>\n";
}

void Page::Seal(std::string_view unit, std::string_view date) {
  body_ +=
      Cat("<div class=\"seal\"><div>", Escape(unit), "（盖章）</div><div>", Escape(DayOrBlank(date)), "</div></div>\n");
}

void Page::TearOff() { body_ += "<div class=\"tear\"><span>✂ 沿 此 线 撕 下 回 执</span></div>\n"; }

namespace {
constexpr char kEnd[] = "</body></html>\n";
}

std::string Page::Finish() const {
  const char* margins = size_ == "letter" ? "37mm 26mm 35mm 28mm" : landscape_ ? "14mm 12mm" : "16mm 15mm";
  return Cat("<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>", Escape(title_),
             "</title><style>@page{size:A4", landscape_ ? " landscape" : "", ";margin:", margins, "}", kStyle,
             "</style></head>\n<body class=\"", size_, landscape_ ? " wide" : "", "\">\n", body_, kEnd);
}

std::string JoinPages(const std::vector<std::string>& pages) {
  std::string joined;
  for (const std::string& page : pages) {
    if (joined.empty()) {
      joined = page.substr(0, page.rfind(kEnd));
      continue;
    }
    const size_t body = page.find('>', page.find("<body")) + 1;
    joined += Cat("<div style=\"break-before:page\">", page.substr(body, page.rfind(kEnd) - body), "</div>\n");
  }
  return joined + kEnd;
}

}  // namespace liaison::office

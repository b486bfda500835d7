#include "common/paper/document_parts.h"

#include "common/base/markup.h"
#include "common/base/text.h"

namespace liaison::office::parts {
namespace {

constexpr char kXml[] = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
constexpr char kWordSpaces[] =
    "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" "
    "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";
constexpr char kRelationSpaces[] = "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"";
constexpr char kOfficeRelation[] = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";

struct Style {
  const char *id, *name, *font;
  int half_points;
  const char* paragraph;  // of w:pPr, in the schema's order
};

// Lines of exactly 28 pt (560 twentieths); the title's are 35 pt. Two characters of 16 pt are 640.
constexpr Style kStyles[] = {
    {"Title", "Title", "方正小标宋简体", 44,
     "<w:spacing w:before=\"0\" w:after=\"280\" w:line=\"700\" w:lineRule=\"exact\"/><w:contextualSpacing/>"
     "<w:jc w:val=\"center\"/>"},
    {"Heading1", "heading 1", "黑体", 32,
     "<w:keepNext/><w:spacing w:line=\"560\" w:lineRule=\"exact\"/><w:ind w:firstLineChars=\"200\" "
     "w:firstLine=\"640\"/>"
     "<w:outlineLvl w:val=\"0\"/>"},
    {"Heading2", "heading 2", "楷体_GB2312", 32,
     "<w:keepNext/><w:spacing w:line=\"560\" w:lineRule=\"exact\"/><w:ind w:firstLineChars=\"200\" "
     "w:firstLine=\"640\"/>"
     "<w:outlineLvl w:val=\"1\"/>"},
    {"BodyText", "Body Text", "仿宋_GB2312", 32,
     "<w:spacing w:line=\"560\" w:lineRule=\"exact\"/><w:ind w:firstLineChars=\"200\" w:firstLine=\"640\"/>"
     "<w:jc w:val=\"both\"/>"},
    {"TableCaption", "Table Caption", "黑体", 28,
     "<w:keepNext/><w:spacing w:before=\"160\" w:after=\"80\" w:line=\"480\" w:lineRule=\"exact\"/><w:jc "
     "w:val=\"center\"/>"},
    {"TableHead", "Table Head", "黑体", 21,
     "<w:keepNext/><w:spacing w:before=\"40\" w:after=\"40\" w:line=\"320\" w:lineRule=\"exact\"/>"},
    {"TableText", "Table Text", "仿宋_GB2312", 21,
     "<w:spacing w:before=\"40\" w:after=\"40\" w:line=\"320\" w:lineRule=\"exact\"/>"},
    {"TableNote", "Table Note", "仿宋_GB2312", 21,
     "<w:spacing w:before=\"60\" w:after=\"120\" w:line=\"320\" w:lineRule=\"exact\"/>"},
    {"Figure", "Figure", "仿宋_GB2312", 21, "<w:spacing w:before=\"160\" w:after=\"160\"/><w:jc w:val=\"center\"/>"},
    {"SignatureGap", "Signature Gap", "仿宋_GB2312", 32,
     "<w:keepNext/><w:spacing w:line=\"560\" w:lineRule=\"exact\"/>"},
    {"Signature", "Signature", "仿宋_GB2312", 32,
     "<w:keepNext/><w:spacing w:line=\"560\" w:lineRule=\"exact\"/><w:ind w:rightChars=\"200\" w:right=\"640\"/>"
     "<w:jc w:val=\"right\"/>"},
    {"SignatureDate", "Signature Date", "仿宋_GB2312", 32,
     "<w:spacing w:line=\"560\" w:lineRule=\"exact\"/><w:ind w:rightChars=\"400\" w:right=\"1280\"/><w:jc "
     "w:val=\"right\"/>"},
    {"PageNumber", "footer", "宋体", 28, "<w:spacing w:line=\"360\" w:lineRule=\"exact\"/>"},
};

struct Font {
  const char *name, *others, *family;
};
// What stands in for a font that is not installed.
constexpr Font kFonts[] = {
    {"方正小标宋简体", "方正小标宋_GBK," "华文中宋," "宋体," "SimSun,Noto Serif CJK SC", "roman"},
    {"仿宋_GB2312", "仿宋,FangSong,Noto Serif CJK SC", "modern"},
    {"楷体_GB2312", "楷体,KaiTi,Noto Serif CJK SC", "modern"},
    {"黑体", "SimHei,Noto Sans CJK SC", "swiss"},
    {"宋体", "SimSun,Noto Serif CJK SC", "roman"},
};

std::string Fonts(std::string_view font) {
  return Cat("<w:rFonts w:ascii=\"", font, "\" w:eastAsia=\"", font, "\" w:hAnsi=\"", font, "\" w:cs=\"", font, "\"/>");
}

std::string Relation(std::string_view id, std::string_view type, std::string_view target) {
  return Cat("<Relationship Id=\"", id, "\" Type=\"", type, "\" Target=\"", target, "\"/>");
}

}  // namespace

const char kDocumentBegin[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
    "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" "
    "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" "
    "xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" "
    "xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" "
    "xmlns:c=\"http://schemas.openxmlformats.org/drawingml/2006/chart\"><w:body>";

// A4, 37, 26, 35 and 28 mm; the page number 7 mm below the text.
const char kDocumentEnd[] =
    "<w:sectPr><w:footerReference w:type=\"default\" r:id=\"rIdFooter1\"/>"
    "<w:footerReference w:type=\"even\" r:id=\"rIdFooter2\"/><w:pgSz w:w=\"11906\" w:h=\"16838\"/>"
    "<w:pgMar w:top=\"2098\" w:right=\"1474\" w:bottom=\"1984\" w:left=\"1588\" w:header=\"851\" w:footer=\"1304\" "
    "w:gutter=\"0\"/></w:sectPr></w:body></w:document>";

const char kSettings[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
    "<w:settings xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:zoom w:percent=\"100\"/>"
    "<w:evenAndOddHeaders/><w:characterSpacingControl w:val=\"compressPunctuation\"/><w:compat><w:compatSetting "
    "w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat>"
    "<w:themeFontLang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:settings>";

std::string ContentTypes(size_t charts) {
  constexpr char kWord[] = "application/vnd.openxmlformats-officedocument.wordprocessingml.";
  std::string out =
      Cat(kXml,
          "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
          "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
          "<Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"xlsx\" "
          "ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet\"/>"
          "<Override PartName=\"/docProps/core.xml\" "
          "ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>");
  struct {
    const char *part, *type;
  } const overrides[] = {{"document", "document.main"}, {"styles", "styles"},  {"fontTable", "fontTable"},
                         {"settings", "settings"},      {"footer1", "footer"}, {"footer2", "footer"}};
  for (const auto& [part, type] : overrides)
    out += Cat("<Override PartName=\"/word/", part, ".xml\" ContentType=\"", kWord, type, "+xml\"/>");
  for (size_t i = 1; i <= charts; ++i) {
    out += Cat("<Override PartName=\"/word/charts/chart", i,
               ".xml\" ContentType=\"application/vnd.openxmlformats-officedocument.drawingml.chart+xml\"/>");
  }
  return out + "</Types>";
}

std::string PackageRelations() {
  return Cat(kXml, "<Relationships ", kRelationSpaces, ">",
             Relation("rId1", Cat(kOfficeRelation, "officeDocument"), "word/document.xml"),
             Relation("rId2", "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties",
                      "docProps/core.xml"),
             "</Relationships>");
}

std::string DocumentRelations(size_t charts) {
  std::string out = Cat(kXml, "<Relationships ", kRelationSpaces, ">");
  out += Relation("rIdStyles", Cat(kOfficeRelation, "styles"), "styles.xml");
  out += Relation("rIdFonts", Cat(kOfficeRelation, "fontTable"), "fontTable.xml");
  out += Relation("rIdSettings", Cat(kOfficeRelation, "settings"), "settings.xml");
  out += Relation("rIdFooter1", Cat(kOfficeRelation, "footer"), "footer1.xml");
  out += Relation("rIdFooter2", Cat(kOfficeRelation, "footer"), "footer2.xml");
  for (size_t i = 1; i <= charts; ++i)
    out += Relation(Cat("rIdChart", i), Cat(kOfficeRelation, "chart"), Cat("charts/chart", i, ".xml"));
  return out + "</Relationships>";
}

std::string ChartRelations(std::string_view number) {
  return Cat(kXml, "<Relationships ", kRelationSpaces, ">",
             Relation("rId1", Cat(kOfficeRelation, "package"), Cat("../embeddings/chart", number, ".xlsx")),
             "</Relationships>");
}

std::string CoreProperties(std::string_view title, std::string_view author) {
  return Cat(kXml,
             "<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" "
             "xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>",
             Escape(title), "</dc:title><dc:creator>", Escape(author), "</dc:creator></cp:coreProperties>");
}

std::string Styles() {
  std::string out = Cat(kXml, "<w:styles ", kWordSpaces, "><w:docDefaults><w:rPrDefault><w:rPr>", Fonts("仿宋_GB2312"),
                        "<w:kern w:val=\"2\"/><w:sz w:val=\"32\"/><w:szCs w:val=\"32\"/><w:lang w:val=\"en-US\" "
                        "w:eastAsia=\"zh-CN\"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>"
                        "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/>"
                        "<w:qFormat/></w:style>");
  for (const Style& style : kStyles) {
    out += Cat("<w:style w:type=\"paragraph\" w:styleId=\"", style.id, "\"><w:name w:val=\"", style.name,
               "\"/><w:basedOn w:val=\"Normal\"/><w:qFormat/><w:pPr>", style.paragraph, "</w:pPr><w:rPr>",
               Fonts(style.font), "<w:sz w:val=\"", style.half_points, "\"/><w:szCs w:val=\"", style.half_points,
               "\"/></w:rPr></w:style>");
  }
  out += "<w:style w:type=\"table\" w:styleId=\"Grid\"><w:name w:val=\"Table Grid\"/><w:tblPr><w:tblBorders>";
  for (const char* side : {"top", "left", "bottom", "right", "insideH", "insideV"})
    out += Cat("<w:", side, " w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>");
  out +=
      "</w:tblBorders><w:tblCellMar><w:left w:w=\"60\" w:type=\"dxa\"/><w:right w:w=\"60\" w:type=\"dxa\"/>"
      "</w:tblCellMar></w:tblPr></w:style>";
  return out + "</w:styles>";
}

std::string FontTable() {
  std::string out = Cat(kXml, "<w:fonts ", kWordSpaces, ">");
  for (const Font& font : kFonts) {
    out += Cat("<w:font w:name=\"", font.name, "\"><w:altName w:val=\"", font.others,
               "\"/><w:charset w:val=\"86\"/><w:family w:val=\"", font.family,
               "\"/><w:pitch w:val=\"default\"/></w:font>");
  }
  return out + "</w:fonts>";
}

std::string Footer(std::string_view side) {
  const bool right = side == "right";
  return Cat(
      kXml, "<w:ftr ", kWordSpaces, "><w:p><w:pPr><w:pStyle w:val=\"PageNumber\"/><w:ind ",
      right ? "w:rightChars=\"100\" w:right=\"280\"" : "w:leftChars=\"100\" w:left=\"280\"", "/><w:jc w:val=\"", side,
      "\"/></w:pPr><w:r><w:t xml:space=\"preserve\">— </w:t></w:r><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>"
      "<w:r><w:instrText xml:space=\"preserve\"> PAGE </w:instrText></w:r><w:r><w:fldChar "
      "w:fldCharType=\"separate\"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
      "<w:r><w:t xml:space=\"preserve\"> —</w:t></w:r></w:p></w:ftr>");
}

}  // namespace liaison::office::parts

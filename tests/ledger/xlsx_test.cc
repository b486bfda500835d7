#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include <cstdio>

#include "common/sheets/table.h"
#include "common/sheets/xml.h"
#include "common/sheets/zip.h"
#include "tests/ledger/fixture.h"

namespace liaison {
namespace {

// What xlsxwriter makes of `fill`; in constant memory it writes inline strings.
template <typename Fill>
std::string Written(bool inline_strings, Fill fill) {
  const std::string path = ::testing::TempDir() + "liaison-" + std::to_string(getpid()) + ".xlsx";
  lxw_workbook_options options{};
  options.constant_memory = inline_strings ? LXW_TRUE : LXW_FALSE;
  lxw_workbook* book = workbook_new_opt(path.c_str(), &options);
  fill(book, workbook_add_worksheet(book, "台账"));
  EXPECT_EQ(workbook_close(book), LXW_NO_ERROR);
  std::ifstream file(path, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  std::remove(path.c_str());
  return bytes;
}

TEST(ReadXlsx, ReadsTheRealLedgerWithItsDates) {
  Table table = ReadXlsx(ReadFixture("ledger-old.xlsx")).value().sheets[0];
  ASSERT_EQ(table.rows.size(), 202u);
  EXPECT_EQ(table.rows[0].Text(15), table.rows[0].Text(0));  // the merged title
  EXPECT_EQ(table.rows[1].Text(1), "接待日期");
  const Cell& date = table.rows[2].cells[1];
  EXPECT_TRUE(date.is_number && date.is_date);
  EXPECT_EQ(date.text, "2026-01-17");
  EXPECT_EQ(date.number, 46039);
  EXPECT_EQ(table.rows[13].Text(1), "2026-02-30");  // typed as text
  EXPECT_EQ(table.rows[91].Text(7), "第一件：水渠漏水\n第二件：路灯不亮，\"一直没人修\"，请看看");
}

TEST(ReadXlsx, ReadsStringsNumbersAndResultsOfFormulas) {
  for (bool inline_strings : {false, true}) {
    Table table = ReadXlsx(Written(inline_strings, [](lxw_workbook* book, lxw_worksheet* sheet) {
                    lxw_format* day = workbook_add_format(book);
                    format_set_num_format(day, "yyyy/m/d");
                    worksheet_write_string(sheet, 0, 0, "夏𬱖 & <䶮>", nullptr);
                    worksheet_write_number(sheet, 0, 1, 13876543210, nullptr);
                    worksheet_write_number(sheet, 0, 2, 0.1, nullptr);
                    worksheet_write_number(sheet, 0, 3, 46148, day);
                    worksheet_write_formula_num(sheet, 0, 4, "=1+2", nullptr, 3);
                    worksheet_write_formula_str(sheet, 0, 5, "=\"满\"&\"意\"", nullptr, "满意");
                    worksheet_write_boolean(sheet, 0, 6, 1, nullptr);
                    worksheet_write_blank(sheet, 0, 7, day);
                    worksheet_write_string(sheet, 4, 1, "two\nlines", nullptr);
                  })).value().sheets[0];
    ASSERT_EQ(table.rows.size(), 2u) << inline_strings;
    const Row& row = table.rows[0];
    ASSERT_EQ(row.cells.size(), 7u);
    EXPECT_EQ(row.Text(0), "夏𬱖 & <䶮>");
    EXPECT_EQ(row.Text(1), "13876543210");
    EXPECT_EQ(row.Text(2), "0.1");
    EXPECT_EQ(row.Text(3), "2026-05-06");
    EXPECT_TRUE(row.cells[3].is_date);
    EXPECT_EQ(row.Text(4), "3");
    EXPECT_EQ(row.Text(5), "满意");
    EXPECT_EQ(row.Text(6), "TRUE");
    EXPECT_EQ(table.rows[1].number, 5);
    EXPECT_EQ(table.rows[1].Text(1), "two\nlines");
  }
}

TEST(ReadXlsx, KnowsTheCornersOfTheFormat) {
  Table table =
      ReadXlsx(MakeXlsx("<row><c t=\"s\"><v>0</v></c><c s=\"1\"><v>46148</v></c><c s=\"2\"><v>46148</v></c>"
                        "<c s=\"3\"><v>46148.5</v></c></row>"
                        "<row r=\"7\"><c r=\"B7\" t=\"e\"><v>#N/A</v></c><c t=\"d\"><v>2026-05-06</v></c>"
                        "<c r=\"AA7\" t=\"inlineStr\"><is><r><t>行</t></r><r><t>_x000D_内</t></r></is></c></row>",
                        "<si><r><t>王</t></r><rPh sb=\"0\" eb=\"1\"><t>wang</t></rPh><r><t>强&#x1F600;</t></r>"
                        "</si>"))
          .value()
          .sheets[0];
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0].Text(0), "王强😀");  // without the reading above it
  EXPECT_EQ(table.rows[0].Text(1), "2026-05-06");
  EXPECT_EQ(table.rows[0].Text(2), "46148");  // [Red] and "day" in the format make no date
  EXPECT_EQ(table.rows[0].Text(3), "2026-05-06");
  EXPECT_EQ(table.rows[1].number, 7);
  EXPECT_EQ(table.rows[1].Text(1), "#N/A");
  EXPECT_EQ(table.rows[1].Text(2), "2026-05-06");
  EXPECT_EQ(table.rows[1].Text(26), "行\r内");
}

TEST(ReadXlsx, CountsDaysFrom1904IfTheBookSaysSo) {
  const std::string book = "<workbookPr date1904=\"1\"/><sheets><sheet r:id=\"r1\"/></sheets>";
  Table table = ReadXlsx(MakeXlsx("<row><c s=\"1\"><v>44686</v></c></row>", "", book)).value().sheets[0];
  EXPECT_EQ(table.rows[0].Text(0), "2026-05-06");
}

TEST(ReadXlsx, PassesOverHiddenAndEmptySheets) {
  const std::string book = "<sheets><sheet state=\"hidden\" r:id=\"r1\"/><sheet r:id=\"r2\"/></sheets>";
  EXPECT_EQ(ReadXlsx(MakeXlsx("<row><c t=\"str\"><v>first</v></c></row>", "", book)).value().sheets[0].rows[0].Text(0),
            "second");
  const std::string both = "<sheets><sheet r:id=\"r1\"/><sheet r:id=\"r2\"/></sheets>";
  EXPECT_EQ(ReadXlsx(MakeXlsx("<row><c s=\"1\"/></row>", "", both)).value().sheets[0].rows[0].Text(0), "second");
}

TEST(ReadXlsx, RefusesCellsThatCannotBe) {
  for (const char* rows :
       {"<row r=\"0\"><c><v>1</v></c></row>", "<row><c t=\"s\"><v>5</v></c></row>",
        "<row><c t=\"s\"><v>-1</v></c></row>", "<row><c><v>1x</v></c></row>", "<row><c r=\"A9\"><v>1</v></c></row>",
        "<row><c r=\"11\"><v>1</v></c></row>", "<row r=\"5\"><c><v>1</v></c></row><row r=\"4\"><c><v>1</v></c></row>",
        "<row><c><v>nan</v></c></row>", "<row><c></row>",
        "<row><c t=\"str\"><v>\xff</v></c></row>", "<row><c t=\"str\"><v>&bomb;</v></c></row>"}) {
    auto table = ReadXlsx(MakeXlsx(rows));
    EXPECT_EQ(table.status().code(), absl::StatusCode::kInvalidArgument) << rows;
  }
}

TEST(ReadXlsx, RefusesDocumentTypes) {
  const std::string book = "<sheets><sheet r:id=\"r2\"/></sheets>";
  EXPECT_TRUE(ReadXlsx(MakeXlsx("", "", book)).ok());
  EXPECT_FALSE(ReadXlsx(MakeXlsx("", "", "<!DOCTYPE a [<!ENTITY b \"c\">]>" + book)).ok());
}

TEST(ReadXlsx, RefusesATruncatedFileAtEveryLength) {
  const std::string whole = ReadFixture("ledger-old.xlsx");
  for (size_t size = 0; size < whole.size(); size += 97) {
    EXPECT_FALSE(ReadXlsx(std::string_view(whole).substr(0, size)).ok()) << size;
  }
}

TEST(ReadXlsx, NoticesDamageInside) {
  const std::string whole = ReadFixture("ledger-old.xlsx");
  const size_t sheet = whole.find("xl/worksheets/sheet1.xml");
  ASSERT_NE(sheet, std::string::npos);
  for (size_t at = sheet + 200; at < sheet + 10000; at += 500) {
    std::string damaged = whole;
    damaged[at] ^= 0x55;
    EXPECT_FALSE(ReadXlsx(damaged).ok()) << at;
  }
}

TEST(ReadXlsx, DoesNotUnpackBombs) {
  // 70 MB of spaces are 70 kB in the archive.
  auto bomb = ReadXlsx(MakeXlsx(std::string(70 << 20, ' ')));
  ASSERT_FALSE(bomb.ok());
  EXPECT_NE(Message(bomb.status()).find("解压后太大"), std::string::npos) << bomb.status();
  // The directory lies about the size: no more than that is unpacked, and then it does not fit.
  EXPECT_FALSE(ReadXlsx(MakeXlsx(std::string(70 << 20, ' '), "", "", 1000)).ok());
  EXPECT_FALSE(ReadXlsx(MakeXlsx("<row><c><v>1</v></c></row>", "", "", 63 << 20)).ok());
}

TEST(ReadXlsx, TheBoundIsOnAllPartsTogether) {
  const std::string half(40 << 20, ' ');
  EXPECT_TRUE(ReadXlsx(MakeXlsx(half)).ok());
  EXPECT_FALSE(ReadXlsx(MakeXlsx(half, half)).ok());
}

TEST(Zip, RefusesEncryptedEntries) {
  std::string bytes = MakeZip({{"a", "hello"}});
  ASSERT_EQ(ZipReader::Open(bytes, 100).value().Read("a").value(), "hello");
  const size_t directory = bytes.find("PK\x01\x02");
  bytes[directory + 8] |= 1;
  EXPECT_NE(Message(ZipReader::Open(bytes, 100).value().Read("a").status()).find("加了密码"), std::string::npos);
  EXPECT_EQ(ZipReader::Open(bytes, 100).value().Read("b").status().code(), absl::StatusCode::kNotFound);
}

TEST(Zip, NamesCountWithoutCaseAndTheFirstOfARepeatedOneIsRead) {
  const std::string bytes = MakeZip({{"XL\\A.xml", "first"}, {"xl/a.xml", "second"}});
  ZipReader zip = ZipReader::Open(bytes, 100).value();
  EXPECT_EQ(zip.Names(), std::vector<std::string>{"xl/a.xml"});
  EXPECT_EQ(zip.Read("Xl/A.XML").value(), "first");
}

TEST(Zip, NumberOfEntriesIsBounded) {
  const std::vector<std::pair<std::string, std::string>> parts(10'001, {"a", ""});
  EXPECT_NE(Message(ZipReader::Open(MakeZip(parts), 100).status()).find("目录太长"), std::string::npos);
}

TEST(Zip, OtherWaysOfPackingAreRefused) {
  std::string bytes = MakeZip({{"a", "hello"}});
  const size_t directory = bytes.find("PK\x01\x02");
  for (const char method : {9, 12, 14, 93}) {
    bytes[directory + 10] = method;
    EXPECT_NE(Message(ZipReader::Open(bytes, 100).value().Read("a").status()).find("压缩方式"), std::string::npos);
  }
}

TEST(Zip, ChecksSizeAndChecksum) {
  const std::string whole = MakeZip({{"a", "hello"}});
  const size_t directory = whole.find("PK\x01\x02");
  std::string bytes = whole;
  bytes[directory + 16] ^= 1;  // the checksum
  EXPECT_NE(Message(ZipReader::Open(bytes, 100).value().Read("a").status()).find("校验不符"), std::string::npos);
  for (int change : {1, -1}) {
    bytes = whole;
    bytes[directory + 24] += change;  // the size
    EXPECT_NE(Message(ZipReader::Open(bytes, 100).value().Read("a").status()).find("解压失败"), std::string::npos);
  }
}

// The events of a document; ! where it is refused. Pieces of a text are joined.
std::string Events(std::string_view document) {
  std::string out, text;
  auto end_text = [&] {
    if (!text.empty()) out += "'" + text + "'";
    text.clear();
  };
  absl::Status status = WalkXml(document, [&](const XmlEvent& event) {
    if (event.kind == XmlEvent::Kind::kText) {
      text += event.text;
      return absl::OkStatus();
    }
    end_text();
    if (event.kind == XmlEvent::Kind::kStart)
      out += "<" + std::string(event.name) + "=" + std::string(event.Attribute("k"));
    if (event.kind == XmlEvent::Kind::kEnd) out += ">" + std::string(event.name);
    return absl::OkStatus();
  });
  end_text();
  if (!status.ok()) EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return status.ok() ? out : out + "!";
}

TEST(Xml, GivesEventsInOrder) {
  EXPECT_EQ(Events("\xef\xbb\xbf<?xml version='1.0'?>\n<x:a p:k='1&amp;2'><!-- c --><b k = \"3\"/>t&lt;&#65;"
                   "<![CDATA[<&]]></x:a>\n"),
            "<a=1&2<b=3>b't<A<&'>a");
}

TEST(Xml, StopsAtWhatIsNotWellFormed) {
  EXPECT_EQ(Events("<a><b></a>"), "<a=<b=!");
  EXPECT_EQ(Events("<a>"), "<a=!");
  EXPECT_EQ(Events("<a"), "!");
  EXPECT_EQ(Events("<a k"), "!");
  EXPECT_EQ(Events("<a k='x"), "!");
  EXPECT_EQ(Events("<a>&amp</a>"), "<a=!");
  EXPECT_EQ(Events("<a>&#xD800;</a>"), "<a=!");
  EXPECT_EQ(Events("<a>&#0;</a>"), "<a=!");
  EXPECT_EQ(Events("x<a/>"), "!");
  EXPECT_EQ(Events("</a>"), "!");
  EXPECT_EQ(Events("<a><![CDATA[x</a>"), "<a='x</a>'!");
  EXPECT_EQ(Events(""), "!");
  EXPECT_EQ(Events("<!DOCTYPE a><a/>"), "!");
}

TEST(Xml, OfUtf16AndUtf8AndNothingElse) {
  std::string wide;
  for (const char c : std::string_view("<?xml version='1.0' encoding='UTF-16'?><a k='1'>t</a>")) wide += {c, '\0'};
  EXPECT_EQ(Events("\xff\xfe" + wide), "<a=1't'>a");
  EXPECT_EQ(Events("<?xml version='1.0' encoding='utf-8'?><a/>"), "<a=>a");
  const absl::Status status =
      WalkXml("<?xml version='1.0' encoding='GBK'?><a/>", [](const XmlEvent&) { return absl::OkStatus(); });
  EXPECT_NE(Message(status).find("GBK"), std::string::npos) << status;
  EXPECT_EQ(Events("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>"), "!");
}

TEST(Xml, AnErrorOfTheVisitorEndsTheWalk) {
  int events = 0;
  const absl::Status status = WalkXml("<a><b/><c/></a>", [&](const XmlEvent&) {
    return ++events == 2 ? absl::InvalidArgumentError("enough") : absl::OkStatus();
  });
  EXPECT_EQ(Message(status), "enough");
  EXPECT_EQ(events, 2);  // <b/> gives no second one
}

TEST(Xml, DepthIsBounded) {
  auto nested = [](int depth) {
    std::string document;
    for (int i = 0; i < depth; ++i) document += "<a>";
    for (int i = 0; i < depth; ++i) document += "</a>";
    return document;
  };
  EXPECT_EQ(Events(nested(50)).back(), 'a');
  EXPECT_EQ(Events(nested(1000)).back(), '!');
}

RC_GTEST_PROP(Xml, EndsOnAnyText, ()) {
  auto pieces = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("<", ">", "</", "/>", "a", "b", " ", "=", "'", "\"", "&", ";", "#", "x41", "<!--",
                                    "-->", "<![CDATA[", "]]>", "<?", "?>", "<a>", "</a>", "<b k='1'/>", "\xff"));
  std::string text = "<a>";
  for (const std::string& piece : pieces) text += piece;
  Events(text);
}

// The real file with bytes changed in its directory and headers, and its parts changed inside intact archives.
RC_GTEST_PROP(ReadXlsx, NeverBreaksOnDamage, ()) {
  static const std::string whole = ReadFixture("ledger-old.xlsx");
  std::string bytes = whole;
  const int changes = *rc::gen::inRange(1, 5);
  for (int i = 0; i < changes; ++i) {
    const size_t back = *rc::gen::inRange<size_t>(1, 1200);  // the directory lies at the end
    bytes[bytes.size() - back] = *rc::gen::arbitrary<char>();
  }
  (void)ReadXlsx(bytes);
  std::string rows =
      "<row r=\"1\"><c r=\"A1\" t=\"s\" s=\"1\"><v>0</v></c><c t=\"inlineStr\"><is><t>x</t></is></c></row>";
  rows[*rc::gen::inRange<size_t>(0, rows.size())] = *rc::gen::arbitrary<char>();
  (void)ReadXlsx(MakeXlsx(rows, "<si><t>y</t></si>"));
}

}  // namespace
}  // namespace liaison

// What the tests here share: the township's files, a stand-in for the hash, and archives made by hand.
#ifndef LIAISON_TESTS_LEDGER_FIXTURE_H_
#define LIAISON_TESTS_LEDGER_FIXTURE_H_

#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/intake/ledger.h"
#include "common/intake/roster_csv.h"
#include "tests/testing/places.h"

namespace liaison {

inline std::string ReadFixture(const std::string& name) {
  std::ifstream file(InSource("/hub/fixture/") + name, std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

inline std::string_view Message(const absl::Status& status) {
  return std::string_view(status.message().data(), status.message().size());
}

// FNV-1a: deterministic and good enough to tell rows apart.
inline std::string StandInHash(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (unsigned char c : text) hash = (hash ^ c) * 0x100000001b3;
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(hash >> shift));
  return out;
}

inline LedgerRoster FixtureTownship() {
  auto stations = ParseStations(ReadFixture("stations.csv"));
  auto deputies = ParseDeputies(ReadFixture("deputies.csv"));
  auto departments = ParseDepartments(ReadFixture("departments.csv"));
  EXPECT_TRUE(stations.ok() && deputies.ok() && departments.ok());
  return LedgerRoster(*stations, *deputies, *departments, DefaultCategories());
}

// A ZIP archive of the parts given, deflated. `claimed_size` replaces the size of the last part in the directory.
inline std::string MakeZip(const std::vector<std::pair<std::string, std::string>>& parts, uint32_t claimed_size = 0) {
  std::string out, directory;
  auto number = [](std::string* to, uint32_t value, int size) {
    for (int i = 0; i < size; ++i) to->push_back(static_cast<char>(value >> (8 * i)));
  };
  for (size_t i = 0; i < parts.size(); ++i) {
    const auto& [name, content] = parts[i];
    std::string packed(compressBound(content.size()) + 64, '\0');
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    const uint32_t crc = crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
    const uint32_t size = claimed_size != 0 && i + 1 == parts.size() ? claimed_size : content.size();
    std::string common;  // of both headers, from "version needed" on
    for (auto [value, bytes] : std::vector<std::pair<uint32_t, int>>{
             {20, 2}, {0, 2}, {8, 2}, {0, 4}, {crc, 4}, {packed.size(), 4}, {size, 4}, {name.size(), 2}, {0, 2}}) {
      number(&common, value, bytes);
    }
    const uint32_t offset = out.size();
    number(&out, 0x04034b50, 4);
    out += common + name + packed;
    number(&directory, 0x02014b50, 4);
    number(&directory, 20, 2);
    directory += common + std::string(10, '\0');
    number(&directory, offset, 4);
    directory += name;
  }
  const uint32_t at = out.size();
  out += directory;
  number(&out, 0x06054b50, 4);
  for (auto [value, bytes] : std::vector<std::pair<uint32_t, int>>{
           {0, 4}, {parts.size(), 2}, {parts.size(), 2}, {directory.size(), 4}, {at, 4}, {0, 2}}) {
    number(&out, value, bytes);
  }
  return out;
}

// An .xlsx of one sheet around `rows`, the inside of <sheetData>. Format 1 shows days, 4 a share.
inline std::string MakeXlsx(const std::string& rows, const std::string& shared = "", const std::string& book = "",
                            uint32_t claimed_size = 0) {
  const std::string office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
  auto relation = [&](const std::string& id, const std::string& type, const std::string& target) {
    return "<Relationship Id=\"" + id + "\" Type=\"" + office + type + "\" Target=\"" + target + "\"/>";
  };
  const std::string sheets = book.empty() ? "<sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets>" : book;
  return MakeZip(
      {{"_rels/.rels", "<Relationships>" + relation("d", "officeDocument", "xl/workbook.xml") + "</Relationships>"},
       {"xl/workbook.xml", "<?xml version=\"1.0\"?>\n<workbook>" + sheets + "</workbook>"},
       {"xl/_rels/workbook.xml.rels", "<Relationships>" + relation("r1", "worksheet", "worksheets/sheet1.xml") +
                                          relation("r2", "worksheet", "/xl/worksheets/sheet2.xml") +
                                          relation("r3", "sharedStrings", "sharedStrings.xml") +
                                          relation("r4", "styles", "styles.xml") + "</Relationships>"},
       {"xl/styles.xml",
        "<styleSheet><numFmts><numFmt numFmtId=\"164\" "
        "formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;\"/>"
        "<numFmt numFmtId=\"165\" formatCode=\"[Red]0.00&quot;day&quot;\"/></numFmts><cellStyleXfs><xf "
        "numFmtId=\"14\"/>"
        "</cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/><xf numFmtId=\"31\"/>"
        "<xf numFmtId=\"9\"/></cellXfs></styleSheet>"},
       {"xl/sharedStrings.xml", "<sst>" + shared + "</sst>"},
       {"xl/worksheets/sheet2.xml",
        "<worksheet><sheetData><row><c t=\"str\"><v>second</v></c></row></sheetData></worksheet>"},
       {"xl/worksheets/sheet1.xml", "<worksheet><sheetData>" + rows + "</sheetData></worksheet>"}},
      claimed_size);
}

}  // namespace liaison

#endif  // LIAISON_TESTS_LEDGER_FIXTURE_H_

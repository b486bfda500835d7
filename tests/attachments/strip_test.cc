// What a photo or a scan tells beside its picture: gone before it is stored, whatever sent it.
#include "common/attachments/strip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>

#include "common/base/text.h"
#include "tests/attachments/files.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const char kPlace[] = "32.41N 109.01E";

std::string Big(uint32_t value, int n) {
  std::string out;
  for (int i = n - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
  return out;
}

// Exif of a phone: its name, which way up, and a place behind.
std::string Tiff(int orientation) {
  std::string tiff("MM\0*\0\0\0\x08", 8);
  tiff += Big(2, 2);
  tiff += Big(0x010F, 2) + Big(2, 2) + Big(6, 4) + Big(38, 4);
  tiff += Big(0x0112, 2) + Big(3, 2) + Big(1, 4) + Big(static_cast<uint32_t>(orientation), 2) + Big(0, 2);
  return tiff + Big(0, 4) + std::string("PHONE\0", 6) + kPlace;
}

std::string Segment(uint8_t marker, const std::string& payload) {
  return Cat("\xff", std::string(1, static_cast<char>(marker)), Big(static_cast<uint32_t>(payload.size() + 2), 2),
             payload);
}

const std::string kScan = Segment(0xDA, "\x01\x01") + "picture" + std::string("\xff\x00", 2) + "more\xff\xd0rest";

std::string Jpeg(int orientation) {
  return "\xff\xd8" + Segment(0xE0, std::string("JFIF\0\1\1", 7)) +
         Segment(0xE1, std::string("Exif\0\0", 6) + Tiff(orientation)) +
         Segment(0xE1, Cat("http://ns.adobe.com/xap/1.0/", kPlace)) + Segment(0xED, Cat("Photoshop 3.0", kPlace)) +
         Segment(0xE2, std::string("ICC_PROFILE\0colours", 19)) + Segment(0xE2, Cat("MPF", kPlace)) +
         Segment(0xFE, Cat("comment ", kPlace)) + Segment(0xDB, "tables") + kScan + "\xff\xd9" +
         Cat("ftypmp4 of a living photo ", kPlace);
}

std::string Strip(const std::string& bytes) {
  absl::StatusOr<std::string> stripped = StripMetadata(bytes);
  EXPECT_TRUE(stripped.ok()) << stripped.status();
  if (!stripped.ok()) return "";
  EXPECT_EQ(*StripMetadata(*stripped), *stripped) << "twice is once";
  return *std::move(stripped);
}

TEST(Strip, JpegLosesPlaceAndDevice) {
  EXPECT_EQ(Strip(Jpeg(1)), "\xff\xd8" + Segment(0xE0, std::string("JFIF\0\1\1", 7)) +
                                Segment(0xE2, std::string("ICC_PROFILE\0colours", 19)) + Segment(0xDB, "tables") +
                                kScan + "\xff\xd9");
}

TEST(Strip, JpegKeepsWhichWayUpItIsShown) {
  const std::string stripped = Strip(Jpeg(6));
  EXPECT_THAT(stripped, Not(HasSubstr(kPlace)));
  EXPECT_THAT(stripped, Not(HasSubstr("PHONE")));
  EXPECT_THAT(stripped, HasSubstr(std::string("\x01\x12\0\x03\0\0\0\x01\0\x06", 10)));
}

TEST(Strip, JpegOfSeveralScansIsWhole) {
  const std::string progressive = "\xff\xd8" + Segment(0xC2, "frame") + kScan + Segment(0xC4, "tables") + kScan +
                                  Segment(0xE1, Cat("Exif late ", kPlace)) + kScan + "\xff\xd9";
  EXPECT_EQ(Strip(progressive),
            "\xff\xd8" + Segment(0xC2, "frame") + kScan + Segment(0xC4, "tables") + kScan + kScan + "\xff\xd9");
}

TEST(Strip, JpegThatIsCutOffKeepsWhatThereIsOfThePicture) {
  const std::string whole = Jpeg(1), cut = whole.substr(0, whole.find("more"));
  EXPECT_THAT(Strip(cut), Not(HasSubstr(kPlace)));
  EXPECT_THAT(Strip(cut), HasSubstr("picture"));
  // Cut inside of what should go: nobody can say what is left of it.
  const absl::Status refused = StripMetadata(whole.substr(0, whole.find("PHONE"))).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("去不掉"));
  EXPECT_EQ(Strip(Photo(1'000)), Photo(1'000)) << "no structure, and no sign of such data";
}

std::string Chunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  return Big(static_cast<uint32_t>(data.size()), 4) + body +
         Big(static_cast<uint32_t>(
                 crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()))),
             4);
}

TEST(Strip, PngLosesPlaceDeviceAndTimes) {
  const std::string head = std::string("\x89PNG\r\n\x1a\n", 8) + Chunk("IHDR", std::string(13, '\1'));
  const std::string picture = Chunk("gAMA", "abcd") + Chunk("IDAT", "picture") + Chunk("IEND", "");
  const std::string told = head + Chunk("tEXt", Cat("Comment ", kPlace)) +
                           Chunk("iTXt", Cat("XML:com.adobe.xmp", kPlace)) + Chunk("tIME", "1234567") +
                           Chunk("eXIf", Tiff(1)) + picture + kPlace;
  EXPECT_EQ(Strip(told), head + picture);
  const std::string turned = Strip(head + Chunk("eXIf", Tiff(8)) + picture);
  EXPECT_THAT(turned, Not(HasSubstr(kPlace)));
  EXPECT_THAT(turned, HasSubstr("eXIf"));
}

std::string Riff(const std::string& type, const std::string& data) {
  std::string size = Big(static_cast<uint32_t>(data.size()), 4);
  std::reverse(size.begin(), size.end());
  return type + size + data + std::string(data.size() % 2, '\0');
}

TEST(Strip, WebpLosesPlaceAndDevice) {
  const auto file = [](char flags, const std::string& more) {
    return Riff("RIFF",
                "WEBP" + Riff("VP8X", std::string(1, flags) + std::string(9, '\0')) + Riff("VP8 ", "picture") + more);
  };
  EXPECT_EQ(Strip(file(0x0C, Riff("EXIF", Tiff(1)) + Riff("XMP ", kPlace)) + kPlace), file(0, ""));
  const std::string turned = Strip(file(0x0C, Riff("EXIF", Tiff(6)) + Riff("XMP ", kPlace)));
  EXPECT_THAT(turned, Not(HasSubstr(kPlace)));
  EXPECT_EQ(turned[20], '\x08');
}

TEST(Strip, PdfLosesWhoMadeItAndWhere) {
  const std::string pdf =
      "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R /Metadata 4 0 R >>\nendobj\n"
      "3 0 obj\n<< /Author (\xe5\xbc\xa0\\)>> 32.41N 109.01E) /Producer <FEFF> /CreationDate (D:2026) >>\nendobj\n"
      "4 0 obj\n<< /Type /Metadata /Length 30 >>\nstream\n<?xpacket 32.41N 109.01E ?>\nendstream\nendobj\n"
      "5 0 obj\n<< /Filter /DCTDecode >>\nstream\n" +
      Jpeg(1) + "\nendstream\nendobj\n6 0 obj\n<< /Length 9 >>\nstream\nBT words ET\nendstream\nendobj\n" +
      "trailer\n<< /Root 1 0 R /Info 3 0 R >>\n%%EOF\n";
  const std::string stripped = Strip(pdf);
  EXPECT_EQ(stripped.size(), pdf.size()) << "every offset stays right";
  EXPECT_THAT(stripped, Not(HasSubstr("Author")));
  EXPECT_THAT(stripped, Not(HasSubstr("D:2026")));
  EXPECT_THAT(stripped, Not(HasSubstr("PHONE")));
  EXPECT_THAT(stripped, Not(HasSubstr("/Info")));
  EXPECT_THAT(stripped, HasSubstr("/Root 1 0 R"));
  EXPECT_THAT(stripped, HasSubstr("BT words ET"));
  EXPECT_THAT(stripped, HasSubstr("picture"));
}

TEST(Strip, PdfLosesItAlsoInsideAnObjectStream) {
  const std::string objects =
      Cat("7 0 8 40 ", "<< /Author (32.41N 109.01E) >>          << /Type /Page >>", std::string(400, ' '));
  std::string packed(compressBound(objects.size()), '\0');
  uLongf size = packed.size();
  ASSERT_EQ(compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(objects.data()),
                      objects.size(), 1),
            Z_OK);
  packed.resize(size);
  const std::string pdf =
      Cat("%PDF-1.5\n9 0 obj\n<< /Type /ObjStm /N 2 /First 9 /Filter /FlateDecode >>\nstream\n", packed,
          "\nendstream\nendobj\n10 0 obj\n<< /Type /XRef /Info 7 0 R >>\nstream\nx\nendstream\n");
  const std::string stripped = Strip(pdf);
  ASSERT_EQ(stripped.size(), pdf.size());
  std::string inner(objects.size(), '\0');
  uLongf length = inner.size();
  ASSERT_EQ(uncompress(reinterpret_cast<Bytef*>(inner.data()), &length,
                       reinterpret_cast<const Bytef*>(stripped.data() + stripped.find("stream\n") + 7), size),
            Z_OK);
  EXPECT_THAT(inner, Not(HasSubstr(kPlace)));
  EXPECT_THAT(inner, HasSubstr("/Type /Page"));
}

TEST(Strip, BrokenFilesEndSomehow) {
  SeededRandom random(5);
  for (const std::string& whole : {Jpeg(6), std::string("%PDF-1.4\n1 0 obj\n<< /Info 1 0 R (\\\n>>stream"),
                                   std::string("\x89PNG\r\n\x1a\n", 8) + Chunk("IHDR", "x") + Chunk("eXIf", Tiff(3)),
                                   Riff("RIFF", "WEBP" + Riff("EXIF", Tiff(6)))})
    for (int i = 0; i < 2'000; ++i) {
      std::string bytes = whole.substr(0, 12 + random.U64() % whole.size());
      if (bytes.size() > 12) bytes[12 + random.U64() % (bytes.size() - 12)] = static_cast<char>(random.U64());
      (void)StripMetadata(bytes);
    }
}

}  // namespace
}  // namespace liaison

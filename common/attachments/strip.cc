#include "common/attachments/strip.h"

#include <zlib.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "common/attachments/file_store.h"
#include "common/attachments/strip_pdf.h"
#include "common/base/text.h"

namespace liaison {
namespace {

using std::string_view;

constexpr int kUpright = 1;
constexpr string_view kExif("Exif\0\0", 6);

uint32_t Big(string_view bytes, size_t at, int n) {
  uint32_t value = 0;
  for (int i = 0; i < n; ++i) value = value << 8 | static_cast<uint8_t>(bytes[at + static_cast<size_t>(i)]);
  return value;
}

uint32_t Little(string_view bytes, size_t at, int n) {
  uint32_t value = 0;
  for (int i = n - 1; i >= 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[at + static_cast<size_t>(i)]);
  return value;
}

void AppendBig32(uint32_t value, std::string* out) {
  for (int shift = 24; shift >= 0; shift -= 8) out->push_back(static_cast<char>(value >> shift));
}

// Which way up a TIFF structure (what Exif is) says the picture is shown: 1 to 8; 1 also where it does not say.
int OrientationOf(string_view tiff) {
  if (tiff.size() < 8 || (!tiff.starts_with("II*") && !tiff.starts_with(string_view("MM\0*", 4)))) return kUpright;
  const bool little = tiff.starts_with("II");
  const auto number = [&](size_t at, int n) { return little ? Little(tiff, at, n) : Big(tiff, at, n); };
  const size_t ifd = number(4, 4);
  if (ifd > tiff.size() || tiff.size() - ifd < 2) return kUpright;
  const size_t count = number(ifd, 2);
  for (size_t i = 0; i < count; ++i) {
    const size_t entry = ifd + 2 + 12 * i;
    if (entry + 12 > tiff.size()) return kUpright;
    if (number(entry, 2) != 0x0112) continue;
    const uint32_t value = number(entry + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : kUpright;
  }
  return kUpright;
}

// A TIFF structure that says nothing else.
std::string OrientationTiff(int orientation) {
  std::string tiff("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 19);
  tiff.push_back(static_cast<char>(orientation));
  tiff.append(6, '\0');
  return tiff;
}

string_view WithoutExifMark(string_view exif) { return exif.starts_with(kExif) ? exif.substr(kExif.size()) : exif; }

// ---------------------------------------------------------------- JPEG

// Needed to show the picture: frames, tables, scans, and of the application segments the ones on colours.
bool JpegKeeps(uint8_t marker, string_view payload) {
  if (marker == 0xE0) return payload.starts_with(string_view("JFIF\0", 5));
  if (marker == 0xE2) return payload.starts_with(string_view("ICC_PROFILE\0", 12));
  if (marker == 0xEE) return payload.starts_with("Adobe");
  return marker < 0xE0 || (marker > 0xEF && marker != 0xFE);
}

// Behind the entropy-coded data that starts at `at`: at the next marker that is no part of it, or the end.
size_t BehindScan(string_view bytes, size_t at) {
  for (; at + 1 < bytes.size(); ++at) {
    const uint8_t next = static_cast<uint8_t>(bytes[at + 1]);
    if (bytes[at] == '\xff' && next != 0 && next != 0xFF && (next < 0xD0 || next > 0xD7)) return at;
  }
  return bytes.size();
}

// nullopt: the structure cannot be followed up to the picture.
std::optional<std::string> StripJpeg(string_view bytes) {
  std::string out(bytes.substr(0, 2)), body;
  int orientation = kUpright;
  bool scanned = false;
  for (size_t at = 2;;) {
    while (at + 1 < bytes.size() && bytes[at] == '\xff' && bytes[at + 1] == '\xff') ++at;  // fill bytes
    if (at + 2 > bytes.size() || bytes[at] != '\xff') {
      if (!scanned) return std::nullopt;
      break;  // cut off: what there is of the picture
    }
    const uint8_t marker = static_cast<uint8_t>(bytes[at + 1]);
    if (marker == 0xD9) {
      body.append(bytes.substr(at, 2));
      break;  // the end of the picture; phones put films and more pictures behind it
    }
    if (at + 4 > bytes.size()) {
      if (!scanned) return std::nullopt;
      break;
    }
    const size_t length = Big(bytes, at + 2, 2);
    if (length < 2 || at + 2 + length > bytes.size()) {
      if (!scanned) return std::nullopt;
      break;
    }
    const string_view payload = bytes.substr(at + 4, length - 2);
    if (marker == 0xE1 && payload.starts_with(kExif)) orientation = OrientationOf(payload.substr(kExif.size()));
    if (JpegKeeps(marker, payload)) body.append(bytes.substr(at, 2 + length));
    at += 2 + length;
    if (marker != 0xDA) continue;
    scanned = true;
    const size_t end = BehindScan(bytes, at);
    body.append(bytes.substr(at, end - at));
    at = end;
  }
  if (orientation != kUpright) {
    const std::string exif = Cat(kExif, OrientationTiff(orientation));
    out += "\xff\xe1";
    out.push_back(static_cast<char>((exif.size() + 2) >> 8));
    out.push_back(static_cast<char>(exif.size() + 2));
    out += exif;
  }
  return out + body;
}

// ---------------------------------------------------------------- PNG

bool PngKeeps(string_view type) {
  if ((type[0] & 0x20) == 0) return true;  // critical
  for (string_view shown :
       {"tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "bKGD", "pHYs", "cICP", "acTL", "fcTL", "fdAT"})
    if (type == shown) return true;
  return false;
}

void AppendChunk(string_view type, string_view data, std::string* out) {
  AppendBig32(static_cast<uint32_t>(data.size()), out);
  const std::string body = Cat(type, data);
  *out += body;
  AppendBig32(
      static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()))),
      out);
}

std::optional<std::string> StripPng(string_view bytes) {
  std::string head(bytes.substr(0, 8)), out;
  int orientation = kUpright;
  bool first = true;
  for (size_t at = 8;;) {
    if (bytes.size() - at < 12) return std::nullopt;
    const size_t length = Big(bytes, at, 4);
    if (length > bytes.size() - at - 12) return std::nullopt;
    const string_view type = bytes.substr(at + 4, 4), data = bytes.substr(at + 8, length);
    if (first && type != "IHDR") return std::nullopt;
    if (type == "eXIf") orientation = OrientationOf(WithoutExifMark(data));
    if (first) {
      head.append(bytes.substr(at, 12 + length));
    } else if (PngKeeps(type)) {
      out.append(bytes.substr(at, 12 + length));
    }
    first = false;
    at += 12 + length;
    if (type == "IEND") break;
  }
  if (orientation != kUpright) AppendChunk("eXIf", OrientationTiff(orientation), &head);
  return head + out;
}

// ---------------------------------------------------------------- WebP

constexpr char kWebpExifFlag = 0x08, kWebpXmpFlag = 0x04;

void AppendRiff(string_view type, string_view data, std::string* out) {
  *out += type;
  for (int shift = 0; shift < 32; shift += 8) out->push_back(static_cast<char>(data.size() >> shift));
  *out += data;
  if (data.size() % 2 == 1) out->push_back('\0');
}

std::optional<std::string> StripWebp(string_view bytes) {
  const size_t end = size_t{8} + Little(bytes, 4, 4);
  if (end > bytes.size() || end < 12) return std::nullopt;
  std::string out;
  std::optional<size_t> flags;
  int orientation = kUpright;
  for (size_t at = 12; at < end;) {
    if (end - at < 8) return std::nullopt;
    const string_view type = bytes.substr(at, 4);
    const size_t length = Little(bytes, at + 4, 4);
    if (length > end - at - 8) return std::nullopt;
    const string_view data = bytes.substr(at + 8, length);
    if (type == "EXIF") orientation = OrientationOf(WithoutExifMark(data));
    if (type == "VP8X" && !data.empty()) flags = out.size() + 8;
    for (string_view shown : {"VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP"})
      if (type == shown) AppendRiff(type, data, &out);
    at += 8 + length + length % 2;
  }
  if (out.empty()) return std::nullopt;
  if (flags) {
    out[*flags] = static_cast<char>(out[*flags] & ~(kWebpExifFlag | kWebpXmpFlag));
    if (orientation != kUpright) {
      out[*flags] = static_cast<char>(out[*flags] | kWebpExifFlag);
      AppendRiff("EXIF", OrientationTiff(orientation), &out);
    }
  }
  std::string whole;
  AppendRiff("RIFF", Cat("WEBP", out), &whole);
  return whole;
}

// Without its structure nobody can say where the data ends, but none is without one of these.
bool BearsSigns(string_view bytes) {
  for (string_view sign : {kExif, string_view("ns.adobe.com"), string_view("<x:xmpmeta"), string_view("eXIf"),
                           string_view("Photoshop 3.0")})
    if (bytes.find(sign) != string_view::npos) return true;
  return false;
}

}  // namespace

absl::StatusOr<std::string> StripMetadata(string_view bytes) {
  const std::string type = TypeOfFile(bytes);
  std::optional<std::string> stripped;
  if (type == "image/jpeg") stripped = StripJpeg(bytes);
  if (type == "image/png") stripped = StripPng(bytes);
  if (type == "image/webp") stripped = StripWebp(bytes);
  if (type == "application/pdf") stripped = StripPdf(bytes);
  if (stripped) return *std::move(stripped);
  if (type.starts_with("image/") && BearsSigns(bytes))
    return absl::InvalidArgumentError("照片：文件不完整或已损坏，其中的拍摄地点等信息去不掉，没有保存；请重新选择原图");
  return std::string(bytes);
}

}  // namespace liaison

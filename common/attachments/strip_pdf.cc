#include "common/attachments/strip_pdf.h"

#include <zlib.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>
#include <vector>

namespace liaison {
namespace {

using std::string_view;

constexpr size_t kNone = string_view::npos;
constexpr size_t kMostInflated = 16 << 20;  // of one object stream
constexpr size_t kMostStreams = 64;         // object streams that are looked into
// How often all of a file may be looked at: a million objects without an end would cost a million times the file.
constexpr size_t kMostPasses = 16;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\0'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

size_t SkipSpace(string_view text, size_t at) {
  while (at < text.size() && IsSpace(text[at])) ++at;
  return at;
}

// A whole number at `*at`, which moves behind it.
std::optional<size_t> Number(string_view text, size_t* at) {
  size_t value = 0, from = *at;
  while (*at < text.size() && IsDigit(text[*at]) && *at - from < 10)
    value = value * 10 + static_cast<size_t>(text[(*at)++] - '0');
  return *at > from ? std::optional(value) : std::nullopt;
}

void Blank(std::string* text, size_t from, size_t to) {
  std::fill(text->begin() + static_cast<std::ptrdiff_t>(from), text->begin() + static_cast<std::ptrdiff_t>(to), ' ');
}

// Behind the text that starts with a bracket at `at`; kNone if it does not end.
size_t BehindText(string_view text, size_t at) {
  int open = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '(') {
      ++open;
    } else if (text[at] == ')' && --open == 0) {
      return at + 1;
    }
  }
  return kNone;
}

// Behind the dictionary that starts at `at`; kNone if it does not end.
size_t BehindDictionary(string_view text, size_t at) {
  int depth = 0;
  while (at < text.size()) {
    if (text.substr(at, 2) == "<<") {
      ++depth;
      at += 2;
    } else if (text.substr(at, 2) == ">>") {
      at += 2;
      if (--depth == 0) return at;
    } else if (text[at] == '(') {
      at = BehindText(text, at);
    } else if (text[at] == '<') {  // hexadecimal text
      at = text.find('>', at);
      if (at != kNone) ++at;
    } else {
      ++at;
    }
  }
  return kNone;
}

// Removes every reference `/NAME 12 0 R` and gathers the numbers.
void CutReferences(string_view name, std::string* text, std::set<size_t>* objects) {
  for (size_t at = 0; (at = text->find(name, at)) != kNone;) {
    const size_t from = at;
    at += name.size();
    if (at < text->size() && IsWord((*text)[at])) continue;  // a longer name
    size_t end = SkipSpace(*text, at);
    const std::optional<size_t> object = Number(*text, &end);
    if (!object) continue;
    end = SkipSpace(*text, end);
    if (!Number(*text, &end)) continue;
    end = SkipSpace(*text, end);
    if (end >= text->size() || (*text)[end] != 'R') continue;
    objects->insert(*object);
    Blank(text, from, end + 1);
  }
}

struct Stream {
  size_t dictionary = 0, dictionary_end = 0;  // << … >>
  size_t data = 0, data_end = 0;              // empty: none
};

// What was looked at from `from` to `end`, which may be kNone, is taken off `left`.
void Spend(string_view text, size_t from, size_t end, size_t* left) {
  *left -= std::min(*left, std::min(end, text.size()) - from);
}

// The dictionary behind `at`, and the stream that belongs to it.
std::optional<Stream> StreamAt(string_view text, size_t at, size_t* left) {
  Stream stream;
  stream.dictionary = SkipSpace(text, at);
  if (*left == 0 || text.substr(stream.dictionary, 2) != "<<") return std::nullopt;
  stream.dictionary_end = BehindDictionary(text, stream.dictionary);
  Spend(text, stream.dictionary, stream.dictionary_end, left);
  if (stream.dictionary_end == kNone) return std::nullopt;
  size_t next = SkipSpace(text, stream.dictionary_end);
  if (text.substr(next, 6) != "stream") return stream;
  next += 6;
  if (next < text.size() && text[next] == '\r') ++next;
  if (next < text.size() && text[next] == '\n') ++next;
  stream.data = next;
  stream.data_end = text.find("endstream", next);
  Spend(text, next, stream.data_end, left);
  if (stream.data_end == kNone) return std::nullopt;
  return stream;
}

// Calls `visit` with the number of each object that stands in the file by itself and where its content starts.
template <typename Visit>
void ForEachObject(const std::string& text, const Visit& visit) {
  for (size_t at = 0; (at = text.find("obj", at)) != kNone; at += 3) {
    if (at >= 3 && text.compare(at - 3, 3, "end") == 0) continue;
    size_t before = at;  // "12 0 obj", read backwards
    const auto back = [&](auto is) {
      const size_t end = before;
      while (before > 0 && is(text[before - 1])) --before;
      return end - before;
    };
    back(IsSpace);
    if (back(IsDigit) == 0 || back(IsSpace) == 0) continue;
    if (back(IsDigit) == 0) continue;
    size_t number_at = before;
    if (const std::optional<size_t> number = Number(text, &number_at)) visit(*number, at + 3);
  }
}

bool Says(string_view dictionary, string_view name) {
  for (size_t at = 0; (at = dictionary.find(name, at)) != kNone; at += name.size())
    if (at + name.size() >= dictionary.size() || !IsWord(dictionary[at + name.size()])) return true;
  return false;
}

std::optional<std::string> Inflate(string_view packed) {
  z_stream z{};
  if (inflateInit(&z) != Z_OK) return std::nullopt;
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  z.avail_in = static_cast<uInt>(packed.size());
  std::string out;
  std::vector<char> block(64 << 10);
  int code = Z_OK;
  while (code == Z_OK && out.size() <= kMostInflated) {
    z.next_out = reinterpret_cast<Bytef*>(block.data());
    z.avail_out = static_cast<uInt>(block.size());
    code = inflate(&z, Z_NO_FLUSH);
    out.append(block.data(), block.size() - z.avail_out);
  }
  inflateEnd(&z);
  if (code != Z_STREAM_END) return std::nullopt;
  return out;
}

// The information dictionary inside an object stream: "12 0 15 80 …" tells which object starts where behind /First.
void StripObjectStream(const std::set<size_t>& infos, const Stream& stream, std::string* text) {
  const string_view dictionary =
      string_view(*text).substr(stream.dictionary, stream.dictionary_end - stream.dictionary);
  if (!Says(dictionary, "/FlateDecode") || Says(dictionary, "/DecodeParms")) return;
  size_t first_at = dictionary.find("/First");
  if (first_at == kNone) return;
  first_at = SkipSpace(dictionary, first_at + 6);
  const std::optional<size_t> first = Number(dictionary, &first_at);
  std::optional<std::string> inner = Inflate(string_view(*text).substr(stream.data, stream.data_end - stream.data));
  if (!first || !inner || *first > inner->size()) return;
  bool changed = false;
  size_t left = kMostPasses * inner->size();
  for (size_t at = 0; at < *first && left > 0;) {
    at = SkipSpace(*inner, at);
    const std::optional<size_t> number = Number(*inner, &at);
    at = SkipSpace(*inner, at);
    const std::optional<size_t> offset = Number(*inner, &at);
    if (!number || !offset) break;
    if (!infos.contains(*number) || *first + *offset >= inner->size()) continue;
    const size_t from = SkipSpace(*inner, *first + *offset);
    const size_t end = inner->compare(from, 2, "<<") == 0 ? BehindDictionary(*inner, from) : kNone;
    Spend(*inner, from, end, &left);
    if (end == kNone) continue;
    Blank(&*inner, from + 2, end - 2);
    changed = true;
  }
  if (!changed) return;
  uLongf size = compressBound(static_cast<uLong>(inner->size()));
  std::string packed(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(inner->data()),
                static_cast<uLong>(inner->size()), Z_BEST_COMPRESSION) != Z_OK ||
      size > stream.data_end - stream.data)
    return;
  packed.resize(size);
  // What follows the end of the packed data is passed over by readers.
  packed.resize(stream.data_end - stream.data, '\n');
  text->replace(stream.data, packed.size(), packed);
}

// Photos lie in a PDF as they are: their Exif and XMP segments are emptied where they stand.
void EmptyJpegSegments(size_t from, size_t end, std::string* text) {
  const auto byte = [&](size_t at) { return static_cast<uint8_t>((*text)[at]); };
  for (size_t at = from + 2; at + 4 <= end && byte(at) == 0xFF;) {
    const uint8_t marker = byte(at + 1);
    if (marker == 0xDA || marker == 0xD9) return;
    const size_t length = size_t{byte(at + 2)} << 8 | byte(at + 3);
    if (length < 2 || at + 2 + length > end) return;
    if (marker == 0xE1 || marker == 0xED || marker == 0xFE)
      std::fill_n(text->begin() + static_cast<std::ptrdiff_t>(at + 4), length - 2, '\0');
    at += 2 + length;
  }
}

}  // namespace

std::string StripPdf(string_view bytes) {
  std::string text(bytes);
  std::set<size_t> infos, metadata;
  CutReferences("/Info", &text, &infos);
  CutReferences("/Metadata", &text, &metadata);
  std::vector<Stream> packed;
  size_t left = kMostPasses * text.size();
  ForEachObject(text, [&](size_t number, size_t at) {
    const std::optional<Stream> stream = StreamAt(text, at, &left);
    if (!stream) return;
    const size_t inside = stream->dictionary_end - stream->dictionary;
    const string_view dictionary = string_view(text).substr(stream->dictionary, inside);
    const bool data = stream->data_end > stream->data;
    if (infos.contains(number) && !data) Blank(&text, stream->dictionary + 2, stream->dictionary_end - 2);
    if (data && (metadata.contains(number) || Says(dictionary, "/Metadata")))
      Blank(&text, stream->data, stream->data_end);
    if (data && Says(dictionary, "/ObjStm") && packed.size() < kMostStreams) packed.push_back(*stream);
    if (data && text.compare(stream->data, 3, "\xff\xd8\xff") == 0)
      EmptyJpegSegments(stream->data, stream->data_end, &text);
  });
  for (const Stream& stream : packed) StripObjectStream(infos, stream, &text);
  return text;
}

}  // namespace liaison

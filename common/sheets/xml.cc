#include "common/sheets/xml.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/utf8.h"

namespace liaison {
namespace {

constexpr size_t kMaxDepth = 100, kMaxAttributes = 200;
constexpr std::string_view kSpaces = " \t\r\n";

bool StartsWith(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }

std::string_view WithoutPrefix(std::string_view name) {
  const size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// What stands between & and ; — false if it is not a character.
bool AppendEntity(std::string_view entity, std::string* out) {
  static constexpr std::pair<std::string_view, char> kNamed[] = {
      {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
  for (const auto& [name, c] : kNamed) {
    if (entity == name) {
      out->push_back(c);
      return true;
    }
  }
  if (entity.size() < 2 || entity.size() > 8 || entity[0] != '#') return false;
  uint32_t code = 0;
  const bool number = entity[1] == 'x' ? absl::SimpleHexAtoi(AbslView(entity.substr(2)), &code)
                                       : absl::SimpleAtoi(AbslView(entity.substr(1)), &code);
  if (!number || code == 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return false;
  AppendChar(code, out);
  return true;
}

}  // namespace

absl::Status XmlReader::Malformed(std::string_view what) const {
  return absl::InvalidArgumentError(
      Cat("表格文件已损坏（XML 第 ", all_.size() - rest_.size() + 1, " 个字节：", what, "）"));
}

absl::StatusOr<XmlReader::Event> XmlReader::Next() {
  if (pending_end_) {
    pending_end_ = false;
    open_.pop_back();
    done_ = open_.empty();
    return Event::kEnd;
  }
  if (done_) return Event::kDone;
  if (rest_.size() == all_.size() && StartsWith(rest_, "\xef\xbb\xbf")) rest_.remove_prefix(3);
  while (!rest_.empty()) {
    if (StartsWith(rest_, "<?")) {
      RETURN_IF_ERROR(SkipBehind("?>"));
    } else if (StartsWith(rest_, "<!--")) {
      RETURN_IF_ERROR(SkipBehind("-->"));
    } else if (rest_[0] == '<') {
      return Markup();
    } else {
      std::string_view raw = rest_.substr(0, std::min(rest_.find('<'), rest_.size()));
      if (open_.empty()) {
        if (raw.find_first_not_of(kSpaces) != std::string_view::npos) return Malformed("多余的文字");
        rest_.remove_prefix(raw.size());
        continue;
      }
      text_.clear();
      RETURN_IF_ERROR(Decode(raw, &text_));
      rest_.remove_prefix(raw.size());
      return Event::kText;
    }
  }
  return Malformed("没有结束");
}

absl::StatusOr<XmlReader::Event> XmlReader::Markup() {
  constexpr std::string_view kCdata = "<![CDATA[";
  if (StartsWith(rest_, kCdata)) {
    const size_t end = rest_.find("]]>");
    if (end == std::string_view::npos || open_.empty()) return Malformed("CDATA");
    text_ = rest_.substr(kCdata.size(), end - kCdata.size());
    rest_.remove_prefix(end + 3);
    return Event::kText;
  }
  if (StartsWith(rest_, "<!")) return Malformed("不允许的声明");
  return StartsWith(rest_, "</") ? Close() : Open();
}

absl::StatusOr<XmlReader::Event> XmlReader::Open() {
  rest_.remove_prefix(1);
  std::string_view name = ReadName();
  if (name.empty()) return Malformed("标签");
  if (open_.size() >= kMaxDepth) return Malformed("嵌套太深");
  attributes_.clear();
  for (SkipSpaces(); !rest_.empty() && rest_[0] != '>' && rest_[0] != '/'; SkipSpaces()) {
    RETURN_IF_ERROR(ReadAttribute());
  }
  pending_end_ = StartsWith(rest_, "/>");
  if (!pending_end_ && !StartsWith(rest_, ">")) return Malformed("标签没有结束");
  rest_.remove_prefix(pending_end_ ? 2 : 1);
  open_.push_back(name);
  name_ = WithoutPrefix(name);
  return Event::kStart;
}

absl::StatusOr<XmlReader::Event> XmlReader::Close() {
  rest_.remove_prefix(2);
  std::string_view name = ReadName();
  SkipSpaces();
  if (open_.empty() || open_.back() != name || !StartsWith(rest_, ">")) return Malformed("标签不配对");
  rest_.remove_prefix(1);
  open_.pop_back();
  done_ = open_.empty();
  name_ = WithoutPrefix(name);
  return Event::kEnd;
}

absl::Status XmlReader::ReadAttribute() {
  std::string_view name = ReadName();
  SkipSpaces();
  if (name.empty() || !StartsWith(rest_, "=")) return Malformed("属性");
  rest_.remove_prefix(1);
  SkipSpaces();
  if (rest_.empty() || (rest_[0] != '"' && rest_[0] != '\'')) return Malformed("属性");
  const size_t end = rest_.find(rest_[0], 1);
  if (end == std::string_view::npos || attributes_.size() >= kMaxAttributes) return Malformed("属性");
  std::string value;
  RETURN_IF_ERROR(Decode(rest_.substr(1, end - 1), &value));
  attributes_.emplace_back(WithoutPrefix(name), std::move(value));
  rest_.remove_prefix(end + 1);
  return absl::OkStatus();
}

absl::Status XmlReader::Decode(std::string_view raw, std::string* out) const {
  while (!raw.empty()) {
    const size_t plain = std::min(raw.find('&'), raw.size());
    out->append(raw.substr(0, plain));
    raw.remove_prefix(plain);
    if (raw.empty()) break;
    const size_t end = raw.substr(0, 12).find(';');
    if (end == std::string_view::npos || !AppendEntity(raw.substr(1, end - 1), out)) return Malformed("字符实体");
    raw.remove_prefix(end + 1);
  }
  return absl::OkStatus();
}

absl::Status XmlReader::SkipBehind(std::string_view end) {
  const size_t at = rest_.find(end);
  if (at == std::string_view::npos) return Malformed("没有结束");
  rest_.remove_prefix(at + end.size());
  return absl::OkStatus();
}

void XmlReader::SkipSpaces() { rest_.remove_prefix(std::min(rest_.find_first_not_of(kSpaces), rest_.size())); }

std::string_view XmlReader::ReadName() {
  std::string_view name = rest_.substr(0, std::min(rest_.find_first_of(" \t\r\n=/><'\"&"), rest_.size()));
  rest_.remove_prefix(name.size());
  return name;
}

std::string_view XmlReader::Attribute(std::string_view name) const {
  for (const auto& [key, value] : attributes_) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace liaison

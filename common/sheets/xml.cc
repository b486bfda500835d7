#include "common/sheets/xml.h"

#include <expat.h>

#include <memory>

#include "absl/strings/match.h"
#include "common/base/text.h"
#include "common/base/utf8.h"

namespace liaison {
namespace {

constexpr int kMaxDepth = 100;
constexpr size_t kMaxDocument = size_t{1} << 30;  // expat counts in int

std::string_view WithoutPrefix(std::string_view name) { return name.substr(name.rfind(':') + 1); }

std::string_view WordsFor(XML_Error error) {
  switch (error) {
    case XML_ERROR_NO_ELEMENTS:
    case XML_ERROR_UNCLOSED_TOKEN:
    case XML_ERROR_UNCLOSED_CDATA_SECTION:
    case XML_ERROR_PARTIAL_CHAR:
      return "没有结束";
    case XML_ERROR_TAG_MISMATCH:
      return "标签不配对";
    case XML_ERROR_DUPLICATE_ATTRIBUTE:
      return "属性重复";
    case XML_ERROR_UNDEFINED_ENTITY:
    case XML_ERROR_BAD_CHAR_REF:
      return "字符实体";
    case XML_ERROR_JUNK_AFTER_DOC_ELEMENT:
      return "多余的文字";
    case XML_ERROR_UNKNOWN_ENCODING:
    case XML_ERROR_INCORRECT_ENCODING:
      return "文字编码与声明不符";
    default:
      return "标签或文字不合规范";
  }
}

// One walk: what expat calls, and the first error that is not expat's own.
class XmlWalk {
 public:
  explicit XmlWalk(const std::function<absl::Status(const XmlEvent&)>& visit)
      : visit_(visit), parser_(XML_ParserCreate(nullptr), XML_ParserFree) {}

  absl::Status Run(std::string_view document) {
    XML_Parser parser = parser_.get();
    if (parser == nullptr) return absl::ResourceExhaustedError("expat has no memory");
    if (document.size() > kMaxDocument) return absl::InvalidArgumentError("表格文件太大");
    XML_SetUserData(parser, this);
    XML_SetElementHandler(parser, &XmlWalk::OnStart, &XmlWalk::OnEnd);
    XML_SetCharacterDataHandler(parser, &XmlWalk::OnText);
    XML_SetXmlDeclHandler(parser, &XmlWalk::OnDeclaration);
    XML_SetStartDoctypeDeclHandler(parser, &XmlWalk::OnDoctype);
    const XML_Status parsed = XML_Parse(parser, document.data(), static_cast<int>(document.size()), XML_TRUE);
    if (!status_.ok() || parsed == XML_STATUS_OK) return status_;
    const XML_Error error = XML_GetErrorCode(parser);
    if (error == XML_ERROR_NO_MEMORY) return absl::ResourceExhaustedError("expat has no memory");
    const bool wide = document.starts_with("\xff\xfe") || document.starts_with("\xfe\xff");
    if (error == XML_ERROR_INVALID_TOKEN && !wide && !IsUtf8(document))
      return absl::InvalidArgumentError("表格文件已损坏：文字不是 UTF-8 编码");
    return Malformed(WordsFor(error));
  }

 private:
  static XmlWalk* Of(void* data) { return static_cast<XmlWalk*>(data); }

  static void OnStart(void* data, const XML_Char* name, const XML_Char** attributes) {
    XmlWalk* walk = Of(data);
    if (++walk->depth_ > kMaxDepth) return walk->Stop(walk->Malformed("嵌套太深"));
    walk->Visit(XmlEvent(XmlEvent::Kind::kStart, WithoutPrefix(name), attributes));
  }
  static void OnEnd(void* data, const XML_Char* name) {
    --Of(data)->depth_;
    Of(data)->Visit(XmlEvent(XmlEvent::Kind::kEnd, WithoutPrefix(name), nullptr));
  }
  static void OnText(void* data, const XML_Char* text, int size) {
    XmlEvent event(XmlEvent::Kind::kText);
    event.text = std::string_view(text, static_cast<size_t>(size));
    Of(data)->Visit(event);
  }
  static void OnDeclaration(void* data, const XML_Char*, const XML_Char* encoding, int) {
    if (encoding == nullptr || absl::EqualsIgnoreCase(encoding, "UTF-8") || absl::EqualsIgnoreCase(encoding, "UTF-16"))
      return;
    Of(data)->Stop(absl::InvalidArgumentError(
        Cat("表格文件的文字编码是 ", encoding, "，只能读 UTF-8 和 UTF-16。请另存为 .xlsx 再导入")));
  }
  static void OnDoctype(void* data, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    Of(data)->Stop(Of(data)->Malformed("不允许的声明"));
  }

  // After an error expat may still make the call that it has begun, <a/> being two.
  void Visit(const XmlEvent& event) {
    if (!status_.ok()) return;
    if (absl::Status status = visit_(event); !status.ok()) Stop(std::move(status));
  }
  void Stop(absl::Status status) {
    if (status_.ok()) status_ = std::move(status);
    XML_StopParser(parser_.get(), XML_FALSE);
  }
  absl::Status Malformed(std::string_view what) const {
    return absl::InvalidArgumentError(
        Cat("表格文件已损坏（XML 第 ", XML_GetCurrentByteIndex(parser_.get()) + 1, " 个字节：", what, "）"));
  }

  const std::function<absl::Status(const XmlEvent&)>& visit_;
  std::unique_ptr<XML_ParserStruct, void (*)(XML_Parser)> parser_;
  absl::Status status_;
  int depth_ = 0;
};

}  // namespace

std::string_view XmlEvent::Attribute(std::string_view attribute) const {
  for (const char* const* at = attributes_; at != nullptr && *at != nullptr; at += 2)
    if (WithoutPrefix(*at) == attribute) return at[1];
  return {};
}

absl::Status WalkXml(std::string_view document, const std::function<absl::Status(const XmlEvent&)>& visit) {
  return XmlWalk(visit).Run(document);
}

}  // namespace liaison

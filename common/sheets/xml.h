// Walks over an XML document in memory, event by event, as far as office files need it: elements, attributes, text,
// CDATA, the five named and the numeric entities. A document type declaration is refused, so there is nothing to
// expand. Namespaces are not resolved: names are given without their prefix. Never reads past its end; depth is
// bounded.
#ifndef LIAISON_COMMON_SHEETS_XML_H_
#define LIAISON_COMMON_SHEETS_XML_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace liaison {

class XmlReader {
 public:
  enum class Event {
    kStart,  // name() and Attribute() are of the element that opens
    kEnd,    // name(); an empty element <a/> gives kStart and kEnd
    kText,   // text(): a piece of character data, one run may come in several pieces
    kDone,   // the root has closed; stays so
  };

  // `document` is UTF-8 and must outlive the reader.
  explicit XmlReader(std::string_view document) : all_(document), rest_(document) {}

  // kInvalidArgument with the byte's position when the document is not well-formed; do not go on then.
  absl::StatusOr<Event> Next();

  std::string_view name() const { return name_; }
  const std::string& text() const { return text_; }
  // The value of the attribute of that name without prefix, empty if there is none. Valid until the next call of Next.
  std::string_view Attribute(std::string_view name) const;

 private:
  absl::StatusOr<Event> Markup();
  absl::StatusOr<Event> Open();
  absl::StatusOr<Event> Close();
  absl::Status ReadAttribute();
  absl::Status Decode(std::string_view raw, std::string* out) const;
  absl::Status SkipBehind(std::string_view end);
  void SkipSpaces();
  std::string_view ReadName();
  absl::Status Malformed(std::string_view what) const;

  std::string_view all_;
  std::string_view rest_;
  std::vector<std::string_view> open_;  // full names of the elements around rest_
  std::vector<std::pair<std::string_view, std::string>> attributes_;
  std::string_view name_;
  std::string text_;
  bool pending_end_ = false;  // of an empty element
  bool done_ = false;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_SHEETS_XML_H_

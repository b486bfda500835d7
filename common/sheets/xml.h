// Walks over an XML document in memory, event by event: expat with the bounds that files from anywhere need. A document
// type declaration is refused, so there are no entities but the five named and the numeric ones, and nothing to expand
// or to fetch. Depth is bounded. UTF-8 and UTF-16; other encodings are refused. Namespaces are not resolved: names are
// given without their prefix. The only place with expat.
#ifndef LIAISON_COMMON_SHEETS_XML_H_
#define LIAISON_COMMON_SHEETS_XML_H_

#include <functional>
#include <string_view>

#include "absl/status/status.h"

namespace liaison {

// Valid until the function that gets it returns. All texts are UTF-8.
class XmlEvent {
 public:
  enum class Kind {
    kStart,  // name and Attribute() are of the element that opens
    kEnd,    // name; an empty element <a/> gives kStart and kEnd
    kText,   // text: a piece of character data; one run may come in several pieces
  };

  explicit XmlEvent(Kind event_kind) : kind(event_kind) {}
  XmlEvent(Kind event_kind, std::string_view element, const char* const* attributes)
      : kind(event_kind), name(element), attributes_(attributes) {}

  // The value of the attribute of that name without prefix, empty if there is none.
  std::string_view Attribute(std::string_view attribute) const;

  Kind kind;
  std::string_view name;
  std::string_view text;

 private:
  const char* const* attributes_ = nullptr;  // names and values in turn, then null
};

// Calls `visit` for every event up to the end or to the first error, which is returned: that of `visit`, or
// kInvalidArgument with the byte's position when the document is not well-formed.
absl::Status WalkXml(std::string_view document, const std::function<absl::Status(const XmlEvent&)>& visit);

}  // namespace liaison

#endif  // LIAISON_COMMON_SHEETS_XML_H_

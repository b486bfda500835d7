// One file of the pages, in memory. What liaison_embed (cmake/embed.cmake) generates, and what Server serves.
#ifndef LIAISON_COMMON_HTTP_PAGE_H_
#define LIAISON_COMMON_HTTP_PAGE_H_

#include <string_view>

namespace liaison::http {

struct Page {
  std::string_view path;   // from the root: "/index.html"
  std::string_view mime;   // a Content-Type: "text/html; charset=utf-8"
  std::string_view bytes;  // the whole file, as it goes out
  bool immutable = false;  // the name carries a hash of the content, so that a browser may keep it for good
};

}  // namespace liaison::http

#endif  // LIAISON_COMMON_HTTP_PAGE_H_

// Cat(): absl::StrCat that also takes std::string_view. The packaged abseil is built with its own string_view, which
// does not convert to and from the standard one.
#ifndef LIAISON_COMMON_BASE_TEXT_H_
#define LIAISON_COMMON_BASE_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/strings/str_cat.h"

namespace liaison {

inline absl::string_view AbslView(std::string_view s) { return absl::string_view(s.data(), s.size()); }
inline std::string_view StdView(absl::string_view s) { return std::string_view(s.data(), s.size()); }

template <typename T>
decltype(auto) CatArgument(const T& value) {
  if constexpr (std::is_same_v<T, std::string_view>) {
    return AbslView(value);
  } else {
    return (value);
  }
}

template <typename... T>
std::string Cat(const T&... parts) {
  std::string out;
  (absl::StrAppend(&out, CatArgument(parts)), ...);
  return out;
}

// A share in thousandths: "95.7%", "100%"; "—" if it is negative, where there was nothing to divide by.
inline std::string PercentText(int64_t permille) {
  if (permille < 0) return "—";
  return permille % 10 == 0 ? Cat(permille / 10, "%") : Cat(permille / 10, ".", permille % 10, "%");
}

}  // namespace liaison

#endif  // LIAISON_COMMON_BASE_TEXT_H_

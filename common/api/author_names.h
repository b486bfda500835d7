// Who wrote something, as people read it. An op names its author by an account's id, or by the name that was typed
// where nobody had to log in. Pure, thread-safe.
#ifndef LIAISON_COMMON_API_AUTHOR_NAMES_H_
#define LIAISON_COMMON_API_AUTHOR_NAMES_H_

#include <string>
#include <string_view>

namespace liaison {

struct Op;
struct People;
struct ServiceContext;

// The author of an op by the accounts that this side knows: an account's name, or a typed name as it was typed, which
// is marked 未登录 where the station that wrote it asks for logins. Without people (null): as it is written.
std::string AuthorName(const People* people, const Op& op);
std::string AuthorName(const ServiceContext& context, const Op& op);

}  // namespace liaison

#endif  // LIAISON_COMMON_API_AUTHOR_NAMES_H_

#include "common/api/author_names.h"

#include <memory>

#include "common/actions/context.h"
#include "common/base/text.h"
#include "common/record/op.h"
#include "common/rules/people/people.h"

namespace liaison {
namespace {

constexpr std::string_view kNotLoggedIn = "（未登录）";

bool AsksForLogins(const People& people, std::string_view place) {
  const auto rights = people.rights.find(place);
  return rights != people.rights.end() && rights->second.login_required;
}

}  // namespace

std::string AuthorName(const People* people, const Op& op) {
  if (people == nullptr || op.user.empty()) return op.user;
  if (IsAccountCode(op.user)) return people->NameOf(op.user);
  return AsksForLogins(*people, op.actor.station) ? Cat(op.user, kNotLoggedIn) : op.user;
}

std::string AuthorName(const ServiceContext& context, const Op& op) {
  return AuthorName(context.people == nullptr ? nullptr : context.people->Get().get(), op);
}

}  // namespace liaison

// Accounts, what they may do at which place, and the slips with which people set their first PIN or password:
// AccountService. The rules are rules/people/granting.h; what a slip is, daemon/slip.h.
//
// The code of a slip is in the answer that made it and nowhere else: the records have its hash. A repeated request gets
// the slip without the code. A new slip withdraws the older ones of that account at that place.
#ifndef LIAISON_HUB_DESK_ACCOUNTS_H_
#define LIAISON_HUB_DESK_ACCOUNTS_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/actions/context.h"
#include "common/api/dispatcher.h"
#include "common/rules/people/people.h"
#include "liaison/v1/accounts.pb.h"

namespace liaison {

// Thread-safe. Messages are Chinese. What writes is idempotent by its action id, durable when it returns OK, and has
// written nothing otherwise. `user`: who is written as the author.
class Accounts {
 public:
  // `people`, of the context's store, must outlive this.
  Accounts(ServiceContext context, const PeopleCache* people) : context_(std::move(context)), people_(people) {}

  absl::StatusOr<v1::ListAccountsResponse> List(const v1::ListAccountsRequest& request) const;
  // kInvalidArgument names the field. kFailedPrecondition: the deputy has an account, or as CheckGrant().
  absl::StatusOr<v1::AddAccountResponse> Add(const v1::AddAccountRequest& request, const std::string& user);
  absl::StatusOr<v1::GrantRightResponse> Grant(const v1::GrantRightRequest& request, const std::string& user);
  // Errors of CheckRevoke(). With somebody's last right at a place go the slips that nobody has used there.
  absl::StatusOr<v1::RevokeRightResponse> Revoke(const v1::RevokeRightRequest& request, const std::string& user);
  absl::StatusOr<v1::EndAccountResponse> End(const v1::EndAccountRequest& request, const std::string& user);
  // kFailedPrecondition: the account has no right there.
  absl::StatusOr<v1::MakeCodeResponse> MakeCode(const v1::MakeCodeRequest& request, const std::string& user);
  // For everybody with a right there and no slip that still counts; nobody's is withdrawn. A hash for each takes about
  // 40 ms, before anything is written and without holding up other writes.
  absl::StatusOr<v1::MakeCodesResponse> MakeCodes(const v1::MakeCodesRequest& request, const std::string& user);
  absl::StatusOr<v1::RequireLoginResponse> RequireLogin(const v1::RequireLoginRequest& request,
                                                        const std::string& user);
  // A slip for the live admin of that name, or for a new one. Not idempotent: each call gives another slip.
  // kFailedPrecondition: several admins have the name.
  absl::StatusOr<v1::ResetAdminResponse> ResetAdmin(const v1::ResetAdminRequest& request, const std::string& user);
  // See daemon/setup_code.h. kFailedPrecondition: there is an admin.
  absl::StatusOr<v1::NewSetupCodeResponse> MakeSetupCode(const v1::NewSetupCodeRequest& request);

  void Register(Dispatcher* dispatcher);

 private:
  // As the records have it now, without the code.
  v1::OneTimeSlip SlipOf(const std::string& account, const std::string& place) const;

  ServiceContext context_;
  const PeopleCache* const people_;
};

}  // namespace liaison

#endif  // LIAISON_HUB_DESK_ACCOUNTS_H_

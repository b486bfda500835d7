// Root at work in another user's folder. An installed daemon has a user of its own, and a person starts the commands
// beside it as root (sudo): what they leave in its data folder must stay readable to the daemon.
#ifndef LIAISON_COMMON_BASE_OWNER_H_
#define LIAISON_COMMON_BASE_OWNER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace liaison {

// If this process is root's and `folder` is another user's, the process becomes that user, with its groups, for good.
// Otherwise, and where there is no such folder, nothing happens. Call before threads start. kPermissionDenied
// (Chinese): the kernel did not allow it, so nothing should be written there.
absl::Status BecomeOwnerOf(const std::string& folder);

// A file or folder that this process has just made in `folder`, open as `fd`, goes to the owner of `folder` if this
// process is root's. Anyone else keeps what they make; so does root where the file system has no owners.
void GiveToOwnerOf(const std::string& folder, int fd);

// All of `tree`, links not followed, goes to the owner of the first of `like` that is there and is not root's, if this
// process is root's. Where the file system has no owners nothing happens.
void GiveTreeToOwnerOf(const std::vector<std::string>& like, const std::string& tree);

}  // namespace liaison

#endif  // LIAISON_COMMON_BASE_OWNER_H_

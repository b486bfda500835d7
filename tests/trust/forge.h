// Certificates that the hub's authority never issued, or has not for long: what somebody with its key, or a program of
// another version, would make.
#ifndef LIAISON_TESTS_TRUST_FORGE_H_
#define LIAISON_TESTS_TRUST_FORGE_H_

#include <string>

#include "common/crypto/certificate.h"

namespace liaison {

// For a fresh key, in the name of `cn`, with these usages as OpenSSL writes them.
TlsIdentity IssueServer(const Authority& authority, const std::string& cn, const std::string& usages);

}  // namespace liaison

#endif  // LIAISON_TESTS_TRUST_FORGE_H_

// Certificates of pages on a village's network. They hang on an authority of their own, which phones are told to trust
// and which no door and no device hangs on: who gets its key can be a page of the township, and nothing else.
//
// It is bound by name constraints (RFC 5280, 4.2.1.10) to private addresses and to names under .local, so that a phone
// which trusts it trusts nothing on the internet by it. Browsers enforce this of roots to a varying degree.
//
// The algorithms are those of certificate.h: ECDSA on P-256. A page's key is made where the page is served, and stays.
// Threads: any.
#ifndef LIAISON_COMMON_CRYPTO_PAGE_CERTIFICATE_H_
#define LIAISON_COMMON_CRYPTO_PAGE_CERTIFICATE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/certificate.h"

namespace liaison {

// A fresh key; the certificate lasts 25 years. SaveAuthority() and LoadAuthority() keep it.
Authority NewPageAuthority(int64_t now_ms);

// A numeric address that is used inside networks only (RFC 1918, RFC 4193, link-local and loopback).
bool IsPrivateAddress(std::string_view address);
// One of these, or a host name under .local: small letters, digits, hyphens, at most 64 bytes.
bool IsPageName(std::string_view name);

// A page's key: PEM, PKCS #8. The second keeps it in the file `path`, mode 0600, made where there is none; errors as
// LoadKeyPair().
std::string NewPageKey();
absl::StatusOr<std::string> OpenPageKey(const std::string& path);
// Its public half: SubjectPublicKeyInfo, DER. kInvalidArgument: it is no P-256 key.
absl::StatusOr<std::string> PublicHalf(std::string_view key_pem);

// A page's certificate, DER. `public_key` as PublicHalf() gives it. kInvalidArgument: no P-256 key, no name, more than
// kMostPageNames, or one that is no page's.
// REQUIRES: `authority` comes from NewPageAuthority().
inline constexpr size_t kMostPageNames = 16;
absl::StatusOr<std::string> IssuePage(const Authority& authority, std::string_view public_key,
                                      const std::vector<std::string>& names, int64_t not_before_ms,
                                      int64_t not_after_ms);

// The names and addresses that a certificate is for, as IssuePage() was given them, sorted.
std::vector<std::string> PageNamesOf(std::string_view certificate);
// OK: issued by this authority and within its bounds, for a page, for this key, and for `name`. Dates are not looked
// at. kUnauthenticated: not so.
absl::Status VerifyPage(std::string_view certificate, std::string_view authority_certificate,
                        std::string_view public_key, std::string_view name);

// What a server presents: the certificate, and the authority behind it, whose fingerprint a phone can so show.
TlsIdentity PageIdentity(std::string_view certificate, std::string_view authority_certificate,
                         std::string_view key_pem);

}  // namespace liaison

#endif  // LIAISON_COMMON_CRYPTO_PAGE_CERTIFICATE_H_

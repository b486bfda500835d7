// The page /trust: how a phone or a computer comes to trust the authority of pages.
#ifndef LIAISON_COMMON_DAEMON_TRUST_PAGE_H_
#define LIAISON_COMMON_DAEMON_TRUST_PAGE_H_

#include <string>

namespace liaison {

// HTML without scripts. `address` is the page's on the village's network, empty while it is not open; `fingerprint` as
// FingerprintText() gives it, empty while no authority is known.
std::string TrustPageOf(const std::string& address, const std::string& fingerprint);

// A QR code as SVG, of light and dark modules with the margin that the standard wants; empty if `text` does not fit.
std::string QrSvg(const std::string& text);

}  // namespace liaison

#endif  // LIAISON_COMMON_DAEMON_TRUST_PAGE_H_

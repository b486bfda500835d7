// Who may call a server that listens on the own machine. Two attacks come from pages of other sites open in the same
// browser: a form or script there posts to 127.0.0.1 (cross-site request forgery), and a name there is re-pointed to
// 127.0.0.1 so that the browser takes our answers for that site's own (DNS rebinding). The first shows in Origin, the
// second in Host. All functions are pure and take header values as they came, that is, any bytes.
#ifndef LIAISON_COMMON_HTTP_ORIGIN_H_
#define LIAISON_COMMON_HTTP_ORIGIN_H_

#include <span>
#include <string>
#include <string_view>

namespace liaison::http {

// The name in a Host header, or in an address to listen on: without port, brackets and a trailing dot, in lower case.
// Empty when it is malformed.
std::string HostName(std::string_view host);

// localhost, an IPv4 address of 127.0.0.0/8 in four decimals, or ::1. `name` as from HostName.
bool IsLoopback(std::string_view name);

// True for localhost, 127.0.0.1, [::1] and the names listed (each as from HostName), with any port or none.
bool HostAllowed(std::string_view host, std::span<const std::string> names);

// True if `origin` (the header's value) is http or https at exactly the host and port of the Host header. "null",
// which sandboxed pages and files send, is not.
bool SameOrigin(std::string_view origin, std::string_view host);

}  // namespace liaison::http

#endif  // LIAISON_COMMON_HTTP_ORIGIN_H_

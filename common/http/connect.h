// The errors of the Connect protocol (connectrpc.com/docs/protocol, unary calls with JSON), both ways. A failed call is
// an HTTP status and the body {"code":"invalid_argument","message":"…"}, with "details" where the status has payloads:
// each is a protobuf message by its type's name, and its bytes in base64. The code in the body is what counts; the HTTP
// status is for those who read no body: proxies, logs, curl. The table is the one of the protocol's RFC 003, which is
// also gRPC's: it never says 408, since that invites a client to send a call again by itself.
#ifndef LIAISON_COMMON_HTTP_CONNECT_H_
#define LIAISON_COMMON_HTTP_CONNECT_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace liaison::http {

// "invalid_argument" and so on. REQUIRES: code is one of the 16 errors; anything else is "unknown".
std::string_view CodeName(absl::StatusCode code);

// The HTTP status that goes with an error; 500 for what is not one of the 16.
int HttpStatus(absl::StatusCode code);

// The error that an HTTP status stands for when the body says nothing usable (a proxy, another program on the port).
absl::StatusCode CodeOfHttpStatus(int http_status);

// The body of a failed call, UTF-8. Bytes in the message that are not UTF-8 become U+FFFD. REQUIRES: !status.ok().
std::string ErrorBody(const absl::Status& status);

// The inverse, for any bytes at all: never OK, and never without a message. A body that is no such JSON, or names no
// known code, gives CodeOfHttpStatus(http_status).
absl::Status ErrorOfBody(int http_status, std::string_view body);

}  // namespace liaison::http

#endif  // LIAISON_COMMON_HTTP_CONNECT_H_

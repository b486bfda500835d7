// The end of TLS that pages are served on: 1.2 with modern ciphers, or 1.3, without tickets, renegotiation and
// certificates of clients. Browsers speak to it; machines among themselves ask for more (RequireTls13).
#ifndef LIAISON_COMMON_CRYPTO_PAGE_TLS_H_
#define LIAISON_COMMON_CRYPTO_PAGE_TLS_H_

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/crypto/certificate.h"

struct ssl_ctx_st;
struct ssl_st;

namespace liaison {

// Thread-safe.
class PageTls {
 public:
  PageTls() = default;
  ~PageTls();
  PageTls(const PageTls&) = delete;
  PageTls& operator=(const PageTls&) = delete;

  // What connections from now on present: the certificate, and behind it those that it hangs on. Those that are open
  // keep theirs. kInvalidArgument, with all as it was: not PEM, or the key is another certificate's.
  absl::Status Set(const TlsIdentity& identity);
  bool ready() const;  // it was set
  // The state of one connection, the caller's (OpenSSL's SSL, which libevent frees with its buffer). Null: not ready,
  // or no memory.
  ssl_st* NewSession() const;

  // Whether an error of OpenSSL's means that the peer spoke HTTP without TLS.
  static bool IsPlainHttp(unsigned long error);

 private:
  mutable absl::Mutex mutex_;
  ssl_ctx_st* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_CRYPTO_PAGE_TLS_H_

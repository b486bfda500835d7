#include "common/crypto/page_tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string_view>
#include <utility>

namespace liaison {
namespace {

constexpr char kCiphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";  // of 1.2; those of 1.3 are all good

template <auto free>
struct Freed {
  void operator()(auto* p) const { free(p); }
};
using ContextOwner = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using BioOwner = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using CertOwner = std::unique_ptr<X509, Freed<X509_free>>;
using KeyOwner = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

BioOwner Text(std::string_view pem) { return BioOwner(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))); }

absl::Status NotPem() {
  ERR_clear_error();
  return absl::InvalidArgumentError("no certificate with its key in PEM");
}

// Nobody is asked for a passphrase on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

}  // namespace

PageTls::~PageTls() { SSL_CTX_free(context_); }

absl::Status PageTls::Set(const TlsIdentity& identity) {
  ContextOwner context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) return absl::ResourceExhaustedError("no memory for TLS");
  // RequireTls13() may have forbidden 1.2 in the whole process; browsers of older phones need it.
  SSL_CTX_clear_options(context.get(), SSL_OP_NO_TLSv1_2);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                         SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  // libevent writes again from wherever its bytes lie then; it does not count with writes in part.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_num_tickets(context.get(), 0) != 1 || SSL_CTX_set_cipher_list(context.get(), kCiphers) != 1)
    return NotPem();
  const BioOwner certificates = Text(identity.certificate), key_text = Text(identity.secret_key);
  if (certificates == nullptr || key_text == nullptr) return NotPem();
  const CertOwner own(PEM_read_bio_X509(certificates.get(), nullptr, NoPassphrase, nullptr));
  const KeyOwner key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, NoPassphrase, nullptr));
  if (own == nullptr || key == nullptr || SSL_CTX_use_certificate(context.get(), own.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1 || SSL_CTX_check_private_key(context.get()) != 1)
    return NotPem();
  while (CertOwner next{PEM_read_bio_X509(certificates.get(), nullptr, NoPassphrase, nullptr)})
    if (SSL_CTX_add1_chain_cert(context.get(), next.get()) != 1) return NotPem();
  ERR_clear_error();  // where the text ends
  absl::MutexLock lock(&mutex_);
  SSL_CTX_free(std::exchange(context_, context.release()));
  return absl::OkStatus();
}

bool PageTls::ready() const {
  absl::MutexLock lock(&mutex_);
  return context_ != nullptr;
}

ssl_st* PageTls::NewSession() const {
  absl::MutexLock lock(&mutex_);
  return context_ == nullptr ? nullptr : SSL_new(context_);
}

bool PageTls::IsPlainHttp(unsigned long error) {
  return ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST;
}

}  // namespace liaison

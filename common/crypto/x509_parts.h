// Certificates by OpenSSL, for the sources of this folder only: read, written, drafted, signed.
#ifndef LIAISON_COMMON_CRYPTO_X509_PARTS_H_
#define LIAISON_COMMON_CRYPTO_X509_PARTS_H_

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sodium.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/crypto/certificate.h"
#include "common/crypto/internal.h"

namespace liaison::crypto_internal {

inline constexpr size_t kSerialBytes = 16;
inline constexpr char kNoEnd[] = "99991231235959Z";

template <auto free>
struct Freer {
  void operator()(auto* p) const { free(p); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using CertPtr = std::unique_ptr<X509, Freer<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using StorePtr = std::unique_ptr<X509_STORE, Freer<X509_STORE_free>>;
using ContextPtr = std::unique_ptr<X509_STORE_CTX, Freer<X509_STORE_CTX_free>>;

inline std::string_view Contents(const BioPtr& bio) {
  char* data = nullptr;
  long size = BIO_get_mem_data(bio.get(), &data);
  return std::string_view(data, static_cast<size_t>(size));
}

inline BioPtr Reading(std::string_view bytes) {
  return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

inline CertPtr ReadDer(std::string_view der) {
  const unsigned char* at = Bytes(der);
  CertPtr cert(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (cert != nullptr && at != Bytes(der) + der.size()) cert.reset();  // bytes are left over
  return cert;
}

inline std::string ToDer(const X509* cert) {
  unsigned char* bytes = nullptr;
  int size = i2d_X509(cert, &bytes);
  Require(size > 0, "i2d_X509");
  std::string der(reinterpret_cast<char*>(bytes), static_cast<size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

inline std::string ToPem(X509* cert) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  Require(PEM_write_bio_X509(bio.get(), cert) == 1, "PEM_write_bio_X509");
  return std::string(Contents(bio));
}

inline std::string ToPem(EVP_PKEY* key) {
  BioPtr bio(BIO_new(BIO_s_secmem()));
  Require(PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "PEM_write_bio_PKCS8PrivateKey");
  return std::string(Contents(bio));
}

inline KeyPtr NewP256() {
  KeyPtr key(EVP_EC_gen("P-256"));
  Require(key != nullptr, "EVP_EC_gen");
  return key;
}

inline KeyPtr AuthorityKey(const Authority& authority) {
  const unsigned char* at = Bytes(std::string_view(authority.secret_key));
  KeyPtr key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(authority.secret_key.size())));
  Require(key != nullptr, "an authority without its key");
  return key;
}

inline void AddName(X509_NAME* name, const char* field, std::string_view value) {
  Require(X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC, Bytes(value), static_cast<int>(value.size()), -1, 0),
          "X509_NAME_add_entry_by_txt");
}

inline void AddExtension(X509* cert, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, cert, cert, nullptr, nullptr, 0);
  std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  Require(extension != nullptr && X509_add_ext(cert, extension.get(), -1) == 1, "X509_add_ext");
}

// Version, serial, dates and key; names, extensions and the signature are still to come.
inline CertPtr Draft(EVP_PKEY* key, int64_t not_before_ms, int64_t not_after_ms) {
  CertPtr cert(X509_new());
  unsigned char serial[kSerialBytes];
  randombytes_buf(serial, sizeof serial);
  serial[0] = (serial[0] & 0x7f) | 0x40;  // positive, and of one length
  std::unique_ptr<BIGNUM, Freer<BN_free>> number(BN_bin2bn(serial, sizeof serial, nullptr));
  Require(X509_set_version(cert.get(), X509_VERSION_3) == 1 && X509_set_pubkey(cert.get(), key) == 1 &&
              BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(cert.get())) != nullptr &&
              ASN1_TIME_set(X509_getm_notBefore(cert.get()), not_before_ms / 1000) != nullptr &&
              (not_after_ms == 0 ? ASN1_TIME_set_string_X509(X509_getm_notAfter(cert.get()), kNoEnd) == 1
                                 : ASN1_TIME_set(X509_getm_notAfter(cert.get()), not_after_ms / 1000) != nullptr),
          "a certificate's fields");
  return cert;
}

// Issues in the name of the authority.
inline void Complete(X509* cert, const Authority& authority) {
  CertPtr issuer = ReadDer(authority.certificate);
  KeyPtr key = AuthorityKey(authority);
  Require(issuer != nullptr && X509_set_issuer_name(cert, X509_get_subject_name(issuer.get())) == 1 &&
              X509_sign(cert, key.get(), EVP_sha256()) > 0,
          "X509_sign");
}

// A certificate with its key, as an authority is kept.
inline Authority PackAuthority(X509* cert, EVP_PKEY* key) {
  std::unique_ptr<PKCS8_PRIV_KEY_INFO, Freer<PKCS8_PRIV_KEY_INFO_free>> plain(EVP_PKEY2PKCS8(key));
  unsigned char* bytes = nullptr;
  int size = plain == nullptr ? 0 : i2d_PKCS8_PRIV_KEY_INFO(plain.get(), &bytes);
  Require(size > 0, "i2d_PKCS8_PRIV_KEY_INFO");
  Authority authority;
  authority.certificate = ToDer(cert);
  authority.secret_key.assign(reinterpret_cast<char*>(bytes), static_cast<size_t>(size));
  OPENSSL_clear_free(bytes, static_cast<size_t>(size));
  return authority;
}

// The names, extensions and signature of an authority, over its draft; `constraints` is empty where it has none.
inline Authority CompleteAuthority(X509* cert, EVP_PKEY* key, const char* name, const char* usage,
                                   const char* constraints) {
  AddName(X509_get_subject_name(cert), "CN", name);
  Require(X509_set_issuer_name(cert, X509_get_subject_name(cert)) == 1, "X509_set_issuer_name");
  AddExtension(cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  AddExtension(cert, NID_key_usage, "critical,keyCertSign,cRLSign");
  if (*usage != 0) AddExtension(cert, NID_ext_key_usage, usage);
  if (*constraints != 0) AddExtension(cert, NID_name_constraints, constraints);
  AddExtension(cert, NID_subject_key_identifier, "hash");
  Require(X509_sign(cert, key, EVP_sha256()) > 0, "X509_sign");
  return PackAuthority(cert, key);
}

}  // namespace liaison::crypto_internal

#endif  // LIAISON_COMMON_CRYPTO_X509_PARTS_H_

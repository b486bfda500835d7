#include "tests/trust/forge.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <utility>

namespace liaison {
namespace {

std::string TextOf(BIO* bio) {
  char* data = nullptr;
  long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<size_t>(size));
  BIO_free(bio);
  return text;
}

}  // namespace

TlsIdentity IssueServer(const Authority& authority, const std::string& cn, const std::string& usages) {
  const auto* at = reinterpret_cast<const unsigned char*>(authority.certificate.data());
  X509* root = d2i_X509(nullptr, &at, static_cast<long>(authority.certificate.size()));
  at = reinterpret_cast<const unsigned char*>(authority.secret_key.data());
  EVP_PKEY* root_key = d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(authority.secret_key.size()));
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* cert = X509_new();
  EXPECT_TRUE(root != nullptr && root_key != nullptr && key != nullptr && cert != nullptr);
  X509_set_version(cert, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(cert), 77);
  X509_gmtime_adj(X509_getm_notBefore(cert), -86'400);
  X509_gmtime_adj(X509_getm_notAfter(cert), 86'400 * 365);
  X509_set_pubkey(cert, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(cn.data()), static_cast<int>(cn.size()), -1, 0);
  X509_set_issuer_name(cert, X509_get_subject_name(root));
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, root, cert, nullptr, nullptr, 0);
  for (const auto& [nid, value] :
       {std::pair(NID_key_usage, std::string("critical,digitalSignature")), std::pair(NID_ext_key_usage, usages)}) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    EXPECT_NE(extension, nullptr);
    X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
  }
  EXPECT_GT(X509_sign(cert, root_key, EVP_sha256()), 0);
  BIO *cert_pem = BIO_new(BIO_s_mem()), *key_pem = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(cert_pem, cert);
  PEM_write_bio_PKCS8PrivateKey(key_pem, key, nullptr, nullptr, 0, nullptr, nullptr);
  X509_free(cert);
  X509_free(root);
  EVP_PKEY_free(key);
  EVP_PKEY_free(root_key);
  return {TextOf(cert_pem), TextOf(key_pem)};
}

}  // namespace liaison

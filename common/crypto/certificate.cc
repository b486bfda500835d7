#include "common/crypto/certificate.h"

#include <openssl/bio.h>
#include <openssl/conf.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sodium.h>

#include <algorithm>
#include <ctime>
#include <memory>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/crypto/internal.h"
#include "common/crypto/secret_file.h"
#include "common/crypto/x509_parts.h"

namespace liaison {
namespace {

using namespace crypto_internal;  // NOLINT(google-build-using-namespace): this folder's own parts

constexpr std::string_view kMagic = "LIAISONC";
constexpr std::string_view kKind = "authority file";
constexpr uint8_t kVersion = 1;
constexpr size_t kMostFileBytes = 4096;
constexpr size_t kMostNameBytes = 64;  // of OU and CN (RFC 5280, appendix A)
constexpr int64_t kDayMs = 86'400'000;
constexpr char kDoorUsage[] = "2.25.133898075420989147872719222278722391953";  // an arc that needs no registration

KeyPtr DeviceKey(const KeyPair& keys) {
  Require(keys.algorithm == kEd25519 && keys.secret_key.size() == kSecretKeySize, "a device without an Ed25519 key");
  KeyPtr key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Bytes(std::string_view(keys.secret_key)),
                                          kSecretKeySize - kPublicKeySize));
  Require(key != nullptr, "EVP_PKEY_new_raw_private_key");
  return key;
}

std::string NameEntry(const X509* cert, int nid) {
  X509_NAME* name = X509_get_subject_name(cert);
  int at = X509_NAME_get_index_by_NID(name, nid, -1);
  if (at < 0) return "";
  const ASN1_STRING* text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                     static_cast<size_t>(ASN1_STRING_length(text)));
}

bool ReadTime(const ASN1_TIME* time, int64_t* ms) {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return false;
  *ms = static_cast<int64_t>(timegm(&parts)) * 1000;
  return true;
}

bool HasUsage(const X509* cert, std::string_view wanted) {
  std::unique_ptr<EXTENDED_KEY_USAGE, Freer<EXTENDED_KEY_USAGE_free>> usages(
      static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(cert, NID_ext_key_usage, nullptr, nullptr)));
  for (int i = 0; usages != nullptr && i < sk_ASN1_OBJECT_num(usages.get()); ++i) {
    char text[128];
    int size = OBJ_obj2txt(text, sizeof text, sk_ASN1_OBJECT_value(usages.get(), i), 1);
    if (size > 0 && std::string_view(text) == wanted) return true;
  }
  return false;
}

std::string KeyHash(const X509* cert) {
  unsigned char* bytes = nullptr;
  int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &bytes);
  if (size <= 0) return "";
  std::string hash = Sha256(std::string_view(reinterpret_cast<char*>(bytes), static_cast<size_t>(size)));
  OPENSSL_free(bytes);
  return hash;
}

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= kMostNameBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
}

}  // namespace

Authority NewAuthority(int64_t now_ms) {
  crypto_internal::EnsureSodium();
  KeyPtr key = NewP256();
  CertPtr cert = Draft(key.get(), now_ms - kDayMs, 0);
  return CompleteAuthority(cert.get(), key.get(), "liaison", "", "");
}

absl::Status SaveAuthority(const std::string& path, const Authority& authority) {
  crypto_internal::EnsureSodium();
  std::string bytes;
  bytes.reserve(kMostFileBytes);  // so that growing leaves no copy of the key behind
  ByteWriter out(&bytes);
  out.Raw(kMagic);
  out.U8(kVersion);
  out.U8(authority.algorithm);
  out.String(authority.certificate);
  out.String(authority.secret_key);
  out.Raw(Sha256(bytes));
  absl::Status status = crypto_internal::WriteNewSecret(kKind, path, bytes);
  sodium_memzero(bytes.data(), bytes.size());
  return status;
}

absl::StatusOr<Authority> LoadAuthority(const std::string& path) {
  crypto_internal::EnsureSodium();
  ASSIGN_OR_RETURN(std::string bytes, crypto_internal::ReadSecret(kKind, path, kMostFileBytes));
  auto decode = [&]() -> absl::StatusOr<Authority> {
    ByteReader in(bytes);
    if (in.Raw(kMagic.size()) != kMagic) return absl::InvalidArgumentError(Cat(kKind, " ", path, ": not one"));
    if (uint8_t version = in.U8(); in.ok() && version != kVersion)
      return absl::InvalidArgumentError(Cat(kKind, " ", path, ": unknown version ", static_cast<int>(version)));
    absl::Status damaged = absl::DataLossError(Cat(kKind, " ", path, ": damaged"));
    std::string_view all(bytes);
    if (all.size() < kSha256Size ||
        Sha256(all.substr(0, all.size() - kSha256Size)) != all.substr(all.size() - kSha256Size))
      return damaged;
    Authority authority;
    authority.algorithm = in.U8();
    if (authority.algorithm != kEcdsaP256Sha256)
      return absl::InvalidArgumentError(
          Cat(kKind, " ", path, ": unknown algorithm ", static_cast<int>(authority.algorithm)));
    authority.certificate = in.String();
    authority.secret_key = in.String();
    CertPtr cert = ReadDer(authority.certificate);
    const unsigned char* at = Bytes(std::string_view(authority.secret_key));
    KeyPtr key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(authority.secret_key.size())));
    if (cert == nullptr || key == nullptr || X509_check_private_key(cert.get(), key.get()) != 1) return damaged;
    return authority;
  };
  absl::StatusOr<Authority> authority = decode();
  sodium_memzero(bytes.data(), bytes.size());
  return authority;
}

std::string Fingerprint(std::string_view certificate) { return Sha256(certificate); }

absl::StatusOr<std::string> IssueDevice(const Authority& authority, const DeviceName& name, std::string_view public_key,
                                        int64_t not_before_ms, int64_t not_after_ms) {
  crypto_internal::EnsureSodium();
  if (!IsName(name.station) || !IsName(name.node)) return absl::InvalidArgumentError("a device's name");
  KeyPtr key;
  if (public_key.size() == kPublicKeySize)
    key.reset(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(public_key), public_key.size()));
  if (key == nullptr) return absl::InvalidArgumentError("no Ed25519 public key");
  CertPtr cert = Draft(key.get(), not_before_ms, not_after_ms);
  AddName(X509_get_subject_name(cert.get()), "OU", name.station);
  AddName(X509_get_subject_name(cert.get()), "CN", name.node);
  AddExtension(cert.get(), NID_key_usage, "critical,digitalSignature");
  AddExtension(cert.get(), NID_ext_key_usage, "clientAuth");
  Complete(cert.get(), authority);
  return ToDer(cert.get());
}

TlsIdentity IssueDoor(const Authority& authority, int64_t now_ms) {
  crypto_internal::EnsureSodium();
  KeyPtr key = NewP256();
  CertPtr cert = Draft(key.get(), now_ms - kDayMs, 0);
  AddName(X509_get_subject_name(cert.get()), "CN", kDoorName);
  AddExtension(cert.get(), NID_key_usage, "critical,digitalSignature");
  // Stations up to 0.4.0 look for the first.
  AddExtension(cert.get(), NID_ext_key_usage, Cat("serverAuth,", kDoorUsage).c_str());
  Complete(cert.get(), authority);
  return {ToPem(cert.get()), ToPem(key.get())};
}

TlsIdentity DeviceIdentity(const KeyPair& keys, std::string_view certificate) {
  crypto_internal::EnsureSodium();
  KeyPtr key = DeviceKey(keys);
  CertPtr cert = ReadDer(certificate);
  if (cert == nullptr) {
    cert = Draft(key.get(), 0, 0);
    AddName(X509_get_subject_name(cert.get()), "CN", "device");
    Require(X509_set_issuer_name(cert.get(), X509_get_subject_name(cert.get())) == 1 &&
                X509_sign(cert.get(), key.get(), nullptr) > 0,
            "X509_sign");
  }
  return {ToPem(cert.get()), ToPem(key.get())};
}

absl::StatusOr<Certificate> ParseCertificate(std::string_view der) {
  CertPtr cert = ReadDer(der);
  if (cert == nullptr) return absl::InvalidArgumentError("not a certificate");
  Certificate out;
  out.der = std::string(der);
  if (!ReadTime(X509_get0_notBefore(cert.get()), &out.not_before_ms) ||
      !ReadTime(X509_get0_notAfter(cert.get()), &out.not_after_ms))
    return absl::InvalidArgumentError("a certificate without dates");
  out.name = {NameEntry(cert.get(), NID_organizationalUnitName), NameEntry(cert.get(), NID_commonName)};
  EVP_PKEY* key = X509_get0_pubkey(cert.get());
  if (key == nullptr) return absl::InvalidArgumentError("a certificate without a key");
  if (EVP_PKEY_get_id(key) == EVP_PKEY_ED25519) {
    out.public_key.resize(kPublicKeySize);
    size_t size = kPublicKeySize;
    if (EVP_PKEY_get_raw_public_key(key, Bytes(out.public_key.data()), &size) != 1 || size != kPublicKeySize)
      return absl::InvalidArgumentError("a certificate with a key that cannot be read");
  }
  out.key_hash = KeyHash(cert.get());
  out.self_signed = X509_name_cmp(X509_get_subject_name(cert.get()), X509_get_issuer_name(cert.get())) == 0 &&
                    X509_verify(cert.get(), key) == 1;
  return out;
}

absl::StatusOr<std::string> FirstOfPem(std::string_view pem) {
  BioPtr bio = Reading(pem);
  CertPtr cert(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (cert == nullptr) return absl::InvalidArgumentError("no certificate in PEM");
  return ToDer(cert.get());
}

absl::Status VerifyIssued(const Certificate& certificate, std::string_view authority_certificate, Purpose purpose) {
  CertPtr cert = ReadDer(certificate.der), root = ReadDer(authority_certificate);
  if (cert == nullptr || root == nullptr) return absl::UnauthenticatedError("not a certificate");
  StorePtr store(X509_STORE_new());
  ContextPtr context(X509_STORE_CTX_new());
  Require(store != nullptr && context != nullptr && X509_STORE_add_cert(store.get(), root.get()) == 1 &&
              X509_STORE_CTX_init(context.get(), store.get(), cert.get(), nullptr) == 1,
          "X509_STORE_CTX_init");
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME);
  X509_VERIFY_PARAM_set_purpose(param, purpose == Purpose::kDevice ? X509_PURPOSE_SSL_CLIENT : X509_PURPOSE_SSL_SERVER);
  if (X509_verify_cert(context.get()) != 1)
    return absl::UnauthenticatedError(X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
  // The authority itself stands in the store and would pass for what it issues.
  if (X509_cmp(cert.get(), root.get()) == 0)
    return absl::UnauthenticatedError("the authority is no device and no door");
  if (purpose == Purpose::kDevice) return absl::OkStatus();
  if (NameEntry(cert.get(), NID_commonName) != kDoorName || !NameEntry(cert.get(), NID_organizationalUnitName).empty())
    return absl::UnauthenticatedError("a certificate in another name than the hub's");
  if (purpose == Purpose::kDoor && !HasUsage(cert.get(), kDoorUsage))
    return absl::UnauthenticatedError("a certificate that is not made for the door");
  return absl::OkStatus();
}

void RequireTls13() {
  static const bool done = [] {
    constexpr char kSettings[] =
        "openssl_conf = all\n"
        "[all]\nssl_conf = contexts\n"
        "[contexts]\nsystem_default = tls\n"
        "[tls]\nProtocol = -TLSv1,-TLSv1.1,-TLSv1.2\nCipherString = DEFAULT@SECLEVEL=2\n"
        "NumTickets = 0\n";  // no station resumes a session; two tickets are 1.2 KB of each handshake
    OPENSSL_init_ssl(OPENSSL_INIT_LOAD_CONFIG, nullptr);  // the system's own settings first, so that ours come after
    BioPtr bio = Reading(kSettings);
    std::unique_ptr<CONF, Freer<NCONF_free>> conf(NCONF_new(nullptr));
    long line = 0;
    Require(conf != nullptr && NCONF_load_bio(conf.get(), bio.get(), &line) == 1 &&
                CONF_modules_load(conf.get(), nullptr, 0) == 1,
            "RequireTls13()");
    return true;
  }();
  (void)done;
}

}  // namespace liaison

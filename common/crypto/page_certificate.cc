#include "common/crypto/page_certificate.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

#include <algorithm>
#include <memory>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/crypto/internal.h"
#include "common/crypto/secret_file.h"
#include "common/crypto/x509_parts.h"

namespace liaison {
namespace {

using namespace crypto_internal;  // NOLINT(google-build-using-namespace): this folder's own parts

constexpr int64_t kDayMs = 86'400'000, kAuthorityDays = 25 * 365;
constexpr size_t kMostNameBytes = 64;
constexpr size_t kMostKeyFileBytes = 4096;
constexpr std::string_view kKeyKind = "page key file";
constexpr std::string_view kLocal = ".local";
constexpr char kBounds[] =
    "critical,permitted;DNS:local,permitted;IP:10.0.0.0/255.0.0.0,permitted;IP:172.16.0.0/255.240.0.0,"
    "permitted;IP:192.168.0.0/255.255.0.0,permitted;IP:127.0.0.0/255.0.0.0,permitted;IP:169.254.0.0/255.255.0.0,"
    "permitted;IP:fc00::/fe00::,permitted;IP:fe80::/ffc0::,"
    "permitted;IP:::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";

KeyPtr ReadPublic(std::string_view der) {
  const unsigned char* at = Bytes(der);
  KeyPtr key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  char group[32] = "";
  size_t size = 0;
  if (key == nullptr || at != Bytes(der) + der.size() || EVP_PKEY_get_id(key.get()) != EVP_PKEY_EC ||
      EVP_PKEY_get_group_name(key.get(), group, sizeof group, &size) != 1 ||
      std::string_view(group, size) != SN_X9_62_prime256v1)
    return nullptr;
  return key;
}

std::string PublicDer(EVP_PKEY* key) {
  unsigned char* bytes = nullptr;
  const int size = i2d_PUBKEY(key, &bytes);
  if (size <= 0) return "";
  std::string der(reinterpret_cast<char*>(bytes), static_cast<size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

bool IsNumeric(std::string_view name, in_addr* four, in6_addr* six, bool* is_six) {
  const std::string text(name);
  if (text.find('\0') != std::string::npos) return false;
  *is_six = text.find(':') != std::string::npos;
  return *is_six ? inet_pton(AF_INET6, text.c_str(), six) == 1 : inet_pton(AF_INET, text.c_str(), four) == 1;
}

}  // namespace

Authority NewPageAuthority(int64_t now_ms) {
  EnsureSodium();
  KeyPtr key = NewP256();
  CertPtr cert = Draft(key.get(), now_ms - kDayMs, now_ms + kAuthorityDays * kDayMs);
  return CompleteAuthority(cert.get(), key.get(), "liaison pages", "serverAuth", kBounds);
}

bool IsPrivateAddress(std::string_view address) {
  in_addr four{};
  in6_addr six{};
  bool is_six = false;
  if (!IsNumeric(address, &four, &six, &is_six)) return false;
  if (is_six) {
    const uint8_t* bytes = six.s6_addr;
    return (bytes[0] & 0xfe) == 0xfc || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) || IN6_IS_ADDR_LOOPBACK(&six);
  }
  const uint32_t value = ntohl(four.s_addr);
  return value >> 24 == 10 || value >> 24 == 127 || value >> 20 == 0xac1 || value >> 16 == 0xc0a8 ||
         value >> 16 == 0xa9fe;
}

bool IsPageName(std::string_view name) {
  if (IsPrivateAddress(name)) return true;
  if (!name.ends_with(kLocal) || name.size() <= kLocal.size() || name.size() > kMostNameBytes) return false;
  char before = '.';
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!plain && c != '-' && c != '.') return false;
    if ((c == '.' || c == '-') && before == '.') return false;  // labels are not empty, and do not begin so
    before = c;
  }
  return true;
}

std::string NewPageKey() { return ToPem(NewP256().get()); }

absl::StatusOr<std::string> OpenPageKey(const std::string& path) {
  absl::StatusOr<std::string> held = ReadSecret(kKeyKind, path, kMostKeyFileBytes);
  if (held.ok()) {
    if (!PublicHalf(*held).ok()) return absl::DataLossError(Cat(kKeyKind, " ", path, ": damaged"));
    return held;
  }
  if (!absl::IsNotFound(held.status())) return held.status();
  const std::string fresh = NewPageKey();
  RETURN_IF_ERROR(WriteNewSecret(kKeyKind, path, fresh));
  return fresh;
}

absl::StatusOr<std::string> PublicHalf(std::string_view key_pem) {
  const BioPtr bio = Reading(key_pem);
  auto no_passphrase = [](char*, int, int, void*) { return -1; };
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  std::string der = key == nullptr ? "" : PublicDer(key.get());
  ERR_clear_error();
  if (der.empty() || ReadPublic(der) == nullptr) return absl::InvalidArgumentError("no P-256 key");
  return der;
}

absl::StatusOr<std::string> IssuePage(const Authority& authority, std::string_view public_key,
                                      const std::vector<std::string>& names, int64_t not_before_ms,
                                      int64_t not_after_ms) {
  EnsureSodium();
  const KeyPtr key = ReadPublic(public_key);
  ERR_clear_error();
  if (key == nullptr) return absl::InvalidArgumentError("no P-256 public key");
  if (names.empty() || names.size() > kMostPageNames) return absl::InvalidArgumentError("no names, or too many");
  std::string all;
  for (const std::string& name : names) {
    if (!IsPageName(name)) return absl::InvalidArgumentError(Cat("not a page's name: ", name));
    all += Cat(all.empty() ? "" : ",", IsPrivateAddress(name) ? "IP:" : "DNS:", name);
  }
  CertPtr cert = Draft(key.get(), not_before_ms, not_after_ms);
  AddName(X509_get_subject_name(cert.get()), "CN", "liaison page");  // none that could be taken for a host
  AddExtension(cert.get(), NID_basic_constraints, "critical,CA:FALSE");
  AddExtension(cert.get(), NID_key_usage, "critical,digitalSignature");
  AddExtension(cert.get(), NID_ext_key_usage, "serverAuth");
  AddExtension(cert.get(), NID_subject_alt_name, all.c_str());
  Complete(cert.get(), authority);
  return ToDer(cert.get());
}

std::vector<std::string> PageNamesOf(std::string_view certificate) {
  std::vector<std::string> names;
  const CertPtr cert = ReadDer(certificate);
  void* found = cert == nullptr ? nullptr : X509_get_ext_d2i(cert.get(), NID_subject_alt_name, nullptr, nullptr);
  const std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>> all(static_cast<GENERAL_NAMES*>(found));
  for (int i = 0; all != nullptr && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all.get(), i), &type);
    if (type != GEN_DNS && type != GEN_IPADD) continue;
    const auto* text = static_cast<const ASN1_STRING*>(value);
    const auto* bytes = ASN1_STRING_get0_data(text);
    const auto size = static_cast<size_t>(ASN1_STRING_length(text));
    char numeric[INET6_ADDRSTRLEN] = "";
    if (type == GEN_DNS) names.emplace_back(reinterpret_cast<const char*>(bytes), size);
    if (type == GEN_IPADD && (size == 4 || size == 16) &&
        inet_ntop(size == 4 ? AF_INET : AF_INET6, bytes, numeric, sizeof numeric) != nullptr)
      names.emplace_back(numeric);
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status VerifyPage(std::string_view certificate, std::string_view authority_certificate,
                        std::string_view public_key, std::string_view name) {
  const CertPtr cert = ReadDer(certificate), root = ReadDer(authority_certificate);
  if (cert == nullptr || root == nullptr) return absl::UnauthenticatedError("not a certificate");
  const StorePtr store(X509_STORE_new());
  const ContextPtr context(X509_STORE_CTX_new());
  Require(store != nullptr && context != nullptr && X509_STORE_add_cert(store.get(), root.get()) == 1 &&
              X509_STORE_CTX_init(context.get(), store.get(), cert.get(), nullptr) == 1,
          "X509_STORE_CTX_init");
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME);
  X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
  if (X509_verify_cert(context.get()) != 1)
    return absl::UnauthenticatedError(X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
  if (X509_cmp(cert.get(), root.get()) == 0) return absl::UnauthenticatedError("the authority is no page");
  if (PublicDer(X509_get0_pubkey(cert.get())) != public_key)
    return absl::UnauthenticatedError("a certificate of another key");
  const std::string text(name);
  const bool named = IsPrivateAddress(name) ? X509_check_ip_asc(cert.get(), text.c_str(), 0) == 1
                                            : X509_check_host(cert.get(), text.c_str(), text.size(), 0, nullptr) == 1;
  return named ? absl::OkStatus() : absl::UnauthenticatedError("a certificate in another name");
}

TlsIdentity PageIdentity(std::string_view certificate, std::string_view authority_certificate,
                         std::string_view key_pem) {
  const CertPtr cert = ReadDer(certificate), root = ReadDer(authority_certificate);
  if (cert == nullptr || root == nullptr) return {};
  return {Cat(ToPem(cert.get()), ToPem(root.get())), std::string(key_pem)};
}

}  // namespace liaison

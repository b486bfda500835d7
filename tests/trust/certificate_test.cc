#include "common/crypto/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cctype>
#include <fstream>
#include <iterator>
#include <tuple>

#include "common/base/text.h"
#include "common/daemon/enrolment.h"
#include "common/daemon/invitation.h"
#include "tests/trust/town.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;

TEST(Certificate, SaysWhatItWasIssuedWith) {
  Authority authority = NewAuthority(kNow);
  SeededRandom random(1);
  KeyPair key = GenerateKeyPair(&random);
  auto der = IssueDevice(authority, {"HK-D057", "N-1"}, key.public_key, kNow, kNow + 365 * kDayMs);
  ASSERT_TRUE(der.ok()) << der.status();
  absl::StatusOr<Certificate> certificate = ParseCertificate(*der);
  ASSERT_TRUE(certificate.ok()) << certificate.status();
  EXPECT_EQ(certificate->name, (DeviceName{"HK-D057", "N-1"}));
  EXPECT_EQ(certificate->public_key, key.public_key);
  EXPECT_EQ(certificate->not_before_ms, kNow);
  EXPECT_EQ(certificate->not_after_ms, kNow + 365 * kDayMs);
  EXPECT_FALSE(certificate->self_signed);
  EXPECT_TRUE(VerifyIssued(*certificate, authority.certificate, Purpose::kDevice).ok());
}

TEST(Certificate, DatesFarOutAreReadAsTheyWereWritten) {
  Authority authority = NewAuthority(kNow);
  SeededRandom random(1);
  KeyPair key = GenerateKeyPair(&random);
  for (int64_t at : {k2010, k2040, int64_t{2'524'608'000'000}}) {  // X.509 writes years from 2050 on differently
    auto der = IssueDevice(authority, {"S", "N"}, key.public_key, at, at + kDayMs);
    ASSERT_TRUE(der.ok());
    EXPECT_EQ(ParseCertificate(*der)->not_before_ms, at);
    EXPECT_EQ(ParseCertificate(*der)->not_after_ms, at + kDayMs);
  }
}

TEST(Certificate, CountsOnlyUnderItsAuthorityAndForItsPurpose) {
  Authority authority = NewAuthority(kNow), other = NewAuthority(kNow);
  SeededRandom random(1);
  KeyPair key = GenerateKeyPair(&random);
  Certificate device = *ParseCertificate(*IssueDevice(authority, {"S", "N"}, key.public_key, kNow, kNow + kDayMs));
  Certificate door = *ParseCertificate(*FirstOfPem(IssueDoor(authority, kNow).certificate));
  Certificate self = *ParseCertificate(*FirstOfPem(DeviceIdentity(key, "").certificate));
  Certificate root = *ParseCertificate(authority.certificate);
  EXPECT_TRUE(VerifyIssued(device, authority.certificate, Purpose::kDevice).ok());
  EXPECT_TRUE(VerifyIssued(door, authority.certificate, Purpose::kDoor).ok());
  for (const auto& [certificate, root_der, purpose] :
       {std::tuple(&device, &authority, Purpose::kDoor), std::tuple(&door, &authority, Purpose::kDevice),
        std::tuple(&device, &other, Purpose::kDevice), std::tuple(&door, &other, Purpose::kDoor),
        std::tuple(&self, &authority, Purpose::kDevice), std::tuple(&root, &authority, Purpose::kDevice),
        std::tuple(&root, &authority, Purpose::kDoor)})
    EXPECT_TRUE(absl::IsUnauthenticated(VerifyIssued(*certificate, root_der->certificate, purpose)));
  EXPECT_TRUE(self.self_signed);
  EXPECT_FALSE(device.self_signed);
}

TEST(Certificate, ASingleChangedBitIsFound) {
  Authority authority = NewAuthority(kNow);
  SeededRandom random(1);
  KeyPair key = GenerateKeyPair(&random);
  std::string der = *IssueDevice(authority, {"S", "N"}, key.public_key, kNow, kNow + kDayMs);
  for (size_t at = 0; at < der.size(); ++at) {
    std::string changed = der;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    absl::StatusOr<Certificate> certificate = ParseCertificate(changed);
    if (!certificate.ok()) continue;
    EXPECT_FALSE(VerifyIssued(*certificate, authority.certificate, Purpose::kDevice).ok()) << "byte " << at;
  }
  EXPECT_FALSE(ParseCertificate(der + "x").ok());
  EXPECT_FALSE(ParseCertificate(der.substr(0, der.size() - 1)).ok());
  EXPECT_FALSE(ParseCertificate("").ok());
}

TEST(Certificate, NoneIsIssuedForAnotherKindOfKeyOrNobody) {
  Authority authority = NewAuthority(kNow);
  SeededRandom random(1);
  KeyPair key = GenerateKeyPair(&random);
  EXPECT_FALSE(IssueDevice(authority, {"S", "N"}, key.public_key.substr(1), kNow, kNow + kDayMs).ok());
  EXPECT_FALSE(IssueDevice(authority, {"", "N"}, key.public_key, kNow, kNow + kDayMs).ok());
  EXPECT_FALSE(IssueDevice(authority, {"S", std::string(65, 'x')}, key.public_key, kNow, kNow + kDayMs).ok());
}

TEST(AuthorityFile, IsReadAsItWasWrittenAndNeverOverwritten) {
  TempDir dir;
  mkdir(dir.In("").c_str(), 0700);
  std::string path = dir.In("authority");
  Authority authority = NewAuthority(kNow);
  ASSERT_TRUE(SaveAuthority(path, authority).ok());
  struct stat info;
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  absl::StatusOr<Authority> loaded = LoadAuthority(path);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->certificate, authority.certificate);
  EXPECT_EQ(loaded->secret_key, authority.secret_key);
  EXPECT_TRUE(absl::IsAlreadyExists(SaveAuthority(path, NewAuthority(kNow))));
  EXPECT_EQ(LoadAuthority(path)->certificate, authority.certificate);
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(LoadAuthority(path).status()));
  EXPECT_TRUE(absl::IsNotFound(LoadAuthority(dir.In("none")).status()));
}

TEST(AuthorityFile, DamageIsFound) {
  TempDir dir;
  ASSERT_TRUE(SaveAuthority(dir.In("authority"), NewAuthority(kNow)).ok());
  std::ifstream in(dir.In("authority"), std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  for (size_t at = 0; at < bytes.size(); at += 7) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 4);
    std::string path = dir.In(Cat("changed", at));
    std::ofstream(path, std::ios::binary) << changed;
    ASSERT_EQ(chmod(path.c_str(), 0600), 0);
    EXPECT_FALSE(LoadAuthority(path).ok()) << "byte " << at;
  }
}

TEST(Renewal, IsDueWhenAThirdIsLeftOrTheDateIsWrong) {
  Certificate certificate;
  certificate.not_before_ms = kNow;
  certificate.not_after_ms = kNow + 360 * kDayMs;
  EXPECT_FALSE(IsRenewalDue(certificate, kNow));
  EXPECT_FALSE(IsRenewalDue(certificate, kNow + 239 * kDayMs));
  EXPECT_TRUE(IsRenewalDue(certificate, kNow + 240 * kDayMs));
  EXPECT_TRUE(IsInDate(certificate, kNow + 360 * kDayMs));
  EXPECT_FALSE(IsInDate(certificate, kNow + 360 * kDayMs + 1));
  EXPECT_TRUE(IsInDate(certificate, kNow - 60'000));  // the hub's clock was set back a little
  EXPECT_FALSE(IsInDate(certificate, kNow - kDayMs));
  EXPECT_TRUE(IsRenewalDue(certificate, k2010));
  EXPECT_TRUE(IsRenewalDue(certificate, k2040));
}

TEST(InviteCode, IsReadInBothFormsAndAsPeopleTypeIt) {
  InviteCode code{std::string("0123456789"), std::string("ABCDEFGHIJKLMNOP"), ""};
  std::string typed = TypedCode(code);
  EXPECT_EQ(typed, "040K-0C9J-6CT3-ADHQ-70WM-2GJ3-8H2M-CHT8-9554-PK2D-9S7N-0VP5");
  EXPECT_EQ(*ParseCode(typed), code);
  std::string loose = Cat("  ", typed, "\n");
  for (char& c : loose) c = c == '-' ? ' ' : c == '1' ? 'l' : c == '0' ? 'o' : static_cast<char>(std::tolower(c));
  EXPECT_EQ(*ParseCode(loose), code);
  code.hub_address = "hub.town.cn:7061";
  EXPECT_EQ(CarriedCode(code), Cat("LIAISON/1/HUB.TOWN.CN:7061/", typed));
  EXPECT_EQ(*ParseCode(CarriedCode(code)), code);
}

TEST(InviteCode, EverySlipOfOneCharacterIsFound) {
  InviteCode code{std::string("0123456789"), std::string("ABCDEFGHIJKLMNOP"), ""};
  std::string typed = TypedCode(code);
  int read = 0;
  for (size_t at = 0; at < typed.size(); ++at) {
    if (typed[at] == '-') continue;
    for (char c : std::string("0123456789ABCDEFGHJKMNPQRSTVWXYZ")) {
      if (c == typed[at]) continue;
      std::string slip = typed;
      slip[at] = c;
      read += ParseCode(slip).ok() ? 1 : 0;
    }
  }
  EXPECT_EQ(read, 0);
  EXPECT_TRUE(absl::IsInvalidArgument(ParseCode("").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ParseCode(typed.substr(0, typed.size() - 1)).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ParseCode(typed + "0").status()));
  EXPECT_THAT(std::string(ParseCode("LIAISON/1/x").status().message()), HasSubstr("不完整"));
}

}  // namespace
}  // namespace liaison

// Guesses, secrets and slips, sessions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/base/file.h"
#include "common/base/text.h"
#include "common/daemon/secrets.h"
#include "common/daemon/sessions.h"
#include "common/daemon/slip.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

constexpr int64_t kMinuteMs = 60'000;

std::string TextIn(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// A machine with a disk and a clock that nobody sets.
struct Login : testing::Test {
  Login() {
    std::string name = testing::TempDir() + "login-XXXXXX";
    dir = mkdtemp(name.data());
    Start();
  }
  ~Login() override { std::filesystem::remove_all(dir); }
  // As after kill -9: what is in memory is gone, what was answered is on the disk.
  void Start(Secrets::Kind kind = Secrets::Kind::kPin) {
    Secrets::Options options;
    options.kind = kind;
    options.random = &random;
    options.steady_ms = [this] { return now_ms; };
    options.cost = PasswordCost{64, 1};
    secrets = Must(Secrets::Open(SecretsPath(dir), options));
  }
  absl::Status Guess(const std::string& account, const std::string& pin) { return secrets->Check(account, pin); }
  void GuessWrong(const std::string& account, int times) {
    for (int i = 0; i < times; ++i) EXPECT_TRUE(absl::IsUnauthenticated(Guess(account, "000001"))) << i;
  }

  SeededRandom random{5};
  int64_t now_ms = 1'000;
  std::string dir;
  std::unique_ptr<Secrets> secrets;
};

TEST_F(Login, ByAPinThatIsNowhereInClear) {
  EXPECT_THAT(Guess("U00001", "135790").message(), HasSubstr("激活码"));
  Must(secrets->Set("U00001", "１３５７９０"));
  EXPECT_TRUE(secrets->Has("U00001"));
  EXPECT_TRUE(Guess("U00001", "135790").ok());
  EXPECT_TRUE(absl::IsUnauthenticated(Guess("U00001", "135791")));
  Start();
  EXPECT_TRUE(Guess("U00001", "135790").ok());
  EXPECT_THAT(TextIn(SecretsPath(dir)), Not(HasSubstr("135790")));
  struct stat info;
  ASSERT_EQ(stat(SecretsPath(dir).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  Must(secrets->Forget("U00001"));
  Start();
  EXPECT_FALSE(secrets->Has("U00001"));
  EXPECT_TRUE(absl::IsFailedPrecondition(Guess("U00001", "135790")));
}

TEST_F(Login, AsksForMoreThanIsGuessedFirst) {
  for (const char* pin : {"", "12345", "1234567", "12345a", "111111", "123456", "987654"})
    EXPECT_TRUE(absl::IsInvalidArgument(secrets->Set("U00001", pin))) << pin;
  EXPECT_TRUE(secrets->Set("U00001", "112233").ok());
  Start(Secrets::Kind::kPassword);
  EXPECT_THAT(secrets->Set("U00002", "九个字的密码不够长").message(), HasSubstr("至少10个字符"));
  EXPECT_TRUE(secrets->Set("U00002", "十个字的密码正好够长啊").ok());
  EXPECT_TRUE(Guess("U00002", "十个字的密码正好够长啊").ok());
}

TEST_F(Login, WaitsAfterFiveLongerEachTimeAndNeverForGood) {
  Must(secrets->Set("U00001", "135790"));
  GuessWrong("U00001", 4);
  EXPECT_EQ(secrets->WaitMs("U00001"), 0);
  GuessWrong("U00001", 1);
  for (int64_t minutes : {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
    EXPECT_EQ(secrets->WaitMs("U00001"), minutes * kMinuteMs);
    now_ms += minutes * kMinuteMs - 1;
    EXPECT_THAT(Guess("U00001", "135790").message(), HasSubstr("请过1分钟再试")) << "not even the right one";
    now_ms += 1;
    GuessWrong("U00001", 1);
  }
  now_ms += 60 * kMinuteMs;
  EXPECT_TRUE(Guess("U00001", "135790").ok());
  GuessWrong("U00001", 4);
  EXPECT_EQ(secrets->WaitMs("U00001"), 0) << "whoever got in begins anew";
}

TEST_F(Login, ThatWaitsIsNotTriedAndDoesNotCount) {
  Must(secrets->Set("U00001", "135790"));
  GuessWrong("U00001", 5);
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(absl::IsFailedPrecondition(Guess("U00001", "000001")));
  EXPECT_EQ(secrets->WaitMs("U00001"), kMinuteMs);
}

TEST_F(Login, TheMachineWaitsForWhoeverGuessesAtMany) {
  for (const char* account : {"U00001", "U00002", "U00003"}) Must(secrets->Set(account, "135790"));
  GuessWrong("U00001", 3);
  GuessWrong("U00002", 2);
  EXPECT_EQ(secrets->WaitMs("U00003"), kMinuteMs);
  EXPECT_TRUE(absl::IsFailedPrecondition(Guess("U00003", "135790")));
  now_ms += kMinuteMs;
  EXPECT_TRUE(Guess("U00003", "135790").ok());
  EXPECT_EQ(secrets->WaitMs("U00001"), 0);
  GuessWrong("U00001", 2);  // its own five are full, whoever else got in
  EXPECT_EQ(secrets->WaitMs("U00001"), kMinuteMs);
  EXPECT_EQ(secrets->WaitMs("U00003"), 0);
}

TEST_F(Login, GuessesSurviveKillMinusNine) {
  Must(secrets->Set("U00001", "135790"));
  for (int i = 0; i < 5; ++i) {
    GuessWrong("U00001", 1);
    Start();
  }
  EXPECT_EQ(secrets->WaitMs("U00001"), kMinuteMs) << "each of the five was on the disk before it was answered";
  now_ms += kMinuteMs / 2;
  Start();
  EXPECT_EQ(secrets->WaitMs("U00001"), kMinuteMs) << "a restart begins the wait anew";
  now_ms = 7;  // the machine itself was started again: its clock begins elsewhere
  Start();
  EXPECT_EQ(secrets->WaitMs("U00001"), kMinuteMs);
  now_ms += kMinuteMs;
  EXPECT_TRUE(Guess("U00001", "135790").ok());
  Start();
  EXPECT_EQ(secrets->WaitMs("U00001"), 0);
}

TEST_F(Login, ARestartBeginsTheWaitOfTheAccountAndOfTheMachineAnew) {
  for (const char* account : {"U00001", "U00002", "U00003"}) Must(secrets->Set(account, "135790"));
  GuessWrong("U00001", 5);
  now_ms += kMinuteMs;
  EXPECT_TRUE(Guess("U00002", "135790").ok());
  Start();
  EXPECT_EQ(secrets->WaitMs("U00001"), kMinuteMs) << "the account's";
  EXPECT_EQ(secrets->WaitMs("U00002"), 0);
  GuessWrong("U00002", 3);
  GuessWrong("U00003", 2);
  now_ms += kMinuteMs;
  Start();
  EXPECT_EQ(secrets->WaitMs("U00002"), kMinuteMs) << "the machine's";
}

TEST_F(Login, OnADiskThatTakesNothingAWrongGuessCountsInMemory) {
  Must(secrets->Set("U00001", "135790"));
  std::filesystem::rename(dir, dir + "-gone");
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(absl::IsNotFound(Guess("U00001", "000001"))) << "no answer says that it is wrong";
  EXPECT_EQ(secrets->WaitMs("U00001"), kMinuteMs);
  now_ms += kMinuteMs;
  EXPECT_TRUE(Guess("U00001", "135790").ok()) << "its person gets in all the same";
  EXPECT_TRUE(absl::IsNotFound(secrets->Set("U00001", "246801")));
  EXPECT_TRUE(Guess("U00001", "135790").ok()) << "what was not saved is not set";
  std::filesystem::rename(dir + "-gone", dir);
}

TEST_F(Login, ADamagedFileIsSaidAndNotTakenForAnEmptyOne) {
  Must(WriteFileAtomically(SecretsPath(dir), "{"));
  EXPECT_TRUE(absl::IsInvalidArgument(Secrets::Open(SecretsPath(dir), Secrets::Options()).status()));
}

TEST_F(Login, ASlipSetsThePinOnce) {
  const Slip slip = Must(NewSlip(&random)), other = Must(NewSlip(&random));
  EXPECT_THAT(slip.typed, MatchesRegex("[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}"));
  std::map<RecordId, v1::OneTimeCode> codes;
  auto add = [&](uint16_t number, const std::string& account, const Slip& one) {
    v1::OneTimeCode& code = codes[RecordId::Random(10, "0123456789", number)];
    code.set_account_id(account);
    code.set_code_hash(one.code_hash);
  };
  add(0, "U00001", slip);
  add(1, "U00002", other);
  auto redeem = [&](const std::string& account, const std::string& typed, const std::string& pin = "135790") {
    return secrets->Redeem(account, typed, codes, pin);
  };
  EXPECT_TRUE(absl::IsUnauthenticated(redeem("U00001", other.typed))) << "another's";
  EXPECT_TRUE(absl::IsInvalidArgument(redeem("U00001", slip.typed, "111111"))) << "costs no code";
  EXPECT_TRUE(redeem("U00001", slip.typed).ok());
  EXPECT_TRUE(Guess("U00001", "135790").ok());
  Start();
  EXPECT_THAT(redeem("U00001", slip.typed, "246801").message(), HasSubstr("没有可用的激活码"));
  EXPECT_TRUE(Guess("U00001", "135790").ok());
  EXPECT_TRUE(redeem("U00002", other.typed).ok());
}

TEST_F(Login, GuessedSlipsMakeWaitAsGuessedPinsDo) {
  const Slip slip = Must(NewSlip(&random)), other = Must(NewSlip(&random));
  std::map<RecordId, v1::OneTimeCode> codes;
  v1::OneTimeCode& code = codes[RecordId::Random(10, "0123456789", 0)];
  code.set_account_id("U00001");
  code.set_code_hash(slip.code_hash);
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(absl::IsUnauthenticated(secrets->Redeem("U00001", other.typed, codes, "135790")));
  Start();
  EXPECT_THAT(secrets->Redeem("U00001", slip.typed, codes, "135790").message(), HasSubstr("请过1分钟"));
  now_ms += kMinuteMs;
  EXPECT_TRUE(secrets->Redeem("U00001", slip.typed, codes, "135790").ok());
}

TEST(Slip, IsReadAsPeopleTypeIt) {
  SeededRandom random(9);
  const std::string typed = Must(NewSlip(&random)).typed;
  const std::string code = Must(ParseSlip(typed));
  EXPECT_EQ(code.size(), 10u);
  std::string small;
  for (char c : typed) small += c == '-' ? ' ' : static_cast<char>(tolower(c));
  EXPECT_EQ(Must(ParseSlip(small)), code);
  for (size_t at = 0; at < typed.size(); ++at) {
    if (typed[at] == '-') continue;
    std::string wrong = typed;
    wrong[at] = wrong[at] == '7' ? '8' : '7';
    EXPECT_NE(ParseSlip(wrong).value_or(""), code) << "one in a thousand other codes passes its check digits";
  }
  EXPECT_THAT(ParseSlip(typed.substr(1)).status().message(), HasSubstr("激活码：不完整"));
  EXPECT_THAT(ParseSlip("U" + typed.substr(1)).status().message(), HasSubstr("认不出"));
}

struct LoggedIn : testing::Test {
  SeededRandom random{1};
  int64_t now_ms = 0;
  Sessions sessions{&random, [this] { return now_ms; }};
  const Sessions::Key key = sessions.Open("U00001");
};

TEST_F(LoggedIn, AsksForBothSecrets) {
  EXPECT_EQ(Must(sessions.Use(key, true)), "U00001");
  EXPECT_GE(key.cookie.size(), 43u);
  EXPECT_GE(key.token.size(), 43u);
  for (const Sessions::Key& wrong : {Sessions::Key{key.cookie, ""}, Sessions::Key{"", key.token},
                                     Sessions::Key{key.token, key.cookie}, Sessions::Key{key.cookie, key.cookie}})
    EXPECT_TRUE(absl::IsUnauthenticated(sessions.Use(wrong, true).status()));
  const Sessions::Key other = sessions.Open("U00002");
  EXPECT_TRUE(absl::IsUnauthenticated(sessions.Use({key.cookie, other.token}, true).status()));
}

TEST_F(LoggedIn, FiveMinutesWithoutItsPersonLockIt) {
  now_ms += Sessions::kIdleMs - 1;
  EXPECT_TRUE(sessions.Use(key, true).ok());
  now_ms += Sessions::kIdleMs - 1;
  EXPECT_TRUE(sessions.Use(key, false).ok()) << "a page that asks by itself";
  now_ms += 1;
  EXPECT_TRUE(absl::IsFailedPrecondition(sessions.Use(key, true).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(sessions.Use(key, true).status())) << "using it does not unlock it";
  EXPECT_EQ(Must(sessions.AccountOf(key)), "U00001") << "whose PIN is asked";
  Must(sessions.Unlock(key));
  EXPECT_EQ(Must(sessions.Use(key, true)), "U00001");
  sessions.Lock(key);
  EXPECT_TRUE(absl::IsFailedPrecondition(sessions.Use(key, true).status()));
  EXPECT_TRUE(absl::IsUnauthenticated(sessions.Unlock({key.cookie, "x"})));
}

TEST_F(LoggedIn, EndsWhenItsPersonLeavesOrLosesTheRights) {
  const Sessions::Key other = sessions.Open("U00002"), again = sessions.Open("U00001");
  sessions.End({key.cookie, "x"});
  EXPECT_TRUE(sessions.Use(key, true).ok());
  sessions.End(key);
  EXPECT_TRUE(absl::IsUnauthenticated(sessions.Use(key, true).status()));
  EXPECT_TRUE(sessions.Use(again, true).ok());
  sessions.EndUnless([](const std::string& account) { return account != "U00001"; });
  EXPECT_TRUE(absl::IsUnauthenticated(sessions.Use(again, true).status()));
  EXPECT_TRUE(absl::IsUnauthenticated(sessions.AccountOf(again).status()));
  EXPECT_TRUE(sessions.Use(other, true).ok());
}

TEST_F(LoggedIn, OneTooManyEndsTheOneThatIsIdleLongest) {
  now_ms += 1;
  const Sessions::Key second = sessions.Open("U00002");
  for (size_t i = 2; i <= Sessions::kMost; ++i) {
    now_ms += 1;
    sessions.Open("U00003");
  }
  EXPECT_EQ(sessions.size(), Sessions::kMost);
  EXPECT_TRUE(absl::IsUnauthenticated(sessions.Use(key, true).status()));
  EXPECT_TRUE(sessions.Use(second, true).ok());
}

}  // namespace
}  // namespace liaison

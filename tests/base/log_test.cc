#include "common/base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "common/base/text.h"
#include "common/base/utf8.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

int ModeOf(const fs::path& path) {
  struct stat info {};
  stat(path.c_str(), &info);
  return info.st_mode & 0777;
}

class LogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "/liaison-log-XXXXXX";
    dir_ = mkdtemp(pattern.data());
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(dir_, ignored);
  }
  LogSettings Files() {
    LogSettings settings;
    settings.folder = dir_ + "/log";
    settings.name = "hub";
    settings.steady_ms = [this] { return now_ms_; };
    return settings;
  }
  std::string Text(const std::string& file = "hub.log") const {
    std::ifstream in(dir_ + "/log/" + file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static int CountOf(std::string_view part, const std::string& text) {
    int count = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
  }

  std::string dir_;
  int64_t now_ms_ = 1'000'000;
};

TEST_F(LogTest, FilesTakeTurnsBySizeAndTheOldestGoes) {
  LogSettings settings = Files();
  settings.file_bytes = 1000;
  settings.files = 3;
  {
    ProgramLog log(settings);
    for (int i = 100; i < 200; ++i) LogInfo(Cat("第 ", i, " 行"));
  }
  std::set<std::string> names;
  for (const auto& file : fs::directory_iterator(dir_ + "/log")) {
    names.insert(file.path().filename());
    EXPECT_LE(file.file_size(), 1000u) << file.path();
    EXPECT_GT(file.file_size(), 0u) << file.path();
  }
  EXPECT_EQ(names, (std::set<std::string>{"hub.log", "hub.1.log", "hub.2.log"}));
  EXPECT_THAT(Text(), EndsWith("[信息] 第 199 行\n"));
  EXPECT_THAT(Text() + Text("hub.1.log") + Text("hub.2.log"), Not(HasSubstr("第 100 行")));
}

TEST_F(LogTest, GoesOnInTheFileOfTheRunBefore) {
  for (const char* line : {"第一次启动", "第二次启动"}) {
    ProgramLog log(Files());
    LogInfo(line);
  }
  EXPECT_THAT(Text(), HasSubstr("第一次启动"));
  EXPECT_THAT(Text(), EndsWith("第二次启动\n"));
}

TEST_F(LogTest, LevelsHaveNamesAndLowerOnesAreLeftOut) {
  EXPECT_EQ(LogLevelOf("error"), LogLevel::kError);
  EXPECT_EQ(LogLevelOf("warning"), LogLevel::kWarning);
  EXPECT_EQ(LogLevelOf("info"), LogLevel::kInfo);
  EXPECT_EQ(LogLevelOf("debug"), LogLevel::kDebug);
  EXPECT_EQ(LogLevelOf("warn"), std::nullopt);
  EXPECT_EQ(LogLevelOf(""), std::nullopt);
  LogSettings settings = Files();
  settings.level = LogLevel::kWarning;
  {
    ProgramLog log(settings);
    LogError("磁盘已满");
    LogWarning("没有放行");
    LogInfo("已连上");
    LogDebug("细节");
  }
  EXPECT_THAT(Text(), HasSubstr(" [错误] 磁盘已满\n"));
  EXPECT_THAT(Text(), HasSubstr(" [注意] 没有放行\n"));
  EXPECT_EQ(CountOf("\n", Text()), 2);
}

TEST_F(LogTest, LinesForAManagerHaveItsPriorities) {
  LogSettings settings = Files();
  settings.folder = "";
  settings.level = LogLevel::kDebug;
  ::testing::internal::CaptureStderr();
  {
    ProgramLog log(settings);
    LogError("甲");
    LogWarning("乙");
    LogInfo("丙");
    LogDebug("丁");
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "<3>甲\n<4>乙\n<6>丙\n<7>丁\n");
  EXPECT_FALSE(fs::exists(dir_ + "/log"));
}

TEST_F(LogTest, AManagerIsThereWhenItWaitsOrReadsStandardError) {
  unsetenv("NOTIFY_SOCKET");
  unsetenv("JOURNAL_STREAM");
  EXPECT_FALSE(ManagerReadsErrors());
  setenv("JOURNAL_STREAM", "1:1", 1);  // of a session above; standard error has gone elsewhere since
  EXPECT_FALSE(ManagerReadsErrors());
  struct stat info {};
  ASSERT_EQ(fstat(STDERR_FILENO, &info), 0);
  setenv("JOURNAL_STREAM", Cat(info.st_dev, ":", info.st_ino).c_str(), 1);
  EXPECT_TRUE(ManagerReadsErrors());
  unsetenv("JOURNAL_STREAM");
  setenv("NOTIFY_SOCKET", "/run/notify", 1);
  EXPECT_TRUE(ManagerReadsErrors());
  unsetenv("NOTIFY_SOCKET");
}

TEST_F(LogTest, FilesAreReadableByTheirOwnerAlone) {
  const mode_t before = umask(0);
  LogSettings settings = Files();
  settings.file_bytes = 60;
  {
    ProgramLog log(settings);
    LogInfo("第一个文件里的一行");
    LogInfo("第二个文件里的一行");
  }
  umask(before);
  EXPECT_EQ(ModeOf(dir_ + "/log"), 0700);
  EXPECT_EQ(ModeOf(dir_ + "/log/hub.log"), 0600);
  EXPECT_EQ(ModeOf(dir_ + "/log/hub.1.log"), 0600);
}

TEST_F(LogTest, AFullDiskLosesLinesAndIsTriedAgainASecondLater) {
  fs::create_directory(dir_ + "/log");
  fs::create_symlink("/dev/full", dir_ + "/log/hub.log");
  ProgramLog log(Files());
  LogError("写不下的第一行");
  fs::remove(dir_ + "/log/hub.log");
  now_ms_ += 999;
  LogError("还不到一秒");
  EXPECT_FALSE(fs::exists(dir_ + "/log/hub.log")) << "tried again at once";
  now_ms_ += 1;
  LogError("又能写了");
  EXPECT_THAT(Text(), EndsWith("又能写了\n"));
  EXPECT_EQ(CountOf("\n", Text()), 1);
}

// After a rotation that broke off there is no open file.
TEST_F(LogTest, AFolderThatGoesWhileFilesTakeTurnsIsMadeAnew) {
  LogSettings settings = Files();
  settings.file_bytes = 100;
  ProgramLog log(settings);
  LogInfo("文件夹还在的时候写下的一行");
  fs::remove_all(dir_ + "/log");
  std::ofstream(dir_ + "/log") << "这里不是文件夹";
  for (int i = 0; i < 20; ++i) LogInfo(Cat("没有地方写的第 ", i, " 行"));
  fs::remove(dir_ + "/log");
  now_ms_ += 1000;
  LogInfo("又能写了");
  EXPECT_THAT(Text(), EndsWith("又能写了\n"));
}

TEST_F(LogTest, TheSameLineComesOnceAMinuteWithItsCount) {
  {
    ProgramLog log(Files());
    for (int i = 0; i < 5; ++i) LogWarning("连不上镇中心");
    EXPECT_EQ(CountOf("\n", Text()), 1);
    now_ms_ += 59'999;
    LogWarning("连不上镇中心");
    EXPECT_EQ(CountOf("\n", Text()), 1);
    now_ms_ += 1;
    LogInfo("别的事");
    EXPECT_EQ(CountOf("\n", Text()), 3);
    EXPECT_EQ(CountOf("连不上镇中心（同样的情况又有 5 次）\n", Text()), 1);
    now_ms_ += 30'000;
    LogWarning("连不上镇中心");
    EXPECT_EQ(CountOf("\n", Text()), 3) << "a line of the same a minute, its count being one";
  }
  EXPECT_EQ(CountOf("连不上镇中心（同样的情况又有 1 次）\n", Text()), 1) << "told at the end";
}

TEST_F(LogTest, WhatComesAgainAfterAMinuteOfPeaceHasNoCount) {
  ProgramLog log(Files());
  LogWarning("连不上镇中心");
  now_ms_ += 60'000;
  LogWarning("连不上镇中心");
  EXPECT_EQ(CountOf("[注意] 连不上镇中心\n", Text()), 2);
}

TEST_F(LogTest, MoreThanAThousandDifferentLinesInAMinuteAreOnlyCounted) {
  ProgramLog log(Files());
  for (int i = 0; i < 1500; ++i) LogWarning(Cat("陌生地址 ", i));
  EXPECT_EQ(CountOf("\n", Text()), 1000);
  now_ms_ += 60'000;
  LogInfo("别的事");
  EXPECT_EQ(CountOf("\n", Text()), 1002);
  EXPECT_THAT(Text(), HasSubstr("另有 500 条没有记下"));
}

TEST_F(LogTest, ALineIsOneLineAndNotLongerThanAThousandBytes) {
  ProgramLog log(Files());
  LogInfo("上一行\n[错误] 假的一行\r\x1b[31m");
  EXPECT_EQ(CountOf("\n", Text()), 1);
  EXPECT_THAT(Text(), EndsWith("上一行 [错误] 假的一行  [31m\n"));
  std::string longer;
  for (int i = 0; i < 500; ++i) longer += "长";
  LogInfo(longer);
  const std::string text = Text();
  EXPECT_TRUE(IsUtf8(text));
  EXPECT_EQ(CountOf("长", text), 333);
}

TEST_F(LogTest, WithoutAProgramLogLinesGoNowhere) {
  ::testing::internal::CaptureStderr();
  LogError("没有人要的一行");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace liaison

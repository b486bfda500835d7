#include "common/base/last_words.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <exception>
#include <filesystem>
#include <functional>
#include <new>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace liaison {
namespace {

// On a thread, where nobody catches it, GoogleTest neither.
void EndOf(const std::function<void()>& work) {
  SayWhatEndsTheProgram();
  std::thread(work).join();
}

TEST(LastWords, NameWhatHasRunOut) {
  const auto one = testing::ExitedWithCode(1);
  EXPECT_EXIT(EndOf([] { throw std::bad_alloc(); }), one, "^出错：内存或线程不够");
  for (std::errc what : {std::errc::resource_unavailable_try_again, std::errc::not_enough_memory})
    EXPECT_EXIT(EndOf([&] { throw std::system_error(std::make_error_code(what)); }), one, "^出错：内存或线程不够");
}

TEST(LastWords, AreAboutAnyExceptionThatNobodyCatches) {
  const auto one = testing::ExitedWithCode(1);
  EXPECT_EXIT(EndOf([] { throw std::runtime_error("a word"); }), one, "^出错：程序遇到没有料到的错误.*a word\n$");
  EXPECT_EXIT(EndOf([] { throw 7; }), one, "^出错：程序遇到没有料到的错误");
  EXPECT_EXIT(EndOf([] { std::filesystem::remove("/proc/version"); }), one, "^出错：程序遇到没有料到的错误.*version");
}

TEST(LastWords, AFaultOfTheProgramItselfAborts) {
  EXPECT_EXIT(EndOf([] { std::terminate(); }), testing::KilledBySignal(SIGABRT), "");
}

}  // namespace
}  // namespace liaison

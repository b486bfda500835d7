#include "common/base/last_words.h"

#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <new>
#include <string_view>
#include <system_error>

namespace liaison {
namespace {

constexpr std::string_view kShortage =
    "出错：内存或线程不够，程序已退出。已保存的记录都在。请关掉一些别的程序，或放宽对本程序的限制，再重新启动\n";
constexpr std::string_view kUnexpected = "出错：程序遇到没有料到的错误，已退出。已保存的记录都在。错误是：";

// Memory may be what has run out: none is taken here.
void Say(std::string_view words) {
  while (!words.empty()) {
    const ssize_t written = write(STDERR_FILENO, words.data(), words.size());
    if (written <= 0) return;
    words.remove_prefix(static_cast<size_t>(written));
  }
}

[[noreturn]] void End(std::string_view words, std::string_view more = "") {
  Say(words);
  if (!more.empty()) {
    Say(more);
    Say("\n");
  }
  _exit(1);
}

[[noreturn]] void LastWords() {
  if (std::current_exception() == nullptr) std::abort();  // as of a thread that nobody has joined
  try {
    throw;
  } catch (const std::bad_alloc&) {
    End(kShortage);
  } catch (const std::system_error& error) {
    const bool shortage =
        error.code() == std::errc::resource_unavailable_try_again || error.code() == std::errc::not_enough_memory;
    if (shortage) End(kShortage);
    End(kUnexpected, error.what());
  } catch (const std::exception& error) {
    End(kUnexpected, error.what());
  } catch (...) {
    End(kUnexpected, "?");
  }
}

}  // namespace

void SayWhatEndsTheProgram() { std::set_terminate(LastWords); }

}  // namespace liaison

#include "common/store/read_failure.h"

#include <string>

#include "common/base/text.h"

namespace liaison {
namespace {

struct Notes {
  uint64_t count = 0;
  std::string why;  // of the last one
};
thread_local Notes notes;

}  // namespace

void NoteReadFailure(std::string_view why) {
  ++notes.count;
  notes.why = std::string(why);
}

ReadWatch::ReadWatch() : before_(notes.count) {}

absl::Status ReadWatch::status() const {
  if (notes.count == before_) return absl::OkStatus();
  return absl::DataLossError(Cat("数据读不出来，结果不完整，没有给出。磁盘可能坏了：请先把整个数据文件夹另存一份，再换磁盘（",
                                 notes.why, "）"));
}

}  // namespace liaison

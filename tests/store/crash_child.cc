// Commits to the RocksDB in argv[1] until it is killed: actions of three ops over two records. Prints the number and
// id of each action that was acknowledged, one line each, written at once. argv[2]: the number of its first action.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "common/base/text.h"
#include "common/store/store.h"

int main(int argc, char** argv) {
  using namespace liaison;
  if (argc != 3) return 2;
  absl::StatusOr<std::unique_ptr<Kv>> kv = OpenRocks(argv[1], {});
  if (!kv.ok()) return 3;
  absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(*std::move(kv), {.station = "HK-D057"});
  if (!store.ok()) return 4;
  for (uint64_t number = std::strtoull(argv[2], nullptr, 10);; ++number) {
    std::string action_id = SystemRandom()->Bytes(kActionIdBytes);
    RecordId matter = RecordId::Random(24, action_id, 0), session = RecordId::Random(16, action_id, 1);
    auto committed = (*store)->Commit(action_id, "hash", [&](const StoreReader&) -> absl::StatusOr<Action> {
      auto text = [&](uint32_t tag) { return Write{{}, tag, "", Cat(number, std::string(number % 700, 'x'))}; };
      return Action{"li",
                    {{matter, {}, {text(34), text(42)}}, {session, {}, {text(34)}}, {matter, {}, {text(50)}}},
                    {},
                    Cat("result ", number)};
    });
    if (!committed.ok()) return 5;
    std::string line = Cat(number, " ", Hex(action_id), "\n");
    if (write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) return 6;
  }
}

// crash_child make DB FOLDER: archives of the database, one after another. crash_child restore RECORDS KEYS DIR: one
// folder after another, DIR0, DIR1 …. A line before each start; runs until it is killed.
#include <unistd.h>

#include <string>

#include "common/store/archive.h"

int main(int argc, char** argv) {
  using namespace liaison;
  auto say = [] { return write(STDOUT_FILENO, "\n", 1) == 1; };
  if (argc < 4) return 2;
  StoreOptions options;
  options.station = "HUB";
  if (std::string(argv[1]) == "make") {
    absl::StatusOr<std::unique_ptr<Kv>> kv = OpenRocks(argv[2], {});
    if (!kv.ok()) return 3;
    absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(*std::move(kv), options);
    if (!store.ok()) return 4;
    while (say())
      if (!MakeArchive(store->get(), argv[3], {{"key", "secret"}}).ok()) return 5;
    return 6;
  }
  for (int i = 0; argc == 5 && say(); ++i)
    if (!RestoreArchive(argv[2], argv[3], argv[4] + std::to_string(i), options).ok()) return 7;
  return 8;
}

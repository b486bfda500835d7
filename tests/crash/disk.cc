#include "tests/crash/disk.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "common/base/text.h"
#include "common/codec/op_codec.h"
#include "common/crypto/at_rest.h"
#include "common/store/keys.h"
#include "common/store/rocks_env.h"

namespace liaison::testing_crash {
namespace {

namespace fs = std::filesystem;

constexpr uint32_t kTitleTag = 4 << 3 | 2, kContentTag = 5 << 3 | 2;

std::shared_ptr<const Vault>& VaultNow() {
  static std::shared_ptr<const Vault> vault;
  return vault;
}

absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& dir, Random* random = SystemRandom()) {
  absl::StatusOr<std::unique_ptr<Kv>> kv = OpenRocks(dir, RocksOptions{false, VaultNow()});
  if (!kv.ok()) return kv.status();
  return Store::Open(*std::move(kv), {.station = kStation, .random = random});
}

}  // namespace

EncryptedDisks::EncryptedDisks() { VaultNow() = Vault::New(); }
EncryptedDisks::~EncryptedDisks() { VaultNow() = nullptr; }

absl::Status Act(Store* store, const std::string& action_id, size_t bytes) {
  RecordId matter = RecordId::Random(24, action_id, 0), session = RecordId::Random(16, action_id, 1);
  // Text that does not compress, so that tables fill up.
  std::string text;
  SeededRandom random(static_cast<uint8_t>(action_id[0]) + bytes);
  text = Hex(random.Bytes(bytes / 2));
  auto build = [&](const StoreReader&) -> absl::StatusOr<Action> {
    return Action{"li",
                  {{matter, {}, {{{}, kTitleTag, "", "第一条"}, {{}, kContentTag, "", text}}},
                   {session, {}, {{{}, kTitleTag, "", "场次"}}},
                   {matter, {}, {{{}, kTitleTag, "", "第二条"}}}},
                  {},
                  "ok"};
  };
  return store->Commit(action_id, "hash", build).status();
}

Found Inspect(const std::string& dir) {
  Found found;
  absl::StatusOr<std::unique_ptr<Store>> store = Open(dir);
  found.status = store.status();
  if (!store.ok()) return found;
  Store::Check check = (*store)->Verify();
  if (!check.ok()) found.problem = check.differences[0];
  StoreReader reader = (*store)->Read();
  std::map<std::string, size_t> ops;  // by action
  reader.kv().ScanPrefix(key::kOp, [&](std::string_view, std::string_view value) {
    absl::StatusOr<Op> op = DecodeOp(value);
    if (op.ok()) ++ops[op->action_id];
    return true;
  });
  reader.kv().ScanPrefix(key::kAction, [&](std::string_view key, std::string_view) {
    std::string action(key.substr(2));
    found.actions.insert(action);
    if (!reader.Load(RecordId::Random(24, action, 0)) || !reader.Load(RecordId::Random(16, action, 1)))
      found.problem = Cat("action ", Hex(action), ": a record is missing");
    return true;
  });
  for (const auto& [action, count] : ops)
    if (count != kOpsPerAction || !found.actions.contains(action))
      found.problem = Cat("action ", Hex(action), " has ", count, " of its ops");
  if (ops.size() != found.actions.size()) found.problem = "an action without ops";
  if ((*store)->pending_ops() != kOpsPerAction * found.actions.size()) found.problem = "logs and chain heads differ";
  return found;
}

absl::Status GoesOn(const std::string& dir, Random* random) {
  std::string action = random->Bytes(kActionIdBytes);
  absl::StatusOr<std::unique_ptr<Store>> store = Open(dir, random);
  if (!store.ok()) return store.status();
  if (absl::Status acted = Act(store->get(), action, 100); !acted.ok()) return acted;
  store->reset();
  Found found = Inspect(dir);
  if (!found.status.ok()) return found.status;
  if (!found.problem.empty()) return absl::InternalError(found.problem);
  return found.actions.contains(action) ? absl::OkStatus() : absl::InternalError("the next action did not stay");
}

Life::Life(const std::string& dir, Random* random, const std::function<void(PowerFs*)>& before_opening)
    : fs_(std::make_shared<PowerFs>(dir)), env_(rocksdb::NewCompositeEnv(fs_)) {
  before_opening(fs_.get());
  absl::StatusOr<std::unique_ptr<Kv>> kv = OpenRocksOn(env_.get(), dir, RocksOptions{false, VaultNow()});
  opened_ = kv.status();
  if (!kv.ok()) return;
  kv_ = kv->get();
  absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(*std::move(kv), {.station = kStation, .random = random});
  opened_ = store.status();
  if (store.ok()) store_ = *std::move(store);
}

Life::~Life() { fs_->BeforeEachChange(nullptr); }

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

void MakeFolder(const std::string& dir) { fs::create_directories(dir); }
void RemoveFolder(const std::string& dir) { fs::remove_all(dir); }
void CopyFolder(const std::string& from, const std::string& to) { fs::copy(from, to, fs::copy_options::recursive); }

std::vector<std::string> WalFiles(const std::string& dir) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(dir))
    if (entry.path().extension() == ".log") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

int FromEnvironment(const char* name, int otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::max(1, std::atoi(value));
}

}  // namespace liaison::testing_crash

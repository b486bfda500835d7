// A disk that does not give some of its blocks: what was asked fails in words. Nothing is answered, sent, kept or found
// different because a read came back empty.
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <atomic>

#include "common/find/find.h"
#include "common/store/read_failure.h"
#include "common/store/rocks_env.h"
#include "hub/desk/setup.h"
#include "hub/hub_node.h"
#include "tests/crash/disk.h"
#include "tests/store/fixture.h"
#include "tests/testing/forwarding_kv.h"
#include "tests/testing/places.h"

namespace liaison::testing_crash {
namespace {

using testing::HasSubstr;
using testing_store::TempDir;

constexpr char kUnreadable[] = "读不出来";

// Tables cannot be read while `broken`.
class BadTables : public rocksdb::FileSystemWrapper {
 public:
  explicit BadTables(std::atomic<bool>* broken)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), broken_(broken) {}
  const char* Name() const override { return "BadTables"; }
  rocksdb::IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status = FileSystemWrapper::NewRandomAccessFile(path, options, file, debug);
    if (status.ok()) *file = std::make_unique<File>(std::move(*file), broken_);
    return status;
  }

 private:
  class File : public rocksdb::FSRandomAccessFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSRandomAccessFile> file, std::atomic<bool>* broken)
        : FSRandomAccessFileOwnerWrapper(std::move(file)), broken_(broken) {}
    rocksdb::IOStatus Read(uint64_t offset, size_t n, const rocksdb::IOOptions& options, rocksdb::Slice* result,
                           char* scratch, rocksdb::IODebugContext* debug) const override {
      if (*broken_) return rocksdb::IOStatus::IOError("Input/output error");
      return FSRandomAccessFileOwnerWrapper::Read(offset, n, options, result, scratch, debug);
    }
    rocksdb::IOStatus Prefetch(uint64_t, size_t, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
      return rocksdb::IOStatus::NotSupported();
    }

   private:
    std::atomic<bool>* broken_;
  };
  std::atomic<bool>* broken_;
};

TEST(Unreadable, ABlockThatTheDiskDoesNotGiveIsNotAnAbsentKey) {
  TempDir home;
  std::atomic<bool> broken = false;
  auto files = std::make_shared<BadTables>(&broken);
  std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
  const std::string dir = home.path() + "/db";
  KvChanges changes;
  for (int i = 0; i < 2000; ++i) changes[Cat("key", 10000 + i)] = std::string(200, 'x');
  ASSERT_TRUE((*OpenRocksOn(env.get(), dir, {}))->Write(changes, true).ok());
  absl::StatusOr<std::unique_ptr<Kv>> kv = OpenRocksOn(env.get(), dir, {});  // what lay in the log goes into a table
  ASSERT_TRUE(kv.ok()) << kv.status();
  ReadWatch whole;
  broken = true;
  EXPECT_FALSE((*kv)->Get("key10100").has_value());
  EXPECT_EQ(whole.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(whole.status().message()), HasSubstr(kUnreadable));
  ReadWatch second;
  EXPECT_TRUE(second.status().ok());  // of what came before
  int seen = 0;
  (*kv)->Scan("key11000", "", [&](std::string_view, std::string_view) { return ++seen > 0; });
  EXPECT_FALSE(second.status().ok());
  ReadWatch third;
  EXPECT_FALSE((*kv)->Snapshot()->Last("key", "key11500").has_value());
  EXPECT_FALSE(third.status().ok());
  broken = false;
  ReadWatch well;
  EXPECT_TRUE((*kv)->Get("key10100").has_value());
  EXPECT_TRUE(well.status().ok());
  EXPECT_EQ((*kv)->Write({{"a", "b"}}, true).code(), absl::StatusCode::kDataLoss);  // nothing is made from it
}

// Reads that fail while `*broken`, on whatever thread.
class BrokenReader : public KvReader {
 public:
  BrokenReader(std::unique_ptr<KvReader> kv, const std::atomic<bool>* broken) : kv_(std::move(kv)), broken_(broken) {}
  std::optional<std::string> Get(std::string_view key) const override {
    return Fails() ? std::nullopt : kv_->Get(key);
  }
  void Scan(std::string_view from, std::string_view to, const Visit& visit) const override {
    if (!Fails()) kv_->Scan(from, to, visit);
  }
  std::optional<std::pair<std::string, std::string>> Last(std::string_view from, std::string_view to) const override {
    return Fails() ? std::nullopt : kv_->Last(from, to);
  }

 private:
  bool Fails() const {
    if (*broken_) NoteReadFailure("IO error");
    return *broken_;
  }
  const std::unique_ptr<KvReader> kv_;
  const std::atomic<bool>* broken_;
};

class BrokenKv : public ForwardingKv {
 public:
  BrokenKv(std::shared_ptr<Kv> kv, const std::atomic<bool>* broken)
      : ForwardingKv(kv), now_(std::make_unique<ForwardingKv>(kv), broken), broken_(broken) {}
  std::optional<std::string> Get(std::string_view key) const override { return now_.Get(key); }
  void Scan(std::string_view from, std::string_view to, const Visit& visit) const override {
    now_.Scan(from, to, visit);
  }
  std::optional<std::pair<std::string, std::string>> Last(std::string_view from, std::string_view to) const override {
    return now_.Last(from, to);
  }
  std::unique_ptr<KvReader> Snapshot() const override {
    return std::make_unique<BrokenReader>(ForwardingKv::Snapshot(), broken_);
  }

 private:
  const BrokenReader now_;
  const std::atomic<bool>* broken_;
};

class Unreadable : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<HubNode>> Open() {
    HubNode::Options options;
    options.dir = home_.path() + "/hub";
    options.create = true;
    options.sync_address = "";
    options.kv = std::make_unique<BrokenKv>(kv_, &broken_);
    return HubNode::Open(std::move(options));
  }
  TempDir home_;
  std::shared_ptr<Kv> kv_ = NewMemoryKv();
  std::atomic<bool> broken_ = false;
};

using UnreadableHub = Unreadable;

TEST_F(UnreadableHub, ACallFailsInsteadOfAnsweringWithLess) {
  absl::StatusOr<std::unique_ptr<HubNode>> hub = Open();
  ASSERT_TRUE(hub.ok()) << hub.status();
  ASSERT_TRUE(LoadRoster(InSource("/hub/fixture"), (*hub)->store()).ok());
  auto call = [&](const char* method, const char* request) {
    return (*hub)->dispatcher().Call(Cat("/liaison.v1.", method), request, Caller{}).status();
  };
  const std::pair<const char*, const char*> calls[] = {{"HubService/ListStations", "{}"},
                                                       {"HubService/GetReport", "{\"period\":\"上半年\"}"},
                                                       {"RecordService/Verify", "{}"},
                                                       {"BackupService/ListBackups", "{}"}};
  for (const auto& [method, request] : calls) EXPECT_TRUE(call(method, request).ok()) << call(method, request);
  broken_ = true;
  for (const auto& [method, request] : calls) {
    absl::Status status = call(method, request);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << method << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(kUnreadable)) << method;
  }
  broken_ = false;  // each call asks anew
  for (const auto& [method, request] : calls) EXPECT_TRUE(call(method, request).ok()) << method;
}

TEST_F(UnreadableHub, AStoreThatCannotBeReadDoesNotOpenAndIsNotMadeAnew) {
  {
    absl::StatusOr<std::unique_ptr<HubNode>> hub = Open();
    ASSERT_TRUE(hub.ok()) << hub.status();
    ASSERT_TRUE(LoadRoster(InSource("/hub/fixture"), (*hub)->store()).ok());
  }
  broken_ = true;
  absl::Status status = Open().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(kUnreadable));
}

// What the index of the search lacks is lacking in every later search too.
TEST_F(UnreadableHub, ASearchSaysThatItsIndexIsNotWhole) {
  {
    absl::StatusOr<std::unique_ptr<HubNode>> hub = Open();
    ASSERT_TRUE(hub.ok()) << hub.status();
  }
  StoreOptions options;
  options.station = kHubStation;
  absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(std::make_unique<BrokenKv>(kv_, &broken_), options);
  ASSERT_TRUE(store.ok()) << store.status();
  broken_ = true;
  FindIndex index(store->get(), {.at_start = absl::Seconds(30)});
  broken_ = false;
  ReadWatch reads;
  (void)index.Search("水渠", {}, 10);
  EXPECT_FALSE(reads.status().ok());
}

}  // namespace
}  // namespace liaison::testing_crash

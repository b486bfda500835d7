// Nodes for tests of the store: a database that outlives its store, a projection with rows and counters, and the
// interests of a small hub.
#ifndef LIAISON_TESTS_STORE_FIXTURE_H_
#define LIAISON_TESTS_STORE_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "common/base/text.h"
#include "common/codec/op_codec.h"
#include "common/crypto/hash.h"
#include "common/crypto/seal.h"
#include "common/record/view.h"
#include "common/store/keys.h"
#include "common/store/store.h"
#include "tests/testing/forwarding_kv.h"

namespace liaison::testing_store {

inline constexpr uint32_t kSealedTag = 1 << 3 | 2, kStationTag = 2 << 3 | 2, kTitleTag = 4 << 3 | 2,
                          kContentTag = 5 << 3 | 2;
inline constexpr uint8_t kVisitorType = 18, kMatterType = 24, kDeputyType = 3;

class TempDir {
 public:
  TempDir() {
    std::string pattern = std::filesystem::temp_directory_path() / "liaison-store-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A database that several stores use one after another, and whose writes can be made to fail.
class SharedKv : public ForwardingKv {
 public:
  explicit SharedKv(std::shared_ptr<Kv> kv, std::shared_ptr<bool> fails)
      : ForwardingKv(std::move(kv)), fails_(std::move(fails)) {}
  absl::Status Write(const KvChanges& changes, bool sync) override {
    if (*fails_) return absl::DataLossError("write refused by the test");
    return ForwardingKv::Write(changes, sync);
  }

 private:
  std::shared_ptr<bool> fails_;
};

// A row per aggregate (its title) and a counter per title: what `before` contributed is taken away.
class Rows : public Projection {
 public:
  std::string_view name() const override { return "rows"; }
  char prefix() const override { return 'r'; }
  void OnChange(const Aggregate* before, const Aggregate& after, KvWriter& out) override {
    if (before != nullptr) Count(TitleOf(*before), -1, out);
    Count(TitleOf(after), 1, out);
    out.Put(Cat(ProjectionPrefix('r'), "t", ToBytes(after.id())), TitleOf(after));
  }

 private:
  static std::string TitleOf(const Aggregate& aggregate) {
    const Child* root = aggregate.Find({});
    if (root == nullptr) return "";
    auto title = root->fields.find({kTitleTag, ""});
    const Sibling* shown = title == root->fields.end() ? nullptr : Displayed(title->second, v1::OWNER_STATION);
    return shown == nullptr ? "" : shown->value;
  }
  static void Count(const std::string& title, int64_t change, KvWriter& out) {
    std::string key = Cat(ProjectionPrefix('r'), "c", title), bytes = out.Get(key).value_or(std::string(8, '\0'));
    uint64_t count = ByteReader(bytes).Fixed64() + static_cast<uint64_t>(change);
    if (count == 0) return out.Delete(key);
    bytes.clear();
    ByteWriter(&bytes).Fixed64(count);
    out.Put(key, bytes);
  }
};

// Masters to everybody; anything else to the points that its station field names, a contested one to both.
inline std::vector<std::string> InterestsOf(const Aggregate& aggregate, const StoreReader&) {
  if (aggregate.id().type < 16) return {"all"};
  std::vector<std::string> interests;
  const Child* root = aggregate.Find({});
  if (root == nullptr) return interests;
  auto field = root->fields.find({kStationTag, ""});
  if (field == root->fields.end()) return interests;
  for (const Sibling& sibling : field->second.siblings()) interests.push_back("point:" + sibling.value);
  return interests;
}

struct Node {
  explicit Node(std::string station, uint64_t seed, std::shared_ptr<Kv> database = NewMemoryKv())
      : name(std::move(station)), random(seed), db(std::move(database)) {
    Open();
  }

  StoreOptions Options() {
    StoreOptions options;
    options.station = name;
    options.clock = &clock;
    options.random = &random;
    options.projections = {&rows};
    if (name == kHub) options.interests = InterestsOf;
    // Stands in for a signature: anybody could make it, but it shows what was signed.
    options.sign = [](std::string_view bytes) { return sync::Seal{"key-of-8", 1, Sha256(bytes) + Sha256(bytes)}; };
    return options;
  }
  void Open() {
    store.reset();
    absl::StatusOr<std::unique_ptr<Store>> opened = Store::Open(std::make_unique<SharedKv>(db, fails), Options());
    ASSERT_TRUE(opened.ok()) << opened.status();
    store = *std::move(opened);
  }

  std::string NewActionId() { return random.Bytes(kActionIdBytes); }

  absl::StatusOr<Store::Committed> Try(const std::string& action_id, std::vector<NewOp> ops,
                                       std::vector<sync::KeyItem> keys = {}, const std::string& result = "ok") {
    clock.Advance(1000);
    return store->Commit(action_id, "request of " + action_id, [&](const StoreReader&) -> absl::StatusOr<Action> {
      return Action{"li", ops, keys, result};
    });
  }
  void Do(std::vector<NewOp> ops, std::vector<sync::KeyItem> keys = {}) {
    absl::Status status = Try(NewActionId(), std::move(ops), std::move(keys)).status();
    ASSERT_TRUE(status.ok()) << status;
  }
  RecordId NewMatter(const std::string& station, const std::string& title) {
    std::string action = NewActionId();
    RecordId id = RecordId::Random(kMatterType, action, 0);
    absl::Status status =
        Try(action, {{id, {}, {{{}, kStationTag, "", station}, {{}, kTitleTag, "", title}}}}).status();
    EXPECT_TRUE(status.ok()) << status;
    return id;
  }
  // A visitor with a sealed value, and the key that opens it.
  struct Visitor {
    RecordId id;
    sync::KeyItem key;
  };
  Visitor NewVisitor(const std::string& station) {
    std::string action = NewActionId();
    RecordId id = RecordId::Random(kVisitorType, action, 0);
    SealKey key = NewSealKey(&random);
    sync::KeyItem item{ToBytes(id), key.algorithm, key.id, key.key};
    std::string sealed = Seal(key, "张三", ToBytes(id), &random);
    absl::Status status =
        Try(action, {{id, {}, {{{}, kStationTag, "", station}}, {{{}, kSealedTag, "", sealed}}}}, {item}).status();
    EXPECT_TRUE(status.ok()) << status;
    return {id, item};
  }
  VersionVector Seen(const RecordId& id) const {
    std::optional<Aggregate> aggregate = store->Read().Load(id);
    return aggregate ? aggregate->lineage().Visible() : VersionVector();
  }
  // An edit of one field with the context of now.
  void Set(const RecordId& id, uint32_t tag, const std::string& value) { Do({{id, Seen(id), {{{}, tag, "", value}}}}); }
  std::vector<std::string> Values(const RecordId& id, uint32_t tag) const {
    std::vector<std::string> values;
    std::optional<Aggregate> aggregate = store->Read().Load(id);
    const Child* root = aggregate ? aggregate->Find({}) : nullptr;
    auto field = root ? root->fields.find({tag, ""}) : decltype(root->fields.find({tag, ""})){};
    if (root == nullptr || field == root->fields.end()) return values;
    for (const Sibling& sibling : field->second.siblings()) values.push_back(sibling.value);
    return values;
  }
  std::string Canonical(const RecordId& id) const {
    std::optional<Aggregate> aggregate = store->Read().Load(id);
    return aggregate ? aggregate->Canonical() : "";
  }
  std::map<std::string, std::string> Dump(std::string_view prefix = "") const {
    std::map<std::string, std::string> rows;
    db->ScanPrefix(prefix, [&](std::string_view key, std::string_view value) {
      rows.emplace(key, value);
      return true;
    });
    return rows;
  }

  static constexpr char kHub[] = "HUB";
  std::string name;
  ManualClock clock;
  SeededRandom random;
  Rows rows;
  std::shared_ptr<Kv> db;
  std::shared_ptr<bool> fails = std::make_shared<bool>(false);
  std::unique_ptr<Store> store;
};

// Sends what the hub does not have of the station's own logs, in ranges of at most `bytes`.
inline void PushUp(Node* station, Node* hub, size_t bytes = 1 << 20) {
  for (const Store::OwnLog& log : station->store->OwnLogs()) {
    for (uint64_t next = log.acked_seq + 1; next <= log.last_seq;) {
      absl::StatusOr<sync::Range> range = station->store->ReadRange(log.actor, next, bytes);
      ASSERT_TRUE(range.ok()) << range.status();
      auto acks = hub->store->ApplyRanges({&*range, 1});
      ASSERT_TRUE(acks.ok()) << acks.status();
      ASSERT_FALSE((*acks)[0].gap.has_value());
      ASSERT_TRUE((*acks)[0].verdicts.empty()) << (*acks)[0].verdicts[0].reason;
      ASSERT_EQ((*acks)[0].tip.seq, range->last);
      absl::Status noted = station->store->RecordAck((*acks)[0]);
      ASSERT_TRUE(noted.ok()) << noted;
      next = range->last + 1;
    }
  }
}

// Takes what is new in a feed; own ops that this disk lacks are fetched by name, as a session does.
inline void PullDown(Node* station, Node* hub, const std::string& interest, size_t bytes = 1 << 20) {
  for (;;) {
    uint64_t position = 0;
    for (const sync::Cursor& cursor : station->store->FeedHeads())
      if (cursor.interest == interest) position = cursor.position;
    std::optional<sync::FeedBatch> batch = hub->store->ReadFeed(interest, position, station->name, bytes);
    if (!batch) return;
    for (size_t i = 0; i < batch->items.size(); ++i) {
      const OpName& op = batch->items[i].name;
      if (batch->items[i].kind == sync::ItemKind::kOp && batch->ops[i].empty() &&
          !station->store->Read().OpBytes(op.actor, op.seq, TagOf(op.hash)))
        batch->ops[i] = hub->store->Read().OpBytes(op.actor, op.seq, TagOf(op.hash)).value_or("");
    }
    absl::Status status = station->store->ApplyFeedBatch(*batch);
    ASSERT_TRUE(status.ok()) << status;
  }
}

}  // namespace liaison::testing_store

#endif  // LIAISON_TESTS_STORE_FIXTURE_H_

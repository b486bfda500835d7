// Verify in bounded memory finds what a verification finds that holds everything at once.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "common/record/schema.h"
#include "common/store/bucket_sums.h"
#include "tests/store/fixture.h"

namespace liaison {
namespace {

using testing_store::kContentTag;
using testing_store::kMatterType;
using testing_store::kTitleTag;
using testing_store::Node;

// ---------------------------------------------------------------- a verification that holds everything at once

class OpsOnly : public KvReader {
 public:
  explicit OpsOnly(const KvReader* kv) : kv_(kv) {}
  std::optional<std::string> Get(std::string_view key) const override {
    return key.starts_with(key::kOp) ? kv_->Get(key) : std::nullopt;
  }
  void Scan(std::string_view, std::string_view, const Visit&) const override {}
  std::optional<std::pair<std::string, std::string>> Last(std::string_view, std::string_view) const override {
    return std::nullopt;
  }

 private:
  const KvReader* kv_;
};

using Pairs = std::map<std::string, std::string>;

Pairs Under(const KvReader& kv, std::string_view prefix) {
  Pairs pairs;
  kv.ScanPrefix(prefix, [&](std::string_view key, std::string_view value) {
    pairs.emplace(key, value);
    return true;
  });
  return pairs;
}

// Which records and rows are not as the ops say: "state ID" and "row KEY", in hexadecimal.
std::set<std::string> NaiveDifferences(const Node& node) {
  std::map<RecordId, std::vector<Op>> all;
  std::set<std::string> different;
  for (const auto& [key, value] : node.Dump(key::kOp)) {
    absl::StatusOr<Op> op = DecodeOp(value);
    if (op.ok() && key::Op(op->actor, op->seq, op->tag()) == key) {
      std::vector<Op>& ops = all[op->aggregate];
      ops.push_back(*std::move(op));
    } else {
      different.insert(Cat("op ", Hex(key)));
    }
  }
  Pairs states = node.Dump(key::kAggregate);
  const OpsOnly ops_only(node.db.get());
  KvWriter fresh(&ops_only);
  testing_store::Rows rows;
  for (const auto& [id, ops] : all) {
    std::vector<const Op*> pointers;
    for (const Op& op : ops) pointers.push_back(&op);
    const Aggregate folded = Aggregate::Fold(id, pointers);
    auto state = states.find(key::Aggregate(id));
    if (state == states.end() || state->second != folded.Encode()) different.insert(Cat("state ", ToText(id)));
    if (state != states.end()) states.erase(state);
    rows.OnChange(nullptr, folded, fresh);
  }
  for (const auto& [key, value] : states) {
    RecordId id;
    different.insert(Cat("state ", RecordIdFromBytes(key.substr(2), &id) ? ToText(id) : "?"));
  }
  const Pairs expected = Under(fresh, ProjectionPrefix('r')), live = node.Dump(ProjectionPrefix('r'));
  for (const auto& [key, value] : expected)
    if (auto it = live.find(key); it == live.end() || it->second != value)
      different.insert(Cat("row ", Hex(key.substr(3))));
  for (const auto& [key, value] : live)
    if (!expected.contains(key)) different.insert(Cat("row ", Hex(key.substr(3))));
  return different;
}

// The same names out of what Verify says.
std::set<std::string> Named(const std::vector<std::string>& differences) {
  std::set<std::string> names;
  for (const std::string& text : differences) {
    const size_t space = text.find(' '), colon = text.find("：");
    const std::string what = text.substr(0, space), which = text.substr(space + 1, colon - space - 1);
    if (what == "日志") continue;
    names.insert(Cat(what == "rows" ? "row " : what == "记录原文损坏" ? "op " : "state ", which));
  }
  return names;
}

// ---------------------------------------------------------------- damage

struct Town : Node {
  explicit Town(uint64_t seed, int matters = 60) : Node("HK-D057", seed) {
    for (int i = 0; i < matters; ++i) ids.push_back(NewMatter("HK-D057", Cat("事项", i % 7)));
    for (int i = 0; i < matters; i += 3) Set(ids[static_cast<size_t>(i)], kContentTag, "内容");
    Open();
    for (int i = 0; i < matters; i += 4) Set(ids[static_cast<size_t>(i)], kTitleTag, "新题");
  }
  std::vector<RecordId> ids;
};

std::string AnyKey(const Node& node, std::string_view table, SeededRandom* random) {
  const auto pairs = node.Dump(table);
  return std::next(pairs.begin(), static_cast<ptrdiff_t>(random->U64() % pairs.size()))->first;
}

// One thing that a failing disk, or somebody with an editor, may do.
void Damage(Node* node, SeededRandom* random) {
  static const std::string kTables[] = {key::kAggregate, key::kProjection, key::kOp};
  const std::string& table = kTables[random->U64() % 3];
  const std::string key = AnyKey(*node, table, random), other = AnyKey(*node, table, random);
  std::string value = *node->db->Get(key);
  KvChanges changes;
  switch (random->U64() % 4) {
    case 0:
      changes[key] = std::nullopt;
      break;
    case 1:
      value[random->U64() % value.size()] ^= 0x20;
      changes[key] = value;
      break;
    case 2:  // what belongs elsewhere
      changes[key] = *node->db->Get(other);
      break;
    default: {
      std::string strange = key;
      strange.back() = static_cast<char>(strange.back() ^ 0x41);
      changes[strange] = value;
    }
  }
  ASSERT_TRUE(node->db->Write(changes, true).ok());
}

TEST(VerifyParts, FindsWhatAVerificationOfEverythingAtOnceFinds) {
  size_t found = 0;
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    Town node(seed, 24);
    SeededRandom random(seed);
    for (uint64_t i = 0, times = 1 + seed % 6; i < times; ++i) Damage(&node, &random);
    const std::set<std::string> expected = NaiveDifferences(node);
    const Store::Check check = node.store->Verify();
    ASSERT_LT(check.differences.size(), 100u);
    EXPECT_EQ(Named(check.differences), expected) << "seed " << seed;
    found += expected.size();
  }
  EXPECT_GT(found, 300u);
}

TEST(VerifyParts, CountsAreThoseOfTheStoreAlsoWhenRecordsAreDamaged) {
  Town node(1);
  const Store::Check sound = node.store->Verify();
  ASSERT_TRUE(sound.ok()) << sound.differences[0];
  const KvChanges damage{{key::Aggregate(node.ids[0]), std::nullopt}, {key::Aggregate(node.ids[1]), "x"}};
  ASSERT_TRUE(node.db->Write(damage, true).ok());
  const Store::Check check = node.store->Verify();
  EXPECT_EQ(check.differences.size(), 2u);
  EXPECT_EQ(check.ops, sound.ops);
  EXPECT_EQ(check.aggregates, sound.aggregates);
  EXPECT_EQ(check.rows, sound.rows);
}

TEST(VerifyParts, NamesAHundredWhereMoreIsLost) {
  Town node(1, 300);
  KvChanges changes;
  for (const auto& [key, value] : node.Dump(key::kAggregate)) changes[key] = std::nullopt;
  for (const auto& [key, value] : node.Dump(key::kProjection)) changes[key] = "wrong";
  ASSERT_TRUE(node.db->Write(changes, true).ok());
  const Store::Check check = node.store->Verify();
  EXPECT_EQ(check.differences.size(), 100u);
  EXPECT_EQ(std::set<std::string>(check.differences.begin(), check.differences.end()).size(), 100u);
}

// An op that no state names is the one thing that a walk of states cannot meet.
TEST(VerifyParts, AnOpThatNoStateNamesIsMissed) {
  Town node(1);
  const RecordId& id = node.ids[0];
  const std::string state = *node.db->Get(key::Aggregate(id));
  const auto rows = node.Dump(key::kProjection);
  node.Set(id, kContentTag, "又写了一次");
  KvChanges back{{key::Aggregate(id), state}};  // as if the last op had never been folded
  for (const auto& [key, value] : node.Dump(key::kProjection)) back[key] = std::nullopt;
  for (const auto& [key, value] : rows) back[key] = value;
  ASSERT_TRUE(node.db->Write(back, true).ok());
  const Store::Check check = node.store->Verify();
  ASSERT_EQ(check.differences.size(), 1u);
  EXPECT_THAT(check.differences[0], testing::HasSubstr(ToText(id)));
}

// ---------------------------------------------------------------- how often the store is gone through

// Counts the scans of the table of ops.
class ScanCountingKv : public ForwardingKv {
 public:
  ScanCountingKv(std::shared_ptr<Kv> kv, int* scans) : ForwardingKv(kv), scans_(scans) {}
  std::unique_ptr<KvReader> Snapshot() const override {
    return std::make_unique<Reader>(ForwardingKv::Snapshot(), scans_);
  }

 private:
  class Reader : public KvReader {
   public:
    Reader(std::unique_ptr<KvReader> kv, int* scans) : kv_(std::move(kv)), scans_(scans) {}
    std::optional<std::string> Get(std::string_view key) const override { return kv_->Get(key); }
    void Scan(std::string_view from, std::string_view to, const Visit& visit) const override {
      if (from == key::kOp) ++*scans_;
      kv_->Scan(from, to, visit);
    }
    std::optional<std::pair<std::string, std::string>> Last(std::string_view from, std::string_view to) const override {
      return kv_->Last(from, to);
    }

   private:
    std::unique_ptr<KvReader> kv_;
    int* scans_;
  };
  int* scans_;
};

TEST(VerifyParts, AStoreInOrderIsGoneThroughOnce) {
  Town node(1);
  node.store.reset();
  int scans = 0;
  auto store = Store::Open(std::make_unique<ScanCountingKv>(node.db, &scans), node.Options());
  ASSERT_TRUE(store.ok()) << store.status();
  scans = 0;
  EXPECT_TRUE((*store)->Verify().ok());
  EXPECT_EQ(scans, 1);
  ASSERT_TRUE(node.db->Write({{key::Aggregate(node.ids[0]), "x"}}, true).ok());
  EXPECT_FALSE((*store)->Verify().ok());
  EXPECT_LE(scans, 4);
}

// ---------------------------------------------------------------- the sums

TEST(VerifyParts, SumsOfEqualSetsCancelInAnyOrder) {
  BucketSums sums;
  std::vector<std::string> elements;
  for (int i = 0; i < 1000; ++i) elements.push_back(Cat("element ", i));
  for (const std::string& element : elements) sums.Add(7, element);
  EXPECT_FALSE(sums.IsZero(7));
  std::reverse(elements.begin(), elements.end());
  for (const std::string& element : elements) sums.TakeAway(7, element);
  EXPECT_TRUE(sums.IsZero(7));
  sums.TakeAway(7, "a");  // below zero, and back
  EXPECT_FALSE(sums.IsZero(7));
  sums.Add(7, "b");
  EXPECT_FALSE(sums.IsZero(7));
  sums.TakeAway(7, "b");
  sums.Add(7, "a");
  EXPECT_TRUE(sums.IsZero(7));
  EXPECT_TRUE(sums.IsZero(8));
}

TEST(VerifyParts, AnElementThatIsThereTwiceIsNotThereNotAtAll) {
  BucketSums sums;
  sums.Add(1, "a");
  sums.Add(1, "a");
  EXPECT_FALSE(sums.IsZero(1));
  sums.TakeAway(1, "a");
  EXPECT_FALSE(sums.IsZero(1));
}

}  // namespace
}  // namespace liaison

// The file alone: made of stand-ins for ops, with no store behind it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/codec/bundle_file.h"
#include "common/codec/message_codec.h"
#include "common/crypto/box.h"
#include "tests/testing/must.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

std::string ReadBytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

class BundleFileTest : public ::testing::Test {
 protected:
  BundleFileTest() : path_(dir_.path() + "/one.bundle"), damaged_(dir_.path() + "/damaged.bundle") {}

  sync::Range Range(uint64_t first, size_t ops, size_t bytes) {
    sync::Range range;
    range.actor = {"HK-D057", 7};
    range.first = first;
    range.last = first + ops - 1;
    range.head_before = random_.Bytes(32);
    range.head_after = random_.Bytes(32);
    for (size_t i = 0; i < ops; ++i) range.ops.push_back(random_.Bytes(bytes));
    return range;
  }
  sync::FeedBatch Batch() {
    sync::FeedBatch batch;
    batch.interest = "all";
    batch.last = 1;
    batch.items.resize(1);
    batch.ops = {"op"};
    return batch;
  }
  std::unique_ptr<BundleWriter> Writer() {
    BundleHeader header;
    header.station = "HK-D057";
    header.bundle_id = random_.Bytes(16);
    header.tip = sync::Tip{{"HK-D057", 7}, 3, random_.Bytes(32)};
    header.cursors = {{"all", "", 4, random_.Bytes(32)}};
    header.seal = {KeyId(maker_.public_key), kEd25519, ""};
    return Must(BundleWriter::Create(dir_.path(), header, recipient_.public_key, &random_));
  }
  absl::StatusOr<BundleHeader> Finish(BundleWriter* writer) {
    return writer->Finish(path_, [&](std::string_view bytes) {
      return sync::Seal{KeyId(maker_.public_key), kEd25519, Sign(maker_, bytes)};
    });
  }
  void Make() {
    ranges_ = {Range(1, 2, 100), Range(3, 1, 50)};
    receipt_.tip = {{"HK-D057", 7}, 2, random_.Bytes(32)};
    auto writer = Writer();
    for (const sync::Range& range : ranges_) ASSERT_TRUE(writer->Add(range).ok());
    ASSERT_TRUE(writer->Add(Batch()).ok());
    ASSERT_TRUE(writer->Add(receipt_).ok());
    ASSERT_TRUE(Finish(writer.get()).ok());
    bytes_ = ReadBytes(path_);
  }
  // As an importer does: everything is checked, nothing is taken before it is.
  absl::Status Accept(const std::string& bytes) {
    std::ofstream(damaged_, std::ios::binary | std::ios::trunc) << bytes;
    auto reader = BundleReader::Open(damaged_);
    if (!reader.ok()) return reader.status();
    if (absl::Status status = (*reader)->CheckBody(); !status.ok()) return status;
    if (absl::Status status = (*reader)->CheckMaker(maker_.public_key); !status.ok()) return status;
    return (*reader)->Read(recipient_, {});
  }

  TempDir dir_;
  const std::string path_, damaged_;
  SeededRandom random_{3};
  const KeyPair maker_ = GenerateKeyPair(&random_), recipient_ = GenerateKeyPair(&random_);
  std::vector<sync::Range> ranges_;
  sync::Ack receipt_;
  std::string bytes_;
};

TEST_F(BundleFileTest, ComesBackAsItWasMade) {
  Make();
  auto reader = BundleReader::Open(path_);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ((*reader)->header().ranges.size(), 2u);
  EXPECT_EQ((*reader)->header().batches.size(), 1u);
  for (int round = 0; round < 2; ++round) {  // it may be read again
    std::vector<sync::Range> ranges;
    std::vector<sync::FeedBatch> batches;
    std::vector<sync::Ack> receipts;
    BundleVisitor visitor;
    visitor.range = [&](sync::Range range) { return ranges.push_back(std::move(range)), absl::OkStatus(); };
    visitor.batch = [&](sync::FeedBatch batch) { return batches.push_back(std::move(batch)), absl::OkStatus(); };
    visitor.receipt = [&](sync::Ack ack) { return receipts.push_back(std::move(ack)), absl::OkStatus(); };
    absl::Status status = (*reader)->Read(recipient_, visitor);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(ranges, ranges_);
    EXPECT_EQ(batches, std::vector<sync::FeedBatch>{Batch()});
    EXPECT_EQ(receipts, std::vector<sync::Ack>{receipt_});
  }
}

TEST_F(BundleFileTest, EveryTruncationIsRefused) {
  Make();
  ASSERT_TRUE(Accept(bytes_).ok());
  for (size_t n = 0; n < bytes_.size(); ++n) ASSERT_FALSE(Accept(bytes_.substr(0, n)).ok()) << n;
  EXPECT_EQ(Accept(bytes_.substr(0, bytes_.size() - 1)).code(), absl::StatusCode::kDataLoss);
  EXPECT_FALSE(Accept(bytes_ + "x").ok());
}

TEST_F(BundleFileTest, EveryFlippedByteIsRefused) {
  Make();
  for (size_t i = 0; i < bytes_.size(); ++i) {
    std::string flipped = bytes_;
    flipped[i] ^= 0x10;
    ASSERT_FALSE(Accept(flipped).ok()) << i;
  }
}

// Somebody else's header, rightly signed, in front of this body: the body belongs to the header that it was made with.
TEST_F(BundleFileTest, ABodyDoesNotOpenBehindAnotherHeader) {
  Make();
  auto start = DecodeBundleHeader(bytes_);
  ASSERT_TRUE(start.ok());
  auto behind = [&](BundleHeader header) {
    header.seal.signature = Sign(maker_, BundleSigningBytes(header));
    return Accept(EncodeBundleHeader(header) + bytes_.substr(start->body_at));
  };
  EXPECT_TRUE(behind(start->header).ok());
  BundleHeader other = start->header;
  other.station = "HK-D058";
  EXPECT_FALSE(behind(other).ok());
  other = start->header;
  other.tip.reset();
  EXPECT_FALSE(behind(other).ok());
}

TEST_F(BundleFileTest, TablesThatDoNotFitTheBodyAreRefused) {
  Make();
  auto start = DecodeBundleHeader(bytes_);
  ASSERT_TRUE(start.ok());
  auto with = [&](auto change) {
    BundleHeader header = start->header;
    change(&header);
    header.seal.signature = Sign(maker_, BundleSigningBytes(header));
    return Accept(EncodeBundleHeader(header) + bytes_.substr(start->body_at));
  };
  EXPECT_FALSE(with([](BundleHeader* h) { ++h->ranges[1].offset; }).ok());
  EXPECT_FALSE(with([](BundleHeader* h) { ++h->ranges[0].length; }).ok());
  EXPECT_FALSE(with([](BundleHeader* h) { ++h->ranges[0].last; }).ok());
  EXPECT_FALSE(with([](BundleHeader* h) { h->ranges.pop_back(); }).ok());
  EXPECT_FALSE(with([](BundleHeader* h) { h->batches.push_back(h->batches[0]); }).ok());
  EXPECT_FALSE(with([](BundleHeader* h) { h->ranges[0].length = uint64_t{1} << 40; }).ok());
}

TEST_F(BundleFileTest, AnotherKeyDoesNotOpenIt) {
  Make();
  KeyPair other = GenerateKeyPair(&random_);
  auto reader = BundleReader::Open(path_);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->Read(other, {}).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ((*reader)->CheckMaker(other.public_key).code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(BundleFileTest, LargeMessagesPassAndCompressibleOnesToo) {
  auto writer = Writer();
  sync::Range large = Range(1, 3, 1 << 20), even = Range(4, 3, 1);
  even.ops = std::vector<std::string>(3, std::string(1 << 20, 'x'));
  ASSERT_TRUE(writer->Add(large).ok());
  ASSERT_TRUE(writer->Add(even).ok());
  EXPECT_EQ(writer->Add(Range(7, 5, 1 << 20)).code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(Finish(writer.get()).ok());
  auto reader = BundleReader::Open(path_);
  ASSERT_TRUE(reader.ok());
  EXPECT_LT((*reader)->file_bytes(), size_t{7} << 19);
  std::vector<sync::Range> ranges;
  BundleVisitor visitor;
  visitor.range = [&](sync::Range range) { return ranges.push_back(std::move(range)), absl::OkStatus(); };
  ASSERT_TRUE((*reader)->Read(recipient_, visitor).ok());
  EXPECT_EQ(ranges, (std::vector<sync::Range>{large, even}));
}

TEST_F(BundleFileTest, TheVisitorEndsTheReading) {
  Make();
  auto reader = BundleReader::Open(path_);
  ASSERT_TRUE(reader.ok());
  int seen = 0;
  BundleVisitor visitor;
  visitor.range = [&](const sync::Range&) { return ++seen, absl::AbortedError("enough"); };
  EXPECT_EQ((*reader)->Read(recipient_, visitor).code(), absl::StatusCode::kAborted);
  EXPECT_EQ(seen, 1);
}

TEST_F(BundleFileTest, NothingIsLeftBeside) {
  Make();
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) names.push_back(entry.path().filename());
  EXPECT_EQ(names, std::vector<std::string>{"one.bundle"});
  auto writer = Writer();
  EXPECT_FALSE(writer
                   ->Finish(dir_.path() + "/no/such/folder",
                            [&](std::string_view bytes) {
                              return sync::Seal{KeyId(maker_.public_key), kEd25519, Sign(maker_, bytes)};
                            })
                   .ok());
  EXPECT_EQ(ReadBytes(path_), bytes_);
}

}  // namespace
}  // namespace liaison

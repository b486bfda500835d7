// A whole bundle as a file. What a compressor makes of a text may change with its version, so only reading is frozen.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/codec/bundle_file.h"
#include "tests/golden/golden.h"
#include "tests/golden/samples.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

struct Parts {
  std::vector<sync::Range> ranges;
  std::vector<sync::FeedBatch> batches;
  std::vector<sync::Ack> receipts;
  bool operator==(const Parts&) const = default;
};

class GoldenBundle : public ::testing::Test {
 protected:
  GoldenBundle() {
    std::string pattern = ::testing::TempDir() + "/liaison-golden-XXXXXX";
    dir_ = mkdtemp(pattern.data());
  }
  ~GoldenBundle() override { std::filesystem::remove_all(dir_); }

  std::string Make() {
    SeededRandom random(22);
    BundleHeader header = sample::Bundle();
    header.ranges.clear();
    header.batches.clear();
    header.abandoned.clear();
    header.certificates.clear();
    header.seal = {KeyId(maker_.public_key), kEd25519, ""};
    auto writer = Must(BundleWriter::Create(dir_, header, recipient_.public_key, &random));
    EXPECT_TRUE(writer->Add(sample::Range()).ok());
    EXPECT_TRUE(writer->Add(sample::FeedBatch()).ok());
    EXPECT_TRUE(writer->Add(sample::Ack()).ok());
    auto sign = [&](std::string_view bytes) {
      return sync::Seal{KeyId(maker_.public_key), kEd25519, Sign(maker_, bytes)};
    };
    EXPECT_TRUE(writer->Finish(dir_ + "/made", sign).ok());
    std::ifstream in(dir_ + "/made", std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  }
  Parts Read(const std::string& bytes) {
    std::ofstream(dir_ + "/read", std::ios::binary) << bytes;
    auto reader = BundleReader::Open(dir_ + "/read");
    EXPECT_TRUE(reader.ok()) << reader.status();
    if (!reader.ok()) return {};
    EXPECT_TRUE((*reader)->CheckBody().ok());
    EXPECT_TRUE((*reader)->CheckMaker(maker_.public_key).ok());
    EXPECT_EQ((*reader)->header().tip, sample::Bundle().tip);
    EXPECT_EQ((*reader)->header().cursors, sample::Bundle().cursors);
    Parts parts;
    BundleVisitor visitor;
    visitor.range = [&](sync::Range range) { return parts.ranges.push_back(std::move(range)), absl::OkStatus(); };
    visitor.batch = [&](sync::FeedBatch batch) { return parts.batches.push_back(std::move(batch)), absl::OkStatus(); };
    visitor.receipt = [&](sync::Ack ack) { return parts.receipts.push_back(std::move(ack)), absl::OkStatus(); };
    absl::Status status = (*reader)->Read(recipient_, visitor);
    EXPECT_TRUE(status.ok()) << status;
    return parts;
  }

  std::string dir_;
  SeededRandom keys_{21};
  const KeyPair maker_ = GenerateKeyPair(&keys_), recipient_ = GenerateKeyPair(&keys_);
};

TEST_F(GoldenBundle, WholeFile) {
  const Parts want{{sample::Range()}, {sample::FeedBatch()}, {sample::Ack()}};
  if (std::getenv("LIAISON_REWRITE_GOLDEN") != nullptr)
    golden::Check("bundle-file", golden::BytesText("a whole bundle: message-range, message-feed-batch and message-ack "
                                                   "under the keys of SeededRandom 21, drawn from 22",
                                                   Make()));
  std::string bytes = golden::BytesOf(golden::ReadText("bundle-file"));
  ASSERT_FALSE(bytes.empty());
  EXPECT_EQ(Read(bytes), want);
  std::string now = Make();
  EXPECT_EQ(Read(now), want);
  // In front of the compressed text nothing may move: the header up to its tables, the sealed key, the stream's header.
  absl::StatusOr<BundleStart> was = DecodeBundleHeader(bytes), is = DecodeBundleHeader(now);
  ASSERT_TRUE(was.ok() && is.ok());
  EXPECT_EQ(now.substr(is->body_at, 104), bytes.substr(was->body_at, 104));
}

}  // namespace
}  // namespace liaison

#include "common/crypto/box.h"

#include <gtest/gtest.h>

#include "common/base/bytes.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

std::string Text(size_t n) {
  std::string text(n, '\0');
  for (size_t i = 0; i < n; ++i) text[i] = static_cast<char>(i * 31 + i / 251);
  return text;
}

class BoxTest : public ::testing::Test {
 protected:
  // Written in pieces of `piece` bytes.
  std::string Seal(const std::string& text, size_t piece = 1000, std::string_view context = "context") {
    std::string box;
    auto writer = Must(BoxWriter::Create(keys_.public_key, context, &random_, &box));
    for (size_t at = 0; at < text.size(); at += piece) writer->Write(text.substr(at, piece), &box);
    writer->Finish(&box);
    return box;
  }
  static absl::StatusOr<std::string> Open(const KeyPair& keys, const std::string& box, size_t piece = 777,
                                          std::string_view context = "context") {
    auto reader = BoxReader::Create(keys, context, box.substr(0, kBoxStartSize));
    if (!reader.ok()) return reader.status();
    std::string plain;
    for (size_t at = kBoxStartSize; at < box.size(); at += piece)
      if (absl::Status status = (*reader)->Read(box.substr(at, piece), &plain); !status.ok()) return status;
    if (absl::Status status = (*reader)->Finish(&plain); !status.ok()) return status;
    return plain;
  }

  SeededRandom random_{5};
  const KeyPair keys_ = GenerateKeyPair(&random_);
};

TEST_F(BoxTest, TextsOfEveryLengthAroundAChunkComeBack) {
  for (size_t n : {size_t{0}, size_t{1}, kBoxChunkSize - 1, kBoxChunkSize, kBoxChunkSize + 1, 3 * kBoxChunkSize}) {
    for (size_t piece : {size_t{1000}, 2 * kBoxChunkSize}) {
      std::string box = Seal(Text(n), piece);
      EXPECT_EQ(box.size(), kBoxStartSize + n + (n / kBoxChunkSize + 1) * kBoxChunkOverhead);
      absl::StatusOr<std::string> plain = Open(keys_, box, piece);
      ASSERT_TRUE(plain.ok()) << n << " " << plain.status();
      EXPECT_EQ(*plain, Text(n));
    }
  }
}

TEST_F(BoxTest, OnlyTheRecipientOpensIt) {
  std::string box = Seal("secret");
  KeyPair other = GenerateKeyPair(&random_);
  EXPECT_EQ(Open(other, box).status().code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(BoxTest, AnotherContextDoesNotOpenIt) {
  EXPECT_EQ(Open(keys_, Seal("secret"), 777, "another").status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(BoxTest, EveryFlippedByteIsFound) {
  std::string box = Seal(Text(300));
  for (size_t i = 0; i < box.size(); ++i) {
    std::string flipped = box;
    flipped[i] ^= 1;
    EXPECT_FALSE(Open(keys_, flipped).ok()) << i;
  }
}

TEST_F(BoxTest, EveryCutIsFound) {
  std::string box = Seal(Text(300));
  for (size_t n = 0; n < box.size(); ++n) EXPECT_FALSE(Open(keys_, box.substr(0, n)).ok()) << n;
  // At a border of chunks, where every chunk that is left is whole.
  std::string large = Seal(Text(2 * kBoxChunkSize + 10));
  for (size_t chunks : {0, 1, 2}) {
    size_t n = kBoxStartSize + chunks * (kBoxChunkSize + kBoxChunkOverhead);
    EXPECT_FALSE(Open(keys_, large.substr(0, n)).ok()) << chunks;
  }
  EXPECT_FALSE(Open(keys_, box + "x").ok());
  EXPECT_FALSE(Open(keys_, large + box.substr(kBoxStartSize)).ok());
}

TEST_F(BoxTest, ChunksDoNotChangePlaces) {
  std::string box = Seal(Text(2 * kBoxChunkSize + 10));
  size_t chunk = kBoxChunkSize + kBoxChunkOverhead;
  std::string swapped = box.substr(0, kBoxStartSize) + box.substr(kBoxStartSize + chunk, chunk) +
                        box.substr(kBoxStartSize, chunk) + box.substr(kBoxStartSize + 2 * chunk);
  ASSERT_EQ(swapped.size(), box.size());
  EXPECT_EQ(Open(keys_, swapped).status().code(), absl::StatusCode::kDataLoss);
}

// What a machine resumed twice from one snapshot does: the same random bytes, and two different texts.
TEST_F(BoxTest, TheSameRandomBytesUnderTwoContextsGiveTwoKeys) {
  SeededRandom saved = random_;
  std::string one = Seal(Text(200), 1000, "one");
  random_ = saved;
  std::string two = Seal(Text(200), 1000, "two");
  EXPECT_NE(one.substr(0, 80), two.substr(0, 80));
  EXPECT_NE(one.substr(kBoxStartSize), two.substr(kBoxStartSize));
}

TEST_F(BoxTest, DrawsWhatItSays) {
  struct Counting : Random {
    void Fill(char* out, size_t n) override {
      drawn += n;
      inner.Fill(out, n);
    }
    SeededRandom inner{9};
    size_t drawn = 0;
  } counting;
  std::string box;
  ASSERT_TRUE(BoxWriter::Create(keys_.public_key, "", &counting, &box).ok());
  EXPECT_EQ(counting.drawn, 88u);
  EXPECT_EQ(box.size(), kBoxStartSize);
}

TEST_F(BoxTest, WhatIsNoKeyIsRefused) {
  std::string box;
  EXPECT_EQ(BoxWriter::Create("short", "", &random_, &box).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(BoxWriter::Create(std::string(32, '\0'), "", &random_, &box).status().code(),
            absl::StatusCode::kInvalidArgument);  // a point of small order
  EXPECT_TRUE(box.empty());
  EXPECT_EQ(BoxReader::Create(keys_, "", "short").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace liaison

// The file store alone: pieces, cuts, restarts, damage, full disks.
#include "common/attachments/file_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <tuple>

#include "common/crypto/hash.h"
#include "tests/attachments/files.h"
#include "tests/trust/town.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class FileStoreTest : public ::testing::Test {
 protected:
  FileStoreTest() { options_.dir = temp_.In("files"); }
  std::unique_ptr<FileStore> Open() { return OpenFiles(options_); }
  std::string PathOf(std::string_view hash) const { return PathIn(options_.dir, hash); }
  std::string Incoming(std::string_view hash, const std::string& suffix) const {
    return options_.dir + "/incoming/" + Hex(hash) + suffix;
  }
  std::map<std::string, uint64_t> Files() const { return FilesBelow(options_.dir); }

  TempDir temp_;
  FileStore::Options options_;
};

std::string Piece(std::string_view file, uint32_t piece) {
  return std::string(file.substr(size_t{piece} * kPieceBytes, kPieceBytes));
}

TEST_F(FileStoreTest, AFileIsThereWholeUnderItsHash) {
  std::string photo = Photo(100'000);
  std::string hash;
  {
    std::unique_ptr<FileStore> store = Open();
    absl::StatusOr<std::string> added = store->Add(photo);
    ASSERT_TRUE(added.ok()) << added.status();
    hash = *added;
    EXPECT_EQ(hash, Sha256(photo));
    EXPECT_EQ(*store->Add(photo), hash);  // once more is the same file
  }
  std::unique_ptr<FileStore> again = Open();
  EXPECT_TRUE(again->Has(hash));
  EXPECT_EQ(*again->Read(hash), photo);
  EXPECT_EQ(*again->ReadSlice(hash, 70'000, 10), photo.substr(70'000, 10));
  std::string name = Hex(hash);
  EXPECT_THAT(Files(), ElementsAre(Pair(name.substr(0, 2) + "/" + name, photo.size())));
}

TEST_F(FileStoreTest, OnlyPhotosAndPdfUpToTheLimitAreTaken) {
  std::unique_ptr<FileStore> store = Open();
  EXPECT_TRUE(store->Add(Photo(kMostFileBytes)).ok());
  absl::Status large = store->Add(Photo(kMostFileBytes + 1)).status();
  EXPECT_TRUE(absl::IsInvalidArgument(large));
  EXPECT_THAT(std::string(large.message()), HasSubstr("最多 8 MB"));
  for (const char* good : {"%PDF-1.7\n", "\x89PNG\r\n\x1a\n....", "RIFF\x10\x10\x10\x10WEBPVP8 "})
    EXPECT_TRUE(store->Add(good).ok()) << good;
  for (const char* bad :
       {"", "<html>", "<?xml version='1.0'?><svg/>", "RIFF\x10\x10\x10\x10WAVE", "MZ", "PK\x03\x04"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(store->Add(bad).status())) << bad;
  }
}

TEST_F(FileStoreTest, PiecesComeInAnyOrderAndTwice) {
  std::string photo = Photo(5 * kPieceBytes + 777), hash = Sha256(photo);
  PieceMap map = PieceMap::Of(photo);
  ASSERT_EQ(map.hashes.size(), 6u);
  std::unique_ptr<FileStore> store = Open();
  ASSERT_TRUE(store->Begin(hash, map).ok());
  for (uint32_t piece : {3u, 5u, 0u, 3u, 4u, 0u, 2u}) {
    absl::StatusOr<Position> at = store->Put(hash, piece, 0, Piece(photo, piece));
    ASSERT_TRUE(at.ok()) << at.status();
    EXPECT_FALSE(at->whole);
    ASSERT_TRUE(store->Begin(hash, map).ok());  // saying it again changes nothing
  }
  EXPECT_EQ(store->At(hash), (Position{false, true, 1, 0}));
  EXPECT_FALSE(store->Has(hash));
  EXPECT_TRUE(store->Put(hash, 1, 0, Piece(photo, 1))->whole);
  EXPECT_EQ(*store->Read(hash), photo);
  EXPECT_TRUE(store->Put(hash, 1, 0, Piece(photo, 1))->whole);  // late and harmless
  EXPECT_EQ(Files().size(), 1u);                                // nothing of the pieces is left
}

TEST_F(FileStoreTest, ACutAtAnyByteAndARestartLoseNothingThatCame) {
  std::string photo = Photo(2 * kPieceBytes + 5'000), hash = Sha256(photo);
  SeededRandom random(7);
  size_t sent = 0;
  std::unique_ptr<FileStore> store = Open();
  ASSERT_TRUE(store->Begin(hash, PieceMap::Of(photo)).ok());
  for (Position at = store->At(hash); !at.whole; at = store->At(hash)) {
    size_t from = size_t{at.piece} * kPieceBytes + at.offset;
    EXPECT_EQ(from, sent);  // nothing is asked for twice
    size_t rest_of_piece = std::min<size_t>(kPieceBytes - at.offset, photo.size() - from);
    size_t length = std::min<size_t>(1 + random.U64() % 9'000, rest_of_piece);
    ASSERT_TRUE(store->Put(hash, at.piece, at.offset, photo.substr(from, length)).ok());
    sent += length;
    store = nullptr;
    store = Open();
  }
  EXPECT_EQ(sent, photo.size());
  EXPECT_EQ(*store->Read(hash), photo);
}

TEST_F(FileStoreTest, WhatOverlapsIsPassedOverAndAGapIsNotTaken) {
  std::string photo = Photo(kPieceBytes), hash = Sha256(photo);
  std::unique_ptr<FileStore> store = Open();
  ASSERT_TRUE(store->Begin(hash, PieceMap::Of(photo)).ok());
  EXPECT_EQ(store->Put(hash, 0, 0, photo.substr(0, 1'000))->offset, 1'000u);
  EXPECT_EQ(store->Put(hash, 0, 2'000, photo.substr(2'000, 1'000))->offset, 1'000u);
  EXPECT_EQ(store->Put(hash, 0, 500, photo.substr(500, 1'500))->offset, 2'000u);
  EXPECT_EQ(store->Put(hash, 0, 100, photo.substr(100, 10))->offset, 2'000u);
  EXPECT_TRUE(store->Put(hash, 0, 1'999, photo.substr(1'999))->whole);
  EXPECT_EQ(*store->Read(hash), photo);
}

TEST_F(FileStoreTest, AFlippedByteIsRefusedAndOnlyThatPieceComesAgain) {
  std::string photo = Photo(3 * kPieceBytes), hash = Sha256(photo);
  std::unique_ptr<FileStore> store = Open();
  ASSERT_TRUE(store->Begin(hash, PieceMap::Of(photo)).ok());
  ASSERT_TRUE(store->Put(hash, 0, 0, Piece(photo, 0)).ok());
  ASSERT_TRUE(store->Put(hash, 2, 0, Piece(photo, 2)).ok());
  std::string spoilt = Piece(photo, 1);
  spoilt[40'000] ^= 1;
  ASSERT_TRUE(store->Put(hash, 1, 0, spoilt.substr(0, 50'000)).ok());
  absl::Status refused = store->Put(hash, 1, 50'000, spoilt.substr(50'000)).status();
  EXPECT_TRUE(absl::IsDataLoss(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("第2块"));
  EXPECT_EQ(store->At(hash), (Position{false, true, 1, 0}));
  EXPECT_TRUE(store->Put(hash, 1, 0, Piece(photo, 1))->whole);
  EXPECT_EQ(*store->Read(hash), photo);
}

TEST_F(FileStoreTest, APieceThatTheDiskHasChangedIsFoundBeforeTheFileGetsItsName) {
  std::string photo = Photo(3 * kPieceBytes), hash = Sha256(photo);
  for (bool restart : {false, true}) {
    std::unique_ptr<FileStore> store = Open();
    ASSERT_TRUE(store->Begin(hash, PieceMap::Of(photo)).ok());
    for (uint32_t piece : {0u, 1u}) ASSERT_TRUE(store->Put(hash, piece, 0, Piece(photo, piece)).ok());
    FlipByte(Incoming(hash, ".part"), kPieceBytes + 9);
    if (restart) {
      store = nullptr;
      store = Open();
      EXPECT_EQ(store->At(hash), (Position{false, true, 1, 0}));
    }
    ASSERT_EQ(store->Put(hash, 2, 0, Piece(photo, 2)).ok(), restart);  // else the last piece finds it
    EXPECT_EQ(store->At(hash), (Position{false, true, 1, 0}));
    EXPECT_TRUE(store->Put(hash, 1, 0, Piece(photo, 1))->whole);
    EXPECT_EQ(*store->Read(hash), photo);
    store = nullptr;
    std::filesystem::remove_all(options_.dir);
  }
}

TEST_F(FileStoreTest, BytesThatAreAnotherFileAreThrownAwayAFewTimesAndThenRefused) {
  std::string photo = Photo(kPieceBytes + 10), other = Photo(kPieceBytes + 10, 2), hash = Sha256(photo);
  std::unique_ptr<FileStore> store = Open();
  for (int start = 1; start <= kMostStarts; ++start) {
    ASSERT_FALSE(store->Refuses(hash));
    ASSERT_TRUE(store->Begin(hash, PieceMap::Of(other)).ok());
    ASSERT_TRUE(store->Put(hash, 0, 0, Piece(other, 0)).ok());
    absl::Status wrong = store->Put(hash, 1, 0, Piece(other, 1)).status();
    EXPECT_TRUE(absl::IsDataLoss(wrong));
    EXPECT_THAT(std::string(wrong.message()), HasSubstr("与记录里的摘要不符"));
    EXPECT_THAT(Files(), IsEmpty());
  }
  EXPECT_TRUE(store->Refuses(hash));
  absl::Status refused = store->Begin(hash, PieceMap::Of(other)).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_FALSE(store->Has(hash));
  // After a restart the right bytes get in.
  store = Open();
  ASSERT_TRUE(store->Begin(hash, PieceMap::Of(photo)).ok());
  for (uint32_t piece : {0u, 1u}) ASSERT_TRUE(store->Put(hash, piece, 0, Piece(photo, piece)).ok());
  EXPECT_TRUE(store->Has(hash));
}

TEST_F(FileStoreTest, AnotherMapBeginsAnew) {
  std::string photo = Photo(2 * kPieceBytes), hash = Sha256(photo);
  PieceMap wrong = PieceMap::Of(photo);
  wrong.hashes[1][0] ^= 1;
  std::unique_ptr<FileStore> store = Open();
  ASSERT_TRUE(store->Begin(hash, wrong).ok());
  ASSERT_TRUE(store->Put(hash, 0, 0, Piece(photo, 0)).ok());
  EXPECT_EQ(store->Begin(hash, PieceMap::Of(photo))->piece, 0u);
  for (uint32_t piece : {0u, 1u}) ASSERT_TRUE(store->Put(hash, piece, 0, Piece(photo, piece)).ok());
  EXPECT_EQ(*store->Read(hash), photo);
}

TEST_F(FileStoreTest, NothingIsKeptOfWhatLiesOutsideTheDeclaredSize) {
  std::string photo = Photo(kPieceBytes + 100), hash = Sha256(photo);
  std::unique_ptr<FileStore> store = Open();
  EXPECT_TRUE(absl::IsInvalidArgument(store->Put(hash, 0, 0, photo.substr(0, 10)).status()));  // not begun
  EXPECT_THAT(Files(), IsEmpty());
  ASSERT_TRUE(store->Begin(hash, PieceMap::Of(photo)).ok());
  std::map<std::string, uint64_t> before = Files();
  std::string much(kPieceBytes + 1, 'x');
  for (auto [piece, offset, length] : {std::tuple(2u, 0u, 1u),
                                       {1u, 0u, 101u},
                                       {1u, 101u, 1u},
                                       {0u, 0u, kPieceBytes + 1},
                                       {0u, kPieceBytes, 1u},
                                       {0xffffffffu, 0xffffffffu, 1u},
                                       {0u, 0xffffffffu, 2u}})
    EXPECT_TRUE(absl::IsInvalidArgument(store->Put(hash, piece, offset, much.substr(0, length)).status()))
        << piece << " " << offset;
  EXPECT_EQ(Files(), before);
  for (uint64_t size : {uint64_t{0}, kMostFileBytes + 1, uint64_t{1} << 60})
    EXPECT_TRUE(absl::IsInvalidArgument(PieceMap::Make(size, std::string(64, 'h'), kMostFileBytes).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(PieceMap::Make(kPieceBytes + 1, std::string(32, 'h'), kMostFileBytes).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(PieceMap::Make(kPieceBytes, std::string(64, 'h'), kMostFileBytes).status()));
}

TEST_F(FileStoreTest, RecordsKeepTheirReserveOfTheDisk) {
  uint64_t available = 1'000'000;
  options_.reserve_bytes = 900'000;
  options_.free_bytes = [&](const std::string&) -> absl::StatusOr<uint64_t> { return available; };
  std::unique_ptr<FileStore> store = Open();
  std::string small = Photo(100'000), large = Photo(100'001);
  EXPECT_TRUE(store->Add(small).ok());
  absl::Status refused = store->Add(large).status();
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("留 0 MB 给登记记录"));
  EXPECT_TRUE(absl::IsResourceExhausted(store->Begin(Sha256(large), PieceMap::Of(large)).status()));
  EXPECT_EQ(Files().size(), 1u);
  // The disk fills while a file is on its way: it waits where it is.
  std::string other = Photo(90'000, 3), hash = Sha256(other);
  ASSERT_TRUE(store->Begin(hash, PieceMap::Of(other)).ok());
  ASSERT_TRUE(store->Put(hash, 0, 0, Piece(other, 0)).ok());
  available = 800'000;
  EXPECT_TRUE(absl::IsResourceExhausted(store->Put(hash, 1, 0, Piece(other, 1)).status()));
  EXPECT_EQ(store->At(hash), (Position{false, true, 1, 0}));
  EXPECT_TRUE(store->Read(Sha256(small)).ok());  // reading needs no space
  available = 1'000'000;
  EXPECT_TRUE(store->Put(hash, 1, 0, Piece(other, 1))->whole);
}

TEST_F(FileStoreTest, TheScrubFindsAFlippedByteAndSetsTheFileAside) {
  std::unique_ptr<FileStore> store = Open();
  std::vector<std::string> hashes;
  for (uint64_t seed : {1, 2, 3}) hashes.push_back(*store->Add(Photo(70'000, seed)));
  for (size_t i = 0; i < 2 * hashes.size(); ++i) EXPECT_EQ(store->ScrubNext(), std::nullopt);
  FlipByte(PathOf(hashes[1]), 69'999);
  std::vector<std::string> told;
  store->set_listener([&](const std::string& hash) { told.push_back(hash); });
  std::vector<std::string> found;
  for (size_t i = 0; i < hashes.size(); ++i)
    if (std::optional<std::string> damaged = store->ScrubNext()) found.push_back(*damaged);
  EXPECT_THAT(found, ElementsAre(hashes[1]));
  EXPECT_THAT(told, ElementsAre(hashes[1]));
  EXPECT_FALSE(store->Has(hashes[1]));
  EXPECT_THAT(store->Damaged(), ElementsAre(hashes[1]));
  EXPECT_EQ(Files()["damaged/" + Hex(hashes[1]) + "-1"], 70'000u);  // kept

  store->set_listener(nullptr);
  store = Open();
  EXPECT_THAT(store->Damaged(), ElementsAre(hashes[1]));
  ASSERT_TRUE(store->Add(Photo(70'000, 2)).ok());  // and comes again
  EXPECT_THAT(store->Damaged(), IsEmpty());
  FlipByte(PathOf(hashes[1]), 5);
  EXPECT_TRUE(absl::IsDataLoss(store->Read(hashes[1]).status()));  // a reader finds it as well
  EXPECT_EQ(Files().count("damaged/" + Hex(hashes[1]) + "-2"), 1u);
  EXPECT_TRUE(absl::IsNotFound(store->Read(hashes[1]).status()));
}

TEST_F(FileStoreTest, AFileThatIsGoneIsLackingAgain) {
  std::unique_ptr<FileStore> store = Open();
  std::string hash = *store->Add(Photo(1'000));
  std::filesystem::remove(PathOf(hash));
  EXPECT_EQ(store->ScrubNext(), hash);
  EXPECT_FALSE(store->Has(hash));
}

// The process dies where the file has all its bytes and not yet its name.
TEST_F(FileStoreTest, AKillBetweenWritingAndNamingLeavesNoHalfFile) {
  std::string photo = Photo(2 * kPieceBytes), hash = Sha256(photo);
  auto die_in = [&](const std::function<void(FileStore*)>& work) {
    pid_t child = fork();
    if (child == 0) {
      FileStore::Options options = options_;
      options.before_rename = [] { _exit(7); };
      absl::StatusOr<std::unique_ptr<FileStore>> store = FileStore::Open(std::move(options));
      if (store.ok()) work(store->get());
      _exit(1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_EQ(WEXITSTATUS(status), 7);
  };
  die_in([&](FileStore* store) { store->Add(photo).IgnoreError(); });
  EXPECT_EQ(Files().size(), 1u);
  {
    std::unique_ptr<FileStore> store = Open();
    EXPECT_FALSE(store->Has(hash));
    EXPECT_FALSE(std::filesystem::exists(PathOf(hash)));
    EXPECT_THAT(Files(), IsEmpty());
  }
  die_in([&](FileStore* store) {
    store->Begin(hash, PieceMap::Of(photo)).IgnoreError();
    for (uint32_t piece : {0u, 1u}) store->Put(hash, piece, 0, Piece(photo, piece)).IgnoreError();
  });
  EXPECT_FALSE(std::filesystem::exists(PathOf(hash)));
  std::unique_ptr<FileStore> store = Open();
  EXPECT_FALSE(store->Has(hash));
  EXPECT_TRUE(store->At(hash).whole);  // all had come: it is named now
  EXPECT_EQ(*store->Read(hash), photo);
}

TEST_F(FileStoreTest, AMapThatDoesNotReadBeginsAnew) {
  std::string photo = Photo(kPieceBytes + 1), hash = Sha256(photo);
  std::unique_ptr<FileStore> store = Open();
  ASSERT_TRUE(store->Begin(hash, PieceMap::Of(photo)).ok());
  ASSERT_TRUE(store->Put(hash, 0, 0, Piece(photo, 0)).ok());
  std::filesystem::resize_file(Incoming(hash, ".map"), 40);
  store = nullptr;
  store = Open();
  EXPECT_EQ(store->At(hash), Position());
  ASSERT_TRUE(store->Begin(hash, PieceMap::Of(photo)).ok());
  for (uint32_t piece : {0u, 1u}) ASSERT_TRUE(store->Put(hash, piece, 0, Piece(photo, piece)).ok());
  EXPECT_EQ(*store->Read(hash), photo);
}

TEST_F(FileStoreTest, ReceiptsOutliveARestart) {
  std::unique_ptr<FileStore> store = Open();
  std::string hash = *store->Add(Photo(100));
  EXPECT_FALSE(store->Delivered(hash));
  store->SetDelivered(hash, true);
  store = Open();
  EXPECT_TRUE(store->Delivered(hash));
  store->SetDelivered(hash, false);
  store = Open();
  EXPECT_FALSE(store->Delivered(hash));
}

}  // namespace
}  // namespace liaison

// A pack of files and the list of a backup. Nothing in them is compressed, so they come out byte by byte; a signature
// of Ed25519 and a box under drawn keys are the same each time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/codec/file_pack.h"
#include "common/crypto/hash.h"
#include "tests/golden/golden.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

class GoldenFiles : public ::testing::Test {
 protected:
  GoldenFiles() {
    std::string pattern = ::testing::TempDir() + "/liaison-golden-XXXXXX";
    dir_ = mkdtemp(pattern.data());
  }
  ~GoldenFiles() override { std::filesystem::remove_all(dir_); }

  FilePackDirectory Directory() const {
    FilePackDirectory directory;
    directory.complete = true;
    directory.held = {Sha256("held")};
    directory.files = {{Sha256(one_), one_.size()}, {Sha256(two_), two_.size()}};
    return directory;
  }
  std::string Make() {
    SeededRandom random(32);
    FilePackOrder order;
    order.name = "0123456789abcdef";
    order.recipient_key = recipient_.public_key;
    order.maker_key_id = KeyId(maker_.public_key);
    order.directory = Directory();
    order.bytes_of = [this](const PackedFile& file) { return file.size == one_.size() ? one_ : two_; };
    order.sign = [this](std::string_view bytes) {
      return sync::Seal{KeyId(maker_.public_key), kEd25519, Sign(maker_, bytes)};
    };
    order.random = &random;
    Must(WriteFilePack(dir_ + "/made", order));
    std::ifstream in(dir_ + "/made", std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  }

  const std::string one_ = "\xff\xd8\xff\xe0 a photo", two_ = "%PDF- a scan of two pages";
  std::string dir_;
  SeededRandom keys_{31};
  const KeyPair maker_ = GenerateKeyPair(&keys_), recipient_ = GenerateKeyPair(&keys_);
};

TEST_F(GoldenFiles, Pack) {
  if (std::getenv("LIAISON_REWRITE_GOLDEN") != nullptr)
    golden::Check("files-pack", golden::BytesText("a pack to the hub: two files, one name held; keys of SeededRandom "
                                                  "31, drawn from 32",
                                                  Make()));
  const std::string bytes = golden::BytesOf(golden::ReadText("files-pack"));
  ASSERT_FALSE(bytes.empty());
  std::ofstream(dir_ + "/read", std::ios::binary) << bytes;
  std::unique_ptr<FilePackReader> pack = Must(FilePackReader::Open(dir_ + "/read"));
  Must(pack->CheckWhole());
  Must(pack->CheckMaker(maker_.public_key));
  EXPECT_EQ(pack->start().name, "0123456789abcdef");
  EXPECT_EQ(pack->start().use, FilePackUse::kToHub);
  const FilePackDirectory directory = Must(pack->Directory(recipient_));
  EXPECT_EQ(directory, Directory());
  EXPECT_EQ(Must(pack->File(recipient_, directory, 0)), one_);
  EXPECT_EQ(Must(pack->File(recipient_, directory, 1)), two_);
  EXPECT_EQ(Hex(Make()), Hex(bytes));
}

TEST_F(GoldenFiles, List) {
  FileList list;
  list.archive_id = "0123456789abcdef";
  list.key_id = KeyId(recipient_.public_key);
  list.lacking = 3;
  list.files = Directory().files;
  golden::Check("files-list", golden::BytesText("the files of one backup", EncodeFileList(list)));
  EXPECT_EQ(Must(DecodeFileList(golden::BytesOf(golden::ReadText("files-list")))), list);
}

}  // namespace
}  // namespace liaison

// Photos and files beside a bundle: real stations and a real hub with a stick between them.
#include <gmock/gmock.h>

#include "common/codec/file_pack.h"
#include "tests/attachments/files.h"
#include "tests/bundle/stick.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kPlenty = 512 << 20;

class BundleFiles : public StickTest {
 protected:
  // The bundle's path on the stick; the pack lies beside it if there is one.
  template <typename Node>
  std::string Out(Node* node, const std::string& name, v1::ExportBundleRequest request, int64_t bytes = kPlenty) {
    request.set_files_bytes(bytes);
    const std::string bundle = Export(node, name, request);
    if (!exported_.files_spool().empty())
      fs::rename(SpoolFolder(Dir(name)) + "/" + exported_.files_spool(), FilesNameOf(bundle));
    return bundle;
  }
  std::string Up(StationNode* station, int64_t bytes = kPlenty) { return Out(station, "D057", {}, bytes); }
  std::string Down(StationNode* station) {
    v1::ExportBundleRequest request;
    request.set_station_id("HK-D057");
    request.set_device(station->config().node_id());
    return Out(hub_.get(), "hub", request);
  }
  template <typename Node>
  v1::ImportBundleResponse In(Node* node, const std::string& name, const std::string& bundle) {
    v1::ImportBundleRequest request;
    request.set_spool(NewSpoolName(&random_));
    fs::copy_file(bundle, *SpoolPath(Dir(name), request.spool()));
    if (fs::exists(FilesNameOf(bundle))) {
      request.set_files_spool(NewSpoolName(&random_));
      fs::copy_file(FilesNameOf(bundle), *SpoolPath(Dir(name), request.files_spool()));
    }
    v1::ImportBundleResponse response = Must(node->bundles()->Import(request));
    EXPECT_TRUE(fs::is_empty(SpoolFolder(Dir(name))));
    return response;
  }
  v1::ImportBundleResponse AtHub(const std::string& bundle) { return In(hub_.get(), "hub", bundle); }

  // Three photos of one matter, the first attached first.
  std::vector<std::string> ThreePhotos(StationNode* station) {
    const std::string matter = Visit(station, "三组水渠垮了");
    std::vector<std::string> hashes;
    const char* names[] = {"甲.jpg", "乙.jpg", "丙.jpg"};
    for (uint64_t i = 0; i < 3; ++i) {
      hashes.push_back(Attach(station, matter, Photo(100'000, i + 1), names[i]));
      const auto day = fs::file_time_type::clock::now() - std::chrono::hours(72 - 24 * i);
      fs::last_write_time(PathIn(Dir("D057/files"), hashes.back()), day);
    }
    return hashes;
  }
  // A pack of one file beside a bundle, as a station would sign it.
  void PutPack(const std::string& bundle, StationNode* maker, const KeyPair* other, const std::string& file,
               const std::string& content = "") {
    FilePackOrder order;
    order.name = Must(BundleReader::Open(bundle))->header().bundle_id;
    order.recipient_key = maker->config().hub_public_key();
    order.directory.files = {{Sha256(file), file.size()}};
    order.bytes_of = [bytes = content.empty() ? file : content](const PackedFile&) { return bytes; };
    order.sign = maker->store()->options().sign;
    if (other != nullptr)
      order.sign = [other](std::string_view text) {
        return sync::Seal{KeyId(other->public_key), other->algorithm, Sign(*other, text)};
      };
    order.maker_key_id = order.sign("").key_id;
    order.random = &random_;
    Must(WriteFilePack(FilesNameOf(bundle), order));
  }
};

TEST_F(BundleFiles, GoUpAndTheHubSaysThatItHasThem) {
  auto station = Enrol("D057", "HK-D057");
  const std::string photo = Photo(300'000), hash = Attach(station.get(), Visit(station.get(), "水"), photo, "渠.jpg");
  const std::string bundle = Up(station.get());
  EXPECT_EQ(exported_.files(), 1);
  v1::ImportBundleResponse taken = AtHub(bundle);
  EXPECT_EQ(taken.files(), 1);
  EXPECT_EQ(taken.files_new(), 1);
  EXPECT_THAT(taken.problems(), IsEmpty());
  EXPECT_EQ(Must(hub_->files()->Read(hash)), photo);
  EXPECT_FALSE(station->files()->Delivered(hash));  // a stick is no receipt

  taken = In(station.get(), "D057", Down(station.get()));
  EXPECT_EQ(exported_.files(), 0);  // the station has said that it has this one
  EXPECT_THAT(taken.problems(), IsEmpty());
  EXPECT_TRUE(station->files()->Delivered(hash));
  Up(station.get());
  EXPECT_EQ(exported_.files(), 0);
}

TEST_F(BundleFiles, GoDownToADeviceThatLacksThem) {
  auto station = Enrol("D057", "HK-D057"), other = Enrol("B", "HK-D057");
  const std::string photo = Photo(200'000), hash = Attach(station.get(), Visit(station.get(), "水"), photo, "渠.jpg");
  AtHub(Up(station.get()));
  v1::ImportBundleResponse taken = In(other.get(), "B", Down(other.get()));
  EXPECT_EQ(taken.files_new(), 1);
  EXPECT_EQ(Must(other->files()->Read(hash)), photo);
  EXPECT_TRUE(other->files()->Delivered(hash));  // it came from there
}

TEST_F(BundleFiles, AnOlderProgramTakesTheRecordsAndPassesThePackOver) {
  auto station = Enrol("D057", "HK-D057");
  const std::string matter = Visit(station.get(), "三组水渠垮了");
  Attach(station.get(), matter, Photo(1000), "渠.jpg");
  const std::string bundle = Up(station.get());
  ASSERT_TRUE(fs::exists(FilesNameOf(bundle)));
  v1::ImportBundleResponse taken = Must(ToHub(bundle));  // knows no pack
  EXPECT_GT(taken.ops_new(), 0);
  EXPECT_THAT(taken.problems(), IsEmpty());
  EXPECT_EQ(Title(hub_.get(), matter), "三组水渠垮了");
  // And an older command asks for none.
  Export(station.get(), "D057");
  EXPECT_EQ(exported_.files_spool(), "");
}

TEST_F(BundleFiles, TheOldestGoFirstAndTheRestNextTime) {
  auto station = Enrol("D057", "HK-D057");
  const std::vector<std::string> hashes = ThreePhotos(station.get());
  AtHub(Up(station.get(), 250'000));
  EXPECT_EQ(exported_.files(), 2);
  EXPECT_EQ(exported_.files_left(), 1);
  EXPECT_LE(exported_.files_bytes(), 250'000);
  EXPECT_THAT(exported_.notes(), ElementsAre(AllOf(HasSubstr("还有 1 个"), HasSubstr("下次再带"))));
  EXPECT_TRUE(hub_->files()->Has(hashes[0]) && hub_->files()->Has(hashes[1]));
  EXPECT_FALSE(hub_->files()->Has(hashes[2]));
  In(station.get(), "D057", Down(station.get()));
  AtHub(Up(station.get(), 250'000));
  EXPECT_EQ(exported_.files(), 1);
  EXPECT_TRUE(hub_->files()->Has(hashes[2]));
}

TEST_F(BundleFiles, AStickWithoutRoomStillCarriesTheRecords) {
  auto station = Enrol("D057", "HK-D057");
  ThreePhotos(station.get());
  v1::ExportBundleRequest request;
  request.set_room(1'200'000);
  const std::string bundle = Out(station.get(), "D057", request);
  EXPECT_EQ(exported_.files(), 1);
  request.set_room(1);
  const std::string bare = Out(station.get(), "D057", request);
  EXPECT_EQ(exported_.files_spool(), "");
  EXPECT_EQ(exported_.files_left(), 3);
  EXPECT_THAT(exported_.notes(), ElementsAre(HasSubstr("3 个没有带上")));
  EXPECT_GT(AtHub(bare).ops_new(), 0);
}

TEST_F(BundleFiles, WhatIsDamagedOrCutOffIsNamedAndTheRestIsKept) {
  auto station = Enrol("D057", "HK-D057");
  const std::vector<std::string> hashes = ThreePhotos(station.get());
  const std::string bundle = Up(station.get()), pack = FilesNameOf(bundle), whole = ReadBytes(pack);
  const size_t third = whole.size() - kSha256Size - BoxLength(100'000);
  std::string bad = whole.substr(0, third + 50'000);
  bad[third - 2 * BoxLength(100'000) + 5'000] ^= 1;
  WriteBytes(pack, bad);
  EXPECT_TRUE(absl::IsDataLoss(Must(FilePackReader::Open(pack))->CheckWhole()));
  v1::ImportBundleResponse taken = AtHub(bundle);
  EXPECT_EQ(taken.files(), 3);
  EXPECT_EQ(taken.files_new(), 1);
  EXPECT_THAT(taken.problems(), ElementsAre(AllOf(HasSubstr("2 个没有收（甲.jpg、丙.jpg）"), HasSubstr("已损坏"))));
  EXPECT_TRUE(hub_->files()->Has(hashes[1]));
  EXPECT_EQ(FilesBelow(Dir("hub/files")).size(), 1u);

  WriteBytes(pack, whole);
  taken = AtHub(bundle);
  EXPECT_EQ(taken.files_new(), 2);
  EXPECT_THAT(taken.problems(), IsEmpty());
  taken = AtHub(bundle);  // and once more
  EXPECT_EQ(taken.files(), 3);
  EXPECT_EQ(taken.files_new(), 0);
  EXPECT_THAT(taken.problems(), IsEmpty());
}

TEST_F(BundleFiles, AnyCutOrFlippedByteOfTheHeadCostsThePackAndNoRecord) {
  auto station = Enrol("D057", "HK-D057");
  Attach(station.get(), Visit(station.get(), "水"), Photo(1000), "渠.jpg");
  const std::string bundle = Up(station.get()), pack = FilesNameOf(bundle), whole = ReadBytes(pack);
  const size_t head = whole.size() - kSha256Size - BoxLength(1000);
  for (size_t at = 0; at < head; at += 13) {
    std::string bad = whole;
    bad[at] ^= 0x20;
    WriteBytes(pack, at % 2 == 0 ? bad : whole.substr(0, at));
    v1::ImportBundleResponse taken = AtHub(bundle);
    EXPECT_EQ(taken.files_new(), 0) << at;
    EXPECT_THAT(taken.problems(), ElementsAre(HasSubstr("照片和文件没有收"))) << at;
  }
  EXPECT_THAT(FilesBelow(Dir("hub/files")), IsEmpty());
}

TEST_F(BundleFiles, AFullDiskIsSaidAndTheRecordsAreTaken) {
  auto station = Enrol("D057", "HK-D057");
  ThreePhotos(station.get());
  const std::string bundle = Up(station.get());
  hub_free_ = kFileReserveBytes;
  v1::ImportBundleResponse taken = AtHub(bundle);
  EXPECT_GT(taken.ops_new(), 0);
  EXPECT_EQ(taken.files_new(), 0);
  EXPECT_THAT(taken.problems(), ElementsAre(AllOf(HasSubstr("还有 3 个照片和文件没有收"), HasSubstr("磁盘只剩"))));
  EXPECT_THAT(FilesBelow(Dir("hub/files")), IsEmpty());
  hub_free_ = uint64_t{1} << 40;
  EXPECT_EQ(AtHub(bundle).files_new(), 3);
}

TEST_F(BundleFiles, AFileThatNoRecordNamesIsNotTaken) {
  auto station = Enrol("D057", "HK-D057");
  Visit(station.get(), "水");
  const std::string bundle = Up(station.get());
  PutPack(bundle, station.get(), nullptr, Photo(1000, 77));
  v1::ImportBundleResponse taken = AtHub(bundle);
  EXPECT_EQ(taken.files(), 1);
  EXPECT_EQ(taken.files_new(), 0);
  EXPECT_THAT(taken.problems(), ElementsAre(HasSubstr("没有记录引用")));
  EXPECT_THAT(FilesBelow(Dir("hub/files")), IsEmpty());
}

TEST_F(BundleFiles, BytesOfAnotherFileAreNotTaken) {
  auto station = Enrol("D057", "HK-D057");
  const std::string photo = Photo(1000, 1);
  Attach(station.get(), Visit(station.get(), "水"), photo, "渠.jpg");
  const std::string bundle = Up(station.get());
  PutPack(bundle, station.get(), nullptr, photo, Photo(1000, 2));
  v1::ImportBundleResponse taken = AtHub(bundle);
  EXPECT_EQ(taken.files_new(), 0);
  EXPECT_THAT(taken.problems(), ElementsAre(HasSubstr("1 个没有收（渠.jpg）")));
  EXPECT_THAT(FilesBelow(Dir("hub/files")), IsEmpty());
}

TEST_F(BundleFiles, APackOfAnotherMakerOrOfAnotherBundleIsNotOpened) {
  auto station = Enrol("D057", "HK-D057");
  const std::string photo = Photo(1000);
  Attach(station.get(), Visit(station.get(), "水"), photo, "渠.jpg");
  const std::string first = Up(station.get()), second = Up(station.get());
  const KeyPair stranger = GenerateKeyPair(&random_);
  PutPack(first, station.get(), &stranger, photo);
  EXPECT_THAT(AtHub(first).problems(), ElementsAre(HasSubstr("签名不对")));
  fs::copy_file(FilesNameOf(second), FilesNameOf(first), fs::copy_options::overwrite_existing);
  EXPECT_THAT(AtHub(first).problems(), ElementsAre(HasSubstr("不是这个数据包的")));
  EXPECT_FALSE(hub_->files()->Has(Sha256(photo)));
}

TEST_F(BundleFiles, NobodyButTheRecipientReadsThem) {
  auto station = Enrol("D057", "HK-D057");
  const std::string photo = Photo(5000);
  Attach(station.get(), Visit(station.get(), "水"), photo, "渠.jpg");
  const std::string pack = FilesNameOf(Up(station.get())), bytes = ReadBytes(pack);
  EXPECT_EQ(bytes.find(photo.substr(100, 32)), std::string::npos);
  EXPECT_EQ(bytes.find(Sha256(photo)), std::string::npos);
  const KeyPair stranger = GenerateKeyPair(&random_);
  EXPECT_TRUE(absl::IsPermissionDenied(Must(FilePackReader::Open(pack))->Directory(stranger).status()));
}

TEST_F(BundleFiles, AnotherStationCarriesThemUnread) {
  auto station = Enrol("D057", "HK-D057"), area = Enrol("B", "HK-D058");
  const std::string hash = Attach(station.get(), Visit(station.get(), "水"), Photo(1000), "渠.jpg");
  const std::string bundle = Up(station.get());
  v1::ImportBundleResponse kept = In(area.get(), "B", bundle);
  EXPECT_TRUE(kept.carried());
  EXPECT_THAT(kept.problems(), IsEmpty());
  EXPECT_THAT(FilesBelow(Dir("B/files")), IsEmpty());
  const std::string carried = CarriedFolder(Dir("B")) + "/" + fs::path(bundle).filename().string();
  EXPECT_EQ(ReadBytes(FilesNameOf(carried)), ReadBytes(FilesNameOf(bundle)));
  EXPECT_EQ(AtHub(carried).files_new(), 1);
  EXPECT_TRUE(hub_->files()->Has(hash));
}

}  // namespace
}  // namespace liaison

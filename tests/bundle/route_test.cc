// Who may open, who may carry, and what happens when disks are copied, restored or only half reached.
#include <gmock/gmock.h>

#include "common/base/text.h"
#include "tests/bundle/stick.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;

constexpr char kWords[] = "三组水渠垮了二十来米没人管";

// Whether any file below the folder holds the text.
bool HoldsText(const std::string& folder, const std::string& text) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && ReadBytes(entry.path().string()).find(text) != std::string::npos) return true;
  return false;
}

TEST_F(StickTest, AnAreaStationCarriesWhatItCannotRead) {
  auto station = Enrol("D057", "HK-D057");
  auto area = Enrol("P008", "HK-P008");
  std::string matter = Visit(station.get(), kWords);
  std::string up = Export(station.get(), "D057");
  EXPECT_FALSE(HoldsText(Dir("D057"), kWords));
  EXPECT_FALSE(HoldsText(Dir("stick"), kWords));
  WriteBytes(Dir("stick/note"), Cat("……", kWords));
  EXPECT_TRUE(HoldsText(Dir("stick"), kWords)) << "the search finds what is there";
  std::filesystem::remove(Dir("stick/note"));

  Rows before = Dump(*area->store());
  absl::StatusOr<v1::ImportBundleResponse> taken = Import(area.get(), "P008", up);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_TRUE(taken->carried());
  EXPECT_EQ(Dump(*area->store()), before);
  std::string carried = CarriedFolder(Dir("P008")) + "/" + taken->file_name();
  EXPECT_EQ(ReadBytes(carried), ReadBytes(up));
  EXPECT_FALSE(HoldsText(Dir("P008"), kWords));
  absl::StatusOr<KeyPair> key = LoadKeyPair(KeyPath(Dir("P008")));
  ASSERT_TRUE(key.ok());
  EXPECT_EQ((*BundleReader::Open(carried))->Read(*key, {}).code(), absl::StatusCode::kPermissionDenied);

  // A damaged one is not carried: the maker is in the roster of every station.
  std::string bytes = ReadBytes(up);
  bytes[DecodeBundleHeader(bytes)->body_at - 100] ^= 1;
  WriteBytes(Dir("stick/bad"), bytes);
  EXPECT_FALSE(Import(area.get(), "P008", Dir("stick/bad")).ok());

  ASSERT_TRUE(ToHub(carried).ok());
  EXPECT_EQ(Title(hub_.get(), matter), kWords);
  taken = Import(area.get(), "P008", ExportFor("HK-D057"));
  ASSERT_TRUE(taken.ok()) << taken.status();
  ASSERT_TRUE(taken->carried());
  taken = Import(station.get(), "D057", CarriedFolder(Dir("P008")) + "/" + taken->file_name());
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(Pending(station.get()), 0u);
}

TEST_F(StickTest, TheWrongRecipientIsTold) {
  auto station = Enrol("D057", "HK-D057");
  Visit(station.get(), kWords);
  std::string up = Export(station.get(), "D057");
  // Its own, back on the stick: nothing is taken, and nothing is wrong.
  Rows before = Dump(*station->store());
  absl::StatusOr<v1::ImportBundleResponse> own = Import(station.get(), "D057", up);
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_TRUE(own->own());
  EXPECT_EQ(Dump(*station->store()), before);
  std::string down = ExportFor("HK-D057");
  before = Dump(*hub_->store());
  own = ToHub(down);
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_TRUE(own->own());
  EXPECT_EQ(Dump(*hub_->store()), before);
  // A file that is not in the spool, or has a path for a name, is nobody's.
  v1::ImportBundleRequest request;
  for (const char* name : {"", "../key", "no-such-file", "/etc/passwd"}) {
    request.set_spool(name);
    EXPECT_FALSE(hub_->bundles()->Import(request).ok()) << name;
  }
  EXPECT_TRUE(std::filesystem::exists(Dir("hub/key")));
}

TEST_F(StickTest, AnUnknownSignerIsRefused) {
  auto station = Enrol("D057", "HK-D057");
  Visit(station.get(), kWords);
  // The station's folder with another device's key: never enrolled at this hub.
  auto other = Enrol("D058", "HK-D058");
  KeyPair stranger = GenerateKeyPair(&random_);
  auto make = [&](BundleDirection direction, const std::string& recipient, const std::string& name) {
    BundleHeader header;
    header.direction = direction;
    header.station = "HK-D057";
    header.bundle_id = random_.Bytes(16);
    header.seal = {KeyId(stranger.public_key), kEd25519, ""};
    auto writer = Must(BundleWriter::Create(Dir("stick"), header, recipient, &random_));
    EXPECT_TRUE(writer
                    ->Finish(Dir(name),
                             [&](std::string_view bytes) {
                               return sync::Seal{KeyId(stranger.public_key), kEd25519, Sign(stranger, bytes)};
                             })
                    .ok());
    return Dir(name);
  };
  Rows before = Dump(*hub_->store());
  std::string up = make(BundleDirection::kToHub, station->config().hub_public_key(), "stick/up");
  EXPECT_EQ(ToHub(up).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Dump(*hub_->store()), before);
  absl::StatusOr<KeyPair> key = LoadKeyPair(KeyPath(Dir("D057")));
  ASSERT_TRUE(key.ok());
  before = Dump(*station->store());
  std::string down = make(BundleDirection::kToStation, key->public_key, "stick/down");
  EXPECT_EQ(Import(station.get(), "D057", down).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Dump(*station->store()), before);
  // A registered device cannot speak for another station.
  std::string foreign = Export(other.get(), "D058");
  std::string bytes = ReadBytes(foreign);
  absl::StatusOr<BundleStart> start = DecodeBundleHeader(bytes);
  ASSERT_TRUE(start.ok());
  BundleHeader header = start->header;
  header.station = "HK-D057";
  header.seal = other->store()->options().sign(BundleSigningBytes(header));
  WriteBytes(Dir("stick/foreign"), EncodeBundleHeader(header) + bytes.substr(start->body_at));
  EXPECT_EQ(ToHub(Dir("stick/foreign")).status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(StickTest, TwoClonesOneByStickOnly) {
  auto first = Enrol("D057", "HK-D057");
  Visit(first.get(), "共同的");
  first.reset();
  CopyFolder("D057", "D057-clone");
  first = Open("D057");
  auto second = Open("D057-clone");
  std::vector<std::string> matters;
  for (int week = 0; week < 3; ++week) {
    matters.push_back(Visit(first.get(), "联网的" + std::to_string(week)));
    PushByLink(first.get());
    matters.push_back(Visit(second.get(), "走 U 盘的" + std::to_string(week)));
    absl::StatusOr<v1::ImportBundleResponse> taken = ToHub(Export(second.get(), "D057-clone"));
    ASSERT_TRUE(taken.ok()) << taken.status();
    EXPECT_EQ(taken->problems_size(), 0);
    taken = Import(second.get(), "D057-clone", ExportFor("HK-D057"));
    ASSERT_TRUE(taken.ok()) << taken.status();
    EXPECT_EQ(taken->problems_size(), 0);
    EXPECT_EQ(Pending(second.get()), 0u);
    ExpectInStep(second.get());
  }
  for (const std::string& matter : matters) {
    EXPECT_EQ(Title(hub_.get(), matter).find('('), std::string::npos) << matter;
    EXPECT_EQ(Title(second.get(), matter), Title(hub_.get(), matter));
  }
  // What was made for the one disk goes on after what the other has: named, and nothing of that feed is taken.
  Visit(second.get(), "最后的");
  ASSERT_TRUE(ToHub(Export(second.get(), "D057-clone")).ok());
  std::string down = ExportFor("HK-D057");
  absl::StatusOr<v1::ImportBundleResponse> taken = Import(first.get(), "D057", down);
  ASSERT_TRUE(taken.ok()) << taken.status();
  ASSERT_GT(taken->problems_size(), 0);
  EXPECT_THAT(taken->problems(0), HasSubstr("缺少第 1 至 "));
  EXPECT_FALSE(first->store()->FeedHead("point:HK-D057").has_value());
  taken = Import(first.get(), "D057", ExportFor("HK-D057", true));
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->problems_size(), 0);
  ExpectInStep(first.get());
}

TEST_F(StickTest, TwoDevicesAreToldApart) {
  auto first = Enrol("D057", "HK-D057");
  auto second = Enrol("D057-b", "HK-D057");
  v1::ExportBundleRequest request;
  request.set_station_id("HK-D057");
  absl::Status status = hub_->bundles()->Export(request).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr(second->config().node_id()));
  request.set_device(second->config().node_id());
  std::string down = Export(hub_.get(), "hub", request);
  absl::StatusOr<v1::ImportBundleResponse> taken = Import(second.get(), "D057-b", down);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_FALSE(taken->carried());
  taken = Import(first.get(), "D057", down);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_TRUE(taken->carried());
}

// The hub was restored to a day before the last link. By stick alone: it names what it lacks, its answer lowers what
// the station had noted, and the next stick brings it.
TEST_F(StickTest, AHubThatLostSomethingGetsItBack) {
  auto station = Enrol("D057", "HK-D057");
  Visit(station.get(), "一");
  PushByLink(station.get());
  hub_.reset();
  CopyFolder("hub", "hub-old");
  OpenHub();
  std::string lost = Visit(station.get(), "二");
  PushByLink(station.get());
  hub_.reset();
  std::filesystem::remove_all(Dir("hub"));
  CopyFolder("hub-old", "hub");
  OpenHub();

  std::string last = Visit(station.get(), "三");
  absl::StatusOr<v1::ImportBundleResponse> taken = ToHub(Export(station.get(), "D057"));
  ASSERT_TRUE(taken.ok()) << taken.status();
  ASSERT_EQ(taken->problems_size(), 1);
  EXPECT_THAT(taken->problems(0), HasSubstr("前面还缺第 "));
  uint64_t pending = Pending(station.get());
  taken = Import(station.get(), "D057", ExportFor("HK-D057"));
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_GT(Pending(station.get()), pending);
  taken = ToHub(Export(station.get(), "D057"));
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->problems_size(), 0);
  EXPECT_EQ(Title(hub_.get(), lost), "二");
  EXPECT_EQ(Title(hub_.get(), last), "三");
  taken = Import(station.get(), "D057", ExportFor("HK-D057"));
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(Pending(station.get()), 0u);
}

// Feeds that differ behind a common point are left alone and named, whichever of the two is the older.
TEST_F(StickTest, AFeedOfAnotherHistoryIsLeftAlone) {
  auto station = Enrol("D057", "HK-D057");
  hub_.reset();
  CopyFolder("hub", "hub-old");
  OpenHub();
  Visit(station.get(), "一");
  ASSERT_TRUE(ToHub(Export(station.get(), "D057")).ok());
  auto other = Enrol("D058", "HK-D058");  // "all" goes on
  ASSERT_TRUE(Import(station.get(), "D057", ExportFor("HK-D057")).ok());
  hub_.reset();
  std::filesystem::remove_all(Dir("hub"));
  CopyFolder("hub-old", "hub");
  OpenHub();
  auto third = Enrol("D059", "HK-D059");
  Rows before = Dump(*station->store());
  absl::StatusOr<v1::ImportBundleResponse> taken = Import(station.get(), "D057", ExportFor("HK-D057", true));
  ASSERT_TRUE(taken.ok()) << taken.status();
  ASSERT_EQ(taken->problems_size(), 1);
  EXPECT_THAT(taken->problems(0), HasSubstr("公共名册：本站收到的与镇中心的不一致"));
  EXPECT_EQ(Dump(*station->store()), before);
}

}  // namespace
}  // namespace liaison

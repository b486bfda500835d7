// Files between stations and the hub, over real TLS sockets.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>

#include "absl/cleanup/cleanup.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "liaison/v1/attachments.grpc.pb.h"
#include "tests/attachments/cutting_relay.h"
#include "tests/attachments/files.h"
#include "tests/testing/must.h"
#include "tests/trust/town.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What the hub's threads call, and a test sets.
class Hook {
 public:
  // From now on `f`, or nothing. Returns when no call of the one before goes on any more, since that may use what the
  // test is about to leave.
  void Set(std::function<void()> f) {
    absl::MutexLock lock(&mutex_);
    f_ = nullptr;
    mutex_.Await(absl::Condition(+[](int* inside) { return *inside == 0; }, &inside_));
    f_ = std::move(f);
  }
  void Call() {
    std::function<void()> f;
    {
      absl::MutexLock lock(&mutex_);
      if (!f_) return;
      f = f_;
      ++inside_;
    }
    f();
    absl::MutexLock lock(&mutex_);
    --inside_;
  }

 private:
  absl::Mutex mutex_;
  std::function<void()> f_ ABSL_GUARDED_BY(mutex_);
  int inside_ ABSL_GUARDED_BY(mutex_) = 0;
};

// A town whose hub tells of every piece that comes, before it is kept.
class Transfer : public ::testing::Test {
 protected:
  Transfer() : town_(HubOptions()) {}

  // `f` is called for every piece until the guard ends. Declare it after all that `f` uses.
  [[nodiscard]] auto AtHub(std::function<void()> f) {
    at_hub_.Set(std::move(f));
    return absl::MakeCleanup([this] { at_hub_.Set(nullptr); });
  }
  HubNode::Options HubOptions() {
    HubNode::Options options;
    options.files.free_bytes = [this](const std::string&) -> absl::StatusOr<uint64_t> {
      at_hub_.Call();
      return hub_free_;
    };
    return options;
  }
  std::unique_ptr<StationNode> Open(const std::string& folder, const std::string& address = "", bool link = true) {
    StationNode::Options options;
    options.dir = town_.Dir(folder);
    options.kv = NewMemoryKv();
    options.clock = &town_.clock;
    options.hub_address = address;
    options.link = link;
    options.retry_delay_ms = 5;
    options.retry_delay_ms_max = 20;
    options.ask_files_again_ms = 20;
    return Must(StationNode::Open(std::move(options)));
  }
  static std::string ActionId() { return Hex(SystemRandom()->Bytes(kActionIdBytes)); }
  static std::string NewSession(StationNode* station) {
    v1::OpenSessionRequest request;
    request.set_action_id(ActionId());
    request.mutable_session()->set_date("2026-11-20");
    request.mutable_session()->add_deputies()->set_deputy_id("R001");
    return Must(station->reception()->OpenSession(request)).session().id();
  }
  static v1::FileView Attach(StationNode* station, const std::string& id, const std::string& file) {
    v1::StoreFileRequest store;
    store.set_content(file);
    auto stored = Must(station->file_desk()->StoreFile(store));
    v1::AttachFileRequest attach;
    attach.set_action_id(ActionId());
    attach.set_id(id);
    attach.set_hash(stored.hash());
    attach.set_name("签到表.jpg");
    return Must(station->file_desk()->AttachFile(attach)).file();
  }
  bool AwaitTransfer(StationNode* station, const std::function<bool()>& done) {
    return station->transfer()->AwaitState([&](const FileTransfer::State&) { return done(); }, kSoon);
  }
  bool AwaitDelivered(StationNode* station, const std::string& hash) {
    return AwaitTransfer(station, [&] { return station->files()->Delivered(hash); });
  }
  std::string HubDir() const { return town_.Dir("hub") + "/files"; }
  std::unique_ptr<v1::AttachmentService::Stub> StubOf(const Town::Device& device) {
    return v1::AttachmentService::NewStub(
        ChannelAs(town_.address(), DeviceIdentity(device.key, device.certificate.der)));
  }

  std::atomic<uint64_t> hub_free_{uint64_t{1} << 40};
  Hook at_hub_;
  Town town_;
};

v1::PutPieceRequest FirstPiece(const std::string& file) {
  PieceMap map = PieceMap::Of(file);
  v1::PutPieceRequest request;
  request.set_hash(Sha256(file));
  request.set_hash_algorithm(kSha256);
  request.set_size(map.size);
  for (const std::string& hash : map.hashes) request.mutable_piece_hashes()->append(hash);
  request.set_data(file.substr(0, kPieceBytes));
  return request;
}

grpc::Status Put(v1::AttachmentService::Stub* stub, const v1::PutPieceRequest& request) {
  grpc::ClientContext context;
  v1::PutPieceResponse response;
  return stub->PutPiece(&context, request, &response);
}

grpc::Status Get(v1::AttachmentService::Stub* stub, const std::string& hash, std::string* data) {
  grpc::ClientContext context;
  v1::GetPieceRequest request;
  request.set_hash(hash);
  request.set_with_hashes(true);
  request.set_length(1'000);
  v1::GetPieceResponse response;
  grpc::Status status = stub->GetPiece(&context, request, &response);
  *data = response.data();
  return status;
}

v1::StatFilesResponse Stat(v1::AttachmentService::Stub* stub, const std::vector<std::string>& hashes) {
  grpc::ClientContext context;
  v1::StatFilesRequest request;
  for (const std::string& hash : hashes) request.add_hashes(hash);
  v1::StatFilesResponse response;
  grpc::Status status = stub->Stat(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

TEST_F(Transfer, APhotoArrivesBehindItsRecord) {
  town_.EnrolDevice("a", "D057");
  std::string photo = Photo(300'000), hash = Sha256(photo);
  std::atomic<int> pieces{0}, too_early{0};
  const auto at_hub = AtHub([&] {
    ++pieces;
    too_early += FileRefsOf(*town_.hub().store()->Snapshot(), hash).empty() ? 1 : 0;
  });
  std::unique_ptr<StationNode> station = Open("a");
  std::string session = NewSession(station.get());
  v1::FileView view = Attach(station.get(), session, photo);
  EXPECT_EQ(view.state(), v1::FILE_SAVED);
  EXPECT_EQ(view.mime(), "image/jpeg");
  EXPECT_EQ(view.size(), 300'000);
  ASSERT_TRUE(AwaitDelivered(station.get(), hash)) << station->transfer()->state().trouble;
  EXPECT_GE(pieces.load(), 5);
  EXPECT_EQ(too_early.load(), 0);
  EXPECT_EQ(*town_.hub().files()->Read(hash), photo);
  v1::ListFilesRequest list;
  list.set_id(session);
  EXPECT_EQ(station->file_desk()->ListFiles(list)->files(0).state(), v1::FILE_DELIVERED);
  EXPECT_EQ(town_.hub().file_desk()->ListFiles(list)->files(0).state(), v1::FILE_DELIVERED);
  EXPECT_EQ(town_.hub().file_desk()->Show(Hex(hash))->bytes, photo);
  EXPECT_EQ(station->records()->GetStatus({})->files().to_send(), 0);
}

TEST_F(Transfer, NoPieceGoesWhileRecordsWait) {
  town_.EnrolDevice("a", "D057");
  std::string photo = Photo(1'500'000), hash = Sha256(photo);
  std::unique_ptr<StationNode> station = Open("a");
  ASSERT_TRUE(AwaitSynced(station.get()));
  std::atomic<int> pieces{0}, behind{0};
  const auto at_hub = AtHub([&] {
    if (pieces++ == 0) return;  // the map, in the same call as the first piece
    behind += station->store()->pending_ops() > 0 ? 1 : 0;
    Work(station.get(), "2026-11-20");  // somebody registers while the piece is on its way
  });
  Attach(station.get(), NewSession(station.get()), photo);
  ASSERT_TRUE(AwaitDelivered(station.get(), hash)) << station->transfer()->state().trouble;
  EXPECT_GE(pieces.load(), 20);
  EXPECT_EQ(behind.load(), 0);
}

TEST_F(Transfer, AConnectionThatIsCutAgainAndAgainBringsThePhoto) {
  town_.EnrolDevice("a", "D057");
  constexpr size_t kCutAfter = 24'000;
  CuttingRelay relay(town_.hub().sync_port(), kCutAfter);
  std::string photo = Photo(300'000), hash = Sha256(photo);
  std::unique_ptr<StationNode> station = Open("a", Cat("127.0.0.1:", relay.port()));
  Attach(station.get(), NewSession(station.get()), photo);
  ASSERT_TRUE(AwaitDelivered(station.get(), hash)) << station->transfer()->state().trouble;
  EXPECT_EQ(*town_.hub().files()->Read(hash), photo);
  EXPECT_GE(relay.cuts(), 10u);
  EXPECT_LE(relay.up_bytes(), 4 * photo.size());
  // What had arrived was not sent again.
  EXPECT_LE(station->transfer()->state().bytes_up, photo.size() + 2 * kPieceBytes);
}

TEST_F(Transfer, ARestartGoesOnWhereItWas) {
  town_.EnrolDevice("a", "D057");
  std::string photo = Photo(300'000), hash = Sha256(photo);
  std::atomic<int> pieces{0};
  const auto at_hub = AtHub([&] {
    if (++pieces == 5) hub_free_ = 0;
  });
  std::unique_ptr<StationNode> station = Open("a");
  Attach(station.get(), NewSession(station.get()), photo);
  ASSERT_TRUE(AwaitTransfer(station.get(), [&] { return hub_free_ == 0; }));
  station = nullptr;
  Position at = town_.hub().files()->At(hash);
  EXPECT_TRUE(at.started && !at.whole);
  uint64_t there = uint64_t{at.piece} * kPieceBytes + at.offset;
  EXPECT_GT(there, 10'000u);
  hub_free_ = uint64_t{1} << 40;
  station = Open("a");
  ASSERT_TRUE(AwaitDelivered(station.get(), hash)) << station->transfer()->state().trouble;
  EXPECT_EQ(station->transfer()->state().bytes_up, photo.size() - there);
  EXPECT_EQ(*town_.hub().files()->Read(hash), photo);
}

TEST_F(Transfer, AReplacedBoxFetchesWhatItsRecordsName) {
  town_.EnrolDevice("a", "D057");
  town_.EnrolDevice("new", "D057");
  std::vector<std::string> hashes;
  {
    std::unique_ptr<StationNode> station = Open("a");
    std::string session = NewSession(station.get());
    for (uint64_t seed : {1, 2, 3}) {
      std::string photo = Photo(100'000 * seed, seed);
      Attach(station.get(), session, photo);
      hashes.push_back(Sha256(photo));
      ASSERT_TRUE(AwaitDelivered(station.get(), hashes.back()));
    }
  }
  std::unique_ptr<StationNode> fresh = Open("new");
  for (size_t i = 0; i < hashes.size(); ++i) {
    ASSERT_TRUE(AwaitDelivered(fresh.get(), hashes[i])) << fresh->transfer()->state().trouble;
    EXPECT_EQ(*fresh->files()->Read(hashes[i]), Photo(100'000 * (i + 1), i + 1));
  }
  EXPECT_EQ(fresh->transfer()->state().bytes_down, 600'000u);
  EXPECT_EQ(fresh->records()->GetStatus({})->files().to_fetch(), 0);
}

TEST_F(Transfer, AStationNeitherPutsNorGetsWhatNoRecordOfItsNames) {
  Town::Device own = town_.EnrolDevice("a", "D057"), other = town_.EnrolDevice("b", "D058");
  std::string there = Photo(100'000), coming = Photo(100'000, 2), unknown = Photo(100'000, 3);
  {
    std::unique_ptr<StationNode> station = Open("a");
    std::string session = NewSession(station.get());
    Attach(station.get(), session, there);
    ASSERT_TRUE(AwaitDelivered(station.get(), Sha256(there)));
    hub_free_ = 0;
    Attach(station.get(), session, coming);
    ASSERT_TRUE(station->transfer()->AwaitState([](const auto& s) { return !s.trouble.empty(); }, kSoon));
    EXPECT_THAT(station->records()->GetStatus({})->files().trouble(), HasSubstr("磁盘只剩 0 MB"));
  }
  hub_free_ = uint64_t{1} << 40;
  std::map<std::string, uint64_t> before = FilesBelow(HubDir());
  std::unique_ptr<v1::AttachmentService::Stub> stranger = StubOf(other), member = StubOf(own);
  std::string data;
  for (const std::string& file : {there, coming, unknown}) {
    grpc::Status put = Put(stranger.get(), FirstPiece(file)), get = Get(stranger.get(), Sha256(file), &data);
    EXPECT_EQ(put.error_code(), grpc::StatusCode::NOT_FOUND) << put.error_message();
    EXPECT_EQ(get.error_code(), grpc::StatusCode::NOT_FOUND) << get.error_message();
    EXPECT_EQ(get.error_message(), put.error_message());  // nothing tells them apart
    EXPECT_THAT(data, IsEmpty());
    EXPECT_EQ(Stat(stranger.get(), {Sha256(file)}).files(0).answer(), v1::StatFilesResponse::NOT_NAMED);
  }
  EXPECT_EQ(Stat(stranger.get(), {}).wanted_size(), 0);
  EXPECT_EQ(Put(member.get(), FirstPiece(unknown)).error_code(), grpc::StatusCode::NOT_FOUND);
  v1::PutPieceRequest longer = FirstPiece(coming + "x");
  longer.set_hash(Sha256(coming));
  EXPECT_EQ(Put(member.get(), longer).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  v1::PutPieceRequest unhashed = FirstPiece(coming);
  unhashed.set_hash_algorithm(kSha256 + 256);
  EXPECT_EQ(Put(member.get(), unhashed).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  v1::PutPieceRequest outside = FirstPiece(coming);
  outside.clear_piece_hashes();
  EXPECT_EQ(FilesBelow(HubDir()), before);  // nothing of all that was kept

  EXPECT_TRUE(Get(member.get(), Sha256(there), &data).ok());
  EXPECT_EQ(data, there.substr(0, 1'000));
  EXPECT_EQ(Stat(member.get(), {Sha256(there), Sha256(coming)}).files(0).answer(), v1::StatFilesResponse::HELD);
  EXPECT_EQ(Stat(member.get(), {}).wanted(0).hash(), Sha256(coming));
  EXPECT_TRUE(Put(member.get(), FirstPiece(coming)).ok());
  outside.set_piece(1);
  outside.set_data(coming.substr(kPieceBytes) + "x");
  EXPECT_EQ(Put(member.get(), outside).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  outside.set_data(coming.substr(kPieceBytes));
  EXPECT_TRUE(Put(member.get(), outside).ok());
  EXPECT_TRUE(town_.hub().files()->Has(Sha256(coming)));
}

TEST_F(Transfer, WhatADiskHasChangedComesBackFromTheOtherSide) {
  town_.EnrolDevice("a", "D057");
  std::unique_ptr<StationNode> station = Open("a");
  std::string photo = Photo(200'000), hash = Sha256(photo);
  Attach(station.get(), NewSession(station.get()), photo);
  ASSERT_TRUE(AwaitDelivered(station.get(), hash));

  FlipByte(PathIn(HubDir(), hash), 123'456);
  EXPECT_EQ(town_.hub().files()->ScrubNext(), hash);
  ASSERT_TRUE(AwaitTransfer(station.get(), [&] { return town_.hub().files()->Has(hash); }));
  EXPECT_EQ(*town_.hub().files()->Read(hash), photo);
  EXPECT_EQ(FilesBelow(HubDir()).count("damaged/" + Hex(hash) + "-1"), 1u);
  EXPECT_EQ(town_.hub().records()->GetStatus({})->files().damaged(), 0);
  ASSERT_TRUE(AwaitDelivered(station.get(), hash));

  FlipByte(PathIn(town_.Dir("a") + "/files", hash), 5);
  EXPECT_EQ(station->files()->ScrubNext(), hash);
  ASSERT_TRUE(AwaitTransfer(station.get(), [&] { return station->files()->Has(hash); }));
  EXPECT_EQ(*station->files()->Read(hash), photo);
}

TEST_F(Transfer, AFileThatOnlyThisDamagedDiskHadIsShownAsDamaged) {
  town_.EnrolDevice("a", "D057");
  std::unique_ptr<StationNode> station = Open("a", "", false);
  std::string photo = Photo(1'000), hash = Sha256(photo);
  std::string session = NewSession(station.get());
  Attach(station.get(), session, photo);
  EXPECT_EQ(station->records()->GetStatus({})->files().to_send(), 1);
  FlipByte(PathIn(town_.Dir("a") + "/files", hash), 500);
  EXPECT_TRUE(absl::IsDataLoss(station->file_desk()->Show(Hex(hash)).status()));
  v1::FileCounts counts = station->records()->GetStatus({})->files();
  EXPECT_EQ(counts.to_send(), 0);
  EXPECT_EQ(counts.to_fetch(), 1);
  EXPECT_EQ(counts.damaged(), 1);
  v1::ListFilesRequest list;
  list.set_id(session);
  EXPECT_EQ(station->file_desk()->ListFiles(list)->files(0).state(), v1::FILE_AWAITED);
}

TEST_F(Transfer, WhatHadComeOfAFileGoesWithItsLastRecord) {
  town_.EnrolDevice("a", "D057");
  std::string photo = Photo(300'000), hash = Sha256(photo);
  std::atomic<int> pieces{0};
  const auto at_hub = AtHub([&] {
    if (++pieces == 5) hub_free_ = 0;
  });
  std::unique_ptr<StationNode> station = Open("a");
  std::string session = NewSession(station.get());
  v1::FileView view = Attach(station.get(), session, photo);
  ASSERT_TRUE(AwaitTransfer(station.get(), [&] { return hub_free_ == 0; }));
  EXPECT_GT(FilesBelow(HubDir()).size(), 0u);
  v1::GetRecordRequest get;
  get.set_id(session);
  v1::VoidRecordRequest undo;
  undo.set_action_id(ActionId());
  undo.set_id(view.id());
  undo.set_token(station->records()->GetRecord(get)->record().token());
  undo.set_reason("拍错了");
  ASSERT_TRUE(station->records()->VoidRecord(undo).ok());
  ASSERT_TRUE(Await(*station, [&](const UplinkState&) { return station->store()->pending_ops() == 0; }));
  EXPECT_EQ(town_.hub().records()->GetStatus({})->files().to_fetch(), 0);
  EXPECT_THAT(FilesBelow(HubDir()), IsEmpty());
  EXPECT_TRUE(station->files()->Has(hash));  // here it stays
}

TEST_F(Transfer, AFullHubIsToldAndTheFileGoesOnLater) {
  town_.EnrolDevice("a", "D057");
  hub_free_ = kFileReserveBytes + 1'000;
  std::unique_ptr<StationNode> station = Open("a");
  std::string photo = Photo(50'000), hash = Sha256(photo);
  Attach(station.get(), NewSession(station.get()), photo);
  ASSERT_TRUE(station->transfer()->AwaitState([](const auto& s) { return !s.trouble.empty(); }, kSoon));
  EXPECT_THAT(station->transfer()->state().trouble, HasSubstr("磁盘只剩 300 MB，要留 300 MB 给登记记录"));
  Work(station.get(), "2026-11-20");
  EXPECT_TRUE(
      Await(*station, [&](const UplinkState&) { return station->store()->pending_ops() == 0; }));  // records go on
  hub_free_ = uint64_t{1} << 40;
  EXPECT_TRUE(AwaitDelivered(station.get(), hash));
  ASSERT_TRUE(station->transfer()->AwaitState([](const auto& s) { return s.trouble.empty(); }, kSoon));
}

TEST_F(Transfer, StoppingDoesNotWaitForACall) {
  town_.EnrolDevice("a", "D057");
  absl::Notification came, go;
  std::atomic<bool> waited_for = false;
  const auto at_hub = AtHub([&] {
    if (!came.HasBeenNotified()) came.Notify();
    if (!go.WaitForNotificationWithTimeout(absl::Seconds(40))) waited_for = true;  // a call may take 60
  });
  std::unique_ptr<StationNode> station = Open("a");
  Attach(station.get(), NewSession(station.get()), Photo(100'000));
  came.WaitForNotification();
  station->transfer()->Stop();
  EXPECT_FALSE(waited_for) << "it ended only with the call";
  go.Notify();
}

}  // namespace
}  // namespace liaison

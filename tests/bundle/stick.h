// A hub and stations on disk, with nothing between them but a stick.
#ifndef LIAISON_TESTS_BUNDLE_STICK_H_
#define LIAISON_TESTS_BUNDLE_STICK_H_

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>

#include "common/crypto/hash.h"
#include "hub/desk/setup.h"
#include "tests/testing/must.h"
#include "tests/testing/places.h"
#include "tests/testing/visits.h"
#include "tests/whole/township.h"

namespace liaison {

inline std::string ReadBytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}
inline void WriteBytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

using Rows = std::map<std::string, std::string>;

class StickTest : public ::testing::Test {
 protected:
  static constexpr int64_t kNovember20 = 1'795'136'400'000;  // 2026-11-20 09:00 in the township

  StickTest() : clock_(kNovember20), random_(11) {
    std::filesystem::create_directories(Dir("stick"));
    OpenHub();
    absl::StatusOr<RosterCounts> counts = LoadRoster(InSource("/hub/fixture"), hub_->store());
    EXPECT_TRUE(counts.ok()) << counts.status();
  }

  std::string Dir(const std::string& name) const { return dir_.path() + "/" + name; }
  void OpenHub() {
    hub_.reset();
    HubNode::Options options;
    options.dir = Dir("hub");
    options.create = true;
    options.sync_address = "";
    options.clock = &clock_;
    options.random = &random_;
    options.files.free_bytes = [this](const std::string&) -> absl::StatusOr<uint64_t> { return hub_free_.load(); };
    absl::StatusOr<std::unique_ptr<HubNode>> hub = HubNode::Open(std::move(options));
    ASSERT_TRUE(hub.ok()) << hub.status();
    hub_ = *std::move(hub);
  }
  std::unique_ptr<StationNode> Open(const std::string& name) {
    StationNode::Options options;
    options.dir = Dir(name);
    options.link = false;
    options.clock = &clock_;
    options.random = &random_;
    options.files.free_bytes = [](const std::string&) -> absl::StatusOr<uint64_t> { return uint64_t{1} << 40; };
    return Must(StationNode::Open(std::move(options)));
  }
  std::unique_ptr<StationNode> Enrol(const std::string& name, const std::string& station) {
    EnrolInto(Dir(name), station, hub_.get(), &random_);
    return Open(name);
  }
  void CopyFolder(const std::string& from, const std::string& to) {
    std::filesystem::copy(Dir(from), Dir(to), std::filesystem::copy_options::recursive);
  }

  // A visit with one matter of these words; the matter's id.
  std::string Visit(StationNode* station, const std::string& words) {
    clock_.Advance(60'000);
    v1::OpenSessionRequest open;
    open.set_action_id(ActionId());
    open.mutable_session()->set_date("2026-11-20");
    open.mutable_session()->add_deputies()->set_deputy_id("HK-R001");
    v1::OpenSessionResponse session = Must(station->reception()->OpenSession(open));
    v1::LogVisitRequest request;
    request.set_action_id(ActionId());
    request.set_session_id(session.session().id());
    FillVisit(words, 1, &request);
    request.mutable_visitor()->set_name("王小明");
    request.mutable_visitor()->set_phone("13900001234");
    absl::StatusOr<v1::LogVisitResponse> visit = station->reception()->LogVisit(request);
    EXPECT_TRUE(visit.ok()) << visit.status();
    return visit.ok() ? visit->visit().matters(0).id() : "";
  }
  std::string ActionId() { return Hex(random_.Bytes(kActionIdBytes)); }

  template <typename Node>
  static std::string Title(Node* node, const std::string& id) {
    RecordId record;
    EXPECT_TRUE(ParseRecordId(id, &record)) << id;
    std::optional<Aggregate> matter = node->store()->Read().Load(record);
    return matter ? Show<v1::Matter>(*matter).title() : "(not here)";
  }

  // What is exported lies on the stick; its path. `name`: of the node's folder.
  template <typename Node>
  std::string Export(Node* node, const std::string& name, const v1::ExportBundleRequest& request = {}) {
    absl::StatusOr<v1::ExportBundleResponse> response = node->bundles()->Export(request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return "";
    exported_ = *response;
    std::string path = Dir("stick/") + response->file_name();
    std::filesystem::rename(SpoolFolder(Dir(name)) + "/" + response->spool(), path);
    return path;
  }
  std::string ExportFor(const std::string& station, bool full = false) {
    v1::ExportBundleRequest request;
    request.set_station_id(station);
    request.set_full(full);
    return Export(hub_.get(), "hub", request);
  }
  template <typename Node>
  absl::StatusOr<v1::ImportBundleResponse> Import(Node* node, const std::string& name, const std::string& path) {
    v1::ImportBundleRequest request;
    request.set_spool(NewSpoolName(&random_));
    std::string spool = *SpoolPath(Dir(name), request.spool());
    std::filesystem::copy_file(path, spool);
    absl::StatusOr<v1::ImportBundleResponse> response = node->bundles()->Import(request);
    EXPECT_FALSE(std::filesystem::exists(spool));
    return response;
  }
  absl::StatusOr<v1::ImportBundleResponse> ToHub(const std::string& path) { return Import(hub_.get(), "hub", path); }

  static Rows Dump(const Store& store) {
    Rows rows;
    store.Snapshot()->ScanPrefix("", [&](std::string_view key, std::string_view value) {
      rows.emplace(key, value);
      return true;
    });
    return rows;
  }
  static uint64_t Pending(StationNode* station) { return station->store()->pending_ops(); }

  // A photo for a record; the bytes' hash.
  std::string Attach(StationNode* station, const std::string& id, const std::string& photo, const std::string& name) {
    v1::StoreFileRequest store;
    store.set_content(photo);
    v1::AttachFileRequest attach;
    attach.set_action_id(ActionId());
    attach.set_id(id);
    attach.set_hash(Must(station->file_desk()->StoreFile(store)).hash());
    attach.set_name(name);
    Must(station->file_desk()->AttachFile(attach).status());
    return Sha256(photo);
  }

  // As much of a link as is needed: everything up, with receipts, in ranges of `bytes`.
  void PushByLink(StationNode* station, bool note = true, size_t bytes = 1 << 20, int ranges = 1000) {
    for (const Store::OwnLog& log : station->store()->OwnLogs()) {
      for (uint64_t next = log.acked_seq + 1; next <= log.last_seq && ranges > 0; --ranges) {
        absl::StatusOr<sync::Range> range = station->store()->ReadRange(log.actor, next, bytes);
        ASSERT_TRUE(range.ok()) << range.status();
        auto acks = hub_->store()->ApplyRanges({&*range, 1});
        ASSERT_TRUE(acks.ok()) << acks.status();
        ASSERT_TRUE((*acks)[0].verdicts.empty() && !(*acks)[0].gap);
        if (note) ASSERT_TRUE(station->store()->RecordAck((*acks)[0]).ok());
        next = range->last + 1;
      }
    }
  }
  // Items of one feed, at most `bytes` of them.
  void PullByLink(StationNode* station, const std::string& interest, size_t bytes) {
    std::optional<sync::Cursor> cursor = station->store()->FeedHead(interest);
    auto batch = hub_->store()->ReadFeed(interest, cursor ? cursor->position : 0, "", bytes);
    ASSERT_TRUE(batch.has_value());
    ASSERT_TRUE(station->store()->ApplyFeedBatch(*batch).ok());
  }
  // Whether the station has all that the hub has for it.
  void ExpectInStep(StationNode* station) {
    for (const std::string interest : {"all", "point:HK-D057", "station:HK-D057"}) {
      std::optional<sync::Cursor> here = station->store()->FeedHead(interest), hub = hub_->store()->FeedHead(interest);
      ASSERT_EQ(here.has_value(), hub.has_value()) << interest;
      if (hub) EXPECT_EQ(here->position, hub->position) << interest;
      if (hub) EXPECT_EQ(here->prefix, hub->prefix) << interest;
    }
  }

  TempDir dir_;
  std::atomic<uint64_t> hub_free_{uint64_t{1} << 40};  // bytes of the hub's disk, as its file store sees it
  ManualClock clock_;
  SeededRandom random_;
  std::unique_ptr<HubNode> hub_;
  v1::ExportBundleResponse exported_;  // the last one
};

}  // namespace liaison

#endif  // LIAISON_TESTS_BUNDLE_STICK_H_

// Bundles at a station: its own log as a file for the hub, and the hub's files taken in. A bundle that is sealed to
// somebody else is kept as it is and carried on.
#ifndef LIAISON_STATION_LINK_BUNDLES_H_
#define LIAISON_STATION_LINK_BUNDLES_H_

#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/api/dispatcher.h"
#include "common/attachments/file_book.h"
#include "common/crypto/sign.h"
#include "common/daemon/bundle_spool.h"
#include "common/rules/roster/roster.h"
#include "common/store/store.h"
#include "liaison/v1/bundles.pb.h"

namespace liaison {

// Thread-safe; one call works at a time. The link may go on meanwhile: what either of them has taken, the other passes
// over.
class StationBundles {
 public:
  struct Options {
    std::string dir;
    std::string station_id;
    std::string machine_id;
    std::string hub_public_key;
    KeyPair key;
    Store* store = nullptr;  // these outlive this
    const RosterCache* roster = nullptr;
    FileStore* files = nullptr;
    const FileBook* book = nullptr;
  };
  explicit StationBundles(Options options) : options_(std::move(options)) {}

  // Own ops without a receipt, as signed ranges with heads and keys; the tip; and what this disk has of each feed, so
  // that the hub knows where the way back begins. What a restored hub has lost of its feeds goes along with all bytes,
  // unless the hub has said that it holds it again. Without anything pending it still says these. Beside it a pack of
  // the files that the hub is not known to have, as far as the request allows, and the names of those that are here.
  absl::StatusOr<v1::ExportBundleResponse> Export(const v1::ExportBundleRequest& request);
  // Checks the whole file before it changes anything. When the hub's history is this disk's under a new epoch, the hub
  // was restored: feeds go back to the common point, keeping what lies beyond, and receipts count from new. Any other
  // feed that goes on after what is here, or differs from it, is left alone and named; the rest is taken. Then what the
  // pack beside it holds; what is wrong with that stops no record.
  absl::StatusOr<v1::ImportBundleResponse> Import(const v1::ImportBundleRequest& request);

  void Register(Dispatcher* dispatcher);

 private:
  struct Taking {
    v1::ImportBundleResponse* response;
    std::set<std::string> resting;               // feeds that cannot go on
    sync::Welcome hub;                           // without epoch: the hub's program is too old to say
    bool Knows(const std::string& epoch) const;  // whether the hub's history goes through this epoch
    bool Restored(const std::string& epoch) const { return epoch != hub.epoch && Knows(epoch); }
  };
  absl::Status AddAbandoned(bool full, BundleWriter* writer, v1::ExportBundleResponse* response) const;
  void AddFiles(const v1::ExportBundleRequest& request, const BundleHeader& header,
                v1::ExportBundleResponse* response) const;
  void ImportFiles(const std::string& path, const BundleHeader& header, v1::ImportBundleResponse* response) const;
  absl::Status Carry(const std::string& path, const BundleReader& reader) const;
  absl::Status Check(const BundleReader& reader, sync::Welcome* hub) const;
  absl::Status FollowRestore(const BundleHeader& header, const Taking& taking);
  absl::StatusOr<bool> GoBack(const sync::FeedBatch& batch, const sync::Cursor& cursor, const Taking& taking);
  absl::Status TakeBatch(const sync::FeedBatch& batch, Taking* taking);
  absl::Status TakeReceipt(const sync::Ack& ack, Taking* taking);

  const Options options_;
  absl::Mutex mutex_;  // held for a whole call
};

}  // namespace liaison

#endif  // LIAISON_STATION_LINK_BUNDLES_H_

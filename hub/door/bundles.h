// Bundles at the hub: stations' files taken in through the same door as a session's ranges, and files made for them.
//
// What a station's last bundle said of itself (its tip, what it had of each feed) and what the hub answered is kept for
// each device: there the way back begins. It decides nothing: a wrong mark costs bytes, or a message at the station. Of
// two bundles the one that holds more of the station's log, or of the hub's feeds, is the later one; only where neither
// says so (the station was started anew and has taken nothing since) the device's clock does.
#ifndef LIAISON_HUB_DOOR_BUNDLES_H_
#define LIAISON_HUB_DOOR_BUNDLES_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

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

// Thread-safe; one call works at a time.
class HubBundles {
 public:
  struct Options {
    std::string dir;
    KeyPair key;
    Store* store = nullptr;  // these two outlive this
    const RosterCache* roster = nullptr;
    std::function<void(const std::string& station)> on_receipt;  // something new of a station is on the disk
    FileStore* files = nullptr;                                   // these two outlive this
    const FileBook* book = nullptr;
  };
  explicit HubBundles(Options options) : options_(std::move(options)) {}

  // For one device of a station: its feeds from where its last bundle stood, else from the start; signed as on a live
  // link, with the bytes of its own ops too, since a stick cannot ask for them. And the receipts for its logs, also of
  // level archived, and what a welcome says of this hub's history: so a station notices a restore. Beside it a pack of
  // the files that records of its feeds name and that its last pack did not say it has, as far as the request allows,
  // and the names of those that are here.
  absl::StatusOr<v1::ExportBundleResponse> Export(const v1::ExportBundleRequest& request);
  // Checks maker, seal, every range's chain and signature before anything is applied. The ops of a range that does not
  // follow what is here are kept as fragments, and what is missing is named: the receipt goes up to the gap only. Then
  // what the pack beside it holds; what is wrong with that stops no record.
  absl::StatusOr<v1::ImportBundleResponse> Import(const v1::ImportBundleRequest& request);

  void Register(Dispatcher* dispatcher);

 private:
  struct Mark {  // of a device's last bundle
    BundleHeader header;
    std::vector<sync::Ack> acks;  // the answers to its ranges
    std::string abandoned;        // the hash of the set of abandoned names that it brought; empty: none
  };
  struct Taking {  // offers, one batch after the other, each in one or more parts
    v1::ImportBundleResponse* response;
    bool incomplete = false;
    std::map<std::string, bool> lacking;  // of each batch: whether something of it is not here
    std::string told;                     // the batch that has been named as damaged
  };
  Mark ReadMark(const std::string& device) const;
  absl::Status WriteMark(const std::string& device, const Mark& mark);

  absl::StatusOr<std::pair<std::string, v1::Node>> Recipient(const Roster& roster,
                                                             const v1::ExportBundleRequest& request) const;
  absl::Status AddFeed(std::string_view interest, const Mark& mark, bool full, BundleWriter* writer,
                       v1::ExportBundleResponse* response) const;
  absl::Status AddReceipts(const std::string& station, const Mark& mark, bool full, BundleWriter* writer,
                           v1::ExportBundleResponse* response) const;
  absl::Status AddWelcome(const Mark& mark, BundleWriter* writer) const;

  void AddFiles(const v1::ExportBundleRequest& request, const BundleHeader& header, const std::string& device,
                const v1::Node& node, v1::ExportBundleResponse* response) const;
  absl::Status ImportFiles(const std::string& path, const BundleHeader& header, const std::string& device, bool older,
                           v1::ImportBundleResponse* response) const;

  // What the reader holds, applied; of a mark the answers and what was abandoned.
  absl::Status TakeRecords(BundleReader* reader, Mark* mark, v1::ImportBundleResponse* response);
  void MissTip(const sync::Tip& tip, Mark* mark, v1::ImportBundleResponse* response) const;
  absl::StatusOr<std::string> CheckMaker(const BundleReader& reader) const;  // the device
  absl::Status CheckRanges(const BundleReader& reader) const;
  absl::Status TakeOffer(const sync::Offer& offer, Taking* taking);
  absl::Status Apply(const std::vector<sync::Range>& ranges, v1::ImportBundleResponse* response,
                     std::vector<sync::Ack>* acks);

  const Options options_;
  absl::Mutex mutex_;  // held for a whole call
};

}  // namespace liaison

#endif  // LIAISON_HUB_DOOR_BUNDLES_H_

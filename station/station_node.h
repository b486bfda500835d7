// A station: its store, its services and its link, put together from a data folder.
#ifndef LIAISON_STATION_STATION_NODE_H_
#define LIAISON_STATION_STATION_NODE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/api/casework.h"
#include "common/api/congress.h"
#include "common/api/record_service.h"
#include "common/attachments/file_book.h"
#include "common/attachments/file_desk.h"
#include "common/base/repeater.h"
#include "common/crypto/password.h"
#include "common/daemon/daemon.h"
#include "common/daemon/lan_door.h"
#include "common/daemon/local_secret.h"
#include "common/daemon/secrets.h"
#include "common/prints/print.h"
#include "common/rows/tables.h"
#include "common/rows/work.h"
#include "common/rules/days/box_clock.h"
#include "common/rules/people/people.h"
#include "station/intake/ledger_import.h"
#include "station/link/attachments.h"
#include "station/link/bundles.h"
#include "station/link/hub_channel.h"
#include "station/link/station_port.h"
#include "station/link/uplink.h"
#include "station/reception/planning.h"
#include "station/reception/reception.h"

namespace liaison {

class DoctorService;
class LoginService;
class PeopleCache;
class Secrets;

// What the hub and the bearer of a stick are told of the machine, the same as long as the data folder lies on it; empty
// for an empty id. Who knows it learns nothing of the id, which other programs use as a secret (machine-id(5)).
std::string MachineName(std::string_view machine_id);

// `station run --hub`: notes the hub's new address in DIR/station.json. True: it was another one. kInvalidArgument: it
// is no address; kNotFound: the folder was never enrolled. Chinese.
absl::StatusOr<bool> KeepHubAddress(const std::string& dir, const std::string& address);

class StationNode : private UplinkSink, private StoreListener {
 public:
  struct Options {
    std::string dir;
    std::string hub_address;   // overrides the one of station.json; "" takes that
    bool link = true;          // false: stay offline
    bool clear = false;        // no TLS, on this machine only: for development and measuring
    std::unique_ptr<Kv> kv;    // tests: another database than DIR/db; the files are then in the clear
    std::shared_ptr<const Vault> vault;  // of the folder, if a person has opened it (daemon/rest.h)
    FileStore::Options files;  // the folder is DIR/files
    Clock* clock = SystemClock();
    Random* random = SystemRandom();
    int64_t retry_delay_ms = 1000;
    int64_t retry_delay_ms_max = 60'000;
    int64_t ask_files_again_ms = 6 * 3'600'000;
    bool login = false;  // each method asks who calls (api/gate.h); the programs ask, tests of services need not
    std::function<int64_t()> steady_ms = SteadyMs;  // of waits and sessions
    std::optional<PasswordCost> password_cost;      // tests: see Secrets
    int lan_port = kLanPort;   // of the page on the village's network; 0: any free one
  };

  // Opens everything and starts the link. kNotFound: the folder was never enrolled. Works without a network from the
  // first start: what enrolment handed over is read from the folder.
  static absl::StatusOr<std::unique_ptr<StationNode>> Open(Options options);
  ~StationNode() override;

  const Dispatcher& dispatcher() const { return dispatcher_; }
  Store* store() { return store_.get(); }
  Uplink* uplink() { return uplink_.get(); }  // null when offline
  // The way to the hub for other services; null when offline or in clear text. hub_address() is what to pass to it.
  HubChannels* channels() { return channels_.get(); }
  const std::string& hub_address() const { return hub_address_; }
  sync::StationPort* port() { return port_.get(); }
  UplinkSink* sink() { return this; }
  const v1::StationConfig& config() const { return config_; }
  Reception* reception() { return reception_.get(); }
  LedgerImport* ledgers() { return ledgers_.get(); }
  Planning* planning() { return planning_.get(); }
  Congress* congress() { return congress_.get(); }
  PrintService* prints() { return prints_.get(); }
  BoxClock* box() { return box_.get(); }
  void AddMetrics(Metrics* metrics) const;
  const PeopleCache* people() const { return people_.get(); }
  RecordService* records() { return records_.get(); }
  Casework* casework() { return casework_.get(); }
  StationBundles* bundles() { return bundles_.get(); }
  FileStore* files() { return files_.get(); }
  FileDesk* file_desk() { return file_desk_.get(); }
  LoginService* login() { return login_.get(); }
  Secrets* secrets() { return secrets_.get(); }  // null: secrets.json cannot be read
  LanDoor* lan() { return lan_.get(); }
  FileTransfer* transfer() { return transfer_.get(); }  // null when offline or in clear text

 private:
  StationNode();
  absl::Status OpenStore(Options* options);
  absl::Status TakeEnrolment(const std::string& dir);
  absl::Status OpenFiles(const Options& options);
  ServiceContext MakeContext();
  void OpenServices(const Options& options);
  void OpenPeople(const Options& options, const ServiceContext& context);
  absl::Status StartLink(const Options& options);
  absl::StatusOr<v1::RetryNowResponse> RetryNow(const v1::RetryNowRequest& request);
  v1::FileCounts FileCounts() const;
  v1::Rights OwnRights() const;
  void OpenLan(const Options& options);
  absl::Status ApplyBatch(const sync::FeedBatch& batch) override;
  absl::Status RewindFeed(const sync::Cursor& cursor) override { return store_->RewindFeed(cursor); }
  absl::Status RecordAck(const sync::RecordAck& record) override { return store_->RecordAck(record.ack, record.exact); }
  absl::Status OnHubTime(int64_t hub_ms) override { return box_->OnHubTime(hub_ms); }
  void OnCommitted(std::span<const Aggregate* const> changed, bool own_ops) override;

  v1::StationConfig config_;
  KeyPair key_;
  TablesProjection tables_;
  WorkProjection work_;
  std::unique_ptr<BoxClock> box_;
  FilesProjection file_rows_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<FileStore> files_;
  std::unique_ptr<FileBook> book_;
  std::unique_ptr<RosterCache> roster_;
  std::unique_ptr<PeopleCache> people_;
  std::unique_ptr<Secrets> secrets_;
  std::unique_ptr<LocalSecrets> local_secrets_;
  std::unique_ptr<FindIndex> find_;
  std::unique_ptr<StationPort> port_;
  std::unique_ptr<RecordService> records_;
  std::unique_ptr<Casework> casework_;
  std::unique_ptr<FileDesk> file_desk_;
  std::unique_ptr<Reception> reception_;
  std::unique_ptr<LedgerImport> ledgers_;
  std::unique_ptr<Planning> planning_;
  std::unique_ptr<Congress> congress_;
  std::unique_ptr<PrintService> prints_;
  std::unique_ptr<StationBundles> bundles_;
  std::unique_ptr<DoctorService> doctor_;
  std::unique_ptr<LoginService> login_;
  Dispatcher dispatcher_;
  std::string hub_address_;
  std::string no_link_ = "未启用联网";  // why there is none (Chinese)
  std::unique_ptr<HubChannels> channels_;
  std::unique_ptr<LanDoor> lan_;
  std::unique_ptr<Repeater> scrubber_;
  std::unique_ptr<FileTransfer> transfer_;
  std::unique_ptr<Uplink> uplink_;  // last: its thread uses all of the above
};

}  // namespace liaison

#endif  // LIAISON_STATION_STATION_NODE_H_

// The township hub: its store, its services and its door for stations, put together from a data folder.
#ifndef LIAISON_HUB_HUB_NODE_H_
#define LIAISON_HUB_HUB_NODE_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
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
#include "common/rules/people/people.h"
#include "common/rows/tables.h"
#include "common/rows/work.h"
#include "common/store/verdict_rows.h"
#include "hub/desk/accounts.h"
#include "hub/desk/desk.h"
#include "hub/desk/imports.h"
#include "hub/desk/refused.h"
#include "hub/desk/statistics.h"
#include "hub/door/admission.h"
#include "hub/door/apply_queue.h"
#include "hub/door/budget.h"
#include "hub/door/bundles.h"
#include "hub/door/hub_port.h"
#include "hub/door/judge.h"
#include "hub/door/pages.h"
#include "hub/door/registry.h"
#include "hub/door/sync_service.h"
#include "hub/facts/facts.h"

namespace liaison {

class AttachmentService;
class BackupService;
class DoctorService;
class DoorService;
class LoginService;
class PeopleCache;
class Secrets;

class HubNode : private StoreListener, public SyncBoard {
 public:
  struct Options {
    std::string dir;
    bool create = false;                       // make the folder, its key and an empty database
    std::string sync_address = "127.0.0.1:0";  // "": no stations
    bool clear = false;                        // no TLS, on this machine only: for development and measuring
    std::unique_ptr<Kv> kv;                    // tests: another database than DIR/db; the files are then in the clear
    std::shared_ptr<const Vault> vault;        // of the folder, if a person has opened it (daemon/rest.h)
    FileStore::Options files;                  // the folder is DIR/files
    BudgetOptions budget;                      // of each station
    ListenerOptions listener;                  // whom the sync port lets connect
    bool login = false;  // each method asks who calls (api/gate.h); the programs ask, tests of services need not
    std::function<int64_t()> steady_ms = SteadyMs;  // of waits and sessions
    std::optional<PasswordCost> password_cost;      // tests: see Secrets
    int lan_port = kLanPort;                   // of the page on the office's network; 0: any free one
    Clock* clock = SystemClock();
    Random* random = SystemRandom();
  };

  // kNotFound: the folder was never set up (`hub init`). Makes the hub's authority
  // (DIR/authority) where there was never one. kFailedPrecondition (Chinese): there was, and the file is gone.
  static absl::StatusOr<std::unique_ptr<HubNode>> Open(Options options);
  ~HubNode() override;

  const Dispatcher& dispatcher() const { return dispatcher_; }
  Store* store() { return store_.get(); }
  Desk* desk() { return desk_.get(); }
  const RosterCache* roster() const { return roster_.get(); }
  Accounts* accounts() { return accounts_.get(); }
  Statistics* statistics() { return statistics_.get(); }
  Casework* casework() { return casework_.get(); }
  Congress* congress() { return congress_.get(); }
  PrintService* prints() { return prints_.get(); }
  Imports* imports() { return imports_.get(); }
  LanDoor* lan() { return lan_.get(); }
  const PageIssuer* pages() const { return pages_.get(); }
  Registry* registry() { return registry_.get(); }
  const Admission* admission() const { return admission_.get(); }
  HubBundles* bundles() { return bundles_.get(); }
  RecordService* records() { return records_.get(); }
  FileStore* files() { return files_.get(); }
  FileDesk* file_desk() { return file_desk_.get(); }
  const PeopleCache* people() const { return people_.get(); }
  LoginService* login() { return login_.get(); }
  Secrets* secrets() { return secrets_.get(); }  // null: secrets.json cannot be read
  int64_t LastSyncMs(const std::string& station_id) const override;
  bool Connected(const std::string& station_id) const override;
  sync::HubPort* port() { return port_.get(); }
  // Returns when the store can be written and what stations push is applied: the work that a call does not prove.
  void AwaitWork();
  void AddMetrics(Metrics* metrics) const;
  int sync_port() const { return sync_ == nullptr ? 0 : sync_->port(); }
  // Where stations connect, and whether in clear text; no address: they cannot.
  struct SyncPort {
    std::string address;
    bool clear = false;
  };
  SyncPort sync_address() const;
  int64_t last_backup_ms() const;  // see BackupService

 private:
  HubNode() = default;
  absl::Status OpenStore(Options* options);
  absl::Status OpenFiles(const Options& options);
  absl::Status OpenRegister(const Options& options, const ServiceContext& context);
  void OpenLan(const Options& options);
  absl::Status StartSync(const Options& options);
  void OpenDoctor(const Options& options);
  void OpenPeople(const Options& options, const ServiceContext& context);
  void SettleRights();  // SettleScopes()
  void OnCommitted(std::span<const Aggregate* const> changed, bool own_ops) override;
  void OnReceipt(const std::string& station_id);
  void OnClock(const DeviceName& device, int64_t device_ms);
  std::vector<v1::NodeClock> Clocks() const;
  v1::PortState PortState() const;

  KeyPair key_;
  TablesProjection tables_;
  FilesProjection file_rows_;
  WorkProjection work_;
  std::unique_ptr<BoxClock> box_;
  FactsProjection facts_;
  CountersProjection counters_;
  VerdictRows verdicts_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<FileStore> files_;
  std::unique_ptr<FileBook> book_;
  std::unique_ptr<RosterCache> roster_;
  std::unique_ptr<PeopleCache> people_;
  std::unique_ptr<Secrets> secrets_;
  std::unique_ptr<Judge> judge_;
  std::unique_ptr<FindIndex> find_;
  std::unique_ptr<HubPort> port_;
  std::unique_ptr<RecordService> records_;
  std::unique_ptr<FileDesk> file_desk_;
  std::unique_ptr<Desk> desk_;
  std::unique_ptr<Accounts> accounts_;
  std::unique_ptr<LocalSecrets> local_secrets_;
  std::unique_ptr<Statistics> statistics_;
  std::unique_ptr<Casework> casework_;
  std::unique_ptr<Congress> congress_;
  std::unique_ptr<PrintService> prints_;
  std::unique_ptr<Imports> imports_;
  std::unique_ptr<Admission> admission_;
  std::unique_ptr<PageIssuer> pages_;
  std::unique_ptr<LanDoor> lan_;
  std::unique_ptr<Registry> registry_;
  std::unique_ptr<RefusedDesk> refused_;
  std::unique_ptr<HubBundles> bundles_;
  std::unique_ptr<BackupService> backups_;
  std::unique_ptr<DoctorService> doctor_;
  std::unique_ptr<LoginService> login_;
  Dispatcher dispatcher_;
  std::unique_ptr<StationBudget> budget_;
  std::unique_ptr<ApplyQueue> queue_;
  std::unique_ptr<DoorService> door_;
  std::unique_ptr<AttachmentService> attachments_;
  std::unique_ptr<SyncService> sync_;
  SyncPort sync_address_;

  std::unique_ptr<Repeater> scrubber_;
  std::unique_ptr<Repeater> daily_;
  mutable absl::Mutex mutex_;
  mutable std::map<std::string, int64_t> last_sync_ms_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, v1::NodeClock> clocks_ ABSL_GUARDED_BY(mutex_);  // by device, since the start
};

}  // namespace liaison

#endif  // LIAISON_HUB_HUB_NODE_H_

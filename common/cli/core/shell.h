// What the commands share: their words, their calls, and the way a failure becomes an exit code.
#ifndef LIAISON_COMMON_CLI_CORE_SHELL_H_
#define LIAISON_COMMON_CLI_CORE_SHELL_H_

#include <google/protobuf/message.h>

#include <ostream>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/cli/core/environment.h"
#include "common/cli/core/link.h"

namespace CLI {
class App;
}

namespace liaison::cli {

// The options that most commands have.
struct Common {
  std::string dir;
  std::string user;
  bool json = false;
};

class Shell {
 public:
  explicit Shell(const Environment& environment) : environment_(environment) {}

  const Environment& environment() const { return environment_; }
  std::ostream& out() const { return *environment_.out; }
  std::ostream& err() const { return *environment_.err; }

  // Says why and returns the exit code that goes with the error.
  int Fail(const absl::Status& status) const;
  int FailUsage(std::string_view why) const;

  Link LinkTo(const Common& common) const { return Link(common.dir, environment_.bin_dir, common.user); }
  std::string NewActionId() const;  // 20 hex digits
  // What an option stands for: "-" is the next line of standard input, so that it is never among the arguments.
  std::string Given(const std::string& value) const;

  // The exit code of the command that was chosen.
  int code = kDone;

 private:
  const Environment& environment_;
};

// Calls with messages instead of JSON. `json`, if not null, takes the answer as the service wrote it.
absl::Status CallService(Link* link, const std::string& method, const google::protobuf::Message& request,
                         google::protobuf::Message* response, std::string* json = nullptr);

// CallService for a command that shows: with --json it prints the answer, and false says that nothing is left to show.
// False also on an error, which it has said; *code is then its exit code, and untouched otherwise.
bool Ask(const Shell& shell, const Common& common, const std::string& method, const google::protobuf::Message& request,
         google::protobuf::Message* response, int* code);

// The record that a person named: an id as pages and tables show it, or a paper number (恒民意〔2026〕D057-0001), which
// is looked up. kNotFound, or kInvalidArgument if several records carry the number.
absl::StatusOr<std::string> ResolveId(Link* link, const std::string& text);

// A file of at most 20 MB, which passes the daemon's limit as base64. Errors as in base/file.h, but kInvalidArgument
// where there is no such file.
absl::StatusOr<std::string> ReadWhole(const std::string& path);
// WriteFileAtomically() of base/file.h.
absl::Status WriteWhole(const std::string& path, const std::string& bytes);
// Asked before the work is done: kInvalidArgument (Chinese) when `path` is `input`, a folder, or in a folder that is
// not there; errors as in base/file.h. An empty path is none.
absl::Status CheckOutput(const std::string& path, const std::string& input = "");

// Each adds its commands to the parser. Their callbacks set shell->code.
void AddRunCommands(CLI::App* app, Shell* shell);        // station run, hub run, hub init, hub verify
void AddEnrolCommand(CLI::App* app, Shell* shell);       // enrol
void AddShowCommands(CLI::App* app, Shell* shell);       // status, clock, list, find, history
void AddConflictCommands(CLI::App* app, Shell* shell);   // conflicts, settle
void AddWriteCommands(CLI::App* app, Shell* shell);      // log, edit, attach, void, close-session
void AddFileCommands(CLI::App* app, Shell* shell);       // import, export
void AddRosterCommands(CLI::App* app, Shell* shell);     // roster import, roster export, policy
void AddPrintCommands(CLI::App* app, Shell* shell);      // print, county-export
void AddTownCommands(CLI::App* app, Shell* shell);       // stations, verify, retry, wait
void AddStatisticsCommands(CLI::App* app, Shell* shell);  // report, figures, table, figure-records, publish, reports, …
void AddAccountCommands(CLI::App* app, Shell* shell);    // account list, add, grant, revoke, code, …; pin set
void AddDoctorCommands(CLI::App* app, Shell* shell);      // doctor, dump
void AddRestCommands(CLI::App* app, Shell* shell);        // rest status, add-passphrase, recovery-code, unlock, …
void AddAuditCommands(CLI::App* app, Shell* shell);       // reveal, audit list
void AddRefusedCommands(CLI::App* app, Shell* shell);     // refused, accept, decline
void AddCaseworkCommands(CLI::App* app, Shell* shell);    // step, propose, case, work, deadlines, duplicates, remains
void AddReceptionCommands(CLI::App* app, Shell* shell);  // plan, sessions, start, sign-in, leave, notices, late, …
void AddCongressCommands(CLI::App* app, Shell* shell);  // activity, deputy, obligations, points, ten-haves, project, …

void AddDeviceCommands(CLI::App* hub,
                       Shell* shell);  // below `liaison hub`: invite, invitations, withdraw, devices, confirm, …
void AddAdminCommands(CLI::App* hub, Shell* shell);   // hub admin reset, hub setup-code
void AddVerifyCommand(CLI::App* app, Shell* shell);   // verify; also below `liaison hub`
void AddBackupCommands(CLI::App* hub, Shell* shell);  // hub backup, backups, import-folder, verify-backup, restore

// A command that is `binary`'s own `verb`, beside this program; arguments, --help too, are passed on as they are.
void AddHandOver(CLI::App* parent, Shell* shell, const std::string& binary, const std::string& verb, const char* help);

// A command with --data and, where it reads, --json and, where it writes, --user. `common` must outlive the parsing.
enum class Kind { kReads, kWrites };
CLI::App* AddCommand(CLI::App* app, const std::string& name, const std::string& help, Kind kind, Common* common);

}  // namespace liaison::cli

#endif  // LIAISON_COMMON_CLI_CORE_SHELL_H_

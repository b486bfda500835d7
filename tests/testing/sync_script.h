// Runs conversations written down as text: commands in, what was said out.
//
// A file of tests/scenarios holds blocks of a command line, "----", the output up to an empty line; '#' starts a
// comment. With LIAISON_REWRITE set, the outputs are replaced by what happens now; the diff is then for people.
#ifndef LIAISON_TESTS_TESTING_SYNC_SCRIPT_H_
#define LIAISON_TESTS_TESTING_SYNC_SCRIPT_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/testing/fake_sync.h"

namespace liaison::fake {

class SyncScript {
 public:
  SyncScript();
  // The output of one command; an unknown command or name says so.
  std::string Run(const std::string& line);

 private:
  using Words = std::vector<std::string>;
  struct Box {
    std::unique_ptr<FakeStation> station;
    std::unique_ptr<Link> link;
  };

  void Hub(const std::string& verb, const Words& words);
  void Disk(const std::string& verb, const std::string& name, const Words& words);
  void Session(const std::string& verb, const std::string& name, const Words& words);
  void Open(const std::string& name);
  void Say(const std::string& name, const Words& words);
  void ShowStation(const std::string& name);
  void ShowHub();
  void PrintStatus(const Link& link);
  void Print(const std::string& line) { out_ += line + "\n"; }

  FakeHub hub_;
  std::map<std::string, Box> boxes_;
  std::map<std::string, FakeStation::Disk> backups_;
  std::map<std::string, FakeHub::Disk> hub_backups_;
  uint64_t actors_ = 0;
  std::string out_;
};

}  // namespace liaison::fake

#endif  // LIAISON_TESTS_TESTING_SYNC_SCRIPT_H_

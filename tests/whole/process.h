// A daemon as a real process, and its services over HTTP.
#ifndef LIAISON_TESTS_WHOLE_PROCESS_H_
#define LIAISON_TESTS_WHOLE_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "liaison/v1/config.pb.h"

namespace liaison {

// Started with its output on a pipe. Ends with the object, by SIGKILL if nothing else.
class Process {
 public:
  Process(const std::string& binary, const std::vector<std::string>& arguments);
  ~Process();

  // Waits for the first line on standard output: the daemon answers now. False if it ends first.
  bool AwaitReady();
  void Kill(int signal);                        // and waits for the end
  int exit_code() const { return exit_code_; }  // after the end; -signal if it was killed
  // Waits up to `ms` for output, so that a poll of something else takes its time without a sleep.
  void Breathe(int ms);

 private:
  pid_t pid_ = -1;
  int out_ = -1;
  int exit_code_ = 0;
};

// One call of a service on the socket of the data folder `dir`, as its owner. Any thread.
absl::Status CallIn(const std::string& dir, const std::string& method, const google::protobuf::Message& request,
                    google::protobuf::Message* response);

// A daemon in a data folder: restarted at will, found by its endpoint.json.
class Daemon {
 public:
  Daemon(std::string binary, std::string dir, std::vector<std::string> arguments);
  void Start();
  // Starts it and kills it after at most `ms`, wherever it then is.
  void StartAndKill(int ms);
  void Stop(int signal);
  bool running() const { return process_ != nullptr; }
  int sync_port() const { return endpoint_.sync_port(); }
  const std::string& dir() const { return dir_; }
  const v1::Endpoint& endpoint() const { return endpoint_; }  // of the last Start()
  Process& process() { return *process_; }
  absl::Status Call(const std::string& method, const google::protobuf::Message& request,
                    google::protobuf::Message* response);

 private:
  std::string binary_, dir_;
  std::vector<std::string> arguments_;
  std::unique_ptr<Process> process_;
  v1::Endpoint endpoint_;
};

}  // namespace liaison

#endif  // LIAISON_TESTS_WHOLE_PROCESS_H_

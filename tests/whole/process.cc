#include "tests/whole/process.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/daemon/daemon.h"
#include "common/http/client.h"
#include "common/record/json.h"

namespace liaison {

Process::Process(const std::string& binary, const std::vector<std::string>& arguments) {
  std::vector<std::string> words{binary};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  int ends[2];
  if (pipe(ends) != 0) abort();
  pid_ = fork();
  if (pid_ == 0) {
    dup2(ends[1], 1);
    close(ends[0]);
    close(ends[1]);
    execv(binary.c_str(), argv.data());
    _exit(127);
  }
  close(ends[1]);
  out_ = ends[0];
}

Process::~Process() {
  if (pid_ > 0) Kill(SIGKILL);
  close(out_);
}

bool Process::AwaitReady() {
  char c = 0;
  while (read(out_, &c, 1) == 1)
    if (c == '\n') return true;
  return false;
}

void Process::Kill(int signal) {
  kill(pid_, signal);
  int status = 0;
  waitpid(pid_, &status, 0);
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  pid_ = -1;
}

void Process::Breathe(int ms) {
  pollfd out{out_, POLLIN, 0};
  poll(&out, 1, ms);
}

absl::Status CallIn(const std::string& dir, const std::string& method, const google::protobuf::Message& request,
                    google::protobuf::Message* response) {
  absl::StatusOr<std::string> answer =
      http::Client::InFolder(dir).Post("/liaison.v1." + method, ToJson(request), 30'000);
  return answer.ok() ? FromJson(*answer, response) : answer.status();
}

Daemon::Daemon(std::string binary, std::string dir, std::vector<std::string> arguments)
    : binary_(std::move(binary)), dir_(std::move(dir)), arguments_(std::move(arguments)) {}

void Daemon::Start() {
  process_ = std::make_unique<Process>(binary_, arguments_);
  ASSERT_TRUE(process_->AwaitReady()) << binary_;
  ASSERT_TRUE(ReadConfig(dir_ + "/endpoint.json", &endpoint_).ok());
}

void Daemon::StartAndKill(int ms) {
  Process process(binary_, arguments_);
  process.Breathe(ms);
  process.Kill(SIGKILL);
}

void Daemon::Stop(int signal) {
  process_->Kill(signal);
  process_.reset();
}

absl::Status Daemon::Call(const std::string& method, const google::protobuf::Message& request,
                          google::protobuf::Message* response) {
  return CallIn(dir_, method, request, response);
}

}  // namespace liaison

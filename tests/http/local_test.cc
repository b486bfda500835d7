// The folder's own socket.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "common/base/text.h"
#include "common/http/client.h"
#include "common/http/server.h"
#include "common/http/sockets.h"

namespace liaison::http {
namespace {

constexpr int kTimeoutMs = 20'000;
constexpr uid_t kStranger = 12'345;

class Local : public testing::Test {
 protected:
  Local() {
    std::string pattern = testing::TempDir() + "/liaison-local-XXXXXX";
    dir_ = mkdtemp(pattern.data());
    server_.Get("/healthz", [](const Call&) -> absl::StatusOr<File> { return File{"text/plain", "", "ok"}; });
    server_.Handle("/who", [](const Call& call) -> absl::StatusOr<std::string> {
      return Cat(call.user, call.local ? "" : "@" + call.peer, call.body);
    });
  }
  ~Local() override { std::filesystem::remove_all(dir_); }

  // What a process of another account reads from the socket: "" when it is cut off, "refused" when it cannot connect.
  std::string AskedByAStranger() const {
    int out[2];
    if (pipe(out) != 0) return "no pipe";
    const pid_t child = fork();
    if (child == 0) {
      if (setgid(kStranger) != 0 || setuid(kStranger) != 0) _exit(1);
      const int socket = ConnectToFolder(dir_);
      constexpr char kAsk[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      char answer[1'024];
      ssize_t n = 0;
      if (socket < 0) (void)!write(out[1], "refused", 7);
      if (socket >= 0) (void)!send(socket, kAsk, sizeof kAsk - 1, MSG_NOSIGNAL);
      while (socket >= 0 && (n = recv(socket, answer, sizeof answer, 0)) > 0)
        (void)!write(out[1], answer, static_cast<size_t>(n));
      _exit(0);
    }
    close(out[1]);
    std::string text;
    char buffer[1'024];
    for (ssize_t n; (n = read(out[0], buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<size_t>(n));
    close(out[0]);
    int state = 0;
    waitpid(child, &state, 0);
    return state == 0 ? text : "no child";
  }
  void ServeHere() {
    ASSERT_TRUE(server_.ListenLocal(dir_).ok());
    ASSERT_TRUE(server_.Listen("127.0.0.1", 0).ok());
  }

  std::string dir_;
  Server server_;
};

TEST_F(Local, TheOwnerIsAnswered) {
  ServeHere();
  struct stat info {};
  ASSERT_EQ(stat((dir_ + "/socket").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  EXPECT_TRUE(Client::AnswersInFolder(dir_));
  const Client client = Client::InFolder(dir_, "王书记");
  EXPECT_EQ(client.Get("/healthz", kTimeoutMs).value_or("none"), "ok");
  EXPECT_EQ(client.Post("/who", "{}", kTimeoutMs).value_or("none"), "王书记{}");
  EXPECT_EQ(Client("127.0.0.1", server_.port()).Post("/who", "{}", kTimeoutMs).value_or("none"), "@127.0.0.1{}");
  EXPECT_EQ(Client("127.0.0.1", server_.port()).Get("/healthz", kTimeoutMs).value_or("none"), "ok");
}

TEST_F(Local, AnotherAccountGetsNothing) {
  if (geteuid() != 0) return;  // cannot become another
  ASSERT_EQ(chmod(dir_.c_str(), 0755), 0);
  ServeHere();
  EXPECT_EQ(AskedByAStranger(), "refused");
  // Whoever gets past the file's mode is told nothing either.
  ASSERT_EQ(chmod((dir_ + "/socket").c_str(), 0777), 0);
  EXPECT_EQ(AskedByAStranger(), "");
  EXPECT_EQ(Client::InFolder(dir_).Get("/healthz", kTimeoutMs).value_or("none"), "ok");
}

TEST_F(Local, TheFoldersOwnerIsAnsweredByAProgramOfRoot) {
  if (geteuid() != 0) return;  // cannot become another
  ASSERT_EQ(chown(dir_.c_str(), kStranger, kStranger), 0);
  ServeHere();
  ASSERT_EQ(chmod((dir_ + "/socket").c_str(), 0777), 0);
  EXPECT_TRUE(AskedByAStranger().starts_with("HTTP/1.1 200")) << AskedByAStranger();
}

TEST_F(Local, ItsPathMayBeOfAnyLength) {
  const std::string root = dir_;
  for (int i = 0; i < 5; ++i) dir_ += "/" + std::string(60, static_cast<char>('a' + i));
  std::filesystem::create_directories(dir_);
  ServeHere();
  EXPECT_EQ(Client::InFolder(dir_).Get("/healthz", kTimeoutMs).value_or("none"), "ok");
  server_.Stop();
  dir_ = root;
}

TEST_F(Local, OneThatWasLeftBehindIsReplacedAndItsOwnGoes) {
  const int stale = ListenInFolder(dir_);
  ASSERT_GE(stale, 0);
  close(stale);
  EXPECT_FALSE(Client::AnswersInFolder(dir_));
  EXPECT_EQ(Client::InFolder(dir_).Get("/healthz", kTimeoutMs).status().code(), absl::StatusCode::kUnavailable);
  ServeHere();
  EXPECT_TRUE(Client::AnswersInFolder(dir_));
  server_.Stop();
  EXPECT_FALSE(std::filesystem::exists(dir_ + "/socket"));
}

TEST_F(Local, AFolderThatIsNotThereIsAnErrorInWords) {
  const absl::Status status = server_.ListenLocal(dir_ + "/none");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(StdView(status.message()).find("不能在文件夹"), std::string_view::npos) << status;
  EXPECT_TRUE(server_.Listen("127.0.0.1", 0).ok()) << "the port is there without it";
}

}  // namespace
}  // namespace liaison::http

// A hub or a station with people, whose services are asked over real HTTP: on a port with logins, and on the socket.
#ifndef LIAISON_TESTS_GATE_PLACE_H_
#define LIAISON_TESTS_GATE_PLACE_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/attachments/file_desk.h"
#include "common/base/text.h"
#include "common/daemon/daemon.h"
#include "common/daemon/login_service.h"
#include "common/daemon/secrets.h"
#include "common/http/client.h"
#include "common/http/server.h"
#include "common/rules/people/granting.h"
#include "common/rules/people/people.h"
#include "hub/desk/setup.h"
#include "hub/hub_node.h"
#include "station/station_node.h"
#include "tests/http/raw.h"
#include "tests/testing/must.h"
#include "tests/testing/places.h"
#include "tests/whole/township.h"

namespace liaison {

inline constexpr char kOwnStation[] = "HK-D058", kOtherStation[] = "HK-D057";
inline constexpr char kOwnDeputy[] = "HK-R042", kOtherDeputy[] = "HK-R001";  // by their home stations
inline constexpr char kOwnUnit[] = "HK-U01", kOtherUnit[] = "HK-U02";
inline constexpr PasswordCost kCheap{64, 1};

// What a page has of its session.
struct Browser {
  std::string cookie, token;
};

struct Answered {
  int status = 0;
  std::string code, message;  // of an error
  nlohmann::json json;
  std::string cookie;  // that it sets
};

// The services of one node behind a server of their own.
template <typename Node>
class Place {
 public:
  Place(std::string dir, std::unique_ptr<Node> node) : dir_(std::move(dir)), node_(std::move(node)) { Serve(); }

  Node& node() { return *node_; }
  Store* store() { return node_->store(); }
  int port() const { return server_->port(); }
  std::string cookie_name() { return node_->login()->cookie_name(); }

  // Writes ops as the daemon's own action.
  void Write(const std::string& user, const std::function<void(const StoreReader&, const std::string&, Action*)>& add) {
    const std::string action_id = random_.Bytes(kActionIdBytes);
    Must(store()
             ->Commit(action_id, "",
                      [&](const StoreReader& view) -> absl::StatusOr<Action> {
                        Action action;
                        action.user = user;
                        add(view, action_id, &action);
                        return action;
                      })
             .status());
  }
  void AddAccount(const std::string& id, const std::string& name, const std::string& deputy = "") {
    v1::Account account;
    account.set_account_id(id);
    account.set_name(name);
    account.set_deputy_id(deputy);
    Write("test", [&](const StoreReader& view, const std::string&, Action* action) {
      action->ops.push_back(MasterOp(view, account, id));
    });
  }
  RecordId Grant(const std::string& place, const std::string& account, v1::Access::Role role,
                 const std::string& unit = "") {
    v1::Grant grant;
    grant.set_account_id(account);
    grant.set_role(role);
    grant.set_unit_id(unit);
    RecordId id;
    Write("test", [&](const StoreReader& view, const std::string& action_id, Action* action) {
      id = RecordId::Random(TypeOf<v1::Grant>().type(), action_id, 0);
      action->ops.push_back(GrantOp(view, place, id, grant));
    });
    return id;
  }
  void Revoke(const std::string& place, const RecordId& grant) {
    Write("test", [&](const StoreReader& view, const std::string&, Action* action) {
      action->ops.push_back(RevokeOp(view, place, grant, v1::REVOKED_LEFT, "2026-11-20"));
    });
  }
  void End(const std::string& account) {
    Write("test", [&](const StoreReader& view, const std::string&, Action* action) {
      action->ops.push_back(EndOp(view, account));
    });
  }
  // A record of its own; its id as text.
  template <typename Record>
  std::string Add(const std::string& user, const Record& record) {
    std::string id;
    Write(user, [&](const StoreReader&, const std::string& action_id, Action* action) {
      NewOp op;
      op.aggregate = RecordId::Random(TypeOf<Record>().type(), action_id, 0);
      id = ToText(op.aggregate);
      WritesOf(record, {}, &op.writes, &op.sealed);
      action->ops.push_back(std::move(op));
    });
    return id;
  }

  Answered Post(const std::string& method, const std::string& json, const Browser& browser = {},
                const std::string& more = "") {
    std::string headers = "Host: localhost\r\nContent-Type: application/json\r\n";
    if (!browser.cookie.empty()) headers += Cat("Cookie: ", cookie_name(), "=", browser.cookie, "\r\n");
    if (!browser.token.empty()) headers += Cat("Liaison-Token: ", browser.token, "\r\n");
    const std::string path = method.starts_with("/") ? method : "/liaison.v1." + method;
    const std::string text = http::Exchange(port(), http::PostText(path, headers + more, json));
    Answered answered;
    answered.status = http::StatusOf(text);
    answered.json = nlohmann::json::parse(http::BodyOf(text), nullptr, false);
    if (answered.json.is_object() && answered.status != 200) {
      answered.code = answered.json.value("code", "");
      answered.message = answered.json.value("message", "");
    }
    const std::string set = Cat("Set-Cookie: ", cookie_name(), "=");
    if (const size_t at = text.find(set); at != std::string::npos)
      answered.cookie = text.substr(at + set.size(), text.find(';', at) - at - set.size());
    return answered;
  }
  Browser Login(const std::string& account, const std::string& secret) {
    const Answered answered =
        Post("LoginService/Login", nlohmann::json{{"accountId", account}, {"secret", secret}}.dump());
    EXPECT_EQ(answered.status, 200) << account << answered.message;
    return {answered.cookie, answered.json.value("token", "")};
  }
  // As the owner of the folder.
  absl::StatusOr<std::string> OnSocket(const std::string& path, const std::string& json, const std::string& user = "") {
    return http::Client::InFolder(dir_, user).Post(path, json, 60'000);
  }

 private:
  void Serve() {
    http::ServerOptions options;
    options.cookie = cookie_name();
    server_ = std::make_unique<http::Server>(std::move(options));
    LoginService* const login = node_->login();
    ServeMethods(node_->dispatcher(), login, server_.get());
    node_->file_desk()->Register(server_.get(), [login](const http::Call& call) { return login->CallerOfFile(call); });
    Must(server_->ListenLocal(dir_));
    Must(server_->Listen("127.0.0.1", 0));
  }

  const std::string dir_;
  SeededRandom random_{77};
  std::unique_ptr<Node> node_;
  std::unique_ptr<http::Server> server_;  // ends before the node
};

// A hub, and one station of it without a link; each has people of its own, whose secrets are theirs.
class PlacesTest : public ::testing::Test {
 protected:
  static constexpr char kPassword[] = "correct horse battery", kPin[] = "135790";

  PlacesTest() {
    HubNode::Options options;
    options.dir = dir_.path() + "/hub";
    options.create = true;
    options.sync_address = "";
    options.login = true;
    options.clock = &clock_;
    options.random = &random_;
    options.steady_ms = [this] { return now_ms_; };
    options.password_cost = kCheap;
    auto node = Must(HubNode::Open(std::move(options)));
    Must(liaison::SetUp(InSource("/hub/fixture"), node->store()).status());
    EnrolInto(StationDir(), kOwnStation, node.get(), &random_);
    hub_ = std::make_unique<Place<HubNode>>(dir_.path() + "/hub", std::move(node));
    OpenStation();
  }
  std::string StationDir() const { return dir_.path() + "/station"; }
  void OpenStation() {
    StationNode::Options options;
    options.dir = StationDir();
    options.link = false;
    options.login = true;
    options.clock = &clock_;
    options.random = &random_;
    options.steady_ms = [this] { return now_ms_; };
    options.password_cost = kCheap;
    station_ = std::make_unique<Place<StationNode>>(StationDir(), Must(StationNode::Open(std::move(options))));
  }
  // Somebody with one right and a secret; logged in.
  Browser Enter(Place<HubNode>& hub, const std::string& id, v1::Access::Role role, const std::string& unit = "") {
    hub.AddAccount(id, "某" + id);
    hub.Grant(kHubStation, id, role, unit);
    Must(hub.node().secrets()->Set(id, kPassword));
    return hub.Login(id, kPassword);
  }
  Browser Enter(Place<StationNode>& station, const std::string& id, v1::Access::Role role) {
    station.AddAccount(id, "某" + id, role == v1::Access::DEPUTY ? kOwnDeputy : "");
    station.Grant(kOwnStation, id, role);
    Must(station.node().secrets()->Set(id, kPin));
    return station.Login(id, kPin);
  }

  TempDir dir_;
  ManualClock clock_{1'795'136'400'000};  // 2026-11-20, 09:00 in Shanghai
  SeededRandom random_{5};
  int64_t now_ms_ = 1'000;
  std::unique_ptr<Place<HubNode>> hub_;
  std::unique_ptr<Place<StationNode>> station_;
};

}  // namespace liaison

#endif  // LIAISON_TESTS_GATE_PLACE_H_

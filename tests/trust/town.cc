#include "tests/trust/town.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <system_error>

#include "common/base/text.h"
#include "common/daemon/enrolment.h"
#include "station/link/hub_channel.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

void Add(Store* store, const google::protobuf::Message& record, const std::string& id) {
  auto build = [&](const StoreReader&) -> absl::StatusOr<Action> {
    Action action;
    action.user = "test";
    action.ops.push_back(MasterOp(record, id));
    return action;
  };
  ASSERT_TRUE(store->Commit(SystemRandom()->Bytes(kActionIdBytes), "x", build).ok());
}

v1::Station StationOf(const std::string& id) {
  v1::Station station;
  station.set_station_id(id);
  station.set_name(id);
  station.set_tier(v1::POINT);
  return station;
}

}  // namespace

TempDir::TempDir() {
  char path[] = "/tmp/liaison-trust-XXXXXX";
  path_ = mkdtemp(path);
}
TempDir::~TempDir() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

Town::Town(HubNode::Options options) {
  options.dir = dir_.In("hub");
  options.create = true;
  options.lan_port = 0;
  options.kv = NewMemoryKv();
  options.clock = &clock;
  hub_ = Must(HubNode::Open(std::move(options)));
  for (const char* id : {"D057", "D058"}) Add(hub_->store(), StationOf(id), id);
  v1::Station centre = StationOf("Z001");
  centre.set_tier(v1::CENTER);
  Add(hub_->store(), centre, "Z001");
  v1::Deputy deputy;
  deputy.set_deputy_id("R001");
  deputy.set_name("张三");
  Add(hub_->store(), deputy, "R001");
}

std::string Town::address() const { return Cat("127.0.0.1:", hub_->sync_port()); }

std::string Town::Invite(const std::string& station, int hours) {
  v1::InviteRequest request;
  request.set_station_id(station);
  request.set_hours(hours);
  return Must(hub_->registry()->Invite(request)).code();
}

absl::StatusOr<v1::StationConfig> Town::Enrol(const std::string& folder, const std::string& code,
                                              const std::string& where) {
  EnrolByCode options;
  options.dir = Dir(folder);
  options.code = code;
  options.hub_address = where.empty() ? address() : where;
  return liaison::Enrol(options);
}

Town::Device Town::EnrolDevice(const std::string& folder, const std::string& station) {
  const std::string code = Invite(station);
  absl::StatusOr<v1::StationConfig> enrolled = Enrol(folder, code);
  if (absl::IsFailedPrecondition(enrolled.status())) {  // a person at the hub looks at it
    const v1::PendingDevice pending = Must(hub_->registry()->ListNodes({})).pending(0);
    v1::ConfirmDeviceRequest confirm;
    confirm.set_node_id(pending.node_id());
    confirm.set_digits(pending.digits());
    Must(hub_->registry()->ConfirmDevice(confirm));
    enrolled = Enrol(folder, code);
  }
  v1::StationConfig config = Must(std::move(enrolled));
  KeyPair key = Must(LoadKeyPair(KeyPath(Dir(folder))));
  Certificate certificate = Must(ReadCertificate(Dir(folder)));
  return {std::move(config), std::move(key), std::move(certificate)};
}

std::unique_ptr<StationNode> Town::Open(const std::string& folder, Clock* own_clock, const std::string& where,
                                        bool clear) {
  StationNode::Options options;
  options.dir = Dir(folder);
  options.kv = NewMemoryKv();
  options.clock = own_clock == nullptr ? &clock : own_clock;
  options.hub_address = where;
  options.clear = clear;
  options.lan_port = 0;
  options.retry_delay_ms = 5;
  options.retry_delay_ms_max = 20;
  return Must(StationNode::Open(std::move(options)));
}

bool Await(const StationNode& station, const std::function<bool(const UplinkState&)>& done) {
  return const_cast<StationNode&>(station).uplink()->AwaitState(done, kSoon);
}
bool AwaitSynced(StationNode* station) {
  return Await(*station, [](const UplinkState& state) { return state.synced && state.pending_ops == 0; });
}
bool AwaitError(StationNode* station, const std::string& part) {
  return Await(*station, [&](const UplinkState& s) { return s.last_error.find(part) != std::string::npos; });
}

RecordId LogVisitor(StationNode* station, const std::string& date, const std::string& name, const std::string& phone) {
  v1::OpenSessionRequest open;
  open.set_action_id(Hex(SystemRandom()->Bytes(kActionIdBytes)));
  open.mutable_session()->set_date(date);
  open.mutable_session()->add_deputies()->set_deputy_id("R001");
  open.set_date_meant(true);  // whatever the box thinks
  auto session = Must(station->reception()->OpenSession(open));
  v1::LogVisitRequest request;
  std::string action = SystemRandom()->Bytes(kActionIdBytes);
  request.set_action_id(Hex(action));
  request.set_session_id(session.session().id());
  request.mutable_entry()->set_original_words("路灯坏了");
  request.mutable_entry()->set_headcount(1);
  request.mutable_visitor()->set_name(name);
  request.mutable_visitor()->set_phone(phone);
  auto visit = station->reception()->LogVisit(request);
  EXPECT_TRUE(visit.ok()) << visit.status();
  RecordId visitor;
  station->store()->Read().ForEach(TypeOf<v1::Visitor>().type(), [&](const Aggregate& one) {
    if (IsOfAction(one.id(), action)) visitor = one.id();
    return true;
  });
  EXPECT_FALSE(visitor.IsRoot());
  return visitor;
}

void Work(StationNode* station, const std::string& date) {
  v1::OpenSessionRequest request;
  request.set_action_id(Hex(SystemRandom()->Bytes(kActionIdBytes)));
  request.mutable_session()->set_date(date);
  request.set_date_meant(true);  // whatever the box thinks
  request.mutable_session()->add_deputies()->set_deputy_id("R001");
  auto response = station->reception()->OpenSession(request);
  ASSERT_TRUE(response.ok()) << response.status();
}

std::shared_ptr<grpc::Channel> ChannelAs(const std::string& address, const TlsIdentity& identity) {
  RequireTls13();
  return NewTlsChannel(address, identity, [](const std::string&) { return absl::OkStatus(); });
}

std::shared_ptr<grpc::Channel> ChannelWithoutCertificate(const std::string& address) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(std::make_shared<grpc::experimental::NoOpCertificateVerifier>());
  return grpc::CreateChannel(address, grpc::experimental::TlsCredentials(options));
}

grpc::Status CallRaw(grpc::Channel* channel, const std::string& method, int timeout_s) {
  std::shared_ptr<grpc::ChannelInterface> shared(channel, [](grpc::ChannelInterface*) {});
  grpc::GenericStub stub(shared);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(timeout_s));
  grpc::ByteBuffer request, response;
  grpc::Slice empty("");
  request = grpc::ByteBuffer(&empty, 1);
  auto call = stub.PrepareUnaryCall(&context, method, request, &queue);
  call->StartCall();
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  return status;
}

}  // namespace liaison

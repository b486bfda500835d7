// Who has the disk, and a guess at a name and a phone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/crypto/hmac.h"
#include "common/store/keys.h"
#include "tests/testing/must.h"
#include "tests/trust/town.h"

namespace liaison {
namespace {

// As a program up to 0.4.0 kept it.
std::string OldDigest(const google::protobuf::Message& request) {
  return Sha256(Cat(request.GetDescriptor()->full_name(), request.SerializeAsString()));
}

struct Disk : testing::Test {
  Disk() : device(town.EnrolDevice("a", "D057")) {}
  std::unique_ptr<StationNode> Open() {
    StationNode::Options options;
    options.dir = town.Dir("a");
    options.clock = &town.clock;
    options.link = false;
    options.kv = Must(OpenRocks(options.dir + "/db", RocksOptions()));  // in the clear: what is written can be seen
    return Must(StationNode::Open(std::move(options)));
  }
  v1::LogVisitRequest Request(StationNode* node) {
    v1::OpenSessionRequest open;
    open.set_action_id(Hex(SystemRandom()->Bytes(kActionIdBytes)));
    open.mutable_session()->set_date("2026-11-17");
    open.mutable_session()->add_deputies()->set_deputy_id("R001");
    open.set_date_meant(true);  // whatever the box thinks
    v1::LogVisitRequest request;
    request.set_action_id(Hex(SystemRandom()->Bytes(kActionIdBytes)));
    request.set_session_id(node->reception()->OpenSession(open)->session().id());
    request.mutable_entry()->set_original_words("路灯坏了");
    request.mutable_entry()->set_headcount(1);
    request.mutable_visitor()->set_name("钱月仙");
    request.mutable_visitor()->set_phone("13900001234");
    return request;
  }
  bool OnDisk(std::string_view bytes) {
    for (const auto& file : std::filesystem::recursive_directory_iterator(town.Dir("a"))) {
      if (!file.is_regular_file()) continue;
      std::ifstream in(file.path(), std::ios::binary);
      std::string all((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
      if (all.find(bytes) != std::string::npos) return true;
    }
    return false;
  }

  Town town;
  Town::Device device;
};

TEST(Hmac, IsThatOfItsSpecification) {  // RFC 4231, cases 2 and 6
  EXPECT_EQ(Hex(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(Hex(HmacSha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_F(Disk, NoDigestConfirmsAPhone) {
  v1::LogVisitRequest request;
  {
    std::unique_ptr<StationNode> node = Open();
    request = Request(node.get());
    auto first = node->reception()->LogVisit(request);
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_TRUE(node->reception()->LogVisit(request)->repeated_action());
    v1::LogVisitRequest other = request;
    other.mutable_visitor()->set_phone("13900001235");
    EXPECT_TRUE(absl::IsAlreadyExists(node->reception()->LogVisit(other).status()))
        << "it is told from another all the same";
    other = request;
    other.mutable_entry()->set_headcount(2);
    EXPECT_TRUE(absl::IsAlreadyExists(node->reception()->LogVisit(other).status()));
  }
  // Everything is known to the guesser but the key that lies with the visitors' keys.
  const std::string fields = request.visitor().SerializeAsString();
  for (const std::string& guess : {OldDigest(request), Sha256(fields), HmacSha256("", fields)})
    EXPECT_FALSE(OnDisk(guess));
}

TEST_F(Disk, ADigestOfAnOlderProgramIsBlanked) {
  v1::LogVisitRequest request;
  std::string at, old_digest;
  v1::LogVisitResponse first;
  {
    std::unique_ptr<StationNode> node = Open();
    request = Request(node.get());
    first = *node->reception()->LogVisit(request);
    std::string action;
    ASSERT_TRUE(Unhex(request.action_id(), &action));
    at = key::Action(action);
    old_digest = OldDigest(request);
  }
  {  // as the older program left it
    std::unique_ptr<Kv> kv = *OpenRocks(town.Dir("a") + "/db", RocksOptions());
    const std::string stored = *kv->Get(at);
    ByteReader in(stored);
    in.String();
    std::string row;
    ByteWriter out(&row);
    out.String(old_digest);
    out.String(in.String());
    ASSERT_TRUE(kv->Write({{at, row}, {key::Meta("digests"), std::nullopt}}, true).ok());
  }
  EXPECT_TRUE(OnDisk(old_digest));
  {
    std::unique_ptr<StationNode> node = Open();
    auto again = node->reception()->LogVisit(request);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_TRUE(again->repeated_action());
    EXPECT_EQ(again->visit().entry().number(), first.visit().entry().number());
  }
  EXPECT_FALSE(OnDisk(old_digest));
}

}  // namespace
}  // namespace liaison

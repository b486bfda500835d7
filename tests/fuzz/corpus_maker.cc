#include "tests/fuzz/corpus_maker.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "common/api/dispatcher.h"
#include "common/base/ports.h"
#include "common/base/text.h"
#include "common/codec/file_pack.h"
#include "common/codec/link_codec.h"
#include "common/crypto/hash.h"
#include "common/crypto/sign.h"
#include "common/http/connect.h"
#include "common/record/json.h"
#include "common/store/head_mark.h"
#include "liaison/v1/hub_service.pb.h"
#include "liaison/v1/record_service.pb.h"
#include "liaison/v1/station_service.pb.h"
#include "tests/golden/golden.h"
#include "tests/ledger/fixture.h"
#include "tests/testing/places.h"

namespace liaison::testing_fuzz {
namespace {

namespace pb = google::protobuf;
using Seeds = std::map<std::string, std::string>;

// Golden file's beginning -> target. What a format's next version adds is found by the same beginning.
constexpr std::pair<const char*, const char*> kGolden[] = {
    {"op-", "op"},         {"message-", "message"},          {"item-", "item"},
    {"bundle-", "bundle"}, {"aggregate-state", "aggregate"}, {"token", "token"},
    {"sealed-", "sealed"},
};

void AddGolden(Seeds* seeds) {
  for (const auto& entry : std::filesystem::directory_iterator(InSource("/tests/golden/data"))) {
    std::string name = entry.path().stem().string();
    for (const auto& [prefix, target] : kGolden)
      if (name.starts_with(prefix)) (*seeds)[Cat(target, "/", name)] = golden::BytesOf(golden::ReadText(name));
  }
  // The parts of files beside records, each behind the letter that chooses its decoder.
  const std::string pack = golden::BytesOf(golden::ReadText("files-pack"));
  if (absl::StatusOr<FilePackHead> head = DecodeFilePackHead(pack); head.ok())
    (*seeds)["files/head"] = "h" + pack.substr(0, head->files_at);
  FilePackDirectory directory;
  directory.complete = true;
  directory.held = {Sha256("held")};
  directory.files = {{Sha256("a file"), 300}};
  (*seeds)["files/directory"] = "d" + EncodeFilePackDirectory(directory);
  (*seeds)["files/list"] = "l" + golden::BytesOf(golden::ReadText("files-list"));
  // A stream with one message of each kind, as a link carries them.
  std::string stream;
  ByteWriter packets(&stream);
  LinkCodec link;
  for (const auto& [path, bytes] : Seeds(*seeds))
    if (absl::StatusOr<sync::Message> message = DecodeMessage(bytes); path.starts_with("message/") && message.ok())
      packets.String(link.Encode(*message));
  (*seeds)["packet/stream"] = stream;
  // An enrolment file around two messages.
  std::string enrolment = "LIAISONE";
  ByteWriter out(&enrolment);
  out.Varint(2);
  for (const char* name : {"message-feed-batch", "message-goodbye"})
    out.String(golden::BytesOf(golden::ReadText(name)));
  (*seeds)["enrolment/two"] = enrolment;
}

void AddFiles(Seeds* seeds) {
  SeededRandom random(1);
  KeyPair keys = GenerateKeyPair(&random);
  std::string key = "LIAISONK";
  key += std::string("\x01\x01", 2) + keys.public_key + keys.secret_key.substr(0, 32);
  (*seeds)["key/whole"] = key + Sha256(key);
  std::string mark("liaison-head-1\0\0", 16);
  ByteWriter out(&mark);
  out.Fixed64(12345);
  out.Raw(Sha256("database"));
  (*seeds)["mark/whole"] = mark + Sha256(mark).substr(0, 8);
  std::string chain;
  ByteWriter links(&chain);
  links.Varint(1);
  links.Varint(300);
  links.Raw(Sha256("head"));
  links.Varint(299);
  links.U8(1);
  (*seeds)["chain/own"] = chain;
}

std::string FirstLines(const std::string& path, int lines) {
  std::ifstream in(path, std::ios::binary);
  std::string text, line;
  while (lines-- > 0 && std::getline(in, line)) text += line + "\n";
  return text;
}

void AddTables(Seeds* seeds) {
  const std::string fixture = InSource("/hub/fixture/");
  char kind = 0;
  for (const char* name : {"stations", "deputies", "departments", "holidays-2026"}) {
    std::string text = FirstLines(Cat(fixture, name, ".csv"), 6);
    (*seeds)[Cat("roster/", name)] = std::string(1, kind++) + text;
    (*seeds)[Cat("csv/", name)] = text;
  }
  const std::string ledger =
      "花口镇接待台账\n序号,接待日期,联络点,反映人,联系电话,人数,反映内容,类别,接待代表,处理方式,交办部门,交办日期,"
      "备注\n"
      "1,2026-01-17,水口村,张三,13812345678,2,\"水渠,堵了\",05 教育,王小明,上报镇,农业农村办,2026-01-18,\n"
      "2,2026年5月6日,HK-D057,,,三人,路灯\"\"不亮,,王小明、HK-R001,当场答复,,,=1+1\n"
      "3,昨天,不存在的村,李四,123,x,,,,,,,\n合计,,,,,5\n";
  (*seeds)["ledger/csv"] = ledger;
  (*seeds)["csv/ledger"] = ledger;
  (*seeds)["csv/quotes"] = "a,\"b\"\"c\",\"d\r\ne\"\r\n\r\n'=x,@y,+1\rlast";
  std::string xlsx = MakeXlsx(
      "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>接待日期</t></is></c><c r=\"B1\"><v>46000</v></c></row>"
      "<row r=\"3\"><c r=\"C3\" t=\"b\"><v>1</v></c></row>");
  (*seeds)["xlsx/small"] = xlsx;
  (*seeds)["zip/xlsx"] = xlsx;
  (*seeds)["ledger/xlsx"] = xlsx;
  (*seeds)["xml/sheet"] =
      "<?xml version=\"1.0\"?><x:a b='1' c=\"&lt;&#x4e00;&amp;\"><!-- c --><![CDATA[<]]>t<d/></x:a>";
  int number = 0;
  for (const char* text :
       {"2026年5月6日", "２０２６/４/13 10:20", "20260117", "46000", "两百零五人", "+86 138-1234-5678", "(0579)8123456",
        "买买提·艾力", "=cmd|'/c'", "曾小单 Abc", "%E4%b8%80%", "\xb0\xa1\xb1\xed"})
    (*seeds)[Cat("text/", ++number)] = text;
}

// A message with every field set once, so that a fuzzer has something to change. `depth` bounds what holds itself.
void Fill(pb::Message* message, int depth) {
  const pb::Reflection* reflection = message->GetReflection();
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const pb::FieldDescriptor* field = message->GetDescriptor()->field(i);
    bool repeated = field->is_repeated();
    std::string name = field->name(), text = "第一";
    if (name.ends_with("date") || name == "from" || name == "to") text = "2026-11-20";
    if (name == "action_id") text = "00112233445566778899";
    if (name.ends_with("station_id")) text = "HK-D057";
    if (name.ends_with("deputy_id")) text = "HK-R001";
    if (name == "category") text = "01";
    switch (field->cpp_type()) {
      case pb::FieldDescriptor::CPPTYPE_STRING:
        repeated ? reflection->AddString(message, field, text) : reflection->SetString(message, field, text);
        break;
      case pb::FieldDescriptor::CPPTYPE_BOOL:
        if (!repeated) reflection->SetBool(message, field, true);
        break;
      case pb::FieldDescriptor::CPPTYPE_INT32:
        repeated ? reflection->AddInt32(message, field, 2) : reflection->SetInt32(message, field, 2);
        break;
      case pb::FieldDescriptor::CPPTYPE_UINT32:
        repeated ? reflection->AddUInt32(message, field, 2) : reflection->SetUInt32(message, field, 2);
        break;
      case pb::FieldDescriptor::CPPTYPE_ENUM:
        repeated ? reflection->AddEnumValue(message, field, 1) : reflection->SetEnumValue(message, field, 1);
        break;
      case pb::FieldDescriptor::CPPTYPE_MESSAGE:
        if (depth > 0 && !field->is_map())
          Fill(repeated ? reflection->AddMessage(message, field) : reflection->MutableMessage(message, field),
               depth - 1);
        break;
      default:
        break;
    }
  }
}

std::string CallOf(const pb::MethodDescriptor* method) {
  std::unique_ptr<pb::Message> request(
      pb::MessageFactory::generated_factory()->GetPrototype(method->input_type())->New());
  Fill(request.get(), 3);
  return Cat("/", method->service()->full_name(), "/", method->name(), "\n", ToCompactJson(*request));
}

void AddRequests(Seeds* seeds) {
  const pb::FileDescriptor* file = v1::LogVisitRequest::descriptor()->file();
  for (int s = 0; s < file->service_count(); ++s) {
    const pb::ServiceDescriptor* service = file->service(s);
    for (int m = 0; m < service->method_count(); ++m) {
      std::string call = CallOf(service->method(m)), name = service->method(m)->name();
      if (service->name() != "HubService") (*seeds)[Cat("station/", name)] = call;
      if (service->name() != "StationService") (*seeds)[Cat("hub/", name)] = call;
    }
  }
  // A day at the station: what is written first is read and changed afterwards. The session's id follows from the
  // action's.
  const std::string open =
      "/liaison.v1.StationService/OpenSession\n"
      R"({"actionId":"00000000000000000001","session":{"date":"2026-11-20","deputies":[{"deputyId":"HK-R001"}]}})";
  const std::string list = "/liaison.v1.StationService/ListVisits\n{}";
  (*seeds)["station/day"] = open + std::string(1, '\0') + list + std::string(1, '\0') +
                            "/liaison.v1.RecordService/Find\n{\"query\":\"水渠\"}" + std::string(1, '\0') +
                            "/liaison.v1.RecordService/Verify\n{}";
  (*seeds)["station/none"] = "/liaison.v1.Nobody/Nothing\n{\"a\":[1,2,{\"b\":null}]}";
  (*seeds)["error/body"] = std::string("\x01\x90", 2) + http::ErrorBody(absl::InvalidArgumentError("日期不对"));
  (*seeds)["error/html"] = std::string("\x01\xf6", 2) + "<html>502</html>";
  (*seeds)["error/host"] = std::string("\x00\xc8", 2) + "http://127.0.0.1:7060[::1]:7060";
}

}  // namespace

Seeds MakeSeeds() {
  Seeds seeds;
  AddGolden(&seeds);
  AddFiles(&seeds);
  AddTables(&seeds);
  AddRequests(&seeds);
  return seeds;
}

}  // namespace liaison::testing_fuzz

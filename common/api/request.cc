#include "common/api/request.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <memory>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/fault.h"
#include "common/base/status.h"
#include "common/crypto/hash.h"
#include "common/record/schema.h"
#include "common/rows/tables.h"
#include "common/store/store.h"
#include "liaison/v1/record_service.pb.h"
#include "liaison/v1/records.pb.h"

namespace liaison {
namespace {

void Append(const google::protobuf::Message& message, std::string* bytes) {
  google::protobuf::io::StringOutputStream stream(bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
}

// Moves visitors' fields, wherever they stand in a request, out of it.
void TakeSecrets(google::protobuf::Message* message, std::string* secrets) {
  const google::protobuf::Reflection* reflection = message->GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const google::protobuf::FieldDescriptor* field : fields) {
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    const int count = field->is_repeated() ? reflection->FieldSize(*message, field) : 1;
    for (int i = 0; i < count; ++i) {
      google::protobuf::Message* inner = field->is_repeated() ? reflection->MutableRepeatedMessage(message, field, i)
                                                              : reflection->MutableMessage(message, field);
      TakeSecrets(inner, secrets);
      if (inner->GetDescriptor() != v1::VisitorFields::descriptor()) continue;
      Append(*inner, secrets);
      inner->Clear();
    }
  }
}

std::string OpenDigest(const google::protobuf::Message& request) {
  std::string bytes = request.GetDescriptor()->full_name();
  Append(request, &bytes);
  return "\x02" + Sha256(bytes);
}

}  // namespace

absl::StatusOr<std::string> ActionId(std::string_view hex) {
  std::string bytes;
  if (!Unhex(hex, &bytes) || bytes.size() != kActionIdBytes)
    return WrongField("action_id", "应为20位十六进制数字（小写）");
  return bytes;
}

std::string RequestHash(const google::protobuf::Message& request) { return OpenDigest(request); }

absl::StatusOr<std::string> RequestHash(Store* store, const google::protobuf::Message& request) {
  std::unique_ptr<google::protobuf::Message> open(request.New());
  open->CopyFrom(request);
  std::string secrets;
  TakeSecrets(open.get(), &secrets);
  RecordId root, child;
  if (auto* change = google::protobuf::DynamicCastToGenerated<v1::ChangeRecordRequest>(open.get());
      change != nullptr && ParseFullId(change->id(), &root, &child) && root.type == TypeOf<v1::Visitor>().type())
    secrets += std::exchange(*change->mutable_fields(), "");
  if (secrets.empty()) return OpenDigest(request);
  ASSIGN_OR_RETURN(std::string secret, store->SecretDigest(secrets));
  return OpenDigest(*open) + secret;
}

}  // namespace liaison

#include "common/rules/visitor/visitors.h"

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/crypto/seal.h"
#include "common/record/view.h"
#include "common/store/keys.h"

namespace liaison {
namespace {

SealKey ToSealKey(const sync::KeyItem& item) { return {item.algorithm, item.key_id, item.key}; }

}  // namespace

bool IsEmpty(const v1::VisitorFields& fields) { return fields.ByteSizeLong() == 0; }

absl::Status NormaliseVisitor(v1::VisitorFields* fields) {
  fields->set_name(Trim(fields->name()));
  if (Trim(fields->phone()).empty()) {
    fields->clear_phone();
  } else {
    absl::StatusOr<std::string> phone = NormalisePhone(fields->phone());
    if (!phone.ok()) return absl::InvalidArgumentError(Cat("电话：", phone.status().message()));
    fields->set_phone(*phone);
  }
  const std::pair<const char*, const std::string&> texts[] = {{"姓名", fields->name()},
                                                              {"性别", fields->gender()},
                                                              {"年龄段", fields->age_band()},
                                                              {"村组", fields->village_group()},
                                                              {"住址", fields->address()}};
  for (const auto& [label, text] : texts) {
    if (CountChars(text) > 60) return absl::InvalidArgumentError(Cat(label, "：最多60字，现有", CountChars(text), "字"));
    for (const char c : text)
      if (static_cast<uint8_t>(c) < 0x20 && c != '\n' && c != '\t' && c != '\r')
        return absl::InvalidArgumentError(Cat(label, "：含有不能保存的控制字符"));
  }
  return absl::OkStatus();
}

NewVisitor SealVisitor(const RecordId& id, const v1::VisitorFields& fields, std::string_view station_id,
                       std::string_view import_batch, Random* random) {
  SealKey key = NewSealKey(random);
  v1::Visitor record;
  record.set_sealed(Seal(key, fields.SerializeAsString(), ToBytes(id), random));
  record.set_station_id(std::string(station_id));
  record.set_import_batch(std::string(import_batch));
  NewVisitor visitor;
  visitor.op.aggregate = id;
  WritesOf(record, {}, &visitor.op.writes, &visitor.op.sealed);
  visitor.key = {ToBytes(id), key.algorithm, key.id, key.key};
  return visitor;
}

absl::StatusOr<Write> ResealVisitor(const StoreReader& reader, const Aggregate& visitor,
                                    const v1::VisitorFields& fields, Random* random) {
  auto record = Show<v1::Visitor>(visitor);
  ASSIGN_OR_RETURN(std::string key_id, SealedKeyId(record.sealed()));
  std::optional<sync::KeyItem> key = reader.VisitorKey(visitor.id(), key_id);
  if (!key || key->key.empty()) return absl::FailedPreconditionError("本机没有打开此人信息的钥匙，不能修改");
  Write write;
  write.tag = TypeOf<v1::Visitor>().Find(v1::Visitor::kSealedFieldNumber)->tag;
  write.value = Seal(ToSealKey(*key), fields.SerializeAsString(), ToBytes(visitor.id()), random);
  return write;
}

std::optional<v1::VisitorFields> OpenSealed(const StoreReader& reader, const RecordId& visitor,
                                            std::string_view sealed) {
  absl::StatusOr<std::string> key_id = SealedKeyId(sealed);
  if (!key_id.ok()) return std::nullopt;
  std::optional<sync::KeyItem> key = reader.VisitorKey(visitor, *key_id);
  if (!key || !CheckSealKey(ToSealKey(*key)).ok()) return std::nullopt;
  absl::StatusOr<std::string> plain = Open(ToSealKey(*key), sealed, ToBytes(visitor));
  v1::VisitorFields fields;
  if (!plain.ok() || !fields.ParseFromString(*plain)) return std::nullopt;
  return fields;
}

std::optional<v1::VisitorFields> OpenVisitor(const StoreReader& reader, const Aggregate& visitor) {
  return OpenSealed(reader, visitor.id(), Show<v1::Visitor>(visitor).sealed());
}

v1::VisitorFields Masked(const v1::VisitorFields& fields) {
  v1::VisitorFields masked = fields;
  masked.set_name(MaskName(fields.name()));
  masked.set_phone(MaskPhone(fields.phone()));
  masked.clear_address();
  return masked;
}

}  // namespace liaison

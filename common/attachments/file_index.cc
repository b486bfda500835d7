#include "common/attachments/file_index.h"

#include <map>

#include "common/base/bytes.h"
#include "common/crypto/hash.h"
#include "common/record/view.h"
#include "liaison/v1/records.pb.h"

namespace liaison {
namespace {

bool IsFile(const v1::AttachmentRef& ref) {
  return ref.content_hash().size() == kSha256Size && ref.hash_algorithm() == kSha256;
}

std::map<std::string, std::string> RowsOf(const Aggregate& aggregate) {
  std::map<std::string, std::string> rows;
  if (aggregate.VoidOf({}) == VoidState::kVoid) return rows;
  for (const RecordId& child : ChildrenOf<v1::AttachmentRef>(aggregate)) {
    auto ref = Show<v1::AttachmentRef>(aggregate, child);
    if (!IsFile(ref) || aggregate.VoidOf(child) == VoidState::kVoid) continue;
    std::string key = ProjectionPrefix('a');
    ByteWriter out(&key);
    out.Raw(ref.content_hash());
    out.String(ToBytes(aggregate.id()));
    out.Raw(ToBytes(child));
    ByteWriter value(&rows[key]);
    value.Varint(ref.size());
    value.String(ref.mime());
    value.String(ref.name());
  }
  return rows;
}

}  // namespace

void FilesProjection::OnChange(const Aggregate* before, const Aggregate& after, KvWriter& out) {
  std::map<std::string, std::string> old_rows, new_rows = RowsOf(after);
  if (before != nullptr) old_rows = RowsOf(*before);
  for (const auto& [key, value] : old_rows)
    if (!new_rows.contains(key)) out.Delete(key);
  for (auto& [key, value] : new_rows) {
    auto it = old_rows.find(key);
    if (it == old_rows.end() || it->second != value) out.Put(key, value);
  }
}

std::vector<FileRef> FileRefsOf(const KvReader& kv, std::string_view hash) {
  std::vector<FileRef> refs;
  if (hash.size() != kSha256Size) return refs;
  std::string prefix = ProjectionPrefix('a') + std::string(hash);
  kv.ScanPrefix(prefix, [&](std::string_view key, std::string_view value) {
    FileRef ref;
    ByteReader name(key.substr(prefix.size())), in(value);
    bool good = RecordIdFromBytes(name.String(), &ref.root) && RecordIdFromBytes(name.rest(), &ref.child);
    ref.size = in.Varint();
    ref.mime = in.String();
    ref.name = in.String();
    if (good && in.ok()) refs.push_back(std::move(ref));
    return true;
  });
  return refs;
}

void ForEachNamedFile(const KvReader& kv, const std::function<void(std::string_view hash)>& visit) {
  std::string prefix = ProjectionPrefix('a'), last;
  kv.ScanPrefix(prefix, [&](std::string_view key, std::string_view) {
    std::string_view hash = key.substr(prefix.size(), kSha256Size);
    if (hash != last) visit(last = hash);
    return true;
  });
}

std::vector<std::string> FileHashesIn(const Aggregate& aggregate) {
  std::vector<std::string> hashes;
  for (const RecordId& child : ChildrenOf<v1::AttachmentRef>(aggregate)) {
    auto ref = Show<v1::AttachmentRef>(aggregate, child);
    if (IsFile(ref)) hashes.push_back(ref.content_hash());
  }
  return hashes;
}

}  // namespace liaison

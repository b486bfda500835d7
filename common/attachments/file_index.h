// Which live records name which file: rows of the store, kept in the batches of the records themselves.
//
//   rows (behind the projection's prefix)      value
//   hash:32 root:string child                  size:varint mime:string name:string
//
// A reference that is void, or whose root is, names nothing; neither does one whose hash is not a SHA-256.
#ifndef LIAISON_COMMON_ATTACHMENTS_FILE_INDEX_H_
#define LIAISON_COMMON_ATTACHMENTS_FILE_INDEX_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/store/projection.h"

namespace liaison {

class FilesProjection : public Projection {
 public:
  std::string_view name() const override { return "附件表"; }
  char prefix() const override { return 'a'; }
  void OnChange(const Aggregate* before, const Aggregate& after, KvWriter& out) override;
};

struct FileRef {
  RecordId root, child;
  uint64_t size = 0;
  std::string mime, name;
};
std::vector<FileRef> FileRefsOf(const KvReader& kv, std::string_view hash);
// Each hash that is named, once, ascending.
void ForEachNamedFile(const KvReader& kv, const std::function<void(std::string_view hash)>& visit);
// The hashes in the references of a record, void ones too.
std::vector<std::string> FileHashesIn(const Aggregate& aggregate);

}  // namespace liaison

#endif  // LIAISON_COMMON_ATTACHMENTS_FILE_INDEX_H_

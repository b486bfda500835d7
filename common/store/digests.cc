// Digests of requests, by which a repetition is told from another request under the same action id (table I).
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/crypto/hmac.h"
#include "common/store/keys.h"
#include "common/store/store.h"

namespace liaison {
namespace {

constexpr size_t kDigestKeyBytes = 32;
// A shorter table is read at every start; nothing of it is worth a mark.
constexpr size_t kRowsWorthAMark = 1024;
constexpr char kBlankedMeta[] = "digests";  // "2": no digest of an older program is left in I

// In table K under no record, so that it goes where visitors' keys go and nowhere else.
std::string DigestKeyAt() { return std::string(key::kKey) + '\0'; }

}  // namespace

absl::StatusOr<std::string> Store::SecretDigest(std::string_view secret) {
  absl::MutexLock lock(&write_mutex_);
  std::optional<std::string> row = kv_->Get(DigestKeyAt());
  if (!row) {
    row.emplace();
    ByteWriter out(&*row);
    out.U8(0);  // not wrapped
    out.U8(kSha256);
    out.String(options_.random->Bytes(kDigestKeyBytes));
    RETURN_IF_ERROR(kv_->Write({{DigestKeyAt(), *row}}, true));
  }
  ByteReader in(*row);
  uint8_t wrap = in.U8(), algorithm = in.U8();
  std::string digest_key(in.String());
  RETURN_IF_ERROR(in.Finish("digest key"));
  if (wrap != 0 || algorithm != kSha256) return absl::DataLossError("本机数据库里的摘要密钥读不懂，请升级程序");
  return HmacSha256(digest_key, secret);
}

// Programs up to 0.4.0 kept one SHA-256 of the whole request, name and phone in it: whoever has the disk could guess at
// them. The result stays, so that a late repetition is still answered as it was. The mark comes last: a start that is
// cut off, or finds no room to write the files anew, leaves the rest to the next one.
absl::Status Store::BlankOldDigests() {
  if (kv_->Get(key::Meta(kBlankedMeta))) return absl::OkStatus();
  KvChanges changes;
  bool blanked = false;  // by a start that did not come to its end
  size_t rows = 0;
  kv_->ScanPrefix(key::kAction, [&](std::string_view key, std::string_view value) {
    ++rows;
    ByteReader in(value);
    const size_t size = in.String().size();
    blanked |= in.ok() && size == 0;
    if (size != kSha256Size) return true;
    std::string blank;
    ByteWriter out(&blank);
    out.String("");
    out.String(in.String());
    if (in.ok()) changes[std::string(key)] = std::move(blank);
    return true;
  });
  if (changes.empty() && !blanked) {
    // Once, so that no later start reads a long table again. A disk without room leaves the mark to the next start.
    if (rows > kRowsWorthAMark) kv_->Write({{key::Meta(kBlankedMeta), "2"}}, false).IgnoreError();
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(kv_->Write(changes, true));
  if (!kv_->Forget(key::kAction).ok()) return absl::OkStatus();
  return kv_->Write({{key::Meta(kBlankedMeta), "2"}}, true);
}

}  // namespace liaison

// Which ops are hidden by verdicts and which are marked, without going through all records. Set at the hub only.
#ifndef LIAISON_COMMON_STORE_VERDICT_ROWS_H_
#define LIAISON_COMMON_STORE_VERDICT_ROWS_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/codec/message_codec.h"
#include "common/record/op.h"
#include "common/record/verdict.h"
#include "common/store/kv.h"
#include "common/store/projection.h"

namespace liaison {

// Derived, so that a restore, an offer and a retired hub's folder bring it as well.
//   'h' record id:string, element    an op of a record that a verdict hides; value: the verdict that decides
//   'd' record id:string             a record that two stations have made, and both count (maker.h); empty
class VerdictRows : public Projection {
 public:
  std::string_view name() const override { return "verdicts"; }
  char prefix() const override { return 'j'; }
  void OnChange(const Aggregate* before, const Aggregate& after, KvWriter& out) override;
};

struct JudgedOp {
  RecordId record;
  OpName name;
  VerdictText verdict;  // of one that is marked: its code and words
};
// Of those that are hidden, by record; behind `after`, the key of the last one seen; empty: from the start. Stops when
// `visit` returns false.
void ForEachHidden(const KvReader& kv, std::string_view after,
                   const std::function<bool(std::string_view key, const JudgedOp&)>& visit);

void ForEachDisputed(const KvReader& kv, const std::function<bool(const RecordId&)>& visit);

// Those that stand and are marked: rows of this disk (table M), which no other disk has. They go with its backups.
void MarkOp(const RecordId& record, const OpName& name, std::string_view code, std::string_view words, KvWriter* out);
void ForEachMarked(const KvReader& kv, const std::function<bool(const JudgedOp&)>& visit);
// Takes over those of another disk whose ops are here.
void CopyMarks(const KvReader& other, KvWriter* out);

// Which device signed the range by which an op of another's log came (table R); nothing: it came in none.
std::optional<std::string> SignerOf(const KvReader& kv, const OpName& name);

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_VERDICT_ROWS_H_

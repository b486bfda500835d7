// Ops that the hub judges: once each, when they first reach it, and what a person does about them afterwards. The rules
// of the judgement are the hub's own (StoreOptions::judge); tests/model/door has the whole as a model.
//
// What is held or refused is folded, and hidden by an op of the hub's own that stands in front of it, in the batch and
// in every feed. So its author's later words follow it, and no replica ever shows it.
#ifndef LIAISON_COMMON_STORE_JUDGING_H_
#define LIAISON_COMMON_STORE_JUDGING_H_

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/record/verdict.h"
#include "common/store/judgement.h"
#include "common/store/store.h"

namespace liaison {

// Who writes what the hub finds by its rules; a person's verdict has another name.
inline constexpr char kJudgeUser[] = "镇中心自动核对";

class Store::Judging {
 public:
  explicit Judging(Store* store) : store_(*store) {}  // must outlive this

  // A person takes ops that are held, or refused for the right of their author or for their date: one op each, which
  // takes the verdict back and writes the values once more over all that is shown, so that they are shown alone. New
  // children become visible. Returns how many; those that stand already are passed over. On an error nothing was
  // written. kNotFound; kFailedPrecondition (Chinese): it waits for another op, is refused for what no station may
  // write, or makes a record that is made already.
  absl::StatusOr<size_t> Take(std::span<const OpName> names, std::string_view user);
  // A person says that ops which are held shall not count, or, where two stations have made a record, that one making
  // does not. `words` (Chinese): why. Those that are refused already are passed over. kFailedPrecondition: it counts.
  absl::StatusOr<size_t> Decline(std::span<const OpName> names, std::string_view user, std::string_view words);
  // Looks again at all that is held as missing, some hundred records a batch, and takes what stands now; how many.
  // Records that change are looked at in the same batch: this is for what depends on others, as rights do.
  absl::StatusOr<size_t> LookAgain();

  // ---- within a batch, under the store's write lock
  // Of an op of a range that is not here yet.
  Judgement New(const Op& op, Batch* batch) const;
  // Before the op is added: its verdict, or its mark.
  absl::Status Pronounce(const Op& op, const Judgement& judgement, Batch* batch);
  absl::Status LookAgainIn(Batch* batch);
  // A verdict that an offer or another hub's folder has brought. Rulings on one op from before and after meet here.
  struct Brought {
    RecordId record;
    std::string element;
    Dot dot;  // of the op that brought it
  };
  // Those of an op of this hub's.
  static void AddBrought(const Op& op, std::vector<Brought>* brought);
  // Writes one verdict where there are several: a person's goes first, taking before declining; then what was brought.
  absl::Status Merge(std::span<const Brought> brought, Batch* batch);
  // Merge() in a batch of its own, with the marks that another hub's folder has.
  absl::Status MergeImported(std::span<const Brought> brought, const KvReader& other);

 private:
  absl::StatusOr<size_t> ForEach(std::span<const OpName> names,
                                 const std::function<absl::StatusOr<bool>(const OpName& name, Batch*)>& rule);
  absl::StatusOr<bool> TakeOne(const OpName& name, std::string_view user, Batch* batch);
  absl::StatusOr<bool> DeclineOne(const OpName& name, std::string_view user, std::string_view words, Batch* batch);
  absl::Status MayTake(const Op& op, const VerdictText& verdict, Batch* batch) const;
  absl::StatusOr<size_t> LookAt(const RecordId& record, Batch* batch);
  absl::Status Author(NewOp op, std::string_view user, Batch* batch);
  // Who ruled so; nothing: the judge did.
  std::optional<std::string> PersonOf(const Sibling& verdict, const Aggregate& record, const KvReader& kv) const;

  Store& store_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_JUDGING_H_

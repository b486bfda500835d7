#include "common/store/kept.h"

#include <algorithm>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/op_codec.h"
#include "common/store/batch.h"
#include "common/store/judging.h"
#include "common/store/keys.h"
#include "common/store/op_on.h"
#include "common/store/store.h"

namespace liaison {

void ForEachKept(const KvReader& kv, const std::function<bool(const KeptOp&)>& visit) {
  kv.ScanPrefix(key::kKept, [&](std::string_view key, std::string_view mark) {
    KeptOp kept;
    kept.bytes = kv.Get(Cat(key::kOp, key.substr(2))).value_or("");
    absl::StatusOr<Op> op = DecodeOp(kept.bytes);
    kept.readable = op.ok();
    if (!op.ok()) op = DecodeFrame(kept.bytes);
    if (!op.ok()) return true;  // damaged: Verify() names it
    kept.op = *std::move(op);
    kept.mark = DecodeKeptMark(mark);
    return visit(kept);
  });
}

bool IsKept(const KvReader& kv, const OpName& name) {
  return kv.Get(key::Kept(name.actor, name.seq, TagOf(name.hash))).has_value();
}

bool IsKeptReadable(const KvReader& kv, const OpName& name) {
  if (!IsKept(kv, name)) return false;
  std::optional<std::string> bytes = kv.Get(key::Op(name.actor, name.seq, TagOf(name.hash)));
  absl::StatusOr<Op> op = bytes ? DecodeOp(*bytes) : absl::NotFoundError("no such op");
  return op.ok() && op->name() == name && !JudgesOps(*op);
}

std::optional<OpName> FindOpName(const KvReader& kv, const Actor& actor, uint64_t seq, Tag tag) {
  std::optional<std::string> bytes = kv.Get(key::Op(actor, seq, tag));
  absl::StatusOr<Op> op = bytes ? DecodeFrame(*bytes) : absl::NotFoundError("no such op");
  return op.ok() ? std::optional(op->name()) : std::nullopt;
}

bool JudgesOps(const Op& op) {
  auto judges = [](const Write& write) { return write.tag == kVerdictTag; };
  return std::any_of(op.writes.begin(), op.writes.end(), judges) ||
         std::any_of(op.sealed.begin(), op.sealed.end(), judges);
}

namespace {

// A person answers for the scope and for the device; what would be refused of any station in scope stays.
absl::Status MayAccept(const StoreOptions& options, const Op& op, const StoreReader& view) {
  if (!options.judge) return absl::OkStatus();
  const Judgement now = options.judge_in_scope ? options.judge_in_scope(op, view) : options.judge(op, view);
  if (now.outcome < Judgement::Outcome::kRefused || now.code == kOutOfScopeCode) return absl::OkStatus();
  return absl::FailedPreconditionError(Cat("这条记录不能采用：", now.words));
}

}  // namespace

absl::StatusOr<bool> Store::AcceptOp(const OpName& name, std::string_view user, bool signed_before, Batch* batch) {
  Tag tag = TagOf(name.hash);
  if (!batch->HasOp(name)) return absl::NotFoundError("这里没有这条记录");
  std::string mark = key::Kept(name.actor, name.seq, tag);
  if (!batch->out().Get(mark)) return false;
  std::string bytes = batch->out().Get(key::Op(name.actor, name.seq, tag)).value_or("");
  absl::StatusOr<Op> op = DecodeOp(bytes);
  if (!op.ok())
    return absl::FailedPreconditionError(
        Cat("这条记录读不懂（", StdView(op.status().message()), "），不能采用；原文仍然保存"));
  if (JudgesOps(*op)) return absl::FailedPreconditionError("这条记录要退回别人的记录，只有镇中心可以退回，不能采用");
  if (!signed_before) RETURN_IF_ERROR(MayAccept(options_, *op, batch->View()));
  batch->out().Delete(mark);
  batch->AddOp(*op, bytes);
  if (!op->sealed.empty()) batch->TellKeys(op->aggregate);
  hybrid_clock_.Witness(op->logical_time, options_.clock->NowMs());
  if (!options_.refusal) return true;
  RecordId told = options_.refusal(name, "").aggregate;
  const Aggregate& refusal = batch->Get(told);
  if (refusal.empty() || refusal.VoidOf({}) == VoidState::kVoid) return true;
  Action action;
  action.user = std::string(user);
  action.ops.push_back(OpOn(refusal));
  action.ops.back().writes.push_back({{}, kVoidTag, "", "1镇中心已采用"});
  RETURN_IF_ERROR(AppendOwn(action.ops[0], options_.random->Bytes(kActionIdBytes), 0, action, batch));
  return true;
}

absl::StatusOr<size_t> Store::AcceptKept(std::span<const OpName> names, std::string_view user, size_t* left) {
  absl::MutexLock lock(&write_mutex_);
  return AcceptAll(names, user, false, left);
}

absl::StatusOr<size_t> Store::AcceptAll(std::span<const OpName> names, std::string_view user, bool signed_before,
                                        size_t* left) {
  std::optional<OwnLog> before = SaveOwn();
  Batch batch(kv_.get(), &options_);
  size_t count = 0;
  absl::Status status;
  for (const OpName& name : names) {
    absl::StatusOr<bool> taken = AcceptOp(name, user, signed_before, &batch);
    if (left != nullptr && absl::IsFailedPrecondition(taken.status())) {
      ++*left;
      continue;
    }
    status = taken.status();
    if (!status.ok()) break;
    count += *taken;
  }
  if (status.ok() && count > 0) status = Judging(this).LookAgainIn(&batch);
  if (status.ok() && count > 0) status = Finish(&batch, true);
  if (status.ok()) return count;
  RestoreOwn(before);
  return status;
}

}  // namespace liaison

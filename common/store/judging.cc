#include "common/store/judging.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/op_codec.h"
#include "common/store/batch.h"
#include "common/store/kept.h"
#include "common/store/keys.h"
#include "common/store/maker.h"
#include "common/store/op_on.h"
#include "common/store/verdict_rows.h"

namespace liaison {
namespace {

constexpr size_t kLooksAtOnce = 200;
constexpr char kWaitsWords[] = "这条记录接着另一条写的，那一条还没有到镇里";

Judgement NotStations(std::string words) {
  return {Judgement::Outcome::kKept, kNotStationsCode, std::move(words)};
}

absl::StatusOr<Op> FoldedOp(const KvReader& kv, const OpName& name) {
  const std::optional<std::string> bytes = kv.Get(key::Op(name.actor, name.seq, TagOf(name.hash)));
  absl::StatusOr<Op> op = bytes ? DecodeOp(*bytes) : absl::NotFoundError("");
  if (!op.ok() || op->name() != name) return absl::NotFoundError("这里没有这条记录");
  if (IsKept(kv, name))
    return absl::FailedPreconditionError("这条记录没有收进来，只能用“采用”收进来");
  return op;
}

bool WriteSame(const std::vector<Write>& some, const std::vector<Write>& others) {
  return std::any_of(some.begin(), some.end(), [&](const Write& one) {
    return std::any_of(others.begin(), others.end(), [&](const Write& other) {
      return other.child == one.child && other.tag == one.tag && other.element == one.element;
    });
  });
}

// Whether the verdict can go without hiding or reviving anything: what the op wrote to fields is visible then, or its
// author's station has replaced it. Else a person takes it, with its values.
bool MayJustShow(const Op& op, const Aggregate& record, const StoreReader& reader) {
  for (const Op& other : reader.OpsOf(record)) {
    if (other.actor.station == op.actor.station || !record.lineage().Covers(other.context, op.dot())) continue;
    const Lineage::Step* step = record.lineage().Find(other.actor, other.n, other.tag());
    if (step == nullptr || !step->projected) continue;
    if (WriteSame(op.writes, other.writes) || WriteSame(op.sealed, other.sealed)) return false;
  }
  return true;
}

// Else a write over them would stand beside one that this version cannot see past, and the op would stay hidden.
bool CoversAll(const VersionVector& context, const Register& verdicts, const Aggregate& record) {
  return std::all_of(verdicts.siblings().begin(), verdicts.siblings().end(),
                     [&](const Sibling& one) { return record.lineage().Covers(context, one.dot); });
}

// What a person who takes the op writes: the values of the root and of children that others know; a child that only
// this op has made shows by itself.
void AddValues(const Op& op, const Aggregate& record, NewOp* take) {
  auto is_known = [&](const RecordId& child) {
    const Child* found = record.Find(child);
    return child.IsRoot() || (found != nullptr && !found->touched.empty());
  };
  for (const Write& write : op.writes)
    if (is_known(write.child)) take->writes.push_back(write);
  for (const Write& write : op.sealed)
    if (is_known(write.child)) take->sealed.push_back(write);
}

}  // namespace

Judgement Store::Judging::New(const Op& op, Batch* batch) const {
  const StoreOptions& options = store_.options_;
  if (!options.judge || op.actor.station == options.station || JudgesOps(op)) {
    std::string why = store_.WhyNot(op, batch);
    return why.empty() ? Judgement() : NotStations(std::move(why));
  }
  const Aggregate& record = batch->Get(op.aggregate);
  if (VerdictsOn(record, op.name()) != nullptr) return {};  // an offer has brought what was said of it
  Judgement judgement = options.judge(op, batch->View());
  const bool stands = judgement.outcome <= Judgement::Outcome::kHeld;
  if (stands && !record.lineage().Ready(op.dot(), op.previous))
    return {Judgement::Outcome::kHeld, kMissingCode, kWaitsWords};
  return judgement;
}

absl::Status Store::Judging::Author(NewOp op, std::string_view user, Batch* batch) {
  Action action;
  action.user = std::string(user);
  action.ops.push_back(std::move(op));
  return store_.AppendOwn(action.ops[0], store_.options_.random->Bytes(kActionIdBytes), 0, action, batch);
}

absl::Status Store::Judging::Pronounce(const Op& op, const Judgement& judgement, Batch* batch) {
  if (judgement.outcome == Judgement::Outcome::kMarked)
    MarkOp(op.aggregate, op.name(), judgement.code, judgement.words, &batch->out());
  if (judgement.outcome < Judgement::Outcome::kHeld) return absl::OkStatus();
  const bool held = judgement.outcome == Judgement::Outcome::kHeld;
  NewOp verdict = OpOn(batch->Get(op.aggregate));
  verdict.writes.push_back({{},
                            kVerdictTag,
                            VerdictElement(op.name()),
                            held ? HeldValue(judgement.code, judgement.words) : RefusedValue(judgement.words)});
  return Author(std::move(verdict), kJudgeUser, batch);
}

// ---------------------------------------------------------------- the second look

absl::StatusOr<size_t> Store::Judging::LookAt(const RecordId& record, Batch* batch) {
  size_t taken = 0;
  for (const HiddenOp& hidden : HiddenBy(batch->Get(record))) {
    if (!hidden.verdict.held || hidden.verdict.code != kMissingCode) continue;
    absl::StatusOr<Op> op = FoldedOp(batch->out(), hidden.name);
    if (!op.ok() || !batch->Get(record).lineage().Contains(op->dot())) continue;  // it waits
    const Judgement judgement = store_.options_.judge(*op, batch->View());
    if (judgement.outcome > Judgement::Outcome::kMarked) continue;
    if (!MayJustShow(*op, batch->Get(record), batch->View())) continue;
    NewOp verdict = OpOn(batch->Get(record));
    if (!CoversAll(verdict.context, *VerdictsOn(batch->Get(record), hidden.name), batch->Get(record))) continue;
    verdict.writes.push_back({{}, kVerdictTag, VerdictElement(hidden.name), ""});
    RETURN_IF_ERROR(Author(std::move(verdict), kJudgeUser, batch));
    RETURN_IF_ERROR(Pronounce(*op, judgement, batch));  // its mark
    if (!op->sealed.empty()) batch->TellKeys(record);
    ++taken;
  }
  return taken;
}

absl::Status Store::Judging::LookAgainIn(Batch* batch) {
  if (!store_.options_.judge) return absl::OkStatus();
  for (bool taken = true; taken;) {  // each takes one verdict back at least
    taken = false;
    for (const RecordId& record : batch->changed_ids()) {
      ASSIGN_OR_RETURN(const size_t now, LookAt(record, batch));
      taken |= now > 0;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> Store::Judging::LookAgain() {
  size_t all = 0;
  for (std::string after; store_.options_.judge;) {
    absl::MutexLock lock(&store_.write_mutex_);
    std::set<RecordId> records;
    std::string last;
    ForEachHidden(*store_.kv_, after, [&](std::string_view key, const JudgedOp& judged) {
      last = std::string(key);
      if (judged.verdict.held && judged.verdict.code == kMissingCode) records.insert(judged.record);
      return records.size() < kLooksAtOnce;
    });
    if (last.empty()) break;
    after = last;
    const std::optional<OwnLog> before = store_.SaveOwn();
    Batch batch(store_.kv_.get(), &store_.options_);
    size_t taken = 0;
    absl::Status status;
    for (const RecordId& record : records) {
      absl::StatusOr<size_t> now = LookAt(record, &batch);
      status.Update(now.status());
      if (!status.ok()) break;
      taken += *now;
    }
    if (status.ok() && taken > 0) status = LookAgainIn(&batch);
    if (status.ok() && taken > 0) status = store_.Finish(&batch, true);
    if (!status.ok()) {
      store_.RestoreOwn(before);
      return status;
    }
    all += taken;
  }
  return all;
}

// ---------------------------------------------------------------- a person

absl::StatusOr<size_t> Store::Judging::ForEach(
    std::span<const OpName> names, const std::function<absl::StatusOr<bool>(const OpName& name, Batch*)>& rule) {
  absl::MutexLock lock(&store_.write_mutex_);
  const std::optional<OwnLog> before = store_.SaveOwn();
  Batch batch(store_.kv_.get(), &store_.options_);
  size_t count = 0;
  absl::Status status;
  for (const OpName& name : names) {
    absl::StatusOr<bool> ruled = rule(name, &batch);
    status.Update(ruled.status());
    if (!status.ok()) break;
    count += *ruled ? 1 : 0;
  }
  if (status.ok() && count > 0) status = LookAgainIn(&batch);
  if (status.ok() && count > 0) status = store_.Finish(&batch, true);
  if (status.ok()) return count;
  store_.RestoreOwn(before);
  return status;
}

absl::Status Store::Judging::MayTake(const Op& op, const VerdictText& verdict, Batch* batch) const {
  const Aggregate& record = batch->Get(op.aggregate);
  if (!record.lineage().Contains(op.dot()))
    return absl::FailedPreconditionError(Cat(kWaitsWords, "，现在不能采用"));
  if (ClaimsToMake(op) && op.n == 1 && !MakersOf(batch->View(), record).standing.empty())
    return absl::FailedPreconditionError("这条记录已有一处建立并且算数，不能再采用一次建立");
  if (verdict.held || !store_.options_.judge) return absl::OkStatus();
  const Judgement now = store_.options_.judge(op, batch->View());
  const bool of_person = now.code == kPersonCode || now.code == kNoRightCode || now.code == kMergedCode;
  if (now.outcome < Judgement::Outcome::kRefused || of_person) return absl::OkStatus();
  return absl::FailedPreconditionError(Cat("这条记录不能采用：", now.words));
}

absl::StatusOr<bool> Store::Judging::TakeOne(const OpName& name, std::string_view user, Batch* batch) {
  ASSIGN_OR_RETURN(const Op op, FoldedOp(batch->out(), name));
  const Aggregate& record = batch->Get(op.aggregate);
  if (!record.Refused(name)) return false;
  VerdictText verdict;
  for (HiddenOp& hidden : HiddenBy(record))
    if (hidden.name == name) verdict = std::move(hidden.verdict);
  RETURN_IF_ERROR(MayTake(op, verdict, batch));
  NewOp take = OpOn(record);
  record.lineage().Join(VersionVector{op.dot()}, &take.context);
  take.writes.push_back({{}, kVerdictTag, VerdictElement(name), ""});
  if (!ClaimsToMake(op) || op.n > 1) AddValues(op, record, &take);
  RETURN_IF_ERROR(Author(std::move(take), user, batch));
  if (!op.sealed.empty()) batch->TellKeys(op.aggregate);
  return true;
}

absl::StatusOr<bool> Store::Judging::DeclineOne(const OpName& name, std::string_view user, std::string_view words,
                                                Batch* batch) {
  ASSIGN_OR_RETURN(const Op op, FoldedOp(batch->out(), name));
  const Aggregate& record = batch->Get(op.aggregate);
  bool held = false;
  for (const HiddenOp& hidden : HiddenBy(record))
    if (hidden.name == name) held = hidden.verdict.held;
  if (!held && record.Refused(name)) return false;
  const bool disputed = ClaimsToMake(op) && op.n == 1 && MakersOf(batch->View(), record).standing.size() > 1;
  if (!held && !disputed) return absl::FailedPreconditionError("这条记录已经算数，不能退回");
  NewOp verdict = OpOn(record);
  verdict.writes.push_back({{}, kVerdictTag, VerdictElement(name), RefusedValue(words)});
  RETURN_IF_ERROR(Author(std::move(verdict), user, batch));
  return true;
}

absl::StatusOr<size_t> Store::Judging::Take(std::span<const OpName> names, std::string_view user) {
  return ForEach(names, [&](const OpName& name, Batch* batch) { return TakeOne(name, user, batch); });
}

absl::StatusOr<size_t> Store::Judging::Decline(std::span<const OpName> names, std::string_view user,
                                               std::string_view words) {
  return ForEach(names, [&](const OpName& name, Batch* batch) { return DeclineOne(name, user, words, batch); });
}

// ---------------------------------------------------------------- rulings of two histories

void Store::Judging::AddBrought(const Op& op, std::vector<Brought>* brought) {
  for (const liaison::Write& write : op.writes)
    if (write.tag == kVerdictTag) brought->push_back({op.aggregate, write.element, op.dot()});
}

std::optional<std::string> Store::Judging::PersonOf(const Sibling& verdict, const Aggregate& record,
                                                     const KvReader& kv) const {
  if (ParseVerdict(verdict.value).held) return std::nullopt;
  const Lineage::Step* step = record.lineage().Find(verdict.dot.actor, verdict.dot.n, verdict.dot.tag);
  const std::optional<std::string> bytes =
      step == nullptr ? std::nullopt : kv.Get(key::Op(verdict.dot.actor, step->seq, verdict.dot.tag));
  const absl::StatusOr<Op> op = bytes ? DecodeOp(*bytes) : absl::NotFoundError("");
  return op.ok() && op->user != kJudgeUser ? std::optional(op->user) : std::nullopt;
}

absl::Status Store::Judging::Merge(std::span<const Brought> brought, Batch* batch) {
  for (const Brought& one : brought) {
    const Aggregate& record = batch->Get(one.record);
    const Child* root = record.Find({});
    if (root == nullptr) continue;
    const auto field = root->fields.find({kVerdictTag, one.element});
    if (field == root->fields.end()) continue;
    std::set<std::string> values;
    std::map<std::string, std::string> persons;  // what they said -> who; empty, which takes it, comes first
    const std::string* offered = nullptr;
    for (const Sibling& sibling : field->second.siblings()) {
      values.insert(sibling.value);
      if (sibling.dot == one.dot) offered = &sibling.value;
      if (std::optional<std::string> person = PersonOf(sibling, record, batch->out()))
        persons.emplace(sibling.value, *std::move(person));
    }
    if (values.size() < 2) continue;
    std::string value = values.contains("") ? "" : *values.rbegin();
    if (!persons.empty()) {
      value = persons.begin()->first;
    } else if (offered != nullptr) {
      value = *offered;
    }
    NewOp verdict = OpOn(record);
    verdict.writes.push_back({{}, kVerdictTag, one.element, std::move(value)});
    RETURN_IF_ERROR(Author(std::move(verdict), persons.empty() ? kJudgeUser : persons.begin()->second, batch));
  }
  return absl::OkStatus();
}

absl::Status Store::Judging::MergeImported(std::span<const Brought> brought, const KvReader& other) {
  const std::optional<OwnLog> before = store_.SaveOwn();
  Batch batch(store_.kv_.get(), &store_.options_);
  CopyMarks(other, &batch.out());
  absl::Status status = Merge(brought, &batch);
  if (status.ok() && !batch.out().changes().empty()) status = store_.Finish(&batch, true);
  if (!status.ok()) store_.RestoreOwn(before);
  return status;
}

}  // namespace liaison

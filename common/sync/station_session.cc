#include "common/sync/station_session.h"

#include <algorithm>
#include <utility>

#include "common/base/text.h"
#include "common/sync/check.h"

namespace liaison::sync {
namespace {

// The batch is at fault, not this disk.
bool IsAboutContent(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnimplemented:
      return true;
    default:
      return false;
  }
}

}  // namespace

Effects StationSession::Take() { return std::exchange(out_, {}); }

Effects StationSession::End(std::string reason, bool retry) {
  if (phase_ == Phase::kClosed) return {};
  out_.push_back(Send{Goodbye{reason, retry}});
  Finish(std::move(reason), retry);
  return Take();
}

void StationSession::Finish(std::string reason, bool retry) {
  pending_at_end_ = status().pending_ops;
  phase_ = Phase::kClosed;
  trouble_ = reason;
  out_.push_back(Close{std::move(reason), retry});
  push_ = {};
  sent_ = {};
  pull_ = {};
  wants_ = {};
  hello_ = {};
  to_offer_.reset();
}

void StationSession::Illegal(std::string_view what) {
  std::string reason = Cat("镇中心发来的消息不合约定（", what, "），稍后重试");
  out_.push_back(Send{Goodbye{Cat("收到的消息不合约定（", what, "）"), true}});
  Finish(std::move(reason), true);
}

size_t StationSession::IndexOf(const Actor& actor) const {
  auto it = std::find_if(push_.begin(), push_.end(), [&](const Push& push) { return push.log.actor == actor; });
  return it - push_.begin();
}

// ---------------------------------------------------------------- events

Effects StationSession::Start() {
  if (phase_ != Phase::kNew) return {};
  phase_ = Phase::kGreeted;
  hello_ = port_->Identity();
  offered_set_ = hello_.abandoned_hash;
  hello_.tip = port_->tip();
  hello_.feeds = port_->Feeds();
  for (const Cursor& cursor : hello_.feeds) pull_[cursor.interest].cursor = cursor;
  ReadOwnLogs();
  out_.push_back(Send{hello_});
  PumpUp();
  return Take();
}

Effects StationSession::OnMessage(Message message) {
  if (phase_ == Phase::kClosed) return {};
  bool may_precede = std::holds_alternative<Welcome>(message) || std::holds_alternative<Goodbye>(message);
  if (phase_ == Phase::kNew || (phase_ == Phase::kGreeted && !may_precede)) {
    Illegal("a message before the welcome");
  } else {
    std::visit([&](auto&& body) { On(std::move(body)); }, std::move(message));
  }
  return Take();
}

Effects StationSession::OnLocalCommit() {
  if (phase_ == Phase::kNew || phase_ == Phase::kClosed) return {};
  ReadOwnLogs();
  PumpUp();
  return Take();
}

Effects StationSession::OnBatchApplied(std::string_view interest, const absl::Status& status) {
  auto it = pull_.find(interest);
  if (it == pull_.end() || it->second.state != PullState::kApplying) return {};
  Pull& pull = it->second;
  if (status.ok()) {
    pull.cursor = pull.target;
    pull.state = PullState::kIdle;
    pull.asks = 0;
    out_.push_back(Send{FeedAck{pull.cursor}});
  } else if (IsAboutContent(status)) {
    Rest(&pull, Cat("镇里发来的一批内容没有通过核对：", status.message()));
  } else {
    out_.push_back(Send{Goodbye{"本站暂时不能存盘", true}});
    Finish(Cat("本机存盘出错：", status.message()), true);
  }
  return Take();
}

Effects StationSession::OnRewound(std::string_view interest, const absl::Status& status) {
  auto it = pull_.find(interest);
  if (it == pull_.end() || it->second.state != PullState::kRewinding) return {};
  Pull& pull = it->second;
  if (status.ok()) {
    pull.cursor = pull.target;
    pull.state = PullState::kIdle;
    if (pull.subscribed) out_.push_back(Send{FeedAck{pull.cursor}});
    offer_wanted_ |= port_->Identity().abandoned_hash != offered_set_;
    PumpOffers();
  } else if (absl::IsFailedPrecondition(status) && pull.target.position > 0) {
    pull.target = {pull.cursor.interest, "", 0, ""};
    out_.push_back(RewindFeed{pull.target});
  } else {
    Rest(&pull, Cat("退回到与镇中心一致的位置时出错：", status.message()));
  }
  return Take();
}

StationStatus StationSession::status() const {
  StationStatus status;
  status.welcomed = phase_ == Phase::kOpen;
  status.waiting = phase_ == Phase::kGreeted || !sent_.empty();
  status.fork_notice = fork_notice_;
  status.trouble = trouble_;
  status.pending_ops = pending_at_end_;
  for (const Push& push : push_) status.pending_ops += push.log.last_seq - push.log.acked_seq;
  status.up_done = status.welcomed && status.pending_ops == 0;
  status.down_done = status.welcomed && std::all_of(pull_.begin(), pull_.end(), [](const auto& entry) {
                       const Pull& pull = entry.second;
                       return !pull.subscribed || (pull.state == PullState::kIdle && pull.cursor.position >= pull.head);
                     });
  status.down_done &= !offered_ && !offer_wanted_;
  return status;
}

template <typename T>
void StationSession::On(const T&) {
  Illegal("a message that only stations send");
}

void StationSession::On(Goodbye goodbye) { Finish(std::move(goodbye.reason), goodbye.retry); }

// ---------------------------------------------------------------- welcome

void StationSession::On(Welcome welcome) {
  if (phase_ != Phase::kGreeted) return Illegal("a second welcome");
  if (welcome.version < kOldestProtocolVersion || welcome.version > hello_.version) {
    std::string reason =
        Cat("本站与镇中心的软件版本不一致（本站 ", hello_.version, "，镇中心 ", welcome.version, "），请先升级");
    out_.push_back(Send{Goodbye{reason, false}});
    return Finish(std::move(reason), false);
  }
  if (std::string wrong = WrongIn(welcome); !wrong.empty()) return Illegal(Cat("welcome: ", wrong));
  epoch_ = welcome.epoch;
  fork_notice_ = welcome.fork_notice;
  for (const std::string& interest : welcome.subscriptions) {
    Pull& pull = pull_[interest];
    pull.cursor.interest = interest;
    pull.subscribed = true;
  }
  for (const Cursor& head : welcome.heads)
    if (auto it = pull_.find(head.interest); it != pull_.end()) it->second.head = head.position;

  bool older = false;
  std::vector<Cursor> rewinds;
  if (!TakeFeedAnswers(welcome, &rewinds)) return Illegal("welcome: answers about feeds");
  if (!TakeVerdict(welcome, &older)) return Illegal("welcome: verdict on the tip");
  // First noted, then rewound: a crash between the two must leave the evidence for the next session.
  if (older || !rewinds.empty() || !probed_.empty() || !welcome.archive_contained) LowerUnproved();
  // Behind what it lowers: a crash in between must leave the archive's name, the evidence.
  if (!welcome.archive_contained) {
    Ack none;
    none.epoch = epoch_;
    none.level = AckLevel::kArchived;
    out_.push_back(RecordAck{std::move(none), true});
  }
  for (const Cursor& cursor : rewinds) out_.push_back(RewindFeed{cursor});
  phase_ = Phase::kOpen;
  Probe();
  offer_wanted_ = welcome.offer_abandoned;
  PumpUp();
  PumpOffers();
}

// Also of feeds that are not subscribed to: they may hold the only copy of what the hub has lost.
bool StationSession::TakeFeedAnswers(const Welcome& welcome, std::vector<Cursor>* rewinds) {
  if (welcome.feeds.size() != hello_.feeds.size()) return false;
  for (size_t i = 0; i < welcome.feeds.size(); ++i) {
    Pull& pull = pull_[hello_.feeds[i].interest];
    if (welcome.feeds[i].verdict == FeedVerdict::kProbe && pull.cursor.position > 0) {
      pull.state = PullState::kProbing;
      probed_.push_back(welcome.feeds[i].cursor);
      probed_.back().interest = pull.cursor.interest;
    } else if (!TakeAnswer(welcome.feeds[i], &pull, rewinds)) {
      return false;
    }
  }
  return true;
}

bool StationSession::TakeAnswer(const FeedAnswer& answer, Pull* pull, std::vector<Cursor>* rewinds) {
  if (answer.verdict == FeedVerdict::kOk) return true;
  if (answer.verdict != FeedVerdict::kRewind || answer.cursor.interest != pull->cursor.interest ||
      answer.cursor.position >= pull->cursor.position)
    return false;
  pull->state = PullState::kRewinding;
  pull->target = answer.cursor;
  rewinds->push_back(answer.cursor);
  return true;
}

void StationSession::Probe() {
  if (probed_.empty()) return;
  FeedPoints message;
  for (const Cursor& head : probed_)
    for (Cursor& point : port_->FeedPoints(pull_[head.interest].cursor, head))
      message.points.push_back(std::move(point));
  out_.push_back(Send{std::move(message)});
}

void StationSession::On(FeedAnswers answers) {
  if (probed_.empty() || answers.answers.size() != probed_.size()) return Illegal("answers about feeds");
  std::vector<Cursor> rewinds;
  for (size_t i = 0; i < probed_.size(); ++i)
    if (answers.answers[i].verdict != FeedVerdict::kRewind ||
        !TakeAnswer(answers.answers[i], &pull_[probed_[i].interest], &rewinds))
      return Illegal("answers about feeds");
  probed_.clear();
  for (const Cursor& cursor : rewinds) out_.push_back(RewindFeed{cursor});
}

bool StationSession::TakeVerdict(const Welcome& welcome, bool* older) {
  if (!hello_.tip) return welcome.verdict == TipVerdict::kNone;
  const Tip& tip = *hello_.tip;
  uint64_t held = 0;
  switch (welcome.verdict) {
    case TipVerdict::kKnown:
      return true;
    case TipVerdict::kHave:
      if (!welcome.have || welcome.have->actor != tip.actor) return false;
      // Where the hub goes by another branch of this actor, it gets ours from the start.
      held = welcome.have->seq < tip.seq && port_->HoldsAt(*welcome.have) ? welcome.have->seq : 0;
      break;
    case TipVerdict::kWant:
      if (!welcome.want || welcome.want->actor != tip.actor) return false;
      held = welcome.want->seq - 1;
      break;
    default:
      return false;
  }
  size_t index = IndexOf(tip.actor);
  if (index == push_.size()) return false;
  if (held < push_[index].log.acked_seq) {
    *older = true;
    GoBack(index, held);
  }
  return true;
}

// The hub is older than it was: a restored backup. What the tip descends from is found by gaps, step by step. What it
// does not descend from (ops of an own actor that a restore of this disk had lost, and that came back by a feed) no
// gap would ever name, so it is offered again.
void StationSession::LowerUnproved() {
  std::map<Actor, uint64_t> proved;
  std::optional<Tip> at = hello_.tip;
  while (at && proved.emplace(at->actor, at->seq).second) {
    size_t index = IndexOf(at->actor);
    at = index < push_.size() ? push_[index].log.parent : std::nullopt;
  }
  for (Push& push : push_) {
    auto it = proved.find(push.log.actor);
    uint64_t seq = it == proved.end() ? 0 : it->second;
    if (push.log.acked_seq <= seq) continue;
    Lower(&push, seq);
    push.next = seq + 1;
    ++round_;
  }
}

// ---------------------------------------------------------------- up

void StationSession::ReadOwnLogs() {
  for (OwnLog& log : port_->OwnLogs()) {
    log.acked_seq = std::min(log.acked_seq, log.last_seq);
    size_t index = IndexOf(log.actor);
    if (index == push_.size()) {
      uint64_t next = log.acked_seq + 1;
      push_.push_back({std::move(log), next});
    } else {
      push_[index].log.last_seq = std::max(push_[index].log.last_seq, log.last_seq);
    }
  }
}

void StationSession::PumpUp() {
  auto push = push_.begin();
  const size_t in_flight = std::min(limits_.ranges_in_flight, kMaxRangesInFlight);
  while (!push_rests_ && sent_.size() < in_flight) {
    push = std::find_if(push, push_.end(), [](const Push& p) { return p.next <= p.log.last_seq; });
    if (push == push_.end()) return;
    absl::StatusOr<Range> range =
        port_->ReadRange(push->log.actor, push->next, std::min(limits_.range_bytes, kMaxRangeBytes));
    if (!range.ok() || range->actor != push->log.actor || range->first != push->next || !WrongIn(*range).empty()) {
      push_rests_ = true;
      trouble_ = Cat("本机的记录读不出来，不能上传：", range.ok() ? "range" : StdView(range.status().message()));
      return;
    }
    push->log.last_seq = std::max(push->log.last_seq, range->last);
    push->next = range->last + 1;
    range->more = std::any_of(push, push_.end(), [](const Push& p) { return p.next <= p.log.last_seq; });
    sent_.push_back({range->actor, range->first, range->last, range->head_after, round_});
    out_.push_back(Send{*std::move(range)});
  }
}

void StationSession::On(Ack ack) {
  if (std::string wrong = WrongIn(ack); !wrong.empty()) return Illegal(Cat("ack: ", wrong));
  if (ack.level == AckLevel::kArchived) {
    // Of another device of this station too: the store passes over what is not its own, and what is of another branch.
    if (ack.epoch == epoch_) out_.push_back(RecordAck{std::move(ack)});
    return;
  }
  if (sent_.empty() || sent_.front().actor != ack.tip.actor) return Illegal("ack out of turn");
  Sent sent = std::move(sent_.front());
  sent_.pop_front();
  if (ack.gap) {
    OnGap(sent, *ack.gap);
  } else if (ack.tip.seq < sent.last) {
    if (ack.verdicts.empty()) return Illegal("ack short of its range");
    // Not taken, and nothing of this disk can follow it. The person is told why; the next session tries again.
    push_rests_ = true;
    ++round_;
    trouble_ = Cat("镇中心没有收下本站的记录：", ack.verdicts.front().reason);
    out_.push_back(RecordAck{std::move(ack)});
  } else if (ack.tip.seq == sent.last && !SameHash(ack.tip.head, sent.head_after)) {
    fork_notice_ = true;  // the hub goes by another branch of this actor: no receipt for ours
    trouble_ = "镇中心有同一台设备的另一份记录，本机可能被复制过，请联系镇里";
  } else {
    Push& push = push_[IndexOf(sent.actor)];
    push.log.acked_seq = std::max(push.log.acked_seq, std::min(ack.tip.seq, push.log.last_seq));
    push.next = std::max(push.next, push.log.acked_seq + 1);
    if (!ack.verdicts.empty()) trouble_ = Cat("镇中心收下但没有采用本站的记录：", ack.verdicts.front().reason);
    out_.push_back(RecordAck{std::move(ack)});
  }
  if (phase_ != Phase::kOpen) return;
  PumpUp();
  PumpOffers();
}

void StationSession::OnGap(const Sent& sent, const Tip& gap) {
  if (sent.round != round_) return;  // sent before the session went back; the first gap has said it all
  size_t index = IndexOf(gap.actor), of = IndexOf(sent.actor);
  if (index == push_.size()) {
    out_.push_back(Send{Goodbye{"镇中心缺少的记录本站也没有", false}});
    return Finish("镇中心缺少本站更早的记录，本机也没有，请联系镇里", false);
  }
  // The hub may go by another branch of this log, or hold as much and still miss the parent: then from the start.
  bool ours = gap.seq > 0 && port_->HoldsAt(gap) && (index == of || gap.seq < push_[index].log.last_seq);
  uint64_t held = ours ? gap.seq : 0;
  if (index > of || (index == of && held + 1 >= sent.first)) return Illegal("gap that asks for nothing earlier");
  if (++gaps_ > push_.size() + kSpareGaps) return Illegal("gaps without end");
  if (held < push_[index].log.acked_seq) LowerUnproved();
  GoBack(index, held);
}

void StationSession::Lower(Push* push, uint64_t held) {
  if (push->log.acked_seq <= held) return;
  push->log.acked_seq = held;
  Ack ack;
  ack.epoch = epoch_;
  ack.tip = {push->log.actor, held, ""};
  out_.push_back(RecordAck{std::move(ack), true});
}

void StationSession::GoBack(size_t index, uint64_t held) {
  ++round_;
  Lower(&push_[index], held);
  push_[index].next = held + 1;
  for (size_t i = index + 1; i < push_.size(); ++i) push_[i].next = push_[i].log.acked_seq + 1;
}

// ---------------------------------------------------------------- back

// Behind the own ops, so that what both carry travels once. The set may have changed since the hub was last told of it:
// then from its first batch on.
void StationSession::PumpOffers() {
  if (!offer_wanted_ || offered_ || !sent_.empty()) return;
  offer_wanted_ = false;
  offered_set_ = port_->Identity().abandoned_hash;
  offered_at_.clear();
  to_offer_ = port_->NextAbandoned(&offered_at_);
  OfferNext();
}

void StationSession::OfferNext() {
  offered_.reset();
  if (!to_offer_) return;
  Offer offer{*std::exchange(to_offer_, std::nullopt), ""};
  to_offer_ = port_->NextAbandoned(&offered_at_);
  if (!to_offer_) offer.set = offered_set_;
  offered_ = Cursor{offer.batch.interest, offer.batch.epoch, offer.batch.last, offer.batch.prefix_after};
  out_.push_back(Send{std::move(offer)});
}

void StationSession::On(Want want) {
  if (!offered_) return Illegal("a want without an offer");
  if (want.names.size() + want.keys.size() > kMaxWantNames) return Illegal("count of names");
  out_.push_back(Send{port_->Lookup(want)});
}

void StationSession::On(FeedAck ack) {
  if (!offered_ || !SamePoint(ack.cursor, *offered_)) return Illegal("a receipt without an offer");
  OfferNext();
  PumpOffers();
}

// ---------------------------------------------------------------- down

void StationSession::Rest(Pull* pull, std::string trouble) {
  pull->state = PullState::kResting;
  pull->batch = {};
  pull->missing = {};
  trouble_ = std::move(trouble);
}

void StationSession::On(FeedBatch batch) {
  if (std::string wrong = WrongIn(batch); !wrong.empty()) return Illegal(Cat("batch: ", wrong));
  auto it = pull_.find(batch.interest);
  if (it == pull_.end() || !it->second.subscribed) return Illegal("batch of a feed that is not subscribed to");
  Pull& pull = it->second;
  if (pull.state != PullState::kIdle) return Illegal("batch out of turn");
  size_t busy = std::count_if(pull_.begin(), pull_.end(), [](const auto& entry) {
    return entry.second.state == PullState::kWanting || entry.second.state == PullState::kApplying;
  });
  if (busy >= kMaxBatchesInFlight) return Illegal("too many batches");
  bool follows = batch.first == pull.cursor.position &&
                 (batch.first == 0 || batch.prefix_before.empty() || SameHash(batch.prefix_before, pull.cursor.prefix));
  if (follows) {
    batch.prefix_before = pull.cursor.prefix;
    absl::Status completed = port_->Complete(&batch);
    if (!completed.ok() && batch.whole) return Rest(&pull, Cat("镇里发来的一批内容没有通过核对：", completed.message()));
    follows = completed.ok();
  }
  if (!follows) {
    if (++pull.asks > kMaxFeedAsks) return Illegal("batches that do not follow the cursor");
    out_.push_back(Send{FeedAck{pull.cursor, batch.first == pull.cursor.position}});
    return;
  }
  pull.target = {batch.interest, batch.epoch, batch.last, batch.prefix_after};
  for (size_t i = 0; i < batch.items.size(); ++i)
    if (batch.items[i].kind == ItemKind::kOp && batch.ops[i].empty() && !port_->HasOp(batch.items[i].name))
      pull.missing.push_back(i);
  if (pull.missing.empty()) return Apply(&pull, std::move(batch));
  pull.state = PullState::kWanting;
  pull.unknown = false;
  pull.batch = std::move(batch);
  wants_.push_back(it->first);
  if (wants_.size() == 1) SendWant();
}

void StationSession::Apply(Pull* pull, FeedBatch batch) {
  pull->state = PullState::kApplying;
  out_.push_back(ApplyBatch{std::move(batch)});
}

void StationSession::SendWant() {
  const Pull& pull = pull_.at(wants_.front());
  asked_ = std::min(pull.missing.size(), kMaxWantNames);
  Want want;
  for (size_t i = 0; i < asked_; ++i) want.names.push_back(pull.batch.items[pull.missing[i]].name);
  out_.push_back(Send{std::move(want)});
}

// The answer may stop early, after at least one op, so that it stays small; the rest is asked for again.
void StationSession::On(Ops ops) {
  if (wants_.empty()) return Illegal("ops that were not asked for");
  if (ops.ops.empty() || ops.ops.size() > asked_) return Illegal("count of ops");
  Pull& pull = pull_.at(wants_.front());
  for (size_t i = 0; i < ops.ops.size(); ++i) {
    if (ops.ops[i].empty()) pull.unknown = true;
    pull.batch.ops[pull.missing[i]] = std::move(ops.ops[i]);
  }
  pull.missing.erase(pull.missing.begin(), pull.missing.begin() + ops.ops.size());
  if (!pull.missing.empty()) return SendWant();
  wants_.pop_front();
  if (pull.unknown) {
    Rest(&pull, "镇中心暂时缺少一条记录的内容，这一部分先不接收");
  } else {
    Apply(&pull, std::exchange(pull.batch, {}));
  }
  if (!wants_.empty()) SendWant();
}

}  // namespace liaison::sync

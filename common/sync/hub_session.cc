#include "common/sync/hub_session.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/base/text.h"
#include "common/sync/check.h"

namespace liaison::sync {

Effects HubSession::Take() { return std::exchange(out_, {}); }

void HubSession::Finish(std::string reason, bool retry) {
  phase_ = Phase::kClosed;
  out_.push_back(Close{std::move(reason), retry});
  unanswered_ = {};
  push_ = {};
  ready_ = {};
  in_flight_ = 0;
  offer_.reset();
}

Effects HubSession::End(std::string reason, bool retry) {
  if (phase_ == Phase::kClosed) return {};
  out_.push_back(Send{Goodbye{reason, retry}});
  Finish(std::move(reason), retry);
  return Take();
}

void HubSession::Illegal(std::string_view what) {
  out_.push_back(Send{Goodbye{Cat("本站发来的消息不合约定（", what, "）"), true}});
  Finish(Cat("站点发来的消息不合约定（", what, "）"), true);
}

Effects HubSession::OnMessage(Message message) {
  if (phase_ == Phase::kClosed) return {};
  bool may_precede = std::holds_alternative<Hello>(message) || std::holds_alternative<Goodbye>(message);
  if (phase_ == Phase::kNew && !may_precede) {
    Illegal("a message before the hello");
  } else {
    std::visit([&](auto&& body) { On(std::move(body)); }, std::move(message));
  }
  return Take();
}

template <typename T>
void HubSession::On(const T&) {
  Illegal("a message that only the hub sends");
}

void HubSession::On(Goodbye goodbye) { Finish(std::move(goodbye.reason), goodbye.retry); }

// ---------------------------------------------------------------- hello

void HubSession::On(Hello hello) {
  if (phase_ != Phase::kNew) return Illegal("a second hello");
  auto refuse = [&](std::string reason, bool retry) {
    out_.push_back(Send{Goodbye{reason, retry}});
    Finish(std::move(reason), retry);
  };
  if (hello.version < kOldestProtocolVersion)
    return refuse(Cat("本站与镇中心的软件版本不一致（本站 ", hello.version, "，镇中心 ", kProtocolVersion, "），请先升级"),
                  false);
  if (std::string wrong = WrongIn(hello); !wrong.empty()) return Illegal(Cat("hello: ", wrong));
  if (hello.tip && hello.tip->actor.station != hello.station) return Illegal("hello: another station's tip");
  absl::StatusOr<Admission> admission = port_->Admit(hello);
  if (!admission.ok()) {
    bool final = absl::IsPermissionDenied(admission.status()) || absl::IsUnauthenticated(admission.status());
    return refuse(std::string(admission.status().message()), !final);
  }
  phase_ = Phase::kOpen;
  station_ = hello.station;
  node_ = hello.node;

  Welcome welcome;
  welcome.version = std::min(hello.version, kProtocolVersion);
  welcome.epoch = port_->epoch();
  welcome.lineage = port_->lineage();
  welcome.fork_notice = admission->fork_notice;
  welcome.subscriptions = std::move(admission->subscriptions);
  welcome.hub_time_ms = port_->hub_time_ms();
  welcome.heads = port_->Heads(welcome.subscriptions);
  welcome.heads_seal = port_->SignHeads(welcome);
  welcome.offer_abandoned = hello.abandoned_count > 0 && !port_->KnowsAbandoned(hello.abandoned_hash);
  welcome.archive_contained = hello.archive_id.empty() || port_->ContainsArchive(hello.archive_id);
  AnswerTip(hello, &welcome);
  for (const std::string& interest : welcome.subscriptions) {
    push_[interest];
    ready_.push_back(interest);
  }
  AnswerFeeds(hello, &welcome);
  out_.push_back(Send{std::move(welcome)});
  for (Ack& ack : port_->ArchivedTips(hello.station, hello.archive_id)) out_.push_back(Send{std::move(ack)});
  PumpDown();
}

void HubSession::AnswerFeeds(const Hello& hello, Welcome* welcome) {
  for (const Cursor& cursor : hello.feeds) {
    FeedAnswer answer;
    if (cursor.position > 0) answer = port_->CheckCursor(cursor);
    // How long another's feed is, or that there is one, is nothing to a station that does not subscribe to it: it may
    // show its points, and is told of those that it has rightly.
    if (!push_.contains(cursor.interest) && answer.verdict != FeedVerdict::kOk)
      answer = {FeedVerdict::kProbe, {cursor.interest, "", 0, ""}};
    if (answer.verdict == FeedVerdict::kProbe) probed_.push_back(cursor);
    if (auto it = push_.find(cursor.interest); it != push_.end()) {
      it->second.position = cursor.position;
      if (answer.verdict != FeedVerdict::kOk) it->second.state = PushState::kAwaitsCursor;
    }
    welcome->feeds.push_back(std::move(answer));
  }
  std::erase_if(ready_, [&](const std::string& interest) { return push_[interest].state != PushState::kReady; });
}

// The newest of its points that is ours too; the feed's start if none is.
void HubSession::On(FeedPoints message) {
  if (std::string wrong = WrongIn(message); !wrong.empty()) return Illegal(Cat("points: ", wrong));
  if (probed_.empty()) return Illegal("points that were not asked for");
  FeedAnswers answers;
  for (const Cursor& probed : std::exchange(probed_, {})) {
    FeedAnswer answer{FeedVerdict::kRewind, {probed.interest, "", 0, ""}};
    for (const Cursor& point : message.points)
      if (point.interest == probed.interest && point.position > answer.cursor.position &&
          point.position < probed.position && port_->CheckCursor(point).verdict == FeedVerdict::kOk)
        answer.cursor = point;
    answers.answers.push_back(std::move(answer));
  }
  out_.push_back(Send{std::move(answers)});
}

// What is held is read before the tip is looked up: an op that is applied in between makes the answer kKnown, never
// "as many, but others".
void HubSession::AnswerTip(const Hello& hello, Welcome* welcome) {
  if (!hello.tip) return;
  std::optional<Tip> have = port_->Have(hello.tip->actor);
  if (port_->HoldsAt(*hello.tip)) {
    welcome->verdict = TipVerdict::kKnown;
    return;
  }
  if (have && have->seq > 0) {
    welcome->verdict = TipVerdict::kHave;
    welcome->have = std::move(have);
  } else {
    welcome->verdict = TipVerdict::kWant;
    welcome->want = Tip{hello.tip->actor, 1, ""};
  }
}

// ---------------------------------------------------------------- up

void HubSession::On(Range range) {
  if (std::string wrong = WrongIn(range); !wrong.empty()) return Illegal(Cat("range: ", wrong));
  if (range.actor.station != station_) return Illegal("range of another station");
  if (unanswered_.size() >= kMaxRangesInFlight) return Illegal("too many ranges");
  unanswered_.push_back(range.actor);
  more_ = range.more;
  out_.push_back(ApplyRange{std::move(range)});
}

Effects HubSession::OnRangeApplied(Ack ack) {
  if (phase_ != Phase::kOpen || unanswered_.empty()) return {};
  if (unanswered_.front() != ack.tip.actor) return End("镇中心内部出错，请稍后再试", true);
  unanswered_.pop_front();
  more_ &= !ack.gap && ack.verdicts.empty();  // else it may be at its end
  out_.push_back(Send{std::move(ack)});
  for (auto& [interest, push] : push_) ++push.answers;
  PumpDown();
  return Take();
}

// ---------------------------------------------------------------- back

void HubSession::On(Offer offer) {
  if (std::string wrong = WrongIn(offer.batch); !wrong.empty()) return Illegal(Cat("offer: ", wrong));
  if (offer_) return Illegal("an offer before the answer to the last");
  absl::StatusOr<Want> wanted = port_->CheckOffer(offer.batch);
  if (!wanted.ok()) {  // damaged on its disk: passed over, and never noted as taken
    incomplete_ = true;
    const FeedBatch& batch = offer.batch;
    out_.push_back(Send{FeedAck{{batch.interest, batch.epoch, batch.last, batch.prefix_after}}});
    return;
  }
  offer_ = std::move(offer);
  wanted_ = *std::move(wanted);
  keys_.clear();
  places_.clear();
  // An aggregate that left and came back is named twice in a batch; its bytes are wanted once.
  for (const OpName& name : wanted_.names) {
    auto it = std::find_if(offer_->batch.items.begin(), offer_->batch.items.end(),
                           [&](const FeedItem& item) { return item.kind == ItemKind::kOp && item.name == name; });
    places_.push_back(it - offer_->batch.items.begin());
  }
  AskForOffered();
}

void HubSession::AskForOffered() {
  if (!wanted_.names.empty() || !wanted_.keys.empty()) {
    Want want;
    size_t count = std::min(wanted_.names.size(), kMaxWantNames);
    want.names.assign(wanted_.names.begin(), wanted_.names.begin() + count);
    size_t keys = count > 0 ? 0 : std::min(wanted_.keys.size(), kMaxWantNames);
    want.keys.assign(wanted_.keys.begin(), wanted_.keys.begin() + keys);
    out_.push_back(Send{std::move(want)});
    return;
  }
  taking_ = true;
  out_.push_back(TakeOffer{offer_->batch, std::move(keys_), incomplete_ ? "" : offer_->set});
}

void HubSession::On(Ops ops) {
  if (!offer_ || taking_ || ops.ops.size() > wanted_.names.size() || ops.keys.size() > wanted_.keys.size())
    return Illegal("ops that were not asked for");
  if (wanted_.names.empty()) {
    size_t asked = std::min(wanted_.keys.size(), kMaxWantNames);
    wanted_.keys.erase(wanted_.keys.begin(), wanted_.keys.begin() + asked);
  } else if (ops.ops.empty()) {
    return Illegal("count of ops");
  }
  for (size_t i = 0; i < ops.ops.size(); ++i) {
    incomplete_ |= ops.ops[i].empty();
    offer_->batch.ops[places_[i]] = std::move(ops.ops[i]);
  }
  places_.erase(places_.begin(), places_.begin() + ops.ops.size());
  wanted_.names.erase(wanted_.names.begin(), wanted_.names.begin() + ops.ops.size());
  std::move(ops.keys.begin(), ops.keys.end(), std::back_inserter(keys_));
  AskForOffered();
}

Effects HubSession::OnOfferTaken(const absl::Status& status) {
  if (phase_ != Phase::kOpen || !taking_) return {};
  taking_ = false;
  if (!status.ok()) return End("镇中心暂时不能存盘，稍后再试", true);
  const FeedBatch& batch = offer_->batch;
  out_.push_back(Send{FeedAck{{batch.interest, batch.epoch, batch.last, batch.prefix_after}}});
  offer_.reset();
  return Take();
}

// ---------------------------------------------------------------- down

// While a station pushes, the names of what it pushes come back a few ranges at a time, not one batch for each.
void HubSession::PumpDown() {
  for (size_t left = ready_.size(); in_flight_ < kMaxBatchesInFlight && left > 0; --left) {
    std::string interest = std::move(ready_.front());
    ready_.pop_front();
    Push& push = push_[interest];
    if (Waits(push)) {
      ready_.push_back(interest);
      continue;
    }
    std::optional<FeedBatch> batch = port_->ReadFeed(station_, interest, push.position, kMaxBatchBytes, push.whole);
    if (!batch) {
      push.state = PushState::kAtHead;
      continue;
    }
    push.state = PushState::kInFlight;
    push.order = ++batches_sent_;
    ++in_flight_;
    batch->whole = push.whole;
    push.answers = 0;
    push.echo = batch->keys.empty() &&
                std::all_of(batch->ops.begin(), batch->ops.end(), [](const std::string& op) { return op.empty(); });
    push.sent = {interest, batch->epoch, batch->last, batch->prefix_after};
    for (size_t i = 0; i < batch->items.size(); ++i)
      if (batch->items[i].kind == ItemKind::kOp && batch->ops[i].empty()) push.withheld.insert(batch->items[i].name);
    out_.push_back(Send{*std::move(batch)});
  }
}

void HubSession::On(FeedAck ack) {
  if (std::string wrong = WrongIn(ack); !wrong.empty()) return Illegal(Cat("cursor: ", wrong));
  auto it = push_.find(ack.cursor.interest);
  if (it == push_.end()) return Illegal("cursor of a feed that is not subscribed to");
  Push& push = it->second;
  push.whole |= ack.whole;
  if (push.state == PushState::kInFlight && SamePoint(ack.cursor, push.sent)) {
    push.asks = 0;
  } else {
    if (push.state != PushState::kAwaitsCursor && ++push.asks > kMaxFeedAsks) return Illegal("cursors without end");
    if (ack.cursor.position > 0 && port_->CheckCursor(ack.cursor).verdict != FeedVerdict::kOk) {
      // Only a welcome can say where to go back to.
      out_.push_back(Send{Goodbye{"与镇中心的接收位置不一致，重新连接后核对", true}});
      return Finish("站点的接收位置与镇中心不一致", true);
    }
  }
  if (push.state == PushState::kInFlight) --in_flight_;
  push.withheld = {};
  push.position = ack.cursor.position;
  if (push.state != PushState::kReady) ready_.push_back(it->first);
  push.state = PushState::kReady;
  PumpDown();
}

// Of the batch that was sent first, as the station asks in that order: two feeds may leave out the same op, and what a
// batch left out is forgotten when it is taken.
bool HubSession::TakeWithheld(const OpName& name) {
  Push* first = nullptr;
  for (auto& [interest, push] : push_)
    if (push.withheld.contains(name) && (first == nullptr || push.order < first->order)) first = &push;
  if (first == nullptr) return false;
  first->withheld.erase(first->withheld.find(name));
  return true;
}

void HubSession::On(Want want) {
  if (std::string wrong = WrongIn(want); !wrong.empty()) return Illegal(Cat("want: ", wrong));
  Ops answer;
  size_t bytes = 0;
  for (const OpName& name : want.names) {
    if (!answer.ops.empty() && bytes >= kMaxOpsBytes) break;
    if (!TakeWithheld(name)) return Illegal("an op that was not offered");
    answer.ops.push_back(port_->ReadOp(name).value_or(""));
    bytes += answer.ops.back().size();
  }
  out_.push_back(Send{std::move(answer)});
}

Effects HubSession::OnFeedGrew(std::string_view interest) {
  auto it = push_.find(interest);
  if (phase_ != Phase::kOpen || it == push_.end() || it->second.state != PushState::kAtHead) return {};
  it->second.state = PushState::kReady;
  ready_.push_back(it->first);
  PumpDown();
  return Take();
}

}  // namespace liaison::sync

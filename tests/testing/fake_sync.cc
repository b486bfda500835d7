#include "tests/testing/fake_sync.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <utility>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/message_codec.h"
#include "common/crypto/hash.h"

namespace liaison::fake {
namespace {

void EncodeTip(const sync::Tip& tip, ByteWriter* out) {
  EncodeActor(tip.actor, out);
  out->Varint(tip.seq);
  out->String(tip.head);
}

sync::Tip DecodeTip(ByteReader* in) {
  sync::Tip tip;
  tip.actor = DecodeActor(in);
  tip.seq = in->Varint();
  tip.head = std::string(in->String());
  return tip;
}

Feed NewFeed(const std::string& interest) { return {"", {}, {FeedStart(interest)}}; }

}  // namespace

std::string EncodeFakeOp(const FakeOp& op) {
  std::string bytes;
  ByteWriter out(&bytes);
  EncodeActor(op.actor, &out);
  out.Varint(op.seq);
  out.U8(op.parent ? 1 : 0);
  if (op.parent) EncodeTip(*op.parent, &out);
  out.Varint(op.interests.size());
  for (const std::string& interest : op.interests) out.String(interest);
  out.String(op.text);
  return bytes;
}

absl::StatusOr<FakeOp> DecodeFakeOp(std::string_view bytes) {
  ByteReader in(bytes);
  FakeOp op;
  op.actor = DecodeActor(&in);
  op.seq = in.Varint();
  if (in.U8() == 1) op.parent = DecodeTip(&in);
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) op.interests.emplace_back(in.String());
  op.text = std::string(in.String());
  RETURN_IF_ERROR(in.Finish("fake op"));
  return op;
}

OpName NameOf(const FakeOp& op) { return {op.actor, op.seq, Sha256(EncodeFakeOp(op))}; }

Chain Chain::From(std::optional<sync::Tip> parent) {
  Chain chain;
  std::string bytes;
  ByteWriter out(&bytes);
  if (parent) EncodeTip(*parent, &out);
  chain.heads.push_back(Sha256(bytes));
  chain.parent = std::move(parent);
  return chain;
}

void Chain::Append(std::string op) {
  heads.push_back(Sha256(heads.back() + Sha256(op)));
  ops.push_back(std::move(op));
}

// ---------------------------------------------------------------- station

FakeStation::FakeStation(std::string station, std::string node) {
  disk.station = std::move(station);
  disk.node = std::move(node);
}

OpName FakeStation::Commit(const std::string& text, std::vector<std::string> interests, uint64_t* actors) {
  FakeOp op;
  if (!actor_) {
    actor_ = Actor{disk.station, ++*actors};
    op.parent = tip();
    disk.order.push_back(*actor_);
    disk.own[*actor_] = Chain::From(op.parent);
  }
  Chain& chain = disk.own[*actor_];
  op.actor = *actor_;
  op.seq = chain.ops.size() + 1;
  op.interests = std::move(interests);
  op.text = text;
  std::string bytes = EncodeFakeOp(op);
  disk.ops[NameOf(op)] = bytes;
  chain.Append(std::move(bytes));
  return NameOf(op);
}

absl::Status FakeStation::Apply(const sync::FeedBatch& batch) {
  Feed feed = disk.feeds.contains(batch.interest) ? disk.feeds[batch.interest] : NewFeed(batch.interest);
  if (batch.first != feed.items.size() || batch.prefix_before != feed.prefixes.back())
    return absl::FailedPreconditionError("batch does not start at the cursor");
  std::map<OpName, std::string> fresh;
  for (size_t i = 0; i < batch.items.size(); ++i) {
    const sync::FeedItem& item = batch.items[i];
    if (!batch.ops[i].empty() && Sha256(batch.ops[i]) != item.name.hash)
      return absl::InvalidArgumentError("bytes of another op");
    if (batch.ops[i].empty() && !HasOp(item.name)) return absl::InvalidArgumentError("bytes are missing");
    if (!batch.ops[i].empty()) fresh[item.name] = batch.ops[i];
    feed.prefixes.push_back(FeedNext(feed.prefixes.back(), item));
    feed.items.push_back(item);
  }
  if (feed.prefixes.back() != batch.prefix_after) return absl::InvalidArgumentError("prefix does not come out");
  feed.epoch = batch.epoch;
  disk.feeds[batch.interest] = std::move(feed);
  sync::FeedBatch header = batch;
  header.ops.assign(batch.items.size(), "");
  disk.batches[batch.interest].push_back(std::move(header));
  disk.ops.merge(fresh);
  ExtendOwn();
  return absl::OkStatus();
}

// Own ops that a restore had lost come back by the feeds, perhaps by several of them and not in order.
void FakeStation::ExtendOwn() {
  for (auto& [actor, chain] : disk.own) {
    for (;;) {
      auto it = disk.ops.lower_bound({actor, chain.ops.size() + 1, ""});
      if (it == disk.ops.end() || it->first.actor != actor || it->first.seq != chain.ops.size() + 1) break;
      if (chain.acked == chain.ops.size()) ++chain.acked;
      chain.Append(it->second);
    }
  }
}

absl::Status FakeStation::Rewind(const sync::Cursor& cursor) {
  Feed& feed = disk.feeds[cursor.interest];
  if (cursor.position >= feed.prefixes.size() ||
      (cursor.position > 0 && feed.prefixes[cursor.position] != cursor.prefix))
    return absl::FailedPreconditionError("no such common point");
  feed.items.resize(cursor.position);
  feed.prefixes.resize(cursor.position + 1);
  std::vector<sync::FeedBatch>& batches = disk.batches[cursor.interest];
  while (!batches.empty() && batches.back().last > cursor.position) {
    disk.abandoned.push_back(std::move(batches.back()));
    batches.pop_back();
  }
  return absl::OkStatus();
}

bool FakeStation::HoldsAt(const sync::Tip& tip) {
  auto it = disk.own.find(tip.actor);
  return it != disk.own.end() && it->second.HoldsAt(tip);
}

std::vector<sync::Cursor> FakeStation::FeedPoints(const sync::Cursor& cursor, const sync::Cursor& hub_head) {
  const Feed& feed = disk.feeds[cursor.interest];
  std::vector<sync::Cursor> points;
  auto add = [&](uint64_t at) { points.push_back({cursor.interest, feed.epoch, at, feed.prefixes[at]}); };
  if (hub_head.position < cursor.position && hub_head.prefix == feed.prefixes[hub_head.position])
    add(hub_head.position);
  for (uint64_t back = 1; back < cursor.position; back *= 2) add(cursor.position - back);
  return points;
}

std::optional<sync::FeedBatch> FakeStation::NextAbandoned(std::string* at) {
  if (at->size() >= disk.abandoned.size()) return std::nullopt;
  return disk.abandoned[std::exchange(*at, *at + 'x').size()];
}

sync::Ops FakeStation::Lookup(const sync::Want& want) {
  sync::Ops found;
  for (const OpName& name : want.names) {
    auto it = disk.ops.find(name);
    found.ops.push_back(it == disk.ops.end() ? "" : it->second);
  }
  return found;
}

absl::Status FakeStation::Complete(sync::FeedBatch* batch) {
  if (batch->first == 0) batch->prefix_before = FeedStart(batch->interest);
  std::string prefix = batch->prefix_before;
  for (sync::FeedItem& item : batch->items) {
    if (item.name.hash.empty()) {
      auto it = disk.ops.lower_bound({item.name.actor, item.name.seq, ""});
      if (it == disk.ops.end() || it->first.actor != item.name.actor || it->first.seq != item.name.seq)
        return absl::NotFoundError("an own op that is not here");
      item.name = it->first;
      item.aggregate = DecodeFakeOp(it->second)->text;
    }
    prefix = FeedNext(prefix, item);
  }
  if (!sync::SameHash(prefix, batch->prefix_after)) return absl::NotFoundError("the prefix does not come out");
  batch->prefix_after = std::move(prefix);
  return absl::OkStatus();
}

void FakeStation::Record(const sync::RecordAck& record) {
  if (record.ack.level == sync::AckLevel::kArchived) {
    if (record.exact) disk.archived.clear();
    if (record.exact || !record.ack.archive_id.empty()) disk.archive_id = record.ack.archive_id;
    auto own = disk.own.find(record.ack.tip.actor);
    const sync::Tip& tip = record.ack.tip;
    if (record.exact || own == disk.own.end() || tip.seq >= own->second.heads.size() ||
        !sync::SameHash(own->second.heads[tip.seq], tip.head))
      return;
    disk.archived[own->first] = std::max(disk.archived[own->first], tip.seq);
    own->second.acked = std::max(own->second.acked, tip.seq);
    return;
  }
  Chain& chain = disk.own.at(record.ack.tip.actor);
  uint64_t seq = std::min<uint64_t>(record.ack.tip.seq, chain.ops.size());
  chain.acked = record.exact ? seq : std::max(chain.acked, seq);
}

sync::Hello FakeStation::Identity() {
  sync::Hello hello;
  hello.version = version;
  hello.station = disk.station;
  hello.node = disk.node;
  hello.machine_id = disk.node;
  std::set<OpName> names;
  for (const sync::FeedBatch& batch : disk.abandoned)
    for (const sync::FeedItem& item : batch.items) names.insert(item.name);
  hello.abandoned_count = names.size();
  std::string all;
  for (const OpName& name : names) all += name.hash;
  if (!names.empty()) hello.abandoned_hash = Sha256(all);
  hello.archive_id = disk.archive_id;
  return hello;
}

std::optional<sync::Tip> FakeStation::tip() {
  for (auto it = disk.order.rbegin(); it != disk.order.rend(); ++it)
    if (const Chain& chain = disk.own[*it]; !chain.ops.empty())
      return sync::Tip{*it, chain.ops.size(), chain.heads.back()};
  return std::nullopt;
}

std::vector<sync::OwnLog> FakeStation::OwnLogs() {
  std::vector<sync::OwnLog> logs;
  for (const Actor& actor : disk.order)
    logs.push_back({actor, disk.own[actor].ops.size(), disk.own[actor].acked, disk.own[actor].parent});
  return logs;
}

absl::StatusOr<sync::Range> FakeStation::ReadRange(const Actor& actor, uint64_t first, size_t max_bytes) {
  const Chain& chain = disk.own.at(actor);
  sync::Range range;
  range.actor = actor;
  range.first = range.last = first;
  range.head_before = chain.heads[first - 1];
  size_t bytes = 0, limit = std::min(max_bytes, max_range_bytes);
  for (uint64_t seq = first; seq <= chain.ops.size(); ++seq) {
    bytes += chain.ops[seq - 1].size();
    if (seq > first && bytes > limit) break;
    range.last = seq;
    range.ops.push_back(chain.ops[seq - 1]);
  }
  range.head_after = chain.heads[range.last];
  return range;
}

std::vector<sync::Cursor> FakeStation::Feeds() {
  std::vector<sync::Cursor> cursors;
  for (const auto& [interest, feed] : disk.feeds)
    cursors.push_back({interest, feed.epoch, feed.items.size(), feed.prefixes.back()});
  return cursors;
}

// ---------------------------------------------------------------- hub

FakeHub::FakeHub() { disk.epoch = std::string(16, 'a'); }

OpName FakeHub::Commit(const std::string& interest, const std::string& text, uint64_t* actors) {
  FakeOp op;
  if (!actor_) {
    actor_ = Actor{"HUB", ++*actors};
    disk.chains[*actor_] = Chain::From(std::nullopt);
  }
  op.actor = *actor_;
  op.seq = disk.chains[*actor_].ops.size() + 1;
  op.interests = {interest};
  op.text = text;
  disk.chains[*actor_].Append(EncodeFakeOp(op));
  Append(op, EncodeFakeOp(op));
  TellGrown();
  return NameOf(op);
}

void FakeHub::TellGrown() {
  for (const std::string& interest : std::exchange(grown_, {})) on_grew(interest);
}

void FakeHub::Append(const FakeOp& op, const std::string& bytes) {
  OpName name = NameOf(op);
  disk.ops[name] = bytes;
  for (const std::string& interest : op.interests) {
    Feed& feed = disk.feeds.try_emplace(interest, NewFeed(interest)).first->second;
    feed.epoch = disk.epoch;
    sync::FeedItem item;
    item.aggregate = op.text;
    item.name = name;
    feed.prefixes.push_back(FeedNext(feed.prefixes.back(), item));
    feed.items.push_back(std::move(item));
  }
  grown_.insert(op.interests.begin(), op.interests.end());
}

sync::Ack FakeHub::Apply(const sync::Range& range) {
  sync::Ack ack;
  ack.epoch = disk.epoch;
  auto it = disk.chains.find(range.actor);
  auto finish = [&] {
    auto at = disk.chains.find(range.actor);
    ack.tip = {range.actor, 0, ""};
    if (at != disk.chains.end()) ack.tip = {range.actor, at->second.ops.size(), at->second.heads.back()};
    return ack;
  };
  if (range.ops.empty()) return finish();
  uint64_t held = it == disk.chains.end() ? 0 : it->second.ops.size();
  if (range.first > held + 1) {
    ack.gap = finish().tip;
    return ack;
  }
  std::vector<FakeOp> ops;
  for (const std::string& bytes : range.ops) {
    absl::StatusOr<FakeOp> op = DecodeFakeOp(bytes);
    if (!op.ok()) {
      ack.verdicts.push_back({{range.actor, range.first, Sha256(bytes)}, sync::Verdict::kMalformed, "内容读不出来"});
      return finish();
    }
    ops.push_back(*std::move(op));
  }
  if (held == 0) {
    const std::optional<sync::Tip>& parent = ops[0].parent;
    if (parent && !HoldsAt(*parent)) {
      ack.gap = Have(parent->actor).value_or(sync::Tip{parent->actor, 0, ""});
      return finish();
    }
    it = disk.chains.emplace(range.actor, Chain::From(parent)).first;
  }
  for (size_t i = 0; i < ops.size(); ++i) {
    if (range.first + i <= held) continue;
    it->second.Append(range.ops[i]);
    if (!disk.ops.contains(NameOf(ops[i]))) Append(ops[i], range.ops[i]);
  }
  TellGrown();
  return finish();
}

absl::StatusOr<sync::Want> FakeHub::CheckOffer(const sync::FeedBatch& batch) {
  std::string prefix = batch.prefix_before;
  for (const sync::FeedItem& item : batch.items) prefix = FeedNext(prefix, item);
  if (prefix != batch.prefix_after) return absl::InvalidArgumentError("prefix does not come out");
  sync::Want lacking;
  for (const sync::FeedItem& item : batch.items)
    if (!disk.ops.contains(item.name)) lacking.names.push_back(item.name);
  return lacking;
}

void FakeHub::TakeOffer(const sync::TakeOffer& offer) {
  for (const std::string& bytes : offer.batch.ops)
    if (absl::StatusOr<FakeOp> op = DecodeFakeOp(bytes); op.ok() && !disk.ops.contains(NameOf(*op))) Append(*op, bytes);
  if (!offer.known.empty()) disk.known.insert(offer.known);
  TellGrown();
}

std::string FakeHub::Archive() {
  std::map<Actor, sync::Tip>& tips = disk.archives[Cat("archive-", 100 + disk.archives.size())];
  for (const auto& [actor, chain] : disk.chains) tips[actor] = {actor, chain.heads.size() - 1, chain.heads.back()};
  return disk.archives.rbegin()->first;
}

std::vector<sync::Ack> FakeHub::ArchivedTips(const std::string& station, const std::string& known) {
  std::vector<sync::Ack> acks;
  if (disk.archives.empty() || disk.archives.rbegin()->first <= known) return acks;
  const auto& [id, tips] = *disk.archives.rbegin();
  for (const auto& [actor, tip] : tips) {
    if (actor.station != station || tip.seq == 0) continue;
    sync::Ack& ack = acks.emplace_back();
    ack.epoch = disk.epoch;
    ack.tip = tip;
    ack.level = sync::AckLevel::kArchived;
  }
  if (!acks.empty()) acks.back().archive_id = id;
  return acks;
}

void FakeHub::Restore(Disk older, const std::string& epoch) {
  disk = std::move(older);
  disk.epoch = epoch;
  actor_.reset();
}

absl::StatusOr<sync::Admission> FakeHub::Admit(const sync::Hello& hello) {
  auto it = subscriptions.find(hello.station);
  if (it == subscriptions.end()) return absl::PermissionDeniedError("镇中心没有登记这个站点，请联系镇里");
  sync::Admission admission;
  admission.subscriptions = it->second;
  return admission;
}

std::optional<sync::Tip> FakeHub::Have(const Actor& actor) {
  auto it = disk.chains.find(actor);
  if (it == disk.chains.end()) return std::nullopt;
  return sync::Tip{actor, it->second.ops.size(), it->second.heads.back()};
}

bool FakeHub::HoldsAt(const sync::Tip& tip) {
  auto it = disk.chains.find(tip.actor);
  return it != disk.chains.end() && it->second.HoldsAt(tip);
}

sync::FeedAnswer FakeHub::CheckCursor(const sync::Cursor& cursor) {
  auto it = disk.feeds.find(cursor.interest);
  const Feed feed = it == disk.feeds.end() ? NewFeed(cursor.interest) : it->second;
  uint64_t size = feed.items.size();
  if (cursor.position <= size && sync::SameHash(feed.prefixes[cursor.position], cursor.prefix)) return {};
  if (size == 0) return {sync::FeedVerdict::kRewind, {cursor.interest, disk.epoch, 0, feed.prefixes[0]}};
  return {sync::FeedVerdict::kProbe, {cursor.interest, disk.epoch, size, feed.prefixes[size]}};
}

std::vector<sync::Cursor> FakeHub::Heads(const std::vector<std::string>& interests) {
  std::vector<sync::Cursor> heads;
  for (const std::string& interest : interests)
    if (auto it = disk.feeds.find(interest); it != disk.feeds.end())
      heads.push_back({interest, disk.epoch, it->second.items.size(), it->second.prefixes.back()});
  return heads;
}

std::optional<sync::FeedBatch> FakeHub::ReadFeed(std::string_view station, std::string_view interest, uint64_t position,
                                                 size_t max_bytes, bool) {
  auto it = disk.feeds.find(std::string(interest));
  if (it == disk.feeds.end() || position >= it->second.items.size()) return std::nullopt;
  const Feed& feed = it->second;
  sync::FeedBatch batch;
  batch.interest = std::string(interest);
  batch.epoch = disk.epoch;
  batch.first = batch.last = position;
  batch.prefix_before = feed.prefixes[position];
  for (size_t bytes = 0; batch.last < feed.items.size() && batch.items.size() < max_batch_items; ++batch.last) {
    const sync::FeedItem& item = feed.items[batch.last];
    std::string op = item.name.actor.station == station ? "" : ReadOp(item.name).value_or("");
    bytes += 100 + op.size();
    if (bytes > max_bytes && !batch.items.empty()) break;
    batch.items.push_back(item);
    batch.ops.push_back(std::move(op));
  }
  batch.prefix_after = feed.prefixes[batch.last];
  return batch;
}

absl::StatusOr<std::string> FakeHub::ReadOp(const OpName& name) {
  auto it = disk.ops.find(name);
  if (it == disk.ops.end()) return absl::NotFoundError("no such op");
  return it->second;
}

// ---------------------------------------------------------------- link

Link::Link(std::string name, FakeStation* station, FakeHub* hub, Log log)
    : station_session(station), hub_session(hub), name_(std::move(name)), station_(station), hub_(hub), log_(log) {
  OnStation(station_session.Start());
}

// What a real wire does to it.
sync::Message Link::Carry(const sync::Message& message, LinkCodec* from, LinkCodec* to) {
  absl::StatusOr<sync::Message> carried = to->Decode(from->Encode(message));
  if (carried.ok()) return *std::move(carried);
  std::cerr << "the codec lost a message: " << Show(message) << ": " << carried.status() << std::endl;
  std::abort();
}

size_t Link::Waiting(Queue queue) const {
  switch (queue) {
    case Queue::kUp:
      return up.size();
    case Queue::kHubWork:
      return hub_work.size();
    case Queue::kDown:
      return down.size();
    case Queue::kStationWork:
      return station_work.size();
  }
  return 0;
}

bool Link::Step(Queue queue) {
  if (Waiting(queue) == 0) return false;
  auto take = [](auto& from) {
    auto first = std::move(from.front());
    from.pop_front();
    return first;
  };
  if (queue == Queue::kUp) {
    sync::Message message = take(up);
    ++messages;
    log_(Cat(name_, " -> hub   ", Show(message)));
    OnHub(hub_session.OnMessage(Carry(message, &station_codec_, &hub_codec_)));
  } else if (queue == Queue::kDown) {
    sync::Message message = take(down);
    ++messages;
    log_(Cat("hub -> ", name_, "   ", Show(message)));
    OnStation(station_session.OnMessage(Carry(message, &hub_codec_, &station_codec_)));
  } else if (queue == Queue::kHubWork) {
    OnHub(hub_session.OnRangeApplied(hub_->Apply(take(hub_work))));
  } else {
    sync::Effect work = take(station_work);
    if (auto* apply = std::get_if<sync::ApplyBatch>(&work)) {
      absl::Status status = station_->Apply(apply->batch);
      log_(Cat("  ", name_, " takes ", apply->batch.interest, "@", apply->batch.first, "-", apply->batch.last,
               status.ok() ? "" : Cat(": ", status.message())));
      OnStation(station_session.OnBatchApplied(apply->batch.interest, status));
    } else {
      sync::Cursor cursor = std::get<sync::RewindFeed>(work).cursor;
      absl::Status status = station_->Rewind(cursor);
      log_(Cat("  ", name_, " rewinds to ", Show(cursor), status.ok() ? "" : Cat(": ", status.message())));
      OnStation(station_session.OnRewound(cursor.interest, status));
    }
  }
  return true;
}

bool Link::Run(size_t max_steps) {
  for (bool moved = true; moved;) {
    moved = false;
    for (Queue queue : {Queue::kUp, Queue::kHubWork, Queue::kDown, Queue::kStationWork})
      while (Step(queue)) {
        moved = true;
        if (--max_steps == 0) return false;
      }
  }
  return true;
}

void Link::OnStation(sync::Effects effects) {
  for (sync::Effect& effect : effects) {
    if (auto* send = std::get_if<sync::Send>(&effect)) {
      if (auto* range = std::get_if<sync::Range>(&send->message))
        for (const std::string& op : range->ops) op_bytes_up += op.size();
      up.push_back(std::move(send->message));
    } else if (auto* record = std::get_if<sync::RecordAck>(&effect)) {
      bool archived = record->ack.level == sync::AckLevel::kArchived;
      if (archived && record->exact)
        log_(Cat("  ", name_, " forgets the archive"));
      else
        log_(Cat("  ", name_, record->exact ? " lowers to " : " notes ", archived ? "archived " : "",
                 Show(record->ack.tip.actor), "#", record->ack.tip.seq));
      station_->Record(*record);
    } else if (auto* close = std::get_if<sync::Close>(&effect)) {
      log_(Cat("  ", name_, " closes (", close->retry ? "retry" : "final", "): ", close->reason));
    } else {
      station_work.push_back(std::move(effect));
    }
  }
}

void Link::OnHub(sync::Effects effects) {
  for (sync::Effect& effect : effects) {
    if (auto* send = std::get_if<sync::Send>(&effect)) {
      down.push_back(std::move(send->message));
    } else if (auto* apply = std::get_if<sync::ApplyRange>(&effect)) {
      hub_work.push_back(std::move(apply->range));
    } else if (auto* offer = std::get_if<sync::TakeOffer>(&effect)) {
      log_(Cat("  hub takes offer of ", offer->batch.interest, "@", offer->batch.first, "-", offer->batch.last));
      hub_->TakeOffer(*offer);
      OnHub(hub_session.OnOfferTaken(absl::OkStatus()));
    } else if (auto* close = std::get_if<sync::Close>(&effect)) {
      log_(Cat("  hub closes (", close->retry ? "retry" : "final", "): ", close->reason));
    }
  }
}

// ---------------------------------------------------------------- text

std::string Show(const Actor& actor) { return Cat(actor.station, ".", actor.random); }
std::string Show(const sync::Cursor& cursor) { return Cat(cursor.interest, "@", cursor.position); }

namespace {

std::string Show(const sync::Tip& tip) { return Cat(fake::Show(tip.actor), "#", tip.seq); }
std::string Show(const OpName& name) { return Cat(fake::Show(name.actor), "#", name.seq); }
std::string Show(const sync::FeedAnswer& answer) {
  return Cat(answer.verdict == sync::FeedVerdict::kProbe ? "probe " : "rewind ", fake::Show(answer.cursor));
}

template <typename T>
std::string List(const std::vector<T>& values) {
  std::string out = "[";
  for (const T& value : values) {
    if (out.size() > 1) out += " ";
    if constexpr (std::is_same_v<T, std::string>) {
      out += value;
    } else if constexpr (std::is_same_v<T, sync::Cursor>) {
      out += fake::Show(value);
    } else {
      out += Show(value);
    }
  }
  return out + "]";
}

std::string Text(const sync::Hello& m) {
  return Cat("hello ", m.station, "/", m.node, " tip ", m.tip ? Show(*m.tip) : "none", " feeds ", List(m.feeds),
             m.abandoned_count > 0 ? Cat(" abandoned ", m.abandoned_count) : "");
}

std::string Text(const sync::Welcome& m) {
  std::string out = "welcome";
  if (m.verdict == sync::TipVerdict::kKnown) out += " known";
  if (m.verdict == sync::TipVerdict::kHave) out += Cat(" have ", m.have ? Show(*m.have) : "?");
  if (m.verdict == sync::TipVerdict::kWant) out += Cat(" want ", m.want ? Show(*m.want) : "?");
  for (const sync::FeedAnswer& answer : m.feeds)
    if (answer.verdict != sync::FeedVerdict::kOk) out += Cat(" ", Show(answer));
  if (m.offer_abandoned) out += " offer";
  return Cat(out, " subscribe ", List(m.subscriptions), " heads ", List(m.heads));
}

std::string Text(const sync::Range& m) { return Cat("range ", fake::Show(m.actor), "#", m.first, "-", m.last); }

std::string Text(const sync::Ack& m) {
  std::string out = Cat("ack ", Show(m.tip));
  if (m.level == sync::AckLevel::kArchived) out += " archived";
  if (m.gap) out += Cat(" gap ", Show(*m.gap));
  for (const sync::OpVerdict& verdict : m.verdicts) out += Cat(" ", verdict.reason);
  return out;
}

std::string Text(const sync::FeedBatch& m) {
  std::string out = Cat("batch ", m.interest, "@", m.first, "-", m.last, " [");
  for (size_t i = 0; i < m.items.size() && i < m.ops.size(); ++i)
    out += Cat(i == 0 ? "" : " ", Show(m.items[i].name), m.ops[i].empty() ? "(name)" : "");
  return out + "]";
}

std::string Text(const sync::Offer& m) {
  return Cat("offer ", m.batch.interest, "@", m.batch.first, "-", m.batch.last, m.set.empty() ? "" : " last");
}
std::string Text(const sync::FeedPoints& m) { return Cat("points ", List(m.points)); }
std::string Text(const sync::FeedAnswers& m) { return Cat("answers ", List(m.answers)); }
std::string Text(const sync::Want& m) { return Cat("want ", List(m.names)); }
std::string Text(const sync::FeedAck& m) { return Cat("cursor ", fake::Show(m.cursor), m.whole ? " whole" : ""); }
std::string Text(const sync::Goodbye& m) { return Cat("goodbye ", m.retry ? "(retry) " : "(final) ", m.reason); }
std::string Text(const sync::Ops& m) {
  size_t empty = std::count(m.ops.begin(), m.ops.end(), "");
  return Cat("ops ", m.ops.size(), empty > 0 ? Cat(", ", empty, " unknown") : "");
}

}  // namespace

std::string Show(const sync::Message& message) {
  return std::visit([](const auto& body) { return Text(body); }, message);
}

}  // namespace liaison::fake

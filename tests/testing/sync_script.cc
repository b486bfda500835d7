#include "tests/testing/sync_script.h"

#include <sstream>
#include <utility>

#include "common/base/text.h"
#include "common/codec/message_codec.h"

namespace liaison::fake {
namespace {

std::vector<std::string> Split(const std::string& text, char by) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, by);)
    if (!part.empty()) parts.push_back(part);
  return parts;
}

// The value of key=value among the words, or `otherwise`.
std::string Option(const std::vector<std::string>& words, const std::string& key, const std::string& otherwise) {
  for (const std::string& word : words)
    if (word.starts_with(key + "=")) return word.substr(key.size() + 1);
  return otherwise;
}

sync::FeedBatch SomeBatch(const std::string& interest, uint64_t first) {
  sync::FeedBatch batch;
  batch.interest = interest;
  batch.epoch = std::string(16, 'a');
  batch.first = first;
  batch.last = first + 1;
  batch.prefix_before = first == 0 ? FeedStart(interest) : std::string(32, 'x');
  batch.prefix_after = std::string(32, 'y');
  batch.items.resize(1);
  batch.items[0].name = {{"HUB", 99}, 1, std::string(32, 'h')};
  batch.ops = {"bytes"};
  return batch;
}

}  // namespace

SyncScript::SyncScript() {
  hub_.on_grew = [this](const std::string& interest) {
    for (auto& [name, box] : boxes_)
      if (box.link) box.link->FeedGrew(interest);
  };
}

std::string SyncScript::Run(const std::string& line) {
  out_.clear();
  Words words = Split(line, ' ');
  std::string verb = words[0];
  words.erase(words.begin());
  if (verb == "hub" || verb.starts_with("hub-")) {
    Hub(verb, words);
  } else if (words.empty()) {
    Print("which station?");
  } else {
    std::string name = words[0];
    words.erase(words.begin());
    if (verb == "station") {
      std::string id = Option(words, "id", name);
      boxes_[name].station = std::make_unique<FakeStation>(id, Option(words, "node", "n-" + name));
      if (std::string version = Option(words, "version", ""); !version.empty())
        boxes_[name].station->version = std::stoi(version);
      if (!words.empty() && words[0] == "unknown") return "ok\n";
      hub_.subscriptions[id] = Split(Option(words, "subscribe", "all,p:" + id), ',');
    } else if (!boxes_.contains(name) && verb != "clone") {
      Print("no such station");
    } else {
      Disk(verb, name, words);
    }
  }
  return out_.empty() ? "ok\n" : out_;
}

void SyncScript::Hub(const std::string& verb, const Words& words) {
  if (verb == "hub") {
    ShowHub();
  } else if (verb == "hub-commit") {
    for (size_t i = 1; i < words.size(); ++i) hub_.Commit(words[0], words[i], &actors_);
  } else if (verb == "hub-subscribe") {
    hub_.subscriptions[words[0]] = Split(words[1], ',');
  } else if (verb == "hub-backup") {
    hub_backups_[words[0]] = hub_.disk;
  } else if (verb == "hub-restore") {
    for (auto& [name, box] : boxes_) box.link.reset();
    hub_.Restore(hub_backups_.at(words[0]), std::string(16, 'b'));
  } else if (verb == "hub-batch-items") {
    hub_.max_batch_items = std::stoul(words[0]);
  } else if (verb == "hub-lose") {  // the bytes of an op, by its text; the feeds still name it
    std::erase_if(hub_.disk.ops, [&](const auto& entry) { return DecodeFakeOp(entry.second)->text == words[0]; });
  } else {
    Print("unknown command");
  }
}

void SyncScript::Disk(const std::string& verb, const std::string& name, const Words& words) {
  Box& box = boxes_[name];
  if (verb == "commit") {
    std::vector<std::string> to = Split(Option(words, "to", "p:" + box.station->disk.station), ',');
    for (const std::string& word : words)
      if (!word.starts_with("to=")) box.station->Commit(word, to, &actors_);
    if (box.link) box.link->LocalCommit();
  } else if (verb == "restart") {
    box.link.reset();
    box.station->Restart();
  } else if (verb == "backup") {
    backups_[words[0]] = box.station->disk;
  } else if (verb == "restore") {
    box.link.reset();
    box.station->disk = backups_.at(words[0]);
    box.station->Restart();
  } else if (verb == "clone") {  // clone NEW of=OLD
    Box& old = boxes_[Option(words, "of", "")];
    box.station = std::make_unique<FakeStation>("", "");
    box.station->disk = old.station->disk;
  } else if (verb == "range-bytes") {
    box.station->max_range_bytes = std::stoul(words[0]);
  } else if (verb == "damage") {  // the last own op is not what it should be
    Chain& chain = box.station->disk.own[box.station->disk.order.back()];
    chain.ops.back() = "\x01";
  } else if (verb == "grow") {  // the feed gets an item that the hub never had
    Feed& feed = box.station->disk.feeds[words[0]];
    feed.items.push_back(feed.items.back());
    feed.prefixes.push_back(FeedNext(feed.prefixes.back(), feed.items.back()));
  } else if (verb == "twist") {  // the feed's last item becomes another
    Feed& feed = box.station->disk.feeds[words[0]];
    feed.items.back().aggregate = "twisted";
    feed.prefixes.back() = FeedNext(feed.prefixes[feed.prefixes.size() - 2], feed.items.back());
  } else if (verb == "show") {
    ShowStation(name);
  } else {
    Session(verb, name, words);
  }
}

void SyncScript::Open(const std::string& name) {
  Box& box = boxes_[name];
  if (box.link && !box.link->closed()) return;
  box.link = std::make_unique<Link>(name, box.station.get(), &hub_, [this](const std::string& line) { Print(line); });
}

void SyncScript::Session(const std::string& verb, const std::string& name, const Words& words) {
  Box& box = boxes_[name];
  if (verb == "open") {
    Open(name);
  } else if (verb == "sync") {
    Open(name);
    if (!box.link->Run(10'000)) Print("does not end");
    PrintStatus(*box.link);
  } else if (!box.link) {
    Print("no session");
  } else if (verb == "cut") {
    box.link.reset();
  } else if (verb == "say") {
    Say(name, words);
  } else if (verb == "status") {
    PrintStatus(*box.link);
  } else {
    static const std::map<std::string, Link::Queue> kQueues = {{"up", Link::Queue::kUp},
                                                               {"hub", Link::Queue::kHubWork},
                                                               {"down", Link::Queue::kDown},
                                                               {"disk", Link::Queue::kStationWork}};
    auto it = kQueues.find(words.empty() ? "" : words[0]);
    if (verb != "move" || it == kQueues.end()) return Print("unknown command");
    int count = std::stoi(Option(words, "n", "1000"));
    while (count-- > 0 && box.link->Step(it->second)) {
    }
  }
}

void SyncScript::PrintStatus(const Link& link) {
  sync::StationStatus status = link.station_session.status();
  Print(Cat("= ", status.synced() ? "synced" : "not synced", ", ", status.pending_ops, " pending",
            status.fork_notice ? ", forked" : "", status.trouble.empty() ? "" : Cat(", ", status.trouble)));
}

// Messages that no honest peer would send now.
void SyncScript::Say(const std::string& name, const Words& words) {
  Link& link = *boxes_[name].link;
  FakeStation& station = *boxes_[name].station;
  const std::string& what = words.at(0);
  Actor own = station.disk.order.empty() ? Actor{name, 0} : station.disk.order.back();
  auto range = [](const Actor& actor, uint64_t first, size_t count) {
    sync::Range range;
    range.actor = actor;
    range.first = first;
    range.last = first + count - 1;
    range.ops.resize(count, "bytes");
    return range;
  };
  auto ack = [](sync::Tip tip, std::optional<sync::Tip> gap) {
    sync::Ack ack;
    ack.tip = std::move(tip);
    ack.gap = std::move(gap);
    return ack;
  };
  const std::string head(32, 'h');
  if (what == "hello") {
    link.SayToHub(station.Identity());
  } else if (what == "range") {
    link.SayToHub(range(own, std::stoul(words.at(1)), std::stoul(words.at(2))));
  } else if (what == "foreign-range") {
    link.SayToHub(range({"D999", 7}, 1, 1));
  } else if (what == "short-range") {
    sync::Range bad = range(own, 1, 3);
    bad.ops.pop_back();
    link.SayToHub(bad);
  } else if (what == "want") {
    link.SayToHub(sync::Want{{{own, 1, head}}});
  } else if (what == "cursor") {
    link.SayToHub(sync::FeedAck{{words.at(1), "", std::stoul(words.at(2)), head}});
  } else if (what == "welcome-to-hub") {
    link.SayToHub(sync::Welcome{});
  } else if (what == "welcome") {
    link.SayToStation(sync::Welcome{});
  } else if (what == "hello-to-station") {
    link.SayToStation(station.Identity());
  } else if (what == "ack") {
    link.SayToStation(ack({own, std::stoul(words.at(1)), head}, std::nullopt));
  } else if (what == "gap") {
    link.SayToStation(ack({own, 0, ""}, sync::Tip{own, std::stoul(words.at(1)), head}));
  } else if (what == "foreign-gap") {
    link.SayToStation(ack({own, 0, ""}, sync::Tip{{"D999", 7}, 1, head}));
  } else if (what == "ops") {
    link.SayToStation(sync::Ops{{"bytes"}});
  } else if (what == "batch") {
    link.SayToStation(SomeBatch(words.at(1), std::stoul(words.at(2))));
  } else if (what == "goodbye") {
    link.SayToStation(sync::Goodbye{"镇中心正在维护", true});
  } else {
    Print("unknown message");
  }
}

void SyncScript::ShowStation(const std::string& name) {
  const FakeStation::Disk& disk = boxes_[name].station->disk;
  for (const Actor& actor : disk.order)
    Print(Cat(Show(actor), ": ", disk.own.at(actor).ops.size(), " ops, ", disk.own.at(actor).acked, " with the hub"));
  for (const auto& [interest, feed] : disk.feeds) {
    std::string line = interest + ":";
    for (const sync::FeedItem& item : feed.items) line += " " + item.aggregate;
    Print(line);
  }
}

void SyncScript::ShowHub() {
  for (const auto& [actor, chain] : hub_.disk.chains) {
    std::string line = Show(actor) + ":";
    for (const std::string& op : chain.ops) line += " " + DecodeFakeOp(op)->text;
    Print(line);
  }
}

}  // namespace liaison::fake

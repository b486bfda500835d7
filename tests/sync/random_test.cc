// Short histories from a seed: writing, sessions that move one message at a time and are cut anywhere, processes that
// restart, disks that go back to older copies or are cloned, a hub that goes back too. Then calm, and everything must
// come together within a few sessions.
//
// What only the hub wrote, and a restore has lost it, comes back from the stations that had read it. Not modelled: a
// process resumed twice from one snapshot.
#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "common/base/text.h"
#include "gtest/gtest.h"
#include "tests/testing/choices.h"
#include "tests/testing/fake_sync.h"

namespace liaison::fake {
namespace {

struct Counts {
  uint64_t histories = 0, ops = 0, sessions = 0, messages = 0, cuts = 0, restarts = 0, restores = 0, clones = 0;
  uint64_t offers = 0, probes = 0, hub_restores = 0, rewinds = 0, gaps = 0, wants = 0, lowered = 0,
           calm_sessions_max = 0;
};

class World {
 public:
  World(uint64_t seed, Counts* counts) : choices_(seed), counts_(counts) {
    hub_.max_batch_items = 1 + choices_.Below(4);
    hub_.on_grew = [this](const std::string& interest) {
      for (Box& box : boxes_)
        if (box.link) box.link->FeedGrew(interest);
    };
    size_t stations = 1 + choices_.Below(3);
    for (size_t i = 0; i < stations; ++i) {
      std::string id = Cat("S", i);
      AddBox(std::make_unique<FakeStation>(id, "n0"));
      hub_.subscriptions[id] = {"all", "p:" + id};
      if (i > 0) hub_.subscriptions[id].push_back("p:S0");
    }
    if (choices_.OneIn(3)) AddBox(std::make_unique<FakeStation>("S0", "n1"));
  }

  void Play(size_t steps) {
    for (size_t i = 0; i < steps; ++i) Act();
  }

  // "" or what is not as it must be.
  std::string Calm() {
    for (Box& box : boxes_) Cut(&box);
    for (uint64_t round = 1; round <= 4; ++round) {
      counts_->calm_sessions_max = std::max(counts_->calm_sessions_max, round);
      bool synced = true;
      for (size_t i = 0; i < boxes_.size(); ++i) {
        Cut(&boxes_[i]);
        Open(i);
        if (!boxes_[i].link->Run(20'000)) return "a session does not end";
        synced &= boxes_[i].link->station_session.status().synced();
      }
      // What the last stations sent reaches the first ones over their open links.
      for (Box& box : boxes_) synced &= box.link->Run(20'000) && box.link->station_session.status().synced();
      if (synced) return Difference();
    }
    std::string out = "not synced after four rounds:";
    for (Box& box : boxes_) out += Cat(" ", box.link->station_session.status().trouble);
    return out;
  }

  std::string log() const { return log_; }

 private:
  struct Box {
    std::unique_ptr<FakeStation> station;
    std::unique_ptr<Link> link;
    std::vector<FakeStation::Disk> copies;
  };

  void AddBox(std::unique_ptr<FakeStation> station) {
    station->max_range_bytes = 1 + choices_.Below(200);
    boxes_.push_back({std::move(station), nullptr, {}});
  }

  void Note(const std::string& line) {
    log_ += line + "\n";
    if (line.find(" gap ") != std::string::npos) ++counts_->gaps;
    if (line.find("-> hub   want") != std::string::npos) ++counts_->wants;
    if (line.find(" rewinds ") != std::string::npos) ++counts_->rewinds;
    if (line.find(" takes offer ") != std::string::npos) ++counts_->offers;
    if (line.find(" probe ") != std::string::npos) ++counts_->probes;
    if (line.find(" lowers ") != std::string::npos) ++counts_->lowered;
  }

  void Open(size_t i) {
    ++counts_->sessions;
    Note(Cat("open ", i));
    boxes_[i].link = std::make_unique<Link>(Cat("box", i), boxes_[i].station.get(), &hub_,
                                            [this](const std::string& line) { Note(line); });
  }

  void Cut(Box* box) {
    if (!box->link) return;
    counts_->messages += box->link->messages;
    box->link.reset();
  }

  void Act() {
    size_t i = choices_.Below(boxes_.size());
    Box& box = boxes_[i];
    uint32_t what = choices_.Below(100);
    if (what < 18) {
      ++counts_->ops;
      std::vector<std::string> to = {"p:" + box.station->disk.station};
      if (choices_.OneIn(4)) to.push_back("all");
      OpName name = box.station->Commit(Cat("t", ++text_), to, &actors_);
      Note(Cat("commit ", i, ": ", Show(name.actor), "#", name.seq));
      if (box.link) box.link->LocalCommit();
    } else if (what < 22) {
      hub_.Commit("all", Cat("h", ++text_), &actors_);
    } else if (what < 80) {
      if (!box.link || box.link->closed()) {
        Cut(&box);
        Open(i);
      }
      for (uint32_t n = choices_.Below(8); n > 0; --n) box.link->Step(static_cast<Link::Queue>(choices_.Below(4)));
      if (choices_.OneIn(3)) box.link->Run();
    } else if (what < 88) {
      if (box.link) ++counts_->cuts;
      Note(Cat("cut ", i));
      Cut(&box);
    } else {
      Accident(i, what);
    }
  }

  void Accident(size_t i, uint32_t what) {
    Box& box = boxes_[i];
    if (what < 91) {
      ++counts_->restarts;
      Note(Cat("restart ", i));
      Cut(&box);
      box.station->Restart();
    } else if (what < 94) {
      box.copies.push_back(box.station->disk);
    } else if (what < 96 && !box.copies.empty()) {
      ++counts_->restores;
      Note(Cat("restore ", i));
      Cut(&box);
      box.station->disk = box.copies[choices_.Below(box.copies.size())];
      box.station->Restart();
    } else if (what < 97 && boxes_.size() < 6) {
      ++counts_->clones;
      Note(Cat("clone ", i, " as ", boxes_.size()));
      auto clone = std::make_unique<FakeStation>("", "");
      clone->disk = box.station->disk;
      AddBox(std::move(clone));
    } else if (what < 99) {
      hub_copies_.push_back(hub_.disk);
    } else if (!hub_copies_.empty()) {
      ++counts_->hub_restores;
      Note("hub restore");
      for (Box& other : boxes_) Cut(&other);
      hub_.Restore(hub_copies_[choices_.Below(hub_copies_.size())],
                   std::string(16, static_cast<char>('b' + text_ % 20)));
    }
  }

  // At calm: every own op of every disk is at the hub, and acked; every subscribed feed is the hub's, bytes included;
  // no op stands twice in a feed.
  std::string Difference() {
    for (Box& box : boxes_) {
      for (const auto& [actor, chain] : box.station->disk.own) {
        auto it = hub_.disk.chains.find(actor);
        if (it == hub_.disk.chains.end()) return Cat("the hub lacks all of ", Show(actor));
        // What came back by an offer is held by name; its author's log does not reach it.
        size_t common = std::min(it->second.ops.size(), chain.ops.size());
        if (!std::equal(chain.ops.begin(), chain.ops.begin() + common, it->second.ops.begin()))
          return "other ops at the hub";
        for (const std::string& op : chain.ops)
          if (!hub_.disk.ops.contains(NameOf(*DecodeFakeOp(op)))) return Cat("the hub lacks ops of ", Show(actor));
        if (chain.acked != chain.ops.size()) return Cat("no receipt for ops of ", Show(actor));
      }
      for (const std::string& interest : hub_.subscriptions[box.station->disk.station]) {
        const Feed& theirs = hub_.disk.feeds[interest];
        const Feed& ours = box.station->disk.feeds[interest];
        if (theirs.items != ours.items) return Cat("feed ", interest, " is not the hub's");
        for (const auto& [name, bytes] : box.station->disk.ops)
          if (!hub_.disk.ops.contains(name)) return "the hub lacks an op that a disk holds";
        std::set<OpName> once;
        for (const sync::FeedItem& item : ours.items) {
          if (!box.station->HasOp(item.name)) return "a feed names an op that the disk lacks";
          if (!once.insert(item.name).second) return "an op stands twice in a feed";
        }
      }
    }
    return "";
  }

  Choices choices_;
  Counts* const counts_;
  FakeHub hub_;
  std::vector<Box> boxes_;
  std::vector<FakeHub::Disk> hub_copies_;
  uint64_t actors_ = 0, text_ = 0;
  std::string log_;
};

uint64_t Number(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(RandomSync, ComesTogetherAfterCutsRestartsRestoresAndClones) {
  Counts counts;
  uint64_t first = Number("LIAISON_SEED", 1), histories = Number("LIAISON_HISTORIES", 3'000);
  for (uint64_t seed = first; seed < first + histories; ++seed) {
    World world(seed, &counts);
    ++counts.histories;
    world.Play(60);
    std::string difference = world.Calm();
    ASSERT_EQ(difference, "") << "LIAISON_SEED=" << seed << " LIAISON_HISTORIES=1\n" << world.log();
  }
  std::cout << counts.histories << " histories, " << counts.ops << " ops, " << counts.sessions << " sessions, "
            << counts.messages << " messages, " << counts.cuts << " cuts, " << counts.restarts << " restarts, "
            << counts.restores << " restores, " << counts.clones << " clones, " << counts.hub_restores
            << " hub restores; " << counts.gaps << " gaps, " << counts.rewinds << " rewinds, " << counts.lowered
            << " receipts lowered, " << counts.wants << " wants, " << counts.probes << " probes, " << counts.offers
            << " offers; calm after at most " << counts.calm_sessions_max << " rounds" << std::endl;
  if (histories < 1'000) return;
  for (uint64_t fired : {counts.cuts, counts.restarts, counts.restores, counts.clones, counts.hub_restores, counts.gaps,
                         counts.rewinds, counts.lowered, counts.wants, counts.probes, counts.offers})
    EXPECT_GT(fired, 0u) << "a kind of accident never happened";
}

}  // namespace
}  // namespace liaison::fake

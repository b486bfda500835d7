// A station's half of one session with the hub. Events in, effects out; see port.h for what the driver owes.
//
// Up: own ops leave in ranges, actor by actor in the order of creation; the first ones go right behind the hello. Every
// range is answered by one ack, in order. An ack with a gap sends the session back to what the hub does hold.
// Back: what this disk has of feeds that a restored hub has lost is offered batch by batch, when the welcome asks for
// it. Down: per feed one batch at a time; the next comes after this disk has taken the last. Up and down never wait for
// each other, and a feed that cannot go on (`trouble`) stops nothing but itself.
//
// After Close nothing comes out any more, whatever goes in. To end a session because the link is gone, destroy it.
// Threads: one at a time. Memory: four unanswered ranges (their names only), four batches.
#ifndef LIAISON_COMMON_SYNC_STATION_SESSION_H_
#define LIAISON_COMMON_SYNC_STATION_SESSION_H_

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/sync/port.h"

namespace liaison::sync {

struct StationStatus {
  bool welcomed = false;
  uint64_t pending_ops = 0;  // own ops without the hub's receipt
  bool up_done = false;      // the hub holds all own ops: it said so in this session or before, and not otherwise since
  bool down_done = false;    // all feeds are at the heads that the welcome named, and nothing is on its way
  bool waiting = false;      // the hub has something to answer: the hello, or a range
  bool fork_notice = false;  // this disk, or this process, may be a clone
  std::string trouble;       // Chinese: why something does not go on; empty when nothing is wrong
  bool synced() const { return welcomed && up_done && down_done; }
};

class StationSession {
 public:
  explicit StationSession(StationPort* port) : port_(port) {}  // `port` must outlive the session

  Effects Start();  // once
  Effects OnMessage(Message message);
  // For ranges sent from now on.
  void set_limits(const PushLimits& limits) { limits_ = limits; }
  // New own ops are durable. May come at any time, also when nothing is new.
  Effects OnLocalCommit();
  // An error that is about the batch (kInvalidArgument, kFailedPrecondition, kNotFound, kUnauthenticated,
  // kPermissionDenied, kUnimplemented) lets this feed rest until the next session; any other ends this one.
  Effects OnBatchApplied(std::string_view interest, const absl::Status& status);
  // kFailedPrecondition: the disk has no such point; the session goes back to the feed's start.
  Effects OnRewound(std::string_view interest, const absl::Status& status);

  // The driver ends the session, with a last word to the hub.
  Effects End(std::string reason, bool retry);

  StationStatus status() const;
  bool closed() const { return phase_ == Phase::kClosed; }

 private:
  enum class Phase { kNew, kGreeted, kOpen, kClosed };

  struct Push {  // an own actor
    OwnLog log;
    uint64_t next = 1;  // first seq to send
  };
  struct Sent {  // an unanswered range
    Actor actor;
    uint64_t first = 0, last = 0;
    std::string head_after;
    uint64_t round = 0;  // how often the session had gone back when it was sent
  };
  enum class PullState { kIdle, kWanting, kApplying, kRewinding, kProbing, kResting };
  struct Pull {  // a feed
    Cursor cursor;
    bool subscribed = false;
    PullState state = PullState::kIdle;
    uint64_t head = 0;            // the hub's, by the welcome
    Cursor target;                // kWanting, kApplying, kRewinding: the cursor when done
    FeedBatch batch;              // kWanting
    std::vector<size_t> missing;  // kWanting: items whose bytes are still to come
    bool unknown = false;         // kWanting: the hub lacks one of them
    int asks = 0;
  };

  void On(Welcome welcome);
  void On(Ack ack);
  void On(FeedBatch batch);
  void On(Ops ops);
  void On(Want want);
  void On(FeedAck ack);
  void On(FeedAnswers answers);
  void On(Goodbye goodbye);
  template <typename T>
  void On(const T& message);  // what a hub never sends

  void ReadOwnLogs();
  bool TakeVerdict(const Welcome& welcome, bool* older);
  bool TakeFeedAnswers(const Welcome& welcome, std::vector<Cursor>* rewinds);
  bool TakeAnswer(const FeedAnswer& answer, Pull* pull, std::vector<Cursor>* rewinds);
  void Probe();
  void LowerUnproved();
  void PumpOffers();
  void OfferNext();
  void OnGap(const Sent& sent, const Tip& gap);
  void GoBack(size_t index, uint64_t held);
  void Lower(Push* push, uint64_t held);
  void PumpUp();
  void SendWant();
  void Apply(Pull* pull, FeedBatch batch);
  void Rest(Pull* pull, std::string trouble);
  size_t IndexOf(const Actor& actor) const;  // push_.size() if not own
  void Illegal(std::string_view what);
  void Finish(std::string reason, bool retry);
  Effects Take();

  StationPort* const port_;  // not owned
  Phase phase_ = Phase::kNew;
  Hello hello_;  // as sent
  std::string epoch_;
  Effects out_;

  std::vector<Push> push_;  // in order of creation
  std::deque<Sent> sent_;
  PushLimits limits_;
  uint64_t round_ = 0;
  size_t gaps_ = 0;
  bool push_rests_ = false;

  std::map<std::string, Pull, std::less<>> pull_;
  std::deque<std::string> wants_;  // feeds in kWanting; the first one's Want is out
  size_t asked_ = 0;               // how many names that Want holds
  std::vector<Cursor> probed_;     // the hub's heads of feeds in kProbing, in the hello's order

  std::string offered_at_;             // where the next abandoned batch is read
  std::optional<FeedBatch> to_offer_;  // the next one
  std::optional<Cursor> offered_;      // behind the one that is out
  bool offer_wanted_ = false;          // from the first batch on, when all own ops are with the hub
  std::string offered_set_;            // what the hub was told of: the hello's hash, or a later one

  bool fork_notice_ = false;
  std::string trouble_;
  uint64_t pending_at_end_ = 0;  // 0 until closed
};

}  // namespace liaison::sync

#endif  // LIAISON_COMMON_SYNC_STATION_SESSION_H_

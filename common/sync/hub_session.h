// The hub's half of one session with a station. Events in, effects out; see port.h for what the driver owes.
//
// Up: every range goes to the one thread that applies, in order, and its answer goes back as it is; what follows what
// is decided there, since the sessions of other nodes write too. Down: see station_session.h.
//
// The session trusts nothing: a station names only its own actors, asks only for ops that a batch on its way withheld,
// and anything out of turn ends the session with a Goodbye. After Close nothing comes out any more. To end a session
// because the link is gone, destroy it. Threads: one at a time. Memory: names of four ranges and of four batches.
#ifndef LIAISON_COMMON_SYNC_HUB_SESSION_H_
#define LIAISON_COMMON_SYNC_HUB_SESSION_H_

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "common/sync/port.h"

namespace liaison::sync {

class HubSession {
 public:
  explicit HubSession(HubPort* port) : port_(port) {}  // `port` must outlive the session

  Effects OnMessage(Message message);
  // The answer to the oldest ApplyRange that has none yet. `ack.tip` is what is now held of the range's actor;
  // `ack.gap`, with nothing taken, what is held of that actor when the range does not follow it, or of the parent when
  // it is the actor's first range and the parent is not held at that head.
  Effects OnRangeApplied(Ack ack);
  // The answer to TakeOffer. An error that is about the offer's content lets what is offered rest for this session, any
  // other ends it.
  Effects OnOfferTaken(const absl::Status& status);
  // Items were appended to a feed. May come at any time, also when nothing is new.
  Effects OnFeedGrew(std::string_view interest);
  // The driver ends the session, with a last word to the station.
  Effects End(std::string reason, bool retry);

  bool closed() const { return phase_ == Phase::kClosed; }
  const std::string& station() const { return station_; }  // empty before the hello
  const std::string& node() const { return node_; }

 private:
  enum class Phase { kNew, kOpen, kClosed };
  enum class PushState { kReady, kInFlight, kAwaitsCursor, kAtHead };
  struct Push {  // a feed that the station subscribes to
    PushState state = PushState::kReady;
    uint64_t position = 0;
    Cursor sent;                     // kInFlight: the cursor behind the batch
    uint64_t order = 0;              // kInFlight: among all batches of the session
    std::multiset<OpName> withheld;  // kInFlight: ops whose bytes the batch left out; each asked for once
    int asks = 0;
    bool echo = true;    // its last batch had nothing but what the station itself wrote; so may the next
    size_t answers = 0;  // of ranges since its last batch
    bool whole = false;  // this disk cannot fill in what a batch leaves out
  };

  void On(Hello hello);
  void On(Range range);
  void On(Want want);
  void On(FeedAck ack);
  void On(Offer offer);
  void On(Ops ops);
  void On(FeedPoints points);
  void On(Goodbye goodbye);
  template <typename T>
  void On(const T& message);  // what a station never sends

  void AnswerTip(const Hello& hello, Welcome* welcome);
  void AnswerFeeds(const Hello& hello, Welcome* welcome);
  void AskForOffered();
  void PumpDown();
  bool Waits(const Push& push) const { return more_ && push.echo && push.answers < kRangesPerEcho; }
  bool TakeWithheld(const OpName& name);
  void Illegal(std::string_view what);
  void Finish(std::string reason, bool retry);
  Effects Take();

  HubPort* const port_;  // not owned
  Phase phase_ = Phase::kNew;
  std::string station_, node_;
  Effects out_;
  std::deque<Actor> unanswered_;  // one per range with the applier
  bool more_ = false;             // the station is pushing: it has said that more is to follow
  std::map<std::string, Push, std::less<>> push_;
  std::deque<std::string> ready_;  // feeds in kReady, in turn
  size_t in_flight_ = 0;
  uint64_t batches_sent_ = 0;
  std::vector<Cursor> probed_;  // cursors of the hello that are being probed

  std::optional<Offer> offer_;  // being taken
  Want wanted_;                 // of it, and not come yet
  std::vector<size_t> places_;  // of wanted_.names in the offer
  std::vector<KeyItem> keys_;
  bool taking_ = false;
  bool incomplete_ = false;  // the station lacks some of it as well: another disk may have it
};

}  // namespace liaison::sync

#endif  // LIAISON_COMMON_SYNC_HUB_SESSION_H_

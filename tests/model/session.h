// The two halves of one session, pure but for the store that they read: the model of common/sync. A handler does its
// durable steps in order and stops where the process crashes between two of them.
#ifndef LIAISON_TESTS_MODEL_SESSION_H_
#define LIAISON_TESTS_MODEL_SESSION_H_

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "tests/model/message.h"
#include "tests/model/rules.h"
#include "tests/model/store.h"

namespace liaison::model {

// How a process does something durable. False: it crashed right behind it, and the handler must return.
class Steps {
 public:
  void CrashBehind(int step) { left_ = step; }  // 0: behind the first one; negative: never
  bool Durable() {
    if (left_ < 0) return true;
    crashed_ |= left_-- == 0;
    return !crashed_;
  }
  bool crashed() const { return crashed_; }

 private:
  int left_ = -1;
  bool crashed_ = false;
};

struct Limits {
  int range_ops = 2, batch_items = 2, page_names = 2;
};

using Out = std::deque<Message>;

// A station's half.
struct StationSide {
  bool welcomed = false, closed = false;
  std::vector<int> next;  // of each own log, the first op to send
  struct Sent {
    int own = 0, first = 0, last = 0, round = 0;
  };
  std::deque<Sent> sent;
  int round = 0, gaps = 0;
  Message hello;
  std::set<Interest> subscribed;
  std::map<Interest, Batch> wanting;  // batches that wait for bytes
  std::vector<OpId> to_offer;         // names of which no page was sent
  bool offering = false;

  void Start(const Rules& rules, const Store& store, const Limits& limits, Out* up);
  void On(const Rules& rules, const Message& message, Store* store, const Limits& limits, Steps* steps, Out* up);
  void PumpUp(const Store& store, const Limits& limits, Out* up);

  void ReadOwnLogs(const Store& store);

 private:
  void OnWelcome(const Rules& rules, const Message& message, Store* store, Steps* steps, Out* up);
  void OnAck(const Rules& rules, const Message& message, Store* store, Steps* steps);
  void OnBatch(const Rules& rules, const Batch& batch, Store* store, Steps* steps, Out* up);
  void OnOfferWant(const Message& message, const Store& store, Out* up);
  void SendPage(const Rules& rules, Store* store, const Limits& limits, Steps* steps, Out* up);
  void GoBack(const Rules& rules, size_t own, int held, Store* store);
};

// The hub's half.
struct HubSide {
  bool open = false, closed = false;
  int device = kNone;
  std::set<Interest> subscriptions;
  std::map<Interest, int> at;  // the position behind what the station has said to hold
  std::set<Interest> in_flight;
  std::set<OpId> withheld;
  std::set<OpId> named;  // by this session's offer

  void On(const Rules& rules, const Message& message, Store* store, const Limits& limits, Draws* draws, Steps* steps,
          Out* down);
  void PumpDown(const Store& store, const Limits& limits, Out* down);

 private:
  void OnHello(const Rules& rules, const Message& message, Store* store, Out* down);
  void OnRange(const Rules& rules, const Range& range, Store* store, Draws* draws, Steps* steps, Out* down);
  void OnOffer(const Message& message, const Store& store, Out* down);
};

// Shared with sticks.
// Lowers what the hub has not shown to hold: own logs that the tip does not descend from.
void LowerUnproved(const std::optional<Tip>& tip, Store* store);
// Up to where an own log can be taken for held when the hub holds `have` of it: nothing if it is another branch.
int HeldOf(const Rules& rules, const OwnLog& log, const Tip& have);

}  // namespace liaison::model

#endif  // LIAISON_TESTS_MODEL_SESSION_H_

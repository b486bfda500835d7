// What is said, as in common/sync/message.h, without bytes.
#ifndef LIAISON_TESTS_MODEL_MESSAGE_H_
#define LIAISON_TESTS_MODEL_MESSAGE_H_

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "tests/model/universe.h"

namespace liaison::model {

struct Cursor {
  int position = 0;
  Prefix prefix = kNone;
  int epoch = 0;
  auto operator<=>(const Cursor&) const = default;
};

// The payload of ops on their way: true with bytes, false in the erased form (header and hashes of the parts).
using Bytes = std::map<OpId, bool>;

// Consecutive ops of one actor and the signature over (actor, first, last, head before, head after).
struct Range {
  Actor actor = kNone;
  int first = 0;
  Head before = kNone, after = kNone;
  int signer = kNone;  // device
  std::vector<OpId> ops;
  Bytes bytes;
  int last() const { return first + static_cast<int>(ops.size()) - 1; }
};

// Consecutive items of one feed and the hub's signature over (interest, epoch, first, prefix before, last, prefix
// after).
struct Batch {
  Interest interest = 0;
  int epoch = 0, first = 0;
  Prefix before = kNone, after = kNone;
  bool genuine = true;  // signed with the hub's key
  std::vector<Item> items;
  Bytes bytes;
  int last() const { return first + static_cast<int>(items.size()); }
};

struct FeedPoint {  // what a hello or a stick says of one feed
  Cursor cursor;
  std::vector<Cursor> points;  // spaced points before it
};

// Whether the hub's feed agrees; else where to go back to: `to` if this disk has that point, else `fallback`.
struct FeedAnswer {
  bool ok = true;
  Cursor to, fallback;
};

enum class Kind {
  kHello,
  kRange,
  kFeedAck,
  kWant,
  kOffer,
  kOffered,
  kOfferEnd,
  kCarry,  // up
  kWelcome,
  kAck,
  kArchived,
  kBatch,
  kOps,
  kOfferWant,
  kOfferedAck,
  kCarried,  // down
};

struct Stick;

// One struct for all kinds; which fields a kind uses stands beside them.
struct Message {
  Kind kind = Kind::kHello;
  std::optional<Tip> tip;                  // hello; ack: what is held
  std::map<Interest, FeedPoint> feeds;     // hello
  int abandoned = kNone;                   // hello: hash of the set of names; kNone: there are none
  int archive = kNone;                     // hello: the newest that the disk was told; archived
  bool known = false;                      // welcome: the tip is held
  std::optional<Tip> have;                 // welcome: else what is held of its actor
  std::map<Interest, FeedAnswer> answers;  // welcome
  std::set<Interest> subscriptions;        // welcome
  bool name_abandoned = false;             // welcome
  bool archive_contained = false;          // welcome
  int epoch = 0;                           // welcome, ack
  Range range;                             // range
  std::optional<Tip> gap;                  // ack
  std::vector<OpId> verdicts;              // ack: malformed ops
  std::set<Head> heads;                    // archived
  Interest interest = 0;                   // feed ack
  Cursor cursor;                           // feed ack
  Batch batch;                             // batch, offered
  std::vector<OpId> names;                 // want, offer, offer-want
  Bytes bytes;                             // ops
  int stick = kNone;                       // carry, carried: a sealed bundle, by its number
};

// A bundle. Up: of a station. Down: the hub's answer to one that came up.
struct Stick {
  bool up = true;
  int device = kNone;
  std::vector<Range> ranges;
  std::vector<Batch> batches;           // up: abandoned; down: of feeds, from the common point on
  std::optional<Tip> tip;               // up
  std::map<Interest, FeedPoint> feeds;  // up
  int epoch = 0;                        // down, as the rest
  std::set<int> lineage;
  bool known = false;
  std::optional<Tip> have;
  std::map<Interest, FeedAnswer> answers;
  std::set<Interest> subscriptions;
  std::set<Head> held;  // heads of this station that the hub held
};

}  // namespace liaison::model

#endif  // LIAISON_TESTS_MODEL_MESSAGE_H_

// What a message must look like whatever the state: counts, sizes and hashes that later code relies on. Each returns
// what is wrong, in English and for the log; empty when nothing is.
#ifndef LIAISON_COMMON_SYNC_CHECK_H_
#define LIAISON_COMMON_SYNC_CHECK_H_

#include <string>

#include "common/sync/message.h"

namespace liaison::sync {

std::string WrongIn(const Hello& hello);
std::string WrongIn(const Welcome& welcome);
std::string WrongIn(const Range& range);
std::string WrongIn(const Ack& ack);
std::string WrongIn(const FeedBatch& batch);
std::string WrongIn(const Want& want);
std::string WrongIn(const FeedAck& ack);
std::string WrongIn(const FeedPoints& points);

// Whether two cursors, either of them perhaps with a cut prefix, name the same point of one feed. The epoch decides
// nothing, and at position 0 there is only one.
bool SamePoint(const Cursor& a, const Cursor& b);

}  // namespace liaison::sync

#endif  // LIAISON_COMMON_SYNC_CHECK_H_

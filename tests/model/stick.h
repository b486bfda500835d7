// Bundles: an exchange without a link. Up: what the hub may lack, by this disk's receipts. Down: the hub's answer to
// one that came up. Both may arrive late, twice, out of order or never.
#ifndef LIAISON_TESTS_MODEL_STICK_H_
#define LIAISON_TESTS_MODEL_STICK_H_

#include "tests/model/message.h"
#include "tests/model/rules.h"
#include "tests/model/session.h"
#include "tests/model/store.h"

namespace liaison::model {

Stick MakeUp(const Store& station, bool everything);
void TakeUp(const Stick& stick, Store* hub, Draws* draws);
Stick MakeDown(const Store& hub, const Stick& up, const Limits& limits);
void TakeDown(const Rules& rules, const Stick& stick, Store* station);

}  // namespace liaison::model

#endif  // LIAISON_TESTS_MODEL_STICK_H_

// The switches of rules.h by name.
#ifndef LIAISON_TESTS_MODEL_SWITCHES_H_
#define LIAISON_TESTS_MODEL_SWITCHES_H_

#include "tests/model/rules.h"

namespace liaison::model {

struct Switch {
  const char* name;
  bool Rules::*rule;
};

// Without one of these the explorer finds a history that goes wrong.
inline constexpr Switch kSwitches[] = {
    {"keep_branches", &Rules::keep_branches},
    {"tip_in_hello", &Rules::tip_in_hello},
    {"parent_check", &Rules::parent_check},
    {"lower_receipts", &Rules::lower_receipts},
    {"gap_by_head", &Rules::gap_by_head},
    {"durable_before_ack", &Rules::durable_before_ack},
    {"sign_ranges", &Rules::sign_ranges},
    {"keep_loose_ranges", &Rules::keep_loose_ranges},
    {"prefix_hash", &Rules::prefix_hash},
    {"epoch_is_a_name", &Rules::epoch_is_a_name},
    {"cursor_waits", &Rules::cursor_waits},
    {"sign_batches", &Rules::sign_batches},
    {"keep_abandoned", &Rules::keep_abandoned},
    {"whole_batches", &Rules::whole_batches},
    {"mark_at_hub", &Rules::mark_at_hub},
    {"unsubscribed_too", &Rules::unsubscribed_too},
    {"offered_as_new", &Rules::offered_as_new},
    {"archive_at_checkpoint", &Rules::archive_at_checkpoint},
    {"archive_asked", &Rules::archive_asked},
    {"quarantine", &Rules::quarantine},
    {"verdict_is_op", &Rules::verdict_is_op},
    {"verdict_by_context", &Rules::verdict_by_context},
    {"verdict_to_author", &Rules::verdict_to_author},
    {"revoked_kept", &Rules::revoked_kept},
    {"revocation_names_heads", &Rules::revocation_names_heads},
    {"offered_is_refused_by_op", &Rules::offered_is_refused_by_op},
    {"erasure_blocks", &Rules::erasure_blocks},
    {"erasure_to_all", &Rules::erasure_to_all},
    {"import_whole", &Rules::import_whole},
};

// Without this one it finds none: a number that is given twice is told apart by its tag, so nothing is lost. What the
// rule saves is in common/causal: vectors without forks.
inline constexpr Switch kNewActor = {"new_actor_per_start", &Rules::new_actor_per_start};

}  // namespace liaison::model

#endif  // LIAISON_TESTS_MODEL_SWITCHES_H_

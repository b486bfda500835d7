// The rules of the exchange that are not obvious, each as a switch. All on is the protocol; one off is the simpler
// protocol that somebody would write, and the explorer must then find a history in which something is lost or wrong.
#ifndef LIAISON_TESTS_MODEL_RULES_H_
#define LIAISON_TESTS_MODEL_RULES_H_

namespace liaison::model {

struct Rules {
  // Up
  bool new_actor_per_start = true;  // a restarted process never continues the actor that its disk names
  bool keep_branches = true;        // a second op under a taken number is stored, folded and shown
  bool tip_in_hello = true;         // the hello names the newest own op, whatever receipts say
  bool parent_check = true;         // an actor's first op is taken only when its parent is held at that head
  bool lower_receipts = true;       // a receipt falls when the hub shows that it holds less
  bool gap_by_head = true;          // going back to a number only if the head there is the same
  bool durable_before_ack = true;   // the ack leaves after the disk has it
  bool sign_ranges = true;          // a range is of the device that owns the actor
  bool keep_loose_ranges = true;    // a range on a stick whose predecessor is missing is kept and joins later
  // Down
  bool prefix_hash = true;      // a cursor is compared by the hash of everything before it, not by the last item
  bool epoch_is_a_name = true;  // false: the same epoch makes a cursor valid
  bool cursor_waits = true;     // a batch is taken only with the bytes of all its ops
  bool sign_batches = true;
  // What lay beyond a common point
  bool keep_abandoned = true;
  bool whole_batches = true;     // an abandoned batch is kept whole, also what lies before the common point
  bool mark_at_hub = true;       // that all was offered is remembered by the hub's disk, not by the station's
  bool unsubscribed_too = true;  // feeds that are not subscribed to any more go back and are offered as well
  bool offered_as_new = true;    // false: enter and leave of an offered batch are replayed as well
  // Archives
  bool archive_at_checkpoint = true;  // an archived ack covers the checkpoint, not the moment of its verification
  bool archive_asked = true;          // the hub says whether it contains the archive that a station names
  // Verdicts, revocation, erasure, imports
  bool quarantine = true;                // a malformed op is kept; chain and ack go on
  bool verdict_is_op = true;             // a verdict is an op in a feed; false: it stands in the ack only
  bool verdict_by_context = true;        // false: the verdict that arrived last holds
  bool verdict_to_author = true;         // a verdict goes to its author's station too, wherever the record is by then
  bool revoked_kept = true;              // ops beyond a revocation's heads are kept, not dropped
  bool revocation_names_heads = true;    // false: what arrives after the revocation is beyond it
  bool offered_is_refused_by_op = true;  // an op beyond a revocation that others have seen is refused by an op
  bool erasure_blocks = true;            // an erased op that comes again comes without its bytes
  bool erasure_to_all = true;            // an erasure goes to every disk, not only to the readers of its record
  bool import_whole = true;              // another hub's folder: branches and single ops too, not only longer logs
};

}  // namespace liaison::model

#endif  // LIAISON_TESTS_MODEL_RULES_H_

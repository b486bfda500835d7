// Where the words of an accusation (检举控告) are, how they are hidden where records are shown or found, and the writes
// that blank them.
#ifndef LIAISON_COMMON_ROWS_ACCUSATION_WORDS_H_
#define LIAISON_COMMON_ROWS_ACCUSATION_WORDS_H_

#include <google/protobuf/message.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "common/record/aggregate.h"
#include "common/record/schema.h"
#include "common/store/reader.h"
#include "common/store/store_options.h"

namespace liaison {

// Of which children of a record no words are told, whether they have been blanked or not: of an accusation all, and its
// root; of a session the visits that brought one, and their files. Neither is needed any longer.
std::function<bool(const RecordId&)> UnwrittenOf(const StoreReader& view, const Aggregate& aggregate);
// Takes the words out of a record of such a child, as it is shown.
void HideWords(google::protobuf::Message* record);

// The field, if it holds words (HoldsWords in guards.h); else null. `type` may be null.
const FieldInfo* WordsField(const TypeInfo* type, uint32_t tag);
// Files of a session that are of the visit: they name it, or none and the session has no other visit.
std::vector<RecordId> FilesOf(const Aggregate& session, const RecordId& entry);

// Appends the writes that leave the matter's own fields as BlankAccusation does, where any visible value is another.
void BlankWordsOf(const Aggregate& matter, NewOp* op);
// The same of a child: its texts, and an attachment as a whole. REQUIRES: the aggregate has it.
void BlankWordsOf(const Aggregate& aggregate, const RecordId& id, NewOp* op);

}  // namespace liaison

#endif  // LIAISON_COMMON_ROWS_ACCUSATION_WORDS_H_

// The zstd dictionary of the live link: what ops of receptions have in common, so that the first visit of a session
// already packs well. Trained by tests/bench/train.sh; its bytes are part of the protocol version.
#ifndef LIAISON_COMMON_CODEC_DICTIONARY_H_
#define LIAISON_COMMON_CODEC_DICTIONARY_H_

#include <string_view>

namespace liaison {

inline constexpr unsigned kDictionaryId = 1;  // as named in Hello.dictionaries

std::string_view Dictionary();

}  // namespace liaison

#endif  // LIAISON_COMMON_CODEC_DICTIONARY_H_

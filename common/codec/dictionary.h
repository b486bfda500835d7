// The zstd dictionaries of the live link: what ops of receptions have in common, so that the first visit of a session
// already packs well. Trained by tests/dictionary; their bytes are part of the protocol.
#ifndef LIAISON_COMMON_CODEC_DICTIONARY_H_
#define LIAISON_COMMON_CODEC_DICTIONARY_H_

#include <string_view>

namespace liaison {

// 1: of ops as they stand, for sides of version 2. 2: of ops as op_squeeze.h tells them.
inline constexpr unsigned kDictionary = 2;

std::string_view Dictionary(unsigned id);  // empty if there is none of this id

}  // namespace liaison

#endif  // LIAISON_COMMON_CODEC_DICTIONARY_H_

#include "common/codec/stream_zip.h"

#define ZSTD_STATIC_LINKING_ONLY  // ZSTD_getCParams, ZSTD_c_forceAttachDict, ZSTD_createCDict_advanced
#include <zstd.h>

#include <algorithm>
#include <array>

#include "absl/base/optimization.h"
#include "common/codec/dictionary.h"

namespace liaison {

namespace {

// The level as it is meant for texts of the window's size. By the level and window alone, a stream of unknown length
// gets tables for megabytes: 80 MB at level 19.
void SetUp(ZSTD_CCtx* zstd, const StreamZip::Settings& settings) {
  const int window_log = std::min(settings.window_log, kMaxWindowLog);
  ZSTD_compressionParameters p = ZSTD_getCParams(settings.level, uint64_t{1} << window_log, 0);
  ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, settings.level);
  ZSTD_CCtx_setParameter(zstd, ZSTD_c_windowLog, window_log);
  ZSTD_CCtx_setParameter(zstd, ZSTD_c_hashLog, std::min(static_cast<int>(p.hashLog), settings.table_log));
  ZSTD_CCtx_setParameter(zstd, ZSTD_c_chainLog, std::min(static_cast<int>(p.chainLog), settings.table_log));
  ZSTD_CCtx_setParameter(zstd, ZSTD_c_searchLog, static_cast<int>(p.searchLog));
  ZSTD_CCtx_setParameter(zstd, ZSTD_c_minMatch, static_cast<int>(p.minMatch));
  ZSTD_CCtx_setParameter(zstd, ZSTD_c_targetLength, static_cast<int>(p.targetLength));
  ZSTD_CCtx_setParameter(zstd, ZSTD_c_strategy, static_cast<int>(p.strategy));
}

// A dictionary of dictionary.h as zstd reads it, once for all streams: a context that loads one by its bytes keeps a
// copy of its own, at the hub 96 of 400 KB.
class SharedDictionary {
 public:
  static const SharedDictionary& Of(unsigned id) {
    static const auto* all = new std::array<SharedDictionary, kDictionary + 1>{SharedDictionary(0), SharedDictionary(1),
                                                                               SharedDictionary(2)};
    static_assert(kDictionary == 2);
    return (*all)[id <= kDictionary ? id : 0];
  }

  const ZSTD_CDict* pack = nullptr;  // null: there is none of this id
  const ZSTD_DDict* unpack = nullptr;

 private:
  explicit SharedDictionary(unsigned id) {
    std::string_view bytes = Dictionary(id);
    if (bytes.empty()) return;
    // Its own tables are never searched (ZSTD_dictForceLoad), so the smallest do.
    ZSTD_compressionParameters smallest{10, 6, 6, 1, 4, 0, ZSTD_fast};
    pack = ZSTD_createCDict_advanced(bytes.data(), bytes.size(), ZSTD_dlm_byRef, ZSTD_dct_auto, smallest,
                                     ZSTD_defaultCMem);
    unpack = ZSTD_createDDict_byReference(bytes.data(), bytes.size());
  }
};

}  // namespace

struct StreamZip::Context {
  ZSTD_CCtx* zstd = ZSTD_createCCtx();
  ~Context() { ZSTD_freeCCtx(zstd); }
};

StreamZip::StreamZip() = default;
StreamZip::~StreamZip() = default;
void StreamZip::Close() { context_.reset(); }
size_t StreamZip::memory() const { return context_ == nullptr ? 0 : ZSTD_sizeof_CCtx(context_->zstd); }

std::string StreamZip::Pack(std::string_view plain, bool begin, const Settings& settings) {
  if (begin) {
    context_ = std::make_unique<Context>();
    SetUp(context_->zstd, settings);
    ZSTD_CCtx_setParameter(context_->zstd, ZSTD_c_dictIDFlag, 0);
    // Into this context's tables: one that is only attached keeps tables of its own, made for its few bytes, and every
    // later match is searched in both: 7 % more bytes.
    ZSTD_CCtx_setParameter(context_->zstd, ZSTD_c_forceAttachDict, ZSTD_dictForceLoad);
    ZSTD_CCtx_refCDict(context_->zstd, SharedDictionary::Of(settings.dictionary).pack);
  }
  std::string out(ZSTD_compressBound(plain.size()) + 64, '\0');
  ZSTD_inBuffer from{plain.data(), plain.size(), 0};
  size_t size = 0;
  for (size_t left = 1; left > 0;) {
    if (out.size() - size < 64) out.resize(2 * out.size());
    ZSTD_outBuffer to{out.data(), out.size(), size};
    left = ZSTD_compressStream2(context_->zstd, &to, &from, ZSTD_e_flush);
    size = to.pos;
    ABSL_ASSERT(!ZSTD_isError(left));
    if (ZSTD_isError(left)) break;  // out of memory only; the receiver refuses what is cut
  }
  out.resize(size);
  return out;
}

struct StreamUnzip::Context {
  ZSTD_DCtx* zstd = ZSTD_createDCtx();
  ~Context() { ZSTD_freeDCtx(zstd); }
};

StreamUnzip::StreamUnzip() = default;
StreamUnzip::~StreamUnzip() = default;
void StreamUnzip::Close() { context_.reset(); }

absl::StatusOr<std::string> StreamUnzip::Unpack(std::string_view packed, bool begin, unsigned dictionary,
                                                size_t max_bytes) {
  if (begin) {
    context_ = std::make_unique<Context>();
    ZSTD_DCtx_setParameter(context_->zstd, ZSTD_d_windowLogMax, kMaxWindowLog);
    ZSTD_DCtx_refDDict(context_->zstd, SharedDictionary::Of(dictionary).unpack);
  }
  if (context_ == nullptr) return absl::InvalidArgumentError("packet: continues a frame that never began");
  const size_t room = max_bytes + 1;  // so that a packet of the largest size leaves the output not full
  std::string plain(std::min(room, std::max<size_t>(4 * packed.size(), 256)), '\0');
  ZSTD_inBuffer from{packed.data(), packed.size(), 0};
  size_t size = 0;
  for (;;) {
    if (size == plain.size()) {
      if (size == room) break;
      plain.resize(std::min(room, 2 * size));
    }
    ZSTD_outBuffer to{plain.data(), plain.size(), size};
    size_t hint = ZSTD_decompressStream(context_->zstd, &to, &from);
    if (ZSTD_isError(hint)) return absl::InvalidArgumentError("packet: damaged zstd frame");
    bool moved = to.pos > size || from.pos < from.size;
    size = to.pos;
    // The packet is out when its input is used up and the output was not full, so that nothing waits inside.
    if (from.pos == from.size && size < plain.size()) {
      plain.resize(size);
      return plain;
    }
    if (!moved) break;
  }
  return absl::InvalidArgumentError("packet: larger than a message may be");
}

}  // namespace liaison

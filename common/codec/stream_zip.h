// One direction of a session as a zstd stream: every packet is flushed, so that it can be read as soon as it is there,
// and shares the window of those before it. A frame lives as long as both sides keep it: whoever packs may begin a new
// one at any packet (another level, or to let go of memory while idle), and says so in the packet's form.
//
// Bounds: the window is at most 2^kMaxWindowLog bytes, since a hub holds one for every station; a packet unpacks to at
// most what its caller allows. Format: RFC 8878.
#ifndef LIAISON_COMMON_CODEC_STREAM_ZIP_H_
#define LIAISON_COMMON_CODEC_STREAM_ZIP_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace liaison {

inline constexpr int kMaxWindowLog = 18;

// Not thread-safe.
class StreamZip {
 public:
  struct Settings {
    int level = 3;
    int window_log = kMaxWindowLog;
    int table_log = 30;       // of its tables of matches, at most: 2^table_log entries each
    unsigned dictionary = 0;  // id of dictionary.h; 0: none
    bool operator==(const Settings&) const = default;
  };

  StreamZip();
  ~StreamZip();

  // The packet's part of the frame. `begin`: starts a new frame with these settings and forgets the old one.
  // REQUIRES: the first call begins.
  std::string Pack(std::string_view plain, bool begin, const Settings& settings);
  bool open() const { return context_ != nullptr; }
  void Close();           // lets go of the memory; the next Pack must begin
  size_t memory() const;  // of the compressor, bytes

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// Not thread-safe.
class StreamUnzip {
 public:
  StreamUnzip();
  ~StreamUnzip();

  // kInvalidArgument: damaged, more than `max_bytes`, or a continuation of a frame that never began.
  absl::StatusOr<std::string> Unpack(std::string_view packed, bool begin, unsigned dictionary, size_t max_bytes);
  void Close();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_CODEC_STREAM_ZIP_H_

// One value of every format, every slot filled with something that is neither zero nor empty nor equal to a neighbour,
// so that a slot which is forgotten or swapped shows. The structured bindings stop compiling when a struct gets a new
// field: then add it here, to the golden files and to the field lists of the tests.
#ifndef LIAISON_TESTS_GOLDEN_SAMPLES_H_
#define LIAISON_TESTS_GOLDEN_SAMPLES_H_

#include <string>

#include "common/codec/bundle.h"
#include "common/codec/message_codec.h"
#include "common/codec/op_codec.h"
#include "common/crypto/hash.h"

namespace liaison::sample {

inline std::string Bytes(size_t n, uint8_t first) {
  std::string bytes;
  for (size_t i = 0; i < n; ++i) bytes.push_back(static_cast<char>(first + i));
  return bytes;
}
inline std::string Hash(std::string_view of) { return Sha256(of); }
inline Actor Station() { return {"HK-D057", 0x0123456789abcdef}; }
inline Actor Older() { return {"HK-D057", 0x1122334455667788}; }
inline Actor Hub() { return {"HUB", 0xfedcba9876543210}; }
inline std::string ActionId() { return Bytes(kActionIdBytes, 0xa0); }
inline RecordId Matter() { return RecordId::Random(24, ActionId(), 2); }
inline RecordId Visitor() { return RecordId::Random(18, Bytes(kActionIdBytes, 0x50), 1); }
inline RecordId Progress() { return RecordId::Random(26, ActionId(), 0x0103); }
inline OpName Name(std::string_view of) { return {Older(), 300 + of.size(), Hash(of)}; }

// The first op of a run that continues an older one: a new matter with three parts.
inline Op FirstOp() {
  Op op;
  op.actor = Station();
  op.seq = 1;
  op.parent = ParentLink{Older(), 1234, Hash("parent")};
  op.action_id = ActionId();
  op.index = 2;
  op.count = 5;
  op.aggregate = Matter();
  op.kind = kWriteOp;
  op.schema_version = kTypedNameVersion;
  op.n = 1;
  op.context = {{Hub(), 4, 0x0102030405060708}, {Older(), 130, 0x1112131415161718}};
  op.grants = {{Hub(), 9, 0x2122232425262728}};
  op.logical_time = (uint64_t{1'790'000'000'123} << 16) | 7;
  op.wall_ms = 1'790'000'000'100;
  op.clock_quality = kClockTrusted;
  op.user = "d057-li";
  op.was = OpName{Older(), 77, Hash("was")};
  op.writes = {{{}, 4 << 3 | 2, "", "村口路灯不亮"},
               {{}, 8 << 3 | 0, "", "\x01"},
               {{}, 18 << 3 | 2, "17.1", "source"},
               {Progress(), 3 << 3 | 2, "", "已联系供电所"},
               {RecordId::Master(3, "DB-012"), 2 << 3 | 2, "", "name"}};
  op.sealed = {{{}, 1 << 3 | 2, "", Bytes(40, 0xc0)}};
  op.blobs = {Hash("photo 1"), Hash("photo 2")};
  return op;
}

// A later op on the same aggregate, by a machine whose clock stands before 1970.
inline Op LaterOp() {
  Op op;
  op.actor = Station();
  op.seq = 200;
  op.action_id = Bytes(kActionIdBytes, 0x10);
  op.aggregate = Matter();
  op.n = 3;
  op.previous = 0x8899aabbccddeeff;
  op.context = {{Station(), 2, 0x8899aabbccddeeff}};
  op.logical_time = (uint64_t{1'790'000'050'000} << 16) | 1;
  op.wall_ms = -5'000;
  op.clock_quality = kClockSuspect;
  op.user = "d057-zhao";
  op.writes = {{{}, 4 << 3 | 2, "", ""}, {{}, kVoidTag, "", "1误录"}};
  return op;
}

// The same by somebody who has logged in, who knew rights that two runs of the hub wrote.
inline Op AccountOp() {
  Op op = LaterOp();
  op.schema_version = kAccountVersion;
  op.user = "U7K2MC";
  op.grants = {{Hub(), 9, 0x2122232425262728}, {{"HUB", 0xfedcba9876543211}, 2, 0x3132333435363738}};
  return op;
}

inline sync::Tip Tip(uint8_t i) {
  return {{"HK-D057", 0x9000000000000000 + i}, 40u + i, Hash("tip" + std::to_string(i))};
}
inline sync::Cursor Cursor(uint8_t i) {
  return {"point:HK-D05" + std::to_string(i), Bytes(16, static_cast<uint8_t>(0x30 + i)), 1000u + i,
          Hash("prefix" + std::to_string(i))};
}
inline sync::Seal Seal(uint8_t i) { return {Bytes(8, static_cast<uint8_t>(0x70 + i)), i, Bytes(64, i)}; }
inline sync::KeyItem Key(uint8_t i) {
  return {ToBytes(Visitor()), i, Bytes(8, static_cast<uint8_t>(0x60 + i)), Bytes(32, static_cast<uint8_t>(0x80 + i))};
}

inline sync::FeedItem Item(sync::ItemKind kind) {
  sync::FeedItem item{.kind = kind, .aggregate = ToBytes(Visitor())};
  if (kind == sync::ItemKind::kOp || kind == sync::ItemKind::kGone) item.name = Name("item");
  if (kind == sync::ItemKind::kEnter) item.count = 321;
  if (kind == sync::ItemKind::kKey) {
    item.key_id = Bytes(8, 0x60);
    item.key_hash = Hash("key");
  }
  return item;
}
inline sync::FeedItem FullItem() {
  sync::FeedItem item{sync::ItemKind::kKey, ToBytes(Visitor()), Name("full"), 5, Bytes(8, 1), Hash("full key")};
  [[maybe_unused]] const auto& [kind, aggregate, name, count, key_id, key_hash, by] = item;
  return item;
}

inline sync::Hello Hello() {
  sync::Hello m{.version = 1,
                .station = "HK-D057",
                .node = "HK-D057-b",
                .machine_id = "machine",
                .dictionaries = {3, 70000},
                .budget = 1 << 20,
                .tip = Tip(1),
                .points = {Tip(2), Tip(3)},
                .feeds = {Cursor(1), Cursor(2)},
                .feed_points = {Cursor(3)},
                .abandoned_count = 12,
                .abandoned_hash = Hash("abandoned"),
                .abandoned_names = {Name("a")},
                .archive_id = "archive-2026-11"};
  [[maybe_unused]] const auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14] = m;
  return m;
}

inline sync::Welcome Welcome() {
  sync::Welcome m{.version = 1,
                  .epoch = Bytes(16, 0x40),
                  .lineage = {{Bytes(16, 0x20), "archive-1"}},
                  .verdict = sync::TipVerdict::kProbe,
                  .have = Tip(4),
                  .want = Tip(5),
                  .fork_notice = true,
                  .feeds = {{sync::FeedVerdict::kRewind, Cursor(4)}},
                  .subscriptions = {"all", "point:HK-D057"},
                  .wanted = {Name("w")},
                  .hub_time_ms = 1'790'000'000'000,
                  .heads = {Cursor(5)},
                  .heads_seal = Seal(1),
                  .offer_abandoned = true,
                  .archive_contained = false};
  [[maybe_unused]] const auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15] = m;
  return m;
}

inline sync::Range Range() {
  sync::Range m{.actor = Station(),
                .first = 41,
                .last = 42,
                .head_before = Hash("before"),
                .head_after = Hash("after"),
                .seal = Seal(2),
                .ops = {"op bytes 41", "op bytes 42"},
                .keys = {Key(1)}};
  [[maybe_unused]] const auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10] = m;
  return m;
}

inline sync::Ack Ack() {
  sync::Ack m{.epoch = Bytes(16, 0x40),
              .tip = Tip(6),
              .level = sync::AckLevel::kArchived,
              .archive_id = "archive-2",
              .verdicts = {{Name("v"), sync::Verdict::kMalformed, "记录损坏"}},
              .gap = Tip(7),
              .seal = Seal(3)};
  [[maybe_unused]] const auto& [f1, f2, f3, f4, f5, f6, f7] = m;
  return m;
}

inline sync::FeedBatch FeedBatch() {
  sync::FeedBatch m{.interest = "point:HK-D057",
                    .epoch = Bytes(16, 0x40),
                    .first = 7,
                    .prefix_before = Hash("pb"),
                    .last = 9,
                    .prefix_after = Hash("pa"),
                    .archived_position = 5,
                    .archive_id = "archive-3",
                    .seal = Seal(4),
                    .items = {Item(sync::ItemKind::kOp), Item(sync::ItemKind::kLeave)},
                    .ops = {"op bytes", ""},
                    .keys = {Key(2)}};
  [[maybe_unused]] const auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13] = m;
  return m;
}

inline BundleHeader Bundle() {
  BundleHeader m;
  m.hash_algorithm = 1;
  m.signature_algorithm = 2;
  m.cipher_algorithm = 3;
  m.direction = BundleDirection::kToStation;
  m.recipient_key_id = Bytes(8, 0x11);
  m.bundle_id = Bytes(16, 0x21);
  m.station = "HK-D057";
  m.machine_id = "machine";
  m.wall_ms = 1'790'000'000'000;
  m.tip = Tip(8);
  m.epoch = Bytes(16, 0x40);
  m.archive_id = "archive-4";
  m.cursors = {Cursor(6)};
  m.ranges = {{Station(), 1, 40, 100, 2000}};
  m.batches = {{"point:HK-D057", 7, 9, 2100, 300}};
  m.abandoned = {{"all", Hash("segment"), 11, 13, 2400, 77}};
  m.certificates = {"certificate one", "certificate two"};
  m.body_length = 123456;
  m.body_hash = Hash("body");
  m.seal = Seal(5);
  [[maybe_unused]] const auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19,
                                f20] = m;
  return m;
}

}  // namespace liaison::sample

#endif  // LIAISON_TESTS_GOLDEN_SAMPLES_H_

#include "tests/hub_facts/town.h"

#include <algorithm>
#include <fstream>
#include <random>
#include <sstream>

#include "common/rules/days/calendar.h"
#include "common/store/keys.h"
#include "common/store/projection.h"
#include "gtest/gtest.h"
#include "tests/testing/places.h"

namespace liaison {
namespace {

// A record id of 12 bytes that sorts by `number`.
RecordId Numbered(uint8_t type, uint64_t number) {
  std::string action;
  ByteWriter writer(&action);
  writer.Fixed64(number);
  writer.Raw("\x5a\x5a");
  return RecordId::Random(type, action, 0);
}

std::string HashOf(uint64_t number) {
  std::string hash;
  ByteWriter writer(&hash);
  for (uint64_t i = 1; i <= kHashBytes / 8; ++i) {
    uint64_t z = number * 0x9e3779b97f4a7c15 + i;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    writer.Fixed64(z ^ (z >> 27));
  }
  return hash;
}

void Project(const Aggregate* before, const Aggregate& after, Kv* kv) {
  KvWriter writer(kv);
  FactsProjection facts;
  CountersProjection counters;
  facts.OnChange(before, after, writer);
  counters.OnChange(before, after, writer);
  ASSERT_TRUE(kv->Write(writer.changes(), false).ok());
}

std::vector<std::vector<std::string>> ReadCsv(const std::string& name) {
  std::ifstream file(InSource("/hub/fixture/") + name);
  EXPECT_TRUE(file) << name;
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(file, line);  // header
  while (std::getline(file, line)) {
    std::vector<std::string> cells;
    std::stringstream in(line.substr(0, line.find('\r')));
    for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
    rows.push_back(cells);
  }
  return rows;
}

}  // namespace

RecordId Town::NewId(uint8_t type) { return Numbered(type, ++ids_); }

VersionVector Town::Seen(const RecordId& aggregate) const {
  auto it = aggregates_.find(aggregate);
  return it == aggregates_.end() ? VersionVector() : it->second.lineage().Visible();
}

void Town::Commit(const RecordId& aggregate, std::vector<Write> writes, const std::string& author,
                  const std::optional<VersionVector>& saw) {
  Last& last = last_[{author, aggregate}];
  Op op;
  op.actor = {author, 7};
  op.seq = ++ops_;
  op.aggregate = aggregate;
  op.n = last.n + 1;
  op.previous = last.tag;
  op.context = saw ? *saw : Seen(aggregate);
  op.writes = std::move(writes);
  op.hash = HashOf(ops_);
  last = {op.n, op.tag()};
  auto it = aggregates_.find(aggregate);
  const std::optional<Aggregate> before = it == aggregates_.end() ? std::nullopt : std::optional<Aggregate>(it->second);
  Aggregate& after = aggregates_.try_emplace(aggregate, aggregate).first->second;
  ASSERT_EQ(after.Apply(op), Aggregate::Outcome::kApplied);
  Project(before ? &*before : nullptr, after, kv_.get());
  log_.push_back(std::move(op));
}

void Town::Set(const RecordId& aggregate, const google::protobuf::Message& message,
               std::initializer_list<uint32_t> fields, const std::string& author,
               const std::optional<VersionVector>& saw) {
  std::vector<Write> all, sealed, writes;
  WritesOf(message, {}, &all, &sealed);
  for (uint32_t field : fields) {
    bool found = false;
    for (const Write& write : all) {
      if (write.field() != field) continue;
      writes.push_back(write);
      found = true;
    }
    if (!found) writes.push_back({{}, FindType(message.GetDescriptor())->Find(field)->tag, "", ""});
  }
  Commit(aggregate, std::move(writes), author, saw);
}

void Town::SetState(const RecordId& matter, v1::MatterState to, const std::string& author,
                    const std::optional<VersionVector>& saw) {
  v1::Matter message;
  message.mutable_status()->set_to(to);
  Set(matter, message, {v1::Matter::kStatusFieldNumber}, author, saw);
}

void Town::SetState(const RecordId& session, v1::SessionState to, const std::string& author,
                    const std::optional<VersionVector>& saw) {
  v1::ReceptionSession message;
  message.mutable_status()->set_to(to);
  Set(session, message, {v1::ReceptionSession::kStatusFieldNumber}, author, saw);
}

void Town::Void(const RecordId& aggregate, const RecordId& child, const std::string& author,
                const std::optional<VersionVector>& saw) {
  Commit(aggregate, {{child, kVoidTag, "", "1重复登记"}}, author, saw);
}

void Town::Unvoid(const RecordId& aggregate, const RecordId& child) { Commit(aggregate, {{child, kVoidTag, "", ""}}); }

void Town::Arrive(const std::string& date, const std::string& author) {
  constexpr int64_t kDayMs = 86'400'000;
  KvWriter writer(kv_.get());
  std::string ms;
  ByteWriter(&ms).Fixed64(static_cast<uint64_t>(*ParseDay(date) * kDayMs));  // eight in the morning in the township
  writer.Put(key::Arrival({author, 7}, ops_, 1), ms);
  ASSERT_TRUE(kv_->Write(writer.changes(), false).ok());
}

std::map<std::string, std::string> Town::Recounted() const {
  std::unique_ptr<Kv> fresh = NewMemoryKv();
  for (const auto& [id, aggregate] : aggregates_) Project(nullptr, aggregate, fresh.get());
  return Dump(*fresh);
}

std::map<std::string, std::string> Town::InAnotherOrder(uint32_t seed) const {
  std::vector<Op> ops = log_;
  std::shuffle(ops.begin(), ops.end(), std::mt19937(seed));
  std::unique_ptr<Kv> fresh = NewMemoryKv();
  std::map<RecordId, Aggregate> aggregates;
  auto apply = [&](const Op& op) {
    auto it = aggregates.find(op.aggregate);
    const std::optional<Aggregate> before =
        it == aggregates.end() ? std::nullopt : std::optional<Aggregate>(it->second);
    Aggregate& after = aggregates.try_emplace(op.aggregate, op.aggregate).first->second;
    const Aggregate::Outcome outcome = after.Apply(op);
    EXPECT_TRUE(outcome == Aggregate::Outcome::kApplied || outcome == Aggregate::Outcome::kHeld);
    Project(before ? &*before : nullptr, after, fresh.get());
  };
  for (const Op& op : ops) {
    apply(op);
    for (auto ready = aggregates.at(op.aggregate).Ready(); !ready.empty();
         ready = aggregates.at(op.aggregate).Ready()) {
      for (const Aggregate::HeldOp& held : ready) apply(log_.at(held.seq - 1));  // seq: its place in the log
    }
  }
  return Dump(*fresh);
}

Figures Town::Compute(const FigureQuery& query) const {
  const std::unique_ptr<KvReader> snapshot = kv_->Snapshot();
  absl::StatusOr<Figures> figures = liaison::Compute(*snapshot, roster, query);
  EXPECT_TRUE(figures.ok()) << figures.status();
  return figures.ok() ? *std::move(figures) : Figures();
}

Figures Town::Year(bool ids) const {
  FigureQuery query;
  query.from = "2026-01-01";
  query.to = "2026-12-31";
  query.ids = ids;
  return Compute(query);
}

std::map<std::string, std::string> Town::Dump(const KvReader& kv) {
  std::map<std::string, std::string> rows;
  const std::string derived = key::kProjection;
  kv.Scan(derived, PrefixEnd(derived), [&](std::string_view key, std::string_view value) {
    rows.emplace(key, value);
    return true;
  });
  return rows;
}

Roster FixtureRoster() {
  static const auto* kTiers =
      new std::map<std::string, v1::Tier>{{"center", v1::CENTER}, {"area", v1::AREA}, {"point", v1::POINT}};
  static const auto* kLevels = new std::map<std::string, v1::MandateLevel>{
      {"市", v1::MANDATE_CITY}, {"区", v1::MANDATE_DISTRICT}, {"镇", v1::MANDATE_TOWN}};
  Roster roster;
  for (const auto& row : ReadCsv("stations.csv")) {
    v1::Station& station = roster.stations[row.at(0)];
    station.set_station_id(row.at(0));
    station.set_tier(kTiers->at(row.at(1)));
    station.set_parent_id(row.at(2));
    station.set_grade(row.at(3) == "high_standard" ? v1::GRADE_HIGH_STANDARD : v1::GRADE_NORMAL);
    station.set_name(row.at(4));
    station.set_public_name(row.at(6));
  }
  for (const auto& row : ReadCsv("deputies.csv")) {
    v1::Deputy& deputy = roster.deputies[row.at(0)];
    deputy.set_deputy_id(row.at(0));
    deputy.set_name(row.at(1));
    for (const auto& [label, level] : *kLevels)
      if (row.at(4).find(label) != std::string::npos) deputy.add_mandates()->set_level(level);
  }
  for (const auto& row : ReadCsv("departments.csv")) roster.departments[row.at(0)].set_name(row.at(1));
  static const char* const kCategories[] = {"农业农村与水利", "交通道路", "村镇建设与住房", "人居环境与生态", "教育"};
  for (int i = 0; i < 5; ++i) roster.categories["0" + std::to_string(i + 1)].set_name(kCategories[i]);
  return roster;
}

}  // namespace liaison

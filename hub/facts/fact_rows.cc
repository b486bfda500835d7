#include "hub/facts/fact_rows.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <set>

#include "common/base/status.h"
#include "common/base/text.h"
#include "liaison/v1/records.pb.h"

namespace liaison {

// ---------------------------------------------------------------- encoding

namespace {

enum : uint8_t { kSessionHistorical = 1, kSessionPaper = 2 };
enum : uint8_t { kDeputyClosed = 1, kDeputyLeave = 2 };
enum : uint8_t { kVisitAnonymous = 1, kVisitHistorical = 2, kVisitEntered = 4 };
enum : uint32_t {
  kMatterHistorical = 1,
  kMatterAnswerSolved = 2,
  kMatterSolved = 4,
  kMatterByLedger = 8,
  kMatterAccusation = 16,
  kMatterAssigned = 32,
  kMatterKey = 64,
  kMatterWantsFeedback = 128,
  kMatterFedBack = 256,
  kMatterUnreachable = 512,
  kMatterCosigned = 1024,
  kMatterSources = 2048,
};
enum : uint8_t { kAssignedHistorical = 1, kAssignedReplied = 2, kAssignedKey = 4 };

std::string NamedKey(Day day, FactKind kind, std::string_view first, std::string_view last) {
  std::string key = DatedKey(day, kind);
  ByteWriter writer(&key);
  writer.String(first);
  writer.Raw(last);
  return key;
}

uint32_t If(bool set, uint32_t flag) { return set ? flag : 0; }

std::string NamelessKey(std::string_view session, std::string_view entry) {
  std::string key(1, kFactNameless);
  ByteWriter writer(&key);
  writer.String(session);
  writer.Raw(entry);
  return key;
}

void PutOptionalDay(const std::optional<Day>& day, ByteWriter* out) { out->Varint(day ? *day + 1ull : 0); }

std::optional<Day> OptionalDay(ByteReader* in) {
  const uint64_t value = in->Varint();
  return value == 0 ? std::nullopt : std::optional<Day>(static_cast<Day>(value - 1));
}

int Number(ByteReader* in) { return static_cast<int>(in->Varint()); }

}  // namespace

std::string DatedKey(Day day, FactKind kind) {
  std::string key;
  ByteWriter writer(&key);
  writer.Fixed32(static_cast<uint32_t>(day));
  writer.U8(kind);
  return key;
}

void PutSession(const SessionFact& fact, Rows* rows) {
  std::string& value = (*rows)[DatedKey(fact.day, kSessionKind) + fact.session];
  ByteWriter out(&value);
  out.U8(static_cast<uint8_t>((fact.historical ? kSessionHistorical : 0) | (fact.paper ? kSessionPaper : 0)));
  out.Varint(static_cast<uint32_t>(fact.state));
  out.Varint(static_cast<uint32_t>(fact.form));
  out.Varint(static_cast<uint64_t>(fact.unregistered));
  out.Raw(fact.station);
}

SessionFact GetSession(Day day, ByteReader* key, ByteReader* in) {
  SessionFact fact;
  fact.day = day;
  fact.session = key->Raw(key->rest().size());
  const uint8_t flags = in->U8();
  fact.historical = (flags & kSessionHistorical) != 0;
  fact.paper = (flags & kSessionPaper) != 0;
  fact.state = Number(in);
  fact.form = Number(in);
  fact.unregistered = static_cast<int64_t>(in->Varint());
  fact.station = in->Raw(in->rest().size());
  return fact;
}

void PutDeputy(const DeputyFact& fact, Rows* rows) {
  std::string& value = (*rows)[NamedKey(fact.day, kDeputyKind, fact.session, fact.deputy_id)];
  ByteWriter out(&value);
  out.U8(static_cast<uint8_t>((fact.closed ? kDeputyClosed : 0) | (fact.leave ? kDeputyLeave : 0)));
  out.Raw(fact.station);
}

DeputyFact GetDeputy(Day day, ByteReader* key, ByteReader* in) {
  DeputyFact fact;
  fact.day = day;
  fact.session = key->String();
  fact.deputy_id = key->Raw(key->rest().size());
  const uint8_t flags = in->U8();
  fact.closed = (flags & kDeputyClosed) != 0;
  fact.leave = (flags & kDeputyLeave) != 0;
  fact.station = in->Raw(in->rest().size());
  return fact;
}

void PutVisit(const VisitFact& fact, Rows* rows) {
  std::string& value = (*rows)[NamedKey(fact.day, kVisitKind, fact.session, fact.entry)];
  ByteWriter out(&value);
  out.U8(static_cast<uint8_t>(If(fact.anonymous, kVisitAnonymous) | If(fact.historical, kVisitHistorical) |
                              If(fact.seq != 0, kVisitEntered)));
  out.Varint(static_cast<uint32_t>(fact.form));
  out.Varint(static_cast<uint64_t>(fact.headcount));
  if (fact.seq != 0) {
    EncodeActor(fact.author, &out);
    out.Varint(fact.seq);
  }
  out.String(fact.station);
  out.Raw(fact.visitor);
  if (fact.anonymous || fact.visitor.empty()) (*rows)[NamelessKey(fact.session, fact.entry)] = "";
}

VisitFact GetVisit(Day day, ByteReader* key, ByteReader* in) {
  VisitFact fact;
  fact.day = day;
  fact.session = key->String();
  fact.entry = key->Raw(key->rest().size());
  const uint8_t flags = in->U8();
  fact.anonymous = (flags & kVisitAnonymous) != 0;
  fact.historical = (flags & kVisitHistorical) != 0;
  fact.form = Number(in);
  fact.headcount = static_cast<int64_t>(in->Varint());
  if ((flags & kVisitEntered) != 0) {
    fact.author = DecodeActor(in);
    fact.seq = in->Varint();
  }
  fact.station = in->String();
  fact.visitor = in->Raw(in->rest().size());
  return fact;
}

void PutMatter(const MatterFact& fact, Rows* rows) {
  std::string& value = (*rows)[DatedKey(fact.day, kMatterKind) + fact.matter];
  ByteWriter out(&value);
  const uint32_t flags = If(fact.historical, kMatterHistorical) | If(fact.answer_solved, kMatterAnswerSolved) |
                         If(fact.solved, kMatterSolved) | If(fact.by_ledger, kMatterByLedger) |
                         If(fact.accusation, kMatterAccusation) | If(fact.assigned.has_value(), kMatterAssigned) |
                         If(fact.key, kMatterKey) | If(fact.wants_feedback, kMatterWantsFeedback) |
                         If(fact.fed_back, kMatterFedBack) | If(fact.unreachable, kMatterUnreachable) |
                         If(!fact.cosigners.empty(), kMatterCosigned) | If(!fact.sources.empty(), kMatterSources);
  out.Varint(flags);
  for (int number : {fact.state, fact.nature, fact.track, fact.disposition, fact.reply_class, fact.rating})
    out.Varint(static_cast<uint32_t>(number));
  for (const std::string* text : {&fact.station, &fact.category, &fact.subcategory, &fact.lead, &fact.answered_by})
    out.String(*text);
  if (fact.assigned) {
    out.Varint(static_cast<uint32_t>(*fact.assigned));
    out.String(fact.unit);
  }
  if (!fact.sources.empty()) {
    out.Varint(fact.sources.size());
    for (const auto& [session, entry] : fact.sources) {
      out.String(session);
      out.String(entry);
    }
  }
  if (!fact.cosigners.empty()) out.Varint(fact.cosigners.size());
  for (const std::string& deputy : fact.cosigners) out.String(deputy);
  out.Raw(fact.link);
  ByteWriter index(&(*rows)[kFactIndex + fact.matter]);
  index.Varint(static_cast<uint32_t>(fact.day));
  if (fact.state != v1::MERGED || fact.link.empty()) return;
  std::string key(1, kFactLinks);
  ByteWriter link(&key);
  link.String(fact.link);
  link.Raw(fact.matter);
  (*rows)[key] = "";
}

MatterFact GetMatter(Day day, ByteReader* key, ByteReader* in) {
  MatterFact fact;
  fact.day = day;
  fact.matter = key->Raw(key->rest().size());
  const uint64_t flags = in->Varint();
  fact.historical = (flags & kMatterHistorical) != 0;
  fact.answer_solved = (flags & kMatterAnswerSolved) != 0;
  fact.solved = (flags & kMatterSolved) != 0;
  fact.by_ledger = (flags & kMatterByLedger) != 0;
  fact.accusation = (flags & kMatterAccusation) != 0;
  fact.key = (flags & kMatterKey) != 0;
  fact.wants_feedback = (flags & kMatterWantsFeedback) != 0;
  fact.fed_back = (flags & kMatterFedBack) != 0;
  fact.unreachable = (flags & kMatterUnreachable) != 0;
  for (int* number : {&fact.state, &fact.nature, &fact.track, &fact.disposition, &fact.reply_class, &fact.rating}) {
    *number = Number(in);
  }
  for (std::string* text : {&fact.station, &fact.category, &fact.subcategory, &fact.lead, &fact.answered_by})
    *text = in->String();
  if ((flags & kMatterAssigned) != 0) {
    fact.assigned = static_cast<Day>(in->Varint());
    fact.unit = in->String();
  }
  if ((flags & kMatterSources) != 0) {
    for (uint64_t n = in->Varint(); n > 0 && in->ok(); --n) {
      std::string session(in->String());
      fact.sources.emplace_back(std::move(session), in->String());
    }
  }
  if ((flags & kMatterCosigned) != 0)
    for (uint64_t n = in->Varint(); n > 0 && in->ok(); --n) fact.cosigners.emplace_back(in->String());
  fact.link = in->Raw(in->rest().size());
  return fact;
}

void PutAssigned(const AssignedFact& fact, Rows* rows) {
  std::string& value = (*rows)[DatedKey(fact.day, kAssignedKind) + fact.matter];
  ByteWriter out(&value);
  out.U8(static_cast<uint8_t>((fact.historical ? kAssignedHistorical : 0) | (fact.any_reply ? kAssignedReplied : 0) |
                              (fact.key ? kAssignedKey : 0)));
  for (int number : {fact.state, fact.track, fact.rating}) out.Varint(static_cast<uint32_t>(number));
  PutOptionalDay(fact.due, &out);
  PutOptionalDay(fact.replied, &out);
  out.String(fact.station);
  out.Raw(fact.unit);
}

AssignedFact GetAssigned(Day day, ByteReader* key, ByteReader* in) {
  AssignedFact fact;
  fact.day = day;
  fact.matter = key->Raw(key->rest().size());
  const uint8_t flags = in->U8();
  fact.historical = (flags & kAssignedHistorical) != 0;
  fact.any_reply = (flags & kAssignedReplied) != 0;
  fact.key = (flags & kAssignedKey) != 0;
  for (int* number : {&fact.state, &fact.track, &fact.rating}) *number = Number(in);
  fact.due = OptionalDay(in);
  fact.replied = OptionalDay(in);
  fact.station = in->String();
  fact.unit = in->Raw(in->rest().size());
  return fact;
}

void PutEvent(const EventFact& fact, Rows* rows) {
  std::string& value = (*rows)[NamedKey(fact.day, kEventKind, fact.matter, fact.id)];
  ByteWriter out(&value);
  out.U8(fact.kind);
  out.U8(fact.mode);
  out.U8(fact.historical);
  out.Varint(static_cast<uint32_t>(fact.track));
  out.String(fact.station);
  out.Raw(fact.unit);
}

EventFact GetEvent(Day day, ByteReader* key, ByteReader* in) {
  EventFact fact;
  fact.day = day;
  fact.matter = key->String();
  fact.id = key->Raw(key->rest().size());
  const uint8_t kind = in->U8();
  if (kind == 0 || kind >= EventFact::kKinds) in->Fail("unknown event");
  fact.kind = static_cast<EventFact::Kind>(kind);
  fact.mode = static_cast<EventFact::Mode>(in->U8());
  fact.historical = in->U8() != 0;
  fact.track = Number(in);
  fact.station = in->String();
  fact.unit = in->Raw(in->rest().size());
  return fact;
}

void PutActivity(const ActivityFact& fact, Rows* rows) {
  std::string& value = (*rows)[DatedKey(fact.day, kActivityKind) + fact.activity];
  ByteWriter out(&value);
  out.Varint(static_cast<uint32_t>(fact.type));
  for (int64_t number : {fact.problems, fact.made, fact.adopted, fact.others, fact.articles})
    out.Varint(static_cast<uint64_t>(number));
  out.String(fact.station);
  out.Varint(fact.deputies.size());
  for (const std::string& deputy : fact.deputies) out.String(deputy);
  out.Varint(fact.ballots.size());
  for (const BallotFact& ballot : fact.ballots) {
    out.Varint(static_cast<uint32_t>(ballot.kind));
    out.U8(ballot.reported);
    out.Varint(static_cast<uint64_t>(ballot.good));
    out.Varint(static_cast<uint64_t>(ballot.votes));
    out.String(ballot.subject);
  }
}

ActivityFact GetActivity(Day day, ByteReader* key, ByteReader* in) {
  ActivityFact fact;
  fact.day = day;
  fact.activity = key->Raw(key->rest().size());
  fact.type = Number(in);
  for (int64_t* number : {&fact.problems, &fact.made, &fact.adopted, &fact.others, &fact.articles})
    *number = static_cast<int64_t>(in->Varint());
  fact.station = in->String();
  for (uint64_t n = in->Varint(); n > 0 && in->ok(); --n) fact.deputies.emplace_back(in->String());
  for (uint64_t n = in->Varint(); n > 0 && in->ok(); --n) {
    BallotFact& ballot = fact.ballots.emplace_back();
    ballot.kind = Number(in);
    ballot.reported = in->U8() != 0;
    ballot.good = static_cast<int64_t>(in->Varint());
    ballot.votes = static_cast<int64_t>(in->Varint());
    ballot.subject = in->String();
  }
  return fact;
}

uint32_t MonthOf(Day day) {
  const std::chrono::year_month_day date = std::chrono::sys_days(std::chrono::days(day));
  return static_cast<uint32_t>(static_cast<int>(date.year())) * 12 + static_cast<unsigned>(date.month()) - 1;
}

std::string CounterKey(char level, uint32_t number, std::string_view station) {
  std::string key(1, level);
  ByteWriter writer(&key);
  writer.Fixed32(number);
  writer.Raw(station);
  return key;
}

std::string EncodeCounters(const CounterValues& values) {
  std::string bytes;
  ByteWriter out(&bytes);
  for (int64_t value : values) out.Zigzag(value);
  return bytes;
}

absl::StatusOr<CounterValues> DecodeCounters(std::string_view key, std::string_view bytes) {
  CounterValues values{};
  ByteReader in(bytes);
  for (int64_t& value : values) value = in.Zigzag();
  if (!in.ok() || !in.empty()) return absl::DataLossError(Cat("counter row ", Hex(key), " cannot be read"));
  return values;
}

// ---------------------------------------------------------------- reading

namespace {

Day FirstOf(uint32_t month) {
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(month / 12)),
                                         std::chrono::month(month % 12 + 1), std::chrono::day(1)};
  return static_cast<Day>(std::chrono::sys_days(date).time_since_epoch().count());
}

using VisitCounters = std::function<void(uint32_t number, std::string_view station, const CounterValues& values)>;

// Rows of one level numbered first..last.
absl::Status ScanCounters(const KvReader& reader, char level, uint32_t first, uint32_t last,
                          const VisitCounters& visit) {
  const std::string prefix = ProjectionPrefix(CountersProjection().prefix());
  absl::Status status;
  reader.Scan(prefix + CounterKey(level, first, ""), prefix + CounterKey(level, last + 1, ""),
              [&](std::string_view key, std::string_view value) {
                ByteReader in(key.substr(prefix.size() + 1));
                const uint32_t number = in.Fixed32();
                absl::StatusOr<CounterValues> values = DecodeCounters(key, value);
                status = values.status();
                if (status.ok()) visit(number, in.rest(), *values);
                return status.ok();
              });
  return status;
}

}  // namespace

absl::StatusOr<std::map<std::string, CounterValues>> CountersByStation(const KvReader& reader, Day from, Day to) {
  std::map<std::string, CounterValues> sums;
  auto add = [&](uint32_t, std::string_view station, const CounterValues& values) {
    CounterValues& sum = sums[std::string(station)];
    for (size_t i = 0; i < counter::kCount; ++i) sum[i] += values[i];
  };
  auto days = [&](Day first, Day last) {
    if (first > last) return absl::OkStatus();
    return ScanCounters(reader, kCounterDays, static_cast<uint32_t>(first), static_cast<uint32_t>(last), add);
  };
  if (from > to) return sums;
  // Whole months [first, past) where there are any, days around them.
  const uint32_t first = FirstOf(MonthOf(from)) == from ? MonthOf(from) : MonthOf(from) + 1;
  const uint32_t past = MonthOf(to + 1);
  if (first >= past) {
    RETURN_IF_ERROR(days(from, to));
    return sums;
  }
  RETURN_IF_ERROR(days(from, FirstOf(first) - 1));
  RETURN_IF_ERROR(ScanCounters(reader, kCounterMonths, first, past - 1, add));
  RETURN_IF_ERROR(days(FirstOf(past), to));
  return sums;
}

// By months first, so that of most stations only the last month's days are read.
absl::StatusOr<std::map<std::string, Day>> LastSessionDays(const KvReader& reader, Day from, Day to) {
  std::map<std::string, Day> last;
  auto days = [&](Day first, Day end) {  // the later days first: what is known stays
    std::map<std::string, Day> found;
    const absl::Status status =
        ScanCounters(reader, kCounterDays, static_cast<uint32_t>(first), static_cast<uint32_t>(end),
                     [&](uint32_t day, std::string_view station, const CounterValues& values) {
                       if (values[counter::kSessions] > 0) found[std::string(station)] = static_cast<Day>(day);
                     });
    last.merge(found);
    return status;
  };
  if (from > to) return last;
  const uint32_t past = MonthOf(to + 1);  // of months that end within the days
  if (MonthOf(from) < past) {
    std::map<std::string, uint32_t> months;
    RETURN_IF_ERROR(ScanCounters(reader, kCounterMonths, MonthOf(from), past - 1,
                                 [&](uint32_t month, std::string_view station, const CounterValues& values) {
                                   if (values[counter::kSessions] > 0) months[std::string(station)] = month;
                                 }));
    std::set<uint32_t, std::greater<>> wanted;
    for (const auto& [station, month] : months) wanted.insert(month);
    RETURN_IF_ERROR(days(FirstOf(past), to));
    for (uint32_t month : wanted) RETURN_IF_ERROR(days(std::max(from, FirstOf(month)), FirstOf(month + 1) - 1));
    return last;
  }
  RETURN_IF_ERROR(days(from, to));
  return last;
}

absl::Status ScanFacts(const KvReader& reader, Day from, Day to, const FactVisitor& visitor) {
  if (from > to) return absl::OkStatus();
  const std::string prefix = ProjectionPrefix(FactsProjection().prefix());
  absl::Status status;
  auto row = [&](std::string_view full_key, std::string_view value) {
    ByteReader key(full_key.substr(prefix.size())), in(value);
    const Day day = static_cast<Day>(key.Fixed32());
    auto give = [&](const auto& visit, auto get) {
      if (!visit) return;
      const auto fact = get(day, &key, &in);
      if (in.ok() && key.ok()) visit(fact);
    };
    switch (key.U8()) {
      case kSessionKind:
        give(visitor.session, GetSession);
        break;
      case kDeputyKind:
        give(visitor.deputy, GetDeputy);
        break;
      case kVisitKind:
        give(visitor.visit, GetVisit);
        break;
      case kMatterKind:
        give(visitor.matter, GetMatter);
        break;
      case kAssignedKind:
        give(visitor.assigned, GetAssigned);
        break;
      case kEventKind:
        give(visitor.event, GetEvent);
        break;
      case kActivityKind:
        give(visitor.activity, GetActivity);
        break;
      default:
        key.Fail("unknown kind");
    }
    if (!key.ok() || !in.ok()) status = absl::DataLossError(Cat("fact row ", Hex(full_key), " cannot be read"));
    return status.ok();
  };
  reader.Scan(prefix + DatedKey(from, FactKind{}), prefix + DatedKey(to + 1, FactKind{}), row);
  return status;
}

absl::StatusOr<std::optional<MatterFact>> FindMatter(const KvReader& reader, std::string_view matter) {
  const std::string prefix = ProjectionPrefix(FactsProjection().prefix());
  const std::optional<std::string> index = reader.Get(Cat(prefix, std::string(1, kFactIndex), matter));
  if (!index) return std::optional<MatterFact>();
  ByteReader in_index(*index);
  const Day day = static_cast<Day>(in_index.Varint());
  const std::optional<std::string> value = reader.Get(Cat(prefix, DatedKey(day, kMatterKind), matter));
  if (!value) return absl::DataLossError(Cat("no row of matter ", Hex(matter)));
  ByteReader key(matter), in(*value);
  const MatterFact fact = GetMatter(day, &key, &in);
  if (!in.ok()) return absl::DataLossError(Cat("row of matter ", Hex(matter), " cannot be read"));
  return std::optional<MatterFact>(fact);
}

bool IsNameless(const KvReader& reader, std::string_view session, std::string_view entry) {
  return reader.Get(Cat(ProjectionPrefix(FactsProjection().prefix()), NamelessKey(session, entry))).has_value();
}

absl::Status ScanMerged(const KvReader& reader,
                        const std::function<void(std::string_view followed, std::string_view matter)>& visit) {
  const std::string prefix = ProjectionPrefix(FactsProjection().prefix()) + kFactLinks;
  absl::Status status;
  reader.ScanPrefix(prefix, [&](std::string_view full_key, std::string_view) {
    ByteReader key(full_key.substr(prefix.size()));
    const std::string_view followed = key.String();
    if (!key.ok()) status = absl::DataLossError(Cat("link row ", Hex(full_key), " cannot be read"));
    if (status.ok()) visit(followed, key.rest());
    return status.ok();
  });
  return status;
}

}  // namespace liaison

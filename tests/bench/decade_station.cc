#include "tests/bench/decade_station.h"

#include <algorithm>
#include <set>

#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/codec/message_codec.h"
#include "common/codec/op_codec.h"
#include "common/rows/tables.h"
#include "common/rules/matter/guards.h"
#include "common/rules/matter/numbering.h"
#include "common/rules/visitor/visitors.h"

namespace liaison::bench {
namespace {

constexpr int kVisitsOfSession = 8;
constexpr int64_t kDayMs = 86'400'000;

std::string DateOf(Day day) { return DayText(day); }
std::string TimeOf(int minute) {
  return Cat(minute / 60 < 10 ? "0" : "", minute / 60, ":", minute % 60 < 10 ? "0" : "", minute % 60);
}

NewOp OpOf(const google::protobuf::Message& message, const RecordId& aggregate, const RecordId& child = {},
           VersionVector context = {}) {
  NewOp op;
  op.aggregate = aggregate;
  op.context = std::move(context);
  WritesOf(message, child, &op.writes, &op.sealed);
  return op;
}

// A reception day of one station. Fills in what of it comes to the township.
class ReceptionDay {
 public:
  ReceptionDay(Device* device, Scribe* scribe, const std::vector<DeputyName>& deputies, Day day, DecadeCounts* counts,
               std::vector<Handed>* handed)
      : device_(device), scribe_(scribe), day_(day), counts_(counts), handed_(handed), minute_(9 * 60) {
    std::string action = device_->NewAction();
    session_ = RecordId::Random(TypeOf<v1::ReceptionSession>().type(), action, 0);
    v1::ReceptionSession session;
    session.set_number(SessionNumber(SessionSeries(DateOf(day), device_->block()), 1));
    session.set_station_id(device_->station());
    session.set_date(DateOf(day));
    session.set_start("09:00");
    session.set_form(scribe_->Chance(850) ? v1::FORM_RECEPTION_DAY : v1::FORM_HOME_VISIT);
    std::set<std::string> present;
    for (int i = 1 + scribe_->Below(3); i > 0; --i)
      present.insert(deputies[static_cast<size_t>(scribe_->Below(static_cast<int>(deputies.size())))].id);
    for (const std::string& deputy : present) session.add_deputies()->set_deputy_id(deputy);
    answering_ = *present.begin();
    session.set_recorder("联络员");
    session.mutable_status()->set_to(v1::SESSION_OPEN);
    session.mutable_status()->set_date(DateOf(day));
    device_->Write(OpOf(session, session_), action, 0, 1, Wall());
    ++counts_->sessions;
    ++counts_->station_ops;
  }

  // One visit with `matters` of them.
  void Visit(int matters) {
    minute_ += 4 + scribe_->Below(20);
    std::string action = device_->NewAction();
    uint16_t index = 0;
    std::vector<NewOp> ops;
    v1::VisitEntry entry;
    RecordId entry_id = RecordId::Random(TypeOf<v1::VisitEntry>().type(), action, index++);
    const bool named = scribe_->Chance(800);
    const Person& person = device_->SomePerson();
    if (named) {
      RecordId visitor = RecordId::Random(TypeOf<v1::Visitor>().type(), action, index++);
      v1::VisitorFields fields;
      fields.set_name(person.name);
      if (scribe_->Chance(850)) fields.set_phone(person.phone);
      fields.set_village_group(person.group);
      NewVisitor sealed = SealVisitor(visitor, fields, device_->station(), "", scribe_->random());
      ops.push_back(std::move(sealed.op));
      device_->AddKey(std::move(sealed.key));
      entry.set_visitor_id(ToBytes(visitor));
      ++counts_->visitors;
    }
    std::vector<std::string> contents, categories;
    for (int i = 0; i < std::max(1, matters); ++i) {
      categories.push_back(scribe_->Category());
      contents.push_back(scribe_->Content());
    }
    entry.set_number(PaperNumber(EntrySeries("恒", DateOf(day_), device_->block()), device_->NextEntry()));
    entry.set_headcount(scribe_->Chance(800) ? 1 : 2 + scribe_->Below(6));
    entry.set_anonymous(!named);
    entry.set_time(TimeOf(minute_));
    entry.set_is_constituent(true);
    for (const std::string& content : contents) entry.set_original_words(Cat(entry.original_words(), content));
    entry.set_village_group(person.group);
    ops.push_back(OpOf(entry, session_, entry_id));
    std::vector<std::pair<RecordId, v1::Disposition>> made;
    for (int i = 0; i < matters; ++i) {
      RecordId id = RecordId::Random(TypeOf<v1::Matter>().type(), action, index++);
      v1::Matter matter = MatterOf(contents[static_cast<size_t>(i)], categories[static_cast<size_t>(i)], person);
      v1::Source& source = *matter.add_sources();
      source.set_entry(FullId(session_, entry_id));
      source.set_station_id(device_->station());
      source.set_session_id(ToBytes(session_));
      ops.push_back(OpOf(matter, id));
      made.emplace_back(id, matter.disposition());
    }
    WriteAll(ops, action);
    ++counts_->visits;
    counts_->matters += matters;
    if (scribe_->Chance(4)) return Undo(entry_id, made);
    for (const auto& [id, disposition] : made)
      if (disposition == v1::DISPOSITION_SUBMIT) handed_->push_back({id, device_});
  }

  sync::Range Close() {
    v1::ReceptionSession change;
    change.mutable_status()->set_to(v1::SESSION_CLOSED);
    change.mutable_status()->set_date(DateOf(day_));
    change.set_end(TimeOf(minute_ + 10));
    change.set_unregistered_count(scribe_->Chance(100) ? 1 + scribe_->Below(9) : 0);
    WriteAll({OpOf(change, session_, {}, device_->Seen(session_))}, device_->NewAction());
    return device_->Deliver();
  }

 private:
  int64_t Wall() const { return WallOfDay(day_, minute_); }
  void WriteAll(const std::vector<NewOp>& ops, const std::string& action) {
    for (size_t i = 0; i < ops.size(); ++i)
      device_->Write(ops[i], action, static_cast<uint32_t>(i), static_cast<uint32_t>(ops.size()), Wall());
    counts_->station_ops += static_cast<double>(ops.size());
  }

  v1::Matter MatterOf(const std::string& content, const std::string& category, const Person& person) {
    v1::Matter matter;
    matter.set_number(PaperNumber(MatterSeries("恒", DateOf(day_), device_->block()), device_->NextMatter()));
    matter.set_station_id(device_->station());
    matter.set_date(DateOf(day_));
    matter.set_title(Truncate(content, 40));
    matter.set_content(content);
    matter.set_category(category);
    const int nature = scribe_->Below(100);
    matter.set_nature(nature < 55   ? v1::NATURE_OPINION
                      : nature < 70 ? v1::NATURE_SUGGESTION
                      : nature < 76 ? v1::NATURE_CRITICISM
                      : nature < 90 ? v1::NATURE_HELP
                      : nature < 98 ? v1::NATURE_INQUIRY
                                    : v1::NATURE_PRAISE);
    const int way = scribe_->Below(100);
    matter.set_disposition(way < 50   ? v1::DISPOSITION_SUBMIT
                           : way < 88 ? v1::DISPOSITION_ANSWERED
                           : way < 96 ? v1::DISPOSITION_VILLAGE
                                      : v1::DISPOSITION_GUIDED);
    if (matter.disposition() == v1::DISPOSITION_ANSWERED) {
      matter.set_answer(scribe_->Answer());
      matter.set_answered_by(answering_);
      matter.set_answer_solved(scribe_->Chance(700));
    }
    if (matter.disposition() == v1::DISPOSITION_GUIDED) {
      matter.set_guided_to("信访办");
      matter.set_guide_reason("信访事项");
    }
    matter.mutable_status()->set_to(FirstState(matter.disposition()));
    matter.mutable_status()->set_date(DateOf(day_));
    matter.set_place(person.group);
    return matter;
  }

  // Entered by mistake: the visit, its matters; seen and noticed before anything was delivered.
  void Undo(const RecordId& entry, const std::vector<std::pair<RecordId, v1::Disposition>>& made) {
    std::vector<NewOp> ops;
    auto undo = [&](const RecordId& root, const RecordId& child) {
      NewOp op;
      op.aggregate = root;
      op.context = device_->Seen(root);
      op.writes.push_back({child, kVoidTag, "", "1登记有误"});
      ops.push_back(std::move(op));
    };
    undo(session_, entry);
    for (const auto& [id, disposition] : made) undo(id, {});
    WriteAll(ops, device_->NewAction());
  }

  Device* device_;
  Scribe* scribe_;
  Day day_;
  DecadeCounts* counts_;
  std::vector<Handed>* handed_;
  int minute_;
  RecordId session_;
  std::string answering_;
};

}  // namespace

int64_t WallOfDay(Day day, int minute) { return day * kDayMs - 8 * 3'600'000 + minute * 60'000; }

Device::Device(std::string station, std::string block, KeyPair key, int people, Scribe* scribe)
    : station_(std::move(station)), block_(std::move(block)), key_(std::move(key)), scribe_(scribe) {
  while (static_cast<int>(people_.size()) < people)
    people_.push_back({scribe_->PersonName(), scribe_->Phone(), Cat(1 + scribe_->Below(12), "组")});
}

const Person& Device::SomePerson() {
  return people_[static_cast<size_t>(scribe_->Below(static_cast<int>(people_.size())))];
}

void Device::Restart() {
  parent_.reset();
  if (seq_ > 0) parent_ = ParentLink{actor_, seq_, head_};
  actor_ = Actor{station_, scribe_->random()->U64()};
  seq_ = 0;
  head_ = ChainStart(parent_);
  entries_ = matters_ = 0;  // the business year's numbers
}

void Device::Write(const NewOp& wanted, const std::string& action_id, uint32_t index, uint32_t count, int64_t wall_ms) {
  Op op;
  op.actor = actor_;
  op.seq = ++seq_;
  if (seq_ == 1) op.parent = parent_;
  op.action_id = action_id;
  op.index = index;
  op.count = count;
  op.aggregate = wanted.aggregate;
  Aggregate& known = records_.try_emplace(wanted.aggregate, wanted.aggregate).first->second;
  auto steps = known.lineage().steps().find(actor_);
  op.n = steps == known.lineage().steps().end() ? 1 : steps->second.back().n + 1;
  op.previous = op.n == 1 ? 0 : steps->second.back().tag;
  op.context = wanted.context;
  op.wall_ms = wall_ms;
  op.logical_time = clock_.Next(wall_ms);
  op.clock_quality = kClockTrusted;
  op.user = "联络员";
  op.writes = wanted.writes;
  op.sealed = wanted.sealed;
  range_.ops.push_back(EncodeOp(&op));
  if (range_.ops.size() == 1) {
    range_.first = seq_;
    range_.head_before = head_;
  }
  head_ = ChainNext(head_, op.hash);
  known.Apply(op);
}

sync::Range Device::Deliver() {
  range_.actor = actor_;
  range_.last = seq_;
  range_.head_after = head_;
  range_.seal = {KeyId(key_.public_key), key_.algorithm, Sign(key_, RangeSigningBytes(range_))};
  records_.clear();
  return std::exchange(range_, {});
}

sync::Range Receive(Device* device, Scribe* scribe, const std::vector<DeputyName>& deputies, Day day, int most,
                    DecadeCounts* counts, std::vector<Handed>* handed) {
  ReceptionDay reception(device, scribe, deputies, day, counts, handed);
  for (int visits = 2 + scribe->Below(2 * kVisitsOfSession - 3); visits > 0 && most > 0; --visits) {
    const int kind = scribe->Below(240);
    const int matters = std::min(most, kind < 8 ? 0 : kind < 38 ? 2 : 1);
    reception.Visit(matters);
    most -= matters;
  }
  return reception.Close();
}

}  // namespace liaison::bench

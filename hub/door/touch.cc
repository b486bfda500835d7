#include "hub/door/touch.h"

#include <algorithm>
#include <optional>

#include "common/base/text.h"
#include "common/codec/op_codec.h"
#include "common/record/view.h"
#include "common/rules/matter/guards.h"
#include "common/rules/matter/numbering.h"
#include "common/store/maker.h"
#include "liaison/v1/audit.pb.h"
#include "liaison/v1/congress.pb.h"

namespace liaison {
namespace {

using door::State;
using door::Touch;
using door::WriteFacts;
using Role = FieldRole;

constexpr FieldRow kMatterRows[] = {
    {v1::Matter::kNumberFieldNumber, Role::kNumber},
    {v1::Matter::kStationIdFieldNumber, Role::kPlace},
    {v1::Matter::kDateFieldNumber, Role::kOwn},
    {v1::Matter::kTitleFieldNumber, Role::kOwn},
    {v1::Matter::kContentFieldNumber, Role::kOwn},
    {v1::Matter::kCategoryFieldNumber, Role::kOwn},
    {v1::Matter::kSubcategoryFieldNumber, Role::kOwn},
    {v1::Matter::kNatureFieldNumber, Role::kOwn},
    {v1::Matter::kCompetenceFieldNumber, Role::kOwn},
    {v1::Matter::kUrgencyFieldNumber, Role::kOwn},
    {v1::Matter::kDispositionFieldNumber, Role::kOwn},
    {v1::Matter::kStatusFieldNumber, Role::kStatus},
    {v1::Matter::kAnswerFieldNumber, Role::kOwn},
    {v1::Matter::kAnsweredByFieldNumber, Role::kOwn},
    {v1::Matter::kAnswerSolvedFieldNumber, Role::kOwn},
    {v1::Matter::kGuidedToFieldNumber, Role::kOwn},
    {v1::Matter::kGuideReasonFieldNumber, Role::kOwn},
    {v1::Matter::kSourcesFieldNumber, Role::kSources},
    {v1::Matter::kTrackFieldNumber, Role::kHub},
    {v1::Matter::kLeadDeputyFieldNumber, Role::kOwn},
    {v1::Matter::kCosignersFieldNumber, Role::kOwn},
    {v1::Matter::kKeyMatterFieldNumber, Role::kHub},
    {v1::Matter::kProjectFieldNumber, Role::kOwn},
    {v1::Matter::kMergedIntoFieldNumber, Role::kHub},
    {v1::Matter::kConvertedToFieldNumber, Role::kHub},
    {v1::Matter::kConvertedFromFieldNumber, Role::kHub},
    {v1::Matter::kConfidentialFieldNumber, Role::kOwn},
    {v1::Matter::kPlaceFieldNumber, Role::kOwn},
    {v1::Matter::kHistoricalFieldNumber, Role::kHistorical},
    {v1::Matter::kImportKeyFieldNumber, Role::kOnce},
    {v1::Matter::kImportBatchFieldNumber, Role::kOnce},
    {v1::Matter::kRemarkFieldNumber, Role::kOwn},
    {v1::Matter::kCongressFieldNumber, Role::kHub},
    {v1::Matter::kGridFieldNumber, Role::kOwn},
    {v1::Matter::kDisputeFieldNumber, Role::kOwn},
    {v1::Matter::kGuideCodeFieldNumber, Role::kOwn},
};

constexpr FieldRow kSessionRows[] = {
    {v1::ReceptionSession::kNumberFieldNumber, Role::kNumber},
    {v1::ReceptionSession::kStationIdFieldNumber, Role::kPlace},
    {v1::ReceptionSession::kDateFieldNumber, Role::kOwn},
    {v1::ReceptionSession::kStartFieldNumber, Role::kOwn},
    {v1::ReceptionSession::kEndFieldNumber, Role::kOwn},
    {v1::ReceptionSession::kFormFieldNumber, Role::kOwn},
    {v1::ReceptionSession::kThemeFieldNumber, Role::kOwn},
    {v1::ReceptionSession::kPlaceFieldNumber, Role::kOwn},
    {v1::ReceptionSession::kDeputiesFieldNumber, Role::kOwn},
    {v1::ReceptionSession::kRecorderFieldNumber, Role::kOwn},
    {v1::ReceptionSession::kNoticeDateFieldNumber, Role::kOwn},
    {v1::ReceptionSession::kUnregisteredCountFieldNumber, Role::kOwn},
    {v1::ReceptionSession::kStatusFieldNumber, Role::kOwn},
    {v1::ReceptionSession::kRemarkFieldNumber, Role::kOwn},
    {v1::ReceptionSession::kHistoricalFieldNumber, Role::kHistorical},
    {v1::ReceptionSession::kImportBatchFieldNumber, Role::kOnce},
    {v1::ReceptionSession::kPaperPendingFieldNumber, Role::kOwn},
};

constexpr FieldRow kEntryRows[] = {
    {v1::VisitEntry::kNumberFieldNumber, Role::kNumber},
    {v1::VisitEntry::kHeadcountFieldNumber, Role::kOwn},
    {v1::VisitEntry::kAnonymousFieldNumber, Role::kOwn},
    {v1::VisitEntry::kTimeFieldNumber, Role::kOwn},
    {v1::VisitEntry::kIsConstituentFieldNumber, Role::kOwn},
    {v1::VisitEntry::kGroupVisitFieldNumber, Role::kOwn},
    {v1::VisitEntry::kOriginalWordsFieldNumber, Role::kOwn},
    {v1::VisitEntry::kRemarkFieldNumber, Role::kOwn},
    {v1::VisitEntry::kNoticeGivenFieldNumber, Role::kOwn},
    {v1::VisitEntry::kConfidentialFieldNumber, Role::kOwn},
    {v1::VisitEntry::kVisitorIdFieldNumber, Role::kOnce},
    {v1::VisitEntry::kSeqFieldNumber, Role::kOnce},
    {v1::VisitEntry::kHistoricalFieldNumber, Role::kOnce},
    {v1::VisitEntry::kImportBatchFieldNumber, Role::kOnce},
    {v1::VisitEntry::kVillageGroupFieldNumber, Role::kOwn},
};

constexpr FieldRow kVisitorRows[] = {
    {v1::Visitor::kSealedFieldNumber, Role::kSealed},
    {v1::Visitor::kStationIdFieldNumber, Role::kPlace},
    {v1::Visitor::kImportBatchFieldNumber, Role::kOnce},
};

constexpr FieldRow kActivityRows[] = {
    {v1::Activity::kTypeFieldNumber, Role::kOwn},
    {v1::Activity::kDateFieldNumber, Role::kOwn},
    {v1::Activity::kEndDateFieldNumber, Role::kOwn},
    {v1::Activity::kTitleFieldNumber, Role::kOwn},
    {v1::Activity::kPlaceFieldNumber, Role::kOwn},
    {v1::Activity::kDeputiesFieldNumber, Role::kOwn},
    {v1::Activity::kStationIdFieldNumber, Role::kPlace},
    {v1::Activity::kProblemsFoundFieldNumber, Role::kOwn},
    {v1::Activity::kSuggestionsMadeFieldNumber, Role::kOwn},
    {v1::Activity::kSuggestionsAdoptedFieldNumber, Role::kOwn},
    {v1::Activity::kOthersFieldNumber, Role::kOwn},
    {v1::Activity::kTextFieldNumber, Role::kOwn},
    {v1::Activity::kUnitsFieldNumber, Role::kOwn},
    {v1::Activity::kProjectFieldNumber, Role::kOwn},
    {v1::Activity::kArticlesFieldNumber, Role::kOwn},
};

constexpr FieldRow kBallotRows[] = {
    {v1::Ballot::kKindFieldNumber, Role::kOwn},         {v1::Ballot::kSubjectFieldNumber, Role::kOwn},
    {v1::Ballot::kExcellentFieldNumber, Role::kOwn},    {v1::Ballot::kSatisfiedFieldNumber, Role::kOwn},
    {v1::Ballot::kBasicallyFieldNumber, Role::kOwn},    {v1::Ballot::kDissatisfiedFieldNumber, Role::kOwn},
    {v1::Ballot::kAbstainedFieldNumber, Role::kOwn},    {v1::Ballot::kReportedFieldNumber, Role::kOwn},
    {v1::Ballot::kVotersFieldNumber, Role::kOwn},
};

constexpr FieldRow kImportBatchRows[] = {
    {v1::ImportBatch::kStationIdFieldNumber, Role::kPlace}, {v1::ImportBatch::kFileNameFieldNumber, Role::kOwn},
    {v1::ImportBatch::kDateFieldNumber, Role::kOwn},        {v1::ImportBatch::kRowsFieldNumber, Role::kOwn},
    {v1::ImportBatch::kAcceptedFieldNumber, Role::kOwn},    {v1::ImportBatch::kRefusedFieldNumber, Role::kOwn},
    {v1::ImportBatch::kKnownFieldNumber, Role::kOwn},       {v1::ImportBatch::kUndoneFieldNumber, Role::kOwn},
    {v1::ImportBatch::kContentDigestFieldNumber, Role::kOwn},
};

constexpr FieldRow kAuditRows[] = {
    {v1::Audit::kStationIdFieldNumber, Role::kPlace},
    {v1::Audit::kNodeIdFieldNumber, Role::kOnce},
    {v1::Audit::kMonthFieldNumber, Role::kOnce},
};

bool IsHubs(const TypeInfo& type) { return type.rules.master() || type.rules.owner() == v1::OWNER_HUB; }

const FieldInfo* FieldWith(const TypeInfo& type, FieldRole role) {
  for (const FieldRow& row : FieldRowsOf(type))
    if (row.role == role) return type.Find(static_cast<uint32_t>(row.number));
  return nullptr;
}

bool IsBlockOf(std::string_view number, std::string_view station) {
  std::string series;
  uint64_t counter = 0;
  if (!ParseNumber(number, &series, &counter) || !series.ends_with('-')) return false;
  std::string_view block = series;
  block.remove_suffix(1);
  constexpr std::string_view kYearEnd = "〕";
  if (const size_t year = block.rfind(kYearEnd); year != block.npos) block.remove_prefix(year + kYearEnd.size());
  if (const size_t dash = block.rfind('-'); dash != block.npos) block.remove_prefix(dash + 1);
  const std::string own = NumberBlock(station, "");
  if (!block.starts_with(own)) return false;
  block.remove_prefix(own.size());  // the letter of a further device
  return block.size() <= 2 && std::all_of(block.begin(), block.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

// What a status says; nullopt: one that reads differently to those who read its first number and its last.
std::optional<int> TargetOf(std::string_view value) {
  std::vector<RawField> fields;
  v1::StatusChange status;
  if (!SplitFields(value, &fields) || !status.ParseFromArray(value.data(), static_cast<int>(value.size())))
    return std::nullopt;
  const auto targets =
      std::count_if(fields.begin(), fields.end(), [](const RawField& one) { return one.tag >> 3 == 1; });
  return targets > 1 ? std::nullopt : std::optional<int>(status.to());
}

// Reads the writes of one op, one after another.
class TouchReading {
 public:
  TouchReading(const StoreReader& view, const Op& op, const Aggregate* before, const std::vector<HubStatus>& statuses)
      : view_(view),
        op_(op),
        before_(before),
        statuses_(statuses),
        root_(*FindType(op.aggregate.type)),
        makes_(SaysItMade(op)),
        of_matter_(&root_ == &TypeOf<v1::Matter>()),
        accusation_(of_matter_ && GuidesAccusation()) {}

  Touches Run() {
    touches_.only_adds = of_matter_ && !op_.writes.empty();
    for (const Write& write : op_.writes) Take(write, false);
    for (const Write& write : op_.sealed) Take(write, true);
    return std::move(touches_);
  }

 private:
  void Take(const Write& write, bool sealed);
  void TakeRoot(const Write& write);
  void TakeChild(const Write& write, const TypeInfo& type);
  void TakeEntry(const Write& write, const TypeInfo& type);
  void TakeStatus(std::string_view value);
  void TakeVoidOfChild(const Write& write, const TypeInfo& type);
  void TakeFixed(const Write& write, bool may);
  void Add(Touch touch) { touches_.writes.push_back({.touch = touch}); }

  bool IsNew(const RecordId& child) const {
    const Child* known = before_ == nullptr ? nullptr : before_->Find(child);
    return known == nullptr || known->touched.empty();
  }
  // Whether the op gives the visit its number, as whoever logs it does.
  bool Logs(const RecordId& entry) const;
  bool RoundIsHere(const RecordId& evaluation) const;
  bool WroteTo(const RecordId& child, std::string_view station) const;
  // Whether a station's op answered the matter on the spot.
  bool AnsweredHere() const;
  bool GuidesAccusation() const;
  // Whether the write is one of those by which an accusation leaves no words behind, in the op that guides it.
  bool Blanks(const Write& write) const;

  const StoreReader& view_;
  const Op& op_;
  const Aggregate* const before_;
  const std::vector<HubStatus>& statuses_;
  const TypeInfo& root_;
  const bool makes_, of_matter_, accusation_;
  Touches touches_;
};

void TouchReading::Take(const Write& write, bool sealed) {
  const TypeInfo* type = write.child.IsRoot() ? &root_ : FindType(write.child.type);
  const bool feedback = type == &TypeOf<v1::Feedback>() || type == &TypeOf<v1::Evaluation>();
  touches_.only_adds &= feedback && !write.child.IsRoot();
  if (write.tag == kVerdictTag) return Add(Touch::kVerdict);
  if (type == nullptr) {  // whose it is, a newer program knows
    touches_.missing = true;
    return;
  }
  const FieldInfo* field = write.tag == kVoidTag ? nullptr : type->Find(write.field());
  // Programs never put a field where it is not read, nor give an element to what is no set.
  if (field != nullptr && (field->rules.sealed() != sealed ||
                           (!write.element.empty() && field->rules.merge() != v1::MERGE_SET)))
    touches_.readable = false;
  if (write.tag == kVoidTag && sealed) touches_.readable = false;
  return write.child.IsRoot() ? TakeRoot(write) : TakeChild(write, *type);
}

void TouchReading::TakeRoot(const Write& write) {
  if (write.tag == kVoidTag) return Add(write.value.empty() ? Touch::kUnvoid : Touch::kVoid);
  switch (RoleOf(root_, write.field())) {
    case Role::kStatus:
      return TakeStatus(write.value);
    case Role::kNumber:
      return TakeFixed(write, makes_ && IsBlockOf(write.value, op_.actor.station));
    case Role::kPlace:
    case Role::kSources:
    case Role::kHistorical:
    case Role::kOnce:
      return TakeFixed(write, makes_);
    case Role::kSealed:
      return Add(Touch::kSealed);
    case Role::kHub:
      return Add(Touch::kHubField);
    case Role::kOwn:
      return Add(Touch::kRootField);
  }
}

// To clear a status is to go back to where the matter began.
void TouchReading::TakeStatus(std::string_view value) {
  const std::optional<int> to = value.empty() ? std::optional<int>(v1::REGISTERED) : TargetOf(value);
  if (!to) {
    touches_.readable = false;
    return;
  }
  if (*to > v1::WITHDRAWN && *to != v1::CONTESTED) {  // a state of a later version
    touches_.missing = true;
    return;
  }
  WriteFacts facts{.touch = Touch::kStatus, .to = DoorState(*to)};
  facts.hub_wrote_it = std::any_of(statuses_.begin(), statuses_.end(), [&](const HubStatus& one) {
    return one.to == *to && before_ != nullptr && before_->lineage().Covers(op_.context, one.dot);
  });
  touches_.writes.push_back(facts);
}

// A field that is given once. Who chooses between values that he saw of it settles a conflict: that is no giving.
void TouchReading::TakeFixed(const Write& write, bool may) {
  if (may || makes_ || before_ == nullptr) {
    touches_.writes.push_back({.touch = Touch::kFixedField, .own_block = may});
    return;
  }
  std::vector<std::string> seen;
  ForEachStep(
      view_, *before_, [](const Actor&, const Lineage::Step& step) { return step.projected; },
      [&](const Op& op, const Lineage::Step&) {
        if (!before_->lineage().Covers(op_.context, op.dot())) return;
        for (const Write& other : op.writes)
          if (other.child == write.child && other.tag == write.tag && other.element == write.element &&
              std::find(seen.begin(), seen.end(), other.value) == seen.end())
            seen.push_back(other.value);
      });
  if (seen.size() < 2 || std::find(seen.begin(), seen.end(), write.value) == seen.end())
    return Add(Touch::kFixedField);
  const Child* child = before_->Find(write.child);
  const auto field = child->fields.find({write.tag, write.element});
  touches_.settles |= field == child->fields.end() || field->second.siblings().size() < 2;
  Add(Touch::kRootField);
}

void TouchReading::TakeChild(const Write& write, const TypeInfo& type) {
  if (Blanks(write)) return Add(Touch::kRootField);
  if (IsHubs(type)) return Add(Touch::kHubChild);
  if (&type == &TypeOf<v1::VisitEntry>()) return TakeEntry(write, type);
  if (write.tag == kVoidTag) return TakeVoidOfChild(write, type);
  if (!of_matter_) return Add(Touch::kRootField);
  if (&type != &TypeOf<v1::Evaluation>() || !IsNew(write.child)) return Add(Touch::kStationChild);
  touches_.writes.push_back({.touch = Touch::kEvaluation, .round_here = RoundIsHere(write.child)});
}

// A visit stands in its session like a record of its own: what is given with it is given once. Whoever enters for the
// session's place may edit and void it.
void TouchReading::TakeEntry(const Write& write, const TypeInfo& type) {
  const bool fresh = IsNew(write.child);
  if (fresh && !Logs(write.child)) {
    touches_.missing = true;
    return;
  }
  if (write.tag == kVoidTag) return Add(Touch::kRootField);
  const FieldRole role = RoleOf(type, write.field());
  if (role == Role::kOwn || (fresh && role == Role::kOnce)) return Add(Touch::kRootField);
  if (fresh && IsBlockOf(write.value, op_.actor.station)) return Add(Touch::kRootField);
  // Of an accusation nobody is named.
  if (write.field() == v1::VisitEntry::kVisitorIdFieldNumber && write.value.empty()) return Add(Touch::kRootField);
  if (!fresh) return TakeFixed(write, false);
  touches_.writes.push_back({.touch = Touch::kFixedField, .own_block = false});
}

// A file that was attached by mistake is undone by whoever may edit its record, as part of that.
void TouchReading::TakeVoidOfChild(const Write& write, const TypeInfo& type) {
  if (!of_matter_ || &type == &TypeOf<v1::AttachmentRef>()) return Add(Touch::kRootField);
  WriteFacts facts{.touch = Touch::kVoidChild};
  facts.child_here = !IsNew(write.child);
  facts.child_is_own = facts.child_here && WroteTo(write.child, op_.actor.station);
  touches_.writes.push_back(facts);
}

bool TouchReading::Logs(const RecordId& entry) const {
  return std::any_of(op_.writes.begin(), op_.writes.end(), [&](const Write& write) {
    return write.child == entry && write.field() == v1::VisitEntry::kNumberFieldNumber;
  });
}

bool TouchReading::RoundIsHere(const RecordId& evaluation) const {
  if (makes_ && SaysHistorical(op_)) return true;  // an old ledger may know a rating and no reply
  if (before_ == nullptr) return false;
  std::string bytes;
  for (const Write& write : op_.writes)
    if (write.child == evaluation && write.tag != kVoidTag && !write.value.empty())
      AppendField(write.tag, write.value, &bytes);
  v1::Evaluation record;
  const uint32_t round = record.ParseFromString(bytes) ? std::max(1u, record.round()) : 1;
  for (const RecordId& id : ChildrenOf<v1::Reply>(*before_))
    if (!IsNew(id) && std::max(1u, Show<v1::Reply>(*before_, id).round()) >= round) return true;
  return round == 1 && AnsweredHere();
}

bool TouchReading::AnsweredHere() const {
  const FieldInfo* status = FieldWith(root_, Role::kStatus);
  bool answered = false;
  ForEachStep(
      view_, *before_,
      [](const Actor& actor, const Lineage::Step& step) { return step.projected && actor.station != kHubStation; },
      [&](const Op& op, const Lineage::Step&) {
        for (const Write& write : op.writes)
          answered |= write.child.IsRoot() && write.tag == status->tag && TargetOf(write.value) == v1::ANSWERED;
      });
  return answered;
}

bool TouchReading::WroteTo(const RecordId& child, std::string_view station) const {
  bool wrote = false;
  ForEachStep(
      view_, *before_,
      [&](const Actor& actor, const Lineage::Step& step) { return step.projected && actor.station == station; },
      [&](const Op& op, const Lineage::Step&) {
        for (const Write& write : op.writes) wrote |= write.child == child && write.tag != kVoidTag;
      });
  return wrote;
}

bool TouchReading::GuidesAccusation() const {
  bool guides = false, accuses = false;
  for (const Write& write : op_.writes) {
    if (!write.child.IsRoot()) continue;
    guides |= RoleOf(root_, write.field()) == Role::kStatus && TargetOf(write.value) == v1::GUIDED;
    accuses |= write.field() == v1::Matter::kGuideReasonFieldNumber && NamesAccusation(write.value);
  }
  return guides && accuses;
}

bool TouchReading::Blanks(const Write& write) const {
  if (!accusation_ || IsNew(write.child)) return false;
  std::string_view value = write.value;
  if (write.tag == kVoidTag) return value.starts_with('1') && StandsForAccusation(value.substr(1));
  return value.empty() || StandsForAccusation(value);
}

}  // namespace

std::span<const FieldRow> FieldRowsOf(const TypeInfo& type) {
  if (&type == &TypeOf<v1::Matter>()) return kMatterRows;
  if (&type == &TypeOf<v1::ReceptionSession>()) return kSessionRows;
  if (&type == &TypeOf<v1::VisitEntry>()) return kEntryRows;
  if (&type == &TypeOf<v1::Visitor>()) return kVisitorRows;
  if (&type == &TypeOf<v1::Activity>()) return kActivityRows;
  if (&type == &TypeOf<v1::Ballot>()) return kBallotRows;
  if (&type == &TypeOf<v1::ImportBatch>()) return kImportBatchRows;
  if (&type == &TypeOf<v1::Audit>()) return kAuditRows;
  return {};
}

FieldRole RoleOf(const TypeInfo& type, uint32_t field) {
  for (const FieldRow& row : FieldRowsOf(type))
    if (row.number == static_cast<int>(field)) return row.role;
  return Role::kOwn;
}

bool SaysItMade(const Op& op) {
  if (op.n != 1) return false;
  if (op.aggregate.type == TypeOf<v1::ImportBatch>().type())
    return !RootText(op, v1::ImportBatch::kStationIdFieldNumber).empty();
  if (op.aggregate.type == TypeOf<v1::Audit>().type()) return !RootText(op, v1::Audit::kStationIdFieldNumber).empty();
  return ClaimsToMake(op);
}

std::string RootText(const Op& op, uint32_t field) {
  for (const Write& write : op.writes)
    if (write.child.IsRoot() && write.tag != kVoidTag && write.field() == field) return write.value;
  return "";
}

std::vector<std::string> PlacesNamed(const Op& op, bool sources) {
  std::vector<std::string> places;
  const TypeInfo* type = FindType(op.aggregate.type);
  if (type == nullptr) return places;
  for (const Write& write : op.writes) {
    if (!write.child.IsRoot() || write.tag == kVoidTag || write.value.empty()) continue;
    const FieldRole role = RoleOf(*type, write.field());
    if (role == Role::kPlace) places.push_back(write.value);
    v1::Source source;
    if (role == Role::kSources && sources && source.ParseFromString(write.value) && !source.station_id().empty())
      places.push_back(source.station_id());
  }
  return places;
}

bool SaysHistorical(const Op& op) {
  const TypeInfo* type = FindType(op.aggregate.type);
  const FieldInfo* field = type == nullptr ? nullptr : FieldWith(*type, Role::kHistorical);
  return field != nullptr && !RootText(op, static_cast<uint32_t>(field->descriptor->number())).empty();
}

door::State DoorState(int state) {
  switch (state) {
    case v1::REGISTERED:
      return State::kRegistered;
    case v1::ANSWERED:
      return State::kAnswered;
    case v1::VILLAGE:
      return State::kVillage;
    case v1::GUIDED:
      return State::kGuided;
    case v1::SUBMITTED:
      return State::kSubmitted;
    case v1::RETURNED:
      return State::kReturned;
    case v1::WITHDRAWN:
      return State::kWithdrawn;
    case v1::CONTESTED:
      return State::kContested;
    case v1::STATE_UNSPECIFIED:
    case v1::DRAFT:
      return State::kNone;
    case v1::REPLIED:
      return State::kReplied;
    case v1::CLOSED:
    case v1::TRACKING:
    case v1::ARCHIVED:
      return State::kClosed;
    default:  // in the township's hands
      return State::kAccepted;
  }
}

void ForEachStep(const StoreReader& view, const Aggregate& record, const StepFilter& wanted, const OpVisitor& visit) {
  for (const auto& [actor, steps] : record.lineage().steps()) {
    for (const Lineage::Step& step : steps) {
      if (!wanted(actor, step)) continue;
      const std::optional<std::string> bytes = view.OpBytes(actor, step.seq, step.tag);
      if (!bytes) continue;
      if (const absl::StatusOr<Op> op = DecodeOp(*bytes); op.ok()) visit(*op, step);
    }
  }
}

std::vector<HubStatus> HubStatusesOf(const StoreReader& view, const Aggregate& matter) {
  std::vector<HubStatus> statuses;
  const FieldInfo* status = TypeOf<v1::Matter>().Find(v1::Matter::kStatusFieldNumber);
  ForEachStep(
      view, matter,
      [](const Actor& actor, const Lineage::Step& step) { return step.projected && actor.station == kHubStation; },
      [&](const Op& op, const Lineage::Step&) {
        for (const Write& write : op.writes)
          if (write.child.IsRoot() && write.tag == status->tag)
            statuses.push_back({TargetOf(write.value).value_or(v1::STATE_UNSPECIFIED), op.dot()});
      });
  return statuses;
}

Touches TouchesOf(const StoreReader& view, const Op& op, const Aggregate* before,
                  const std::vector<HubStatus>& statuses) {
  return TouchReading(view, op, before, statuses).Run();
}

}  // namespace liaison

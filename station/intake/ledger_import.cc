// An old ledger becomes records: sessions, visits, visitors, matters, and what was done about them as historical
// children, which nobody edits and on which no guard and no timer acts.
#include "station/intake/ledger_import.h"

#include <algorithm>

#include "common/api/methods.h"
#include "common/api/request.h"
#include "common/base/log.h"
#include "common/base/progress.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/codec/token.h"
#include "common/crypto/hash.h"
#include "common/intake/ledger.h"
#include "common/record/validate.h"
#include "common/rows/tables.h"
#include "common/rules/days/calendar.h"
#include "common/rules/matter/guards.h"
#include "common/rules/roster/roster.h"
#include "common/sheets/table.h"
#include "common/store/op_on.h"
#include "common/store/store.h"
#include "station/reception/entry.h"

namespace liaison {
namespace {

constexpr char kNotInLedger[] = "旧台账未记";

template <typename M>
std::vector<M> Values(const std::map<std::string, M, std::less<>>& records) {
  std::vector<M> values;
  for (const auto& [id, record] : records) values.push_back(record);
  return values;
}

// A row's action has an id of its own kind: the batch's random bits with the row's place folded in, so that one import
// is one draw. That a row came in before is known by its import key.
std::string RowAction(std::string_view batch_action, const LedgerRow& row) {
  return Sha256(Cat("liaison-import-row-2", batch_action, ":", row.sheet, ":", row.row)).substr(0, kActionIdBytes);
}

// Also under the key that an older version gave it.
bool IsKnown(const StoreReader& reader, const LedgerRow& row) {
  for (const std::string& key : {row.import_key, row.older_import_key})
    if (!key.empty() && !tables::ByImportKey(reader.kv(), key).empty()) return true;
  return false;
}

v1::StatusChange StateOf(const LedgerRow& row) {
  v1::StatusChange status;
  status.set_date(row.date);
  status.set_reason("据旧台账");
  if (!row.closed_date.empty()) {
    status.set_to(v1::CLOSED);
    status.set_date(row.closed_date);
  } else if (row.disposition == v1::DISPOSITION_ANSWERED) {
    status.set_to(v1::ANSWERED);
  } else if (row.disposition == v1::DISPOSITION_GUIDED) {
    status.set_to(v1::GUIDED);
  } else if (row.disposition == v1::DISPOSITION_VILLAGE) {
    status.set_to(v1::VILLAGE);
  } else {
    status.set_to(v1::ASSIGNED);
    status.set_date(row.assigned_date);
  }
  return status;
}

v1::Matter MatterOf(const LedgerRow& row) {
  v1::Matter matter;
  matter.set_title(Truncate(row.content, 40));
  matter.set_content(row.content);
  matter.set_category(row.category);
  matter.set_nature(v1::NATURE_OPINION);
  matter.set_disposition(row.disposition);
  *matter.mutable_status() = StateOf(row);
  if (row.disposition == v1::DISPOSITION_ANSWERED) {
    matter.set_answer(kNotInLedger);
    matter.set_answered_by(row.deputy_ids.front());
    matter.set_answer_solved(true);
  }
  if (row.disposition == v1::DISPOSITION_GUIDED) {
    matter.set_guided_to(kNotInLedger);
    matter.set_guide_reason(kNotInLedger);
    // The ledger has no column for the reason; whatever names one is one.
    if (row.accusation || NamesAccusation(row.remark) || NamesAccusation(row.content))
      matter.set_guide_code(v1::GUIDE_ACCUSATION);
  }
  matter.set_place(row.village_group);
  matter.set_historical(true);
  matter.set_import_key(row.import_key);
  matter.set_remark(row.remark);
  return matter;
}

void AppendChildren(const LedgerRow& row, const std::string& action_id, uint16_t index, NewOp* op) {
  auto add = [&](const google::protobuf::Message& child) {
    RecordId id = RecordId::Random(FindType(child.GetDescriptor())->type(), action_id, index++);
    WritesOf(child, id, &op->writes, &op->sealed);
  };
  if (!row.department_id.empty() && !row.assigned_date.empty()) {
    v1::Assignment assignment;
    assignment.set_round(1);
    assignment.set_batch(kNotInLedger);
    assignment.set_main_unit(row.department_id);
    assignment.set_assigned_date(row.assigned_date);
    assignment.set_historical(true);
    add(assignment);
  }
  if (!row.closed_date.empty()) {
    v1::Reply reply;
    reply.set_round(1);
    reply.set_date(row.closed_date);
    reply.set_text(kNotInLedger);
    reply.set_unit(row.department_id);
    reply.set_historical(true);
    add(reply);
  }
  if (row.rating != v1::RATING_UNSPECIFIED) {
    v1::Evaluation evaluation;
    evaluation.set_round(1);
    evaluation.set_result(row.rating);
    evaluation.set_date(row.closed_date.empty() ? row.date : row.closed_date);
    evaluation.set_channel(kNotInLedger);
    evaluation.set_historical(true);
    add(evaluation);
  }
}

// The live historical session of that day and point, if an earlier row has made it.
std::optional<Aggregate> FindSession(const StoreReader& view, const LedgerRow& row) {
  std::optional<Aggregate> found;
  tables::ByDate(
      view.kv(), TypeOf<v1::ReceptionSession>().type(), row.date, row.date,
      [&](const RecordId& id, std::string_view, std::string_view station) {
        if (station != row.station_id) return true;
        std::optional<Aggregate> session = view.Load(id);
        if (!session || session->VoidOf({}) == VoidState::kVoid || !Show<v1::ReceptionSession>(*session).historical())
          return true;
        found = std::move(session);
        return false;
      });
  return found;
}

// What an old ledger tells has happened, by the rule of every other reception. A matter may be told to be assigned or
// closed on a planned day, but not more than a year ahead. `column`: where the day stands that cannot be.
absl::Status CheckDays(const ServiceContext& context, const LedgerRow& row, const std::string& today,
                       std::string* column) {
  *column = "接待日期";
  RETURN_IF_ERROR(context.CheckDate(*column, row.date, false, true));
  const std::string last = DayText(AddMonths(ParseDay(today).value_or(kUndated), 12));
  for (const auto& [label, date] :
       {std::pair<std::string_view, std::string_view>("交办日期", row.assigned_date), {"办结日期", row.closed_date}}) {
    *column = label;
    if (date > last) return absl::InvalidArgumentError(Cat(label, "：", date, "晚于今天（", today, "）一年以上"));
  }
  column->clear();
  return absl::OkStatus();
}

// How many matters a batch has brought.
int BroughtBy(const StoreReader& view, std::string_view batch) {
  const std::vector<RecordId> ids = tables::ByBatch(view.kv(), batch);
  return static_cast<int>(
      std::count_if(ids.begin(), ids.end(), [](const RecordId& id) { return id.type == TypeOf<v1::Matter>().type(); }));
}

// Imports of this station that were broken off: they have no counts.
std::vector<std::pair<RecordId, v1::ImportBatch>> BrokenOff(const StoreReader& view, std::string_view station) {
  std::vector<std::pair<RecordId, v1::ImportBatch>> found;
  view.ForEach(TypeOf<v1::ImportBatch>().type(), [&](const Aggregate& aggregate) {
    auto batch = Show<v1::ImportBatch>(aggregate);
    if (batch.station_id() == station && batch.rows() == 0 && !batch.undone() &&
        aggregate.VoidOf({}) != VoidState::kVoid)
      found.emplace_back(aggregate.id(), std::move(batch));
    return true;
  });
  return found;
}

struct RowImport {
  const ServiceContext* context;
  const Roster* roster;
  RecordId batch_id;
  std::string batch;       // the same as text
  v1::ImportBatch record;  // as the first row writes it
  std::string user;
  std::string today;

  // Stores the row or, in a dry run, only tries it. False: it is known already, also when another import has brought
  // it a moment ago. kAborted: the batch was undone meanwhile. *column: where the day is that cannot be.
  absl::StatusOr<bool> Take(const LedgerRow& row, const std::string& action_id, bool dry_run,
                            std::string* column) const {
    auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
      if (IsKnown(view, row)) return Action::Nothing();
      RETURN_IF_ERROR(CheckDays(*context, row, today, column));
      ASSIGN_OR_RETURN(Action action, Build(view, row, action_id));
      RETURN_IF_ERROR(BeginBatch(view, &action));
      return action;
    };
    if (dry_run) {
      ASSIGN_OR_RETURN(const Action action, build(context->store->Read()));
      return !action.nothing;
    }
    ASSIGN_OR_RETURN(const Store::Committed done, context->store->Commit(action_id, Sha256(row.import_key), build));
    return !done.nothing;
  }

  // The batch comes with its first row: whatever breaks the import off, what is stored can be undone.
  absl::Status BeginBatch(const StoreReader& view, Action* action) const {
    if (std::optional<Aggregate> there = view.Load(batch_id)) {
      if (!Show<v1::ImportBatch>(*there).undone()) return absl::OkStatus();
      return absl::AbortedError("导入批次：这一批刚刚被撤销，没有再导入");
    }
    NewOp& op = action->ops.emplace_back();
    op.aggregate = batch_id;
    WritesOf(record, {}, &op.writes, &op.sealed);
    return absl::OkStatus();
  }

  absl::StatusOr<Action> Build(const StoreReader& view, const LedgerRow& row, const std::string& action_id) const {
    Action action;
    action.user = user;
    NumberGiver numbers = NumbersFor(*context, *roster, view);
    VisitInput input;
    VisitIds ids;
    uint16_t index = 0;
    std::optional<Aggregate> known = FindSession(view, row);
    v1::ReceptionSession& session = input.session;
    if (known) {
      session = Show<v1::ReceptionSession>(*known);
      ids.session = known->id();
    } else {
      ids.session = RecordId::Random(TypeOf<v1::ReceptionSession>().type(), action_id, index++);
      session.set_station_id(row.station_id);
      session.set_date(row.date);
      session.set_form(v1::FORM_RECEPTION_DAY);
      session.set_number(numbers.Session(row.date));
      session.set_recorder(kNotInLedger);
      session.set_historical(true);
      session.set_import_batch(batch);
      session.mutable_status()->set_to(v1::SESSION_CLOSED);
      session.mutable_status()->set_date(row.date);
    }
    NewOp session_op;
    session_op.aggregate = ids.session;
    AddDeputies(row, known.has_value(), &session, &session_op);
    if (!known) {
      RETURN_IF_ERROR(Validate(session));
      WritesOf(session, {}, &session_op.writes, &session_op.sealed);
    }
    if (!session_op.writes.empty()) action.ops.push_back(std::move(session_op));
    input.entry.set_headcount(row.headcount);
    input.entry.set_original_words(row.content);
    input.entry.set_village_group(row.village_group);
    input.entry.set_historical(true);
    input.entry.set_seq(known ? static_cast<uint32_t>(ChildrenOf<v1::VisitEntry>(*known).size()) + 1 : 1);
    input.visitor.set_name(row.visitor_name);
    input.visitor.set_phone(row.phone);
    if (!row.visitor_name.empty() || !row.phone.empty()) input.visitor.set_village_group(row.village_group);
    input.matters.push_back(MatterOf(row));
    input.import_batch = batch;
    RETURN_IF_ERROR(AppendVisit(*context, action_id, index, std::move(input), &numbers, &ids, &action));
    AppendChildren(row, action_id, static_cast<uint16_t>(index + 10), &action.ops.back());
    action.result = ToText(ids.matters.front());
    return action;
  }

  // Of a session that is there already only the deputies that it lacks are written.
  static void AddDeputies(const LedgerRow& row, bool known, v1::ReceptionSession* session, NewOp* op) {
    for (const std::string& deputy : row.deputy_ids) {
      bool there = std::any_of(session->deputies().begin(), session->deputies().end(),
                               [&](const v1::SessionDeputy& d) { return d.deputy_id() == deputy; });
      if (there) continue;
      v1::SessionDeputy& added = *session->add_deputies();
      added.set_deputy_id(deputy);
      if (!known) continue;
      const FieldInfo* field = TypeOf<v1::ReceptionSession>().Find(v1::ReceptionSession::kDeputiesFieldNumber);
      op->writes.push_back({{}, field->tag, deputy, added.SerializeAsString()});
    }
  }
};

// Its counts, by which a batch is seen to have come to its end. Nothing where it brought nothing.
absl::Status EndBatch(const RowImport& import, const std::string& action_id, const v1::ImportLedgerResponse& response) {
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    std::optional<Aggregate> batch = view.Load(import.batch_id);
    if (!batch) return Action::Nothing();
    const int brought = BroughtBy(view, import.batch), earlier = brought - response.accepted();
    v1::ImportBatch counts;
    counts.set_rows(static_cast<uint32_t>(response.rows()));
    counts.set_accepted(static_cast<uint32_t>(brought));
    counts.set_refused(static_cast<uint32_t>(response.refused()));
    counts.set_known(static_cast<uint32_t>(std::max(0, response.known() - earlier)));
    Action action;
    action.user = import.user;
    NewOp& op = action.ops.emplace_back(OpOn(*batch));
    WritesOf(counts, {}, &op.writes, &op.sealed);
    return action;
  };
  return import.context->store->Commit(action_id, Sha256("import-batch"), build).status();
}

// The batch that this import goes on with, if the same file was broken off, else a new one; what else was broken off is
// named. In a dry run nothing is written.
absl::Status ChooseBatch(const v1::ImportLedgerRequest& request, const std::string& batch_action, RowImport* import,
                         v1::ImportLedgerResponse* response) {
  const ServiceContext& context = *import->context;
  import->batch_id = RecordId::Random(TypeOf<v1::ImportBatch>().type(), batch_action, 0);
  import->record.set_station_id(context.station_id);
  import->record.set_file_name(request.file_name());
  import->record.set_date(import->today);
  RETURN_IF_ERROR(Validate(import->record));  // nothing is cut
  const StoreReader view = context.store->Read();
  const auto broken = BrokenOff(view, context.station_id);
  if (!request.dry_run() || !broken.empty()) {
    ASSIGN_OR_RETURN(*import->record.mutable_content_digest(), context.store->SecretDigest(request.content()));
  }
  for (const auto& [id, batch] : broken) {
    const std::string text = ToText(id);
    const std::string so_far = Cat("上次导入“", batch.file_name(), "”没有导完，已录入", BroughtBy(view, text), "条（批次", text, "）");
    if (batch.content_digest() == import->record.content_digest()) {
      import->batch_id = id;
      response->set_batch_id(text);
      response->add_notices(Cat(so_far, "，这次接着导入，算在同一批里"));
    } else {
      response->add_notices(Cat(so_far, "：请再导入那个文件，会接着录入；不要的，可以撤销这一批"));
    }
  }
  import->batch = ToText(import->batch_id);
  return absl::OkStatus();
}

// Nothing more can be stored, which is no fault of a row. What came in before stays, and can be found.
absl::Status Broken(const absl::Status& status, const RowImport& import) {
  const int brought = BroughtBy(import.context->store->Read(), import.batch);
  if (brought == 0) return status;
  return absl::Status(status.code(), Cat(status.message(), "。已录入的", brought, "条都在（批次", import.batch,
                                         "）：处理好以后再导入这个文件，会接着录入；不要的，可以撤销这一批"));
}

void AddRefusal(const Workbook& book, const LedgerRow& row, const std::string& column, const absl::Status& status,
                LedgerParse* parse, v1::ImportLedgerResponse* response) {
  v1::RefusedRow& refused = *response->add_refusals();
  refused.set_row(row.row);
  if (book.sheets.size() > 1) refused.set_sheet(book.sheets[row.sheet].sheet);
  refused.set_column(column);
  refused.set_serial(row.serial);
  refused.set_reason(std::string(status.message()));
  parse->refusals.push_back(refused);
  ++parse->refused_rows;
}

}  // namespace

absl::StatusOr<v1::ImportLedgerResponse> LedgerImport::ImportLedger(const v1::ImportLedgerRequest& request) {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  auto own = roster->stations.find(context_.station_id);
  if (own == roster->stations.end() || own->second.tier() != v1::CENTER)
    return absl::PermissionDeniedError("旧台账只能在中心站导入");
  if (request.content().empty()) return absl::InvalidArgumentError("文件：是空的");
  ASSIGN_OR_RETURN(const std::string today, context_.DateOr(""));  // what lies behind it is refused by row
  ASSIGN_OR_RETURN(Workbook book, ReadTable(request.file_name(), request.content()));
  LedgerRoster names(Values(roster->stations), Values(roster->deputies), Values(roster->departments),
                     Values(roster->categories));
  ASSIGN_OR_RETURN(LedgerParse parse, ParseLedger(book, names, [](std::string_view b) { return Sha256(b); }));
  absl::MutexLock lock(&importing_);  // one that runs looks as if it had been broken off
  v1::ImportLedgerResponse response;
  const std::string batch_action = context_.random()->Bytes(kActionIdBytes);
  RowImport importer{.context = &context_, .roster = roster.get(), .user = request.user(), .today = today};
  for (v1::RefusedRow& refused : parse.refusals) *response.add_refusals() = refused;
  for (const std::string& name : parse.ignored_columns) response.add_ignored_columns(name);
  for (const std::string& notice : parse.notices) response.add_notices(notice);
  RETURN_IF_ERROR(ChooseBatch(request, batch_action, &importer, &response));
  response.set_rows(static_cast<int32_t>(parse.rows.size()) + parse.refused_rows);
  ProgressScope progress(request.dry_run() ? "检查台账" : "导入台账", "行", static_cast<int64_t>(parse.rows.size()));
  for (const LedgerRow& row : parse.rows) {
    progress.Add();
    std::string column;
    const absl::StatusOr<bool> taken = importer.Take(row, RowAction(batch_action, row), request.dry_run(), &column);
    const absl::Status& status = taken.status();
    if (absl::IsDataLoss(status) || absl::IsResourceExhausted(status)) return Broken(status, importer);
    if (absl::IsAborted(status)) return status;
    if (!taken.ok()) {
      AddRefusal(book, row, column, status, &parse, &response);
    } else if (*taken) {
      response.set_accepted(response.accepted() + 1);
    } else {
      response.set_known(response.known() + 1);
    }
  }
  response.set_refused(parse.refused_rows);
  if (!parse.refusals.empty()) {
    response.set_mend_file_name("待改正-旧台账.csv");
    response.set_mend_file(MendFile(book, parse));
  }
  if (request.dry_run()) return response;
  if (absl::Status status = EndBatch(importer, batch_action, response); !status.ok()) return Broken(status, importer);
  LogInfo(Cat("已导入旧台账（批次 ", importer.batch, "）：", response.rows(), " 行，录入 ", response.accepted(), " 行，原已录入 ",
              response.known(), " 行，退回 ", response.refused(), " 行"));
  if (response.accepted() > 0) response.set_batch_id(importer.batch);
  return response;
}

absl::StatusOr<v1::UndoImportResponse> LedgerImport::UndoImport(const v1::UndoImportRequest& request) {
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  RecordId batch_id;
  if (!ParseRecordId(request.batch_id(), &batch_id) || batch_id.type != TypeOf<v1::ImportBatch>().type())
    return absl::InvalidArgumentError(Cat("导入批次：编号“", request.batch_id(), "”无效"));
  v1::UndoImportResponse response;
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    std::optional<Aggregate> batch = view.Load(batch_id);
    if (!batch) return absl::NotFoundError("导入批次：没有这一批");
    if (Show<v1::ImportBatch>(*batch).undone()) return absl::FailedPreconditionError("导入批次：已经撤销过了");
    Action action;
    action.user = request.user();
    NewOp& mark = action.ops.emplace_back(OpOn(*batch));
    mark.writes.push_back(
        {{}, TypeOf<v1::ImportBatch>().Find(v1::ImportBatch::kUndoneFieldNumber)->tag, "", std::string(1, '\1')});
    int voided = 0, kept = 0;
    for (const RecordId& id : tables::ByBatch(view.kv(), request.batch_id())) {
      std::optional<Aggregate> record = view.Load(id);
      if (!record) continue;
      bool touched = std::any_of(record->lineage().steps().begin(), record->lineage().steps().end(),
                                 [&](const auto& entry) { return entry.first.station != context_.station_id; });
      bool matter = id.type == TypeOf<v1::Matter>().type();
      if (touched) {
        kept += matter ? 1 : 0;
        continue;
      }
      NewOp& op = action.ops.emplace_back(OpOn(*record));
      op.writes.push_back({{}, kVoidTag, "", "1撤销导入"});
      voided += matter ? 1 : 0;
    }
    action.result = Cat(voided, " ", kept);
    return action;
  };
  ASSIGN_OR_RETURN(Store::Committed committed, context_.store->Commit(action_id, RequestHash(request), build));
  int voided = 0, kept = 0;
  if (std::sscanf(committed.result.c_str(), "%d %d", &voided, &kept) != 2) return absl::InternalError("import result");
  LogInfo(Cat("已撤销导入批次 ", ToText(batch_id), "：作废 ", voided, " 件，保留 ", kept, " 件"));
  response.set_voided(voided);
  response.set_kept(kept);
  return response;
}

void LedgerImport::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "StationService", this, &context_);
  methods.Bind("ImportLedger", &LedgerImport::ImportLedger);
  methods.Bind("UndoImport", &LedgerImport::UndoImport);
}

}  // namespace liaison

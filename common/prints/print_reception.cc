// The visit, the session, the notice and the ledger.
#include <algorithm>

#include "common/api/views.h"
#include "common/base/markup.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/paper/forms.h"
#include "common/prints/export.h"
#include "common/prints/print_forms.h"
#include "common/record/validate.h"
#include "common/record/view.h"
#include "common/rows/tables.h"
#include "common/rules/days/calendar.h"
#include "common/rules/matter/case_file.h"
#include "common/rules/matter/guards.h"
#include "common/rules/reception/attendance.h"
#include "common/rules/roster/roster.h"
#include "common/rules/visitor/visitors.h"

namespace liaison::prints {
namespace {

absl::StatusOr<Aggregate> LoadSession(const Views& views, const RecordId& id) {
  if (id.type != TypeOf<v1::ReceptionSession>().type()) return absl::InvalidArgumentError("接待场次：编号无效");
  std::optional<Aggregate> session = views.Load(id);
  if (!session) return absl::NotFoundError("接待场次：没有这一场");
  if (session->VoidOf({}) == VoidState::kVoid) return absl::FailedPreconditionError("接待场次：这一场已作废，不能打印");
  return *std::move(session);
}

absl::StatusOr<Aggregate> LoadSession(const Views& views, const std::string& text) {
  RecordId id;
  if (!ParseRecordId(text, &id)) return absl::InvalidArgumentError(Cat("接待场次：编号“", text, "”无效"));
  return LoadSession(views, id);
}

std::vector<std::string> PresentNames(const Roster& roster, const v1::ReceptionSession& session) {
  std::vector<std::string> names;
  for (const std::string& deputy : PresentAt(session)) names.push_back(roster.DeputyName(deputy));
  return names;
}

std::string CountText(int n) { return n > 0 ? Cat(n) : ""; }

bool IsConfidential(const v1::VisitView& visit) {
  return visit.entry().confidential() ||
         std::any_of(visit.matters().begin(), visit.matters().end(),
                     [](const v1::MatterView& view) { return view.matter().confidential(); });
}

// True: the form has the visitor's data in full.
bool FillVisitor(const StoreReader& reader, const v1::VisitView& visit, bool own_station, office::VisitForm* form) {
  form->anonymous = visit.visitor_id().empty();
  form->village_group = visit.entry().village_group();
  if (IsConfidential(visit)) {
    form->name = Cat("（", kConfidential, "）");
    form->village_group.clear();
    return false;
  }
  RecordId id;
  std::optional<Aggregate> visitor;
  if (RecordIdFromBytes(visit.entry().visitor_id(), &id)) visitor = reader.Load(id);
  if (!visitor) return false;
  std::optional<v1::VisitorFields> fields = OpenVisitor(reader, *visitor);
  if (!fields) {
    form->name = visit.visitor_name();
    return false;
  }
  const v1::VisitorFields shown = own_station ? *fields : Masked(*fields);
  form->name = shown.name();
  form->gender = shown.gender();
  form->age_band = shown.age_band();
  form->phone = shown.phone();
  if (!shown.village_group().empty()) form->village_group = shown.village_group();
  return own_station;
}

office::VisitMatter MatterLine(const Roster& roster, const StoreReader& reader, const v1::MatterView& view) {
  const v1::Matter& matter = view.matter();
  office::VisitMatter line;
  line.number = matter.number();
  line.content = matter.content();
  line.category = view.category_name();
  line.nature = EnumLabel(matter.nature());
  line.disposition = matter.disposition() == v1::DISPOSITION_UNSPECIFIED ? "" : EnumLabel(matter.disposition());
  line.guided_to = matter.guided_to();
  line.answer = matter.answer();
  RecordId id;
  std::optional<Aggregate> aggregate;
  if (ParseRecordId(view.id(), &id)) aggregate = reader.Load(id);
  if (!aggregate) return line;
  const CaseFile file(*aggregate, reader.TimesOf(*aggregate));
  if (IsAccusation(file.matter)) return line;
  if (const v1::Reply* reply = file.last_reply())
    line.outcome = Cat(ShortClass(reply->reply_class()), "：", reply->text());
  if (file.feedback.empty()) return line;
  const v1::Feedback& feedback = file.feedback.back().record;
  line.feedback_date = feedback.date();
  line.feedback_method = feedback.unreachable().empty() ? feedback.method() : feedback.unreachable();
  line.feedback_by = roster.DeputyName(feedback.by());
  if (feedback.result() != v1::RATING_UNSPECIFIED) line.rating = EnumLabel(feedback.result());
  return line;
}

}  // namespace

absl::StatusOr<std::string> Visit(const ServiceContext& context, const Caller& caller, const std::string& id,
                                  std::vector<std::string>* revealed) {
  RecordId root, entry;
  if (!ParseFullId(id, &root, &entry) || entry.type != TypeOf<v1::VisitEntry>().type())
    return absl::InvalidArgumentError(Cat("接待登记：编号“", id, "”无效"));
  std::shared_ptr<const Roster> roster = context.roster->Get();
  const Views views = MakeViews(context, roster.get(), caller);
  ASSIGN_OR_RETURN(Aggregate aggregate, LoadSession(views, root));
  if (aggregate.Find(entry) == nullptr) return absl::NotFoundError("接待登记：没有这一条");
  const v1::VisitView visit = views.Visit(aggregate, entry);
  if (visit.voided()) return absl::FailedPreconditionError("接待登记：这一条已作废，不能打印");
  const v1::ReceptionSession session = Show<v1::ReceptionSession>(aggregate);
  office::VisitForm form;
  form.number = visit.entry().number();
  form.station = SignName(*roster, session.station_id());
  form.date = session.date();
  form.time = visit.entry().time();
  form.place = session.place();
  form.form = EnumLabel(session.form());
  form.deputies = Joined(PresentNames(*roster, session));
  form.recorder = session.recorder();
  form.headcount = visit.entry().headcount();
  form.words = visit.entry().original_words();
  if (FillVisitor(views.reader(), visit, session.station_id() == context.station_id, &form)) revealed->push_back(id);
  for (const v1::MatterView& matter : visit.matters())
    if (!matter.voided()) form.matters.push_back(MatterLine(*roster, views.reader(), matter));
  return office::Print(form);
}

absl::StatusOr<std::string> Session(const ServiceContext& context, const Caller& caller, const std::string& id) {
  std::shared_ptr<const Roster> roster = context.roster->Get();
  const Views views = MakeViews(context, roster.get(), caller);
  ASSIGN_OR_RETURN(Aggregate aggregate, LoadSession(views, id));
  const v1::ReceptionSession session = Show<v1::ReceptionSession>(aggregate);
  office::SessionForm form;
  form.number = session.number();
  form.station = SignName(*roster, session.station_id());
  form.date = session.date();
  form.start = session.start();
  form.end = session.end();
  form.form = EnumLabel(session.form());
  form.theme = session.theme();
  form.place = session.place();
  form.recorder = session.recorder();
  form.unregistered = session.unregistered_count();
  for (const v1::SessionDeputy& deputy : session.deputies())
    form.deputies.push_back({roster->DeputyName(deputy.deputy_id()),
                             MandateTitle(*roster, deputy.deputy_id(), session.date()), deputy.in(), deputy.out(),
                             deputy.leave()});
  for (const RecordId& entry : EntriesInOrder(aggregate)) {
    if (aggregate.VoidOf(entry) == VoidState::kVoid) continue;
    const v1::VisitView visit = views.Visit(aggregate, entry);
    ++form.visits;
    form.headcount += visit.entry().headcount();
    std::string visitor = visit.visitor_name().empty() ? "匿名" : visit.visitor_name();
    if (IsConfidential(visit)) visitor = kConfidential;
    std::string people = CountText(visit.entry().headcount());
    bool any = false;
    for (const v1::MatterView& view : visit.matters()) {
      if (view.voided()) continue;
      ++form.matters;
      // The further matters of one visit do not count its people again.
      form.lines.push_back({any ? "〃" : visitor, any ? "" : people, view.matter().title(), view.category_name(),
                            EnumLabel(view.matter().disposition())});
      any = true;
    }
    if (!any) form.lines.push_back({visitor, people, visit.entry().original_words(), "", ""});
  }
  return office::Print(form);
}

absl::StatusOr<std::string> Notice(const ServiceContext& context, const Caller& caller, const std::string& id) {
  std::shared_ptr<const Roster> roster = context.roster->Get();
  const Views views = MakeViews(context, roster.get(), caller);
  ASSIGN_OR_RETURN(Aggregate aggregate, LoadSession(views, id));
  const v1::ReceptionSession session = Show<v1::ReceptionSession>(aggregate);
  office::NoticeForm form;
  form.station = SignName(*roster, session.station_id());
  form.date = session.date();
  if (std::optional<Day> day = ParseDay(session.date())) form.weekday = WeekdayText(*day);
  form.start = session.start();
  form.end = session.end();
  form.place = session.place().empty() ? form.station : session.place();
  form.theme = session.theme();
  form.form = EnumLabel(session.form());
  for (const std::string& deputy : PresentAt(session))
    form.deputies.push_back(Cat(roster->DeputyName(deputy), "（", MandateTitle(*roster, deputy, session.date()), "）"));
  auto station = roster->stations.find(session.station_id());
  if (station != roster->stations.end()) form.phone = station->second.public_phone();
  form.notice_date = session.notice_date();
  return office::Print(form);
}

absl::StatusOr<std::string> Ledger(const ServiceContext& context, const Caller& caller,
                                   const v1::PrintFormRequest& request) {
  for (const std::string* date : {&request.from(), &request.to()})
    if (!date->empty() && !IsDate(*date)) return absl::InvalidArgumentError(Cat("日期：“", *date, "”不是有效日期"));
  std::shared_ptr<const Roster> roster = context.roster->Get();
  const Views views = MakeViews(context, roster.get(), caller);
  office::LedgerForm form;
  const std::string station =
      request.station_id().empty() && !context.IsHub() ? context.station_id : request.station_id();
  form.title = Cat(station.empty() ? "" : SignName(*roster, station), "社情民意台账");
  if (!request.from().empty() || !request.to().empty())
    form.period = Cat(office::ChineseDate(request.from()), "至",
                      office::ChineseDate(request.to().empty() ? context.Today() : request.to()));
  form.cut_off = Cat("打印日期：", office::ChineseDate(context.Today()));
  for (const LedgerEntry& entry : LedgerEntries(views, *roster, request.from(), request.to(), request.station_id()))
    form.lines.push_back({entry.number, entry.date, entry.station, entry.visitor, entry.content, entry.category,
                          entry.unit, entry.assigned, entry.due, entry.reply_class, entry.closed, entry.rating,
                          entry.remark});
  return office::Print(form);
}

}  // namespace liaison::prints

// A village with visitors whose names and phones must not leave it, and what prints of them.
#ifndef LIAISON_TESTS_PRINTS_FIXTURE_H_
#define LIAISON_TESTS_PRINTS_FIXTURE_H_

#include <gmock/gmock.h>

#include <string>

#include "common/base/text.h"
#include "common/sheets/zip.h"
#include "tests/congress/fixture.h"

namespace liaison {

inline constexpr char kName[] = "𬱖建国", kPhone[] = "13812345678";

class PrintsFixture : public CongressFixture {
 protected:
  v1::SessionView Open(const std::string& date = "2026-11-20") { return OpenSession(&town_, &village(), date); }

  // A visit with one matter. Without a name it is anonymous.
  v1::VisitView Log(const v1::SessionView& session, const std::string& words, const std::string& name,
                    const std::string& phone = "", int headcount = 1,
                    const std::function<void(v1::LogVisitRequest*)>& change = nullptr) {
    v1::LogVisitRequest request = VisitRequest(&town_, session, words);
    request.mutable_entry()->set_headcount(headcount);
    request.mutable_visitor()->set_name(name);
    request.mutable_visitor()->set_phone(phone);
    if (change) change(&request);
    absl::StatusOr<v1::LogVisitResponse> response = village().reception()->LogVisit(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->visit() : v1::VisitView();
  }

  template <typename Node>
  static absl::StatusOr<std::string> TryPrint(Node& node, v1::Paper paper, const std::string& id) {
    v1::PrintFormRequest request;
    request.set_paper(paper);
    request.set_id(id);
    absl::StatusOr<v1::PrintFormResponse> response = node.prints()->PrintForm(request);
    if (!response.ok()) return response.status();
    return response->content();
  }
  template <typename Node>
  static std::string Print(Node& node, v1::Paper paper, const std::string& id = "") {
    absl::StatusOr<std::string> html = TryPrint(node, paper, id);
    EXPECT_TRUE(html.ok()) << html.status();
    return html.value_or("");
  }

  template <typename Node>
  static std::string Ledger(Node& node, const std::string& format) {
    v1::ExportRequest request;
    request.set_format(format);
    absl::StatusOr<v1::ExportResponse> response = node.prints()->Export(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? format == "xlsx" ? Unzipped(response->content()) : response->content() : "";
  }
  v1::ExportCountyResponse County(const std::string& format) {
    v1::ExportCountyRequest request;
    request.set_format(format);
    absl::StatusOr<v1::ExportCountyResponse> response = hub().prints()->ExportCounty(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : v1::ExportCountyResponse();
  }

  // All that an archive holds, one after the other.
  static std::string Unzipped(const std::string& bytes) {
    absl::StatusOr<ZipReader> zip = ZipReader::Open(bytes, 64 << 20);
    EXPECT_TRUE(zip.ok()) << zip.status();
    std::string all;
    if (zip.ok()) {
      for (const std::string& name : zip->Names()) all += zip->Read(name).value_or("");
    }
    return all;
  }

  // As a person does who has the matter on the screen.
  void Take(const std::string& id, const v1::Step& step) { TakeAt(hub(), id, step); }
  void Submit(const v1::VisitView& visit) {
    for (const v1::MatterView& matter : visit.matters()) TakeAt(village(), matter.id(), Of(v1::STEP_SUBMIT));
  }
  template <typename Node>
  void TakeAt(Node& node, const std::string& id, const v1::Step& step) {
    v1::TakeStepRequest request;
    request.set_action_id(town_.ActionId());
    request.add_targets()->set_id(id);
    request.mutable_targets(0)->set_token(Token(node, id));
    *request.mutable_step() = step;
    absl::StatusOr<v1::TakeStepResponse> response = node.casework()->TakeStep(request);
    EXPECT_TRUE(response.ok()) << v1::StepKind_Name(step.kind()) << ": " << response.status();
  }
  static v1::Step Of(v1::StepKind kind) {
    v1::Step step;
    step.set_kind(kind);
    return step;
  }
};

}  // namespace liaison

#endif  // LIAISON_TESTS_PRINTS_FIXTURE_H_

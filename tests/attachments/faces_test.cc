// Files as the pages see them: attaching, listing, showing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "tests/attachments/files.h"
#include "tests/http/raw.h"
#include "tests/testing/must.h"
#include "tests/trust/town.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;

class Faces : public ::testing::Test {
 protected:
  Faces() {
    for (const char* code : {"01", "99"}) {
      v1::Code category;
      category.set_table("category");
      category.set_code(code);
      category.set_name(code);
      auto build = [&](const StoreReader&) -> absl::StatusOr<Action> {
        return Action{"test", {MasterOp(category, Cat("category-", code))}};
      };
      EXPECT_TRUE(town_.hub().store()->Commit(SystemRandom()->Bytes(kActionIdBytes), "x", build).ok());
    }
    town_.EnrolDevice("a", "D057");
    StationNode::Options options;
    options.dir = town_.Dir("a");
    options.kv = NewMemoryKv();
    options.clock = &town_.clock;
    options.link = false;
    station_ = *StationNode::Open(std::move(options));
    v1::OpenSessionRequest request;
    request.set_action_id(ActionId());
    request.mutable_session()->add_deputies()->set_deputy_id("R001");
    session_ = station_->reception()->OpenSession(request)->session();
  }
  static std::string ActionId() { return Hex(SystemRandom()->Bytes(kActionIdBytes)); }
  FileDesk* desk() { return station_->file_desk(); }
  std::string Store(const std::string& file) {
    v1::StoreFileRequest request;
    request.set_content(file);
    return desk()->StoreFile(request)->hash();
  }
  v1::AttachFileRequest AttachRequest(const std::string& id, const std::string& hash) {
    v1::AttachFileRequest request;
    request.set_action_id(ActionId());
    request.set_id(id);
    request.set_hash(hash);
    request.set_name("现场.jpg");
    request.set_user("李四");
    return request;
  }
  v1::MatterView NewMatter(const std::function<void(v1::Matter*)>& change = [](v1::Matter*) {}) {
    v1::LogVisitRequest request;
    request.set_action_id(ActionId());
    request.set_session_id(session_.id());
    request.mutable_entry()->set_original_words("路灯不亮");
    v1::Matter& matter = *request.add_matters();
    matter.set_content("路灯不亮");
    matter.set_category("01");
    matter.set_nature(v1::NATURE_OPINION);
    matter.set_disposition(v1::DISPOSITION_SUBMIT);
    change(&matter);
    return Must(station_->reception()->LogVisit(request)).visit().matters(0);
  }
  int Files(const std::string& id) {
    v1::ListFilesRequest request;
    request.set_id(id);
    return desk()->ListFiles(request)->files_size();
  }

  Town town_;
  std::unique_ptr<StationNode> station_;
  v1::SessionView session_;
};

TEST_F(Faces, AnActionIsDoneOnceAndAFileOnceInARecord) {
  v1::MatterView matter = NewMatter();
  v1::AttachFileRequest request = AttachRequest(matter.id(), Store(Photo(1'000)));
  auto first = desk()->AttachFile(request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_FALSE(first->repeated_action());
  EXPECT_EQ(first->file().name(), "现场.jpg");
  auto again = desk()->AttachFile(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated_action());
  EXPECT_EQ(again->file().id(), first->file().id());
  request.set_action_id(ActionId());
  EXPECT_TRUE(absl::IsFailedPrecondition(desk()->AttachFile(request).status()));
  EXPECT_EQ(Files(matter.id()), 1);
  EXPECT_TRUE(desk()->AttachFile(AttachRequest(session_.id(), request.hash())).ok());  // in another one it may stand
}

TEST_F(Faces, WhatAPhotoTellsBesideItsPictureIsNotStored) {
  const std::string told(
      "\xff\xe1\0\x1a"
      "Exif\0\0GPS 32.41N 109.01E",
      28);
  const std::string picture("\xff\xda\0\x02picture\xff\xd9", 13);
  v1::StoreFileRequest request;
  request.set_content("\xff\xd8" + told + picture);
  absl::StatusOr<v1::StoreFileResponse> stored = desk()->StoreFile(request);
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_TRUE(stored->stripped());
  EXPECT_EQ(stored->hash(), Hex(Sha256("\xff\xd8" + picture))) << "it is named by what is kept";
  EXPECT_EQ(stored->size(), 15);
  ASSERT_TRUE(desk()->AttachFile(AttachRequest(NewMatter().id(), stored->hash())).ok());
  EXPECT_EQ(desk()->Show(stored->hash())->bytes, "\xff\xd8" + picture);
  request.set_content("\xff\xd8" + picture);
  EXPECT_FALSE(desk()->StoreFile(request)->stripped());
}

TEST_F(Faces, AFileIsThereBeforeItIsNamedAndNamedBeforeItIsShown) {
  v1::MatterView matter = NewMatter();
  std::string nowhere = Hex(Sha256("nowhere"));
  EXPECT_TRUE(absl::IsFailedPrecondition(desk()->AttachFile(AttachRequest(matter.id(), nowhere)).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(desk()->AttachFile(AttachRequest(matter.id(), "../key")).status()));
  std::string hash = Store(Photo(1'000));
  EXPECT_TRUE(absl::IsNotFound(desk()->Show(hash).status()));
  auto attached = desk()->AttachFile(AttachRequest(matter.id(), hash));
  ASSERT_TRUE(attached.ok());
  EXPECT_TRUE(desk()->Show(hash).ok());

  v1::GetRecordRequest get;
  get.set_id(matter.id());
  v1::VoidRecordRequest undo;
  undo.set_action_id(ActionId());
  undo.set_id(attached->file().id());
  undo.set_token(station_->records()->GetRecord(get)->record().token());
  undo.set_reason("拍错了");
  auto undone = station_->records()->VoidRecord(undo);
  ASSERT_TRUE(undone.ok()) << undone.status();
  EXPECT_EQ(Files(matter.id()), 0);
  EXPECT_TRUE(absl::IsNotFound(desk()->Show(hash).status()));
  EXPECT_EQ(station_->records()->GetStatus({})->files().to_send(), 0);
  undo.set_take_back(true);
  undo.set_action_id(ActionId());
  undo.set_token(station_->records()->GetRecord(get)->record().token());
  ASSERT_TRUE(station_->records()->VoidRecord(undo).ok());
  EXPECT_TRUE(desk()->Show(hash).ok());
  EXPECT_EQ(station_->records()->GetStatus({})->files().to_send(), 1);

  undo.set_id(matter.id());
  undo.set_take_back(false);
  undo.set_action_id(ActionId());
  undo.set_token(station_->records()->GetRecord(get)->record().token());
  ASSERT_TRUE(station_->records()->VoidRecord(undo).ok());
  EXPECT_TRUE(absl::IsNotFound(desk()->Show(hash).status()));
  EXPECT_EQ(station_->records()->GetStatus({})->files().to_send(), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(desk()->AttachFile(AttachRequest(matter.id(), Store(Photo(9)))).status()));
}

TEST_F(Faces, NothingIsStoredWithAnAccusation) {
  v1::MatterView matter = NewMatter([](v1::Matter* m) {
    m->set_disposition(v1::DISPOSITION_GUIDED);
    m->set_guided_to("纪检监察机关");
    m->set_guide_reason("检举控告");
  });
  absl::Status status = desk()->AttachFile(AttachRequest(matter.id(), Store(Photo(1'000)))).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("检举控告"));
}

TEST_F(Faces, OnlyMattersAndSessionsCarryFiles) {
  v1::AttachFileRequest request = AttachRequest("3:R001", Store(Photo(1'000)));
  EXPECT_TRUE(absl::IsInvalidArgument(desk()->AttachFile(request).status()));
  request.set_id("24.00112233445566778899000a");
  EXPECT_TRUE(absl::IsNotFound(desk()->AttachFile(request).status()));
}

TEST_F(Faces, ABrowserGetsTheFileAsWhatItIs) {
  std::string photo = Photo(5'000), pdf = "%PDF-1.7\n<script>alert(1)</script>";
  std::string photo_hash = Store(photo), pdf_hash = Store(pdf), unnamed = Store(Photo(10));
  ASSERT_TRUE(desk()->AttachFile(AttachRequest(session_.id(), photo_hash)).ok());
  ASSERT_TRUE(desk()->AttachFile(AttachRequest(session_.id(), pdf_hash)).ok());
  http::Server server;
  desk()->Register(&server);
  ASSERT_TRUE(server.Listen("127.0.0.1", 0).ok());
  auto get = [&](const std::string& path, const std::string& headers = "Host: localhost\r\n") {
    return http::Exchange(server.port(), http::GetText(path, headers));
  };
  std::string answer = get("/files/" + photo_hash);
  EXPECT_EQ(http::StatusOf(answer), 200);
  EXPECT_EQ(http::BodyOf(answer), photo);
  EXPECT_THAT(answer, HasSubstr("Content-Type: image/jpeg\r\n"));
  EXPECT_THAT(answer, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
  EXPECT_FALSE(http::Has(answer, "Content-Disposition"));
  answer = get("/files/" + pdf_hash);
  EXPECT_THAT(answer, HasSubstr("Content-Type: application/pdf\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Disposition: attachment"));
  for (const std::string& path : {"/files/" + unnamed, std::string("/files/"), std::string("/files/../key"),
                                  "/files/" + photo_hash + "/", "/files/x/" + photo_hash})
    EXPECT_EQ(http::StatusOf(get(path)), 404) << path;
  EXPECT_EQ(http::StatusOf(get("/files/" + photo_hash, "Host: elsewhere.example\r\n")), 403);
}

}  // namespace
}  // namespace liaison

// The schema against the one that was kept: tests/golden/data/schema.binpb, a FileDescriptorSet that protoc made. Data
// on disks, stations of older versions and scripts that call the services rely on all that is in it.
//
// What is new passes, and is kept with LIAISON_REWRITE_GOLDEN=1, with the release that brings it. A breaking change is
// not kept that way: give the field another number, or reserve number and name of what goes away.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>

#include "tests/golden/schema_check.h"
#include "tests/testing/places.h"

namespace liaison::golden {
namespace {

using google::protobuf::DescriptorProto;
using google::protobuf::FieldDescriptorProto;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string BytesIn(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(Schema, BreaksNothingThatWasKept) {
  const std::string path = InSource("/tests/golden/data/schema.binpb");
  const std::string now_bytes = BytesIn(InBuild("/schema.binpb"));
  FileDescriptorSet kept, now;
  ASSERT_TRUE(now.ParseFromString(now_bytes));
  ASSERT_GT(now.file_size(), 10);
  ASSERT_TRUE(kept.ParseFromString(BytesIn(path)));
  ASSERT_GT(kept.file_size(), 10) << path;
  const SchemaCheck check(kept, now);
  EXPECT_THAT(check.broken(), IsEmpty());
  if (check.added().empty() || !check.broken().empty()) return;
  if (std::getenv("LIAISON_REWRITE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << now_bytes;
    return;
  }
  std::cout << "New, and not yet kept (run once with LIAISON_REWRITE_GOLDEN=1):" << std::endl;
  for (const std::string& one : check.added()) std::cout << "  " << one << std::endl;
}

// A schema in memory, and one change of it.
class SchemaChange : public ::testing::Test {
 protected:
  static FileDescriptorSet Made() {
    FileDescriptorSet set;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(R"pb(
      file {
        name: "a.proto" package: "p" syntax: "proto3"
        message_type {
          name: "M"
          field { name: "a" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING
                  options { [liaison.v1.f] { merge: MERGE_SET } } }
          field { name: "b" number: 2 label: LABEL_REPEATED type: TYPE_MESSAGE type_name: ".p.M.In" }
          field { name: "c" number: 3 label: LABEL_OPTIONAL type: TYPE_INT32 oneof_index: 0 }
          field { name: "d" number: 4 label: LABEL_OPTIONAL type: TYPE_INT32 oneof_index: 1 proto3_optional: true }
          nested_type { name: "In" field { name: "x" number: 1 label: LABEL_OPTIONAL type: TYPE_BYTES } }
          oneof_decl { name: "one" }
          oneof_decl { name: "_d" }
          options { [liaison.v1.record] { type: 7 parent: 3 } }
          reserved_range { start: 9 end: 11 }
          reserved_name: "gone"
        }
        enum_type {
          name: "E"
          value { name: "ZERO" number: 0 }
          value { name: "ONE" number: 1 }
          reserved_range { start: 5 end: 6 }
        }
        service {
          name: "S"
          method { name: "Do" input_type: ".p.M" output_type: ".p.M.In" }
        }
      })pb", &set));
    return set;
  }
  static SchemaCheck After(const std::function<void(FileDescriptorProto*)>& change) {
    FileDescriptorSet after = Made();
    change(after.mutable_file(0));
    return SchemaCheck(Made(), after);
  }
  // The one thing that the change breaks.
  static std::string Broken(const std::function<void(FileDescriptorProto*)>& change) {
    const SchemaCheck check = After(change);
    EXPECT_EQ(check.broken().size(), 1u) << ::testing::PrintToString(check.broken());
    return check.broken().empty() ? "" : check.broken()[0];
  }
  static std::string BrokenIn(const std::function<void(DescriptorProto*)>& change) {
    return Broken([&](FileDescriptorProto* file) { change(file->mutable_message_type(0)); });
  }
  static void Remove(int index, DescriptorProto* message) { message->mutable_field()->DeleteSubrange(index, 1); }
};

TEST_F(SchemaChange, NoneBreaksNothing) {
  const SchemaCheck check = After([](FileDescriptorProto*) {});
  EXPECT_THAT(check.broken(), IsEmpty());
  EXPECT_THAT(check.added(), IsEmpty());
}

TEST_F(SchemaChange, OfAFieldIsRefused) {
  EXPECT_EQ(BrokenIn([](DescriptorProto* m) { m->mutable_field(0)->set_number(5); }),
            "p.M.a: number 1 became 5");
  EXPECT_EQ(BrokenIn([](DescriptorProto* m) { m->mutable_field(0)->set_type(FieldDescriptorProto::TYPE_BYTES); }),
            "p.M.a: another type");
  EXPECT_EQ(BrokenIn([](DescriptorProto* m) { m->mutable_field(1)->set_type_name(".p.M"); }), "p.M.b: another type");
  EXPECT_EQ(BrokenIn([](DescriptorProto* m) { m->mutable_field(1)->set_label(FieldDescriptorProto::LABEL_OPTIONAL); }),
            "p.M.b: repeated or not");
  EXPECT_THAT(BrokenIn([](DescriptorProto* m) { m->mutable_field(0)->set_name("aa"); }), HasSubstr("renamed to aa"));
  EXPECT_EQ(BrokenIn([](DescriptorProto* m) { m->mutable_field(2)->clear_oneof_index(); }), "p.M.c: another oneof");
  EXPECT_EQ(BrokenIn([](DescriptorProto* m) {
              m->mutable_field(0)->mutable_options()->MutableExtension(v1::f)->set_merge(v1::MERGE_REGISTER);
            }),
            "p.M.a: merged by another rule");
  EXPECT_EQ(BrokenIn([](DescriptorProto* m) {
              m->mutable_field(0)->mutable_options()->MutableExtension(v1::f)->set_sealed(true);
            }),
            "p.M.a: sealed or not");
  EXPECT_EQ(BrokenIn([](DescriptorProto* m) { m->mutable_nested_type(0)->mutable_field(0)->set_number(2); }),
            "p.M.In.x: number 1 became 2");
  EXPECT_THAT(BrokenIn([](DescriptorProto* m) {
                m->mutable_options()->MutableExtension(v1::record)->set_type(8);
              }),
              HasSubstr("ids"));
}

TEST_F(SchemaChange, AFieldIsRemovedOnlyIfNumberAndNameAreReserved) {
  const char* refused = "p.M.a: removed without reserving 1 and its name";
  auto reserve = [](DescriptorProto* m, int number) {
    DescriptorProto::ReservedRange* range = m->add_reserved_range();
    range->set_start(number);
    range->set_end(number + 1);
  };
  EXPECT_EQ(BrokenIn([&](DescriptorProto* m) { Remove(0, m); }), refused);
  EXPECT_EQ(BrokenIn([&](DescriptorProto* m) { Remove(0, m), reserve(m, 1); }), refused);
  EXPECT_EQ(BrokenIn([&](DescriptorProto* m) { Remove(0, m), m->add_reserved_name("a"); }), refused);
  const SchemaCheck both = After([&](FileDescriptorProto* file) {
    DescriptorProto* m = file->mutable_message_type(0);
    Remove(0, m), reserve(m, 1), m->add_reserved_name("a");
  });
  EXPECT_THAT(both.broken(), IsEmpty());
  EXPECT_THAT(both.added(), ElementsAre("p.M (reserved)"));
}

TEST_F(SchemaChange, WhatWasReservedStaysSo) {
  EXPECT_EQ(BrokenIn([](DescriptorProto* m) {
              FieldDescriptorProto* field = m->add_field();
              field->set_name("new");
              field->set_number(10);
            }),
            "p.M.new: takes a number that was reserved");
  EXPECT_EQ(BrokenIn([](DescriptorProto* m) {
              FieldDescriptorProto* field = m->add_field();
              field->set_name("gone");
              field->set_number(20);
            }),
            "p.M.gone: takes a name that was reserved");
  EXPECT_EQ(BrokenIn([](DescriptorProto* m) { m->mutable_reserved_range(0)->set_end(10); }),
            "p.M: number 10 is no longer reserved");
  EXPECT_EQ(Broken([](FileDescriptorProto* file) {
              auto* value = file->mutable_enum_type(0)->add_value();
              value->set_name("NEW");
              value->set_number(6);
            }),
            "p.E.NEW: takes what was reserved");
}

TEST_F(SchemaChange, OfAnEnumOrAServiceIsRefused) {
  EXPECT_EQ(Broken([](FileDescriptorProto* f) { f->mutable_enum_type(0)->mutable_value(1)->set_number(2); }),
            "p.E.ONE: number 1 became 2");
  EXPECT_THAT(Broken([](FileDescriptorProto* f) { f->mutable_enum_type(0)->mutable_value(1)->set_name("UNO"); }),
              HasSubstr("renamed to UNO"));
  EXPECT_EQ(Broken([](FileDescriptorProto* f) { f->mutable_enum_type(0)->mutable_value()->RemoveLast(); }),
            "p.E.ONE: removed without reserving 1 and its name");
  EXPECT_EQ(Broken([](FileDescriptorProto* f) { f->clear_enum_type(); }), "p.E: the enum is gone");
  EXPECT_EQ(Broken([](FileDescriptorProto* f) { f->clear_service(); }), "p.S: the service is gone");
  EXPECT_EQ(Broken([](FileDescriptorProto* f) { f->mutable_service(0)->clear_method(); }), "p.S/Do: the rpc is gone");
  EXPECT_EQ(Broken([](FileDescriptorProto* f) { f->mutable_service(0)->mutable_method(0)->set_input_type(".p.M.In"); }),
            "p.S/Do: another request or answer");
  EXPECT_EQ(Broken([](FileDescriptorProto* f) { f->mutable_service(0)->mutable_method(0)->set_output_type(".p.M"); }),
            "p.S/Do: another request or answer");
  EXPECT_EQ(
      Broken([](FileDescriptorProto* f) { f->mutable_service(0)->mutable_method(0)->set_server_streaming(true); }),
      "p.S/Do: another request or answer");
  EXPECT_THAT(After([](FileDescriptorProto* f) { f->clear_message_type(); }).broken(),
              ElementsAre("p.M: the message is gone", "p.M.In: the message is gone"));
}

TEST_F(SchemaChange, ThatAddsPasses) {
  const SchemaCheck check = After([](FileDescriptorProto* file) {
    file->add_message_type()->set_name("N");
    FieldDescriptorProto* field = file->mutable_message_type(0)->add_field();
    field->set_name("e");
    field->set_number(12);
    auto* value = file->mutable_enum_type(0)->add_value();
    value->set_name("TWO");
    value->set_number(2);
    file->mutable_service(0)->add_method()->set_name("Undo");
    file->add_service()->set_name("T");
  });
  EXPECT_THAT(check.broken(), IsEmpty());
  EXPECT_THAT(check.added(), ElementsAre("p.M.e", "p.N", "p.E.TWO", "p.S/Undo", "p.T"));
}

}  // namespace
}  // namespace liaison::golden

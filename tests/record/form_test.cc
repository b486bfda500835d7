// What the schema says about forms, columns and an accusation's words is such that the programs can do it.
#include <gtest/gtest.h>

#include "common/record/schema.h"
#include "liaison/v1/records.pb.h"

namespace liaison {
namespace {

using google::protobuf::FieldDescriptor;

TEST(FormFields, AreOfKindsThatTheProgramsShow) {
  for (const TypeInfo& type : AllTypes()) {
    for (const FieldInfo& field : type.fields) {
      const std::string name = field.descriptor->full_name();
      if (field.rules.form() == v1::FORM_NOT) {
        EXPECT_FALSE(field.rules.column()) << name << ": a column has a place on the form";
        continue;
      }
      EXPECT_EQ(type.type(), TypeOf<v1::Matter>().type()) << name << ": only a matter's are shown";
      const auto kind = field.descriptor->type();
      EXPECT_TRUE(kind == FieldDescriptor::TYPE_STRING || kind == FieldDescriptor::TYPE_ENUM ||
                  kind == FieldDescriptor::TYPE_BOOL)
          << name;
      EXPECT_FALSE(field.descriptor->is_repeated()) << name;
      EXPECT_FALSE(field.rules.sealed()) << name;
      EXPECT_EQ(field.rules.owner(), v1::OWNER_STATION) << name << ": stations write it";
      EXPECT_TRUE(field.rules.format() == v1::FORMAT_ANY || field.rules.format() == v1::FORMAT_DATE ||
                  field.rules.format() == v1::FORMAT_TIME)
          << name;
      EXPECT_FALSE(field.rules.label().empty()) << name;
      // Old records and requests of scripts have none; only a preset makes one required.
      EXPECT_TRUE(!field.rules.required() || kind == FieldDescriptor::TYPE_ENUM) << name;
    }
  }
}

TEST(FormFields, ComeByTheirPartInTheOrderOfTheirNumbers) {
  const TypeInfo& matter = TypeOf<v1::Matter>();
  const FieldInfo* nature = matter.Find(v1::Matter::kNatureFieldNumber);
  EXPECT_EQ(FieldsIn(matter, v1::FORM_FIRST).at(0), nature);
  EXPECT_EQ(FieldsIn(matter, v1::FORM_FIRST, /*columns=*/true).at(0), nature);
  for (v1::FormPart part : {v1::FORM_FIRST, v1::FORM_MORE}) {
    int before = 0;
    for (const FieldInfo* field : FieldsIn(matter, part)) {
      EXPECT_EQ(field->rules.form(), part);
      EXPECT_LT(before, field->descriptor->number());
      before = field->descriptor->number();
    }
  }
}

TEST(FormFields, AreWrittenForPeople) {
  const TypeInfo& type = TypeOf<v1::Matter>();
  v1::Matter matter;
  EXPECT_EQ(TextOf(matter, *type.FindByName("nature")), "未定");
  EXPECT_EQ(TextOf(matter, *type.FindByName("dispute")), "");
  matter.set_nature(v1::NATURE_HELP);
  matter.set_dispute(true);
  matter.set_grid("第三网格");
  EXPECT_EQ(TextOf(matter, *type.FindByName("nature")), "求助");
  EXPECT_EQ(TextOf(matter, *type.FindByName("dispute")), "是");
  EXPECT_EQ(TextOf(matter, *type.FindByName("grid")), "第三网格");
}

// A set of texts cannot be blanked, so it must say that it may stay. Of other records `words` is not asked.
TEST(AccusationFields, NoTextOfAMatterIsForgotten) {
  for (const TypeInfo& type : AllTypes())
    for (const FieldInfo& field : type.fields) {
      const bool matter = type.type() == TypeOf<v1::Matter>().type();
      if (!matter) EXPECT_EQ(field.rules.words(), v1::WORDS_BY_TYPE) << field.descriptor->full_name();
      if (matter && field.descriptor->is_repeated() && field.descriptor->type() == FieldDescriptor::TYPE_STRING)
        EXPECT_EQ(field.rules.words(), v1::WORDS_NONE) << field.descriptor->full_name();
    }
}

}  // namespace
}  // namespace liaison

// Which of several values of one field stands on the page until a person has settled it.
#include <gtest/gtest.h>

#include "common/record/view.h"

namespace liaison {
namespace {

Dot Of(const std::string& station, uint64_t random, uint64_t n) { return {{station, random}, n, n + random}; }

Register With(const std::vector<std::pair<Dot, std::string>>& values) {
  Register field;
  for (const auto& [dot, value] : values) field.Apply(dot, {}, value, {});
  return field;
}

TEST(Displayed, TheOwnersLevelComesFirst) {
  for (const char* station : {"AA-D057", "ZZ-D057"}) {  // on either side of the hub's name
    Register field = With({{Of(station, 1, 9), "station's"}, {Of(std::string(kHubStation), 1, 1), "hub's"}});
    EXPECT_EQ(Displayed(field, v1::OWNER_HUB)->value, "hub's");
    EXPECT_EQ(Displayed(field, v1::OWNER_STATION)->value, "station's");
  }
}

TEST(Displayed, OfOneLevelTheLastNameWhateverIsWritten) {
  Register field = With({{Of("D057", 2, 1), "zz"}, {Of("D057", 2, 3), "mm"}, {Of("D057", 3, 2), "aa"}});
  EXPECT_EQ(Displayed(field, v1::OWNER_STATION)->value, "aa");
  EXPECT_EQ(Displayed(field, v1::OWNER_HUB)->value, "aa");
}

TEST(Displayed, NothingOfAFieldThatNobodyWrote) { EXPECT_EQ(Displayed(Register(), v1::OWNER_STATION), nullptr); }

}  // namespace
}  // namespace liaison

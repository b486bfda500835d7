// Strings held once, and a search over all of them that misses nothing and finds nothing else.
#include "common/find/find_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "common/base/ports.h"

namespace liaison {
namespace {

using Pool = StringPool<char16_t>;

TEST(FindForm, IsOneForWidthsSpacesCaseAndDots) {
  EXPECT_EQ(FindForm("Ｄ０５７－ 0031"), u"d057-0031");
  EXPECT_EQ(FindForm("买买提•艾力"), FindForm("买买提・艾 力"));
  EXPECT_EQ(FindForm("买买提·艾力"), u"买买提·艾力");
  EXPECT_EQ(FindForm("𬱖䶮"), u"𬱖䶮");
  EXPECT_EQ(FindForm("一行\n两　行\t"), u"一行两行");
  EXPECT_EQ(FindForm(std::string_view("a\0b", 3)), u"ab");
  EXPECT_EQ(FindForm("\xe6\xb0\xb4\xff"), std::u16string(u"水\xdcff"));
}

TEST(FindUnits, FindsTheFirstPlaceAsAPlainSearchDoes) {
  SeededRandom random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::u16string text(random.U64() % 200, u'a'), wanted(1 + random.U64() % 5, u'a');
    for (char16_t& c : text) c = static_cast<char16_t>(u'一' + random.U64() % 3);
    for (char16_t& c : wanted) c = static_cast<char16_t>(u'一' + random.U64() % 3);
    const size_t expected = text.find(wanted);
    const char16_t *begin = text.data(), *end = begin + text.size(), *found = FindUnits(begin, end, wanted);
    ASSERT_EQ(found == end ? std::u16string::npos : static_cast<size_t>(found - begin), expected) << round;
  }
}

TEST(StringPool, HoldsEqualStringsOnceUntilTheLastReferenceGoes) {
  Pool pool;
  const Pool::Slot first = pool.Add(u"水渠"), second = pool.Add(u"水渠");
  EXPECT_EQ(first, second);
  EXPECT_NE(pool.Add(u"路灯"), first);
  EXPECT_EQ(pool.Add(u""), Pool::kNone);
  pool.Release(first);
  EXPECT_EQ(pool.Find(u"水渠"), first);
  pool.Release(second);
  EXPECT_EQ(pool.Find(u"水渠"), Pool::kNone);
  EXPECT_EQ(pool.At(first), std::u16string_view(u"\0\0", 2)) << "a name must not stay in memory";
  std::vector<uint8_t> marks;
  pool.Mark(u"水渠", &marks);
  EXPECT_EQ(std::count(marks.begin(), marks.end(), 1), 0);
  EXPECT_EQ(pool.At(pool.Find(u"路灯")), u"路灯");
}

TEST(StringPool, ReplacingByTheSameStringKeepsIt) {
  Pool pool;
  Pool::Slot slot = Pool::kNone;
  pool.Replace(&slot, u"王芳");
  const Pool::Slot before = slot;
  pool.Replace(&slot, u"王芳");
  EXPECT_EQ(slot, before);
  pool.Replace(&slot, u"李芳");
  EXPECT_EQ(pool.At(slot), u"李芳");
  EXPECT_EQ(pool.Find(u"王芳"), Pool::kNone);
  pool.Replace(&slot, u"");
  EXPECT_EQ(slot, Pool::kNone);
}

TEST(StringPool, IdsMayHoldZeros) {
  StringPool<char> ids;
  const std::string a("\x18\0\0a", 4), b("\x18\0\0b", 4), c("\x18", 1);
  const auto at_a = ids.Add(a), at_b = ids.Append(b), at_c = ids.Add(c);
  EXPECT_EQ(ids.At(at_a), a);
  EXPECT_EQ(ids.At(at_b), b);
  EXPECT_EQ(ids.At(at_c), c);
  EXPECT_EQ(ids.Find(a), at_a);
  EXPECT_EQ(ids.Find(b), ids.kNone) << "appended, not added";
}

// Over several blocks, with strings that end where blocks do.
TEST(StringPool, MarksExactlyTheStringsThatContainWhatIsWanted) {
  SeededRandom random(2);
  Pool pool;
  std::map<Pool::Slot, std::u16string> held;
  size_t units = 0;
  while (units < 1'200'000) {
    const bool huge = random.U64() % 500 == 0;
    std::u16string text(huge ? 20'000 + random.U64() % 100'000 : random.U64() % 60, u'a');
    for (char16_t& c : text) c = static_cast<char16_t>(u'一' + random.U64() % 40);
    units += text.size();
    const Pool::Slot slot = pool.Add(text);
    held[slot] = text;
    if (random.U64() % 7 != 0 || text.size() > 60) continue;
    if (slot != Pool::kNone && text.size() > 3) {  // short ones may be held twice
      pool.Release(slot);
      held.erase(slot);
    }
  }
  pool.Add(std::u16string(Pool::kLongest + 5, u'长'));
  EXPECT_EQ(pool.At(static_cast<Pool::Slot>(pool.size() - 1)).size(), Pool::kLongest);
  for (int round = 0; round < 60; ++round) {
    std::u16string wanted(1 + random.U64() % 4, u'a');
    for (char16_t& c : wanted) c = static_cast<char16_t>(u'一' + random.U64() % 40);
    std::vector<uint8_t> marks, expected(pool.size(), 0);
    pool.Mark(wanted, &marks);
    for (const auto& [slot, text] : held)
      if (text.find(wanted) != std::u16string::npos) expected[slot] = 1;
    ASSERT_EQ(marks, expected) << round;
  }
}

}  // namespace
}  // namespace liaison

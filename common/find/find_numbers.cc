#include "common/find/find_numbers.h"

namespace liaison {

void FindNumbers::Replace(std::string_view text, Number* number) {
  const std::u16string form = FindForm(text);
  const size_t cut = form.rfind(u'-') + 1;  // npos + 1 is 0
  heads_.Replace(&number->head, std::u16string_view(form).substr(0, cut));
  tails_.Replace(&number->tail, std::u16string_view(form).substr(cut));
}

void FindNumbers::Release(const Number& number) {
  heads_.Release(number.head);
  tails_.Release(number.tail);
}

FindNumbers::Marks::Marks(const FindNumbers& numbers, std::u16string_view wanted) {
  if (wanted.size() > kLongest) return;
  const auto mark = [&](const StringPool<char16_t>& pool, auto fits, std::vector<uint64_t>* marks) {
    marks->resize(pool.size(), 0);
    for (uint32_t slot = 0; slot < pool.size(); ++slot) {
      const std::u16string_view text = pool.At(slot);
      uint64_t& bits = (*marks)[slot];
      if (text.find(wanted) != std::u16string_view::npos) {
        bits = ~uint64_t{0};
        continue;
      }
      for (size_t i = 0; i <= wanted.size(); ++i)
        if (fits(text, i)) bits |= uint64_t{1} << i;
    }
  };
  const auto ends = [&](std::u16string_view head, size_t i) { return head.ends_with(wanted.substr(0, i)); };
  const auto begins = [&](std::u16string_view tail, size_t i) { return tail.starts_with(wanted.substr(i)); };
  mark(numbers.heads_, ends, &heads_);
  mark(numbers.tails_, begins, &tails_);
}

}  // namespace liaison

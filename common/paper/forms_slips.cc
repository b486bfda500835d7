// Slips to be cut out, two in a row: the lines of the table are where the scissors go.
#include "common/base/markup.h"
#include "common/base/text.h"
#include "common/paper/forms.h"
#include "common/paper/page.h"

namespace liaison::office {
namespace {

// Letters that nobody takes for others, large enough to be typed from.
constexpr char kCodeStyle[] = "font:bold 20pt/1.6 \"Noto Sans Mono\",Consolas,monospace";

std::string CardCell(const SlipCard& card) {
  std::string html = Cat("<b>", Escape(card.name), "</b>　", Escape(card.roles), "\n", Escape(card.place), "\n账号　<b>",
                         Escape(card.account), "</b>\n激活码\n<span style='", kCodeStyle, "'>", Escape(card.code),
                         "</span>\n");
  int number = 0;
  for (const std::string& sentence : SlipSentences(card.at_hub)) html += Cat(++number, ". ", Escape(sentence), "\n");
  return TdHtml(Cat(html, Escape(ChineseDate(card.date))));
}

}  // namespace

std::vector<std::string> SlipSentences(bool at_hub) {
  const std::string once = "码只能用一次，用过就撕掉；丢了请马上说，重发一张。";
  if (at_hub)
    return {"打开镇级平台，按“第一次来，或有新的激活码”，填账号和上面的码。",
            "自己定一个十个字以上的密码，不告诉别人，也不写在这张纸上。", once};
  return {"在本站的页面上按自己的名字，输上面的码。", "自己定一个六位数字，不告诉别人，也不写在这张纸上。", once};
}

std::string PrintSlips(const std::vector<SlipCard>& slips) {
  Page page("激活码");
  std::vector<std::string> rows;
  for (size_t i = 0; i < slips.size(); i += 2)
    rows.push_back(Cat(CardCell(slips[i]), i + 1 < slips.size() ? CardCell(slips[i + 1]) : Td("")));
  page.Table({50, 50}, rows);
  return page.Finish();
}

}  // namespace liaison::office

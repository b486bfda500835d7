#include "tests/bench/records.h"

#include <zstd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "common/base/ports.h"
#include "common/base/text.h"

namespace liaison::bench {
namespace {

using Words = std::vector<const char*>;

const Words kFamilies = {"陈", "唐", "薛", "邓", "汪", "方", "石", "姚", "谭", "廖", "邹", "熊",
                         "金", "陆", "郝", "孔", "白", "崔", "康", "毛", "邱", "秦", "江", "史"};
const Words kGivens = {"春", "兰", "建", "军", "玉", "梅", "志", "强", "秀", "英", "海", "波", "小", "红", "文",
                       "斌", "桂", "芝", "长", "林", "开", "学", "永", "健", "翠", "霞", "世", "荣", "晓", "东"};
struct Category {
  const char* code;
  const char* name;
};
constexpr Category kCategories[] = {
    {"01", "农业农村与水利"}, {"02", "交通道路"}, {"03", "村镇建设与住房"},     {"04", "人居环境与生态"},
    {"05", "教育"},           {"06", "医疗卫生"}, {"07", "社会保障与救助"},     {"08", "就业与劳动"},
    {"09", "产业与经济发展"}, {"11", "平安法治"}, {"12", "基层治理与干部作风"}, {"13", "公用事业"}};
const Words kThings = {"水渠",     "抽水站", "河堤", "入户路", "涵洞",     "路灯",     "垃圾池", "公厕",   "污水管",
                       "村卫生室", "小学",   "校车", "养老金", "医保报销", "低保名额", "危房",   "老街",   "农贸市场",
                       "茶园",     "鱼塘",   "猪圈", "变压器", "自来水",   "信号塔",   "监控",   "消防池", "宅基地",
                       "退耕林",   "补贴",   "工资", "村务账", "公交站",   "减速带",   "护栏",   "桥面",   "蓄水池"};
const Words kStates = {"坏了没人管",   "堵得走不通",   "一直漏水",     "说修没有修",   "账目看不到",
                       "两家标准不同", "名额太少",     "离家太远",     "收费比别处高", "排队要半天",
                       "三天两头停",   "手续跑了几趟", "下雨就有危险", "挡了出路",     "今年没了收成",
                       "让别人占着",   "登记漏了",     "没有人答复",   "夜里看不见",   "用了不到一年"};
const Words kSince = {"从去年入冬以来,", "这半年,",   "修好以后,", "涨水过后,",   "换了承包人之后,",
                      "并村以后,",       "一到汛期,", "每逢集日,", "今年开学起,", "插秧的时候,"};
const Words kWishes = {"希望派人来看一下", "望列入今年项目", "要求把账贴出来", "请给个准确日子", "请镇上出面协调",
                       "能不能多开几天",   "困难户请减一些", "要有专人来管",   "按政策该给就给", "请帮着问一问部门"};
const Words kReplies = {"政策依据当场讲清",     "已登记并报镇人大办", "电话问过承办单位", "约好三天内到现场",
                        "需要的材料已写给本人", "建议先在村里调解",   "放进本月走访重点"};
const Words kUnits = {"经济发展局", "城建办", "教育办", "交通办", "水利工作站", "卫健办", "环卫站", "社会事务办"};
const Words kMeasures = {"米", "亩", "户", "个人", "元", "天", "盏", "里路", "吨", "头"};
// At a station a record begins as one of these; what follows is the township's.
const Words kStatuses = {"当场答复", "上报镇", "上报镇", "村级办理"};

class Draw {
 public:
  explicit Draw(uint64_t seed) : random_(seed) {}
  int Below(int n) { return static_cast<int>(random_.U64() % static_cast<uint64_t>(n)); }
  std::string Of(const Words& words) { return words[static_cast<size_t>(Below(static_cast<int>(words.size())))]; }
  bool Chance(int percent) { return Below(100) < percent; }

  std::string Name() { return Cat(Of(kFamilies), Of(kGivens), Chance(70) ? Of(kGivens) : ""); }
  std::string Amount() { return Cat(1 + Below(900), Of(kMeasures)); }
  std::string Clause() {
    switch (Below(5)) {
      case 0:
        return Cat(Of(kSince), Of(kThings), Of(kStates));
      case 1:
        return Cat(Of(kThings), "差不多", Amount(), Of(kStates));
      case 2:
        return Cat("关系到", Amount(), ",", Of(kThings), Of(kStates));
      case 3:
        return Cat(Name(), "家门口的", Of(kThings), "连着", Of(kThings), Of(kStates));
      default:
        return Of(kWishes);
    }
  }
  std::string Text(int clauses) {
    std::string text;
    for (int i = 0; i < clauses; ++i) text += Cat(i == 0 ? "" : ",", Clause());
    return text + "。";
  }

 private:
  SeededRandom random_;
};

std::string Padded(int value, size_t width) {
  std::string digits = std::to_string(value);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

// The n-th day after 2018-01-01; of very many records the years begin anew, so that none lies in the future.
std::string Date(int n) { return BusinessDate(1'514'764'800'000 + int64_t{n % 3'000} * 86'400'000); }

// No character of the words above needs an escape.
std::string Quoted(const std::string& text) { return Cat("\"", text, "\""); }

}  // namespace

std::vector<DeputyName> ReadDeputies(const std::string& roster) {
  std::ifstream in(roster + "/deputies.csv");
  std::vector<DeputyName> deputies;
  std::string line;
  std::getline(in, line);  // the header
  while (std::getline(in, line)) {
    size_t first = line.find(','), second = line.find(',', first + 1);
    if (second != std::string::npos)
      deputies.push_back({line.substr(0, first), line.substr(first + 1, second - first - 1)});
  }
  if (deputies.empty()) {
    fprintf(stderr, "no deputies in %s\n", roster.c_str());
    abort();
  }
  return deputies;
}

std::vector<Record> MakeRecords(const std::vector<DeputyName>& deputies, const std::string& station, uint64_t seed,
                                int count) {
  uint64_t mixed = seed;
  for (char c : station) mixed = mixed * 1'000'003 + static_cast<unsigned char>(c);
  Draw draw(mixed);
  std::vector<Record> records;
  int day = 0, left = 0, minute = 0;
  std::vector<const DeputyName*> present;
  while (static_cast<int>(records.size()) < count) {
    if (left-- == 0) {
      left = 1 + draw.Below(9);
      day += 1 + draw.Below(2);
      minute = 8 * 60;
      present.clear();
      for (int i = 1 + draw.Below(3); i > 0; --i) {
        const DeputyName* one = &deputies[static_cast<size_t>(draw.Below(static_cast<int>(deputies.size())))];
        if (std::find(present.begin(), present.end(), one) == present.end()) present.push_back(one);
      }
    }
    Record& record = records.emplace_back();
    minute += 3 + draw.Below(50);
    record.id = Cat(station, "-", Padded(static_cast<int>(records.size()), 6));
    record.station = station;
    record.date = Date(day);
    record.time = Cat(Padded(minute / 60, 2), ":", Padded(minute % 60, 2));
    for (const DeputyName* deputy : present) {
      record.deputies.push_back(deputy->name);
      record.deputy_ids.push_back(deputy->id);
    }
    record.visitor = draw.Name();
    record.village = Cat(1 + draw.Below(9), "组");
    record.phone = Cat("1", draw.Of({"34", "37", "51", "58", "89"}), Padded(draw.Below(100'000'000), 8));
    record.people = draw.Chance(80) ? 1 : 2 + draw.Below(5);
    const Category& category = kCategories[draw.Below(static_cast<int>(std::size(kCategories)))];
    record.category = category.name;
    record.category_code = category.code;
    record.content = draw.Text(3 + draw.Below(5));
    record.content += draw.Text(1 + draw.Below(4));
    record.reply = Cat(draw.Of(kReplies), ",", draw.Text(1 + draw.Below(3)));
    record.unit = draw.Of(kUnits);
    record.status = draw.Of(kStatuses);
    for (int i = draw.Below(4), n = 0; n < i; ++n)
      record.follow_ups.push_back({Date(day + 4 + 8 * n), draw.Name(), draw.Of(kUnits), draw.Text(1 + draw.Below(3))});
  }
  return records;
}

std::string RecordJson(const Record& r) {
  std::string deputies, follow_ups;
  for (const std::string& name : r.deputies) deputies += Cat(deputies.empty() ? "" : ",", Quoted(name));
  for (const FollowUp& f : r.follow_ups) {
    follow_ups += Cat(follow_ups.empty() ? "" : ",", "{\"date\":", Quoted(f.date), ",\"by\":", Quoted(f.by),
                      ",\"dept\":", Quoted(f.unit), ",\"note\":", Quoted(f.note), "}");
  }
  return Cat("{\"_id\":", Quoted(r.id), ",\"type\":\"reception\",\"station\":", Quoted(r.station),
             ",\"date\":", Quoted(r.date), ",\"time\":", Quoted(r.time), ",\"deputies\":[", deputies,
             "],\"visitor\":{\"name\":", Quoted(r.visitor), ",\"village\":", Quoted(r.village),
             ",\"phone\":", Quoted(r.phone), ",\"people\":", r.people, "},\"category\":", Quoted(r.category),
             ",\"content\":", Quoted(r.content), ",\"reply\":", Quoted(r.reply), ",\"dept\":", Quoted(r.unit),
             ",\"status\":", Quoted(r.status), ",\"followUps\":[", follow_ups, "],\"version\":1}");
}

std::string ToNdjson(const std::vector<Record>& records) {
  std::string text;
  for (const Record& record : records) text += RecordJson(record) + "\n";
  return text;
}

size_t ZstdSize(const std::string& text, int level) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  size_t size = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), level);
  if (ZSTD_isError(size)) abort();
  return size;
}

}  // namespace liaison::bench

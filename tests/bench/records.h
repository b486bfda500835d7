// Reception records as a village officer might have typed them, the same for the same seed: what both sides of a
// comparison are given. Not people's texts: phrases repeat, so they compress better than life.
#ifndef LIAISON_TESTS_BENCH_RECORDS_H_
#define LIAISON_TESTS_BENCH_RECORDS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace liaison::bench {

struct FollowUp {
  std::string date, by, unit, note;
};

struct Record {
  std::string id, station, date, time;
  std::vector<std::string> deputies;    // names
  std::vector<std::string> deputy_ids;  // not part of the JSON
  std::string visitor, village, phone;
  int people = 1;
  std::string category, category_code;  // the code is not part of the JSON
  std::string content, reply, unit, status;
  std::vector<FollowUp> follow_ups;
};

struct DeputyName {
  std::string id, name;
};
// The first two columns of a roster's deputies.csv. Aborts if there is none.
std::vector<DeputyName> ReadDeputies(const std::string& roster);

// `count` records of one station in the order of their days, from number `from` on. A reception day has one to three
// deputies, two to ten visits.
std::vector<Record> MakeRecords(const std::vector<DeputyName>& deputies, const std::string& station, uint64_t seed,
                                int count);

// One line of JSON without its end.
std::string RecordJson(const Record& record);
std::string ToNdjson(const std::vector<Record>& records);

// Bytes of `text` through zstd at `level`, one frame.
size_t ZstdSize(const std::string& text, int level);

}  // namespace liaison::bench

#endif  // LIAISON_TESTS_BENCH_RECORDS_H_

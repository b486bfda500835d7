// What a durable save costs at a station.
#ifndef LIAISON_TESTS_BENCH_SAVE_H_
#define LIAISON_TESTS_BENCH_SAVE_H_

#include <memory>
#include <string>
#include <vector>

#include "station/station_node.h"
#include "tests/bench/rig.h"

namespace liaison::bench {

// The station's services without a link, on a database that notes the bytes of every write in `sizes`.
std::unique_ptr<StationNode> OpenCounted(const std::string& dir, std::vector<size_t>* sizes);

// Commits setting.records visits (5,000 unless told), each durable before the next, then puts the same bytes, one
// synced put a visit, into a bare database of a station's profile. Adds the figures to `line`.
void MeasureCommits(const Setting& setting, StationNode* node, std::vector<size_t>* sizes, JsonLine* line);

}  // namespace liaison::bench

#endif  // LIAISON_TESTS_BENCH_SAVE_H_

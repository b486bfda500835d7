#include "tests/model/alphabets.h"

namespace liaison::model {
namespace {

using Letter = std::vector<Step>;

// A letter that opens a link leaves none behind, so link 0 is always its own.
Letter Sync(uint32_t box, uint32_t hub) {
  return {{Act::kOpen, box, hub, 0}, {Act::kRun, 0, 0, 0}, {Act::kCut, 0, 0, 0}};
}
// The hub has taken the hello and a range; no answer comes.
Letter CutBeforeAnswer(uint32_t box) { return {{Act::kOpen, box, 0, 0}, {Act::kUp, 0, 3, 0}, {Act::kCut, 0, 0, 0}}; }
// The station has taken what came first, and dies behind its first durable step.
Letter CrashInAnswer(uint32_t box) {
  return {{Act::kOpen, box, 0, 0}, {Act::kUp, 0, 3, 0}, {Act::kDown, 0, 0, 3}, {Act::kCut, 0, 0, 0}};
}
Letter One(Act act, uint32_t a = 0, uint32_t b = 0, uint32_t c = 0) { return {{act, a, b, c}}; }
std::vector<Step> Joined(const std::vector<Letter>& letters) {
  std::vector<Step> steps;
  for (const Letter& letter : letters) steps.insert(steps.end(), letter.begin(), letter.end());
  return steps;
}

constexpr uint32_t kNewEpoch = 1, kNewestCopy = 5;

}  // namespace

std::vector<Alphabet> Alphabets(int depth) {
  Limits narrow{1, 1, 1}, wide{2, 3, 2};
  std::vector<Alphabet> all;
  all.push_back({"restores of station and hub",
                 {1, false, wide},
                 Joined({One(Act::kWrite), Sync(0, 0), One(Act::kCopyBox), One(Act::kCopyHub)}),
                 {One(Act::kWrite), One(Act::kHubWrite), Sync(0, 0), CutBeforeAnswer(0), CrashInAnswer(0),
                  One(Act::kCopyHub), One(Act::kRestoreBox), One(Act::kRestoreHub, 0, 0, kNewEpoch),
                  One(Act::kRestoreHub, 0, kNewestCopy, 0), One(Act::kHubGrant, 0, 0, 2)},
                 depth});
  all.push_back({"two hubs",
                 {2, false, wide},
                 Joined({One(Act::kWrite), Sync(0, 0), One(Act::kHubGrant, 0, 1, 3), Sync(1, 0), One(Act::kCopyHub)}),
                 {One(Act::kWrite), One(Act::kHubWrite, 0), One(Act::kHubWrite, 1), Sync(0, 0), Sync(0, 1), Sync(1, 0),
                  Sync(1, 1), One(Act::kSecondHub), One(Act::kResumeHub), One(Act::kImportHub)},
                 depth});
  all.push_back({"clones, twins and sticks",
                 {1, false, narrow},
                 Joined({One(Act::kWrite), Sync(0, 0), One(Act::kCopyHub), One(Act::kResumeBox)}),
                 {One(Act::kWrite, 0), One(Act::kWrite, 1), Sync(0, 0), Sync(1, 0), One(Act::kCloneBox),
                  One(Act::kStickUp, 1), One(Act::kStickUpTaken), One(Act::kStickDown), One(Act::kStickDownTaken, 1),
                  One(Act::kRestoreHub, 0, 0, kNewEpoch)},
                 depth});
  all.push_back({"revocation and erasure",
                 {2, false, wide},
                 Joined({One(Act::kWrite), One(Act::kWrite), Sync(0, 0), One(Act::kHubGrant, 0, 1, 3), Sync(1, 0),
                         One(Act::kCopyHub)}),
                 {One(Act::kWrite), Sync(0, 0), Sync(1, 0), One(Act::kHubRevoke), One(Act::kHubErase),
                  One(Act::kHubAccept, 0, 2), One(Act::kHubRefuse), One(Act::kStickUp, 0, 3), One(Act::kStickUpTaken),
                  One(Act::kRestoreHub, 0, 0, kNewEpoch)},
                 depth});
  all.push_back(
      {"archives",
       {1, false, narrow},
       Joined({One(Act::kWrite), Sync(0, 0)}),
       {One(Act::kWrite), One(Act::kWriteBad), One(Act::kHubWrite), Sync(0, 0), One(Act::kArchive), One(Act::kVerify),
        One(Act::kRestoreHub, 0, 0, kNewEpoch), One(Act::kRestoreHub, 0, 1, kNewEpoch), One(Act::kRestartHub)},
       depth});
  return all;
}

}  // namespace liaison::model

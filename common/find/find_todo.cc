#include "common/find/find_todo.h"

#include <algorithm>

#include "common/find/find_book.h"

namespace liaison {
namespace {

constexpr absl::Duration kMostCourtesy = absl::Milliseconds(20);  // and then the worker goes on, however many ask

}  // namespace

void FindTodo::Note(std::span<const Aggregate* const> changed) {
  const std::vector<uint8_t>& types = FindBook::Types();
  absl::MutexLock lock(&mutex_);
  for (const Aggregate* aggregate : changed)
    if (std::find(types.begin(), types.end(), aggregate->id().type) != types.end()) noted_.insert(aggregate->id());
  if (noted_.size() > kMostNoted) backlog_ = true;
}

std::set<RecordId> FindTodo::Take(size_t most, bool* more) {
  std::set<RecordId> taken;
  absl::MutexLock lock(&mutex_);
  while (!noted_.empty() && taken.size() < most) taken.insert(noted_.extract(noted_.begin()));
  *more = !noted_.empty();
  return taken;
}

void FindTodo::NoteUnreadable() {
  absl::MutexLock lock(&mutex_);
  unreadable_ = true;
}

bool FindTodo::IsUpToDate() const {
  absl::MutexLock lock(&mutex_);
  return UpToDate();
}

void FindTodo::AwaitUpToDate(absl::Duration most) const {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(this, &FindTodo::UpToDate), most);
}

FindTodo::Question FindTodo::Begin(absl::Duration patience) {
  absl::MutexLock lock(&mutex_);
  if (noted_.size() > kAtOnce) backlog_ = true;
  if (patience > absl::ZeroDuration()) mutex_.AwaitWithTimeout(absl::Condition(this, &FindTodo::UpToDate), patience);
  ++questions_;
  return {.building = !UpToDate(), .unreadable = unreadable_, .noted = !noted_.empty()};
}

void FindTodo::End() {
  absl::MutexLock lock(&mutex_);
  --questions_;
}

FindTodo::Work FindTodo::AwaitWork() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &FindTodo::HasWork));
  mutex_.AwaitWithTimeout(absl::Condition(this, &FindTodo::HasTurn), kMostCourtesy);
  return stopping_ ? Work::kStop : built_ ? Work::kNoted : Work::kBuild;
}

void FindTodo::Finished(Work work) {
  absl::MutexLock lock(&mutex_);
  if (work == Work::kBuild) built_ = true;
  if (noted_.size() <= kAtOnce) backlog_ = false;
}

void FindTodo::Stop() {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
}

}  // namespace liaison

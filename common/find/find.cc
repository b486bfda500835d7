#include "common/find/find.h"

#include <optional>
#include <set>
#include <utility>

#include "common/base/bytes.h"
#include "common/base/progress.h"
#include "common/record/schema.h"
#include "common/store/keys.h"
#include "common/store/read_failure.h"

namespace liaison {
namespace {

constexpr size_t kChunk = 100;    // that the worker reads before it lets a question in
constexpr double kSample = 2000;  // states of a type that are counted

}  // namespace

// Stands for as long as somebody is answered; the worker waits so long. A few noted records are read by the question
// itself; for many, and for the index, it waits first if it has patience.
class FindIndex::Question {
 public:
  Question(FindIndex* index, absl::Duration patience) : index_(index) {
    const FindTodo::Question question = index->todo_.Begin(patience);
    building_ = question.building;
    if (question.unreadable) NoteReadFailure("find index");
    if (!question.noted) return;
    ReadWatch reads;
    {
      absl::MutexLock lock(&index->mutex_);
      if (index->ReadNoted(FindTodo::kAtOnce)) building_ = true;  // more was noted meanwhile
    }
    if (!reads.status().ok()) index->todo_.NoteUnreadable();
  }
  ~Question() { index_->todo_.End(); }
  bool building() const { return building_; }

 private:
  FindIndex* const index_;
  bool building_ = false;
};

FindIndex::FindIndex(Store* store, const Patience& patience) : store_(store), patience_(patience) {
  store->AddListener(this);
  worker_ = std::thread([this] { Work(); });
  todo_.AwaitUpToDate(patience_.at_start);
}

FindIndex::~FindIndex() {
  store_->RemoveListener(this);
  todo_.Stop();
  worker_.join();
}

void FindIndex::OnCommitted(std::span<const Aggregate* const> changed, bool) { todo_.Note(changed); }

// ---------------------------------------------------------------- reading records

// How many states the index will read, about: names are random, so that the first of them tell how close they lie.
int64_t FindIndex::StatesOfIndex() const {
  double all = 0;
  const std::unique_ptr<KvReader> kv = store_->Snapshot();
  for (uint8_t type : FindBook::Types()) {
    const std::string prefix = std::string(key::kAggregate) + static_cast<char>(type);
    double count = 0, share = 1;  // of the space of names
    kv->ScanPrefix(prefix, [&](std::string_view key, std::string_view) {
      if (++count < kSample) return true;
      share = (ByteReader(key.substr(prefix.size())).Fixed32() + 1.0) / 0x1p32;
      return false;
    });
    all += count / share;
  }
  return static_cast<int64_t>(all);
}

void FindIndex::Work() {
  std::optional<ProgressScope> progress;  // until the index is made
  {
    ReadWatch reads;
    progress.emplace("建立索引", "条", StatesOfIndex());
    if (!reads.status().ok()) todo_.NoteUnreadable();
  }
  for (;;) {
    const FindTodo::Work work = todo_.AwaitWork();
    if (work == FindTodo::Work::kStop) return;
    bool more;
    ReadWatch reads;
    {
      absl::MutexLock lock(&mutex_);
      int64_t taken = 0;
      more = work == FindTodo::Work::kBuild ? ReadNext(kChunk, &taken) : ReadNoted(kChunk);
      if (progress) progress->Add(taken);
    }
    if (!reads.status().ok()) todo_.NoteUnreadable();
    if (more) continue;
    progress.reset();
    todo_.Finished(work);
  }
}

bool FindIndex::ReadNoted(size_t most) {
  bool more;
  const std::set<RecordId> taken = todo_.Take(most, &more);
  if (taken.empty()) return false;
  StoreReader reader = store_->Read();
  for (const RecordId& id : taken)
    if (std::optional<Aggregate> aggregate = reader.Load(id)) book_.Take(reader, *aggregate);
  return more;
}

// The next states of the store, type by type.
bool FindIndex::ReadNext(size_t most, int64_t* taken) {
  StoreReader reader = store_->Read();
  const std::vector<uint8_t>& types = FindBook::Types();
  for (; next_type_ < types.size(); ++next_type_, next_key_.clear()) {
    const std::string prefix = std::string(key::kAggregate) + static_cast<char>(types[next_type_]);
    if (next_key_.empty()) next_key_ = prefix;
    std::vector<std::pair<std::string, std::string>> states;
    reader.kv().Scan(next_key_, PrefixEnd(prefix), [&](std::string_view key, std::string_view value) {
      states.emplace_back(key, value);
      return states.size() < most;
    });
    for (const auto& [key, value] : states) {
      RecordId id{types[next_type_], key.substr(prefix.size())};
      absl::StatusOr<Aggregate> aggregate = Aggregate::Decode(id, value);
      if (aggregate.ok()) {
        book_.Take(reader, *aggregate);
      } else if (std::optional<Aggregate> folded = reader.Load(id)) {
        book_.Take(reader, *folded);
      }
    }
    *taken += static_cast<int64_t>(states.size());
    if (states.size() < most) continue;
    next_key_ = states.back().first + '\0';
    return true;
  }
  return false;
}

// ---------------------------------------------------------------- answering

size_t FindIndex::size() {
  Question question(this, absl::ZeroDuration());
  absl::ReaderMutexLock lock(&mutex_);
  return book_.size();
}

size_t FindIndex::bytes() const {
  absl::ReaderMutexLock lock(&mutex_);
  return book_.bytes();
}

FindIndex::Who FindIndex::WhoIs(std::string_view visitor) {
  const Who nobody{std::string(visitor)};
  RecordId id;
  if (!RecordIdFromBytes(visitor, &id) || id.type != TypeOf<v1::Visitor>().type()) return nobody;
  Question question(this, absl::ZeroDuration());
  std::optional<Who> who;
  {
    absl::ReaderMutexLock lock(&mutex_);
    who = book_.WhoIs(id);
  }
  if (!who) {
    absl::MutexLock lock(&mutex_);
    StoreReader reader = store_->Read();
    if (std::optional<Aggregate> aggregate = reader.Load(id)) book_.Take(reader, *aggregate);
    who = book_.WhoIs(id);
  }
  return who && !who->key.empty() ? *who : nobody;
}

FindIndex::Answer FindIndex::Search(std::string_view query, const FindFilter& filter, size_t limit) {
  Answer answer;
  const FindWanted wanted(query);
  if (wanted.text.empty()) return answer;
  Question question(this, patience_.of_search);
  answer.building = question.building();
  absl::ReaderMutexLock lock(&mutex_);
  answer.hits = book_.Search(wanted, filter, limit, &answer.more);
  return answer;
}

}  // namespace liaison

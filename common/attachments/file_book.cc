#include "common/attachments/file_book.h"

#include <algorithm>
#include <iterator>

namespace liaison {

FileBook::FileBook(Store* store, FileStore* files, Interests interests)
    : store_(store), files_(files), interests_(std::move(interests)) {
  files_->set_listener([this](const std::string& hash) { Touch({hash}); });
  store_->AddListener(this);
  std::vector<std::string> all;
  ForEachNamedFile(*store_->Snapshot(), [&](std::string_view hash) { all.emplace_back(hash); });
  Touch(std::move(all));
}

FileBook::~FileBook() {
  store_->RemoveListener(this);
  files_->set_listener(nullptr);
}

void FileBook::SetListener(std::function<void()> listener) {
  absl::MutexLock lock(&listener_mutex_);
  listener_ = std::move(listener);
}

void FileBook::OnCommitted(std::span<const Aggregate* const> changed, bool) {
  std::vector<std::string> hashes;
  for (const Aggregate* aggregate : changed)
    for (std::string& hash : FileHashesIn(*aggregate)) hashes.push_back(std::move(hash));
  if (!hashes.empty()) Touch(std::move(hashes));
}

void FileBook::Touch(std::vector<std::string> hashes) {
  {
    absl::MutexLock lock(&touch_mutex_);
    touched_.insert(std::make_move_iterator(hashes.begin()), std::make_move_iterator(hashes.end()));
  }
  absl::MutexLock lock(&listener_mutex_);
  if (listener_) listener_();
}

// Looks at the store and the disk after it has taken the marks, since a mark comes after its change.
void FileBook::Settle() const {
  std::set<std::string> touched;
  {
    absl::MutexLock lock(&touch_mutex_);
    touched.swap(touched_);
  }
  if (touched.empty()) return;
  StoreReader reader = store_->Read();
  for (const std::string& hash : touched) {
    named_.erase(hash);
    lacking_.erase(hash);
    unsent_.erase(hash);
    if (FileRefsOf(reader.kv(), hash).empty()) {
      files_->Drop(hash);
      continue;
    }
    named_.insert(hash);
    if (!files_->Has(hash)) {
      lacking_[hash] = InterestsOfFile(reader, hash);
    } else if (!files_->Delivered(hash)) {
      unsent_.insert(hash);
    }
  }
}

std::set<std::string> FileBook::InterestsOfFile(const StoreReader& reader, std::string_view hash) const {
  std::set<std::string> found;
  if (!interests_) return found;
  for (const FileRef& ref : FileRefsOf(reader.kv(), hash)) {
    std::optional<Aggregate> root = reader.Load(ref.root);
    if (!root) continue;
    for (std::string& interest : interests_(*root, reader)) found.insert(std::move(interest));
  }
  return found;
}

std::vector<std::string> FileBook::Lacking() const {
  absl::MutexLock lock(&mutex_);
  Settle();
  std::vector<std::string> hashes;
  for (const auto& [hash, interests] : lacking_) hashes.push_back(hash);
  return hashes;
}

std::vector<std::string> FileBook::LackingIn(const std::set<std::string>& interests, size_t limit) const {
  absl::MutexLock lock(&mutex_);
  Settle();
  std::vector<std::string> hashes;
  for (const auto& [hash, of] : lacking_) {
    if (hashes.size() >= limit) break;
    if (std::any_of(of.begin(), of.end(), [&](const std::string& one) { return interests.contains(one); }))
      hashes.push_back(hash);
  }
  return hashes;
}

std::vector<std::string> FileBook::Unsent() const {
  absl::MutexLock lock(&mutex_);
  Settle();
  return {unsent_.begin(), unsent_.end()};
}

std::vector<std::string> FileBook::Held() const {
  absl::MutexLock lock(&mutex_);
  Settle();
  std::vector<std::string> hashes;
  for (const std::string& hash : named_)
    if (!lacking_.contains(hash)) hashes.push_back(hash);
  return hashes;
}

bool FileBook::AnyNamed() const {
  absl::MutexLock lock(&mutex_);
  Settle();
  return !named_.empty();
}

bool FileBook::NamedIn(std::string_view hash, const std::set<std::string>& interests, std::set<uint64_t>* sizes) const {
  StoreReader reader = store_->Read();
  bool named = false;
  for (const FileRef& ref : FileRefsOf(reader.kv(), hash)) {
    std::optional<Aggregate> root = reader.Load(ref.root);
    if (!root) continue;
    std::vector<std::string> of = interests_(*root, reader);
    if (std::none_of(of.begin(), of.end(), [&](const std::string& one) { return interests.contains(one); })) continue;
    named = true;
    sizes->insert(ref.size);
  }
  return named;
}

}  // namespace liaison

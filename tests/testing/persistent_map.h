// An ordered map of strings whose copies cost nothing: a treap with shared nodes. A change copies the path to the key
// as far as another copy of the map shares it. The shape follows from the keys alone, so runs repeat exactly.
//
// Not thread-safe, copies among themselves included: the counts of references are plain numbers.
#ifndef LIAISON_TESTS_TESTING_PERSISTENT_MAP_H_
#define LIAISON_TESTS_TESTING_PERSISTENT_MAP_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace liaison {

class PersistentMap {
 public:
  PersistentMap() = default;
  PersistentMap(const PersistentMap& other);
  PersistentMap(PersistentMap&& other) noexcept : root_(std::exchange(other.root_, nullptr)) {}
  PersistentMap& operator=(PersistentMap other) noexcept {
    std::swap(root_, other.root_);
    return *this;
  }
  ~PersistentMap();

  const std::string* Get(std::string_view key) const;  // null if absent; lives as long as this map is not changed
  void Put(std::string_view key, std::string_view value);
  void Erase(std::string_view key);

  // Ascending over [from, to); an empty `to` is no bound. Until `visit` returns false.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  void Scan(std::string_view from, std::string_view to, const Visit& visit) const;
  // The last entry of [from, to).
  bool Last(std::string_view from, std::string_view to, std::string* key, std::string* value) const;

  // Whether both are copies of one map, unchanged since. Equal maps that grew apart may differ here.
  bool SameAs(const PersistentMap& other) const { return root_ == other.root_; }

 private:
  struct Entry;
  struct Node;
  static Node* Share(Node* node);
  static void Release(Node* node);
  static void Release(Entry* entry);
  static Node* Own(Node* node);  // the node itself, or a copy if it is shared
  static Node* Put(Node* node, std::string_view key, std::string_view value, uint64_t priority);
  static Node* Erase(Node* node, std::string_view key);
  static Node* Merge(Node* left, Node* right);
  static bool Walk(const Node* node, std::string_view from, std::string_view to, const Visit& visit);

  Node* root_ = nullptr;
};

}  // namespace liaison

#endif  // LIAISON_TESTS_TESTING_PERSISTENT_MAP_H_

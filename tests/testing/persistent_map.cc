#include "tests/testing/persistent_map.h"

namespace liaison {
namespace {

uint64_t PriorityOf(std::string_view key) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (char c : key) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
  return hash ^ (hash >> 31);
}

}  // namespace

struct PersistentMap::Entry {
  int references = 1;
  std::string key, value;
};

struct PersistentMap::Node {
  int references = 1;
  uint64_t priority;
  Entry* entry;
  Node* left = nullptr;
  Node* right = nullptr;
};

PersistentMap::Node* PersistentMap::Share(Node* node) {
  if (node != nullptr) ++node->references;
  return node;
}

void PersistentMap::Release(Entry* entry) {
  if (--entry->references == 0) delete entry;
}

void PersistentMap::Release(Node* node) {
  if (node == nullptr || --node->references > 0) return;
  Release(node->left);
  Release(node->right);
  Release(node->entry);
  delete node;
}

PersistentMap::Node* PersistentMap::Own(Node* node) {
  if (node->references == 1) return node;
  --node->references;
  ++node->entry->references;
  return new Node{1, node->priority, node->entry, Share(node->left), Share(node->right)};
}

PersistentMap::PersistentMap(const PersistentMap& other) : root_(Share(other.root_)) {}
PersistentMap::~PersistentMap() { Release(root_); }

const std::string* PersistentMap::Get(std::string_view key) const {
  for (const Node* node = root_; node != nullptr;) {
    int order = key.compare(node->entry->key);
    if (order == 0) return &node->entry->value;
    node = order < 0 ? node->left : node->right;
  }
  return nullptr;
}

PersistentMap::Node* PersistentMap::Put(Node* node, std::string_view key, std::string_view value, uint64_t priority) {
  if (node == nullptr) return new Node{1, priority, new Entry{1, std::string(key), std::string(value)}};
  node = Own(node);
  int order = key.compare(node->entry->key);
  if (order == 0) {
    Release(node->entry);
    node->entry = new Entry{1, std::string(key), std::string(value)};
    return node;
  }
  Node*& side = order < 0 ? node->left : node->right;
  side = Put(side, key, value, priority);
  if (side->priority <= node->priority) return node;
  Node* up = Own(side);  // rotate
  if (order < 0) {
    node->left = up->right;
    up->right = node;
  } else {
    node->right = up->left;
    up->left = node;
  }
  return up;
}

void PersistentMap::Put(std::string_view key, std::string_view value) {
  root_ = Put(root_, key, value, PriorityOf(key));
}

PersistentMap::Node* PersistentMap::Merge(Node* left, Node* right) {
  if (left == nullptr) return right;
  if (right == nullptr) return left;
  if (left->priority > right->priority) {
    left = Own(left);
    left->right = Merge(left->right, right);
    return left;
  }
  right = Own(right);
  right->left = Merge(left, right->left);
  return right;
}

// REQUIRES: the key is there.
PersistentMap::Node* PersistentMap::Erase(Node* node, std::string_view key) {
  int order = key.compare(node->entry->key);
  if (order == 0) {
    Node* rest = Merge(Share(node->left), Share(node->right));
    Release(node);
    return rest;
  }
  node = Own(node);
  Node*& side = order < 0 ? node->left : node->right;
  side = Erase(side, key);
  return node;
}

void PersistentMap::Erase(std::string_view key) {
  if (Get(key) != nullptr) root_ = Erase(root_, key);
}

bool PersistentMap::Walk(const Node* node, std::string_view from, std::string_view to, const Visit& visit) {
  if (node == nullptr) return true;
  const std::string& key = node->entry->key;
  bool above = key >= from, below = to.empty() || key < to;
  if (above && !Walk(node->left, from, to, visit)) return false;
  if (above && below && !visit(key, node->entry->value)) return false;
  return !below || Walk(node->right, from, to, visit);
}

void PersistentMap::Scan(std::string_view from, std::string_view to, const Visit& visit) const {
  PersistentMap held = *this;  // a visit may lead to changes
  Walk(held.root_, from, to, visit);
}

bool PersistentMap::Last(std::string_view from, std::string_view to, std::string* key, std::string* value) const {
  const Node* found = nullptr;
  for (const Node* node = root_; node != nullptr;) {
    if (to.empty() || node->entry->key < to) {
      found = node;
      node = node->right;
    } else {
      node = node->left;
    }
  }
  if (found == nullptr || found->entry->key < from) return false;
  *key = found->entry->key;
  *value = found->entry->value;
  return true;
}

}  // namespace liaison

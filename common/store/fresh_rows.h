// The derived rows that a set of records gives, made from their ops alone, one record after another. Private to
// common/store.
//
// A row is told as soon as its record has been seen, and forgotten. Only rows that several records add to are held to
// the end: a projection reads these before it writes them, and no others (projection.h). At a hub these are counters,
// one row a station and day: 40 MB for ten years of 96 stations.
#ifndef LIAISON_COMMON_STORE_FRESH_ROWS_H_
#define LIAISON_COMMON_STORE_FRESH_ROWS_H_

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/record/aggregate.h"
#include "common/store/kv.h"
#include "common/store/projection.h"

namespace liaison {

class FreshRows {
 public:
  using Tell = std::function<void(std::string_view key, std::string_view value)>;
  // `kv` has the ops. Only rows that `wanted` takes by their key are told, each once. All of it must outlive this.
  FreshRows(const KvReader* kv, const std::vector<Projection*>* projections,
            std::function<bool(std::string_view key)> wanted, Tell tell)
      : source_(kv), projections_(projections), wanted_(std::move(wanted)), tell_(std::move(tell)) {}

  void Add(const Aggregate& aggregate);
  void Finish();  // tells the shared ones. Nothing may be added afterwards

 private:
  // What projections see: ops, and the shared rows so far. Everything that was asked for is a shared row.
  class Source : public KvReader {
   public:
    explicit Source(const KvReader* kv) : kv_(kv) {}
    std::optional<std::string> Get(std::string_view key) const override;
    void Scan(std::string_view, std::string_view, const Visit&) const override {}
    std::optional<std::pair<std::string, std::string>> Last(std::string_view, std::string_view) const override {
      return std::nullopt;
    }

    std::map<std::string, std::string, std::less<>> shared;  // by the key without the table's two bytes
    mutable std::set<std::string, std::less<>> asked;        // of the record that is being added

   private:
    const KvReader* kv_;
  };

  Source source_;
  const std::vector<Projection*>* projections_;
  const std::function<bool(std::string_view key)> wanted_;
  const Tell tell_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_FRESH_ROWS_H_

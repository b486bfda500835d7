// GET /metrics: how a daemon is doing, in the text form of Prometheus (version 0.0.4).
//
// Who asks needs a bearer token, also on this machine: "Authorization: Bearer TOKEN", else the answer is 401. The token
// is 64 hex digits in DIR/metrics.token (mode 0600), made at the first start and kept; a file that holds anything else
// is replaced. It is read at the start: to change it, delete the file and start the daemon again.
//
// A page is numbers and names that are in the sources; no value or label may come from a record. Making one must take a
// few milliseconds at any size of the store and must not wait for its write lock.
#ifndef LIAISON_COMMON_DAEMON_METRICS_H_
#define LIAISON_COMMON_DAEMON_METRICS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/durations.h"
#include "common/store/reader.h"

namespace prometheus {
struct ClientMetric;
struct MetricFamily;
enum class MetricType;
}  // namespace prometheus

namespace liaison {
namespace http {
class Server;
}

// One page being filled. Names and units as https://prometheus.io/docs/practices/naming asks; `help` is one English
// sentence. Calls with one name, each with labels of its own, must follow one another.
class Metrics {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  Metrics();
  ~Metrics();

  void Gauge(std::string_view name, std::string_view help, double value, const Labels& labels = {});
  // Since the daemon started. The name ends in "_total".
  void Counter(std::string_view name, std::string_view help, uint64_t value, const Labels& labels = {});
  void Histogram(std::string_view name, std::string_view help, const Durations::Counts& counts);
  // Seconds from `then_ms` to `now_ms`, 0 where the clock went back. Nothing where `then_ms` is 0: it never was.
  void Age(std::string_view name, std::string_view help, int64_t then_ms, int64_t now_ms, const Labels& labels = {});

  std::string Text() const;

 private:
  prometheus::ClientMetric* Add(std::string_view name, std::string_view help, prometheus::MetricType type,
                                const Labels& labels);

  std::vector<prometheus::MetricFamily> families_;
};

// What both daemons tell of their records: disagreements in records, and ops that are kept and not used.
void AddRecordMetrics(const StoreReader& reader, Metrics* metrics);

// What both tell of their link: bytes of messages as packed, and how long it took to write what came.
void AddLinkBytes(uint64_t in, uint64_t out, Metrics* metrics);
void AddApplyTimes(const Durations& times, Metrics* metrics);

// Serves the page: the version, the size of DIR/db, and what `fill` adds. `fill` is called by the server's threads.
// Where the token can be neither read nor made, every request is answered with that error: a daemon starts without it.
void ServeMetrics(const std::string& dir, std::function<void(Metrics*)> fill, http::Server* server);

inline constexpr char kMetricsTokenFile[] = "metrics.token";

}  // namespace liaison

#endif  // LIAISON_COMMON_DAEMON_METRICS_H_

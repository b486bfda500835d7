#include "common/daemon/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/api/record_service.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/hmac.h"
#include "common/daemon/daemon.h"
#include "common/http/server.h"
#include "common/rows/tables.h"
#include "common/store/read_failure.h"

namespace liaison {
namespace {

constexpr size_t kTokenBytes = 32;
constexpr char kBearer[] = "Bearer ";
constexpr char kPrometheusText[] = "text/plain; version=0.0.4; charset=utf-8";

// The token of the folder. A file that is empty or no token would let in whoever sends just that.
absl::StatusOr<std::string> OpenToken(const std::string& path) {
  absl::StatusOr<std::string> held = ReadFile(path);
  if (!held.ok() && !absl::IsNotFound(held.status()) && !absl::IsInvalidArgument(held.status())) return held.status();
  std::string token = held.ok() ? *std::move(held) : "", bytes;
  absl::StripTrailingAsciiWhitespace(&token);
  if (Unhex(token, &bytes) && bytes.size() == kTokenBytes) return token;
  token = Hex(SystemRandom()->Bytes(kTokenBytes));
  RETURN_IF_ERROR(WriteFileAtomically(path, token + "\n"));
  return token;
}

bool MayRead(const std::string& authorization, std::string_view token) {
  if (!absl::StartsWithIgnoreCase(authorization, kBearer)) return false;
  return SameSecret(std::string_view(authorization).substr(std::string_view(kBearer).size()), token);
}

// Of the files of a folder. One that goes away meanwhile counts nothing.
uint64_t FolderBytes(const std::string& folder) {
  uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code gone;
    const uint64_t size = it->file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

}  // namespace

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

prometheus::ClientMetric* Metrics::Add(std::string_view name, std::string_view help, prometheus::MetricType type,
                                       const Labels& labels) {
  if (families_.empty() || families_.back().name != name)
    families_.push_back({std::string(name), std::string(help), type, {}});
  prometheus::ClientMetric& metric = families_.back().metric.emplace_back();
  for (const auto& [label, value] : labels) metric.label.push_back({label, value});
  return &metric;
}

void Metrics::Gauge(std::string_view name, std::string_view help, double value, const Labels& labels) {
  Add(name, help, prometheus::MetricType::Gauge, labels)->gauge.value = value;
}

void Metrics::Counter(std::string_view name, std::string_view help, uint64_t value, const Labels& labels) {
  Add(name, help, prometheus::MetricType::Counter, labels)->counter.value = static_cast<double>(value);
}

void Metrics::Histogram(std::string_view name, std::string_view help, const Durations::Counts& counts) {
  prometheus::ClientMetric::Histogram& out = Add(name, help, prometheus::MetricType::Histogram, {})->histogram;
  for (size_t i = 0; i < counts.each.size(); ++i) {
    out.sample_count += counts.each[i];
    if (i < Durations::kBoundsS.size()) out.bucket.push_back({out.sample_count, Durations::kBoundsS[i]});
  }
  out.sample_sum = counts.sum_s;  // the serializer adds the bucket without a bound
}

void Metrics::Age(std::string_view name, std::string_view help, int64_t then_ms, int64_t now_ms, const Labels& labels) {
  if (then_ms == 0) return;
  Gauge(name, help, static_cast<double>(std::max<int64_t>(0, now_ms - then_ms)) / 1000, labels);
}

std::string Metrics::Text() const { return prometheus::TextSerializer().Serialize(families_); }

void AddRecordMetrics(const StoreReader& reader, Metrics* metrics) {
  metrics->Gauge("liaison_conflicts",
                 "Disagreements in records that a person must settle, without numbers that were given twice.",
                 static_cast<double>(tables::CountDisagreementsInRecords(reader.kv())));
  metrics->Gauge("liaison_refused_ops", "Ops that are kept and not used.",
                 static_cast<double>(tables::Refusals(reader.kv()).size()));
}

void AddLinkBytes(uint64_t in, uint64_t out, Metrics* metrics) {
  constexpr char kName[] = "liaison_link_bytes_total";
  constexpr char kHelp[] = "Bytes of messages between station and hub, packed, without gRPC and TLS.";
  metrics->Counter(kName, kHelp, in, {{"direction", "in"}});
  metrics->Counter(kName, kHelp, out, {{"direction", "out"}});
}

void AddApplyTimes(const Durations& times, Metrics* metrics) {
  metrics->Histogram("liaison_apply_seconds", "Time to write a batch that came by the link.", times.counts());
}

void ServeMetrics(const std::string& dir, std::function<void(Metrics*)> fill, http::Server* server) {
  auto answer = [dir, token = OpenToken(Cat(dir, "/", kMetricsTokenFile)),
                 fill = std::move(fill)](const http::Call& call) -> absl::StatusOr<http::File> {
    RETURN_IF_ERROR(token.status());
    if (!MayRead(call.authorization, *token))
      return absl::UnauthenticatedError(
          Cat("运行指标要凭口令读取：请求头写 Authorization: Bearer 口令，口令在数据文件夹的 ", kMetricsTokenFile,
              " 里"));
    ReadWatch reads;
    Metrics metrics;
    metrics.Gauge("liaison_build_info", "Always 1; the label names the version.", 1,
                  {{"version", std::string(ProgramVersion())}});
    metrics.Gauge("liaison_store_bytes", "Size of the database's files.",
                  static_cast<double>(FolderBytes(DbPath(dir))));
    fill(&metrics);
    RETURN_IF_ERROR(reads.status());
    return http::File{kPrometheusText, "", metrics.Text()};
  };
  server->Get("/metrics", std::move(answer));
}

}  // namespace liaison

#include "station/link/attachments.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>

#include "common/base/log.h"
#include "common/base/ports.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "station/link/retry.h"

namespace liaison {
namespace {

constexpr size_t kMostAsked = 64;
constexpr int kMostSetbacks = 5;  // of one file in a pass: damaged or passed over
constexpr int kRestFactor = 60;   // of the longest retry delay, for a file that cannot move now
constexpr auto kCallTimeout = std::chrono::seconds(60);

// Whether the reason lies with this one file, so that the others may go on.
bool OfTheFile(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status) ||
         absl::IsDataLoss(status);
}

std::string TroubleOf(const absl::Status& status) {
  if (status.ok() || absl::IsCancelled(status)) return "";
  if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) return "照片传送中断，会自动接着传";
  return std::string(status.message());
}

absl::Status Setback() { return absl::DataLossError("照片传了几次都没有完整收到，过一会儿再传"); }

}  // namespace

FileTransfer::FileTransfer(Options options) : options_(std::move(options)) {}

FileTransfer::~FileTransfer() { Stop(); }

void FileTransfer::Start() {
  options_.book->SetListener([this] { Wake(); });
  thread_ = std::thread([this] { Loop(); });
}

void FileTransfer::Stop() {
  options_.book->SetListener(nullptr);
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    if (call_ != nullptr) call_->TryCancel();
  }
  if (thread_.joinable()) thread_.join();
}

void FileTransfer::RetryNow() {
  absl::MutexLock lock(&mutex_);
  asked_ = true;
}

void FileTransfer::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
}

FileTransfer::State FileTransfer::state() const {
  absl::MutexLock lock(&mutex_);
  return state_;
}

bool FileTransfer::AwaitState(const std::function<bool(const State&)>& done, absl::Duration timeout) const {
  absl::MutexLock lock(&mutex_);
  auto holds = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return done(state_); };
  return mutex_.AwaitWithTimeout(absl::Condition(&holds), timeout);
}

// ---------------------------------------------------------------- the thread

void FileTransfer::Loop() {
  int losses = 0;
  while (AwaitWork()) {
    absl::Status status = Pass();
    stub_ = nullptr;
    losses = status.ok() ? 0 : losses + 1;
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
      if (!status.ok() || resting_.empty()) state_.trouble = TroubleOf(status);
    }
    if (!status.ok()) LogWarning(Cat("照片和文件没有传完：", absl::StatusCodeToString(status.code()), "，会再传"));
    if (absl::IsResourceExhausted(status)) losses = std::max(losses, 20);  // a full disk does not empty in seconds
    if (!status.ok()) Rest(losses);
  }
}

bool FileTransfer::AwaitWork() {
  for (;;) {
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return false;
      woken_ = false;
    }
    bool work = HasWork();
    if (work && options_.may_move()) return true;
    absl::MutexLock lock(&mutex_);
    state_.idle = !work;
    auto called = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return woken_ || stopping_; };
    mutex_.AwaitWithTimeout(absl::Condition(&called),
                            absl::Milliseconds(std::max<int64_t>(NextDueMs() - SteadyMs(), 1)));
    state_.idle = false;
  }
}

bool FileTransfer::AwaitTurn() {
  for (;;) {
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return false;
      woken_ = false;
    }
    if (options_.may_move()) return true;
    absl::MutexLock lock(&mutex_);
    auto called = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return woken_ || stopping_; };
    mutex_.Await(absl::Condition(&called));
  }
}

void FileTransfer::Rest(int losses) {
  const RetryWait wait =
      RetryWaitOf({options_.retry_delay_ms, options_.retry_delay_ms_max}, false, losses, options_.random->U64());
  absl::MutexLock lock(&mutex_);
  asked_ = false;
  auto ended = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || asked_; };
  mutex_.AwaitWithTimeout(absl::Condition(&ended), absl::Milliseconds(wait.most_ms));
}

std::vector<std::string> FileTransfer::Ready(std::vector<std::string> hashes) const {
  int64_t now = SteadyMs();
  std::erase_if(hashes, [&](const std::string& hash) {
    auto it = resting_.find(hash);
    return it != resting_.end() && it->second > now;
  });
  return hashes;
}

bool FileTransfer::HasWork() const {
  if (!Ready(options_.book->Unsent()).empty() || !Ready(options_.book->Lacking()).empty()) return true;
  return SteadyMs() >= next_ask_ms_ && options_.book->AnyNamed();
}

int64_t FileTransfer::NextDueMs() const {
  int64_t due = std::max(next_ask_ms_, SteadyMs() + options_.retry_delay_ms_max);
  for (const auto& [hash, at] : resting_) due = std::min(due, at);
  return due;
}

template <typename Request, typename Response>
absl::Status FileTransfer::Call(Method<Request, Response> method, const Request& request, Response* response) {
  if (!AwaitTurn()) return absl::CancelledError("正在停机");
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kCallTimeout);
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return absl::CancelledError("正在停机");
    call_ = &context;
  }
  grpc::Status status = (stub_.get()->*method)(&context, request, response);
  absl::MutexLock lock(&mutex_);
  call_ = nullptr;
  if (status.ok()) {
    ++state_.calls;
    return absl::OkStatus();
  }
  if (status.error_code() == grpc::StatusCode::UNAUTHENTICATED) options_.channels->OnRefused();
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

absl::Status FileTransfer::Pass() {
  RETURN_IF_ERROR(options_.channels->Prepare(options_.hub_address));
  stub_ = v1::AttachmentService::NewStub(options_.channels->NewChannel(options_.hub_address));
  pace_.OnStart();
  int64_t now = SteadyMs();
  std::erase_if(resting_, [&](const auto& entry) { return entry.second <= now; });
  std::vector<v1::StatFilesResponse::File> wanted;
  RETURN_IF_ERROR(Ask(&wanted));
  for (const v1::StatFilesResponse::File& file : wanted) {
    absl::Status status = Send(file.hash(), file.at());
    if (!status.ok()) RETURN_IF_ERROR(LayAside(file.hash(), status));
  }
  for (const std::string& hash : Ready(options_.book->Lacking())) {
    absl::Status status = Fetch(hash);
    if (!status.ok()) RETURN_IF_ERROR(LayAside(hash, status));
  }
  return absl::OkStatus();
}

// OK if only this file waits; else the pass ends.
absl::Status FileTransfer::LayAside(const std::string& hash, const absl::Status& why) {
  if (absl::IsUnavailable(why) || absl::IsDeadlineExceeded(why)) pace_.OnLoss();
  if (!OfTheFile(why)) return why;
  resting_[hash] = SteadyMs() + kRestFactor * options_.retry_delay_ms_max;
  absl::MutexLock lock(&mutex_);
  state_.trouble = TroubleOf(why);
  return absl::OkStatus();
}

absl::Status FileTransfer::Ask(std::vector<v1::StatFilesResponse::File>* wanted) {
  v1::StatFilesRequest request;
  for (std::string& hash : Ready(options_.book->Unsent()))
    if (static_cast<size_t>(request.hashes_size()) < kMostAsked) request.add_hashes(std::move(hash));
  v1::StatFilesResponse response;
  RETURN_IF_ERROR(Call(&Stub::Stat, request, &response));
  next_ask_ms_ = SteadyMs() + options_.ask_again_ms;
  for (const v1::StatFilesResponse::File& file : response.files()) {
    if (file.answer() == v1::StatFilesResponse::HELD) {
      options_.files->SetDelivered(file.hash(), true);
    } else if (file.answer() == v1::StatFilesResponse::WANTED) {
      wanted->push_back(file);
    } else {
      absl::Status why = file.answer() == v1::StatFilesResponse::REFUSED
                             ? absl::FailedPreconditionError("镇中心不再接收一个文件：内容与记录里的摘要不符")
                             : absl::NotFoundError("镇中心没有本站引用这个文件的记录");
      RETURN_IF_ERROR(LayAside(file.hash(), why));
    }
  }
  for (const v1::StatFilesResponse::File& file : response.wanted()) {
    if (!options_.files->Has(file.hash())) continue;
    options_.files->SetDelivered(file.hash(), false);
    bool listed = std::any_of(wanted->begin(), wanted->end(), [&](const auto& f) { return f.hash() == file.hash(); });
    if (!listed && !Ready({file.hash()}).empty()) wanted->push_back(file);
  }
  return absl::OkStatus();
}

absl::Status FileTransfer::Send(const std::string& hash, const v1::FilePosition& start) {
  ASSIGN_OR_RETURN(PieceMap map, options_.files->MapOf(hash));  // holds the file against its hash first
  v1::FilePosition at = start;
  for (int setbacks = 0; !at.whole();) {
    if (setbacks > kMostSetbacks) return Setback();
    v1::PutPieceRequest request;
    request.set_hash(hash);
    request.set_hash_algorithm(kSha256);
    if (!at.started()) {
      request.set_size(map.size);
      for (const std::string& one : map.hashes) request.mutable_piece_hashes()->append(one);
    }
    uint32_t size = map.PieceBytes(at.piece());
    if (at.offset() >= size) return absl::InvalidArgumentError("镇中心要的是文件里没有的一段");
    request.set_piece(at.piece());
    request.set_offset(at.offset());
    size_t length = std::min<size_t>(pace_.bytes(), size - at.offset());
    uint64_t from = uint64_t{at.piece()} * kPieceBytes + at.offset();
    ASSIGN_OR_RETURN(*request.mutable_data(), options_.files->ReadSlice(hash, from, length));
    v1::PutPieceResponse response;
    int64_t began = SteadyMs();
    RETURN_IF_ERROR(Call(&Stub::PutPiece, request, &response));
    pace_.OnAnswer(length, SteadyMs() - began);
    const v1::FilePosition& next = response.at();
    bool moved = next.whole() || std::pair(next.piece(), next.offset()) > std::pair(at.piece(), at.offset());
    if (!moved) ++setbacks;
    at = next;
    absl::MutexLock lock(&mutex_);
    state_.bytes_up += length;
    if (!response.damaged().empty()) state_.trouble = response.damaged();
  }
  options_.files->SetDelivered(hash, true);
  return absl::OkStatus();
}

absl::Status FileTransfer::Fetch(const std::string& hash) {
  Position at = options_.files->At(hash);
  for (int setbacks = 0; !at.whole;) {
    if (setbacks > kMostSetbacks) return Setback();
    v1::GetPieceRequest request;
    request.set_hash(hash);
    request.set_with_hashes(!at.started);
    request.set_piece(at.piece);
    request.set_offset(at.offset);
    request.set_length(static_cast<uint32_t>(std::min<size_t>(pace_.bytes(), kPieceBytes - at.offset)));
    v1::GetPieceResponse response;
    int64_t began = SteadyMs();
    RETURN_IF_ERROR(Call(&Stub::GetPiece, request, &response));
    pace_.OnAnswer(response.data().size(), SteadyMs() - began);
    Position before = at;
    absl::Status status = TakePart(hash, response, &at);
    if (!status.ok() && !absl::IsDataLoss(status)) return status;
    bool moved = at.whole || std::pair(at.piece, at.offset) > std::pair(before.piece, before.offset);
    if (!moved) ++setbacks;
    absl::MutexLock lock(&mutex_);
    state_.bytes_down += response.data().size();
    if (!status.ok()) state_.trouble = TroubleOf(status);
  }
  options_.files->SetDelivered(hash, true);  // it came from there
  return absl::OkStatus();
}

absl::Status FileTransfer::TakePart(const std::string& hash, const v1::GetPieceResponse& part, Position* at) {
  if (part.hash_algorithm() != kSha256) return absl::InvalidArgumentError("不认识文件摘要的算法");
  Position asked = *at;
  if (!at->started) {
    ASSIGN_OR_RETURN(PieceMap map, PieceMap::Make(part.size(), part.piece_hashes(), kMostFileBytes));
    std::vector<FileRef> refs = options_.book->RefsOf(hash);
    if (std::none_of(refs.begin(), refs.end(), [&](const FileRef& ref) { return ref.size == map.size; }))
      return absl::InvalidArgumentError("文件大小与记录里写的不符");
    ASSIGN_OR_RETURN(*at, options_.files->Begin(hash, map));
  }
  absl::StatusOr<Position> put = options_.files->Put(hash, asked.piece, asked.offset, part.data());
  *at = put.ok() ? *put : options_.files->At(hash);
  return put.status();
}

}  // namespace liaison

#include "hub/door/attachment_service.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/store/read_failure.h"
#include "hub/door/interests.h"
#include "hub/door/to_grpc.h"

namespace liaison {
namespace {

constexpr char kMethod[] = "/liaison.v1.AttachmentService/PutPiece";  // all three ask for the same certificate
constexpr int kMostAsked = 64;

// A bad disk of the hub is the hub's trouble: a station only tries again later. That it is full a station is told.
grpc::ServerUnaryReactor* End(grpc::CallbackServerContext* context, const ReadWatch& reads,
                              const absl::Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const bool disk = !reads.status().ok() || absl::IsUnknown(status);
  reactor->Finish(ToGrpc(disk ? absl::UnavailableError("镇中心暂时不能读写磁盘，稍后再试") : status));
  return reactor;
}

void SetPosition(const Position& at, v1::FilePosition* out) {
  out->set_whole(at.whole);
  out->set_started(at.started);
  out->set_piece(at.piece);
  out->set_offset(at.offset);
}

// The same words whether the hub has the file or not.
absl::Status NotNamed() { return absl::NotFoundError("镇中心没有本站引用这个文件的记录"); }

}  // namespace

absl::StatusOr<AttachmentService::Interests> AttachmentService::InterestsOfPeer(
    const grpc::CallbackServerContext& context) const {
  ASSIGN_OR_RETURN(Certificate device, admission_->Decide(kMethod, PeerPem(*context.auth_context())));
  std::vector<std::string> subscriptions = SubscriptionsOf(*roster_->Get(), device.name.station);
  return Interests(subscriptions.begin(), subscriptions.end());
}

grpc::ServerUnaryReactor* AttachmentService::Stat(grpc::CallbackServerContext* context,
                                                  const v1::StatFilesRequest* request,
                                                  v1::StatFilesResponse* response) {
  ReadWatch reads;
  absl::StatusOr<Interests> interests = InterestsOfPeer(*context);
  return End(context, reads, interests.ok() ? Answer(*interests, *request, response) : interests.status());
}

grpc::ServerUnaryReactor* AttachmentService::PutPiece(grpc::CallbackServerContext* context,
                                                      const v1::PutPieceRequest* request,
                                                      v1::PutPieceResponse* response) {
  ReadWatch reads;
  absl::StatusOr<Interests> interests = InterestsOfPeer(*context);
  return End(context, reads, interests.ok() ? Take(*interests, *request, response) : interests.status());
}

grpc::ServerUnaryReactor* AttachmentService::GetPiece(grpc::CallbackServerContext* context,
                                                      const v1::GetPieceRequest* request,
                                                      v1::GetPieceResponse* response) {
  ReadWatch reads;
  absl::StatusOr<Interests> interests = InterestsOfPeer(*context);
  return End(context, reads, interests.ok() ? Give(*interests, *request, response) : interests.status());
}

absl::Status AttachmentService::Answer(const Interests& interests, const v1::StatFilesRequest& request,
                                       v1::StatFilesResponse* response) const {
  if (request.hashes_size() > kMostAsked) return absl::InvalidArgumentError(Cat("一次最多问 ", kMostAsked, " 个文件"));
  for (const std::string& hash : request.hashes()) {
    v1::StatFilesResponse::File& file = *response->add_files();
    file.set_hash(hash);
    std::set<uint64_t> sizes;
    if (!book_->NamedIn(hash, interests, &sizes)) {
      file.set_answer(v1::StatFilesResponse::NOT_NAMED);
    } else if (files_->Refuses(hash)) {
      file.set_answer(v1::StatFilesResponse::REFUSED);
    } else {
      Position at = files_->At(hash);
      file.set_answer(at.whole ? v1::StatFilesResponse::HELD : v1::StatFilesResponse::WANTED);
      SetPosition(at, file.mutable_at());
    }
  }
  for (const std::string& hash : book_->LackingIn(interests, kMostAsked)) {
    if (files_->Refuses(hash)) continue;
    v1::StatFilesResponse::File& file = *response->add_wanted();
    file.set_hash(hash);
    file.set_answer(v1::StatFilesResponse::WANTED);
    SetPosition(files_->At(hash), file.mutable_at());
  }
  return absl::OkStatus();
}

absl::Status AttachmentService::Take(const Interests& interests, const v1::PutPieceRequest& request,
                                     v1::PutPieceResponse* response) const {
  std::set<uint64_t> sizes;
  if (!book_->NamedIn(request.hash(), interests, &sizes)) return NotNamed();
  if (request.hash_algorithm() != kSha256) return absl::InvalidArgumentError("不认识文件摘要的算法");
  if (!request.piece_hashes().empty()) {
    if (!sizes.contains(request.size())) return absl::InvalidArgumentError("文件大小与记录里写的不符");
    ASSIGN_OR_RETURN(PieceMap map, PieceMap::Make(request.size(), request.piece_hashes(), kMostFileBytes));
    RETURN_IF_ERROR(files_->Begin(request.hash(), map).status());
  }
  Position at = files_->At(request.hash());
  if (!request.data().empty() && at.started) {
    absl::StatusOr<Position> put = files_->Put(request.hash(), request.piece(), request.offset(), request.data());
    if (!put.ok() && !absl::IsDataLoss(put.status())) return put.status();
    if (!put.ok()) response->set_damaged(std::string(put.status().message()));
    at = put.ok() ? *put : files_->At(request.hash());
  }
  SetPosition(at, response->mutable_at());
  return absl::OkStatus();
}

absl::Status AttachmentService::Give(const Interests& interests, const v1::GetPieceRequest& request,
                                     v1::GetPieceResponse* response) const {
  std::set<uint64_t> sizes;
  if (!book_->NamedIn(request.hash(), interests, &sizes)) return NotNamed();
  if (request.offset() >= kPieceBytes) return absl::InvalidArgumentError("文件没有这一段");
  absl::Status missing = absl::NotFoundError("镇中心现在没有这个文件");
  if (request.with_hashes()) {
    absl::StatusOr<PieceMap> map = files_->MapOf(request.hash());
    if (absl::IsNotFound(map.status()) || absl::IsDataLoss(map.status())) return missing;
    RETURN_IF_ERROR(map.status());
    response->set_size(map->size);
    for (const std::string& hash : map->hashes) response->mutable_piece_hashes()->append(hash);
  }
  response->set_hash_algorithm(kSha256);
  uint64_t at = uint64_t{request.piece()} * kPieceBytes + request.offset();
  size_t length = std::min<size_t>(request.length(), kPieceBytes - request.offset());
  absl::StatusOr<std::string> data = files_->ReadSlice(request.hash(), at, length);
  if (absl::IsNotFound(data.status())) return missing;
  RETURN_IF_ERROR(data.status());
  response->set_data(*std::move(data));
  return absl::OkStatus();
}

}  // namespace liaison

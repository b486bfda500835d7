// AttachmentService over gRPC: stations bring the files that their records name, and fetch those that are named in what
// they may read. Runs under TLS only. Records decide: a file that no live record names is neither taken nor given.
#ifndef LIAISON_HUB_DOOR_ATTACHMENT_SERVICE_H_
#define LIAISON_HUB_DOOR_ATTACHMENT_SERVICE_H_

#include <set>
#include <string>

#include "common/attachments/file_book.h"
#include "common/attachments/file_store.h"
#include "hub/door/admission.h"
#include "liaison/v1/attachments.grpc.pb.h"

namespace liaison {

class AttachmentService : public v1::AttachmentService::CallbackService {
 public:
  // All must outlive the server.
  AttachmentService(const Admission* admission, const RosterCache* roster, FileStore* files, const FileBook* book)
      : admission_(admission), roster_(roster), files_(files), book_(book) {}

  grpc::ServerUnaryReactor* Stat(grpc::CallbackServerContext* context, const v1::StatFilesRequest* request,
                                 v1::StatFilesResponse* response) override;
  grpc::ServerUnaryReactor* PutPiece(grpc::CallbackServerContext* context, const v1::PutPieceRequest* request,
                                     v1::PutPieceResponse* response) override;
  grpc::ServerUnaryReactor* GetPiece(grpc::CallbackServerContext* context, const v1::GetPieceRequest* request,
                                     v1::GetPieceResponse* response) override;

 private:
  using Interests = std::set<std::string>;
  // What the station of the certificate may read.
  absl::StatusOr<Interests> InterestsOfPeer(const grpc::CallbackServerContext& context) const;
  absl::Status Answer(const Interests& interests, const v1::StatFilesRequest& request,
                      v1::StatFilesResponse* response) const;
  absl::Status Take(const Interests& interests, const v1::PutPieceRequest& request,
                    v1::PutPieceResponse* response) const;
  absl::Status Give(const Interests& interests, const v1::GetPieceRequest& request,
                    v1::GetPieceResponse* response) const;

  const Admission* const admission_;
  const RosterCache* const roster_;
  FileStore* const files_;
  const FileBook* const book_;
};

}  // namespace liaison

#endif  // LIAISON_HUB_DOOR_ATTACHMENT_SERVICE_H_

// Photos and scanned files as the pages see them: stored, attached to a matter or a session, listed, shown.
#ifndef LIAISON_COMMON_ATTACHMENTS_FILE_DESK_H_
#define LIAISON_COMMON_ATTACHMENTS_FILE_DESK_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/actions/context.h"
#include "common/api/dispatcher.h"
#include "common/api/viewer.h"
#include "common/attachments/file_book.h"
#include "common/http/server.h"
#include "liaison/v1/file_service.pb.h"

namespace liaison {

// Thread-safe. Messages are Chinese. Files of a record that the caller does not see are kNotFound (api/viewer.h).
class FileDesk {
 public:
  // Both outlive this.
  FileDesk(ServiceContext context, FileStore* files, FileBook* book)
      : context_(std::move(context)), files_(files), book_(book) {}

  // Durable when it returns. Size and type are those of the bytes, whatever the page says of them.
  absl::StatusOr<v1::StoreFileResponse> StoreFile(const v1::StoreFileRequest& request);
  // kFailedPrecondition: the file is not here, or may not go with this record: it is void, of an old ledger, or an
  // accusation, of which nothing is stored.
  absl::StatusOr<v1::AttachFileResponse> AttachFile(const v1::AttachFileRequest& request,
                                                    const Caller& caller = InProcess());
  absl::StatusOr<v1::ListFilesResponse> ListFiles(const v1::ListFilesRequest& request,
                                                  const Caller& caller = InProcess()) const;
  // GET /files/HASH. kNotFound: not the hash of a file that a live record names which the caller sees, or not here.
  absl::StatusOr<http::File> Show(std::string_view hex, const Caller& caller = InProcess()) const;
  v1::FileCounts Counts() const;

  void Register(Dispatcher* dispatcher);
  // Who asks for a file; an error is answered instead of the file. Unset: nobody has to log in.
  using CallerOf = std::function<absl::StatusOr<Caller>(const http::Call& call)>;
  void Register(http::Server* server, CallerOf caller_of = nullptr);

 private:
  v1::FileView View(const Aggregate& root, const RecordId& child) const;

  const ServiceContext context_;
  FileStore* const files_;
  FileBook* const book_;
};

// Under what name a file of this content is offered for saving: the uploader's words, with the ending that the content
// has whatever the uploader's said, and nothing in it that hides or steers. Never empty.
std::string OfferedName(std::string_view name, std::string_view mime);

}  // namespace liaison

#endif  // LIAISON_COMMON_ATTACHMENTS_FILE_DESK_H_

#include "common/attachments/file_desk.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <utility>

#include "common/api/methods.h"
#include "common/api/request.h"
#include "common/attachments/strip.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/crypto/hash.h"
#include "common/record/live.h"
#include "common/record/validate.h"
#include "common/rows/accusation_words.h"
#include "common/rows/tables.h"
#include "common/rules/matter/guards.h"
#include "common/rules/roster/roster.h"
#include "common/store/read_failure.h"
#include "common/store/store.h"

namespace liaison {
namespace {

// The record that holds the files; `entry`: of a visit its own id, else the root.
absl::StatusOr<RecordId> RootOf(std::string_view text, RecordId* entry) {
  RecordId root;
  if (!ParseFullId(text, &root, entry) ||
      (root.type != TypeOf<v1::Matter>().type() && root.type != TypeOf<v1::ReceptionSession>().type()))
    return absl::InvalidArgumentError(Cat("编号“", text, "”不是事项或接待场次"));
  return root;
}

absl::Status CheckVisit(const StoreReader& view, const Aggregate& session, const RecordId& entry) {
  if (entry.type != TypeOf<v1::VisitEntry>().type() || session.Find(entry) == nullptr)
    return absl::NotFoundError("接待登记：没有这一条");
  if (session.VoidOf(entry) == VoidState::kVoid) return absl::FailedPreconditionError("这条记录已作废，不能附文件");
  if (UnwrittenOf(view, session)(entry)) return absl::FailedPreconditionError("检举控告不记录内容，不能附文件");
  return absl::OkStatus();
}

absl::StatusOr<std::string> HashOfHex(std::string_view hex) {
  std::string hash;
  if (Unhex(hex, &hash) && hash.size() == kSha256Size) return hash.substr(0);  // a copy: GCC 12 misreads a move here
  return absl::InvalidArgumentError("文件摘要应为64位十六进制数字");
}

// A file adds to a record and changes nothing in it, so it may also come after a matter was submitted.
absl::Status CheckMayAttach(const ServiceContext& context, const Aggregate& root) {
  if (root.upgrade_needed()) return absl::FailedPreconditionError("这条记录由更新的程序写成，请先升级本机程序");
  if (root.VoidOf({}) == VoidState::kVoid) return absl::FailedPreconditionError("这条记录已作废，不能附文件");
  std::string station;
  bool historical = false;
  if (root.id().type == TypeOf<v1::Matter>().type()) {
    auto matter = Show<v1::Matter>(root);
    if (IsAccusation(matter)) return absl::FailedPreconditionError("检举控告不记录内容，不能附文件");
    station = matter.station_id();
    historical = matter.historical();
  } else {
    auto session = Show<v1::ReceptionSession>(root);
    station = session.station_id();
    historical = session.historical();
  }
  if (historical) return absl::FailedPreconditionError("旧台账的记录只供查阅，不能附文件");
  if (context.IsHub()) return absl::OkStatus();
  std::shared_ptr<const Roster> roster = context.roster->Get();
  std::vector<std::string> may = roster->MayEnterFor(context.station_id);
  if (std::find(may.begin(), may.end(), station) == may.end())
    return absl::PermissionDeniedError(Cat("本站不能给 ", roster->StationName(station), " 的记录附文件"));
  return absl::OkStatus();
}

std::vector<RecordId> LiveRefs(const Aggregate& root) {
  if (root.VoidOf({}) == VoidState::kVoid) return {};
  return LiveChildrenOf<v1::AttachmentRef>(root);
}

// Marks that show nothing, or turn the direction of what follows: U+061C, U+200B to 200F, 202A to 202E, 2066 to 2069,
// FEFF, and the control characters.
bool IsHiddenMark(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

}  // namespace

std::string OfferedName(std::string_view name, std::string_view mime) {
  std::string plain;
  while (!name.empty()) {
    const Char c = NextChar(&name);
    if (IsHiddenMark(c.code)) continue;
    plain += std::string_view("/\\:*?\"<>|").find(c.bytes) == std::string_view::npos ? c.bytes : "_";
  }
  const std::string ending = mime == "application/pdf" ? ".pdf"
                             : mime == "image/jpeg"    ? ".jpg"
                                                       : Cat(".", mime.substr(mime.find('/') + 1));
  auto is_ending = [](std::string_view text) {
    return !text.empty() && text.size() <= 5 &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80 && std::isalnum(c); });
  };
  if (size_t dot = plain.rfind('.'); dot != std::string::npos && is_ending(std::string_view(plain).substr(dot + 1)))
    plain.erase(dot);
  while (!plain.empty() && (plain.back() == '.' || plain.back() == ' ')) plain.pop_back();
  return Cat(plain.empty() ? "附件" : plain, ending);
}

absl::StatusOr<v1::StoreFileResponse> FileDesk::StoreFile(const v1::StoreFileRequest& request) {
  if (request.content().size() > kMostFileBytes) return files_->Add(request.content()).status();
  ASSIGN_OR_RETURN(const std::string content, StripMetadata(request.content()));
  ASSIGN_OR_RETURN(std::string hash, files_->Add(content));
  v1::StoreFileResponse response;
  response.set_hash(Hex(hash));
  response.set_size(static_cast<int64_t>(content.size()));
  response.set_mime(TypeOfFile(content));
  response.set_stripped(content != request.content());
  return response;
}

absl::StatusOr<v1::AttachFileResponse> FileDesk::AttachFile(const v1::AttachFileRequest& request,
                                                            const Caller& caller) {
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  RecordId entry;
  ASSIGN_OR_RETURN(RecordId root, RootOf(request.id(), &entry));
  ASSIGN_OR_RETURN(std::string hash, HashOfHex(request.hash()));
  RecordId child = RecordId::Random(TypeOf<v1::AttachmentRef>().type(), action_id, 0);
  absl::StatusOr<std::string> bytes = files_->Read(hash);
  if (!bytes.ok()) return absl::FailedPreconditionError(Cat("请先上传文件：", bytes.status().message()));
  v1::AttachmentRef ref;
  ref.set_content_hash(hash);
  ref.set_hash_algorithm(kSha256);
  ref.set_size(bytes->size());
  ref.set_mime(TypeOfFile(*bytes));
  ref.set_name(request.name());
  if (!entry.IsRoot()) ref.set_entry(FullId(root, entry));
  RETURN_IF_ERROR(Validate(ref));
  const Viewer viewer = Viewer::Of(caller);
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    std::optional<Aggregate> aggregate = view.Load(root);
    if (!aggregate || !viewer.Sees(view, *aggregate))
      return absl::NotFoundError(Cat("没有编号为 ", request.id(), " 的记录"));
    RETURN_IF_ERROR(CheckMayAttach(context_, *aggregate));
    if (!entry.IsRoot()) RETURN_IF_ERROR(CheckVisit(view, *aggregate, entry));
    for (const RecordId& other : LiveRefs(*aggregate))
      if (liaison::Show<v1::AttachmentRef>(*aggregate, other).content_hash() == hash)
        return absl::FailedPreconditionError("这个文件已经附在这条记录上了");
    Action action;
    action.user = request.user();
    NewOp& op = action.ops.emplace_back();
    op.aggregate = root;
    WritesOf(ref, child, &op.writes, &op.sealed);
    return action;
  };
  ASSIGN_OR_RETURN(Store::Committed committed, context_.store->Commit(action_id, RequestHash(request), build));
  std::optional<Aggregate> aggregate = context_.store->Read().Load(root);
  if (!aggregate) return absl::NotFoundError(Cat("没有编号为 ", request.id(), " 的记录"));
  v1::AttachFileResponse response;
  *response.mutable_file() = View(*aggregate, child);
  response.set_repeated_action(committed.repeated);
  return response;
}

v1::FileView FileDesk::View(const Aggregate& root, const RecordId& child) const {
  auto ref = liaison::Show<v1::AttachmentRef>(root, child);
  v1::FileView view;
  view.set_id(FullId(root.id(), child));
  view.set_hash(Hex(ref.content_hash()));
  view.set_size(static_cast<int64_t>(ref.size()));
  view.set_mime(ref.mime());
  view.set_name(ref.name());
  bool delivered = context_.IsHub() || files_->Delivered(ref.content_hash());
  view.set_state(!files_->Has(ref.content_hash()) ? v1::FILE_AWAITED : delivered ? v1::FILE_DELIVERED : v1::FILE_SAVED);
  return view;
}

absl::StatusOr<v1::ListFilesResponse> FileDesk::ListFiles(const v1::ListFilesRequest& request,
                                                          const Caller& caller) const {
  RecordId entry;
  ASSIGN_OR_RETURN(RecordId root, RootOf(request.id(), &entry));
  const StoreReader reader = context_.store->Read();
  std::optional<Aggregate> aggregate = reader.Load(root);
  if (!aggregate || !Viewer::Of(caller).Sees(reader, *aggregate))
    return absl::NotFoundError(Cat("没有编号为 ", request.id(), " 的记录"));
  const std::function<bool(const RecordId&)> unwritten = UnwrittenOf(reader, *aggregate);
  v1::ListFilesResponse response;
  for (const RecordId& child : LiveRefs(*aggregate))
    if (!unwritten(child)) *response.add_files() = View(*aggregate, child);
  return response;
}

absl::StatusOr<http::File> FileDesk::Show(std::string_view hex, const Caller& caller) const {
  absl::StatusOr<std::string> hash = HashOfHex(hex);
  std::vector<FileRef> refs = hash.ok() ? book_->RefsOf(*hash) : std::vector<FileRef>();
  const StoreReader reader = context_.store->Read();
  const Viewer viewer = Viewer::Of(caller);
  std::erase_if(refs, [&](const FileRef& ref) {
    const std::optional<Aggregate> root = reader.Load(ref.root);
    return !root || !viewer.Sees(reader, *root) || UnwrittenOf(reader, *root)(ref.child);
  });
  if (refs.empty()) return absl::NotFoundError("没有记录引用这个文件");
  ASSIGN_OR_RETURN(std::string bytes, files_->Read(*hash));
  http::File file;
  file.mime = TypeOfFile(bytes);
  // A PDF is saved, not shown: what it may contain is not for this page's origin.
  if (!file.mime.starts_with("image/")) file.filename = OfferedName(refs.front().name, file.mime);
  file.bytes = std::move(bytes);
  return file;
}

v1::FileCounts FileDesk::Counts() const {
  std::vector<std::string> lacking = book_->Lacking();
  std::set<std::string> damaged = files_->Damaged();
  v1::FileCounts counts;
  counts.set_to_send(context_.IsHub() ? 0 : static_cast<int32_t>(book_->Unsent().size()));
  counts.set_to_fetch(static_cast<int32_t>(lacking.size()));
  counts.set_damaged(static_cast<int32_t>(
      std::count_if(lacking.begin(), lacking.end(), [&](const std::string& hash) { return damaged.contains(hash); })));
  return counts;
}

void FileDesk::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "FileService", this, &context_);
  methods.Bind("StoreFile", &FileDesk::StoreFile);
  methods.Bind("AttachFile", &FileDesk::AttachFile);
  methods.Bind("ListFiles", &FileDesk::ListFiles);
}

void FileDesk::Register(http::Server* server, CallerOf caller_of) {
  if (!caller_of) caller_of = [](const http::Call& call) { return Caller{call.user, nullptr, false}; };
  server->Get("/files/", [this, caller_of](const http::Call& call) -> absl::StatusOr<http::File> {
    ASSIGN_OR_RETURN(const Caller caller, caller_of(call));
    ReadWatch reads;
    absl::StatusOr<http::File> file = Show(call.rest, caller);
    RETURN_IF_ERROR(reads.status());
    return file;
  });
}

}  // namespace liaison

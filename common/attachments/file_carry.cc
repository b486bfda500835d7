#include "common/attachments/file_carry.h"

#include <algorithm>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"

namespace liaison {
namespace {

static_assert(kMostPackedFileBytes == kMostFileBytes);

constexpr uint64_t kStickSlack = 1 << 20;    // of a stick's tables and of what lies beside the pack
constexpr uint64_t kHeadSlack = 4 << 10;     // of a pack: what is neither a name nor a file
constexpr size_t kMostTold = 5;              // names in one sentence

std::string LabelOf(const FileBook& book, const std::string& hash) {
  const std::vector<FileRef> refs = book.RefsOf(hash);
  return refs.empty() || refs.front().name.empty() ? Hex(hash.substr(0, 4)) : refs.front().name;
}

// "（甲.jpg、乙.jpg 等）"
std::string Labels(const FileBook& book, const std::vector<std::string>& hashes) {
  std::string text;
  for (size_t i = 0; i < std::min(hashes.size(), kMostTold); ++i)
    text += Cat(i == 0 ? "（" : "、", LabelOf(book, hashes[i]));
  return Cat(text, hashes.size() > kMostTold ? " 等）" : "）");
}

void Tell(const FileBook& book, const std::vector<std::string>& hashes, std::string_view why, TakenFiles* taken) {
  if (!hashes.empty())
    taken->problems.push_back(Cat("照片和文件有 ", hashes.size(), " 个没有收", Labels(book, hashes), "：", why));
}

}  // namespace

uint64_t FilesBudget(uint64_t wanted, uint64_t room, uint64_t bundle_bytes, const FileStore& files) {
  uint64_t budget = std::min({wanted, kMostPackBytes, files.Room()});
  if (room > 0) budget = std::min(budget, room - std::min(room, bundle_bytes + kStickSlack));
  return budget;
}

absl::StatusOr<PackedCounts> PackFiles(FileStore* files, const std::vector<std::string>& hashes, uint64_t budget,
                                       FilePackOrder order, const std::string& path) {
  FilePackDirectory& directory = order.directory;
  if (directory.held.size() > kMostPackedNames) {
    directory.held.resize(kMostPackedNames);
    directory.complete = false;
  }
  PackedCounts counts;
  counts.bytes = kHeadSlack + directory.held.size() * kSha256Size;
  if (counts.bytes > budget) return absl::ResourceExhaustedError("放不下照片和文件");
  for (const std::string& hash : hashes) {
    const absl::StatusOr<uint64_t> size = files->SizeOf(hash);  // what does not fit is not read
    if (!size.ok()) continue;
    const uint64_t length = BoxLength(*size) + kSha256Size + 4;
    if (directory.files.size() == kMostPackedNames || counts.bytes + length > budget) {
      ++counts.left;
      counts.left_bytes += *size;
      continue;
    }
    if (!files->Read(hash).ok()) continue;  // set aside: it comes again from the other side
    directory.files.push_back({hash, *size});
    counts.bytes += length;
  }
  counts.files = directory.files.size();
  order.bytes_of = [files](const PackedFile& file) { return files->Read(file.hash); };
  RETURN_IF_ERROR(WriteFilePack(path, order));
  ASSIGN_OR_RETURN(std::unique_ptr<FilePackReader> made, FilePackReader::Open(path));
  counts.bytes = made->file_bytes();
  return counts;
}

absl::StatusOr<TakenFiles> TakeFiles(FileStore* files, const FileBook& book, const std::string& path,
                                     std::string_view name, std::string_view maker_key, const KeyPair& keys) {
  ASSIGN_OR_RETURN(std::unique_ptr<FilePackReader> pack, FilePackReader::Open(path));
  if (pack->start().name != name) return absl::InvalidArgumentError("照片文件包不是这个数据包的，请把两个文件一起重新复制");
  RETURN_IF_ERROR(pack->CheckMaker(maker_key));
  ASSIGN_OR_RETURN(FilePackDirectory directory, pack->Directory(keys));
  TakenFiles taken;
  taken.files = directory.files.size();
  taken.held = directory.held;
  taken.complete = directory.complete;
  std::vector<std::string> damaged, unnamed, refused;
  for (size_t i = 0; i < directory.files.size(); ++i) {
    const std::string& hash = directory.files[i].hash;
    if (!files->Has(hash)) {
      if (book.RefsOf(hash).empty()) {
        unnamed.push_back(hash);
        continue;
      }
      absl::StatusOr<std::string> bytes = pack->File(keys, directory, i);
      if (!bytes.ok()) {
        damaged.push_back(hash);
        continue;
      }
      absl::Status added = files->Add(*bytes).status();
      if (absl::IsInvalidArgument(added)) {
        refused.push_back(hash);
        continue;
      }
      if (!added.ok()) {
        taken.problems.push_back(Cat("还有 ", taken.files - i, " 个照片和文件没有收：", StdView(added.message())));
        break;
      }
      ++taken.fresh;
    }
    taken.here.push_back(hash);
  }
  Tell(book, damaged, "已损坏，或者没有复制完；下次导出会再带", &taken);
  Tell(book, refused, "不是照片或 PDF", &taken);
  Tell(book, unnamed, "这里没有记录引用它们", &taken);
  return taken;
}

bool PackBeside(FileStore* files, const std::vector<std::string>& hashes, const v1::ExportBundleRequest& request,
                FilePackOrder order, const std::string& path, v1::ExportBundleResponse* response) {
  const uint64_t budget = FilesBudget(static_cast<uint64_t>(request.files_bytes()),
                                      static_cast<uint64_t>(std::max<int64_t>(request.room(), 0)),
                                      static_cast<uint64_t>(response->bytes()), *files);
  absl::StatusOr<PackedCounts> packed = PackFiles(files, hashes, budget, std::move(order), path);
  if (!packed.ok()) {
    response->set_files_left(static_cast<int64_t>(hashes.size()));
    response->add_notes(Cat("照片和文件 ", hashes.size(), " 个没有带上：", StdView(packed.status().message())));
    return false;
  }
  response->set_files(static_cast<int64_t>(packed->files));
  response->set_files_bytes(static_cast<int64_t>(packed->bytes));
  response->set_files_left(static_cast<int64_t>(packed->left));
  if (packed->left > 0)
    response->add_notes(Cat("照片和文件还有 ", packed->left, " 个（", (packed->left_bytes >> 10) + 1,
                            " KB）这次放不下，下次再带"));
  return true;
}

std::optional<TakenFiles> TakeBeside(FileStore* files, const FileBook& book, const std::string& path,
                                     std::string_view name, std::string_view maker_key, const KeyPair& keys,
                                     v1::ImportBundleResponse* response) {
  absl::StatusOr<TakenFiles> taken = TakeFiles(files, book, path, name, maker_key, keys);
  if (!taken.ok()) {
    response->add_problems(Cat("照片和文件没有收：", StdView(taken.status().message())));
    return std::nullopt;
  }
  response->set_files(static_cast<int64_t>(taken->files));
  response->set_files_new(static_cast<int64_t>(taken->fresh));
  for (const std::string& problem : taken->problems) response->add_problems(problem);
  return *std::move(taken);
}

}  // namespace liaison

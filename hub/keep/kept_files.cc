#include "hub/keep/kept_files.h"

#include <algorithm>
#include <filesystem>

#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/daemon/daemon.h"
#include "common/daemon/rest.h"

namespace liaison {
namespace {

constexpr char kListEnding[] = ".filelist";
constexpr size_t kMostNamed = 5;  // in one sentence

std::string ListPath(const std::string& records_path) {
  return std::filesystem::path(records_path).replace_extension(kListEnding).string();
}

std::string PackFolder(const std::string& records_path, std::string_view hash) {
  return Cat(FolderOf(records_path), "/files/", Hex(hash).substr(0, 2));
}

std::string PackPath(const std::string& records_path, std::string_view hash, std::string_view key_id) {
  return Cat(PackFolder(records_path, hash), "/", Hex(hash), "-", Hex(key_id), ".files");
}

absl::StatusOr<std::unique_ptr<FilePackReader>> OpenPack(const std::string& path, std::string_view hash,
                                                         std::string_view key_id) {
  ASSIGN_OR_RETURN(std::unique_ptr<FilePackReader> pack, FilePackReader::Open(path));
  const FilePackStart& start = pack->start();
  if (start.use != FilePackUse::kBackup || start.name != hash || start.recipient_key_id != key_id)
    return absl::DataLossError("是别的文件");
  return pack;
}

// Opens it and holds the bytes against their hash.
absl::StatusOr<std::string> ReadPack(const std::string& path, const PackedFile& file, const KeyPair& key) {
  ASSIGN_OR_RETURN(std::unique_ptr<FilePackReader> pack, OpenPack(path, file.hash, KeyId(key.public_key)));
  ASSIGN_OR_RETURN(FilePackDirectory directory, pack->Directory(key));
  if (directory.files.size() != 1 || directory.files.front().hash != file.hash) return absl::DataLossError("是别的文件");
  ASSIGN_OR_RETURN(std::string bytes, pack->File(key, directory, 0));
  RETURN_IF_ERROR(pack->CheckWhole());
  return bytes;
}

absl::StatusOr<FileList> ReadList(const std::string& records_path, const std::string& archive_id) {
  const std::string path = ListPath(records_path);
  ASSIGN_OR_RETURN(std::string bytes, ReadFile(path));
  absl::StatusOr<FileList> list = DecodeFileList(bytes);
  if (!list.ok()) return absl::Status(list.status().code(), Cat("文件 ", path, "：", StdView(list.status().message())));
  if (list->archive_id != archive_id) return absl::DataLossError(Cat("文件 ", path, " 不是这份备份的目录"));
  return list;
}

absl::Status WriteOne(const std::string& path, const std::string& bytes, const PackedFile& file, const KeyPair& key,
                      Random* random) {
  FilePackOrder order;
  order.use = FilePackUse::kBackup;
  order.name = file.hash;
  order.recipient_key = key.public_key;
  order.maker_key_id = KeyId(key.public_key);
  order.directory.files = {file};
  order.bytes_of = [&bytes](const PackedFile&) { return bytes; };
  order.sign = [&key](std::string_view text) {
    return sync::Seal{KeyId(key.public_key), key.algorithm, Sign(key, text)};
  };
  order.random = random;
  RETURN_IF_ERROR(MakeFolder(FolderOf(path)));
  RETURN_IF_ERROR(WriteFilePack(path, order));
  return ReadPack(path, file, key).status();  // read back
}

std::string Some(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kMostNamed); ++i) text += Cat(i == 0 ? "" : "、", names[i]);
  return names.size() > kMostNamed ? text + " 等" : text;
}

}  // namespace

absl::StatusOr<KeptFiles> KeepFiles(FileStore* files, const FileBook& book, const KeyPair& key, Random* random,
                                    const std::string& archive_id, const std::string& records_path) {
  KeptFiles kept;
  FileList list;
  list.archive_id = archive_id;
  list.key_id = KeyId(key.public_key);
  const std::vector<std::string> held = book.Held();
  kept.lacking = list.lacking = book.Lacking().size();
  if (held.empty() && list.lacking == 0) return kept;
  for (size_t i = 0; i < held.size(); ++i) {
    absl::StatusOr<std::string> bytes = files->Read(held[i]);
    if (!bytes.ok()) {  // set aside, or it cannot be read now
      kept.lacking = ++list.lacking;
      continue;
    }
    const PackedFile file{held[i], bytes->size()};
    const std::string path = PackPath(records_path, file.hash, list.key_id);
    if (!ReadPack(path, file, key).ok()) {
      if (absl::Status wrote = WriteOne(path, *bytes, file, key, random); !wrote.ok()) {
        kept.problems.push_back(
            Cat("照片和文件还有 ", held.size() - i, " 个没有备份：", StdView(wrote.message())));
        break;
      }
      ++kept.fresh;
    }
    list.files.push_back(file);
  }
  kept.files = list.files.size();
  RETURN_IF_ERROR(WriteFileAtomically(ListPath(records_path), EncodeFileList(list)));
  return kept;
}

absl::StatusOr<KeptFiles> CheckKeptFiles(const std::string& records_path, const std::string& archive_id,
                                         CheckedPacks* checked) {
  KeptFiles kept;
  absl::StatusOr<FileList> list = ReadList(records_path, archive_id);
  if (absl::IsNotFound(list.status())) return kept;
  RETURN_IF_ERROR(list.status());
  kept.files = list->files.size();
  kept.lacking = list->lacking;
  std::vector<std::string> damaged;
  for (const PackedFile& file : list->files) {
    const std::string path = PackPath(records_path, file.hash, list->key_id);
    auto [it, fresh] = checked->emplace(path, false);
    if (fresh) {
      absl::StatusOr<std::unique_ptr<FilePackReader>> pack = OpenPack(path, file.hash, list->key_id);
      it->second = pack.ok() && (*pack)->CheckWhole().ok();
    }
    if (!it->second) damaged.push_back(path);
  }
  kept.damaged = damaged.size();
  if (!damaged.empty())
    kept.problems.push_back(Cat("照片和文件有 ", damaged.size(), " 个已损坏或不见了（", Some(damaged),
                                "）；在镇中心再备份一次，会重新写"));
  return kept;
}

KeptFiles BringFilesBack(const std::string& records_path, const std::string& archive_id, const std::string& dir) {
  KeptFiles kept;
  absl::StatusOr<FileList> list = ReadList(records_path, archive_id);
  if (absl::IsNotFound(list.status())) return kept;
  auto trouble = [&](const absl::Status& why) {
    kept.problems.push_back(
        Cat("照片和文件有 ", kept.files - kept.fresh - kept.damaged, " 个没有恢复：", StdView(why.message())));
    return kept;
  };
  if (!list.ok()) {  // nobody knows how many
    kept.problems.push_back(Cat("照片和文件都没有恢复：", StdView(list.status().message())));
    return kept;
  }
  kept.files = list->files.size();
  kept.lacking = list->lacking;
  if (kept.files == 0) return kept;
  std::error_code error;
  if (!std::filesystem::exists(KeyPath(dir), error))
    return trouble(absl::NotFoundError("没有密钥文件（.keys），打不开它们"));
  absl::StatusOr<KeyPair> key = LoadKeyPair(KeyPath(dir));
  if (!key.ok()) return trouble(key.status());
  FileStore::Options options;
  options.dir = dir + "/files";
  options.reserve_bytes = 0;
  absl::StatusOr<VaultPtr> vault = OpenVault(dir);
  if (vault.ok()) options.vault = *vault;
  if (!vault.ok() && !absl::IsNotFound(vault.status())) return trouble(vault.status());
  absl::StatusOr<std::unique_ptr<FileStore>> files = FileStore::Open(std::move(options));
  if (!files.ok()) return trouble(files.status());
  std::vector<std::string> damaged;
  for (const PackedFile& file : list->files) {
    const std::string path = PackPath(records_path, file.hash, list->key_id);
    absl::StatusOr<std::string> bytes = ReadPack(path, file, *key);
    if (!bytes.ok()) {
      damaged.push_back(path);
      kept.damaged = damaged.size();
      continue;
    }
    if (absl::Status added = (*files)->Add(*bytes).status(); !added.ok()) return trouble(added);
    ++kept.fresh;
  }
  if (!damaged.empty())
    kept.problems.push_back(Cat("照片和文件有 ", damaged.size(), " 个已损坏或不见了，没有恢复（", Some(damaged),
                                "）；有它们的站点连上来会再送"));
  return kept;
}

}  // namespace liaison

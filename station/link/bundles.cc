#include "station/link/bundles.h"

#include <algorithm>

#include "common/api/methods.h"
#include "common/attachments/file_carry.h"
#include "common/base/log.h"
#include "common/base/progress.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/message_codec.h"
#include "station/link/station_port.h"

namespace liaison {
namespace {

constexpr int kMostTries = 8;                            // while the link moves the same cursor
constexpr char kKnownMeta[] = "bundle-abandoned-known";  // epoch:string and hash:string of a set that the hub holds

std::string KnownSet(std::string_view epoch, std::string_view hash) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.String(epoch);
  out.String(hash);
  return bytes;
}

}  // namespace

// ---------------------------------------------------------------- export

// Bytes and keys of a batch may be more than a message holds: then it goes in several, each with all names.
absl::Status StationBundles::AddAbandoned(bool full, BundleWriter* writer, v1::ExportBundleResponse* response) const {
  const Store& store = *options_.store;
  const Store::Abandoned all = store.abandoned();
  std::string known = store.GetMeta(kKnownMeta).value_or("");
  if (all.count == 0 || (!full && ByteReader(known).String() != "" && known.ends_with(all.hash)))
    return absl::OkStatus();
  StoreReader records = store.Read();
  std::string at;
  for (std::optional<sync::FeedBatch> next = store.NextAbandoned(&at); next;) {
    sync::Offer offer{*std::move(next), ""};
    next = store.NextAbandoned(&at);
    sync::FeedBatch& batch = offer.batch;
    for (size_t i = 0, bytes = 0; i < batch.items.size(); ++i) {
      const sync::FeedItem& item = batch.items[i];
      if (item.kind == sync::ItemKind::kOp)
        batch.ops[i] = records.OpBytes(item.name.actor, item.name.seq, TagOf(item.name.hash)).value_or("");
      if (RecordId visitor; item.kind == sync::ItemKind::kKey && RecordIdFromBytes(item.aggregate, &visitor))
        if (auto key = records.VisitorKey(visitor, item.key_id)) batch.keys.push_back(*std::move(key));
      bytes += batch.ops[i].size();
      if (bytes < kBundlePartBytes || i + 1 == batch.items.size()) continue;
      RETURN_IF_ERROR(writer->Add(offer));
      bytes = 0;
      batch.ops.assign(batch.items.size(), "");
      batch.keys.clear();
    }
    if (!next) offer.set = all.hash;
    RETURN_IF_ERROR(writer->Add(offer));
  }
  response->add_notes(Cat("另附镇中心恢复旧备份时可能丢失的内容 ", all.count, " 条，供镇中心找回"));
  return absl::OkStatus();
}

// Records go whatever happens to the files.
void StationBundles::AddFiles(const v1::ExportBundleRequest& request, const BundleHeader& header,
                              v1::ExportBundleResponse* response) const {
  if (request.files_bytes() <= 0 || !options_.book->AnyNamed()) return;
  std::vector<std::string> hashes = options_.files->OldestFirst(options_.book->Unsent());
  FilePackOrder order;
  order.directory.held = options_.book->Held();
  order.directory.complete = true;
  if (request.full())
    for (std::string& hash : options_.files->OldestFirst(order.directory.held))
      if (options_.files->Delivered(hash)) hashes.push_back(std::move(hash));
  order.use = FilePackUse::kToHub;
  order.name = header.bundle_id;
  order.recipient_key = options_.hub_public_key;
  order.maker_key_id = header.seal.key_id;
  order.sign = options_.store->options().sign;
  order.random = options_.store->options().random;
  const std::string name = NewSpoolName(order.random);
  absl::StatusOr<std::string> path = SpoolPath(options_.dir, name);
  if (path.ok() && PackBeside(options_.files, hashes, request, std::move(order), *path, response))
    response->set_files_spool(name);
}

absl::StatusOr<v1::ExportBundleResponse> StationBundles::Export(const v1::ExportBundleRequest& request) {
  absl::MutexLock lock(&mutex_);
  if (!request.station_id().empty() && request.station_id() != options_.station_id)
    return absl::InvalidArgumentError(Cat("这里是站点 ", options_.station_id, "，只能导出本站交给镇中心的数据包"));
  if (options_.hub_public_key.empty()) return absl::FailedPreconditionError("本站还没有镇中心的公钥，请重新办理入网");
  Store* store = options_.store;
  Random* random = store->options().random;
  BundleHeader header;
  header.direction = BundleDirection::kToHub;
  header.bundle_id = random->Bytes(16);
  header.station = options_.station_id;
  header.machine_id = options_.machine_id;
  header.wall_ms = store->options().clock->NowMs();
  header.cursors = store->FeedHeads();
  header.tip = store->tip();
  header.archive_id = store->KnownArchive();
  header.seal.key_id = KeyId(options_.key.public_key);
  header.seal.algorithm = options_.key.algorithm;
  v1::ExportBundleResponse response;
  response.set_spool(NewSpoolName(random));
  ASSIGN_OR_RETURN(std::string path, SpoolPath(options_.dir, response.spool()));
  ASSIGN_OR_RETURN(std::unique_ptr<BundleWriter> writer,
                   BundleWriter::Create(SpoolFolder(options_.dir), header, options_.hub_public_key, random));
  ProgressScope progress("导出数据包", "条", request.full() ? 0 : static_cast<int64_t>(store->pending_ops()));
  for (const Store::OwnLog& log : store->OwnLogs()) {
    for (uint64_t next = request.full() ? 1 : log.acked_seq + 1; next <= log.last_seq;) {
      ASSIGN_OR_RETURN(sync::Range range, store->ReadRange(log.actor, next, kBundlePartBytes));
      RETURN_IF_ERROR(writer->Add(range));
      response.set_ops(response.ops() + static_cast<int64_t>(range.ops.size()));
      progress.Add(static_cast<int64_t>(range.ops.size()));
      next = range.last + 1;
    }
  }
  RETURN_IF_ERROR(AddAbandoned(request.full(), writer.get(), &response));
  ASSIGN_OR_RETURN(header, writer->Finish(path, store->options().sign));
  response.set_file_name(BundleFileName(header));
  response.set_station_id(options_.station_id);
  response.set_bytes(static_cast<int64_t>(EncodeBundleHeader(header).size() + header.body_length));
  LogInfo(Cat("已做好数据包 ", response.file_name(), "：操作 ", response.ops(), " 条，公共与站点内容 ", response.items(),
              " 项，回执 ", response.receipts(), " 个"));
  AddFiles(request, header, &response);
  return response;
}

// ---------------------------------------------------------------- import

// The bundle is sealed to another. Whose maker is known here is checked all the same.
absl::Status StationBundles::Carry(const std::string& path, const BundleReader& reader) const {
  const BundleHeader& header = reader.header();
  if (header.direction == BundleDirection::kToStation && header.seal.key_id == KeyId(options_.hub_public_key))
    RETURN_IF_ERROR(reader.CheckMaker(options_.hub_public_key));
  std::shared_ptr<const Roster> roster = options_.roster->Get();
  for (const auto& [id, node] : roster->nodes) {
    if (header.direction != BundleDirection::kToHub || header.seal.key_id != KeyId(node.public_key())) continue;
    if (node.revoked()) return absl::PermissionDeniedError(Cat("做这个数据包的设备 ", id, " 已被吊销，不代转"));
    RETURN_IF_ERROR(reader.CheckMaker(node.public_key()));
  }
  return CarryBundle(options_.dir, path, header);
}

// Everything that can be told without the store: that the hub made it for this station, and signed each piece.
absl::Status StationBundles::Check(const BundleReader& reader, sync::Welcome* hub) const {
  const BundleHeader& header = reader.header();
  if (header.seal.key_id != KeyId(options_.hub_public_key))
    return absl::UnauthenticatedError("这个数据包不是本镇中心做的，或者已损坏");
  RETURN_IF_ERROR(reader.CheckMaker(options_.hub_public_key));
  if (header.direction != BundleDirection::kToStation || header.station != options_.station_id)
    return absl::InvalidArgumentError(Cat("这个数据包是给站点 ", header.station, " 的"));
  BundleVisitor visitor;
  visitor.range = [](const sync::Range&) { return absl::InvalidArgumentError("数据包有误：下行数据包里有上行内容"); };
  visitor.offer = [](const sync::Offer&) { return absl::InvalidArgumentError("数据包有误：下行数据包里有上行内容"); };
  visitor.welcome = [&](sync::Welcome welcome) {
    if (welcome.epoch == header.epoch) *hub = std::move(welcome);
    return absl::OkStatus();
  };
  visitor.batch = [this](const sync::FeedBatch& batch) -> absl::Status {
    if (batch.items.empty() || batch.ops.size() != batch.items.size() || batch.last - batch.first != batch.items.size())
      return absl::InvalidArgumentError("数据包有误：条数不符，请镇中心重新导出");
    return CheckBatchSeal(options_.hub_public_key, batch);
  };
  visitor.receipt = [this](const sync::Ack& ack) {
    return Verify(ack.seal.algorithm, options_.hub_public_key, AckSigningBytes(ack), ack.seal.signature).ok()
               ? absl::OkStatus()
               : absl::UnauthenticatedError("数据包里的回执不是本镇中心签的");
  };
  return reader.Read(options_.key, visitor);
}

bool StationBundles::Taking::Knows(const std::string& epoch) const {
  auto same = [&](const sync::EpochMark& mark) { return mark.epoch == epoch; };
  return epoch == hub.epoch || std::any_of(hub.lineage.begin(), hub.lineage.end(), same);
}

// What a session does behind such a welcome. First receipts are lowered, then feeds go back: a crash between the two
// leaves the evidence. The receipts that the hub can still give stand at the end of the same file.
absl::Status StationBundles::FollowRestore(const BundleHeader& header, const Taking& taking) {
  Store* store = options_.store;
  std::vector<sync::Cursor> back;
  bool restored = !taking.hub.archive_contained;
  for (const sync::Cursor& head : header.cursors) {
    std::optional<sync::Cursor> here = store->FeedHead(head.interest);
    if (!here || !taking.Restored(here->epoch)) continue;
    restored = true;
    if (head.position <= here->position && store->FeedPrefix(head.interest, head.position) == head.prefix)
      back.push_back({head.interest, taking.hub.epoch, head.position, head.prefix});
  }
  if (!restored) return absl::OkStatus();
  for (const Store::OwnLog& log : store->OwnLogs())
    if (log.acked_seq > 0) RETURN_IF_ERROR(store->RecordAck({.tip = {log.actor, 0, ""}}, true));
  RETURN_IF_ERROR(store->RecordAck({.epoch = header.epoch, .level = sync::AckLevel::kArchived}, true));
  for (const sync::Cursor& cursor : back) RETURN_IF_ERROR(store->RewindFeed(cursor));
  return absl::OkStatus();
}

// To the last item of the batch that this disk has too. False: the hub was not restored, or there is none.
absl::StatusOr<bool> StationBundles::GoBack(const sync::FeedBatch& batch, const sync::Cursor& cursor,
                                            const Taking& taking) {
  Store* store = options_.store;
  if (!taking.Restored(cursor.epoch) || store->FeedPrefix(batch.interest, batch.first) != batch.prefix_before)
    return false;
  sync::Cursor common{batch.interest, taking.hub.epoch, batch.first, batch.prefix_before};
  for (const sync::FeedItem& item : batch.items) {
    std::string prefix = FeedNext(common.prefix, item);
    if (store->FeedPrefix(batch.interest, common.position + 1) != prefix) break;
    common.prefix = std::move(prefix);
    ++common.position;
  }
  RETURN_IF_ERROR(store->RewindFeed(common));
  return true;
}

absl::Status StationBundles::TakeBatch(const sync::FeedBatch& batch, Taking* taking) {
  v1::ImportBundleResponse* response = taking->response;
  response->set_items(response->items() + static_cast<int64_t>(batch.items.size()));
  if (taking->resting.contains(batch.interest)) return absl::OkStatus();
  auto rest = [&](const std::string& why) {
    taking->resting.insert(batch.interest);
    response->add_problems(Cat(FeedLabel(batch.interest), "：", why));
    return absl::OkStatus();
  };
  absl::Status status;
  std::optional<sync::Cursor> refused;  // where the batch does not lead on from
  for (int tries = 0; tries < kMostTries; ++tries) {
    sync::Cursor cursor{batch.interest, "", 0, FeedStart(batch.interest)};
    if (std::optional<sync::Cursor> head = options_.store->FeedHead(batch.interest)) cursor = *std::move(head);
    if (batch.first > cursor.position)
      return rest(Cat("缺少第 ", cursor.position + 1, " 至 ", batch.first,
                      " 条，没有收。请先导入较早的数据包，或在本站导出一份交镇中心重做，或请镇中心用 --full 导出"));
    std::optional<std::string> here;
    if (batch.last <= cursor.position) here = options_.store->FeedPrefix(batch.interest, batch.last);
    if (here && *here == batch.prefix_after) return absl::OkStatus();  // known
    if (here || refused == cursor) {
      ASSIGN_OR_RETURN(bool back, GoBack(batch, cursor, *taking));
      if (back) continue;
      return rest(
          "本站收到的与镇中心的不一致（镇中心可能恢复过备份，或者这是恢复之前的旧数据包），没有收。请联网一次核对");
    }
    status = options_.store->ApplyFeedBatch(batch);
    if (status.ok())
      response->set_items_new(response->items_new() + static_cast<int64_t>(batch.last - cursor.position));
    if (!absl::IsFailedPrecondition(status)) break;
    refused = std::move(cursor);  // unless the link was faster
  }
  return absl::IsInvalidArgument(status) ? rest(Cat("内容有误，没有收（", StdView(status.message()), "）")) : status;
}

absl::Status StationBundles::TakeReceipt(const sync::Ack& ack, Taking* taking) {
  taking->response->set_receipts(taking->response->receipts() + 1);
  absl::Status status;
  if (ack.gap) {
    // The hub has been shown ops that do not follow what it has: what was noted before is more than it holds.
    for (const Store::OwnLog& log : options_.store->OwnLogs())
      if (log.actor == ack.gap->actor && log.acked_seq > ack.gap->seq) {
        sync::Ack lower = ack;
        lower.tip = *ack.gap;
        RETURN_IF_ERROR(options_.store->RecordAck(lower, true));
      }
    return absl::OkStatus();
  }
  status = options_.store->RecordAck(ack);
  if (!absl::IsFailedPrecondition(status)) return status;
  taking->response->add_problems(std::string(status.message()));
  return absl::OkStatus();
}

// Also what the hub says that it has: those go no more. What it says nothing of any more goes again.
void StationBundles::ImportFiles(const std::string& path, const BundleHeader& header,
                                 v1::ImportBundleResponse* response) const {
  if (path.empty()) return;
  std::optional<TakenFiles> taken = TakeBeside(options_.files, *options_.book, path, header.bundle_id,
                                               options_.hub_public_key, options_.key, response);
  if (!taken) return;
  std::set<std::string> held(taken->held.begin(), taken->held.end());
  held.insert(taken->here.begin(), taken->here.end());
  for (const std::string& hash : options_.book->Held())
    if (taken->complete || held.contains(hash)) options_.files->SetDelivered(hash, held.contains(hash));
}

absl::StatusOr<v1::ImportBundleResponse> StationBundles::Import(const v1::ImportBundleRequest& request) {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(std::string path, SpoolPath(options_.dir, request.spool()));
  SpoolFile spool(path);
  ASSIGN_OR_RETURN(std::string files_path, SpoolPathOrNone(options_.dir, request.files_spool()));
  SpoolFile files_spool(files_path);
  ASSIGN_OR_RETURN(std::unique_ptr<BundleReader> reader, OpenWholeBundle(path));
  const BundleHeader& header = reader->header();
  v1::ImportBundleResponse response;
  response.set_file_name(BundleFileName(header));
  response.set_station_id(header.station);
  response.set_made_ms(header.wall_ms);
  std::string own = KeyId(options_.key.public_key);
  response.set_own(header.seal.key_id == own);
  if (response.own()) return response;  // on a stick that comes back it lies beside what the hub has put there
  if (header.recipient_key_id != own) {
    RETURN_IF_ERROR(Carry(path, *reader));
    response.set_carried(true);
    LogInfo(Cat("已收下替别人捎带的数据包 ", response.file_name()));
    absl::Status files = files_path.empty() ? absl::OkStatus() : CarryFiles(options_.dir, files_path, header);
    if (!files.ok()) response.add_problems(Cat("旁边的照片和文件没有代转：", StdView(files.message())));
    return response;
  }
  Taking taking{&response, {}, {}};
  RETURN_IF_ERROR(Check(*reader, &taking.hub));
  RETURN_IF_ERROR(FollowRestore(header, taking));
  BundleVisitor visitor;
  ProgressScope progress("导入数据包", "条");
  visitor.batch = [&](const sync::FeedBatch& batch) {
    progress.Add(static_cast<int64_t>(batch.items.size()));
    return TakeBatch(batch, &taking);
  };
  visitor.receipt = [&](const sync::Ack& ack) { return TakeReceipt(ack, &taking); };
  std::string known;
  visitor.known = [&](const sync::FeedAck& ack) {
    std::vector<sync::Cursor> feeds = options_.store->FeedHeads();
    bool old = std::any_of(feeds.begin(), feeds.end(), [&](const auto& feed) { return !taking.Knows(feed.epoch); });
    if (!old) known = KnownSet(header.epoch, ack.cursor.prefix);  // else of a hub that was restored since
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(reader->Read(options_.key, visitor));
  // Another hub history than the one that said so last may lack it again.
  std::string before = options_.store->GetMeta(kKnownMeta).value_or("");
  if (known.empty() && ByteReader(before).String() == header.epoch) known = before;
  if (known != before) RETURN_IF_ERROR(options_.store->PutMeta(kKnownMeta, known));
  LogInfo(Cat("已收下数据包 ", response.file_name(), "：操作 ", response.ops(), " 条（新的 ", response.ops_new(), " 条），内容 ",
              response.items(), " 项（新的 ", response.items_new(), " 项），回执 ", response.receipts(), " 个，问题 ",
              response.problems_size(), " 个"));
  ImportFiles(files_path, header, &response);
  return response;
}

void StationBundles::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "BundleService", this);
  methods.Bind("ExportBundle", &StationBundles::Export);
  methods.Bind("ImportBundle", &StationBundles::Import);
}

}  // namespace liaison

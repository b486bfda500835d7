#include "hub/door/bundles.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/api/methods.h"
#include "common/attachments/file_carry.h"
#include "common/base/log.h"
#include "common/base/progress.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/message_codec.h"
#include "common/codec/op_codec.h"
#include "common/crypto/hash.h"
#include "common/store/keys.h"
#include "hub/door/hub_port.h"
#include "hub/door/interests.h"

namespace liaison {
namespace {

constexpr size_t kApplyBytes = 1 << 20;  // in one synced write

std::string MarkMeta(const std::string& device) { return "bundle-" + device; }
std::string FilesMeta(const std::string& device) { return "bundle-files-" + device; }  // {hash:32}*: what it has

// Logs of a station that the hub holds.
std::vector<Actor> ActorsOf(const KvReader& kv, const std::string& station) {
  std::vector<Actor> actors;
  kv.ScanPrefix(key::kChain, [&](std::string_view key, std::string_view) {
    ByteReader in(key.substr(sizeof(key::kChain) - 1));
    if (Actor actor = DecodeActor(&in); in.ok() && actor.station == station) actors.push_back(actor);
    return true;
  });
  return actors;
}

std::string DeviceLabel(const std::string& id, const v1::Node& node) {
  return node.device_name().empty() ? id : Cat(id, "（", node.device_name(), "）");
}

// The range's ops, chained from its first head, end at its last.
absl::Status CheckChain(const sync::Range& range) {
  absl::Status wrong = absl::InvalidArgumentError(
      Cat("数据包有误：第 ", range.first, " 至 ", range.last, " 条与链头不符，请在站点重新导出"));
  if (range.first == 0 || range.ops.empty() || range.last - range.first != range.ops.size() - 1) return wrong;
  if (range.head_before.size() != kHashBytes) return wrong;
  std::string head = range.head_before;
  for (size_t i = 0; i < range.ops.size(); ++i) {
    absl::StatusOr<Op> op = DecodeFrame(range.ops[i]);  // one that cannot be read is for the door to judge
    if (!op.ok() || op->actor != range.actor || op->seq != range.first + i) return wrong;
    if (op->seq == 1 && ChainStart(op->parent) != head) return wrong;
    head = ChainNext(head, op->hash);
  }
  return head == range.head_after ? absl::OkStatus() : wrong;
}

// The last answer of each log; of those that did not follow, the first.
std::vector<sync::Ack> Essence(const std::vector<sync::Ack>& acks) {
  std::map<std::pair<Actor, bool>, sync::Ack> last;
  for (const sync::Ack& ack : acks) {
    if (!ack.gap) last.insert_or_assign({ack.tip.actor, false}, ack);
    if (ack.gap) last.try_emplace({ack.gap->actor, true}, ack);
  }
  std::vector<sync::Ack> essence;
  for (auto& [key, ack] : last) essence.push_back(std::move(ack));
  return essence;
}

uint64_t IgnoredKeysOf(const Store& store, const BundleHeader& header) {
  for (const Store::IgnoredKeys& ignored : store.ignored_keys())
    if (ignored.station == header.station && ignored.key_id == header.seal.key_id) return ignored.count;
  return 0;
}

// What a person is told of a range that was not taken, or not in full.
std::string ProblemOf(const sync::Range& range, const sync::Ack& ack, bool taken) {
  std::string which = Cat("站点日志第 ", range.first, " 至 ", range.last, " 条");
  if (taken) return Cat(which, "已收存，其中有的没有计入：", ack.verdicts.front().reason);
  if (!ack.gap) return Cat(which, "没有收：", ack.verdicts.empty() ? "镇里另有分支" : ack.verdicts.front().reason);
  const sync::Tip& held = *ack.gap;
  std::string missing = "所接的那一支记录";
  if (held.actor != range.actor)
    missing = Cat("该站较早一本日志第 ", held.seq, " 条以后的记录");
  else if (held.seq + 1 < range.first)
    missing = Cat("第 ", held.seq + 1, " 至 ", range.first - 1, " 条");
  return Cat(which, "已收存，还不算送达：前面还缺", missing, "。回执只到连续的部分（第 ", held.seq,
             " 条）；请导入较早的数据包，或在站点用 --full 重新导出，补齐后自动接上");
}

// Whether bundle `a` of a device was made before `b`.
bool IsOlder(const BundleHeader& a, const BundleHeader& b) {
  if (a.tip && b.tip && a.tip->actor == b.tip->actor && a.tip->seq != b.tip->seq) return a.tip->seq < b.tip->seq;
  bool less = false, more = false;
  for (const sync::Cursor& mine : a.cursors) {
    for (const sync::Cursor& other : b.cursors) {
      if (mine.interest != other.interest || mine.epoch != other.epoch) continue;
      less |= mine.position < other.position;
      more |= mine.position > other.position;
    }
  }
  return less != more ? less : a.wall_ms < b.wall_ms;
}

}  // namespace

// ---------------------------------------------------------------- marks

HubBundles::Mark HubBundles::ReadMark(const std::string& device) const {
  Mark mark;
  std::optional<std::string> bytes = options_.store->GetMeta(MarkMeta(device));
  if (!bytes) return mark;
  ByteReader in(*bytes);
  if (absl::StatusOr<BundleStart> start = DecodeBundleHeader(in.String()); start.ok()) mark.header = start->header;
  for (uint64_t count = in.Count(); count > 0 && in.ok(); --count) {
    absl::StatusOr<sync::Message> message = DecodeMessage(in.String());
    if (!message.ok()) continue;
    if (auto* ack = std::get_if<sync::Ack>(&*message)) mark.acks.push_back(std::move(*ack));
  }
  if (in.ok() && !in.empty()) mark.abandoned = std::string(in.String());
  return mark;
}

absl::Status HubBundles::WriteMark(const std::string& device, const Mark& mark) {
  BundleHeader header = mark.header;
  header.ranges.clear();
  header.abandoned.clear();
  header.certificates.clear();
  std::string bytes;
  ByteWriter out(&bytes);
  out.String(EncodeBundleHeader(header));
  out.Varint(mark.acks.size());
  for (const sync::Ack& ack : mark.acks) out.String(EncodeMessage(ack));
  out.String(mark.abandoned);
  return options_.store->PutMeta(MarkMeta(device), bytes);
}

// ---------------------------------------------------------------- export

absl::StatusOr<std::pair<std::string, v1::Node>> HubBundles::Recipient(const Roster& roster,
                                                                       const v1::ExportBundleRequest& request) const {
  if (request.station_id().empty()) return absl::InvalidArgumentError("请写明导出给哪个站点（--station）");
  if (!roster.stations.contains(request.station_id()))
    return absl::InvalidArgumentError(Cat("名册里没有站点 ", request.station_id()));
  std::vector<std::pair<std::string, v1::Node>> devices;
  std::string names;
  for (const auto& [id, node] : roster.nodes) {
    if (node.station_id() != request.station_id()) continue;
    if (!request.device().empty() && id != request.device()) continue;
    if (node.revoked()) {
      if (!request.device().empty()) return absl::PermissionDeniedError(Cat("设备 ", id, " 已被吊销，不给它导出"));
      continue;
    }
    names += Cat(names.empty() ? "" : "、", DeviceLabel(id, node));
    devices.emplace_back(id, node);
  }
  if (devices.empty())
    return absl::FailedPreconditionError(Cat(
        "站点 ", request.station_id(), request.device().empty() ? " 没有可用的设备，请先办理入网" : " 没有这个设备"));
  if (devices.size() > 1)
    return absl::InvalidArgumentError(
        Cat("站点 ", request.station_id(), " 有 ", devices.size(), " 台设备，请用 --device 写明给哪一台：", names));
  return devices.front();
}

absl::Status HubBundles::AddFeed(std::string_view interest, const Mark& mark, bool full, BundleWriter* writer,
                                 v1::ExportBundleResponse* response) const {
  std::optional<sync::Cursor> head = options_.store->FeedHead(interest);
  if (!head) return absl::OkStatus();
  uint64_t position = 0;
  for (const sync::Cursor& cursor : mark.header.cursors) {
    if (full || cursor.interest != interest || cursor.position == 0) continue;
    if (options_.store->FeedPrefix(interest, cursor.position) == cursor.prefix) {
      position = cursor.position;
    } else {
      response->add_notes(Cat(FeedLabel(interest), "：站点收到的与这里不一致（恢复过备份？），从头导出"));
    }
  }
  ProgressScope progress("导出数据包", "条", static_cast<int64_t>(head->position - std::min(head->position, position)));
  while (position < head->position) {
    std::optional<sync::FeedBatch> batch = options_.store->ReadFeed(interest, position, "", kBundlePartBytes);
    if (!batch) return absl::DataLossError(Cat(FeedLabel(interest), "：第 ", position + 1, " 条读不出来"));
    RETURN_IF_ERROR(writer->Add(*batch));
    response->set_items(response->items() + static_cast<int64_t>(batch->items.size()));
    progress.Add(static_cast<int64_t>(batch->items.size()));
    position = batch->last;
  }
  return absl::OkStatus();
}

// First what does not follow, so that the station lowers what it noted; then what is held.
absl::Status HubBundles::AddReceipts(const std::string& station, const Mark& mark, bool full, BundleWriter* writer,
                                     v1::ExportBundleResponse* response) const {
  Store* store = options_.store;
  std::vector<sync::Ack> receipts;
  std::set<std::pair<Actor, std::string>> named;
  for (const sync::Ack& ack : mark.acks) {
    if (!ack.gap) continue;
    std::optional<sync::Tip> have = store->Have(ack.gap->actor);
    if ((have ? have->seq : 0) == ack.gap->seq) receipts.push_back(ack);
  }
  for (const Actor& actor : ActorsOf(*store->Snapshot(), station)) {
    std::optional<sync::Tip> have = store->Have(actor);
    if (!have || !named.emplace(actor, have->head).second) continue;
    receipts.push_back({store->epoch(), *have});
  }
  for (const sync::Ack& ack : mark.acks)  // ends of other branches than the chain's
    if (!ack.gap && ack.verdicts.empty() && !named.contains({ack.tip.actor, ack.tip.head}) && store->HoldsAt(ack.tip))
      receipts.push_back({store->epoch(), ack.tip});
  for (sync::Ack& ack : store->ArchivedTips(station, full ? "" : mark.header.archive_id))
    receipts.push_back(std::move(ack));
  for (sync::Ack& ack : receipts) {
    ack.verdicts.clear();
    ack.seal = store->options().sign(AckSigningBytes(ack));
    RETURN_IF_ERROR(writer->Add(ack));
  }
  response->set_receipts(static_cast<int64_t>(receipts.size()));
  return absl::OkStatus();
}

// What of a welcome does not hang on who asks when.
absl::Status HubBundles::AddWelcome(const Mark& mark, BundleWriter* writer) const {
  const Store& store = *options_.store;
  sync::Welcome welcome;
  welcome.epoch = store.epoch();
  welcome.lineage = store.Lineage();
  welcome.hub_time_ms = store.options().clock->NowMs();
  welcome.archive_contained = mark.header.archive_id.empty() || store.ContainsArchive(mark.header.archive_id);
  RETURN_IF_ERROR(writer->Add(welcome));
  if (mark.abandoned.empty() || !store.KnowsAbandoned(mark.abandoned)) return absl::OkStatus();
  return writer->Add(sync::FeedAck{{"", store.epoch(), 0, mark.abandoned}});
}

// Records go whatever happens to the files.
void HubBundles::AddFiles(const v1::ExportBundleRequest& request, const BundleHeader& header,
                          const std::string& device, const v1::Node& node, v1::ExportBundleResponse* response) const {
  if (request.files_bytes() <= 0 || !options_.book->AnyNamed()) return;
  const std::vector<std::string> subscriptions = SubscriptionsOf(*options_.roster->Get(), request.station_id());
  const std::set<std::string> interests(subscriptions.begin(), subscriptions.end());
  const std::string known = options_.store->GetMeta(FilesMeta(device)).value_or("");
  std::set<std::string_view> there;
  for (size_t at = 0; at + kSha256Size <= known.size(); at += kSha256Size)
    there.insert(std::string_view(known).substr(at, kSha256Size));
  FilePackOrder order;
  std::vector<std::string> hashes;
  for (std::string& hash : options_.book->Held()) {
    std::set<uint64_t> sizes;
    if (!options_.book->NamedIn(hash, interests, &sizes)) continue;
    if (request.full() || !there.contains(hash)) hashes.push_back(hash);
    order.directory.held.push_back(std::move(hash));
  }
  if (order.directory.held.empty() && known.empty()) return;
  order.directory.complete = true;
  order.use = FilePackUse::kToStation;
  order.name = header.bundle_id;
  order.recipient_key = node.public_key();
  order.maker_key_id = header.seal.key_id;
  order.sign = options_.store->options().sign;
  order.random = options_.store->options().random;
  const std::string name = NewSpoolName(order.random);
  absl::StatusOr<std::string> path = SpoolPath(options_.dir, name);
  hashes = options_.files->OldestFirst(std::move(hashes));
  if (path.ok() && PackBeside(options_.files, hashes, request, std::move(order), *path, response))
    response->set_files_spool(name);
}

absl::StatusOr<v1::ExportBundleResponse> HubBundles::Export(const v1::ExportBundleRequest& request) {
  absl::MutexLock lock(&mutex_);
  std::shared_ptr<const Roster> roster = options_.roster->Get();
  ASSIGN_OR_RETURN(auto recipient, Recipient(*roster, request));
  const auto& [device, node] = recipient;
  Store* store = options_.store;
  Random* random = store->options().random;
  Mark mark = ReadMark(device);
  std::vector<std::string> interests = SubscriptionsOf(*roster, request.station_id());
  BundleHeader header;
  header.direction = BundleDirection::kToStation;
  header.bundle_id = random->Bytes(16);
  header.station = request.station_id();
  header.wall_ms = store->options().clock->NowMs();
  header.epoch = store->epoch();
  for (const std::string& interest : interests)
    header.cursors.push_back(
        store->FeedHead(interest).value_or(sync::Cursor{interest, store->epoch(), 0, FeedStart(interest)}));
  header.seal.key_id = KeyId(options_.key.public_key);
  header.seal.algorithm = options_.key.algorithm;
  v1::ExportBundleResponse response;
  response.set_spool(NewSpoolName(random));
  ASSIGN_OR_RETURN(std::string path, SpoolPath(options_.dir, response.spool()));
  ASSIGN_OR_RETURN(std::unique_ptr<BundleWriter> writer,
                   BundleWriter::Create(SpoolFolder(options_.dir), header, node.public_key(), random));
  for (const std::string& interest : interests)
    RETURN_IF_ERROR(AddFeed(interest, mark, request.full(), writer.get(), &response));
  RETURN_IF_ERROR(AddReceipts(request.station_id(), mark, request.full(), writer.get(), &response));
  RETURN_IF_ERROR(AddWelcome(mark, writer.get()));
  ASSIGN_OR_RETURN(header, writer->Finish(path, store->options().sign));
  response.set_file_name(BundleFileName(header));
  response.set_station_id(request.station_id());
  response.set_device(device);
  response.set_bytes(static_cast<int64_t>(EncodeBundleHeader(header).size() + header.body_length));
  LogInfo(Cat("已做好数据包 ", response.file_name(), "：操作 ", response.ops(), " 条，公共与站点内容 ", response.items(),
              " 项，回执 ", response.receipts(), " 个"));
  AddFiles(request, header, device, node, &response);
  return response;
}

// ---------------------------------------------------------------- import

absl::StatusOr<std::string> HubBundles::CheckMaker(const BundleReader& reader) const {
  const BundleHeader& header = reader.header();
  std::shared_ptr<const Roster> roster = options_.roster->Get();
  absl::Status status = absl::UnauthenticatedError(
      Cat("镇里没有登记做这个数据包的设备（站点 ", header.station, "）：请先办理入网，或者文件已损坏"));
  for (const auto& [id, node] : roster->nodes) {
    if (KeyId(node.public_key()) != header.seal.key_id || node.station_id() != header.station) continue;
    status = reader.CheckMaker(node.public_key());
    if (status.ok()) return id;  // revoked or not: its words are kept, and a person decides (StoreOptions)
  }
  return status;
}

absl::Status HubBundles::CheckRanges(const BundleReader& reader) const {
  std::shared_ptr<const Roster> roster = options_.roster->Get();
  BundleVisitor visitor;
  visitor.range = [&](const sync::Range& range) -> absl::Status {
    if (range.actor.station != reader.header().station)
      return absl::InvalidArgumentError("数据包有误：里面有别的站点的日志");
    RETURN_IF_ERROR(CheckChain(range));
    return CheckRangeSeal(*roster, range);
  };
  visitor.batch = [](const sync::FeedBatch&) {
    return absl::InvalidArgumentError("数据包有误：上行数据包里有下行内容");
  };
  return reader.Read(options_.key, visitor);
}

absl::Status HubBundles::Apply(const std::vector<sync::Range>& ranges, v1::ImportBundleResponse* response,
                               std::vector<sync::Ack>* acks) {
  std::vector<int64_t> fresh;
  StoreReader records = options_.store->Read();
  for (const sync::Range& range : ranges)
    fresh.push_back(std::count_if(range.ops.begin(), range.ops.end(), [&](const std::string& bytes) {
      absl::StatusOr<Op> op = DecodeFrame(bytes);
      return op.ok() && !records.OpBytes(op->actor, op->seq, op->tag());
    }));
  ASSIGN_OR_RETURN(std::vector<sync::Ack> answers, options_.store->ApplyRanges(ranges, true));
  for (size_t i = 0; i < answers.size(); ++i) {
    response->set_ops(response->ops() + static_cast<int64_t>(ranges[i].ops.size()));
    const sync::Ack& answer = answers[i];
    bool taken = !answer.gap && answer.tip.seq == ranges[i].last && answer.tip.head == ranges[i].head_after;
    if (taken || answer.gap) response->set_ops_new(response->ops_new() + fresh[i]);
    // One line for each log: what follows a gap has the same gap.
    bool told = answer.gap && std::any_of(acks->begin(), acks->end(), [&](const sync::Ack& before) {
                  return before.gap && before.tip.actor == answer.tip.actor;
                });
    if (!told && (!taken || !answer.verdicts.empty())) response->add_problems(ProblemOf(ranges[i], answer, taken));
    acks->push_back(answer);
  }
  return absl::OkStatus();
}

// As on a link: what this hub has signed is taken by name, also behind gaps. A batch that was damaged on the station's
// disk is passed over and named, and then the set is not known here.
absl::Status HubBundles::TakeOffer(const sync::Offer& offer, Taking* taking) {
  Store* store = options_.store;
  const sync::FeedBatch& batch = offer.batch;
  HubPort port(store, options_.roster, [](const std::string&) {});
  absl::StatusOr<sync::Want> before = port.CheckOffer(batch);
  absl::Status status = before.ok() ? store->TakeOffered(batch, batch.keys, "") : before.status();
  if (absl::IsInvalidArgument(status) || absl::IsUnauthenticated(status)) {
    taking->incomplete = true;
    std::string which = Cat(FeedLabel(batch.interest), "第 ", batch.first + 1, " 至 ", batch.last, " 条");
    if (std::exchange(taking->told, which) != which)
      taking->response->add_problems(Cat("站点留存的", which, "已损坏，或者不是本镇中心签的，没有收"));
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(status);
  ASSIGN_OR_RETURN(sync::Want after, store->LackingOf(batch));
  size_t taken = before->names.size() - after.names.size();
  taking->response->set_items_new(taking->response->items_new() + static_cast<int64_t>(taken));
  taking->lacking[Cat(batch.interest, batch.prefix_after)] = !after.names.empty() || !after.keys.empty();
  for (const auto& [key, lacking] : taking->lacking) taking->incomplete |= lacking && !offer.set.empty();
  if (offer.set.empty() || taking->incomplete) return absl::OkStatus();
  return store->TakeOffered(batch, {}, offer.set);
}

// What the device says that it has is kept: the way back begins there. A later bundle may have said it already.
absl::Status HubBundles::ImportFiles(const std::string& path, const BundleHeader& header, const std::string& device,
                                     bool older, v1::ImportBundleResponse* response) const {
  if (path.empty()) return absl::OkStatus();
  std::shared_ptr<const Roster> roster = options_.roster->Get();
  auto node = roster->nodes.find(device);
  if (node == roster->nodes.end()) return absl::OkStatus();
  std::optional<TakenFiles> taken = TakeBeside(options_.files, *options_.book, path, header.bundle_id,
                                               node->second.public_key(), options_.key, response);
  if (!taken || older) return absl::OkStatus();
  std::string known;
  for (const std::string& hash : taken->held) known += hash;
  return options_.store->PutMeta(FilesMeta(device), known);
}

absl::Status HubBundles::TakeRecords(BundleReader* reader, Mark* mark, v1::ImportBundleResponse* response) {
  const BundleHeader& header = reader->header();
  const uint64_t ignored_before = IgnoredKeysOf(*options_.store, header);
  std::vector<sync::Range> waiting;
  size_t bytes = 0;
  auto flush = [&]() -> absl::Status {
    if (waiting.empty()) return absl::OkStatus();
    RETURN_IF_ERROR(Apply(waiting, response, &mark->acks));
    waiting.clear();
    bytes = 0;
    return absl::OkStatus();
  };
  Taking taking{response};
  BundleVisitor visitor;
  visitor.offer = [&](sync::Offer offer) -> absl::Status {
    RETURN_IF_ERROR(flush());
    if (!offer.set.empty()) mark->abandoned = offer.set;
    return TakeOffer(offer, &taking);
  };
  ProgressScope progress("导入数据包", "条");
  visitor.range = [&](sync::Range range) {
    progress.Add(static_cast<int64_t>(range.ops.size()));
    for (const std::string& op : range.ops) bytes += op.size();
    waiting.push_back(std::move(range));
    return bytes >= kApplyBytes ? flush() : absl::OkStatus();
  };
  RETURN_IF_ERROR(reader->Read(options_.key, visitor));
  RETURN_IF_ERROR(flush());
  if (header.tip && !options_.store->HoldsAt(*header.tip)) MissTip(*header.tip, mark, response);
  if (const uint64_t ignored = IgnoredKeysOf(*options_.store, header) - ignored_before; ignored > 0)
    response->add_problems(
        Cat("选民信息的钥匙有 ", ignored,
            " 把没有采用（空的、不是该站建立的、打不开镇里的信息，或与镇里的不同），镇里原有的不变"));
  return absl::OkStatus();
}

// The newest op of that disk is not here and nothing of the file says so: what was held has been lost with a disk.
void HubBundles::MissTip(const sync::Tip& tip, Mark* mark, v1::ImportBundleResponse* response) const {
  for (const sync::Ack& ack : mark->acks)
    if (ack.gap && ack.tip.actor == tip.actor) return;
  const sync::Tip held = options_.store->Have(tip.actor).value_or(sync::Tip{tip.actor, 0, ""});
  mark->acks.push_back({.epoch = options_.store->epoch(), .tip = held, .gap = held});
  response->add_problems(Cat("站点日志第 ", held.seq, " 条以后的记录镇里没有：请把回执带回站点，再导出一次"));
}

absl::StatusOr<v1::ImportBundleResponse> HubBundles::Import(const v1::ImportBundleRequest& request) {
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
  response.set_own(header.seal.key_id == KeyId(options_.key.public_key));
  if (response.own()) return response;  // of the last trip, and still on the stick
  if (header.direction != BundleDirection::kToHub || header.recipient_key_id != KeyId(options_.key.public_key))
    return absl::InvalidArgumentError("这个数据包不是给本镇中心的，打不开");
  ASSIGN_OR_RETURN(std::string device, CheckMaker(*reader));
  RETURN_IF_ERROR(CheckRanges(*reader));
  Mark mark{header, {}, ""};
  RETURN_IF_ERROR(TakeRecords(reader.get(), &mark, &response));
  Mark before = ReadMark(device);
  const bool repeated = before.header.bundle_id == header.bundle_id;
  // One of an earlier trip, still on the stick, says where the station was, not where it is.
  const bool older = IsOlder(header, before.header);
  if (older) {
    std::swap(mark, before);
    mark.acks.insert(mark.acks.begin(), before.acks.begin(), before.acks.end());
  }
  mark.acks = Essence(mark.acks);
  RETURN_IF_ERROR(WriteMark(device, mark));
  if (options_.on_receipt && (response.ops_new() > 0 || !repeated)) options_.on_receipt(header.station);
  RETURN_IF_ERROR(ImportFiles(files_path, header, device, older, &response));
  LogInfo(Cat("已收下数据包 ", response.file_name(), "：操作 ", response.ops(), " 条（新的 ", response.ops_new(), " 条），内容 ",
              response.items(), " 项（新的 ", response.items_new(), " 项），回执 ", response.receipts(), " 个，问题 ",
              response.problems_size(), " 个"));
  return response;
}

void HubBundles::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "BundleService", this);
  methods.Bind("ExportBundle", &HubBundles::Export);
  methods.Bind("ImportBundle", &HubBundles::Import);
}

}  // namespace liaison

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "common/codec/bundle.h"
#include "common/codec/file_pack.h"
#include "common/codec/link_codec.h"
#include "common/codec/message_codec.h"
#include "common/codec/op_codec.h"
#include "common/codec/token.h"
#include "common/crypto/page_certificate.h"
#include "common/crypto/seal.h"
#include "common/crypto/sign.h"
#include "common/daemon/enrolment.h"
#include "common/record/aggregate.h"
#include "common/store/batch.h"
#include "common/store/head_mark.h"
#include "tests/fuzz/targets.h"

namespace liaison::testing_fuzz {
namespace {

// The record that tests/golden/samples.h is about.
RecordId SampleMatter() {
  std::string action;
  for (int i = 0; i < static_cast<int>(kActionIdBytes); ++i) action.push_back(static_cast<char>(0xa0 + i));
  return RecordId::Random(24, action, 2);
}

// A folder in memory where there is one.
const std::string& Folder() {
  struct Made {
    std::string path = access("/dev/shm", W_OK) == 0 ? "/dev/shm/liaison-fuzz-XXXXXX" : "/tmp/liaison-fuzz-XXXXXX";
    Made() { Require(mkdtemp(path.data()) != nullptr, "a folder for files"); }
    ~Made() {
      for (const char* file : {"/enrolment", "/key", "/HEAD"}) unlink((path + file).c_str());
      rmdir(path.c_str());
    }
  };
  static const Made made;
  return made.path;
}

void Put(const std::string& name, std::string_view bytes) {
  std::string path = Folder() + "/" + name;
  int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  Require(file >= 0 && write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "a file");
  close(file);
}

void OpBytes(std::string_view bytes) {
  absl::StatusOr<Op> op = DecodeOp(bytes);
  if (!op.ok()) return Require(!op.status().message().empty(), "a refusal says why");
  // What was erased, or is of a later version, is not in an Op; the rest comes out, and if its hash is the same it is
  // all of it.
  Op again = *op;
  std::string once = EncodeOp(&again);
  absl::StatusOr<Op> twice = DecodeOp(once);
  Require(twice.ok() && twice->hash == again.hash && EncodeOp(&*twice) == once, "an op comes out of its own bytes");
  if (again.hash == op->hash && once.size() == bytes.size()) Require(once == bytes, "one hash, one op");
  absl::StatusOr<std::string> erased = WithoutSealedPart(bytes);
  if (!erased.ok()) return;
  absl::StatusOr<Op> rest = DecodeOp(*erased);
  Require(rest.ok() && rest->hash == op->hash, "an op without its sealed part keeps its hash");
}

// Later versions may add fields, which this one drops: from the second time on nothing changes any more.
void MessageBytes(std::string_view bytes) {
  absl::StatusOr<sync::Message> message = DecodeMessage(bytes);
  if (!message.ok()) return;
  std::string once = EncodeMessage(*message);
  absl::StatusOr<sync::Message> again = DecodeMessage(once);
  Require(again.ok(), "what was decoded can be encoded");
  Require(EncodeMessage(*again) == once, "a message is the same after its own bytes");
}

// The packets of one direction, each with its length in front: what came earlier decides how later ones are read.
void PacketBytes(std::string_view bytes) {
  ByteReader in(bytes);
  LinkCodec link, sender, receiver;
  while (in.ok() && !in.empty()) {
    absl::StatusOr<sync::Message> message = link.Decode(in.String());
    if (!message.ok()) return;
    Require(receiver.Decode(sender.Encode(*message)).ok(), "what was decoded can be sent on");
  }
}

void ItemBytes(std::string_view bytes) {
  absl::StatusOr<sync::FeedItem> item = DecodeFeedItem(bytes);
  if (item.ok()) Require(EncodeFeedItem(*item) == bytes, "an item is hashed, so it has one encoding");
}

void BundleBytes(std::string_view bytes) {
  absl::StatusOr<BundleStart> start = DecodeBundleHeader(bytes);
  if (!start.ok()) return;
  Require(start->body_at <= bytes.size(), "the body starts inside or at the end");
  std::string once = EncodeBundleHeader(start->header);
  absl::StatusOr<BundleStart> again = DecodeBundleHeader(once);
  Require(again.ok() && again->header == start->header && again->body_at == once.size(), "a header comes out again");
}

// The three parts of files beside records, by their first byte: a head, the opened directory, the list of a backup.
void FilesBytes(std::string_view bytes) {
  if (bytes.empty()) return;
  const char part = bytes.front();
  bytes.remove_prefix(1);
  if (part == 'h') {
    absl::StatusOr<FilePackHead> head = DecodeFilePackHead(bytes);
    if (!head.ok()) return;
    Require(head->files_at <= bytes.size(), "files start inside or at the end");
    Require(EncodeFilePackHead(*head) == bytes.substr(0, head->files_at), "a head has one encoding");
  } else if (part == 'd') {
    absl::StatusOr<FilePackDirectory> directory = DecodeFilePackDirectory(bytes);
    if (!directory.ok()) return;
    Require(EncodeFilePackDirectory(*directory) == bytes, "a directory has one encoding");
    for (const PackedFile& file : directory->files)
      Require(file.size > 0 && file.size <= kMostPackedFileBytes, "no file is larger than files are");
  } else {
    absl::StatusOr<FileList> list = DecodeFileList(bytes);
    if (list.ok()) Require(EncodeFileList(*list) == bytes, "a list has one encoding");
  }
}

void TokenText(std::string_view text) {
  absl::StatusOr<VersionVector> vector = ReadToken(text, SampleMatter());
  if (!vector.ok()) return;
  absl::StatusOr<VersionVector> again = ReadToken(MakeToken(SampleMatter(), *vector), SampleMatter());
  Require(again.ok() && again->dots() == vector->dots(), "a token comes out again");
}

void AggregateBytes(std::string_view bytes) {
  absl::StatusOr<Aggregate> aggregate = Aggregate::Decode(SampleMatter(), bytes);
  if (!aggregate.ok()) return;
  Require(aggregate->Encode() == bytes, "a state has one encoding");
  aggregate->Canonical();
  aggregate->lineage().Visible();
  aggregate->Ready();
  for (const auto& [id, child] : aggregate->children()) aggregate->VoidOf(id);
}

void ChainBytes(std::string_view bytes) {
  Actor actor{"HK-D057", 1};
  absl::StatusOr<Store::OwnLog> log = DecodeChain(actor, bytes);
  if (log.ok()) Require(EncodeChain(*log) == bytes, "a chain head has one encoding");
}

void SealedBytes(std::string_view bytes) {
  static const SealKey key = [] {
    SeededRandom random(1);
    return NewSealKey(&random);
  }();
  Require(!Open(key, bytes, "visitor").ok(), "nobody can make a sealed value without the key");
  SealedKeyId(bytes).IgnoreError();
}

void EnrolmentFile(std::string_view bytes) {
  Put("enrolment", bytes);
  absl::StatusOr<std::vector<std::string>> messages = ReadEnrolment(Folder());
  if (!messages.ok()) return;
  for (const std::string& message : *messages) DecodeMessage(message).IgnoreError();
}

void KeyFile(std::string_view bytes) {
  Put("key", bytes);
  absl::StatusOr<KeyPair> key = LoadKeyPair(Folder() + "/key");
  if (key.ok()) Require(Verify(key->algorithm, key->public_key, "m", Sign(*key, "m")).ok(), "a key that loads signs");
}

void MarkFile(std::string_view bytes) {
  Put("HEAD", bytes);
  absl::StatusOr<std::unique_ptr<HeadMark>> mark = HeadMark::Open(Folder());
  Require(mark.ok(), "a damaged mark stops nobody");
  Require(!(*mark)->found().sequence || bytes.size() >= 64, "a mark is whole");
}

// What a device asks for its page: a name, a line end, a public key. The whole of it may be a certificate as well.
void PageRequest(std::string_view bytes) {
  static const Authority& authority = *new Authority(NewPageAuthority(1'796'000'000'000));
  const size_t end = bytes.find('\n');
  const std::string name(bytes.substr(0, end));
  const std::string_view key = end == bytes.npos ? std::string_view() : bytes.substr(end + 1);
  const absl::StatusOr<std::string> page = IssuePage(authority, key, {name}, 0, 86'400'000);
  if (page.ok()) Require(IsPageName(name) && PageNamesOf(*page).size() == 1, "a page is issued for a page's name");
  for (const std::string& one : PageNamesOf(bytes)) VerifyPage(bytes, authority.certificate, key, one).IgnoreError();
}

}  // namespace

std::vector<Target> CodecTargets() {
  return {{"op", OpBytes},
          {"message", MessageBytes},
          {"packet", PacketBytes},
          {"item", ItemBytes},
          {"bundle", BundleBytes},
          {"files", FilesBytes},
          {"token", TokenText},
          {"aggregate", AggregateBytes},
          {"chain", ChainBytes},
          {"sealed", SealedBytes},
          {"enrolment", EnrolmentFile},
          {"key", KeyFile},
          {"mark", MarkFile},
          {"page", PageRequest}};
}

}  // namespace liaison::testing_fuzz

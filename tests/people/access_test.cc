// Who may call what: the whole table as it was decided, and the question to it, row by row.
#include "common/api/access.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "common/base/text.h"
#include "tests/testing/places.h"

namespace liaison {
namespace {

using ::testing::ElementsAreArray;

constexpr std::string_view kLetters = "DOAKCHYXLW";  // of the roles from 1 on

std::string TablePath() { return InSource("/tests/golden/data/access.txt"); }

// The rows that were decided: name -> text.
std::vector<std::pair<std::string, std::string>> DecidedRows() {
  std::vector<std::pair<std::string, std::string>> rows;
  std::ifstream in(TablePath());
  for (std::string line; std::getline(in, line);)
    if (const size_t space = line.find("  "); !line.starts_with('#') && space != std::string::npos)
      rows.emplace_back(line.substr(0, space), line.substr(space + 2));
  return rows;
}

// A change of a row is a decision: read the diff of the file.
TEST(Access, TheTableIsAsItWasDecided) {
  std::vector<std::string> now, decided;
  for (const AccessRow& row : AccessTable())
    now.push_back(Cat(row.name, "  ", row.access == nullptr ? "nobody said" : AccessText(*row.access)));
  if (std::getenv("LIAISON_REWRITE_GOLDEN") != nullptr) {
    std::stringstream head;
    std::ifstream in(TablePath());
    for (std::string line; std::getline(in, line) && line.starts_with('#');) head << line << "\n";
    std::ofstream out(TablePath());
    out << head.str();
    for (const std::string& line : now) out << line << "\n";
    return;
  }
  for (const auto& [name, text] : DecidedRows()) decided.push_back(Cat(name, "  ", text));
  EXPECT_GT(now.size(), 100u);
  EXPECT_THAT(now, ElementsAreArray(decided));
}

TEST(Access, EveryMethodAndEveryValueSaysWhoMay) {
  std::set<std::string> rows;
  for (const AccessRow& row : AccessTable()) {
    ASSERT_NE(row.access, nullptr) << row.name << ": who may?";
    EXPECT_FALSE(AccessText(*row.access).empty()) << row.name << ": nobody may";
    EXPECT_TRUE(rows.insert(row.name).second) << row.name;
  }
  size_t methods = 0;
  for (const auto& entry : std::filesystem::directory_iterator(InSource("/proto/liaison/v1"))) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".proto")) continue;
    std::ifstream in(entry.path());
    std::string service;
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("service ")) service = line.substr(8, line.find(' ', 8) - 8);
      if (!line.starts_with("  rpc ")) continue;
      ++methods;
      const std::string path = Cat("/liaison.v1.", service, "/", line.substr(6, line.find('(') - 6));
      EXPECT_TRUE(rows.contains(path)) << path << " of " << name << " is in no table: common/api/access.cc";
    }
  }
  EXPECT_GT(methods, 80u);
}

enum class Thing { kOwn, kForeign, kNone };

// Somebody with one role, and what he calls about.
Who OneWho(size_t role) {
  Who who;
  who.account = "U00001";
  who.deputy = "D1";
  Right right;
  right.role = static_cast<v1::Access::Role>(role);
  right.stations = {"HK-P001", "HK-D057"};
  right.unit = "U01";
  right.matter = "24.0a";
  who.rights.push_back(right);
  return who;
}
CallFacts FactsOf(Thing thing) {
  CallFacts facts;
  if (thing == Thing::kNone) return facts;
  const bool own = thing == Thing::kOwn;
  facts.station = own ? "HK-D057" : "HK-D058";
  facts.deputies = own ? std::vector<std::string>{"D2", "D1"} : std::vector<std::string>{"D2"};
  facts.units = {own ? "U01" : "U02"};
  facts.matter = own ? "24.0a" : "24.0b";
  return facts;
}

// What a row says by itself, read from its text and not from the schema.
bool RowLets(const std::string& text, char letter, Thing thing, bool paper) {
  if (text == "OPEN") return true;
  static const std::map<std::string, std::set<Thing>> kReaches = {
      {"any", {Thing::kOwn, Thing::kForeign, Thing::kNone}},
      {"township", {Thing::kOwn, Thing::kForeign, Thing::kNone}},
      {"figures", {Thing::kOwn, Thing::kForeign, Thing::kNone}},
      {"seat", {Thing::kOwn, Thing::kNone}},
      {"station", {Thing::kOwn, Thing::kNone}},
      {"unit", {Thing::kOwn, Thing::kNone}},
      {"matter", {Thing::kOwn}},
  };
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const size_t colon = word.find(':');
    if (colon == std::string::npos || word.substr(0, colon).find(letter) == std::string::npos) continue;
    const std::string reach = word.substr(colon + 1);
    if (reach == "on_paper" ? paper : kReaches.at(reach).contains(thing)) return true;
  }
  return false;
}

struct Case {
  std::string path;
  CallFacts facts;                 // what the row asks more
  std::vector<std::string> texts;  // all that must let
};

// Each method, each step, form and table with its method, and the field.
std::vector<Case> Cases() {
  std::map<std::string, std::string> text;
  for (const auto& [name, row] : DecidedRows()) text[name] = row;
  const std::string step = "/liaison.v1.CaseworkService/TakeStep", print = "/liaison.v1.PrintService/PrintForm",
                    import = "/liaison.v1.ImportService/ImportTable";
  std::vector<Case> cases;
  for (const auto& [name, row] : text) {
    Case one;
    one.texts = {row};
    one.path = name.starts_with("StepKind.") || name.starts_with("Step.") ? step
               : name.starts_with("Paper.")                               ? print
               : name.starts_with("RosterKind.")                          ? import
                                                                          : name;
    if (one.path != name) one.texts.push_back(text.at(one.path));
    const std::string value = name.substr(name.find('.') + 1);
    if (name.starts_with("StepKind.")) v1::StepKind_Parse(value, &one.facts.step);
    if (name.starts_with("Paper.")) v1::Paper_Parse(value, &one.facts.paper);
    if (name.starts_with("RosterKind.")) v1::RosterKind_Parse(value, &one.facts.table);
    one.facts.approved = name == "Step.approved_by";
    cases.push_back(one);
  }
  return cases;
}

TEST(Access, EveryMethodEveryRole) {
  size_t lets = 0, denies = 0;
  for (const Case& one : Cases())
    for (size_t role = 1; role <= kLetters.size(); ++role)
      for (Thing thing : {Thing::kOwn, Thing::kForeign, Thing::kNone})
        for (bool paper : {false, true}) {
          CallFacts facts = FactsOf(thing);
          facts.step = one.facts.step;
          facts.paper = one.facts.paper;
          facts.table = one.facts.table;
          facts.approved = one.facts.approved;
          facts.paper_attached = paper;
          bool expected = true;
          for (const std::string& row : one.texts)
            expected = expected && RowLets(row, kLetters[role - 1], thing, paper);
          const absl::Status status = MayCall(OneWho(role), one.path, facts);
          EXPECT_EQ(status.ok(), expected)
              << one.path << " " << kLetters[role - 1] << " thing " << static_cast<int>(thing) << " paper " << paper
              << " step " << one.facts.step << ": " << status;
          if (!status.ok()) EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
          ++(expected ? lets : denies);
        }
  EXPECT_GT(lets, 500u);
  EXPECT_GT(denies, 3000u);
}

TEST(Access, WithoutALoginNothingButWhatIsOpenOnTheMachineItself) {
  for (const Case& one : Cases())
    for (bool local : {false, true}) {
      CallFacts facts = one.facts;
      facts.local = local;
      const absl::Status status = MayCall(Who(), one.path, facts);
      const std::string& method = one.texts.back();
      const bool machine = method.find("DEVICE") != method.npos || method.find("CODE") != method.npos;
      const bool of_local = method.find("LOCAL") != method.npos;
      const bool open = method.find("open_locally") != method.npos;
      if (method == "OPEN")
        EXPECT_TRUE(status.ok()) << one.path << status;
      else if (machine || (of_local && !local))
        EXPECT_TRUE(absl::IsPermissionDenied(status)) << one.path << status;
      else if (local && (of_local || open))
        EXPECT_TRUE(status.ok()) << one.path << status;
      else
        EXPECT_TRUE(absl::IsUnauthenticated(status)) << one.path << status;
    }
}

TEST(Access, TwoRightsAreNotAddedUp) {
  Who who = OneWho(v1::Access::DEPUTY);
  who.rights.push_back(OneWho(v1::Access::CHAIR).rights[0]);
  CallFacts facts = FactsOf(Thing::kForeign);
  facts.step = v1::STEP_ANSWER;  // a deputy's step, on what only the chair reaches
  EXPECT_TRUE(absl::IsPermissionDenied(MayCall(who, "/liaison.v1.CaseworkService/TakeStep", facts)));
  facts = FactsOf(Thing::kOwn);
  facts.step = v1::STEP_ANSWER;
  EXPECT_TRUE(MayCall(who, "/liaison.v1.CaseworkService/TakeStep", facts).ok());
}

TEST(Access, WhatNoTableHasNobodyMayCall) {
  CallFacts facts;
  facts.local = true;
  EXPECT_TRUE(absl::IsUnimplemented(MayCall(OneWho(v1::Access::CLERK), "/liaison.v1.HubService/Nothing", facts)));
  // A value of a newer version: what it asks is not known here.
  facts.step = static_cast<v1::StepKind>(99);
  EXPECT_TRUE(
      absl::IsPermissionDenied(MayCall(OneWho(v1::Access::CLERK), "/liaison.v1.CaseworkService/TakeStep", facts)));
}

}  // namespace
}  // namespace liaison

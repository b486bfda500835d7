// What a change of the schema breaks: for data that is stored, for programs of other versions on the link, and for who
// calls the services by JSON (where names count as numbers do).
#ifndef LIAISON_TESTS_GOLDEN_SCHEMA_CHECK_H_
#define LIAISON_TESTS_GOLDEN_SCHEMA_CHECK_H_

#include <map>
#include <string>
#include <vector>

#include "common/base/text.h"
#include "google/protobuf/descriptor.pb.h"
#include "liaison/v1/options.pb.h"

namespace liaison::golden {

class SchemaCheck {
 public:
  SchemaCheck(const google::protobuf::FileDescriptorSet& before, const google::protobuf::FileDescriptorSet& after) {
    Index(before, &before_);
    Index(after, &after_);
    for (const auto& [name, old] : before_.messages) CompareMessage(name, *old);
    for (const auto& [name, old] : before_.enums) CompareEnum(name, *old);
    for (const auto& [name, old] : before_.services) CompareService(name, *old);
    FindNew();
  }

  const std::vector<std::string>& broken() const { return broken_; }
  const std::vector<std::string>& added() const { return added_; }

 private:
  using Message = google::protobuf::DescriptorProto;
  using Field = google::protobuf::FieldDescriptorProto;
  using Enum = google::protobuf::EnumDescriptorProto;
  using EnumValue = google::protobuf::EnumValueDescriptorProto;
  using Service = google::protobuf::ServiceDescriptorProto;
  using Method = google::protobuf::MethodDescriptorProto;

  struct Names {  // by full name; what they point to is the set's
    std::map<std::string, const Message*> messages;
    std::map<std::string, const Enum*> enums;
    std::map<std::string, const Service*> services;
  };

  static void IndexMessage(const std::string& scope, const Message& message, Names* names) {
    const std::string name = Cat(scope, ".", message.name());
    names->messages[name] = &message;
    for (const Message& inner : message.nested_type()) IndexMessage(name, inner, names);
    for (const Enum& inner : message.enum_type()) names->enums[Cat(name, ".", inner.name())] = &inner;
  }
  static void Index(const google::protobuf::FileDescriptorSet& set, Names* names) {
    for (const google::protobuf::FileDescriptorProto& file : set.file()) {
      for (const Message& message : file.message_type()) IndexMessage(file.package(), message, names);
      for (const Enum& one : file.enum_type()) names->enums[Cat(file.package(), ".", one.name())] = &one;
      for (const Service& one : file.service()) names->services[Cat(file.package(), ".", one.name())] = &one;
    }
  }
  template <typename Things>
  static auto Find(const Things& things, const std::string& name) {
    auto it = things.find(name);
    return it == things.end() ? nullptr : it->second;
  }
  template <typename Holder>
  static bool Reserves(const Holder& holder, int number, int past) {  // `past`: 1 where the end of a range is inside it
    for (const auto& range : holder.reserved_range())
      if (range.start() <= number && number < range.end() + past) return true;
    return false;
  }
  template <typename Holder>
  static bool Reserves(const Holder& holder, const std::string& name) {
    for (const std::string& one : holder.reserved_name())
      if (one == name) return true;
    return false;
  }

  void Break(const std::string& what, std::string_view how) { broken_.push_back(Cat(what, ": ", how)); }

  void CompareMessage(const std::string& name, const Message& old) {
    const Message* now = Find(after_.messages, name);
    if (now == nullptr) return Break(name, "the message is gone");
    const v1::RecordRules &was = old.options().GetExtension(v1::record), &is = now->options().GetExtension(v1::record);
    if (was.type() != is.type() || was.parent() != is.parent() || was.any_parent() != is.any_parent() ||
        was.master() != is.master())
      Break(name, "its ids are made otherwise (type, parent, any_parent, master)");
    for (const Field& field : old.field()) CompareField(Cat(name, ".", field.name()), old, field, *now);
    for (const Field& field : now->field()) {
      if (Reserves(old, field.number(), 0)) Break(Cat(name, ".", field.name()), "takes a number that was reserved");
      if (Reserves(old, field.name())) Break(Cat(name, ".", field.name()), "takes a name that was reserved");
    }
    for (const auto& range : old.reserved_range())
      for (int number = range.start(); number < range.end() && number < range.start() + 1000; ++number)
        if (!Reserves(*now, number, 0)) Break(name, Cat("number ", number, " is no longer reserved"));
  }

  void CompareField(const std::string& name, const Message& old_message, const Field& old, const Message& message) {
    const Field *now = nullptr, *namesake = nullptr;
    for (const Field& field : message.field()) {
      if (field.number() == old.number()) now = &field;
      if (field.name() == old.name()) namesake = &field;
    }
    if (now == nullptr && namesake != nullptr)
      return Break(name, Cat("number ", old.number(), " became ", namesake->number()));
    if (now == nullptr) {
      if (!Reserves(message, old.number(), 0) || !Reserves(message, old.name()))
        Break(name, Cat("removed without reserving ", old.number(), " and its name"));
      return;
    }
    if (now->name() != old.name()) Break(name, Cat("renamed to ", now->name(), ", which JSON sees"));
    if (now->type() != old.type() || now->type_name() != old.type_name()) Break(name, "another type");
    if (now->label() != old.label()) Break(name, "repeated or not");
    if (OneofOf(old_message, old) != OneofOf(message, *now)) Break(name, "another oneof");
    const v1::FieldRules &was = old.options().GetExtension(v1::f), &is = now->options().GetExtension(v1::f);
    if (was.merge() != is.merge()) Break(name, "merged by another rule");
    if (was.sealed() != is.sealed()) Break(name, "sealed or not");
  }
  static std::string OneofOf(const Message& message, const Field& field) {
    if (!field.has_oneof_index() || field.proto3_optional()) return "";
    return message.oneof_decl(field.oneof_index()).name();
  }

  void CompareEnum(const std::string& name, const Enum& old) {
    const Enum* now = Find(after_.enums, name);
    if (now == nullptr) return Break(name, "the enum is gone");
    for (const EnumValue& value : old.value()) {
      const EnumValue *same = nullptr, *namesake = nullptr;
      for (const EnumValue& one : now->value()) {
        if (one.number() == value.number() && (same == nullptr || one.name() == value.name())) same = &one;
        if (one.name() == value.name()) namesake = &one;
      }
      const std::string what = Cat(name, ".", value.name());
      if (namesake != nullptr && namesake->number() != value.number())
        Break(what, Cat("number ", value.number(), " became ", namesake->number()));
      else if (same != nullptr && namesake == nullptr)
        Break(what, Cat("renamed to ", same->name(), ", which JSON sees"));
      else if (same == nullptr && (!Reserves(*now, value.number(), 1) || !Reserves(*now, value.name())))
        Break(what, Cat("removed without reserving ", value.number(), " and its name"));
    }
    for (const EnumValue& value : now->value())
      if (Reserves(old, value.number(), 1) || Reserves(old, value.name()))
        Break(Cat(name, ".", value.name()), "takes what was reserved");
  }

  void CompareService(const std::string& name, const Service& old) {
    const Service* service = Find(after_.services, name);
    if (service == nullptr) return Break(name, "the service is gone");
    for (const Method& method : old.method()) {
      const Method* now = nullptr;
      for (const Method& one : service->method())
        if (one.name() == method.name()) now = &one;
      const std::string what = Cat(name, "/", method.name());
      if (now == nullptr)
        Break(what, "the rpc is gone");
      else if (now->input_type() != method.input_type() || now->output_type() != method.output_type() ||
               now->client_streaming() != method.client_streaming() ||
               now->server_streaming() != method.server_streaming())
        Break(what, "another request or answer");
    }
  }

  void FindNew() {
    for (const auto& [name, message] : after_.messages) {
      const Message* old = Find(before_.messages, name);
      if (old == nullptr) added_.push_back(name);
      for (int i = 0; old != nullptr && i < message->field_size(); ++i)
        if (!Has(old->field(), message->field(i).name())) added_.push_back(Cat(name, ".", message->field(i).name()));
      if (old != nullptr && (old->reserved_range_size() != message->reserved_range_size() ||
                             old->reserved_name_size() != message->reserved_name_size()))
        added_.push_back(Cat(name, " (reserved)"));
    }
    for (const auto& [name, one] : after_.enums) {
      const Enum* old = Find(before_.enums, name);
      if (old == nullptr) added_.push_back(name);
      for (int i = 0; old != nullptr && i < one->value_size(); ++i)
        if (!Has(old->value(), one->value(i).name())) added_.push_back(Cat(name, ".", one->value(i).name()));
    }
    for (const auto& [name, service] : after_.services) {
      const Service* old = Find(before_.services, name);
      if (old == nullptr) added_.push_back(name);
      for (int i = 0; old != nullptr && i < service->method_size(); ++i)
        if (!Has(old->method(), service->method(i).name())) added_.push_back(Cat(name, "/", service->method(i).name()));
    }
  }
  template <typename Things>
  static bool Has(const Things& things, const std::string& name) {
    for (const auto& thing : things)
      if (thing.name() == name) return true;
    return false;
  }

  Names before_, after_;
  std::vector<std::string> broken_, added_;
};

}  // namespace liaison::golden

#endif  // LIAISON_TESTS_GOLDEN_SCHEMA_CHECK_H_

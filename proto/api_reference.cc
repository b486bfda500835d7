// Writes the reference of the services as one page of Markdown, from what protoc read of the schema, comments and rules
// of fields included:
//   liaison-api-reference DESCRIPTORS PAGE
// DESCRIPTORS is made by protoc with --include_imports --include_source_info. Exit code 1 where a file cannot be read
// or written, or the schema does not hang together.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <cctype>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "liaison/v1/options.pb.h"

namespace liaison {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

constexpr char kPackage[] = "liaison.v1";
constexpr uint32_t kCharsUnlessTold = 200;  // options.proto

// On one line, safe in a cell of a table.
std::string Plain(const std::string& comment) {
  std::istringstream words(comment);
  std::string text;
  for (std::string word; words >> word;) text += (text.empty() ? "" : " ") + word;
  std::string safe;
  for (char c : text) {
    if (c == '|' || c == '*') safe += '\\';
    if (c == '<') {
      safe += "&lt;";
    } else {
      safe += c;
    }
  }
  return safe;
}

// What is written above a thing, or else behind it.
template <typename Described>
std::string CommentOf(const Described* described) {
  google::protobuf::SourceLocation location;
  if (!described->GetSourceLocation(&location)) return "";
  return Plain(location.leading_comments.empty() ? location.trailing_comments : location.leading_comments);
}

std::string Anchor(const std::string& name) {
  std::string anchor;
  for (char c : name)
    if (c != '.') anchor += static_cast<char>(tolower(static_cast<unsigned char>(c)));
  return anchor;
}

// "Outer.Inner", without the package.
template <typename Type>
std::string NameOf(const Type* type) {
  const std::string& full = type->full_name();
  return full.starts_with(kPackage) ? full.substr(sizeof kPackage) : full;
}

std::string Link(const std::string& name) { return "[" + name + "](#" + Anchor(name) + ")"; }

std::string TypeOf(const FieldDescriptor* field) {
  std::string type = field->type() == FieldDescriptor::TYPE_MESSAGE ? Link(NameOf(field->message_type()))
                     : field->type() == FieldDescriptor::TYPE_ENUM  ? Link(NameOf(field->enum_type()))
                                                                    : field->type_name();
  return field->is_repeated() ? "repeated " + type : type;
}

std::string FormatText(v1::Format format) {
  switch (format) {
    case v1::FORMAT_DATE:
      return "YYYY-MM-DD";
    case v1::FORMAT_TIME:
      return "HH:MM";
    case v1::FORMAT_PHONE:
      return "7 to 12 digits";
    case v1::FORMAT_CODE:
      return "A-Z a-z 0-9 -";
    default:
      return "";
  }
}

std::string LimitsOf(const FieldDescriptor* field) {
  if (!field->options().HasExtension(v1::f)) return "";
  const v1::FieldRules& rules = field->options().GetExtension(v1::f);
  std::vector<std::string> limits;
  if (rules.required()) limits.push_back("required");
  if (std::string format = FormatText(rules.format()); !format.empty()) limits.push_back(std::move(format));
  if (field->type() == FieldDescriptor::TYPE_STRING && rules.format() == v1::FORMAT_ANY)
    limits.push_back("at most " + std::to_string(rules.max_chars() > 0 ? rules.max_chars() : kCharsUnlessTold) +
                     " characters");
  if (rules.max() != 0) {
    limits.push_back(std::to_string(rules.min()) + " to " + std::to_string(rules.max()));
  } else if (rules.min() != 0) {
    limits.push_back("at least " + std::to_string(rules.min()));
  }
  if (rules.sealed()) limits.push_back("stored sealed");
  std::string text;
  for (const std::string& limit : limits) text += (text.empty() ? "" : "; ") + limit;
  return text;
}

void PrintFields(const Descriptor* message, std::ostream& out) {
  if (message->field_count() == 0) {
    out << "No fields.\n\n";
    return;
  }
  out << "| field | type | label | limits | |\n|---|---|---|---|---|\n";
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    out << "| `" << field->name() << "` | " << TypeOf(field) << " | "
        << Plain(field->options().GetExtension(v1::f).label()) << " | " << LimitsOf(field) << " | " << CommentOf(field)
        << " |\n";
  }
  out << "\n";
}

void PrintSide(const char* side, const Descriptor* message, std::ostream& out) {
  out << side << " `" << NameOf(message) << "`. " << CommentOf(message) << "\n\n";
  PrintFields(message, out);
}

void PrintService(const ServiceDescriptor* service, std::ostream& out) {
  out << "## " << service->name() << "\n\n" << CommentOf(service) << "\n\n";
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* method = service->method(i);
    out << "### " << service->name() << "." << method->name() << "\n\n" << CommentOf(method) << "\n\n";
    PrintSide("Request", method->input_type(), out);
    PrintSide("Answer", method->output_type(), out);
  }
}

// What the fields of requests and answers are made of, and these in turn.
struct Types {
  std::map<std::string, const Descriptor*> messages;
  std::map<std::string, const EnumDescriptor*> enums;

  void AddFieldsOf(const Descriptor* message) {
    for (int i = 0; i < message->field_count(); ++i) {
      const FieldDescriptor* field = message->field(i);
      if (field->type() == FieldDescriptor::TYPE_ENUM) enums.emplace(NameOf(field->enum_type()), field->enum_type());
      if (field->type() == FieldDescriptor::TYPE_MESSAGE &&
          messages.emplace(NameOf(field->message_type()), field->message_type()).second)
        AddFieldsOf(field->message_type());
    }
  }
};

void PrintTypes(const Types& types, std::ostream& out) {
  out << "## Messages\n\n";
  for (const auto& [name, message] : types.messages) {
    out << "### " << name << "\n\n" << CommentOf(message) << "\n\n";
    PrintFields(message, out);
  }
  out << "## Enums\n\n";
  for (const auto& [name, type] : types.enums) {
    out << "### " << name << "\n\n" << CommentOf(type) << "\n\n| value | label | |\n|---|---|---|\n";
    for (int i = 0; i < type->value_count(); ++i)
      out << "| `" << type->value(i)->name() << "` | " << type->value(i)->options().GetExtension(v1::label) << " | "
          << CommentOf(type->value(i)) << " |\n";
    out << "\n";
  }
}

int Main(const char* descriptors, const char* page) {
  google::protobuf::FileDescriptorSet set;
  std::ifstream in(descriptors, std::ios::binary);
  if (!set.ParseFromIstream(&in)) {
    std::cerr << descriptors << ": no descriptors\n";
    return 1;
  }
  google::protobuf::DescriptorPool pool;
  std::map<std::string, const ServiceDescriptor*> services;
  Types types;
  for (const google::protobuf::FileDescriptorProto& one : set.file()) {
    const FileDescriptor* file = pool.BuildFile(one);
    if (file == nullptr) return 1;  // the pool has said why
    for (int i = 0; i < file->service_count(); ++i) services.emplace(file->service(i)->name(), file->service(i));
  }
  std::ofstream out(page, std::ios::binary);
  out << "# Reference of the services\n\nMade from the schema. How to ask, with an example of each service: "
         "api.md.\n\n";
  for (const auto& [name, service] : services) {
    PrintService(service, out);
    for (int i = 0; i < service->method_count(); ++i) {
      types.AddFieldsOf(service->method(i)->input_type());
      types.AddFieldsOf(service->method(i)->output_type());
    }
  }
  PrintTypes(types, out);
  if (out.flush()) return 0;
  std::cerr << page << ": cannot be written\n";
  return 1;
}

}  // namespace
}  // namespace liaison

int main(int argc, char** argv) {
  if (argc == 3) return liaison::Main(argv[1], argv[2]);
  std::cerr << "liaison-api-reference DESCRIPTORS PAGE\n";
  return 1;
}

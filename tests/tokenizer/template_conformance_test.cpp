// Chat templates in use, against what Jinja2 makes of them.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "tests/support/support.h"
#include "tokenizer/chat_template.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

std::string render(const std::string& source, const Json& arguments) {
  try {
    return ChatTemplate(source).render(arguments);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::template_error);
    return "error: " + error.message();
  }
}

// Errors are recorded as "TypeOfException: message"; the message must be the same.
std::string expected_of(const Json& record) {
  if (record.contains("text")) return record["text"];
  const std::string error = record["error"];
  return "error: " + error.substr(error.find(": ") + 2);
}

TEST(TemplateConformance, AllTemplatesInUse) {
  const std::string folder = test::shared_path("conformance/templates/");
  LOAM_NEEDS(folder + "expected.json");
  const Json data = Json::parse(test::read_file(folder + "expected.json"));
  int n = 0;
  for (const auto& [name, cases] : data["templates"].items()) {
    const std::string source = test::read_file(folder + name);
    for (const auto& [key, record] : cases.items()) {
      Json arguments = data["cases"][key];
      for (const char* extra : {"bos_token", "eos_token", "now"}) arguments[extra] = data[extra];
      EXPECT_EQ(render(source, arguments), expected_of(record)) << name << ", case " << key;
      ++n;
    }
  }
  EXPECT_EQ(n, 100);
}

}  // namespace
}  // namespace loam

// Every feature of Jinja in small templates, against Jinja2 (tests/data/templates, by make_template_golden.py).
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "tests/support/support.h"
#include "tokenizer/chat_template.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

struct Outcome {
  std::string text;
  std::string error;  // empty: none
};

Outcome render_case(const std::string& source, const Json& arguments) {
  try {
    return {ChatTemplate(source).render(arguments), ""};
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::template_error) << source;
    EXPECT_TRUE(error.where().starts_with("line ")) << source;
    return {"", error.message()};
  }
}

// A case is [template, text], or [template, null, message]; a null message stands for any error.
TEST(TemplateGolden, AllCases) {
  const Json data = Json::parse(test::read_file(test::data_path("templates/cases.json")));
  ASSERT_GE(data["cases"].size(), 1000U);
  for (const Json& entry : data["cases"]) {
    const std::string source = entry[0];
    const Outcome outcome = render_case(source, data["arguments"]);
    if (entry[1].is_string()) {
      EXPECT_EQ(outcome.error, "") << source;
      EXPECT_EQ(outcome.text, entry[1].get<std::string>()) << source;
    } else if (entry[2].is_string()) {
      EXPECT_EQ(outcome.error, entry[2].get<std::string>()) << source;
    } else {
      EXPECT_NE(outcome.error, "") << source << " rendered " << outcome.text;
    }
  }
}

}  // namespace
}  // namespace loam

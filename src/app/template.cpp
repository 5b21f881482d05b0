// loam template: what a chat template makes of a conversation.
#include <memory>
#include <nlohmann/json.hpp>

#include "app/command.h"
#include "app/load_options.h"
#include "app/output.h"
#include "base/error.h"
#include "tokenizer/chat_template.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kTemplateExamples =
    R"(The input is a JSON object with the template's arguments: messages, tools, bos_token, eos_token,
now ("2024-07-26T12:00:00", for strftime_now), … add_generation_prompt is true unless given. For a MODEL, bos_token
and eos_token come from its vocabulary unless given. Prints exactly the rendered text. An error exits with 4.
Examples:
  loam template smollm2-135m --input conversation.json
  echo '{"messages": [{"role": "user", "content": "Hi"}]}' | loam template chat.jinja --input -)";

struct TemplateCommand {
  LoadOptions load;
  std::string input;

  void run() const;
};

Json parse_arguments(const std::string& path) {
  const std::string text = path == "-" ? read_standard_input() : read_whole_file(path);
  Json arguments = Json::parse(text, nullptr, false);
  if (arguments.is_discarded()) throw Error(Error::Code::invalid, "is not valid JSON", path);
  if (!arguments.is_object()) throw Error(Error::Code::invalid, "is not a JSON object of template arguments", path);
  return arguments;
}

void set_default(Json& arguments, const char* key, Json value) {
  if (!arguments.contains(key)) arguments[key] = std::move(value);
}

// The model's template; its special tokens become arguments.
std::string read_model_template(const LoadOptions& load, Json& arguments) {
  const auto file = open_model_file(load);
  const auto source = file->metadata().string("tokenizer.chat_template");
  if (!source)
    throw Error(Error::Code::template_error, "the model has no chat template (tokenizer.chat_template)", load.model);
  const auto tokenizer = Tokenizer::load(file->metadata(), load.force_pre);
  if (tokenizer->bos() >= 0) set_default(arguments, "bos_token", std::string(tokenizer->text_of(tokenizer->bos())));
  if (tokenizer->eos() >= 0) set_default(arguments, "eos_token", std::string(tokenizer->text_of(tokenizer->eos())));
  return std::string(*source);
}

void TemplateCommand::run() const {
  Json arguments = parse_arguments(input);
  set_default(arguments, "add_generation_prompt", true);
  const bool is_source = load.model.ends_with(".jinja") || load.model.ends_with(".jinja2");
  const std::string source = is_source ? read_whole_file(load.model) : read_model_template(load, arguments);
  print(ChatTemplate(source).render(arguments));
}

}  // namespace

void add_template(Command& app) {
  Command* command = app.add_subcommand("template", "render a chat template");
  auto state = std::make_shared<TemplateCommand>();
  command->add_option("MODEL", state->load.model, "a model's name, a GGUF file, or a FILE.jinja")
      ->required()
      ->type_name("");
  command->add_option("--input", state->input, "a JSON file with the arguments; - is standard input")
      ->required()
      ->type_name("FILE.json");
  add_file_options(*command, state->load);
  command->footer(kTemplateExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam

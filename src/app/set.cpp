// loam set: changes the metadata of a model file.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/file_commands.h"
#include "app/file_work.h"
#include "app/output.h"
#include "base/human_bytes.h"
#include "base/utf8.h"
#include "file/catalogue.h"
#include "file/gguf_edit.h"

namespace loam {
namespace {

constexpr const char* kSetExamples =
    R"(TYPE is int, float, bool or str, which keep the type that the key has in the file; file, with the path of a text; one of
the file's own (u8 i8 u16 i16 u32 i32 u64 i64 f32 f64 bool string), which replaces any; or an array of these with JSON: u32[].
Without --out or --overlay the file itself is changed, where that is possible without moving the tensors. An overlay is a file
of a few KiB that has the changed metadata and another file's tensors: it is used like any other GGUF.
Examples:
  loam set model.gguf general.name=str:Anna
  loam set model.gguf llama.context_length=int:16384 --remove tokenizer.chat_template
  loam set model.gguf tokenizer.chat_template=file:chat.jinja --overlay anna.gguf
  loam set model.gguf 'general.tags=string[]:["small","en"]' --out tagged.gguf)";

struct SetCommand {
  std::string model, out, overlay;
  MetadataChanges changes;
  int threads = 0;
  bool json = false;

  void run();
};

void SetCommand::run() {
  const std::string path = resolve_model(model);
  FileWork work("writing " + out, threads);
  uint64_t bytes = 0;
  if (!overlay.empty()) {
    bytes = write_overlay(path, changes, overlay);
  } else if (!out.empty()) {
    write_edited_copy(path, changes, out, work.pool, work.progress());
  } else {
    bytes = edit_in_place(path, changes);
  }
  work.finish();
  const std::string& written = !overlay.empty() ? overlay : !out.empty() ? out : path;
  const std::string how = !overlay.empty() ? "overlay" : !out.empty() ? "copy" : "in place";
  if (json) {
    print(nlohmann::ordered_json{{"path", sanitize_utf8(written)}, {"how", how}}.dump() + "\n");
  } else {
    print(fmt::format("{}: {}{}\n", escape_control(written), how,
                      bytes ? fmt::format(", {} written", human_bytes(bytes)) : ""));
  }
}

}  // namespace

void add_set(Command& app) {
  Command* command = app.add_subcommand("set", "change the metadata of a model file");
  auto state = std::make_shared<SetCommand>();
  command->add_option("MODEL", state->model, "a GGUF file, or an installed model's name")->required()->type_name("");
  command->add_option("CHANGE", state->changes.assignments, "KEY=TYPE:VALUE, as many as you like")->type_name("");
  command->add_option("--remove", state->changes.removed, "take this key out; may be repeated")
      ->type_name("KEY")
      ->allow_extra_args(false);
  Option* out = command->add_option("--out", state->out, "write a whole copy to this file")->type_name("FILE");
  command->add_option("--overlay", state->overlay, "write an overlay to this file")->type_name("FILE")->excludes(out);
  command->add_option("-t,--threads", state->threads, "threads (default: the physical cores)")
      ->check(integer_between(1, 1024))
      ->type_name("N");
  command->add_flag("--json", state->json, "print a JSON object");
  command->footer(kSetExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam

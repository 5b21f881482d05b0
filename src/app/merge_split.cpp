// loam merge-split: the files of a model as one, or one as several.
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/file_commands.h"
#include "app/file_work.h"
#include "app/output.h"
#include "base/human_bytes.h"
#include "base/utf8.h"
#include "file/catalogue.h"
#include "file/gguf_shards.h"

namespace loam {
namespace {

constexpr const char* kMergeSplitExamples =
    R"(Without --split-size the model, given by any of its files, becomes the one file OUT. With it, it becomes
OUT-00001-of-0000N.gguf and so on, each of at most SIZE (as 500M, 2G or a number of bytes) where no single tensor is larger.
An overlay becomes a whole file. Tensors stay as they are, bit for bit.
Examples:
  loam merge-split model-00001-of-00003.gguf model.gguf
  loam merge-split model.gguf parts/model --split-size 2G)";

struct MergeSplitCommand {
  std::string model, out, split_size;
  int threads = 0;
  bool json = false;

  void run() const;
};

// "500M" → 500,000,000
uint64_t shard_bytes(const std::string& text) {
  constexpr std::string_view kUnits = "KMGT";
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  std::string_view unit(rest, static_cast<size_t>(end - rest));
  if (unit.ends_with('B') || unit.ends_with('b')) unit.remove_suffix(1);
  const size_t place = unit.empty() ? 0 : kUnits.find(static_cast<char>(unit[0] & ~0x20)) + 1;
  const bool known = unit.empty() || (unit.size() == 1 && place > 0);
  const double bytes = value * std::pow(1000, place);
  if (error != std::errc{} || !known || !(bytes >= 1e4 && bytes < 1e18))
    throw Error(Error::Code::invalid,
                fmt::format("{} is no size from 10K to 1000000T, such as 2G", escape_control(text)), "--split-size");
  return static_cast<uint64_t>(bytes);
}

std::string without_ending(const std::string& path) {
  constexpr std::string_view kEnding = ".gguf";
  return path.ends_with(kEnding) ? path.substr(0, path.size() - kEnding.size()) : path;
}

void MergeSplitCommand::run() const {
  const uint64_t max_bytes = split_size.empty() ? 0 : shard_bytes(split_size);
  const auto file = GgufFile::open(resolve_model(model));
  Metadata metadata = file->metadata();
  const GgufCopy copy = whole_copy(*file, metadata);
  FileWork work("writing " + out, threads);
  std::vector<std::string> paths{out};
  if (max_bytes)
    paths = write_shards(*file, copy, without_ending(out), max_bytes, work.pool, work.progress());
  else
    copy_gguf(*file, copy, out, work.pool, work.progress());
  work.finish();
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::string lines;
  for (const std::string& path : paths) {
    list.push_back(sanitize_utf8(path));
    lines += escape_control(path) + "\n";
  }
  print(json ? nlohmann::ordered_json{{"files", std::move(list)}, {"n_tensors", copy.tensors.size()}}.dump() + "\n"
             : lines);
}

}  // namespace

void add_merge_split(Command& app) {
  Command* command = app.add_subcommand("merge-split", "make one file of a model's several, or several of one");
  auto state = std::make_shared<MergeSplitCommand>();
  command->add_option("MODEL", state->model, "a GGUF file, one of several, or an installed model's name")
      ->required()
      ->type_name("");
  command->add_option("OUT", state->out, "the new file, or what the names of several begin with")
      ->required()
      ->type_name("");
  command->add_option("--split-size", state->split_size, "most bytes of one file, such as 2G")->type_name("SIZE");
  command->add_option("-t,--threads", state->threads, "threads (default: the physical cores)")
      ->check(integer_between(1, 1024))
      ->type_name("N");
  command->add_flag("--json", state->json, "print a JSON object");
  command->footer(kMergeSplitExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam

// loam imatrix: how large the inputs of each matrix are on a text, for `loam quantize --imatrix`.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "app/command.h"
#include "app/file_commands.h"
#include "app/interrupt.h"
#include "app/load_options.h"
#include "app/option_checks.h"
#include "app/output.h"
#include "app/progress_bar.h"
#include "base/error.h"
#include "base/output_file.h"
#include "base/utf8.h"
#include "file/importance_matrix.h"

namespace loam {
namespace {

constexpr const char* kImatrixExamples =
    R"(The model reads the text in windows of N tokens, whole ones only, each begun with BOS where the model wants it. The squares of
what each matrix multiplies are summed for each of its columns, of each expert apart. Some hundred kilobytes of the kind of text
that the model is meant for are enough. The file is a GGUF as llama.cpp's tools read and write it.
Examples:
  loam imatrix model-f16.gguf calibration.txt -o model.imatrix.gguf
  loam quantize model-f16.gguf model-iq2_m.gguf IQ2_M --imatrix model.imatrix.gguf
  loam imatrix model-f16.gguf more.txt -o both.imatrix.gguf --add model.imatrix.gguf --chunks 100 --json)";

constexpr int64_t kLeastWindow = 16;

// Sums what the threads of a step see.
class InputSums {
 public:
  void add(const MatrixInput& input) {
    const std::lock_guard lock(mutex_);
    for (int64_t row = 0; row < input.n_rows; ++row)
      matrix.add(input.tensor, input.matrix, input.n_matrices,
                 {input.x + row * input.stride, static_cast<size_t>(input.cols)});
  }

  ImportanceMatrix matrix;

 private:
  std::mutex mutex_;
};

struct ImatrixCommand {
  LoadOptions load;
  std::string text, out;
  std::vector<std::string> added;
  int64_t chunks = 0;
  bool process_output = false, json = false;

  std::unique_ptr<Engine> load_watched(InputSums& sums) const;
  std::vector<Token> windows(const Engine& engine, int64_t window) const;
  std::string summary(const ImportanceMatrix& matrix) const;
  void run() const;
};

bool is_head(std::string_view tensor) { return tensor == "output.weight" || tensor == "token_embd.weight"; }

std::unique_ptr<Engine> ImatrixCommand::load_watched(InputSums& sums) const {
  EngineOptions options = engine_options(load);
  options.prefix_cache = false;  // every window is computed
  options.on_input = [&sums, heads = process_output](const MatrixInput& input) {
    if (heads || !is_head(input.tensor)) sums.add(input);
  };
  return load_engine(load, options);
}

// The text's tokens, cut to whole windows.
std::vector<Token> ImatrixCommand::windows(const Engine& engine, int64_t window) const {
  const std::string bytes = text == "-" ? read_standard_input() : read_whole_file(text);
  std::vector<Token> tokens = engine.tokenizer().encode(bytes, {.add_special = true});
  const int64_t n_windows = std::ssize(tokens) / window;
  if (n_windows == 0)
    throw Error(Error::Code::invalid,
                fmt::format("the text has {} tokens, less than one window of {}: take a longer text or a smaller --ctx",
                            tokens.size(), window),
                text);
  tokens.resize(static_cast<size_t>((chunks > 0 ? std::min(chunks, n_windows) : n_windows) * window));
  if (engine.tokenizer().adds_bos())
    for (size_t i = 0; i < tokens.size(); i += static_cast<size_t>(window)) tokens[i] = engine.tokenizer().bos();
  return tokens;
}

// `every_logit`: the head sees all rows, not only each window's last.
void read_windows(Engine& engine, std::span<const Token> tokens, int64_t window, bool every_logit) {
  ProgressBar bar("reading", ProgressBar::Unit::tokens);
  const auto sequence = engine.open({.context = window});
  for (size_t begin = 0; begin < tokens.size(); begin += static_cast<size_t>(window)) {
    sequence->truncate(0);
    engine.evaluate(*sequence, tokens.subspan(begin, static_cast<size_t>(window)), 512, every_logit ? 0 : window - 1,
                    [](int64_t, std::span<const float>) {});
    throw_if_interrupted();
    bar.update(begin + static_cast<uint64_t>(window), tokens.size());
  }
}

std::string ImatrixCommand::summary(const ImportanceMatrix& matrix) const {
  int64_t n_unseen = 0;
  for (const auto& [name, entry] : matrix.entries()) n_unseen += std::ranges::count(entry.counts, 0);
  if (json)
    return nlohmann::ordered_json{{"path", sanitize_utf8(out)},
                                  {"n_tensors", matrix.entries().size()},
                                  {"n_chunks", matrix.n_chunks},
                                  {"chunk_size", matrix.chunk_size},
                                  {"n_unseen_experts", n_unseen}}
               .dump() +
           "\n";
  std::string line = fmt::format("{}: {} tensors, {} windows of {} tokens\n", escape_control(out),
                                 matrix.entries().size(), matrix.n_chunks, matrix.chunk_size);
  if (n_unseen > 0)
    line += fmt::format("{} matrices of experts were not used: a longer text may reach them\n", n_unseen);
  return line;
}

void ImatrixCommand::run() const {
  const InterruptGuard guard;
  { const OutputFile file(out); }  // what cannot be written is refused before the work
  InputSums sums;
  ImportanceMatrix& matrix = sums.matrix;
  for (const std::string& path : added) matrix.add(ImportanceMatrix::read(path));
  const auto engine = load_watched(sums);
  const int64_t window = load.context ? load.context : std::min<int64_t>(512, engine->context());
  const std::vector<Token> tokens = windows(*engine, window);
  read_windows(*engine, tokens, window, process_output);
  matrix.datasets.push_back(text);
  matrix.n_chunks += std::ssize(tokens) / window;
  matrix.chunk_size = window;
  matrix.write(out);
  print(summary(matrix));
}

}  // namespace

void add_imatrix(Command& app) {
  Command* command = app.add_subcommand("imatrix", "measure which columns of a model's matrices matter");
  auto state = std::make_shared<ImatrixCommand>();
  add_model_argument(*command, state->load);
  command->add_option("TEXTFILE", state->text, "the text; - is standard input")->required()->type_name("");
  command->add_option("-o,--out", state->out, "the importance matrix, a GGUF file")->required()->type_name("FILE");
  command->add_option("-c,--ctx", state->load.context, "tokens of one window (default: 512, or the context if smaller)")
      ->check(integer_between(kLeastWindow, 1 << 30))
      ->type_name("N");
  command->add_option("--chunks", state->chunks, "most windows to read (default: all)")
      ->check(integer_between(1, 1 << 30))
      ->type_name("N");
  command->add_option("--add", state->added, "an importance matrix to add to; may be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command->add_flag("--process-output", state->process_output, "of the output matrix, too");
  command->add_flag("--json", state->json, "print a JSON object");
  add_load_options(*command, state->load);
  command->footer(kImatrixExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam

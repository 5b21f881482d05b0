// loam logits: the raw scores after each of the given tokens, for tests and tools.
#include <fmt/format.h>

#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "app/command.h"
#include "app/interrupt.h"
#include "app/load_options.h"
#include "app/output.h"
#include "app/progress_bar.h"
#include "app/token_list.h"
#include "base/error.h"

namespace loam {
namespace {

static_assert(std::endian::native == std::endian::little, "rows are written as they are in memory");

constexpr const char* kLogitsExamples =
    R"(Writes float32 little-endian rows [n_tokens][n_vocab]: row i holds the logits after token i. Nothing is
added to the tokens and the model's tokenizer is not read.
Examples:
  loam logits model.gguf --tokens 1,2,3 --out logits.f32
  loam tokenize model.gguf "Hi" --bos > ids.txt && loam logits model.gguf --tokens-file ids.txt --out logits.f32 --chunk 1)";

struct LogitsCommand {
  LoadOptions load;
  std::string tokens, tokens_file, out;
  int chunk = 512;

  std::vector<Token> read_tokens() const {
    return tokens_file.empty() ? parse_token_list(tokens, "--tokens")
                               : parse_token_list(read_whole_file(tokens_file), "--tokens-file");
  }
  void run() const;
};

// The file that rows go to; removed again unless all of them were written.
class RowFile {
 public:
  explicit RowFile(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "wb")) {
    if (!file_) fail();
  }
  ~RowFile() {
    if (!file_) return;
    std::fclose(file_);
    std::remove(path_.c_str());
  }
  RowFile(const RowFile&) = delete;
  RowFile& operator=(const RowFile&) = delete;

  void write(std::span<const float> row) {
    if (std::fwrite(row.data(), sizeof(float), row.size(), file_) != row.size()) fail();
  }
  void close() {
    FILE* file = std::exchange(file_, nullptr);
    if (std::fclose(file) != 0) fail();
  }

 private:
  [[noreturn]] void fail() const {
    throw Error(Error::Code::io, fmt::format("cannot write {}: {}", path_, std::strerror(errno)), "--out");
  }

  std::string path_;
  FILE* file_;
};

void LogitsCommand::run() const {
  const std::vector<Token> ids = read_tokens();
  EngineOptions options = engine_options(load);
  if (options.context == 0) options.context = static_cast<int64_t>(ids.size());
  options.chunk = chunk;

  const InterruptGuard guard;
  const auto engine = load_engine(load, options);
  check_token_range(ids, engine->model().config().n_vocab, tokens_file.empty() ? "--tokens" : "--tokens-file");

  RowFile file(out);
  ProgressBar bar("evaluating", ProgressBar::Unit::tokens);
  engine->evaluate(*engine->open(), ids, chunk, 0, [&](int64_t position, std::span<const float> row) {
    throw_if_interrupted();
    bar.update(static_cast<uint64_t>(position) + 1, ids.size());
    file.write(row);
  });
  file.close();
}

}  // namespace

void add_logits(Command& app) {
  Command* command = app.add_subcommand("logits", "write the logits after each token to a file");
  auto state = std::make_shared<LogitsCommand>();
  add_model_argument(*command, state->load);
  auto* source = command->add_option_group("tokens", "the tokens (exactly one)");
  source->add_option("--tokens", state->tokens, "ids separated by commas")->type_name("1,2,3");
  source->add_option("--tokens-file", state->tokens_file, "a file with ids separated by commas, spaces or line ends")
      ->type_name("FILE");
  source->require_option(1);
  command->add_option("--out", state->out, "the file to write")->required()->type_name("FILE");
  command->add_option("--chunk", state->chunk, "tokens of one batch")
      ->check(integer_between(1, 65536))
      ->capture_default_str()
      ->type_name("N");
  state->load.kv = {.k = DType::f32, .v = DType::f32};  // as exact as the weights: what is compared with references
  add_context_option(*command, state->load);
  add_load_options(*command, state->load);
  command->footer(kLogitsExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam

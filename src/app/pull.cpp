// loam pull: downloads a model.
#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "app/command.h"
#include "app/interrupt.h"
#include "app/output.h"
#include "app/progress_bar.h"
#include "app/terminal.h"
#include "base/human_bytes.h"
#include "file/catalogue.h"

namespace loam {
namespace {

constexpr const char* kPullExamples =
    R"(NAME is one of `loam list`. Downloads go into $LOAM_HOME/models, resume where they stopped, and are checked.
The installed file's path is printed.
Examples:
  loam pull smollm2-135m
  loam pull hf:bartowski/SmolLM2-135M-Instruct-GGUF/SmolLM2-135M-Instruct-Q8_0.gguf
  loam pull https://example.org/model.gguf)";

void show_licence(const std::string& what) {
  const auto entry = find_in_catalogue(what);
  if (!entry || !is_terminal(STDERR_FILENO)) return;
  fmt::print(stderr, "{}: {}, licence {}\n", entry->name, human_bytes(entry->bytes), entry->licence);
}

void pull(const std::string& what) {
  show_licence(what);
  const InterruptGuard guard;
  std::string path;
  {
    ProgressBar bar(what, ProgressBar::Unit::bytes, std::chrono::milliseconds(0));
    const auto progress = [&](std::string_view label, uint64_t done, uint64_t total) {
      bar.relabel(terminal_safe(label));
      bar.update(done, total);
      return !interrupted();
    };
    const auto warn = [&](std::string_view message) {
      bar.erase();
      fmt::print(stderr, "{} {}\n", paint(STDERR_FILENO, style::kYellow, "loam:"), terminal_safe(message));
    };
    path = pull_model(what, progress, warn);
  }
  print(path + "\n");
}

}  // namespace

void add_pull(Command& app) {
  Command* command = app.add_subcommand("pull", "download a model");
  auto what = std::make_shared<std::string>();
  command->add_option("NAME", *what, "a name, hf:OWNER/REPO/FILE, or an https address")->required()->type_name("");
  command->footer(kPullExamples);
  command->callback([what] { pull(*what); });
}

}  // namespace loam

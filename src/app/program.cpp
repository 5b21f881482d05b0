#include "app/program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <new>
#include <numeric>
#include <string>
#include <vector>

#include "app/command.h"
#include "app/file_commands.h"
#include "app/output.h"
#include "app/terminal.h"
#include "app/version.h"
#include "base/error.h"
#include "base/utf8.h"

namespace loam {
namespace {

constexpr const char* kProgramExamples = R"(Examples:
  loam chat                                     talk with the installed model
  loam chat smollm2-135m --system "Be brief."
  loam generate model.gguf -p "Once upon" -n 64
  loam pull qwen2.5-coder-1.5b
  loam bench smollm2-135m -t 2
`loam COMMAND --help` explains one command.)";

// Levenshtein's edit distance.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t changed = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j + 1] + 1, row[j] + 1});
    }
  }
  return row.back();
}

// CLI11 would only say that a subcommand is required.
void check_command_name(const CLI::App& app, const std::string& name) {
  if (name.empty() || name[0] == '-') return;
  std::string closest;
  size_t smallest = 3;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == name) return;
    const size_t d = distance(name.substr(0, 40), command->get_name());
    if (d < smallest) {
      smallest = d;
      closest = command->get_name();
    }
  }
  throw Error(Error::Code::invalid, fmt::format("there is no command '{}'{}; see `loam --help`", name,
                                                closest.empty() ? "" : fmt::format(" (did you mean '{}'?)", closest)));
}

void report(std::string_view message) {
  const std::string text = terminal_safe(sanitize_utf8(message));
  std::fprintf(stderr, "%s %s\n", paint(STDERR_FILENO, style::kRed, "loam:").c_str(), text.c_str());
}

// Help and version are "errors" to CLI11 too.
int finish_parse_error(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    app.exit(error);
    return 0;
  }
  std::string name = "loam";
  for (const CLI::App* command = &app; !command->get_subcommands().empty();) {
    command = command->get_subcommands().front();
    name += " " + command->get_name();
  }
  report(fmt::format("invalid: {} (see `{} --help`)", error.what(), name));
  return 2;
}

int parse_and_run(CLI::App& app, int argc, char** argv) {
  try {
    if (argc < 2) {
      print(app.help());
      return 0;
    }
    check_command_name(app, argv[1]);
    app.parse(argc, argv);
    return 0;
  } catch (const CommandFailed& failure) {
    return failure.exit_status;
  } catch (const CLI::ParseError& error) {
    return finish_parse_error(app, error);
  } catch (const Error& error) {
    report(error.what());
    return error.exit_status();
  } catch (const BrokenPipe&) {
    return 128 + SIGPIPE;
  } catch (const std::bad_alloc&) {
    report("no_memory: the system has no memory left; a smaller --ctx or model needs less");
    return 1;
  } catch (const std::exception& error) {
    report(error.what());
    return 1;
  }
}

void build_command_line(CLI::App& app, Command& root) {
  app.name("loam");
  app.description("loam runs language models on your own machine.");
  app.require_subcommand(1);
  app.set_version_flag("--version", fmt::format("loam {}", kVersion));
  app.footer(kProgramExamples);
  app.get_formatter()->column_width(34);
  for (const auto add :
       {add_chat,       add_generate, add_embed,       add_rerank, add_tokenize, add_template,  add_logits,
        add_perplexity, add_bench,    add_show,        add_vocab,  add_diff,     add_set,       add_quantize,
        add_convert,    add_imatrix,  add_merge_split, add_plan,   add_pull,     add_list,      add_rm,
        add_serve,      add_ps,       add_stop,        add_keys,   add_memory,   add_completion})
    add(root);
}

}  // namespace

int run_program(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file beyond `ulimit -f` is an error of writing
  std::signal(SIGPIPE, SIG_IGN);  // `print` notices a closed pipe; a download's closed socket is an error of its own
  CLI::App app;
  Command root(app);
  build_command_line(app, root);
  const int status = parse_and_run(app, argc, argv);
  if (std::fflush(stdout) != 0 && status == 0) return 1;
  return status;
}

}  // namespace loam

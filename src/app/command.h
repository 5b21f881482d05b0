// A subcommand of the `loam` program: it adds itself to the command line and runs.
#pragma once

#include <CLI/CLI.hpp>

namespace loam {

// Each registers its options and a callback on `app`; one file per subcommand in src/app/.
void add_chat(CLI::App& app);
void add_generate(CLI::App& app);
void add_tokenize(CLI::App& app);
void add_template(CLI::App& app);
void add_logits(CLI::App& app);
void add_perplexity(CLI::App& app);
void add_bench(CLI::App& app);
void add_show(CLI::App& app);
void add_plan(CLI::App& app);
void add_pull(CLI::App& app);
void add_list(CLI::App& app);
void add_rm(CLI::App& app);
void add_completion(CLI::App& app);

}  // namespace loam

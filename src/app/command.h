// A subcommand of the `loam` program: it adds itself to the command line and runs.
#pragma once

#include "app/command_line.h"

namespace loam {

// Thrown by a command that has told of its failures itself.
struct CommandFailed {
  int exit_status;
};

// Each registers its options and a callback on `app`; one file per subcommand in src/app/.
void add_chat(Command& app);
void add_generate(Command& app);
void add_embed(Command& app);
void add_rerank(Command& app);
void add_tokenize(Command& app);
void add_template(Command& app);
void add_logits(Command& app);
void add_perplexity(Command& app);
void add_bench(Command& app);
void add_show(Command& app);
void add_plan(Command& app);
void add_pull(Command& app);
void add_list(Command& app);
void add_rm(Command& app);
void add_keys(Command& app);
void add_serve(Command& app);
void add_ps(Command& app);
void add_stop(Command& app);
void add_memory(Command& app);
void add_completion(Command& app);

}  // namespace loam

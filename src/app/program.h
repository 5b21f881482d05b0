// The whole command line: all subcommands, and one place where every failure becomes a message and an exit status.
#pragma once

namespace loam {

// → the exit status: 0, 1 failed, 2 wrong arguments, 3 broken model, 4 template error, 130 interrupted.
int run_program(int argc, char** argv);

}  // namespace loam

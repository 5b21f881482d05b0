// Runs another program without a shell, and waits for it.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace loam {

struct ChildResult {
  int exit_status;     // the program's own; 128 + N where signal N ended it
  std::string output;  // the last 16 KiB of its standard output and error, in the order written
};

// `arguments[0]` is looked up in PATH; standard input is empty. `environment` holds "NAME=value" entries that are added
// to, or replace, this process's own. `keep_going` is asked about ten times a second; once it returns false the child
// is ended and Error(cancelled) is thrown. Throws Error(not_found) where there is no such program.
ChildResult run_child(const std::vector<std::string>& arguments, const std::vector<std::string>& environment = {},
                      const std::function<bool()>& keep_going = {});

}  // namespace loam

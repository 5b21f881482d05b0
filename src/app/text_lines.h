// The texts that a command is given: its arguments, the lines of a file, or those of standard input.
#pragma once

#include <string>
#include <vector>

namespace loam {

// `path`: of the file, or empty. Errors as read_whole_file.
std::vector<std::string> input_lines(const std::vector<std::string>& arguments, const std::string& path);

}  // namespace loam

// Where commands read their input and write their results: every byte exactly, every failure noticed.
#pragma once

#include <string>
#include <string_view>

namespace loam {

// The reader of our standard output has gone (`loam list | head -1`): the program ends quietly.
struct BrokenPipe {};

// Writes and flushes. BrokenPipe, or Error(io) where the bytes cannot be written (a full disk).
void print(std::string_view text);

// The bytes of a file, or of standard input. Error(not_found) or Error(io).
std::string read_whole_file(const std::string& path);
std::string read_standard_input();

// Quoted where CSV (RFC 4180) asks for it.
std::string csv_field(std::string_view text);

}  // namespace loam

// The `loam` program: one subcommand each in its own file.
#include <CLI/CLI.hpp>

#include <cstdio>

#include "app/command.h"
#include "base/error.h"

int main(int argc, char** argv) {
  CLI::App app("loam: language models on your own machine");
  app.require_subcommand(1);
  CLI11_PARSE(app, argc, argv);
  return 0;
}

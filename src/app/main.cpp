// The `loam` program; its subcommands are one file each beside this one.
#include <clocale>
#include <cstdlib>

#include "app/process.h"
#include "app/program.h"

int main(int argc, char** argv) {
  loam::note_process_start();
  // Line editing needs to know the width of 한 and Ж; plain "C" (containers) has no UTF-8.
  if (!std::setlocale(LC_CTYPE, "") || MB_CUR_MAX == 1) std::setlocale(LC_CTYPE, "C.UTF-8");
  return loam::run_program(argc, argv);
}

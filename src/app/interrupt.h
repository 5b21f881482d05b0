// Ctrl+C as a question that long work asks from time to time, instead of a sudden end.
#pragma once

#include <csignal>

namespace loam {

// While one lives, SIGINT only sets a flag, and system calls that wait are interrupted (EINTR).
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  struct sigaction previous_ {};
};

bool interrupted();
void clear_interrupt();
void throw_if_interrupted();  // Error(cancelled)

}  // namespace loam

// Ctrl+C as a question that long work asks from time to time, instead of a sudden end.
#pragma once

#include <csignal>

namespace loam {

// While one lives, SIGINT sets a flag and wakes `wait_for_input`, whichever thread the signal reaches.
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
// Until `fd` can be read or has ended; false where Ctrl+C came first.
bool wait_for_input(int fd);

}  // namespace loam

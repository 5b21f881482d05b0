#include "app/interrupt.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "base/error.h"

namespace loam {
namespace {

std::atomic<bool> interrupt_seen = false;               // asked by all threads
static_assert(std::atomic<bool>::is_always_lock_free);  // what a signal handler may write
int wake[2] = {-1, -1};  // a pipe that holds a byte once the signal has come: what poll can wait for

void on_interrupt(int) {
  const int error = errno;
  interrupt_seen = true;
  [[maybe_unused]] const ssize_t n = write(wake[1], "", 1);  // a full pipe wakes as well
  errno = error;
}

}  // namespace

InterruptGuard::InterruptGuard() {
  if (wake[0] < 0 && pipe2(wake, O_NONBLOCK | O_CLOEXEC) != 0)
    throw Error(Error::Code::io, "no file descriptor is left for a pipe");
  clear_interrupt();
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &previous_);
}

InterruptGuard::~InterruptGuard() { sigaction(SIGINT, &previous_, nullptr); }

bool interrupted() { return interrupt_seen; }

void clear_interrupt() {
  char byte;
  while (wake[0] >= 0 && read(wake[0], &byte, 1) == 1) {
  }
  interrupt_seen = false;
}

bool wait_for_input(int fd) {
  for (;;) {
    if (interrupted()) return false;
    pollfd ready[] = {{fd, POLLIN, 0}, {wake[0], POLLIN, 0}};
    if (poll(ready, 2, -1) > 0 && ready[0].revents) return true;
  }
}

void throw_if_interrupted() {
  if (interrupted()) throw Error(Error::Code::cancelled, "stopped by Ctrl+C");
}

}  // namespace loam

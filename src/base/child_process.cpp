#include "base/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

extern char** environ;

namespace loam {
namespace {

constexpr size_t kKeptOutput = 16 << 10;
constexpr int kPollMilliseconds = 100;

struct Descriptor {
  int fd = -1;
  ~Descriptor() { reset(); }
  void reset() {
    if (fd >= 0) close(fd);
    fd = -1;
  }
};

struct SpawnActions {
  posix_spawn_file_actions_t actions;
  SpawnActions() { posix_spawn_file_actions_init(&actions); }
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions); }
};

std::string name_of(const std::string& entry) { return entry.substr(0, entry.find('=') + 1); }

std::vector<std::string> merged_environment(const std::vector<std::string>& additions) {
  std::vector<std::string> merged = additions;
  for (char** entry = environ; *entry; ++entry) {
    const std::string name = name_of(*entry);
    bool replaced = false;
    for (const std::string& addition : additions) replaced |= name_of(addition) == name;
    if (!replaced) merged.emplace_back(*entry);
  }
  return merged;
}

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (const std::string& s : strings) result.push_back(const_cast<char*>(s.c_str()));
  result.push_back(nullptr);
  return result;
}

pid_t spawn(const std::vector<std::string>& arguments, const std::vector<std::string>& environment, int output) {
  SpawnActions spawn_actions;
  posix_spawn_file_actions_addopen(&spawn_actions.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&spawn_actions.actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&spawn_actions.actions, output, STDERR_FILENO);
  const std::vector<std::string> merged = merged_environment(environment);
  pid_t child = 0;
  const int fault = posix_spawnp(&child, arguments[0].c_str(), &spawn_actions.actions, nullptr,
                                 pointers(arguments).data(), pointers(merged).data());
  if (fault != 0) {
    throw Error(fault == ENOENT ? Error::Code::not_found : Error::Code::io,
                "cannot start " + arguments[0] + ": " + std::strerror(fault));
  }
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Asks the child to end, and after two seconds makes it.
void end(pid_t child) {
  kill(child, SIGTERM);
  for (int i = 0; i < 20; ++i) {
    if (waitpid(child, nullptr, WNOHANG) != 0) return;
    usleep(kPollMilliseconds * 1000);
  }
  kill(child, SIGKILL);
  wait_for(child);
}

// Appends what can be read now, keeping the end only; false at the end of the stream.
bool read_some(int fd, std::string& output) {
  char buffer[4096];
  const ssize_t n = read(fd, buffer, sizeof buffer);
  if (n < 0) return errno == EINTR || errno == EAGAIN;
  output.append(buffer, static_cast<size_t>(n));
  if (output.size() > 2 * kKeptOutput) output.erase(0, output.size() - kKeptOutput);
  return n > 0;
}

}  // namespace

ChildResult run_child(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
                      const std::function<bool()>& keep_going) {
  LOAM_CHECK(!arguments.empty());
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw Error(Error::Code::io, std::string("cannot make a pipe: ") + strerror(errno));
  Descriptor reader{ends[0]}, writer{ends[1]};
  const pid_t child = spawn(arguments, environment, writer.fd);
  writer.reset();  // so that the stream ends when the child does

  ChildResult result;
  pollfd readable{reader.fd, POLLIN, 0};
  for (bool open = true; open;) {
    if (keep_going && !keep_going()) {
      end(child);
      throw Error(Error::Code::cancelled, "cancelled while " + arguments[0] + " was running");
    }
    if (poll(&readable, 1, kPollMilliseconds) > 0) open = read_some(reader.fd, result.output);
  }
  result.exit_status = wait_for(child);
  if (result.output.size() > kKeptOutput) result.output.erase(0, result.output.size() - kKeptOutput);
  return result;
}

}  // namespace loam

// Runs the loam program as people and scripts do: with arguments, standard input, and a pseudo-terminal where asked.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/support.h"

namespace loam::test {

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// → argv for execv, alive as long as `arguments`.
inline std::vector<char*> program_arguments(std::vector<std::string>& arguments) {
  std::vector<char*> out;
  for (std::string& argument : arguments) out.push_back(argument.data());
  out.push_back(nullptr);
  return out;
}

// 128 + the signal's number where one ended the process, as a shell reports it.
inline int exit_status(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// A file that is deleted with its owner.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& bytes = "", const std::string& suffix = "") {
    path_ = std::filesystem::temp_directory_path() / "loam-test-XXXXXX";
    path_ += suffix;
    const int fd = mkstemps(path_.data(), static_cast<int>(suffix.size()));
    EXPECT_EQ(write(fd, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    close(fd);
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A LOAM_HOME of its own: the history of whoever runs the tests stays as it is.
class TemporaryHome {
 public:
  TemporaryHome() { EXPECT_NE(mkdtemp(path_.data()), nullptr); }
  ~TemporaryHome() { std::filesystem::remove_all(path_); }
  TemporaryHome(const TemporaryHome&) = delete;
  TemporaryHome& operator=(const TemporaryHome&) = delete;
  std::string history() const { return path_ + "/history"; }
  std::map<std::string, std::string> environment() const { return {{"LOAM_HOME", path_}}; }

 private:
  std::string path_ = std::filesystem::temp_directory_path() / "loam-test-home-XXXXXX";
};

struct Outcome {
  int status = -1;
  std::string out, err;
};

// Runs to the end. Output goes through files, so that neither side waits for the other.
inline Outcome run_loam(std::vector<std::string> arguments, const std::string& input = "") {
  arguments.insert(arguments.begin(), program_path());
  const TemporaryFile in(input), out, err;
  const auto argv = program_arguments(arguments);
  const pid_t child = fork();
  if (child == 0) {
    dup2(open(in.path().c_str(), O_RDONLY), STDIN_FILENO);
    dup2(open(out.path().c_str(), O_WRONLY), STDOUT_FILENO);
    dup2(open(err.path().c_str(), O_WRONLY), STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  const int status = exit_status(child);
  return {status, read_file(out.path()), read_file(err.path())};
}

// The program at a terminal of 100 columns, typed to and read from.
class Terminal {
 public:
  explicit Terminal(std::vector<std::string> arguments, const std::map<std::string, std::string>& environment = {}) {
    arguments.insert(arguments.begin(), program_path());
    const auto argv = program_arguments(arguments);
    winsize size{40, 100, 0, 0};
    child_ = forkpty(&fd_, nullptr, nullptr, &size);
    if (child_ == 0) {
      setenv("TERM", "xterm-256color", 1);
      for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
      execv(argv[0], argv.data());
      _exit(127);
    }
  }
  ~Terminal() {
    if (child_ > 0) {
      kill(child_, SIGKILL);
      exit_status(child_);
    }
    close(fd_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void type(const std::string& text) {
    EXPECT_EQ(write(fd_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }

  // Reads until `text` has appeared since the last call. → false after kPatience.
  bool expect(const std::string& text) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
      if (const size_t at = seen_.find(text, read_); at != std::string::npos) {
        read_ = at + text.size();
        return true;
      }
      if (std::chrono::steady_clock::now() > end || !read_more()) return false;
    }
  }
  // Everything that the program has written.
  const std::string& seen() const { return seen_; }

  int wait() {
    while (read_more()) {
    }
    return exit_status(std::exchange(child_, 0));
  }

 private:
  // Waits for at most a second. → false once the program has closed the terminal.
  bool read_more() {
    pollfd ready{fd_, POLLIN, 0};
    if (poll(&ready, 1, 1000) == 0) return true;
    char buffer[4096];
    const ssize_t n = ::read(fd_, buffer, sizeof buffer);
    if (n <= 0) return false;
    seen_.append(buffer, static_cast<size_t>(n));
    return true;
  }

  pid_t child_ = 0;
  int fd_ = -1;
  std::string seen_;
  size_t read_ = 0;
};

// The prompt of a new line: from here on keys go to the line editor.
inline bool expect_prompt(Terminal& terminal) { return terminal.expect("\x1b[?2004h") && terminal.expect(">"); }

// One of the tiny models, one of each architecture.
inline std::string architecture(const std::string& name) { return fixture_path("archs/" + name + ".gguf"); }

}  // namespace loam::test

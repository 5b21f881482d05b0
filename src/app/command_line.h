// What the commands declare their options with. CLI11 stays behind it, in few source files: its headers take longer to
// compile than a command. The functions are those of CLI11, and give what they were called on, so that they chain.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/option_checks.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace loam {

class Option {
 public:
  explicit Option(CLI::Option& option) : option_(option) {}

  Option* required(bool yes = true);
  Option* check(const OptionCheck& check);
  Option* type_name(const std::string& name);  // of the value, in the help
  Option* group(const std::string& heading);   // in the help
  Option* capture_default_str();               // the value it is bound to is shown in the help
  Option* expected(int min, int max);          // values
  Option* delimiter(char between);             // of several values in one argument
  Option* allow_extra_args(bool yes);          // after one --name; otherwise each value has its own
  Option* excludes(Option* other);
  Option* needs(const std::string& other);

  size_t count() const;  // how often it was given

 private:
  CLI::Option& option_;
};

class Command {
 public:
  explicit Command(CLI::App& app) : app_(app) {}

  Command* add_subcommand(const std::string& name, const std::string& description);
  Command* add_option_group(const std::string& name, const std::string& description);
  void require_option(int n);  // exactly n of the group's
  void require_subcommand(int n);
  void footer(const std::string& text);
  void callback(std::function<void()> run);

  // `names` as in "-t,--threads", or one without dashes for a positional argument. `value` must outlive the parsing.
  // T is a type that command_line.cpp lists.
  template <class T>
  Option* add_option(const std::string& names, T& value, const std::string& help);
  Option* add_option_function(const std::string& names, std::function<void(const std::string&)> use,
                              const std::string& help);
  Option* add_flag(const std::string& names, bool& value, const std::string& help);

  const CLI::App& app() const { return app_; }

 private:
  Option* keep(CLI::Option* option);

  CLI::App& app_;
  std::vector<std::unique_ptr<Option>> options_;
  std::vector<std::unique_ptr<Command>> commands_;
};

}  // namespace loam

#include "app/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdint>

namespace loam {

Option* Option::required(bool yes) { return option_.required(yes), this; }
Option* Option::check(const OptionCheck& check) { return check(option_), this; }
Option* Option::type_name(const std::string& name) { return option_.type_name(name), this; }
Option* Option::group(const std::string& heading) { return option_.group(heading), this; }
Option* Option::capture_default_str() { return option_.capture_default_str(), this; }
Option* Option::expected(int min, int max) { return option_.expected(min, max), this; }
Option* Option::delimiter(char between) { return option_.delimiter(between), this; }
Option* Option::allow_extra_args(bool yes) { return option_.allow_extra_args(yes), this; }
Option* Option::excludes(Option* other) { return option_.excludes(&other->option_), this; }
Option* Option::needs(const std::string& other) { return option_.needs(other), this; }
size_t Option::count() const { return option_.count(); }

Option* Command::keep(CLI::Option* option) { return options_.emplace_back(std::make_unique<Option>(*option)).get(); }

Command* Command::add_subcommand(const std::string& name, const std::string& description) {
  return commands_.emplace_back(std::make_unique<Command>(*app_.add_subcommand(name, description))).get();
}

Command* Command::add_option_group(const std::string& name, const std::string& description) {
  return commands_.emplace_back(std::make_unique<Command>(*app_.add_option_group(name, description))).get();
}

void Command::require_option(int n) { app_.require_option(n); }
void Command::require_subcommand(int n) { app_.require_subcommand(n); }
void Command::footer(const std::string& text) { app_.footer(text); }
void Command::callback(std::function<void()> run) { app_.callback(std::move(run)); }

template <class T>
Option* Command::add_option(const std::string& names, T& value, const std::string& help) {
  return keep(app_.add_option(names, value, help));
}
template Option* Command::add_option(const std::string&, int&, const std::string&);
template Option* Command::add_option(const std::string&, int64_t&, const std::string&);
template Option* Command::add_option(const std::string&, uint16_t&, const std::string&);
template Option* Command::add_option(const std::string&, uint64_t&, const std::string&);
template Option* Command::add_option(const std::string&, float&, const std::string&);
template Option* Command::add_option(const std::string&, double&, const std::string&);
template Option* Command::add_option(const std::string&, std::string&, const std::string&);
template Option* Command::add_option(const std::string&, std::vector<int>&, const std::string&);
template Option* Command::add_option(const std::string&, std::vector<std::string>&, const std::string&);

Option* Command::add_option_function(const std::string& names, std::function<void(const std::string&)> use,
                                     const std::string& help) {
  return keep(app_.add_option_function<std::string>(names, use, help));
}

Option* Command::add_flag(const std::string& names, bool& value, const std::string& help) {
  return keep(app_.add_flag(names, value, help));
}

}  // namespace loam

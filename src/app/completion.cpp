// loam completion: shell completion scripts, made from the command line's own description.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/command.h"
#include "app/output.h"

namespace loam {
namespace {

constexpr const char* kCompletionExamples = R"(Examples:
  loam completion bash > ~/.local/share/bash-completion/completions/loam
  loam completion zsh > ~/.zfunc/_loam          (with fpath+=~/.zfunc in .zshrc)
  loam completion fish > ~/.config/fish/completions/loam.fish)";

struct OptionWords {
  std::vector<std::string> names;  // "-t", "--threads"
  std::string help;
  bool takes_value = false;
};

struct CommandWords {
  std::string name, help;
  bool takes_model = false;
  std::vector<std::string> first_words;  // what its first argument may be, where that is one of a few
  std::vector<OptionWords> options;
};

// Options of a command and of the option groups inside it.
void collect_options(const CLI::App& app, std::vector<OptionWords>& out) {
  for (const CLI::Option* option : app.get_options()) {
    OptionWords words{{}, option->get_description(), option->get_items_expected_max() > 0};
    for (const std::string& name : option->get_snames()) words.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) words.names.push_back("--" + name);
    if (!words.names.empty()) out.push_back(std::move(words));
  }
  for (const CLI::App* group : app.get_subcommands([](const CLI::App* a) { return a->get_name().empty(); }))
    collect_options(*group, out);
}

std::vector<CommandWords> commands_of(const CLI::App& root) {
  std::vector<CommandWords> commands;
  for (const CLI::App* app : root.get_subcommands([](const CLI::App*) { return true; })) {
    CommandWords command{app->get_name(), app->get_description(), false, {}, {}};
    if (command.name == "completion") command.first_words = {"bash", "zsh", "fish"};
    for (const CLI::App* subcommand : app->get_subcommands([](const CLI::App* a) { return !a->get_name().empty(); }))
      command.first_words.push_back(subcommand->get_name());
    for (const CLI::Option* option : app->get_options())
      if (option->get_positional() && (option->get_name(true) == "MODEL" || option->get_name(true) == "NAME"))
        command.takes_model = true;
    collect_options(*app, command.options);
    commands.push_back(std::move(command));
  }
  return commands;
}

std::string all_names(const CommandWords& command) {
  std::string out;
  for (const OptionWords& option : command.options) out += fmt::format("{} ", fmt::join(option.names, " "));
  return out;
}

std::string command_names(const std::vector<CommandWords>& commands) {
  std::string out;
  for (const CommandWords& command : commands) out += command.name + " ";
  return out;
}

std::string model_commands(const std::vector<CommandWords>& commands, const char* separator) {
  std::vector<std::string> names;
  for (const CommandWords& command : commands)
    if (command.takes_model) names.push_back(command.name);
  return fmt::format("{}", fmt::join(names, separator));
}

std::string bash_script(const std::vector<CommandWords>& commands) {
  std::string options, first_words;
  for (const CommandWords& command : commands) {
    options += fmt::format("    {}) words=\"{}\" ;;\n", command.name, all_names(command));
    if (!command.first_words.empty())
      first_words += fmt::format("    {}) ((COMP_CWORD == 2)) && words=\"{}\" ;;\n", command.name,
                                 fmt::join(command.first_words, " "));
  }
  return fmt::format(R"sh(# bash completion for loam
_loam() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} command=${{COMP_WORDS[1]}} words=""
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "{}--help --version" -- "$word"))
    return
  fi
  case $command in
{}  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    return
  fi
  words=""
  case $command in
{}    {}) ((COMP_CWORD == 2)) && words=$(loam list --names 2>/dev/null) ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word") $(compgen -f -- "$word"))
}}
complete -o filenames -F _loam loam
)sh",
                     command_names(commands), options, first_words, model_commands(commands, "|"));
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

// `text` inside single quotes of zsh (`quote` = '\'' ) or fish (\').
std::string quoted(const std::string& text, std::string_view quote) {
  return "'" + replace_all(text, "'", quote) + "'";
}

// One specification of zsh's _arguments: '(-t --threads)'{-t,--threads}'[help]:value:_files'
std::string zsh_option(const OptionWords& option) {
  std::string help = option.help;
  for (const char* special : {"[", "]", ":"}) help = replace_all(help, special, std::string("\\") + special);
  const std::string rest = quoted("[" + help + "]" + (option.takes_value ? ":value:_files" : ""), "'\\''");
  if (option.names.size() == 1) return quoted(option.names[0], "'\\''") + rest;
  return fmt::format("{{{}}}{}", fmt::join(option.names, ","), rest);
}

std::string zsh_script(const std::vector<CommandWords>& commands) {
  std::string list, cases;
  for (const CommandWords& command : commands) {
    list += fmt::format("    {}\n", quoted(command.name + ":" + command.help, "'\\''"));
    cases += fmt::format("    {})\n      _arguments", command.name);
    for (const OptionWords& option : command.options) cases += " \\\n        " + zsh_option(option);
    if (!command.first_words.empty())
      cases += fmt::format(" \\\n        '1:word:({})'", fmt::join(command.first_words, " "));
    if (command.takes_model) cases += " \\\n        '1:model:_loam_models'";
    cases += " \\\n        '*:file:_files'\n      ;;\n";
  }
  return fmt::format(R"sh(#compdef loam
_loam_models() {{
  local -a names=(${{(f)"$(loam list --names 2>/dev/null)"}})
  _describe model names
  _files
}}
_loam() {{
  local -a commands=(
{}  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
{}  esac
}}
compdef _loam loam
)sh",
                     list, cases);
}

std::string fish_script(const std::vector<CommandWords>& commands) {
  std::string out = "# fish completion for loam\n";
  for (const CommandWords& command : commands)
    out += fmt::format("complete -c loam -n __fish_use_subcommand -f -a {} -d {}\n", command.name,
                       quoted(command.help, "\\'"));
  for (const CommandWords& command : commands)
    for (const OptionWords& option : command.options) {
      std::string names;
      for (const std::string& name : option.names)
        names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      out += fmt::format("complete -c loam -n '__fish_seen_subcommand_from {}'{}{} -d {}\n", command.name, names,
                         option.takes_value ? " -r" : "", quoted(option.help, "\\'"));
    }
  out += fmt::format("complete -c loam -n '__fish_seen_subcommand_from {}' -a '(loam list --names 2>/dev/null)'\n",
                     model_commands(commands, " "));
  for (const CommandWords& command : commands)
    if (!command.first_words.empty())
      out += fmt::format("complete -c loam -n '__fish_seen_subcommand_from {}' -f -a '{}'\n", command.name,
                         fmt::join(command.first_words, " "));
  return out;
}

void print_script(const CLI::App& root, const std::string& shell) {
  const auto commands = commands_of(root);
  print(shell == "bash" ? bash_script(commands) : shell == "zsh" ? zsh_script(commands) : fish_script(commands));
}

}  // namespace

void add_completion(Command& app) {
  Command* command = app.add_subcommand("completion", "print a shell completion script");
  auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(one_of({"bash", "zsh", "fish"}));
  command->footer(kCompletionExamples);
  command->callback([shell, &app] { print_script(app.app(), *shell); });
}

}  // namespace loam

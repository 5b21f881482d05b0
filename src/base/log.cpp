#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <mutex>

#include "base/error.h"
#include "base/utf8.h"

namespace loam {
namespace {

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

std::shared_ptr<spdlog::sinks::sink> make_sink(const LogOptions& options) try {
  std::shared_ptr<spdlog::sinks::sink> sink;
  if (options.file.empty()) {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  } else {
    sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file);
  }
  sink->set_formatter(std::make_unique<spdlog::pattern_formatter>(options.json ? kJsonPattern : kTextPattern,
                                                                  spdlog::pattern_time_type::utc));
  return sink;
} catch (const spdlog::spdlog_ex& fault) {
  throw Error(Error::Code::io, std::string("cannot write the log: ") + fault.what(), options.file);
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

constexpr size_t kMostWaitingLines = 8192;

// The logger and whether it writes JSON; replaced as a whole, so that a line is never half of each.
struct Log {
  static std::shared_ptr<Log> direct(const LogOptions& options) {
    auto log = std::make_shared<Log>();
    log->logger = std::make_shared<spdlog::logger>("loam", make_sink(options));
    log->set_up(options);
    return log;
  }
  static std::shared_ptr<Log> queued(const LogOptions& options) {
    auto log = std::make_shared<Log>();
    log->writer = std::make_shared<spdlog::details::thread_pool>(kMostWaitingLines, 1);
    log->logger = std::make_shared<spdlog::async_logger>("loam", make_sink(options), log->writer,
                                                         spdlog::async_overflow_policy::overrun_oldest);
    log->set_up(options);
    return log;
  }

  void set_up(const LogOptions& options) {
    json = options.json;
    logger->set_level(spdlog_level(options.level));
    logger->flush_on(spdlog::level::debug);
    logger->set_error_handler([](const std::string&) {});  // a full disk must not end what the program does
  }

  std::shared_ptr<spdlog::logger> logger;
  // Null where the logger writes itself. Its thread ends, with every line written, before the logger goes.
  std::shared_ptr<spdlog::details::thread_pool> writer;
  bool json = false;
};

std::shared_ptr<Log>& current_log() {
  static std::shared_ptr<Log> log = Log::direct({});
  return log;
}

// `"…"`, with what JSON forbids inside escaped; invalid UTF-8 has been replaced.
std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : sanitize_utf8(text)) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string number_text(double number) { return fmt::format("{:.6g}", number); }

std::string json_value(const LogField& field) {
  if (const auto* text = std::get_if<std::string>(&field.value)) return json_string(*text);
  if (const auto* whole = std::get_if<int64_t>(&field.value)) return std::to_string(*whole);
  if (const auto* yes = std::get_if<bool>(&field.value)) return *yes ? "true" : "false";
  const std::string number = number_text(std::get<double>(field.value));
  return number.find_first_not_of("-+.e0123456789") == std::string::npos ? number : "null";  // NaN, infinities
}

// Quoted where spaces or the like would end the value for a reader.
std::string text_value(const LogField& field) {
  if (const auto* number = std::get_if<double>(&field.value)) return number_text(*number);
  const auto* text = std::get_if<std::string>(&field.value);
  if (!text) return json_value(field);
  const bool plain = !text->empty() && text->find_first_of(" \"=\\") == std::string::npos;
  return plain ? escape_control(sanitize_utf8(*text)) : json_string(*text);
}

}  // namespace

std::string log_text(std::string_view event, const LogFields& fields) {
  std::string line = escape_control(sanitize_utf8(event));
  for (const LogField& field : fields) line += fmt::format(" {}={}", field.name, text_value(field));
  return line;
}

std::string log_json_members(std::string_view event, const LogFields& fields) {
  std::string members = "\"event\":" + json_string(event);
  for (const LogField& field : fields) members += fmt::format(",{}:{}", json_string(field.name), json_value(field));
  return members;
}

void set_up_log(const LogOptions& options) { std::atomic_store(&current_log(), Log::queued(options)); }

void log(LogLevel level, std::string_view event, const LogFields& fields) {
  const std::shared_ptr<Log> current = std::atomic_load(&current_log());
  if (!current->logger->should_log(spdlog_level(level))) return;
  // Passed as an argument: braces in the text are no format.
  current->logger->log(spdlog_level(level), "{}",
                       current->json ? log_json_members(event, fields) : log_text(event, fields));
}

}  // namespace loam

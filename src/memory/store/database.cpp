#include "memory/store/database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace loam {
namespace {

[[noreturn]] void fail(sqlite3* handle, const std::string& place) {
  const int code = handle != nullptr ? sqlite3_extended_errcode(handle) : SQLITE_NOMEM;
  const char* hint = (code & 0xFF) == SQLITE_FULL ? ": free some space on the disk" : "";
  throw Error(Error::Code::io,
              fmt::format("memory: {}{}", handle != nullptr ? sqlite3_errmsg(handle) : "no memory", hint), place);
}

void check(int code, sqlite3* handle, const std::string& place) {
  if (code != SQLITE_OK) fail(handle, place);
}

// SQLite makes files that everybody may read.
void make_private(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) throw Error(Error::Code::io, fmt::format("cannot open '{}': {}", path, strerror(errno)), path);
  ::close(file);
}

}  // namespace

Statement::~Statement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Statement& Statement::bind(int parameter, int64_t value) {
  check(sqlite3_bind_int64(statement_, parameter, value), sqlite3_db_handle(statement_), "bind");
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  check(sqlite3_bind_double(statement_, parameter, value), sqlite3_db_handle(statement_), "bind");
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  check(sqlite3_bind_text64(statement_, parameter, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC,
                            SQLITE_UTF8),
        sqlite3_db_handle(statement_), "bind");
  return *this;
}

Statement& Statement::bind_blob(int parameter, std::span<const std::byte> bytes) {
  check(sqlite3_bind_blob64(statement_, parameter, bytes.empty() ? static_cast<const void*>("") : bytes.data(),
                            bytes.size(), SQLITE_STATIC),
        sqlite3_db_handle(statement_), "bind");
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  check(sqlite3_bind_null(statement_, parameter), sqlite3_db_handle(statement_), "bind");
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail(sqlite3_db_handle(statement_), sqlite3_sql(statement_));
  return false;
}

void Statement::run() {
  while (step()) {
  }
}

std::string_view Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return {bytes != nullptr ? bytes : "", static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

std::span<const std::byte> Statement::blob(int column) const {
  const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
  return {bytes, bytes != nullptr ? static_cast<size_t>(sqlite3_column_bytes(statement_, column)) : 0};
}

Database::Database(const std::string& path) : path_(path) {
  make_private(path);
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(handle);
  check(code, handle, path);
  sqlite3_busy_timeout(handle, 2000);
  // Exclusive: the index of the write-ahead log lives in this process's memory, so no other can have the file open.
  run("PRAGMA locking_mode=EXCLUSIVE");
  const int begun = sqlite3_exec(handle, "PRAGMA journal_mode=WAL; BEGIN IMMEDIATE; COMMIT", nullptr, nullptr, nullptr);
  if ((begun & 0xFF) == SQLITE_BUSY)
    throw Error(Error::Code::io,
                "another loam has this memory open: ask that one (`loam chat --server ADDRESS`), or end "
                "it (`loam stop`)",
                path);
  check(begun, handle, path);
  run("PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY");
}

Database::~Database() = default;

Statement Database::prepare(std::string_view sql) {
  auto& statement = statements_[std::string(sql)];
  if (!statement) {
    sqlite3_stmt* made = nullptr;
    check(sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &made,
                             nullptr),
          handle_.get(), std::string(sql));
    statement.reset(made);
  }
  LOAM_CHECK(!sqlite3_stmt_busy(statement.get()));
  return Statement(statement.get());
}

void Database::run(const std::string& sql) {
  check(sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr), handle_.get(), sql);
}

std::optional<int64_t> Database::find_integer(std::string_view sql) {
  Statement found = prepare(sql);
  if (!found.step() || found.is_null(0)) return std::nullopt;
  return found.integer(0);
}

void Database::checkpoint() {
  const Reading reading(*this);
  check(sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr), handle_.get(),
        path_);
}

std::string Database::check_integrity() {
  const Reading reading(*this);
  Statement found = prepare("PRAGMA integrity_check(1)");
  found.step();
  return std::string(found.text(0));
}

Transaction::Transaction(Database& database) : lock_(database.mutex_), database_(database) {
  if (database_.depth_ == 0) database_.run("BEGIN IMMEDIATE");
  ++database_.depth_;
}

Transaction::~Transaction() {
  if (done_) return;
  // A part that fails undoes the whole: SQLite rolls back, and the outer commit finds nothing to do.
  if (sqlite3_get_autocommit(database_.handle()) == 0) {
    sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  --database_.depth_;
}

void Transaction::commit() {
  if (sqlite3_get_autocommit(database_.handle()) != 0) {
    throw Error(Error::Code::io, "memory: the transaction was undone by one of its parts", database_.path());
  }
  if (database_.depth_ == 1) database_.run("COMMIT");
  --database_.depth_;
  done_ = true;
}

}  // namespace loam

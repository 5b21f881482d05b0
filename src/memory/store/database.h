// One SQLite file through one connection: statements, transactions, errors as loam's.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace loam {

// A prepared statement, lent by Database::prepare until it is destroyed. Parameters are numbered from 1, columns from
// 0.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  ~Statement();
  Statement(Statement&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Statement& operator=(Statement&&) = delete;

  Statement& bind(int parameter, int64_t value);
  Statement& bind(int parameter, double value);
  Statement& bind(int parameter, std::string_view text);  // the text must live until the last `step`
  Statement& bind_blob(int parameter, std::span<const std::byte> bytes);
  Statement& bind_null(int parameter);

  bool step();  // to the next row; false after the last. Error(io)
  void run();   // to the end

  int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  double real(int column) const { return sqlite3_column_double(statement_, column); }
  std::string_view text(int column) const;            // until the next `step`
  std::span<const std::byte> blob(int column) const;  // until the next `step`
  bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

 private:
  sqlite3_stmt* statement_;
};

// All calls need the lock that a Transaction or a Reading holds; one thread at a time has it, and may have it twice.
class Database {
 public:
  // Opens or makes the file, readable by its owner only: write-ahead log, every commit on the disk before it returns
  // (synchronous=FULL), deleted content overwritten (secure_delete). Error(io) where it cannot be opened or is no
  // database. One process at a time: Error(io) where another has it open.
  explicit Database(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::string& path() const { return path_; }
  // Kept and lent again: a statement that is in use must not be prepared again.
  Statement prepare(std::string_view sql);
  void run(const std::string& sql);  // statements without parameters
  std::optional<int64_t> find_integer(std::string_view sql);
  int64_t last_id() const { return sqlite3_last_insert_rowid(handle_.get()); }
  int64_t n_changed() const { return sqlite3_changes64(handle_.get()); }
  sqlite3* handle() const { return handle_.get(); }

  // What was deleted leaves no byte behind: empties the write-ahead log into the file. Not within a transaction.
  void checkpoint();
  // "ok", else what SQLite's integrity_check says.
  std::string check_integrity();

 private:
  friend class Transaction;
  friend class Reading;
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  const std::string path_;
  std::unique_ptr<sqlite3, Close> handle_;
  std::unordered_map<std::string, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
  std::recursive_mutex mutex_;
  int depth_ = 0;  // of transactions within transactions
};

// Everything until `commit`, or nothing. Within another transaction it is a part of that one.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();  // undoes all that was not committed
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  // On the disk when it returns (the outermost one).
  void commit();

 private:
  std::unique_lock<std::recursive_mutex> lock_;
  Database& database_;
  bool done_ = false;
};

// Keeps other threads away while a reader looks at several rows.
class Reading {
 public:
  explicit Reading(Database& database) : lock_(database.mutex_) {}

 private:
  std::unique_lock<std::recursive_mutex> lock_;
};

}  // namespace loam

#include "memory/recall/term_frequency.h"

#include "base/error.h"

namespace loam {
namespace {

void term_frequency(const Fts5ExtensionApi* api, Fts5Context* context, sqlite3_context* result, int /*n_values*/,
                    sqlite3_value** /*values*/) {
  int n_hits = 0;
  if (const int code = api->xInstCount(context, &n_hits); code != SQLITE_OK) {
    sqlite3_result_error_code(result, code);
    return;
  }
  double frequency = 0;
  for (int hit = 0; hit < n_hits; ++hit) {
    int phrase = 0, column = 0, place = 0;
    if (api->xInst(context, hit, &phrase, &column, &place) == SQLITE_OK) frequency += column == 0 ? 1 : kPartWeight;
  }
  sqlite3_result_double(result, frequency);
}

// As https://sqlite.org/fts5.html#extending_fts5 says to get hold of it.
fts5_api* find_fts5(sqlite3* database) {
  fts5_api* api = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
    sqlite3_bind_pointer(statement, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
  return api;
}

}  // namespace

void register_term_frequency(Database& database) {
  fts5_api* api = find_fts5(database.handle());
  if (api == nullptr || api->xCreateFunction(api, "loam_frequency", nullptr, &term_frequency, nullptr) != SQLITE_OK) {
    throw Error(Error::Code::io, "memory: this SQLite has no FTS5; install one that has", database.path());
  }
}

}  // namespace loam

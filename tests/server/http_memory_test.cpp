#include <unistd.h>

#include <fstream>

#include "tests/server/running_server.h"
#include "tests/support/support.h"

namespace loam::test {
namespace {

double resident_mib() {
  size_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

// Whole answers and streams, clients that stay, leave and send nonsense.
void ask_thousands(const RunningServer& running, int n) {
  RawClient kept = running.client();
  for (int i = 0; i < n; i += 5) {
    EXPECT_EQ(kept.ask(post("/", std::string(1'000, 'x'))).status, 200);
    EXPECT_EQ(kept.ask(get("/stream")).status, 200);
    EXPECT_EQ(running.client().ask(get("/")).status, 200);
    EXPECT_EQ(running.client().ask("nonsense\r\n\r\n").status, 400);
    running.client().send(get("/stream"));
  }
}

TEST(HttpMemory, StaysFlatOverTenThousandRequests) {
  if (kSanitized) GTEST_SKIP() << "sanitizers keep what has been freed";
  RunningServer running([](const std::shared_ptr<HttpExchange>& exchange) {
    if (exchange->request().path != "/stream") return echo(exchange);
    exchange->begin(plain());
    for (int i = 0; i < 20; ++i) exchange->write("token ");
    exchange->end();
  });
  ask_thousands(running, 2'000);
  const double before = resident_mib();
  ask_thousands(running, 10'000);
  EXPECT_LE(resident_mib() - before, 5.0);
  EXPECT_TRUE(eventually([&] { return running.server.n_connections() == 0; }));
}

}  // namespace
}  // namespace loam::test

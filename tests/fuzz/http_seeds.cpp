// Writes the requests of tests/server/bad_requests.h, and some that are right, as seeds: http_seeds FOLDER
#include <filesystem>
#include <fstream>

#include "tests/server/bad_requests.h"

int main(int n_arguments, char** arguments) {
  if (n_arguments != 2) return 2;
  const std::filesystem::path folder = arguments[1];
  std::filesystem::create_directories(folder);
  std::vector<loam::test::BadRequest> requests = loam::test::bad_requests();
  const std::string host = "Host: localhost:8080\r\nContent-Type: application/json\r\n";
  requests.push_back({0, "length", 0, "POST /v1/a%20b?c=d HTTP/1.1\r\n" + host + "Content-Length: 7\r\n\r\n{\"a\":1}"});
  requests.push_back({0, "chunks", 0,
                      "POST / HTTP/1.1\r\n" + host +
                          "Transfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4;x=y\r\n\":1}\r\n0\r\n"
                          "T: x\r\n\r\n"});
  requests.push_back({0, "old", 0, "GET http://localhost:8080/ HTTP/1.0\r\n" + host + "\r\n"});
  requests.push_back({0, "json", 0, R"({"a": [1, -2.5e3, "\u00e9\n", null, true, {"b": {}}]})"});
  for (size_t i = 0; i < requests.size(); ++i)
    std::ofstream(folder / ("case-" + std::to_string(i)), std::ios::binary) << '\x07' << requests[i].bytes;
  return 0;
}

// The HTTP rows of docs/bad-inputs.md as bytes on a connection: what the parser's tests, the server's and the fuzz
// seeds use. Each is refused with a status, and the connection closed.
#pragma once

#include <string>
#include <vector>

namespace loam::test {

struct BadRequest {
  int row;           // of docs/bad-inputs.md
  std::string name;  // what is wrong
  int status;
  std::string bytes;
};

inline std::vector<BadRequest> bad_requests() {
  const std::string host = "Host: localhost\r\n", get = "GET / HTTP/1.1\r\n" + host,
                    post = "POST / HTTP/1.1\r\n" + host, chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  const auto target = [&](const std::string& text) { return "GET " + text + " HTTP/1.1\r\n" + host + "\r\n"; };
  std::string many_fields, ten_thousand;
  for (int i = 0; i < 101; ++i) many_fields += "a: b\r\n";
  for (int i = 0; i < 10'000; ++i) ten_thousand += "field-" + std::to_string(i) + ": value\r\n";
  const std::string nul(1, '\0');

  return {
      {72, "body of cap + 1", 413, post + "Content-Length: 10485761\r\n\r\n"},
      {72, "chunk of cap + 1", 413, chunked + "a00001\r\n"},
      {72, "two chunks of cap + 1", 413, chunked + "1\r\nx\r\na00000\r\n"},
      {72, "chunk -2", 400, chunked + "-2\r\nab\r\n0\r\n\r\n"},
      {72, "chunk 0x5", 400, chunked + "0x5\r\nabcde\r\n0\r\n\r\n"},
      {72, "chunk +5", 400, chunked + "+5\r\nabcde\r\n0\r\n\r\n"},
      {72, "chunk without a size", 400, chunked + "\r\nab\r\n0\r\n\r\n"},
      {72, "chunk of 2^64 + 1", 400, chunked + "10000000000000001\r\nab\r\n"},
      {72, "chunk longer than it says", 400, chunked + "1\r\nab\r\n0\r\n\r\n"},
      {72, "chunk with an endless extension", 400, chunked + "1;" + std::string(20'000, 'x')},
      {72, "endless fields after the last chunk", 400, chunked + "0\r\nx: " + std::string(20'000, 'x')},

      {73, "request line of 9,000 bytes", 414, target("/" + std::string(9'000, 'a'))},
      {73, "request line without an end", 414, "GET /" + std::string(40'000, 'a')},
      {73, "method without an end", 414, std::string(40'000, 'a')},
      {73, "header of 33 KiB", 431, get + "a: " + std::string(33 << 10, 'b') + "\r\n\r\n"},
      {73, "header of 33 KiB in 50 fields", 431,
       [&] {
         std::string request = get;
         for (int i = 0; i < 50; ++i) request += "a: " + std::string(680, 'b') + "\r\n";
         return request + "\r\n";
       }()},
      {73, "101 fields", 431, get + many_fields + "\r\n"},
      {73, "10,000 fields", 431, get + ten_thousand + "\r\n"},

      {74, "Content-Length, Transfer-Encoding", 400,
       post + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG"},
      {74, "Transfer-Encoding, Content-Length", 400,
       post + "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nG"},
      {74, "Content-Length twice", 400, post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na"},
      {74, "two Content-Lengths", 400, post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"},
      {74, "Content-Length as a list", 400, post + "Content-Length: 1, 1\r\n\r\na"},
      {74, "Content-Length +1", 400, post + "Content-Length: +1\r\n\r\na"},
      {74, "Content-Length -1", 400, post + "Content-Length: -1\r\n\r\n"},
      {74, "Content-Length 1 1", 400, post + "Content-Length: 1 1\r\n\r\na"},
      {74, "Content-Length 0x1", 400, post + "Content-Length: 0x1\r\n\r\na"},
      {74, "Content-Length of nothing", 400, post + "Content-Length:\r\n\r\n"},
      {74, "Content-Length 2^64 + 1", 400, post + "Content-Length: 18446744073709551617\r\n\r\na"},
      {74, "Transfer-Encoding: gzip", 400, post + "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n"},
      {74, "Transfer-Encoding: gzip, chunked", 400, post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
      {74, "Transfer-Encoding: chunked, gzip", 400, post + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"},
      {74, "Transfer-Encoding: xchunked", 400, post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"},
      {74, "Transfer-Encoding: \"chunked\"", 400, post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"},
      {74, "Transfer-Encoding twice", 400,
       post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {74, "Transfer-Encoding and another", 400,
       post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"},
      {74, "Transfer-Encoding in HTTP/1.0", 400,
       "POST / HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {74, "space before the colon", 400, post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"},
      {74, "GET with a body", 400, get + "Content-Length: 27\r\n\r\nGET /x HTTP/1.1\r\nHost: b\r\n\r\n"},
      {74, "GET with chunks", 400, get + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {74, "HEAD with a body", 400, "HEAD / HTTP/1.1\r\n" + host + "Content-Length: 1\r\n\r\na"},
      {74, "%0d%0a in the path", 400, target("/a%0d%0aSet-Cookie:x")},
      {74, "%0d%0a in the query", 400, target("/a?b=%0D%0ASet-Cookie:x")},
      {74, "%00 in the path", 400, target("/a%00b")},
      {74, "% without digits", 400, target("/a%zz")},
      {74, "% at the end", 400, target("/a%4")},
      {74, "overlong UTF-8", 400, target("/%c0%ae%c0%ae/")},
      {74, "dot segments", 400, target("/v1/../slots")},
      {74, "encoded dot segments", 400, target("/v1/%2e%2E/slots")},
      {74, "a fragment", 400, target("/v1#x")},
      {74, "a path without a slash", 400, target("v1")},
      {74, "another host's address", 400, target("http://evil.example/v1")},
      {74, "an address of no host", 400, target("http:///v1")},
      {74, "a continued field", 400, get + "a: b\r\n c\r\n\r\n"},
      {74, "a continued request line", 400, "GET / HTTP/1.1\r\n " + host + "\r\n"},
      {74, "lines that end with LF", 400, "GET / HTTP/1.1\nHost: localhost\n\n"},
      {74, "a field that ends with LF", 400, get + "a: b\nc: d\r\n\r\n"},
      {74, "CR in a field", 400, get + "a: b\rc: d\r\n\r\n"},
      {74, "NUL in a field", 400, get + "a: b" + nul + "c\r\n\r\n"},
      {74, "a field without a colon", 400, get + "abc\r\n\r\n"},
      {74, "a field without a name", 400, get + ": b\r\n\r\n"},
      {74, "a name that is none", 400, get + "a(b: c\r\n\r\n"},
      {74, "two spaces", 400, "GET  / HTTP/1.1\r\n" + host + "\r\n"},
      {74, "something after the version", 400, "GET / HTTP/1.1 x\r\n" + host + "\r\n"},
      {74, "no version", 400, "GET /\r\n\r\n"},
      {74, "HTTP/0.9", 505, "GET / HTTP/0.9\r\n\r\n"},
      {74, "HTTP/2.0", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {74, "TLS where none is spoken", 400, "\x16\x03\x01\x02" + nul + "\x01" + nul + nul + "\r\n\r\n"},
      {74, "empty lines", 400, "\r\n\r\n\r\n\r\n\r\n\r\n"},
      {74, "unknown expectation", 417, post + "Expect: 200-maybe\r\nContent-Length: 1\r\n\r\na"},

      {78, "no Host", 400, "GET / HTTP/1.1\r\n\r\n"},
      {78, "two Hosts", 400, get + "Host: localhost\r\n\r\n"},
      {78, "two different Hosts", 400, get + "Host: evil.example\r\n\r\n"},
  };
}

}  // namespace loam::test

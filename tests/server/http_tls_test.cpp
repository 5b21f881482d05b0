#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <fstream>

#include "base/error.h"
#include "tests/server/running_server.h"
#include "tests/server/temporary_folder.h"

namespace loam::test {
namespace {

template <class T, void (*free)(T*)>
struct Freed {
  void operator()(T* object) const { free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX, SSL_CTX_free>>;
using Connection = std::unique_ptr<SSL, Freed<SSL, SSL_free>>;

// A key and a certificate that it has signed itself, as PEM files.
void make_certificate(const std::string& certificate_file, const std::string& key_file) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate(X509_new());
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_sign(certificate.get(), key.get(), EVP_sha256());

  FILE* file = std::fopen(certificate_file.c_str(), "w");
  PEM_write_X509(file, certificate.get());
  std::fclose(file);
  file = std::fopen(key_file.c_str(), "w");
  PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
}

class TlsClient {
 public:
  explicit TlsClient(uint16_t port, int newest_version = TLS1_3_VERSION)
      : client_(port), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_.get(), newest_version);
    SSL_CTX_set_security_level(context_.get(), 0);
    tls_.reset(SSL_new(context_.get()));
    SSL_set_fd(tls_.get(), client_.descriptor());
    connected_ = SSL_connect(tls_.get()) == 1;
  }
  bool connected() const { return connected_; }
  void send(const std::string& bytes) { SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())); }
  std::string read_until(const std::string& text) {
    std::string out;
    char c;
    while (!out.ends_with(text) && SSL_read(tls_.get(), &c, 1) == 1) out += c;
    return out;
  }
  // The server has said that nothing more follows; not just cut the line.
  bool at_farewell() {
    char c;
    return SSL_get_error(tls_.get(), SSL_read(tls_.get(), &c, 1)) == SSL_ERROR_ZERO_RETURN;
  }

 private:
  RawClient client_;
  Context context_;
  Connection tls_;
  bool connected_ = false;
};

class TlsTest : public testing::Test {
 protected:
  HttpServerOptions tls_options(const HttpLimits& limits = {}) {
    make_certificate(certificate_, key_);
    HttpServerOptions options = local_options(limits);
    options.certificate_file = certificate_;
    options.key_file = key_;
    return options;
  }

  const TemporaryFolder folder_;
  const std::string certificate_ = folder_.file("certificate.pem"), key_ = folder_.file("key.pem");
};

TEST_F(TlsTest, AnswersAndStreams) {
  RunningServer running(
      [](const std::shared_ptr<HttpExchange>& exchange) {
        EXPECT_TRUE(exchange->request().is_tls);
        exchange->begin(plain());
        for (int i = 0; i < 1'000; ++i) exchange->write("token ");
        exchange->end();
      },
      tls_options());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(running.server.port(), version);
    ASSERT_TRUE(client.connected());
    for (int i = 0; i < 2; ++i) {
      client.send(get("/"));
      EXPECT_EQ(client.read_until("0\r\n\r\n").size() > 6'000, true);
    }
    client.send(get("/", "Connection: close\r\n"));
    client.read_until("0\r\n\r\n");
    EXPECT_TRUE(client.at_farewell());
  }
}

TEST_F(TlsTest, NoticesThatAClientLeaves) {
  Signal begun, closed;
  std::shared_ptr<HttpExchange> kept;
  RunningServer running(
      [&](const std::shared_ptr<HttpExchange>& exchange) {
        kept = exchange;
        exchange->on_close([&] { closed.set(); });
        begun.set();
      },
      tls_options());
  {
    TlsClient client(running.server.port());
    client.send(get("/"));
    ASSERT_TRUE(begun.wait());
  }
  EXPECT_TRUE(closed.wait());
  kept.reset();
  EXPECT_TRUE(eventually([&] { return running.server.n_connections() == 0; }));
}

TEST_F(TlsTest, RefusesOldVersionsAndPlainText) {
  HttpLimits limits;
  limits.header_time = 50ms;
  RunningServer running(echo, tls_options(limits));
  EXPECT_FALSE(TlsClient(running.server.port(), TLS1_1_VERSION).connected());
  RawClient plain_client = running.client(), silent = running.client();
  plain_client.send(get("/"));
  EXPECT_EQ(plain_client.read_all().find("HTTP/1.1"), std::string::npos);
  EXPECT_TRUE(silent.at_end()) << "a handshake that does not come must end";
  TlsClient good(running.server.port());
  EXPECT_TRUE(good.connected());
}

TEST_F(TlsTest, NamesTheFileThatIsWrong) {
  HttpServerOptions options = tls_options();
  std::ofstream(key_) << "no key";
  try {
    HttpServer(options, echo).start();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.where(), key_);
  }
  options.certificate_file = folder_.file("absent.pem");
  try {
    HttpServer(options, echo).start();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.where(), options.certificate_file);
  }
}

}  // namespace
}  // namespace loam::test

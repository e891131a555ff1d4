#include "binding/open_options.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tls/context.h"

namespace wsfd::binding {

namespace {

std::string Text(const Napi::Object& source, const char* name) {
  const Napi::Value value = source.Get(name);
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
}

double Number(const Napi::Object& source, const char* name) {
  const Napi::Value value = source.Get(name);
  return value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : 0;
}

bool Flag(const Napi::Object& source, const char* name) {
  const Napi::Value value = source.Get(name);
  return value.IsBoolean() && value.As<Napi::Boolean>().Value();
}

std::vector<std::string> Texts(const Napi::Object& source, const char* name) {
  std::vector<std::string> texts;
  const Napi::Value value = source.Get(name);
  if (!value.IsArray()) return texts;
  const auto array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) {
    texts.push_back(Napi::Value(array.Get(i)).As<Napi::String>().Utf8Value());
  }
  return texts;
}

// Texts in PEM, which is ASCII; what stands around it means nothing, and may come out as it likes.
// As Latin-1 a long list is copied ten times as fast as in UTF-8.
std::vector<std::string> PemTexts(const Napi::Object& source, const char* name) {
  std::vector<std::string> texts;
  const napi_env env = source.Env();
  const auto list = source.Get(name).As<Napi::Array>();
  for (uint32_t i = 0; i < list.Length(); i++) {
    const Napi::Value text = list.Get(i);
    size_t length = 0;
    napi_get_value_string_latin1(env, text, nullptr, 0, &length);
    std::string& bytes = texts.emplace_back(length, '\0');
    // The terminator's place is the string's own.
    napi_get_value_string_latin1(env, text, bytes.data(), length + 1, &length);
  }
  return texts;
}

// A Buffer's bytes; empty for anything else.
std::string BytesOf(const Napi::Value& value) {
  if (!value.IsBuffer()) return {};
  const auto buffer = value.As<Napi::Buffer<char>>();
  return {buffer.Data(), buffer.Length()};
}

connection::CompressionOptions ReadCompression(const Napi::Value& value) {
  connection::CompressionOptions options;
  if (!value.IsObject()) return options;
  const auto source = value.As<Napi::Object>();
  options.offered = true;
  deflate::Options& parameters = options.parameters;
  parameters.client_no_context_takeover = Flag(source, "clientNoContextTakeover");
  parameters.server_no_context_takeover = Flag(source, "serverNoContextTakeover");
  parameters.client_max_window_bits = static_cast<int>(Number(source, "clientMaxWindowBits"));
  parameters.server_max_window_bits = static_cast<int>(Number(source, "serverMaxWindowBits"));
  options.threshold = static_cast<size_t>(Number(source, "threshold"));
  options.level = static_cast<int>(Number(source, "level"));
  return options;
}

tls::Config ReadTlsConfig(const Napi::Object& source) {
  tls::Config config;
  config.use_default_store = Flag(source, "useDefaultStore");
  config.ca_certificates = PemTexts(source, "caCertificates");
  config.crls = PemTexts(source, "certificateRevocationLists");
  const Napi::Value pins = source.Get("pinnedPublicKeys");
  if (pins.IsArray()) {
    const auto list = pins.As<Napi::Array>();
    for (uint32_t i = 0; i < list.Length(); i++) {
      const std::string bytes = BytesOf(list.Get(i));
      std::array<uint8_t, 32> pin = {};
      std::copy_n(bytes.begin(), std::min(bytes.size(), pin.size()), pin.begin());
      config.pinned_public_keys.push_back(pin);
    }
  }
  config.ignore.bits = static_cast<uint32_t>(Number(source, "ignoreBits"));
  config.certificate_chain = Text(source, "localCertificate");
  config.private_key = Text(source, "privateKey");
  config.key_algorithm = static_cast<tls::KeyAlgorithm>(Number(source, "keyAlgorithm"));
  config.has_passphrase = source.Get("passphrase").IsString();
  config.passphrase = Text(source, "passphrase");
  config.pkcs12 = BytesOf(source.Get("pkcs12"));
  config.min_version = static_cast<int>(Number(source, "minVersion"));
  config.max_version = static_cast<int>(Number(source, "maxVersion"));
  config.cipher_suites = Text(source, "cipherSuites");
  config.keylog = Flag(source, "keylog");
  return config;
}

driver::Endpoint ReadEndpoint(const Napi::Object& source) {
  driver::Endpoint endpoint;
  endpoint.host = Text(source, "host");
  endpoint.port = static_cast<uint16_t>(Number(source, "port"));
  endpoint.path = Text(source, "path");
  endpoint.local_address = Text(source, "localAddress");
  return endpoint;
}

// nullptr with *error set when OpenSSL refuses.
std::unique_ptr<driver::Proxy> ReadProxy(const Napi::Object& source, const driver::Endpoint& target,
                                         Error* error) {
  auto proxy = std::make_unique<driver::Proxy>();
  proxy->protocol =
      Flag(source, "socks5") ? driver::Proxy::Protocol::kSocks5 : driver::Proxy::Protocol::kHttp;
  proxy->endpoint = ReadEndpoint(source);
  proxy->endpoint.local_address = target.local_address;
  proxy->name = Text(source, "name");
  proxy->request.host = target.host;
  proxy->request.port = target.port;
  proxy->request.authorization = Text(source, "authorization");
  proxy->request.username = Text(source, "username");
  proxy->request.password = Text(source, "password");
  const Napi::Value tls = source.Get("tls");
  if (!tls.IsObject()) return proxy;
  const auto tls_source = tls.As<Napi::Object>();
  proxy->server_name = Text(tls_source, "serverName");
  proxy->tls = tls::Context::Get(ReadTlsConfig(tls_source), error);
  return proxy->tls == nullptr ? nullptr : std::move(proxy);
}

bool ReadTls(const Napi::Object& source, driver::OpenOptions* options, Error* error) {
  const Napi::Value tls = source.Get("tls");
  if (!tls.IsObject()) return true;
  const auto tls_source = tls.As<Napi::Object>();
  options->server_name = Text(tls_source, "serverName");
  options->certificate_host = Text(tls_source, "certificateHost");
  std::shared_ptr<tls::Context> context = tls::Context::Get(ReadTlsConfig(tls_source), error);
  if (context == nullptr) return false;
  if (Flag(source, "secure")) options->tls = std::move(context);
  return true;
}

}  // namespace

bool ReadOpenOptions(Napi::Object source, driver::OpenOptions* options, Error* error) {
  options->endpoint = ReadEndpoint(source);
  options->request.host = Text(source, "hostHeader");
  options->request.target = Text(source, "target");
  options->request.user_agent = Text(source, "userAgent");
  const std::vector<std::string> headers = Texts(source, "headers");
  for (size_t i = 0; i + 1 < headers.size(); i += 2) {
    options->request.headers.emplace_back(headers[i], headers[i + 1]);
  }
  options->request.subprotocols = Texts(source, "protocols");
  options->timeout_ms = static_cast<uint64_t>(Number(source, "timeoutMs"));
  options->close_timeout_ms = static_cast<uint64_t>(Number(source, "closeTimeoutMs"));
  options->ping_interval_ms = static_cast<uint64_t>(Number(source, "pingIntervalMs"));
  options->pong_timeout_ms = static_cast<uint64_t>(Number(source, "pongTimeoutMs"));
  options->limits.max_message_bytes = static_cast<uint64_t>(Number(source, "maxMessageBytes"));
  options->max_buffered_bytes = static_cast<size_t>(Number(source, "maxBufferedBytes"));
  options->trace = static_cast<uint8_t>(Number(source, "trace"));
  options->compression = ReadCompression(source.Get("compression"));
  if (!ReadTls(source, options, error)) return false;
  const Napi::Value proxy = source.Get("proxy");
  if (!proxy.IsObject()) return true;
  options->proxy = ReadProxy(proxy.As<Napi::Object>(), options->endpoint, error);
  return options->proxy != nullptr;
}

}  // namespace wsfd::binding

#include "binding/open_options.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "binding/environment.h"
#include "tls/context.h"

// Every function reads one tuple of src/native/addon.ts, in the order in which it is made there.

namespace wsfd::binding {

namespace {

uint64_t Count(Reader* source) { return source->Whole<uint64_t>(); }

// What a TLS tuple says beside the configuration that connections share.
struct TlsOptions {
  std::string server_name;
  std::string certificate_host;
  bool uses_default_store = false;
  tls::Config config;
};

void ReadIdentity(Reader* source, tls::Config* config) {
  config->certificate_chain = source->Text();
  config->private_key = source->Text();
  constexpr auto kLastAlgorithm = static_cast<uint8_t>(tls::KeyAlgorithm::kEd448);
  config->key_algorithm = static_cast<tls::KeyAlgorithm>(source->Whole<uint8_t>(0, kLastAlgorithm));
  if (const napi_value passphrase = source->NextUnlessUndefined(); passphrase != nullptr) {
    config->has_passphrase = true;
    config->passphrase = source->TextOf(passphrase);
  }
  if (const napi_value pkcs12 = source->NextUnlessUndefined(); pkcs12 != nullptr) {
    config->pkcs12 = source->BytesOf(pkcs12);
  }
}

void ReadTls(Reader* source, TlsOptions* options) {
  options->server_name = source->Text();
  options->certificate_host = source->Text();
  tls::Config* const config = &options->config;
  options->uses_default_store = source->Flag();
  config->ca_certificates = source->AsciiTexts();
  config->crls = source->AsciiTexts();
  source->Each([config](Reader* elements) {
    const std::string bytes = elements->BytesOf(elements->Next());
    std::array<uint8_t, 32> pin = {};
    if (bytes.size() != pin.size()) return elements->Fail("expected a pin of 32 bytes");
    std::copy(bytes.begin(), bytes.end(), pin.begin());
    config->pinned_public_keys.push_back(pin);
  });
  config->ignore.bits = source->Whole<uint32_t>(0, (uint32_t{1} << tls::kKeywordCount) - 1);
  ReadIdentity(source, config);
  config->min_version = source->Whole<uint16_t>();
  config->max_version = source->Whole<uint16_t>();
  config->cipher_suites = source->Text();
  config->groups = source->Text();
  config->legacy_server_connect = source->Flag();
  config->keylog = source->Flag();
}

void ReadCompression(Reader* source, connection::CompressionOptions* options) {
  options->offered = true;
  deflate::Options& parameters = options->parameters;
  parameters.client_no_context_takeover = source->Flag();
  parameters.server_no_context_takeover = source->Flag();
  parameters.client_max_window_bits = source->Whole(0, deflate::kMaxWindowBits);
  parameters.server_max_window_bits =
      source->Whole(deflate::kMinWindowBits, deflate::kMaxWindowBits);
  options->threshold = source->Whole<size_t>();
  constexpr int kDefaultLevel = -1, kBestLevel = 9;
  options->level = source->Whole(kDefaultLevel, kBestLevel);
}

// nullptr where the next value is undefined.
std::unique_ptr<TlsOptions> ReadOptionalTls(Reader* source) {
  const napi_value tuple = source->NextUnlessUndefined();
  if (tuple == nullptr) return nullptr;
  auto options = std::make_unique<TlsOptions>();
  source->Elements(tuple, [&options](Reader* elements) { ReadTls(elements, options.get()); });
  return options;
}

// The TLS of the proxy, which is not a part of what the driver gets, is put into *tls.
void ReadProxy(Reader* source, driver::Proxy* proxy, std::unique_ptr<TlsOptions>* tls) {
  proxy->name = source->Text();
  proxy->protocol =
      source->Flag() ? driver::Proxy::Protocol::kSocks5 : driver::Proxy::Protocol::kHttp;
  proxy->endpoint.host = source->Text();
  proxy->endpoint.port = source->Whole<uint16_t>();
  proxy->request.username = source->Text();
  proxy->request.password = source->Text();
  proxy->request.authorization = source->Text();
  *tls = ReadOptionalTls(source);
}

void ReadEndpoint(Reader* source, driver::Endpoint* endpoint) {
  endpoint->host = source->Text();
  endpoint->port = source->Whole<uint16_t>();
  endpoint->path = source->Text();
  endpoint->local_address = source->Text();
}

void ReadRequest(Reader* source, handshake::Request* request) {
  request->host = source->Text();
  request->target = source->Text();
  request->user_agent = source->Text();
  source->Each([request](Reader* headers) {
    std::string name = headers->Text();
    request->headers.emplace_back(std::move(name), headers->Text());
  });
  request->subprotocols = source->Texts();
}

// What is read before OpenSSL is asked.
struct Tuple {
  driver::OpenOptions* options;
  bool secure = false;
  std::unique_ptr<TlsOptions> tls;
  std::unique_ptr<TlsOptions> proxy_tls;
};

void ReadTuple(Reader* source, Tuple* tuple) {
  driver::OpenOptions* const options = tuple->options;
  ReadEndpoint(source, &options->endpoint);
  ReadRequest(source, &options->request);
  options->follows_redirects = source->Flag();
  options->timeout_ms = Count(source);
  options->close_timeout_ms = Count(source);
  options->ping_interval_ms = Count(source);
  options->pong_timeout_ms = Count(source);
  options->limits.max_message_bytes = Count(source);
  options->max_buffered_bytes = source->Whole<size_t>();
  options->trace = source->Whole<uint8_t>();
  if (const napi_value value = source->NextUnlessUndefined(); value != nullptr) {
    source->Elements(
        value, [options](Reader* elements) { ReadCompression(elements, &options->compression); });
  }
  tuple->secure = source->Flag();
  tuple->tls = ReadOptionalTls(source);
  if (const napi_value value = source->NextUnlessUndefined(); value != nullptr) {
    options->proxy = std::make_unique<driver::Proxy>();
    source->Elements(value, [options, tuple](Reader* elements) {
      ReadProxy(elements, options->proxy.get(), &tuple->proxy_tls);
    });
    options->proxy->endpoint.local_address = options->endpoint.local_address;
    options->proxy->request.host = options->endpoint.host;
    options->proxy->request.port = options->endpoint.port;
  }
}

}  // namespace

bool ReadOpenOptions(Reader* call, driver::OpenOptions* options, Error* error) {
  Tuple tuple;
  tuple.options = options;
  call->Elements(call->Next(), [&tuple](Reader* elements) { ReadTuple(elements, &tuple); });
  if (call->failed()) {
    const std::string why = call->reason().empty() ? "" : ": " + call->reason();
    *error = Error(ErrorCode::kInternal, "an option could not be handed to native code" + why);
    return false;
  }
  const auto& default_store = static_cast<Environment*>(call->data())->default_trust_store();
  const auto make_context = [&default_store, error](TlsOptions* from) {
    if (from->uses_default_store) from->config.default_store = default_store;
    return tls::Context::Get(from->config, error);
  };
  if (tuple.tls != nullptr) {
    options->server_name = std::move(tuple.tls->server_name);
    options->certificate_host = std::move(tuple.tls->certificate_host);
    std::shared_ptr<tls::Context> context = make_context(tuple.tls.get());
    if (context == nullptr) return false;
    if (tuple.secure) options->tls = std::move(context);
  }
  if (tuple.proxy_tls == nullptr) return true;
  options->proxy->server_name = std::move(tuple.proxy_tls->server_name);
  options->proxy->tls = make_context(tuple.proxy_tls.get());
  return options->proxy->tls != nullptr;
}

}  // namespace wsfd::binding

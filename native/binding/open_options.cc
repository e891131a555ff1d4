#include "binding/open_options.h"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "binding/environment.h"
#include "tls/context.h"

namespace wsfd::binding {

namespace {

// The arrays whose elements are the fields of open_options.inc.

struct TlsTuple {
  std::string server_name;
  std::string certificate_host;
  bool uses_default_store = false;
  tls::Config config;
};

struct ProxyTuple {
  std::unique_ptr<driver::Proxy> proxy = std::make_unique<driver::Proxy>();
  std::unique_ptr<TlsTuple> tls;  // nullptr: no TLS
};

struct OpenTuple {
  driver::OpenOptions* options;
  bool secure = false;
  std::unique_ptr<TlsTuple> tls;
  std::unique_ptr<ProxyTuple> proxy;
};

// Read<Kind> reads the next value as a field of that kind.

void ReadText(Reader* source, std::string* to) { *to = source->Text(); }

void ReadFlag(Reader* source, bool* to) { *to = source->Flag(); }

template <typename Integer>
void ReadWhole(Reader* source, Integer* to, Integer least = 0,
               Integer most = std::numeric_limits<Integer>::max()) {
  *to = source->Whole(least, most);
}

void ReadTexts(Reader* source, std::vector<std::string>* to) { *to = source->Texts(); }

void ReadAsciiTexts(Reader* source, std::vector<std::string>* to) { *to = source->AsciiTexts(); }

void ReadHeaders(Reader* source, handshake::HeaderList* to) {
  source->Each([to](Reader* headers) {
    std::string name = headers->Text();
    to->emplace_back(std::move(name), headers->Text());
  });
}

void ReadPins(Reader* source, std::vector<std::array<uint8_t, 32>>* to) {
  source->Each([to](Reader* pins) {
    const std::string bytes = pins->BytesOf(pins->Next());
    std::array<uint8_t, 32> pin = {};
    if (bytes.size() != pin.size()) return pins->Fail("expected a pin of 32 bytes");
    std::copy(bytes.begin(), bytes.end(), pin.begin());
    to->push_back(pin);
  });
}

void ReadKeyAlgorithm(Reader* source, tls::KeyAlgorithm* to) {
  constexpr auto kLast = static_cast<uint8_t>(tls::KeyAlgorithm::kEd448);
  *to = static_cast<tls::KeyAlgorithm>(source->Whole<uint8_t>(0, kLast));
}

void ReadPassphrase(Reader* source, tls::Config* to) {
  const napi_value passphrase = source->NextUnlessUndefined();
  if (passphrase == nullptr) return;
  to->has_passphrase = true;
  to->passphrase = source->TextOf(passphrase);
}

void ReadBytes(Reader* source, std::string* to) {
  const napi_value bytes = source->NextUnlessUndefined();
  if (bytes != nullptr) *to = source->BytesOf(bytes);
}

void ReadProtocol(Reader* source, driver::Proxy::Protocol* to) {
  using Protocol = driver::Proxy::Protocol;
  *to = source->Flag() ? Protocol::kSocks5 : Protocol::kHttp;
}

// Arrays of fields. An absent one is undefined.

void ReadCompression(Reader* source, connection::CompressionOptions* to) {
  const napi_value tuple = source->NextUnlessUndefined();
  if (tuple == nullptr) return;
  to->offered = true;
  source->Elements(tuple, [to](Reader* elements) {
#define COMPRESSION_FIELD(kind, name, text, ...) Read##kind(elements, &to->__VA_ARGS__);
#include "binding/open_options.inc"
  });
}

void ReadTls(Reader* source, std::unique_ptr<TlsTuple>* tls) {
  const napi_value tuple = source->NextUnlessUndefined();
  if (tuple == nullptr) return;
  *tls = std::make_unique<TlsTuple>();
  source->Elements(tuple, [to = tls->get()](Reader* elements) {
#define TLS_FIELD(kind, name, text, ...) Read##kind(elements, &to->__VA_ARGS__);
#include "binding/open_options.inc"
  });
}

void ReadProxy(Reader* source, std::unique_ptr<ProxyTuple>* proxy) {
  const napi_value tuple = source->NextUnlessUndefined();
  if (tuple == nullptr) return;
  *proxy = std::make_unique<ProxyTuple>();
  source->Elements(tuple, [to = proxy->get()](Reader* elements) {
#define PROXY_FIELD(kind, name, text, ...) Read##kind(elements, &to->__VA_ARGS__);
#include "binding/open_options.inc"
  });
}

void ReadOpen(Reader* call, OpenTuple* to) {
  call->Elements(call->Next(), [to](Reader* elements) {
#define OPEN_FIELD(kind, name, text, ...) Read##kind(elements, &to->__VA_ARGS__);
#include "binding/open_options.inc"
  });
}

}  // namespace

bool ReadOpenOptions(Reader* call, driver::OpenOptions* options, Error* error) {
  OpenTuple tuple;
  tuple.options = options;
  ReadOpen(call, &tuple);
  if (call->failed()) {
    const std::string why = call->reason().empty() ? "" : ": " + call->reason();
    *error = Error(ErrorCode::kInternal, "an option could not be handed to native code" + why);
    return false;
  }
  const auto& default_store = EnvironmentOf(*call)->default_trust_store();
  const auto make_context = [&default_store, error](TlsTuple* from) {
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
  if (tuple.proxy == nullptr) return true;
  options->proxy = std::move(tuple.proxy->proxy);
  options->proxy->endpoint.local_address = options->endpoint.local_address;
  options->proxy->request.host = options->endpoint.host;
  options->proxy->request.port = options->endpoint.port;
  if (tuple.proxy->tls == nullptr) return true;
  options->proxy->server_name = std::move(tuple.proxy->tls->server_name);
  options->proxy->tls = make_context(tuple.proxy->tls.get());
  return options->proxy->tls != nullptr;
}

}  // namespace wsfd::binding

#include <napi.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "test/native/testing/sample.h"
#include "test/native/testing/testing.h"
#include "tls/context_impl.h"
#include "tls/keyword.h"
#include "tls/nested_session.h"
#include "tls/session.h"

namespace wsfd::testing {

namespace {

std::string TextOf(const Napi::Object& source, const char* name) {
  const Napi::Value value = source.Get(name);
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
}

std::string BytesOf(const Napi::Object& source, const char* name) {
  const Napi::Value value = source.Get(name);
  if (!value.IsBuffer()) return {};
  const auto bytes = value.As<Napi::Buffer<char>>();
  return {bytes.Data(), bytes.Length()};
}

uint32_t NumberOf(const Napi::Object& source, const char* name) {
  const Napi::Value value = source.Get(name);
  return value.IsNumber() ? value.As<Napi::Number>().Uint32Value() : 0;
}

std::vector<std::string> TextsOf(const Napi::Object& source, const char* name) {
  std::vector<std::string> texts;
  const Napi::Value value = source.Get(name);
  if (!value.IsArray()) return texts;
  const auto list = value.As<Napi::Array>();
  for (uint32_t i = 0; i < list.Length(); i++) texts.push_back(list.Get(i).ToString());
  return texts;
}

std::vector<std::array<uint8_t, 32>> PinsOf(const Napi::Object& source) {
  std::vector<std::array<uint8_t, 32>> pins;
  const Napi::Value value = source.Get("pins");
  if (!value.IsArray()) return pins;
  const auto list = value.As<Napi::Array>();
  for (uint32_t i = 0; i < list.Length(); i++) {
    const auto bytes = list.Get(i).As<Napi::Uint8Array>();
    std::array<uint8_t, 32> pin = {};
    std::copy_n(bytes.Data(), std::min(bytes.ByteLength(), pin.size()), pin.begin());
    pins.push_back(pin);
  }
  return pins;
}

tls::Config ConfigOf(const Napi::Object& source) {
  tls::Config config;
  config.ca_certificates = TextsOf(source, "caCertificates");
  config.crls = TextsOf(source, "crls");
  config.pinned_public_keys = PinsOf(source);
  config.ignore.bits = NumberOf(source, "ignoreBits");
  config.certificate_chain = TextOf(source, "certificate");
  config.private_key = TextOf(source, "key");
  config.key_algorithm = static_cast<tls::KeyAlgorithm>(NumberOf(source, "algorithm"));
  config.has_passphrase = source.Get("passphrase").IsString();
  config.passphrase = TextOf(source, "passphrase");
  config.pkcs12 = BytesOf(source, "pkcs12");
  config.min_version = static_cast<int>(NumberOf(source, "minVersion"));
  config.max_version = static_cast<int>(NumberOf(source, "maxVersion"));
  config.cipher_suites = TextOf(source, "cipherSuites");
  config.groups = TextOf(source, "groups");
  config.legacy_server_connect = source.Get("legacyServerConnect").ToBoolean();
  config.keylog = source.Get("keylog").ToBoolean();
  return config;
}

Napi::Object ErrorOf(Napi::Env env, const Error& error) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("code", RowOf(error.code).symbol);
  result.Set("detail", error.detail);
  return result;
}

Napi::Value StatusOf(Napi::Env env, tls::Session::Status status) {
  static constexpr const char* kNames[] = {"ok", "wantRead", "closed", "failed"};
  return Napi::String::New(env, kNames[static_cast<uint8_t>(status)]);
}

// A session, the input that was lent to it last, and the SSL behind it once it has begun.
struct Client {
  std::unique_ptr<tls::Session> session;
  std::unique_ptr<Sample> input;
  SSL* ssl = nullptr;
};

// The SSL of this thread that has sent or received a message last.
thread_local SSL* last_ssl = nullptr;

void NoteSsl(int, int, int, const void*, size_t, SSL* ssl, void*) { last_ssl = ssl; }

Client& ClientOf(const Napi::CallbackInfo& info, size_t index = 0) {
  return *info[index].As<Napi::External<Client>>().Data();
}

Napi::Value ValueOf(Napi::Env env, std::unique_ptr<tls::Session> session) {
  auto client = std::make_unique<Client>();
  client->session = std::move(session);
  return Napi::External<Client>::New(env, client.release(),
                                     [](Napi::Env, Client* done) { delete done; });
}

tls::Target TargetOf(const Napi::Object& source) {
  return {TextOf(source, "host"), static_cast<uint16_t>(NumberOf(source, "port")),
          TextOf(source, "serverName")};
}

// tlsCreate(config, target): TlsClient, or the CoreError
Napi::Value TlsCreate(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Error error;
  std::shared_ptr<tls::Context> context =
      tls::Context::Get(ConfigOf(info[0].As<Napi::Object>()), &error);
  if (context == nullptr) return ErrorOf(env, error);
  SSL_CTX_set_msg_callback(static_cast<tls::ContextImpl&>(*context).ssl_ctx(), NoteSsl);
  const tls::Target target = TargetOf(info[1].As<Napi::Object>());
  std::unique_ptr<tls::Session> session = tls::Session::Create(std::move(context), target, &error);
  return session == nullptr ? ErrorOf(env, error) : ValueOf(env, std::move(session));
}

// tlsTakesSession(config, target, time): whether a connection would have been offered a session at
// that time (ms since 1970), which is taken from the cache
Napi::Value TlsTakesSession(const Napi::CallbackInfo& info) {
  Error error;
  const std::shared_ptr<tls::Context> context =
      tls::Context::Get(ConfigOf(info[0].As<Napi::Object>()), &error);
  if (context == nullptr) return ErrorOf(info.Env(), error);
  const std::string key = tls::SessionCache::KeyOf(TargetOf(info[1].As<Napi::Object>()));
  const auto now = static_cast<std::time_t>(info[2].As<Napi::Number>().Int64Value() / 1000);
  const auto taken = static_cast<tls::ContextImpl&>(*context).sessions().Take(key, now);
  return Napi::Boolean::New(info.Env(), taken.session != nullptr);
}

// tlsNest(outer, inner, early): TlsClient; the sessions of both become its own
Napi::Value TlsNest(const Napi::CallbackInfo& info) {
  const auto early = info[2].As<Napi::Buffer<char>>();
  return ValueOf(info.Env(),
                 tls::Nest(std::move(ClientOf(info, 0).session),
                           std::move(ClientOf(info, 1).session), {early.Data(), early.Length()}));
}

// tlsDestroy(client): ends the session now, and not when its garbage is collected
void TlsDestroy(const Napi::CallbackInfo& info) { ClientOf(info).session.reset(); }

// tlsSetInput(client, bytes)
void TlsSetInput(const Napi::CallbackInfo& info) {
  Client& client = ClientOf(info);
  auto input = std::make_unique<Sample>(info[1].As<Napi::Uint8Array>());
  client.session->SetInput(input->data(), input->size());
  client.input = std::move(input);
}

// tlsHandshake(client): Status
Napi::Value TlsHandshake(const Napi::CallbackInfo& info) {
  Client& client = ClientOf(info);
  last_ssl = client.ssl;
  const tls::Session::Status status = client.session->Handshake();
  client.ssl = last_ssl;
  return StatusOf(info.Env(), status);
}

// tlsRead(client, capacity): { status, data }
Napi::Value TlsRead(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::vector<uint8_t> out(info[1].As<Napi::Number>().Uint32Value());
  size_t count = 0;
  const tls::Session::Status status = ClientOf(info).session->Read(out.data(), out.size(), &count);
  Napi::Object result = Napi::Object::New(env);
  result.Set("status", StatusOf(env, status));
  result.Set("data", Napi::Buffer<uint8_t>::Copy(env, out.data(), count));
  return result;
}

// tlsWrite(client, bytes): Status
Napi::Value TlsWrite(const Napi::CallbackInfo& info) {
  const auto bytes = info[1].As<Napi::Uint8Array>();
  return StatusOf(info.Env(), ClientOf(info).session->Write(bytes.Data(), bytes.ByteLength()));
}

// tlsSendCloseNotify(client)
void TlsSendCloseNotify(const Napi::CallbackInfo& info) {
  ClientOf(info).session->SendCloseNotify();
}

// tlsTakeOutput(client): Buffer
Napi::Value TlsTakeOutput(const Napi::CallbackInfo& info) {
  ByteQueue& output = ClientOf(info).session->output();
  Napi::Value bytes = Napi::Buffer<uint8_t>::Copy(info.Env(), output.data(), output.size());
  output.Clear();
  output.Release();
  return bytes;
}

// tlsError(client): CoreError
Napi::Value TlsError(const Napi::CallbackInfo& info) {
  return ErrorOf(info.Env(), ClientOf(info).session->error());
}

// tlsCertificateErrors(client): CertificateError[]
Napi::Value TlsCertificateErrors(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Array result = Napi::Array::New(env);
  for (const tls::CertificateError& error : ClientOf(info).session->certificate_errors()) {
    Napi::Object one = Napi::Object::New(env);
    one.Set("keyword", tls::NameOf(error.keyword));
    one.Set("code", error.code);
    one.Set("depth", error.depth);
    one.Set("subject", error.subject);
    one.Set("text", error.text);
    one.Set("ignored", error.ignored);
    result.Set(result.Length(), one);
  }
  return result;
}

// tlsInfo(client): TlsSessionInfo
Napi::Value TlsInfo(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const tls::SessionInfo session = ClientOf(info).session->Info();
  Napi::Object result = Napi::Object::New(env);
  result.Set("version", session.version);
  result.Set("cipher", session.cipher);
  result.Set("group", session.group);
  result.Set("alpn", session.alpn);
  result.Set("serverName", session.server_name);
  result.Set("resumed", session.resumed);
  Napi::Array chain = Napi::Array::New(env);
  for (const tls::CertificateInfo& certificate : session.chain) {
    Napi::Object one = Napi::Object::New(env);
    one.Set("subject", certificate.subject);
    one.Set("issuer", certificate.issuer);
    one.Set("subjectAltNames", certificate.subject_alt_names);
    one.Set("validFrom", certificate.valid_from);
    one.Set("validTo", certificate.valid_to);
    one.Set("serialNumber", certificate.serial_number);
    one.Set("fingerprint256", certificate.fingerprint256);
    one.Set("pem", certificate.pem);
    chain.Set(chain.Length(), one);
  }
  result.Set("chain", chain);
  return result;
}

// tlsSharesCertificates(client, other): whether OpenSSL holds their peers' chain as the same
// objects
Napi::Value TlsSharesCertificates(const Napi::CallbackInfo& info) {
  const SSL* one = ClientOf(info, 0).ssl;
  const SSL* other = ClientOf(info, 1).ssl;
  const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(one);
  const STACK_OF(X509)* other_chain = SSL_get_peer_cert_chain(other);
  const int count = sk_X509_num(chain);
  bool same = count > 0 && count == sk_X509_num(other_chain) &&
              SSL_get0_peer_certificate(one) == SSL_get0_peer_certificate(other);
  for (int i = 0; i < count; i++) {
    same = same && sk_X509_value(chain, i) == sk_X509_value(other_chain, i);
  }
  return Napi::Boolean::New(info.Env(), same);
}

// tlsKnownChains(config): how many peers' chains its context knows of
Napi::Value TlsKnownChains(const Napi::CallbackInfo& info) {
  Error error;
  const auto context = tls::Context::Get(ConfigOf(info[0].As<Napi::Object>()), &error);
  if (context == nullptr) return ErrorOf(info.Env(), error);
  return Napi::Number::New(
      info.Env(),
      static_cast<double>(static_cast<tls::ContextImpl&>(*context).peer_chains().size()));
}

// tlsEphemeralKeys(client): string[]; the types of the keys that are left of the key exchange
Napi::Value TlsEphemeralKeys(const Napi::CallbackInfo& info) {
  Napi::Array types = Napi::Array::New(info.Env());
  for (const int whose : {SSL_CTRL_GET_TMP_KEY, SSL_CTRL_GET_PEER_TMP_KEY}) {
    EVP_PKEY* key = nullptr;
    if (SSL_ctrl(ClientOf(info).ssl, whose, 0, &key) != 1) continue;
    types.Set(types.Length(), EVP_PKEY_get0_type_name(key));
    EVP_PKEY_free(key);
  }
  return types;
}

// tlsTakeKeyLog(client): string
Napi::Value TlsTakeKeyLog(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), ClientOf(info).session->TakeKeyLog());
}

// tlsKeywords(): string[], in the order of their bits
Napi::Value TlsKeywords(const Napi::CallbackInfo& info) {
  Napi::Array names = Napi::Array::New(info.Env());
  for (int i = 0; i < tls::kKeywordCount; i++) {
    names.Set(static_cast<uint32_t>(i), tls::NameOf(static_cast<tls::Keyword>(i)));
  }
  return names;
}

// tlsKeywordOf(code): string
Napi::Value TlsKeywordOf(const Napi::CallbackInfo& info) {
  const int code = info[0].As<Napi::Number>();
  return Napi::String::New(info.Env(), tls::NameOf(tls::KeywordOf(code)));
}

}  // namespace

void RegisterTls(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, auto function) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  add("tlsCreate", TlsCreate);
  add("tlsTakesSession", TlsTakesSession);
  add("tlsNest", TlsNest);
  add("tlsDestroy", TlsDestroy);
  add("tlsSetInput", TlsSetInput);
  add("tlsHandshake", TlsHandshake);
  add("tlsRead", TlsRead);
  add("tlsWrite", TlsWrite);
  add("tlsSendCloseNotify", TlsSendCloseNotify);
  add("tlsTakeOutput", TlsTakeOutput);
  add("tlsError", TlsError);
  add("tlsCertificateErrors", TlsCertificateErrors);
  add("tlsInfo", TlsInfo);
  add("tlsSharesCertificates", TlsSharesCertificates);
  add("tlsKnownChains", TlsKnownChains);
  add("tlsEphemeralKeys", TlsEphemeralKeys);
  add("tlsTakeKeyLog", TlsTakeKeyLog);
  add("tlsKeywords", TlsKeywords);
  add("tlsKeywordOf", TlsKeywordOf);
}

}  // namespace wsfd::testing

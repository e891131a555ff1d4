#include <napi.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string>

#include "test/native/testing/testing.h"
#include "tls/openssl_ptr.h"
#include "tls/pem.h"

namespace wsfd::testing {

namespace {

std::string TextOf(const Napi::Object& source, const char* name) {
  const Napi::Value value = source.Get(name);
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
}

int NumberOf(const Napi::Object& source, const char* name) {
  const Napi::Value value = source.Get(name);
  return value.IsNumber() ? value.As<Napi::Number>().Int32Value() : 0;
}

Napi::Value ToBuffer(Napi::Env env, const std::string& bytes) {
  return Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size());
}

// A TLS server of OpenSSL's without a network, for what Node's cannot be made to send: KeyUpdate,
// HelloRequest, records of any size.
// new TlsServer({ cert, key, minVersion, maxVersion, ciphers }), or new TlsServer(other) for one
// that shares the other's context, and with it its sessions
class TlsServerObject : public Napi::ObjectWrap<TlsServerObject> {
 public:
  explicit TlsServerObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    ERR_clear_error();
    const auto source = info[0].As<Napi::Object>();
    if (!UseContext(source) || !Start()) Throw(info.Env());
  }

  // give(bytes): what the client has sent
  Napi::Value Give(const Napi::CallbackInfo& info) {
    const auto bytes = info[0].As<Napi::Uint8Array>();
    BIO_write(SSL_get_rbio(ssl_.get()), bytes.Data(), static_cast<int>(bytes.ByteLength()));
    return info.Env().Undefined();
  }

  // take(): Buffer; what is to be sent to the client
  Napi::Value Take(const Napi::CallbackInfo& info) {
    return ToBuffer(info.Env(), Drain(SSL_get_wbio(ssl_.get())));
  }

  // handshake(): 'ok', 'wantRead', or the reason of a failure
  Napi::Value Handshake(const Napi::CallbackInfo& info) {
    ERR_clear_error();
    return Outcome(info.Env(), SSL_do_handshake(ssl_.get()));
  }

  // write(bytes): as handshake()
  Napi::Value Write(const Napi::CallbackInfo& info) {
    const auto bytes = info[0].As<Napi::Uint8Array>();
    ERR_clear_error();
    return Outcome(info.Env(),
                   SSL_write(ssl_.get(), bytes.Data(), static_cast<int>(bytes.ByteLength())));
  }

  // read(): { status, data }; all that can be read, and why there is no more: as handshake(), or
  // 'closed' after a close_notify
  Napi::Value Read(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    std::string data;
    char part[16384];
    int count = 0;
    ERR_clear_error();
    while ((count = SSL_read(ssl_.get(), part, sizeof(part))) > 0) {
      data.append(part, static_cast<size_t>(count));
    }
    Napi::Object result = Napi::Object::New(env);
    result.Set("status", SSL_get_error(ssl_.get(), count) == SSL_ERROR_ZERO_RETURN
                             ? Napi::String::New(env, "closed")
                             : Outcome(env, count));
    result.Set("data", ToBuffer(env, data));
    return result;
  }

  // keyUpdate(answerWanted): as handshake(); TLS 1.3
  Napi::Value KeyUpdate(const Napi::CallbackInfo& info) {
    const bool wanted = info[0].ToBoolean();
    ERR_clear_error();
    const int result = SSL_key_update(
        ssl_.get(), wanted ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
    return Outcome(info.Env(), result == 1 ? SSL_do_handshake(ssl_.get()) : result);
  }

  // helloRequest(): as handshake(); TLS 1.2
  Napi::Value HelloRequest(const Napi::CallbackInfo& info) {
    ERR_clear_error();
    const int result = SSL_renegotiate(ssl_.get());
    return Outcome(info.Env(), result == 1 ? SSL_do_handshake(ssl_.get()) : result);
  }

  // closeNotify(): sends it
  Napi::Value CloseNotify(const Napi::CallbackInfo& info) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    return info.Env().Undefined();
  }

  // takeKeyLog(): string; NSS key log lines, each with its newline
  Napi::Value TakeKeyLog(const Napi::CallbackInfo& info) {
    Napi::Value lines = Napi::String::New(info.Env(), key_log_);
    key_log_.clear();
    return lines;
  }

 private:
  bool UseContext(const Napi::Object& source) {
    if (!source.Has("cert")) {
      SSL_CTX* other = Unwrap(source)->context_.get();
      SSL_CTX_up_ref(other);
      context_.reset(other);
      return true;
    }
    return MakeContext(source);
  }

  bool MakeContext(const Napi::Object& options) {
    context_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX* context = context_.get();
    if (context == nullptr || !UseCertificate(options)) return false;
    const std::string ciphers = TextOf(options, "ciphers");
    if (!ciphers.empty() && SSL_CTX_set_cipher_list(context, ciphers.c_str()) != 1) return false;
    SSL_CTX_set_min_proto_version(context, NumberOf(options, "minVersion"));
    SSL_CTX_set_max_proto_version(context, NumberOf(options, "maxVersion"));
    SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>("wsfd"), 4);
    SSL_CTX_set_keylog_callback(context, [](const SSL* ssl, const char* line) {
      static_cast<TlsServerObject*>(SSL_get_app_data(ssl))->key_log_.append(line).append("\n");
    });
    // Tickets would be records that no test has asked for.
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    return true;
  }

  bool Start() {
    ssl_.reset(SSL_new(context_.get()));
    if (ssl_ == nullptr) return false;
    SSL_set_app_data(ssl_.get(), this);
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(ssl_.get());
    return true;
  }

  bool UseCertificate(const Napi::Object& options) {
    const std::string certificate = TextOf(options, "cert");
    const std::string key = TextOf(options, "key");
    const tls::BioPtr certificate_bio = tls::NewMemoryBio(certificate);
    const tls::BioPtr key_bio = tls::NewMemoryBio(key);
    const tls::X509Ptr x509(PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr));
    const tls::PkeyPtr pkey(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
    return x509 != nullptr && pkey != nullptr &&
           SSL_CTX_use_cert_and_key(context_.get(), x509.get(), pkey.get(), nullptr, 1) == 1;
  }

  static std::string Drain(BIO* bio) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    std::string bytes(data, static_cast<size_t>(size));
    BIO_ctrl(bio, BIO_CTRL_RESET, 0, nullptr);
    return bytes;
  }

  Napi::Value Outcome(Napi::Env env, int result) {
    if (result > 0) return Napi::String::New(env, "ok");
    const bool wants = SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ;
    return Napi::String::New(env, wants ? "wantRead" : Reason());
  }

  static std::string Reason() {
    const char* reason = ERR_reason_error_string(ERR_get_error());
    ERR_clear_error();
    return reason == nullptr ? "no reason" : reason;
  }

  static void Throw(Napi::Env env) {
    Napi::Error::New(env, "the TLS server: " + Reason()).ThrowAsJavaScriptException();
  }

  tls::SslCtxPtr context_;
  tls::SslPtr ssl_;
  std::string key_log_;
};

}  // namespace

void RegisterTlsServer(Napi::Env env, Napi::Object exports) {
  using Self = TlsServerObject;
  exports.Set(
      "TlsServer",
      Self::DefineClass(
          env, "TlsServer",
          {Self::InstanceMethod<&Self::Give>("give"), Self::InstanceMethod<&Self::Take>("take"),
           Self::InstanceMethod<&Self::Handshake>("handshake"),
           Self::InstanceMethod<&Self::Write>("write"), Self::InstanceMethod<&Self::Read>("read"),
           Self::InstanceMethod<&Self::KeyUpdate>("keyUpdate"),
           Self::InstanceMethod<&Self::HelloRequest>("helloRequest"),
           Self::InstanceMethod<&Self::CloseNotify>("closeNotify"),
           Self::InstanceMethod<&Self::TakeKeyLog>("takeKeyLog")}));
}

}  // namespace wsfd::testing

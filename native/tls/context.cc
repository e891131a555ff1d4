#include "tls/context.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

#include "tls/context_impl.h"
#include "tls/credentials.h"
#include "tls/failure.h"
#include "tls/parameters.h"
#include "tls/trust_store.h"

namespace wsfd::tls {

namespace {

constexpr size_t kKeptContexts = 32;

using Digest = std::array<uint8_t, 32>;

// SHA-256 of a sequence of parts, each with its length before it.
class Hasher {
 public:
  Hasher() : context_(EVP_MD_CTX_new()) {
    good_ = context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1;
  }
  void Add(const std::string& part) {
    Add(part.size());
    Update(part.data(), part.size());
  }
  void Add(uint64_t number) { Update(&number, sizeof(number)); }
  bool Finish(Digest* digest) {
    return good_ && EVP_DigestFinal_ex(context_.get(), digest->data(), nullptr) == 1;
  }

 private:
  void Update(const void* bytes, size_t size) {
    good_ = good_ && EVP_DigestUpdate(context_.get(), bytes, size) == 1;
  }

  MdContextPtr context_;
  bool good_;
};

// Covers `config` except its public lists, which are compared directly: they may be long. A key or
// passphrase should not be kept for a comparison.
bool DigestOf(const Config& config, Digest* digest) {
  // All members, so that a new one does not compile without a place here.
  const auto& [default_store, ca_certificates, crls, pinned_public_keys, ignore, certificate_chain,
               private_key, key_algorithm, passphrase, has_passphrase, pkcs12, min_version,
               max_version, cipher_suites, groups, legacy_server_connect, keylog] = config;
  static_cast<void>(ca_certificates);
  static_cast<void>(crls);
  Hasher all;
  // A live context keeps its store, so that no other store has that address.
  all.Add(uint64_t{reinterpret_cast<uintptr_t>(default_store.get())});
  all.Add(pinned_public_keys.size());
  for (const auto& pin : pinned_public_keys) all.Add(std::string(pin.begin(), pin.end()));
  all.Add(ignore.bits);
  all.Add(certificate_chain);
  all.Add(private_key);
  all.Add(static_cast<uint64_t>(key_algorithm));
  all.Add(passphrase);
  all.Add(uint64_t{has_passphrase});
  all.Add(pkcs12);
  all.Add(static_cast<uint64_t>(min_version));
  all.Add(static_cast<uint64_t>(max_version));
  all.Add(cipher_suites);
  all.Add(groups);
  all.Add(uint64_t{legacy_server_connect});
  all.Add(uint64_t{keylog});
  return all.Finish(digest);
}

SslCtxPtr MakeSslCtx(const Config& config, Error* error) {
  ClearErrors();
  SslCtxPtr made(SSL_CTX_new(TLS_client_method()));
  if (made == nullptr) {
    *error = Error(ErrorCode::kOutOfMemory, "the TLS context: " + TakeReason());
    return nullptr;
  }
  SSL_CTX* context = made.get();
  // A configuration file of OpenSSL may have set these.
  SSL_CTX_clear_options(context, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_IGNORE_UNEXPECTED_EOF |
                                     SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  if (config.legacy_server_connect) SSL_CTX_set_options(context, SSL_OP_LEGACY_SERVER_CONNECT);
  SSL_CTX_clear_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE);
  // Session::Read() and Write() free the buffers once a call, not after every record.
  SSL_CTX_clear_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  static constexpr unsigned char kAlpn[] = "\x08http/1.1";
  if (SSL_CTX_set_alpn_protos(context, kAlpn, sizeof(kAlpn) - 1) != 0) {
    *error = Error(ErrorCode::kOutOfMemory, "the TLS context: " + TakeReason());
    return nullptr;
  }
  const StorePtr store = NewTrustStore(config, error);
  if (store == nullptr) return nullptr;
  SSL_CTX_set1_cert_store(context, store.get());
  // The cipher suites may set the security level, which decides on the credentials.
  if (!UseParameters(config, context, error)) return nullptr;
  if (!UseCredentials(config, context, error)) return nullptr;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  InstallSessionCallbacks(context, config.keylog);
  return made;
}

// The contexts of this process: all that are in use, and the last ones used.
class ContextCache {
 public:
  std::shared_ptr<ContextImpl> Find(const Digest& digest, const Config& config) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return FindLocked(digest, config);
  }

  // Keeps and returns `made`, or returns the context of a faster thread.
  std::shared_ptr<ContextImpl> Insert(const Digest& digest, const Config& config,
                                      std::shared_ptr<ContextImpl> made) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (std::shared_ptr<ContextImpl> other = FindLocked(digest, config)) return other;
    for (auto it = known_.begin(); it != known_.end();) {
      it = it->second.expired() ? known_.erase(it) : std::next(it);
    }
    known_.emplace(digest, made);
    Use(made);
    return made;
  }

 private:
  std::shared_ptr<ContextImpl> FindLocked(const Digest& digest, const Config& config) {
    const auto [begin, end] = known_.equal_range(digest);
    for (auto known = begin; known != end; ++known) {
      std::shared_ptr<ContextImpl> found = known->second.lock();
      if (found == nullptr || !found->HasListsOf(config)) continue;
      Use(found);
      return found;
    }
    return nullptr;
  }

  void Use(const std::shared_ptr<ContextImpl>& context) {
    const auto known = std::find(recent_.begin(), recent_.end(), context);
    if (known != recent_.end()) recent_.erase(known);
    recent_.push_front(context);
    if (recent_.size() > kKeptContexts) recent_.pop_back();
  }

  std::mutex mutex_;
  std::multimap<Digest, std::weak_ptr<ContextImpl>> known_;
  std::deque<std::shared_ptr<ContextImpl>> recent_;  // the last used in front
};

}  // namespace

std::shared_ptr<Context> Context::Get(const Config& config, Error* error) {
  const ErrorsCleared cleared;
  // Never freed: at process exit, OpenSSL may be gone before static objects are.
  static auto* const cache = new ContextCache;
  Digest digest;
  if (!DigestOf(config, &digest)) {
    *error = Error(ErrorCode::kOutOfMemory, "the TLS context: " + TakeReason());
    return nullptr;
  }
  if (std::shared_ptr<ContextImpl> known = cache->Find(digest, config)) return known;
  // Made without the lock, as it takes milliseconds.
  SslCtxPtr made = MakeSslCtx(config, error);
  if (made == nullptr) return nullptr;
  return cache->Insert(digest, config, std::make_shared<ContextImpl>(std::move(made), config));
}

}  // namespace wsfd::tls

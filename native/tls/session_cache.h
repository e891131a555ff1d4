#ifndef WSFD_TLS_SESSION_CACHE_H_
#define WSFD_TLS_SESSION_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "tls/openssl_ptr.h"
#include "tls/verification.h"

namespace wsfd::tls {

// A session that a later connection may resume, and the result of verifying its peer. A resumed
// peer sends no certificate, so that result applies to the later connection too.
struct ResumableSession {
  SslSessionPtr session;  // nullptr: none
  std::shared_ptr<const Verification> verification;
  // The time of arrival. Not from OpenSSL: from 3.4 on, SSL_SESSION_get_time() is another symbol,
  // and node.exe exports only that of its own OpenSSL.
  std::time_t since = 0;
  // The connection that received it, which may be gone: compared, never dereferenced.
  const Session* origin = nullptr;
};

// Resumable sessions of one Context by peer: a bounded number, the last used. Thread-safe.
class SessionCache {
 public:
  // The key for sessions with `target`: the same host, port and server name.
  static std::string KeyOf(const Target& target);

  // A session for `key`, or none. Drops those that are too old at the time `now`, or must not be
  // resumed. A server that refuses every session gets an offer only now and then: an offer costs
  // both sides, but the server may have restarted.
  ResumableSession Take(const std::string& key, std::time_t now);

  // Records whether the server resumed the session from Take().
  void RecordOffer(const std::string& key, bool resumed);

  // Keeps a session for `key`, unless its server wants it discarded.
  void Put(const std::string& key, ResumableSession session);

  // Drops what the connection `origin` received.
  void DropFrom(const std::string& key, const Session* origin);

  // Drops one session.
  void Drop(const std::string& key, const SSL_SESSION* session);

 private:
  template <typename Predicate>
  void DropIf(const std::string& key, Predicate predicate);

  // A server may send any number of tickets; a connection uses one.
  static constexpr size_t kSessionsPerKey = 4;
  static constexpr size_t kKeys = 256;
  // After so many refusals in a row, one connection in kConnectionsPerOffer offers a session.
  static constexpr uint32_t kRefusalsInARow = 3;
  static constexpr uint32_t kConnectionsPerOffer = 16;

  struct Peer {
    std::string key;
    std::vector<ResumableSession> sessions;  // the newest last
    uint32_t refusals = 0;                   // in a row
    uint32_t without_offer = 0;              // connections since then
  };

  // The peers, the last used in front; the map finds them.
  std::mutex mutex_;
  std::list<Peer> peers_;
  std::unordered_map<std::string, std::list<Peer>::iterator> by_key_;
};

}  // namespace wsfd::tls

#endif  // WSFD_TLS_SESSION_CACHE_H_

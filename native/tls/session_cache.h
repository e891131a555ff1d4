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
// peer shows no certificate again, so that result counts for the later connection too.
struct ResumableSession {
  SslSessionPtr session;  // nullptr: none
  std::shared_ptr<const Verification> verification;
  // When it came. Not asked of OpenSSL: SSL_SESSION_get_time() is another symbol from 3.4 on, of
  // which a node.exe exports the one that its own OpenSSL has.
  std::time_t since = 0;
  // The connection that it came on, which may be gone: compared with others, never dereferenced.
  const Session* origin = nullptr;
};

// Resumable sessions of one Context by peer, a bounded number, those used last. Thread-safe.
class SessionCache {
 public:
  // What sessions with `target` are kept under: resuming is for the same host, port and name alone.
  static std::string KeyOf(const Target& target);

  // A session for `key`, or none. Those that are too old at the time `now`, or must not be resumed,
  // are dropped. A server that refuses every session is offered one now and then only: an offer
  // costs both sides, and the server may have restarted since.
  ResumableSession Take(const std::string& key, std::time_t now);

  // Whether the server resumed what Take() gave for `key`.
  void RecordOffer(const std::string& key, bool resumed);

  // Keeps a session for `key`.
  void Put(const std::string& key, ResumableSession session);

  // Drops what came on the connection `origin`.
  void DropFrom(const std::string& key, const Session* origin);

 private:
  // A server may send any number of tickets; it takes one for each connection.
  static constexpr size_t kSessionsPerKey = 4;
  static constexpr size_t kKeys = 256;
  // After so many refusals in a row, one connection in kConnectionsPerOffer offers a session.
  static constexpr uint32_t kRefusalsInARow = 3;
  static constexpr uint32_t kConnectionsPerOffer = 16;

  struct Peer {
    std::string key;
    std::vector<ResumableSession> sessions;  // the newest last
    uint32_t refusals = 0;                   // in a row
    uint32_t passed_over = 0;                // connections that offered nothing since then
  };

  // The peers, those used last in front; the map finds them.
  std::mutex mutex_;
  std::list<Peer> peers_;
  std::unordered_map<std::string, std::list<Peer>::iterator> by_key_;
};

}  // namespace wsfd::tls

#endif  // WSFD_TLS_SESSION_CACHE_H_

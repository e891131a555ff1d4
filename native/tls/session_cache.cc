#include "tls/session_cache.h"

#include <algorithm>
#include <utility>

namespace wsfd::tls {

namespace {

// RFC 8446 section 4.6.1, of the lifetime of a ticket: "The value of zero indicates that the ticket
// should be discarded immediately." In TLS 1.2 zero says that it is unspecified (RFC 5077 section
// 3.3).
bool MustBeDiscarded(const SSL_SESSION* session) {
  return SSL_SESSION_get_protocol_version(session) >= TLS1_3_VERSION &&
         SSL_SESSION_get_ticket_lifetime_hint(session) == 0;
}

bool IsUsable(const ResumableSession& resumable, std::time_t now) {
  const SSL_SESSION* session = resumable.session.get();
  const std::time_t age = now - resumable.since;
  const auto hint = static_cast<std::time_t>(SSL_SESSION_get_ticket_lifetime_hint(session));
  // OpenSSL marks a session as not resumable if its connection ended with a fatal alert.
  return SSL_SESSION_is_resumable(session) == 1 && age >= 0 &&
         age <= static_cast<std::time_t>(SSL_SESSION_get_timeout(session)) &&
         (hint == 0 || age <= hint) && now <= resumable.verification->valid_until;
}

}  // namespace

std::string SessionCache::KeyOf(const Target& target) {
  return std::to_string(target.port) + ' ' + target.host + ' ' + target.server_name;
}

ResumableSession SessionCache::Take(const std::string& key, std::time_t now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return {};
  peers_.splice(peers_.begin(), peers_, found->second);
  Peer& peer = *found->second;
  if (peer.refusals >= kRefusalsInARow && ++peer.without_offer % kConnectionsPerOffer != 0) {
    return {};
  }
  std::vector<ResumableSession>& sessions = peer.sessions;
  while (!sessions.empty()) {
    ResumableSession& newest = sessions.back();
    if (!IsUsable(newest, now)) {
      sessions.pop_back();
      continue;
    }
    if (SSL_SESSION_get_protocol_version(newest.session.get()) < TLS1_3_VERSION) {
      if (SSL_SESSION_up_ref(newest.session.get()) != 1) return {};
      return {SslSessionPtr(newest.session.get()), newest.verification, newest.since,
              newest.origin};
    }
    // RFC 8446 appendix C.4: "Clients SHOULD NOT reuse a ticket for multiple connections."
    ResumableSession taken = std::move(newest);
    sessions.pop_back();
    return taken;
  }
  if (peer.refusals != 0) return {};
  by_key_.erase(found);
  peers_.pop_front();
  return {};
}

void SessionCache::RecordOffer(const std::string& key, bool resumed) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  Peer& peer = *found->second;
  peer.refusals = resumed ? 0 : std::min(peer.refusals + 1, kRefusalsInARow);
}

void SessionCache::Put(const std::string& key, ResumableSession session) {
  if (MustBeDiscarded(session.session.get())) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    // In the list only once it is in the map: memory may run out in between.
    std::list<Peer> added;
    added.push_front(Peer{key, {}, 0, 0});
    by_key_.emplace(key, added.begin());
    peers_.splice(peers_.begin(), added);
  } else {
    peers_.splice(peers_.begin(), peers_, found->second);
  }
  std::vector<ResumableSession>& sessions = peers_.front().sessions;
  // A session of TLS 1.2 is resumed again and again: the newest one is enough.
  if (SSL_SESSION_get_protocol_version(session.session.get()) < TLS1_3_VERSION) sessions.clear();
  if (sessions.size() == kSessionsPerKey) sessions.erase(sessions.begin());
  sessions.push_back(std::move(session));
  if (peers_.size() > kKeys) {
    by_key_.erase(peers_.back().key);
    peers_.pop_back();
  }
}

template <typename Predicate>
void SessionCache::DropIf(const std::string& key, Predicate predicate) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  std::vector<ResumableSession>& sessions = found->second->sessions;
  sessions.erase(std::remove_if(sessions.begin(), sessions.end(), predicate), sessions.end());
}

void SessionCache::DropFrom(const std::string& key, const Session* origin) {
  DropIf(key, [origin](const ResumableSession& one) { return one.origin == origin; });
}

void SessionCache::Drop(const std::string& key, const SSL_SESSION* session) {
  DropIf(key, [session](const ResumableSession& one) { return one.session.get() == session; });
}

}  // namespace wsfd::tls

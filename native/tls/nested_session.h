#ifndef WSFD_TLS_NESTED_SESSION_H_
#define WSFD_TLS_NESTED_SESSION_H_

#include <memory>
#include <string>

#include "tls/session.h"

namespace wsfd::tls {

// A session inside another one: TLS to the target through TLS to a proxy, used like any session.
// `outer` has completed its handshake; `inner` has not begun its own. `early`: plaintext that
// `outer` has already decrypted for `inner`. Verification, information and the end are `inner`'s.
std::unique_ptr<Session> Nest(std::unique_ptr<Session> outer, std::unique_ptr<Session> inner,
                              std::string early);

}  // namespace wsfd::tls

#endif  // WSFD_TLS_NESTED_SESSION_H_

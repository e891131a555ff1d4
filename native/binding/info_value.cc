#include "binding/info_value.h"

#include <string>

#include "binding/object_value.h"
#include "binding/tls_value.h"

namespace wsfd::binding {

napi_value InfoValue(napi_env env, const driver::Socket& socket) {
  const connection::Connection& connection = socket.connection();
  const connection::Counters& counters = connection.counters();
  ObjectValue value(env);
  value.SetNumber("state", static_cast<int>(connection.state()));
  value.SetText("subprotocol", connection.accepted().subprotocol);
  value.SetText("extensions", connection.accepted().extensions);
  value.SetNumber("closeCode", static_cast<int>(connection.close_code()));
  value.SetText("closeReason", connection.close_reason());
  value.SetFlag("closedByPeer", connection.closed_by_peer());
  value.SetNumber("bufferedBytes", static_cast<double>(socket.buffered_bytes()));
  value.SetNumber("messagesIn", static_cast<double>(counters.messages_in));
  value.SetNumber("messagesOut", static_cast<double>(counters.messages_out));
  value.SetNumber("bytesIn", static_cast<double>(counters.message_bytes_in));
  value.SetNumber("bytesOut", static_cast<double>(counters.message_bytes_out));
  value.SetNumber("framesIn", static_cast<double>(counters.frames_in));
  value.SetNumber("framesOut", static_cast<double>(counters.frames_out));
  value.SetNumber("reads", static_cast<double>(socket.reads()));
  value.SetNumber("writes", static_cast<double>(socket.writes()));
  int port = 0;
  value.SetText("remoteAddress", socket.RemoteAddress(&port));
  value.SetNumber("remotePort", port);
  const tls::Session* const session = socket.tls();
  value.Set("tls", session == nullptr
                       ? UndefinedValue(env)
                       : TlsValue(env, session->Info(), session->certificate_errors()));
  return value.value();
}

}  // namespace wsfd::binding

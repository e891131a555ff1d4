#include "binding/info_value.h"

#include <string>

#include "binding/tls_value.h"
#include "binding/value.h"

namespace wsfd::binding {

Napi::Value InfoValue(Napi::Env env, const driver::Socket& socket) {
  const connection::Connection& connection = socket.connection();
  const connection::Counters& counters = connection.counters();
  const auto count = [env](uint64_t number) {
    return NumberValue(env, static_cast<double>(number));
  };
  int port = 0;
  const std::string address = socket.RemoteAddress(&port);
  const tls::Session* const session = socket.tls();
  return ObjectValue(
      env, {
               {"state", NumberValue(env, static_cast<int>(connection.state()))},
               {"subprotocol", TextValue(env, connection.accepted().subprotocol)},
               {"extensions", TextValue(env, connection.accepted().extensions)},
               {"closeCode", NumberValue(env, static_cast<int>(connection.close_code()))},
               {"closeReason", TextValue(env, connection.close_reason())},
               {"closedByPeer", FlagValue(env, connection.closed_by_peer())},
               {"bufferedBytes", count(socket.buffered_bytes())},
               {"messagesIn", count(counters.messages_in)},
               {"messagesOut", count(counters.messages_out)},
               {"bytesIn", count(counters.message_bytes_in)},
               {"bytesOut", count(counters.message_bytes_out)},
               {"framesIn", count(counters.frames_in)},
               {"framesOut", count(counters.frames_out)},
               {"reads", count(socket.reads())},
               {"writes", count(socket.writes())},
               {"remoteAddress", TextValue(env, address)},
               {"remotePort", NumberValue(env, port)},
               {"tls", session == nullptr
                           ? env.Undefined()
                           : TlsValue(env, session->Info(), session->certificate_errors())},
           });
}

}  // namespace wsfd::binding

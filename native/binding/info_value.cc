#include "binding/info_value.h"

#include <string>

#include "binding/tls_value.h"

namespace wsfd::binding {

Napi::Object InfoValue(Napi::Env env, const driver::Socket& socket) {
  const connection::Connection& connection = socket.connection();
  const connection::Counters& counters = connection.counters();
  const auto number = [](uint64_t count) { return static_cast<double>(count); };
  auto value = Napi::Object::New(env);
  value["state"] = static_cast<int>(connection.state());
  value["subprotocol"] = connection.accepted().subprotocol;
  value["extensions"] = connection.accepted().extensions;
  value["closeCode"] = static_cast<int>(connection.close_code());
  value["closeReason"] = connection.close_reason();
  value["closedByPeer"] = Napi::Boolean::New(env, connection.closed_by_peer());
  value["bufferedBytes"] = number(socket.buffered_bytes());
  value["messagesIn"] = number(counters.messages_in);
  value["messagesOut"] = number(counters.messages_out);
  value["bytesIn"] = number(counters.message_bytes_in);
  value["bytesOut"] = number(counters.message_bytes_out);
  value["framesIn"] = number(counters.frames_in);
  value["framesOut"] = number(counters.frames_out);
  value["reads"] = number(socket.reads());
  value["writes"] = number(socket.writes());
  int port = 0;
  value["remoteAddress"] = socket.RemoteAddress(&port);
  value["remotePort"] = port;
  if (const tls::Session* session = socket.tls(); session != nullptr) {
    value["tls"] = Napi::Value(env, TlsValue(env, session->Info(), session->certificate_errors()));
  }
  return value;
}

}  // namespace wsfd::binding

#include "binding/info_value.h"

#include <string>

#include "binding/failure_value.h"
#include "binding/object_value.h"

namespace wsfd::binding {

namespace {

napi_value CertificateValue(napi_env env, const tls::CertificateInfo& info) {
  ObjectValue value(env);
  value.SetText("subject", info.subject);
  value.SetText("issuer", info.issuer);
  value.SetText("subjectAltNames", info.subject_alt_names);
  value.SetText("validFrom", info.valid_from);
  value.SetText("validTo", info.valid_to);
  value.SetText("serialNumber", info.serial_number);
  value.SetText("fingerprint256", info.fingerprint256);
  value.SetText("pem", info.pem);
  return value.value();
}

napi_value TlsValue(napi_env env, const tls::Session& session) {
  const tls::SessionInfo info = session.Info();
  ObjectValue value(env);
  value.SetText("version", info.version);
  value.SetText("cipher", info.cipher);
  value.SetText("group", info.group);
  value.SetText("alpn", info.alpn);
  value.SetText("serverName", info.server_name);
  value.SetFlag("resumed", info.resumed);
  value.Set("chain", ArrayValue::Of(env, info.chain, [env](const tls::CertificateInfo& one) {
              return CertificateValue(env, one);
            }));
  value.Set("certificateErrors", CertificateErrorValues(env, session.certificate_errors()));
  return value.value();
}

}  // namespace

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
  if (socket.tls() != nullptr) value.Set("tls", TlsValue(env, *socket.tls()));
  return value.value();
}

}  // namespace wsfd::binding

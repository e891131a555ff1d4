#include "binding/info_value.h"

#include <string>

#include "binding/failure_value.h"

namespace wsfd::binding {

namespace {

Napi::Object CertificateValue(Napi::Env env, const tls::CertificateInfo& info) {
  auto value = Napi::Object::New(env);
  value["subject"] = info.subject;
  value["issuer"] = info.issuer;
  value["subjectAltNames"] = info.subject_alt_names;
  value["validFrom"] = info.valid_from;
  value["validTo"] = info.valid_to;
  value["serialNumber"] = info.serial_number;
  value["fingerprint256"] = info.fingerprint256;
  value["pem"] = info.pem;
  return value;
}

Napi::Object TlsValue(Napi::Env env, const tls::Session& session) {
  const tls::SessionInfo info = session.Info();
  auto value = Napi::Object::New(env);
  value["version"] = info.version;
  value["cipher"] = info.cipher;
  value["group"] = info.group;
  value["alpn"] = info.alpn;
  value["serverName"] = info.server_name;
  value["resumed"] = Napi::Boolean::New(env, info.resumed);
  auto chain = Napi::Array::New(env, info.chain.size());
  uint32_t index = 0;
  for (const tls::CertificateInfo& certificate : info.chain) {
    chain[index++] = CertificateValue(env, certificate);
  }
  value["chain"] = chain;
  value["certificateErrors"] =
      Napi::Value(env, CertificateErrorValues(env, session.certificate_errors()));
  return value;
}

}  // namespace

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
  if (socket.tls() != nullptr) value["tls"] = TlsValue(env, *socket.tls());
  return value;
}

}  // namespace wsfd::binding

#include "binding/tls_value.h"

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
  value.SetText("keyType", info.key_type);
  value.SetNumber("keyBits", info.key_bits);
  value.SetText("pem", info.pem);
  return value.value();
}

}  // namespace

napi_value TlsValue(napi_env env, const tls::SessionInfo& info,
                    const std::vector<tls::CertificateError>& errors) {
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
  value.Set("certificateErrors", CertificateErrorValues(env, errors));
  return value.value();
}

}  // namespace wsfd::binding

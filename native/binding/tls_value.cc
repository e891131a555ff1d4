#include "binding/tls_value.h"

#include "binding/failure_value.h"
#include "binding/value.h"

namespace wsfd::binding {

namespace {

Napi::Value CertificateValue(Napi::Env env, const tls::CertificateInfo& info) {
  return ObjectValue(env, {
                              {"subject", TextValue(env, info.subject)},
                              {"issuer", TextValue(env, info.issuer)},
                              {"subjectAltNames", TextValue(env, info.subject_alt_names)},
                              {"validFrom", TextValue(env, info.valid_from)},
                              {"validTo", TextValue(env, info.valid_to)},
                              {"serialNumber", TextValue(env, info.serial_number)},
                              {"fingerprint256", TextValue(env, info.fingerprint256)},
                              {"keyType", TextValue(env, info.key_type)},
                              {"keyBits", NumberValue(env, info.key_bits)},
                              {"pem", TextValue(env, info.pem)},
                          });
}

}  // namespace

Napi::Value TlsValue(Napi::Env env, const tls::SessionInfo& info,
                     const std::vector<tls::CertificateError>& errors) {
  const auto certificate = [env](const tls::CertificateInfo& one) {
    return CertificateValue(env, one);
  };
  return ObjectValue(env, {
                              {"version", TextValue(env, info.version)},
                              {"cipher", TextValue(env, info.cipher)},
                              {"group", TextValue(env, info.group)},
                              {"alpn", TextValue(env, info.alpn)},
                              {"serverName", TextValue(env, info.server_name)},
                              {"resumed", FlagValue(env, info.resumed)},
                              {"chain", ArrayOf(env, info.chain, certificate)},
                              {"certificateErrors", CertificateErrorValues(env, errors)},
                          });
}

}  // namespace wsfd::binding

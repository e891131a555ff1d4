#include <algorithm>
#include <iterator>
#include <utility>

#include "base/quote.h"
#include "handshake/extension.h"
#include "handshake/field.h"
#include "handshake/response.h"

namespace wsfd::handshake {

namespace {

// "Upgrade: expected "websocket", got "h2c"".
Error Unexpected(ErrorCode code, std::string_view name, std::string_view expected,
                 const JoinedHeaders& came) {
  std::string detail(name);
  detail.append(": expected ").append(expected).append(", got ");
  detail += came.count == 0 ? "no such header" : Quote(came.values);
  return Error(code, std::move(detail));
}

// The schemes that WWW-Authenticate or Proxy-Authenticate headers ask for, one a header.
std::string SchemesOf(const HeaderList& headers, std::string_view name) {
  std::string schemes;
  for (const auto& [key, value] : headers) {
    if (!EqualsIgnoreCase(key, name)) continue;
    if (!schemes.empty()) schemes += " or ";
    schemes += Quote(std::string_view(value).substr(0, value.find(' ')));
  }
  return schemes;
}

// The remedy that the headers of a refusal name.
std::string AdviceOf(const Response& response) {
  const HeaderList& headers = response.headers;
  if (response.status == 401 || response.status == 407) {
    const std::string schemes =
        SchemesOf(headers, response.status == 401 ? "WWW-Authenticate" : "Proxy-Authenticate");
    return schemes.empty() ? "" : "; it asks for authentication by " + schemes;
  }
  if (response.status / 100 == 3) {
    const std::string* location = response.Find("Location");
    return location == nullptr ? "" : "; its Location is " + Quote(*location, 512);
  }
  // RFC 6455 section 4.2.2: an "appropriate HTTP error code (such as 426 Upgrade Required) and a
  // |Sec-WebSocket-Version| header field indicating the version(s) the server is capable of
  // understanding"; servers use 400 for it as well.
  if (response.status == 400 || response.status == 426) {
    const JoinedHeaders versions = JoinHeaders(headers, "Sec-WebSocket-Version");
    return versions.count == 0 ? "" : "; it speaks WebSocket version " + Escape(versions.values);
  }
  return "";
}

// RFC 6455 section 4.1: "If the response lacks an |Upgrade| header field or the |Upgrade| header
// field contains a value that is not an ASCII case-insensitive match for the value "websocket", the
// client MUST _Fail the WebSocket Connection_."
Error CheckUpgrade(const Response& response) {
  const JoinedHeaders upgrade = JoinHeaders(response.headers, "Upgrade");
  if (EqualsIgnoreCase(upgrade.values, "websocket")) return {};
  return Unexpected(ErrorCode::kHandshakeUpgradeInvalid, "Upgrade", "\"websocket\"", upgrade);
}

// RFC 6455 section 4.1: "If the response lacks a |Connection| header field or the |Connection|
// header field doesn't contain a token that is an ASCII case-insensitive match for the value
// "Upgrade", the client MUST _Fail the WebSocket Connection_."
Error CheckConnection(const Response& response) {
  const JoinedHeaders connection = JoinHeaders(response.headers, "Connection");
  std::string_view list = connection.values;
  std::string_view token;
  while (NextElement(&list, &token)) {
    if (EqualsIgnoreCase(token, "Upgrade")) return {};
  }
  return Unexpected(ErrorCode::kHandshakeUpgradeInvalid, "Connection", "a list with \"Upgrade\"",
                    connection);
}

// RFC 6455 section 4.1, item 4, and section 11.3.3: it "MUST NOT appear more than once in an HTTP
// response". Two, joined with a comma, do not match.
Error CheckAccept(std::string_view key, const Response& response) {
  const std::string expected = ComputeAccept(key);
  if (expected.empty()) return Error(ErrorCode::kInternal, "SHA-1 could not be computed");
  const JoinedHeaders accept = JoinHeaders(response.headers, "Sec-WebSocket-Accept");
  if (accept.values == expected) return {};
  return Unexpected(ErrorCode::kHandshakeAcceptInvalid, "Sec-WebSocket-Accept", Quote(expected),
                    accept);
}

// RFC 6455 section 4.1, item 6: "If the response includes a |Sec-WebSocket-Protocol| header field
// and this header field indicates the use of a subprotocol that was not present in the client's
// handshake [...], the client MUST _Fail the WebSocket Connection_." Section 11.3.4: it "MUST NOT
// appear more than once in an HTTP response"; two, joined with a comma, were not offered. The
// server may choose none.
Error CheckSubprotocol(const Request& request, const Response& response, std::string* chosen) {
  const JoinedHeaders came = JoinHeaders(response.headers, "Sec-WebSocket-Protocol");
  if (came.count == 0) return {};
  const std::string offered = OfferedSubprotocols(request);
  std::string_view list = offered;
  std::string_view subprotocol;
  while (NextElement(&list, &subprotocol)) {
    if (subprotocol != came.values) continue;
    *chosen = came.values;
    return {};
  }
  return Unexpected(ErrorCode::kHandshakeSubprotocolInvalid, "Sec-WebSocket-Protocol",
                    offered.empty() ? "none" : "one of " + Quote(offered), came);
}

// RFC 6455 section 4.1, item 5: "If the response includes a |Sec-WebSocket-Extensions| header field
// and this header field indicates the use of an extension that was not present in the client's
// handshake [...], the client MUST _Fail the WebSocket Connection_."
Error CheckExtensions(const Request& request, const Response& response, std::string* chosen) {
  JoinedHeaders came = JoinHeaders(response.headers, "Sec-WebSocket-Extensions");
  if (came.count == 0) return {};
  const auto refuse = [&came](std::string_view expected) {
    return Unexpected(ErrorCode::kHandshakeExtensionInvalid, "Sec-WebSocket-Extensions", expected,
                      came);
  };
  std::vector<Extension> accepted, offered;
  if (!ParseExtensions(came.values, &accepted)) return refuse("a list of extensions");
  if (!ParseExtensions(request.extensions, &offered)) return refuse("none");
  for (auto extension = accepted.begin(); extension != accepted.end(); ++extension) {
    const auto same = [extension](const Extension& other) { return other.name == extension->name; };
    if (std::none_of(offered.begin(), offered.end(), same)) {
      return refuse("some of " + Quote(request.extensions));
    }
    if (std::any_of(accepted.begin(), extension, same)) return refuse("each extension once");
  }
  *chosen = std::move(came.values);
  return {};
}

// Texts in the 400 bodies of nginx, Apache, Go's net/http and Tomcat.
constexpr std::string_view kWantsTls[] = {
    "The plain HTTP request was sent to HTTPS port",
    "speaking plain HTTP to an SSL-enabled server port",
    "Client sent an HTTP request to an HTTPS server",
    "This combination of host and port requires TLS",
};

}  // namespace

bool WantsTls(const Response& response) {
  const auto said = [&](std::string_view text) {
    return response.body.find(text) != std::string::npos;
  };
  return response.status == 400 && std::any_of(std::begin(kWantsTls), std::end(kWantsTls), said);
}

std::string DescribeRefusal(const Response& response) {
  std::string detail = "HTTP " + std::to_string(response.status);
  if (!response.reason.empty()) {
    detail.append(" ").append(Escape(response.reason));
  }
  return detail + AdviceOf(response);
}

Error CheckResponse(const Request& request, std::string_view key, const Response& response,
                    Accepted* accepted) {
  if (response.status != 101) {
    return Error(ErrorCode::kHandshakeRefused, DescribeRefusal(response));
  }
  Accepted chosen;
  Error error = CheckUpgrade(response);
  if (!error) error = CheckConnection(response);
  if (!error) error = CheckAccept(key, response);
  if (!error) error = CheckExtensions(request, response, &chosen.extensions);
  if (!error) error = CheckSubprotocol(request, response, &chosen.subprotocol);
  if (!error) *accepted = std::move(chosen);
  return error;
}

}  // namespace wsfd::handshake

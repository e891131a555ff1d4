#include "handshake/request.h"

#include <algorithm>

#include "handshake/field.h"

namespace wsfd::handshake {

namespace {

// The default headers that a caller's header replaces. Callers cannot set the others.
constexpr std::string_view kReplaceable[] = {"Host", "Sec-WebSocket-Protocol", "User-Agent"};

bool IsReplaceable(std::string_view name) {
  return std::any_of(std::begin(kReplaceable), std::end(kReplaceable),
                     [name](std::string_view known) { return EqualsIgnoreCase(known, name); });
}

void AppendField(std::string* bytes, std::string_view name, std::string_view value) {
  bytes->append(name).append(": ").append(value).append("\r\n");
}

// The caller's value for a default header, or nullptr. The last of several counts: RFC 9112
// section 3.2 has a server answer 400 to a request with "more than one Host header field line".
const std::string* ReplacementOf(const Request& request, std::string_view name) {
  const auto header =
      std::find_if(request.headers.rbegin(), request.headers.rend(),
                   [name](const auto& own) { return EqualsIgnoreCase(own.first, name); });
  return header == request.headers.rend() ? nullptr : &header->second;
}

void AppendDefault(std::string* bytes, const Request& request, std::string_view name,
                   const std::string& value) {
  const std::string* replacement = ReplacementOf(request, name);
  if (replacement != nullptr) {
    AppendField(bytes, name, *replacement);
  } else if (!value.empty()) {
    AppendField(bytes, name, value);
  }
}

// An upper bound of the bytes.
size_t SizeBound(const Request& request, std::string_view key) {
  constexpr size_t kFixedBytes = 256;  // method, version, default names, line ends
  size_t size = kFixedBytes + key.size() + request.target.size() + request.host.size() +
                request.user_agent.size() + request.extensions.size();
  for (const std::string& subprotocol : request.subprotocols) size += subprotocol.size() + 2;
  for (const auto& [name, value] : request.headers) size += name.size() + value.size() + 4;
  return size;
}

}  // namespace

std::string OfferedSubprotocols(const Request& request) {
  const std::string* own = ReplacementOf(request, "Sec-WebSocket-Protocol");
  if (own != nullptr) return *own;
  std::string list;
  for (const std::string& subprotocol : request.subprotocols) {
    if (!list.empty()) list += ", ";
    list += subprotocol;
  }
  return list;
}

std::string WriteRequest(const Request& request, std::string_view key) {
  std::string bytes;
  bytes.reserve(SizeBound(request, key));
  bytes.append("GET ").append(request.target).append(" HTTP/1.1\r\n");
  AppendDefault(&bytes, request, "Host", request.host);
  AppendField(&bytes, "Upgrade", "websocket");
  AppendField(&bytes, "Connection", "Upgrade");
  AppendField(&bytes, "Sec-WebSocket-Key", key);
  AppendField(&bytes, "Sec-WebSocket-Version", "13");
  AppendDefault(&bytes, request, "Sec-WebSocket-Protocol", OfferedSubprotocols(request));
  if (!request.extensions.empty()) {
    AppendField(&bytes, "Sec-WebSocket-Extensions", request.extensions);
  }
  AppendDefault(&bytes, request, "User-Agent", request.user_agent);
  for (const auto& [name, value] : request.headers) {
    if (!IsReplaceable(name)) AppendField(&bytes, name, value);
  }
  return bytes.append("\r\n");
}

}  // namespace wsfd::handshake

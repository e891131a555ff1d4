#include <algorithm>
#include <string_view>

#include "base/quote.h"
#include "handshake/field.h"
#include "handshake/proxy_dialogue.h"

namespace wsfd::handshake {

namespace {

constexpr char kVersion = 5;
constexpr char kPasswordVersion = 1;  // of the negotiation of RFC 1929
constexpr char kConnect = 1;
enum Method : uint8_t { kNoAuthentication = 0, kUsernamePassword = 2, kNoneAcceptable = 0xff };
enum AddressType : uint8_t { kIpv4 = 1, kDomainName = 3, kIpv6 = 4 };

struct Reply {
  std::string_view text;
  bool transient;  // see Error
};

// RFC 1928 section 6.
Reply MeaningOf(uint8_t reply) {
  static constexpr Reply kReplies[] = {
      {"succeeded", false},
      {"general SOCKS server failure", true},
      {"connection not allowed by ruleset", false},
      {"network unreachable", true},
      {"host unreachable", true},
      {"connection refused", true},
      {"TTL expired", true},
      {"command not supported", false},
      {"address type not supported", false},
  };
  if (reply < std::size(kReplies)) return kReplies[reply];
  return {"a reply that RFC 1928 does not know", false};
}

class Socks5 final : public ProxyDialogue {
 public:
  explicit Socks5(const ProxyRequest& request) : request_(request) {
    // RFC 1928 section 3: version, number of methods, methods.
    output_ =
        HasCredentials() ? std::string("\x05\x02\x00\x02", 4) : std::string("\x05\x01\x00", 3);
  }

  Status Receive(const uint8_t* data, size_t size, size_t* taken) override {
    *taken = 0;
    while (*taken < size) {
      // A message of the proxy has at most 262 bytes; no bytes after it are taken.
      const size_t count = std::min(size - *taken, wanted_ - message_.size());
      message_.append(reinterpret_cast<const char*>(data) + *taken, count);
      *taken += count;
      if (message_.size() < wanted_) break;
      const Status status = OnMessage();
      if (status != Status::kNeedMore) return status;
    }
    return Status::kNeedMore;
  }

  std::string DescribeRequest() const override {
    switch (step_) {
      case Step::kMethod:
        return HasCredentials() ? "SOCKS5 with user name and password, or without"
                                : "SOCKS5 without authentication";
      case Step::kPassword:
        return "to accept the user name and password";
      case Step::kReply:
        break;
    }
    const bool bracketed = request_.host.find(':') != std::string::npos;
    return "CONNECT " + (bracketed ? "[" + request_.host + "]" : request_.host) + ":" +
           std::to_string(request_.port);
  }

  void End() override {
    Refuse("it ended the connection during " + std::string(kStepNames[static_cast<int>(step_)]),
           true);
  }

 private:
  enum class Step : uint8_t { kMethod, kPassword, kReply };
  static constexpr const char* kStepNames[] = {"the choice of a method", "authentication",
                                               "the request to connect"};
  static constexpr size_t kVersionAndResult = 2;  // bytes
  static constexpr size_t kReplyHead = 5;         // the bytes that tell a reply's length

  bool HasCredentials() const { return !request_.username.empty() || !request_.password.empty(); }
  uint8_t At(size_t index) const { return static_cast<uint8_t>(message_[index]); }

  Status OnMessage() {
    const char version = step_ == Step::kPassword ? kPasswordVersion : kVersion;
    if (message_[0] != version) {
      return Refuse("it does not speak SOCKS5: it answered " + Quote(message_));
    }
    switch (step_) {
      case Step::kMethod:
        return OnMethod(At(1));
      case Step::kPassword:
        // RFC 1929 section 2: "A STATUS field of X'00' indicates success."
        if (At(1) != 0) return Refuse("it refused the user name or password");
        return SendRequest();
      case Step::kReply:
        break;
    }
    return OnReply();
  }

  Status OnMethod(uint8_t method) {
    if (method == kNoAuthentication) return SendRequest();
    if (method == kUsernamePassword && HasCredentials()) {
      Expect(Step::kPassword, kVersionAndResult);
      output_ += kPasswordVersion;
      for (const std::string* text : {&request_.username, &request_.password}) {
        output_ += static_cast<char>(text->size());
        output_ += *text;
      }
      return Status::kNeedMore;
    }
    if (method == kNoneAcceptable) {
      return Refuse(HasCredentials() ? "it accepts neither a user name and password nor none"
                                     : "it wants authentication, and the proxy's URL has no "
                                       "user name and password");
    }
    return Refuse("it chose the method " + std::to_string(method) + ", which was not offered");
  }

  Status SendRequest() {
    Expect(Step::kReply, kVersionAndResult);
    output_.append({kVersion, kConnect, 0});
    const std::string& ip = request_.ip_address;
    const AddressType type = ip.empty() ? kDomainName : ip.size() == 4 ? kIpv4 : kIpv6;
    output_ += static_cast<char>(type);
    if (type == kDomainName) {
      if (request_.host.size() > 255) return Refuse("the host name is longer than SOCKS5 allows");
      output_ += static_cast<char>(request_.host.size());
    }
    output_ += type == kDomainName ? request_.host : ip;
    output_ += static_cast<char>(request_.port >> 8);
    output_ += static_cast<char>(request_.port & 0xff);
    return Status::kNeedMore;
  }

  // The reply's head gives the length of the bound address, which is not needed.
  Status OnReply() {
    if (At(1) != 0) {
      const Reply reply = MeaningOf(At(1));
      return Refuse("SOCKS reply " + std::to_string(At(1)) + ", " + std::string(reply.text),
                    reply.transient);
    }
    if (wanted_ == kVersionAndResult) return Await(kReplyHead);
    size_t address = 0;
    switch (At(3)) {
      case kIpv4:
        address = 4;
        break;
      case kIpv6:
        address = 16;
        break;
      case kDomainName:
        address = 1 + size_t{At(4)};
        break;
      default:
        return Refuse("its reply has an address of the unknown type " + std::to_string(At(3)));
    }
    const size_t whole = 4 + address + 2;
    return message_.size() == whole ? Status::kOpened : Await(whole);
  }

  Status Await(size_t size) {
    wanted_ = size;
    return Status::kNeedMore;
  }

  void Expect(Step step, size_t size) {
    step_ = step;
    wanted_ = size;
    message_.clear();
  }

  const ProxyRequest request_;
  Step step_ = Step::kMethod;
  size_t wanted_ = kVersionAndResult;  // bytes of the message, as far as is known
  std::string message_;
};

}  // namespace

std::unique_ptr<ProxyDialogue> NewSocks5(const ProxyRequest& request) {
  return std::make_unique<Socks5>(request);
}

}  // namespace wsfd::handshake

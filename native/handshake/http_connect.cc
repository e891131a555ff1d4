#include "handshake/proxy_dialogue.h"
#include "handshake/response.h"

namespace wsfd::handshake {

namespace {

class HttpConnect final : public ProxyDialogue {
 public:
  explicit HttpConnect(const ProxyRequest& request) {
    // RFC 9110 section 9.3.6: "the request target consists of only the host name and port number of
    // the tunnel destination, separated by a colon".
    const bool bracketed = request.host.find(':') != std::string::npos;
    const std::string authority =
        (bracketed ? "[" + request.host + "]" : request.host) + ":" + std::to_string(request.port);
    description_ = "CONNECT " + authority;
    output_ = description_ + " HTTP/1.1\r\nHost: " + authority + "\r\n";
    if (!request.authorization.empty()) {
      description_ += " with credentials";
      output_ += "Proxy-Authorization: " + request.authorization + "\r\n";
    }
    output_ += "\r\n";
  }

  Status Receive(const uint8_t* data, size_t size, size_t* taken) override {
    switch (reader_.Receive(data, size, taken)) {
      case ResponseReader::Status::kNeedMore:
        return Status::kNeedMore;
      case ResponseReader::Status::kHead:
        return Status::kOpened;
      case ResponseReader::Status::kComplete:
        return Refuse(DescribeRefusal(reader_.response()));
      case ResponseReader::Status::kFailed:
        break;
    }
    const Error& error = reader_.error();
    return Refuse(std::string(error.code == ErrorCode::kHandshakeHeadTooLarge
                                  ? "the head of its answer is too large: "
                                  : "its answer is not an HTTP response: ") +
                  error.detail);
  }

  void End() override {
    if (reader_.End() == ResponseReader::Status::kComplete) {
      Refuse(DescribeRefusal(reader_.response()));
    } else {
      Refuse("it ended the connection while it was asked for CONNECT; " + reader_.error().detail,
             true);
    }
  }

  std::string DescribeRequest() const override { return description_; }

  const Response* response() const override {
    return reader_.has_head() ? &reader_.response() : nullptr;
  }

 private:
  std::string description_;
  ResponseReader reader_{ResponseReader::Method::kConnect};
};

}  // namespace

std::unique_ptr<ProxyDialogue> NewHttpConnect(const ProxyRequest& request) {
  return std::make_unique<HttpConnect>(request);
}

}  // namespace wsfd::handshake

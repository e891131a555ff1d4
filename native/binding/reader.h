#ifndef WSFD_BINDING_READER_H_
#define WSFD_BINDING_READER_H_

#include <node_api.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace wsfd::binding {

// Throws an exception with the reason of Node-API's last failure, unless one is pending already.
// nullptr, to be returned to JavaScript.
napi_value ThrowFailure(napi_env env);
// The same for lack of memory.
napi_value ThrowNoMemory(napi_env env);

// Reads JavaScript values in order: the arguments of a call, or the elements of an array. The first
// value of a wrong type makes the reader fail; from then on it returns only empty values. The
// caller checks failed() once, at the end. No exception is left pending.
class Reader {
 public:
  // The arguments of the call; those that were not given are undefined.
  Reader(napi_env env, napi_callback_info info);

  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  bool failed() const { return failed_; }
  // The data that the function was registered with; nullptr when the call could not be read.
  void* data() const { return data_; }

  // The next value as it is; nullptr when there is none.
  napi_value Next();
  // The same, but nullptr for undefined.
  napi_value NextUnlessUndefined();
  // The next value. Text is UTF-8.
  double Number() { return NumberOf(Next()); }
  // A whole number from `least` to `most`, up to 2^53, beyond which doubles are not exact.
  template <typename Integer>
  Integer Whole(Integer least = 0, Integer most = std::numeric_limits<Integer>::max()) {
    constexpr double kMostSafe = 9007199254740992;
    const double bound = std::min(static_cast<double>(most), kMostSafe);
    return static_cast<Integer>(WholeOf(Next(), static_cast<double>(least), bound));
  }
  bool Flag();
  std::string Text() { return TextOf(Next()); }
  std::vector<std::string> Texts();
  // Texts that are almost certainly ASCII, each unit cut down to a byte: a long list is copied ten
  // times as fast as in UTF-8.
  std::vector<std::string> AsciiTexts();

  // Throws an exception with the reason of the failure. nullptr, to be returned.
  napi_value ThrowFailed() const;
  // The expected and the given value; empty if Node-API itself failed.
  const std::string& reason() const { return reason_; }
  // Makes the reader fail, unless it has.
  void Fail(std::string reason);

  // The contents of a value from Next or NextUnlessUndefined; nullptr makes the reader fail.
  std::string TextOf(napi_value value);
  std::string BytesOf(napi_value value);

  // Calls `read` with a reader of the elements of `array`, and fails if that one does.
  template <typename Read>
  void Elements(napi_value array, Read read) {
    Reader elements(env_, array, failed_);
    read(&elements);
    if (!failed_) reason_ = std::move(elements.reason_);
    failed_ = elements.failed_;
  }
  // Calls `read` with a reader of the next value's elements until that has no more.
  template <typename Read>
  void Each(Read read) {
    Elements(Next(), [&read](Reader* elements) {
      while (!elements->failed_ && elements->next_ < elements->count_) read(elements);
    });
  }

 private:
  static constexpr size_t kMostArguments = 4;

  Reader(napi_env env, napi_value array, bool failed);

  double NumberOf(napi_value value);
  double WholeOf(napi_value value, double least, double most);
  // True for napi_ok; anything else makes the reader fail.
  bool Check(napi_status status);

  napi_env env_;
  napi_value array_ = nullptr;  // nullptr: the arguments of a call
  napi_value arguments_[kMostArguments] = {};
  void* data_ = nullptr;
  uint32_t count_ = 0;
  uint32_t next_ = 0;
  bool failed_ = false;
  std::string reason_;
};

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_READER_H_

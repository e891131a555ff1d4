#include "binding/reader.h"

#include <cmath>
#include <cstdio>
#include <utility>

namespace wsfd::binding {

namespace {

using GetText = napi_status (*)(napi_env env, napi_value value, char* bytes, size_t room,
                                size_t* size);

// A text that fits here is read in one call; a longer one is measured first.
constexpr size_t kShortText = 128;

napi_status ReadText(napi_env env, napi_value value, GetText get, std::string* text) {
  char bytes[kShortText];
  size_t size = 0;
  napi_status status = get(env, value, bytes, sizeof bytes, &size);
  if (status != napi_ok) return status;
  // UTF-8 is truncated before a character that does not fit as a whole, of four bytes at most.
  if (size + 4 < sizeof bytes) {
    text->assign(bytes, size);
    return napi_ok;
  }
  status = get(env, value, nullptr, 0, &size);
  if (status != napi_ok) return status;
  text->resize(size);
  // std::string has room for the terminator.
  return get(env, value, text->data(), size + 1, &size);
}

napi_value Throw(napi_env env, const char* code, const char* message) {
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending) return nullptr;
  // If this fails, the environment ends, and nobody can catch an exception.
  (void)napi_throw_error(env, code, message);
  return nullptr;
}

}  // namespace

napi_value ThrowFailure(napi_env env) {
  const napi_extended_error_info* info = nullptr;
  const char* reason = nullptr;
  if (napi_get_last_error_info(env, &info) == napi_ok) reason = info->error_message;
  char message[128];
  std::snprintf(message, sizeof message, "wsfd: Node-API failed%s%s", reason == nullptr ? "" : ": ",
                reason == nullptr ? "" : reason);
  return Throw(env, "WSFD_INTERNAL", message);
}

napi_value ThrowNoMemory(napi_env env) {
  return Throw(env, "WSFD_OUT_OF_MEMORY", "wsfd: there is not enough memory");
}

Reader::Reader(napi_env env, napi_callback_info info) : env_(env), count_(kMostArguments) {
  size_t count = kMostArguments;
  if (!Check(napi_get_cb_info(env, info, &count, arguments_, nullptr, &data_))) data_ = nullptr;
}

Reader::Reader(napi_env env, napi_value array, bool failed)
    : env_(env), array_(array), failed_(failed || array == nullptr) {
  if (!failed_) Check(napi_get_array_length(env_, array_, &count_));
}

bool Reader::Check(napi_status status) {
  if (status == napi_ok) return true;
  failed_ = true;
  return false;
}

napi_value Reader::Next() {
  if (failed_ || next_ == count_) {
    failed_ = true;
    return nullptr;
  }
  const uint32_t index = next_++;
  if (array_ == nullptr) return arguments_[index];
  napi_value value = nullptr;
  return Check(napi_get_element(env_, array_, index, &value)) ? value : nullptr;
}

napi_value Reader::NextUnlessUndefined() {
  const napi_value value = Next();
  napi_valuetype type = napi_undefined;
  if (value == nullptr || !Check(napi_typeof(env_, value, &type))) return nullptr;
  return type == napi_undefined ? nullptr : value;
}

double Reader::NumberOf(napi_value value) {
  double number = 0;
  if (value == nullptr || !Check(napi_get_value_double(env_, value, &number))) return 0;
  return number;
}

double Reader::WholeOf(napi_value value, double least, double most) {
  const double number = NumberOf(value);
  if (failed_ || (number >= least && number <= most && std::trunc(number) == number)) return number;
  char reason[128];
  std::snprintf(reason, sizeof reason, "expected a whole number from %.0f to %.0f, got %.17g",
                least, most, number);
  Fail(reason);
  return least;
}

void Reader::Fail(std::string reason) {
  if (!failed_) reason_ = std::move(reason);
  failed_ = true;
}

napi_value Reader::ThrowFailed() const {
  return reason_.empty() ? ThrowFailure(env_)
                         : Throw(env_, "WSFD_INTERNAL", ("wsfd: " + reason_).c_str());
}

bool Reader::Flag() {
  const napi_value value = Next();
  bool flag = false;
  if (value == nullptr || !Check(napi_get_value_bool(env_, value, &flag))) return false;
  return flag;
}

std::string Reader::TextOf(napi_value value) {
  std::string text;
  if (value == nullptr) failed_ = true;
  if (failed_ || !Check(ReadText(env_, value, napi_get_value_string_utf8, &text))) return {};
  return text;
}

std::string Reader::BytesOf(napi_value value) {
  void* data = nullptr;
  size_t size = 0;
  if (value == nullptr) failed_ = true;
  if (failed_) return {};
  // (on Node.js 18, napi_get_buffer_info ends the process for a value that is no Buffer)
  Check(napi_get_typedarray_info(env_, value, nullptr, &size, &data, nullptr, nullptr));
  if (failed_ || size == 0) return {};
  return {static_cast<const char*>(data), size};
}

std::vector<std::string> Reader::Texts() {
  std::vector<std::string> texts;
  Each([&texts](Reader* elements) { texts.push_back(elements->Text()); });
  return texts;
}

std::vector<std::string> Reader::AsciiTexts() {
  std::vector<std::string> texts;
  Each([&texts](Reader* elements) {
    std::string& text = texts.emplace_back();
    const napi_value value = elements->Next();
    if (value == nullptr) return;
    elements->Check(ReadText(elements->env_, value, napi_get_value_string_latin1, &text));
  });
  return texts;
}

}  // namespace wsfd::binding

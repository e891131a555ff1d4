#ifndef WSFD_BINDING_OBJECT_VALUE_H_
#define WSFD_BINDING_OBJECT_VALUE_H_

#include <node_api.h>

#include <string_view>

namespace wsfd::binding {

// A JavaScript object in the making. A property whose value cannot be made stays away, as when the
// environment ends.
class ObjectValue {
 public:
  explicit ObjectValue(napi_env env) : env_(env) { napi_create_object(env, &value_); }

  void Set(const char* name, napi_value value) {
    if (value != nullptr) napi_set_named_property(env_, value_, name, value);
  }
  // UTF-8; what is not becomes U+FFFD.
  void SetText(const char* name, std::string_view text) { Set(name, Text(env_, text)); }
  void SetNumber(const char* name, double number) {
    napi_value value = nullptr;
    napi_create_double(env_, number, &value);
    Set(name, value);
  }
  void SetFlag(const char* name, bool flag) {
    napi_value value = nullptr;
    napi_get_boolean(env_, flag, &value);
    Set(name, value);
  }
  napi_value value() const { return value_; }

  static napi_value Text(napi_env env, std::string_view text) {
    napi_value value = nullptr;
    napi_create_string_utf8(env, text.data(), text.size(), &value);
    return value;
  }
  // An array of what `make` gives for each element.
  template <typename List, typename Make>
  static napi_value Array(napi_env env, const List& list, Make make) {
    napi_value array = nullptr;
    napi_create_array_with_length(env, list.size(), &array);
    uint32_t index = 0;
    for (const auto& element : list) napi_set_element(env, array, index++, make(element));
    return array;
  }

 private:
  napi_env env_;
  napi_value value_ = nullptr;
};

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_OBJECT_VALUE_H_

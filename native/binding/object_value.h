#ifndef WSFD_BINDING_OBJECT_VALUE_H_
#define WSFD_BINDING_OBJECT_VALUE_H_

#include <node_api.h>

#include <cstdint>
#include <string_view>

namespace wsfd::binding {

// UTF-8; what is not becomes U+FFFD.
inline napi_value TextValue(napi_env env, std::string_view text) {
  napi_value value = nullptr;
  // Without bytes a view may be without a pointer, which Node-API does not take.
  napi_create_string_utf8(env, text.empty() ? "" : text.data(), text.size(), &value);
  return value;
}

// A JavaScript object in the making. A property whose value cannot be made stays away, as when the
// environment ends.
class ObjectValue {
 public:
  explicit ObjectValue(napi_env env) : env_(env) { napi_create_object(env, &value_); }

  void Set(const char* name, napi_value value) {
    if (value != nullptr) napi_set_named_property(env_, value_, name, value);
  }
  void SetText(const char* name, std::string_view text) { Set(name, TextValue(env_, text)); }
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

 private:
  napi_env env_;
  napi_value value_ = nullptr;
};

// A JavaScript array in the making.
class ArrayValue {
 public:
  explicit ArrayValue(napi_env env) : env_(env) { napi_create_array(env, &value_); }

  void Add(napi_value value) {
    if (value != nullptr) napi_set_element(env_, value_, count_++, value);
  }
  napi_value value() const { return value_; }

  // An array of what `make` gives for each element of `list`.
  template <typename List, typename Make>
  static napi_value Of(napi_env env, const List& list, Make make) {
    ArrayValue array(env);
    for (const auto& element : list) array.Add(make(element));
    return array.value();
  }

 private:
  napi_env env_;
  napi_value value_ = nullptr;
  uint32_t count_ = 0;
};

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_OBJECT_VALUE_H_

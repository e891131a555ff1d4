#ifndef WSFD_BINDING_OBJECT_VALUE_H_
#define WSFD_BINDING_OBJECT_VALUE_H_

#include <node_api.h>

#include <cstdint>
#include <string_view>

namespace wsfd::binding {

// Values for JavaScript. nullptr where Node-API fails: an exception is pending then.
napi_value UndefinedValue(napi_env env);
napi_value FlagValue(napi_env env, bool flag);
napi_value NumberValue(napi_env env, double number);
// UTF-8; what is not becomes U+FFFD.
napi_value TextValue(napi_env env, std::string_view text);

// A JavaScript object in the making.
class ObjectValue {
 public:
  explicit ObjectValue(napi_env env);

  // A nullptr for a value that could not be made spoils the object.
  void Set(const char* name, napi_value value);
  void SetText(const char* name, std::string_view text) { Set(name, TextValue(env_, text)); }
  void SetNumber(const char* name, double number) { Set(name, NumberValue(env_, number)); }
  void SetFlag(const char* name, bool flag) { Set(name, FlagValue(env_, flag)); }

  // nullptr, with an exception pending, if anything of it could not be made.
  napi_value value() const { return value_; }

 private:
  napi_env env_;
  napi_value value_ = nullptr;
};

// A JavaScript array in the making.
class ArrayValue {
 public:
  explicit ArrayValue(napi_env env);

  // As ObjectValue::Set.
  void Add(napi_value value);
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

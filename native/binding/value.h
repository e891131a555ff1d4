#ifndef WSFD_BINDING_VALUE_H_
#define WSFD_BINDING_VALUE_H_

#include <napi.h>

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace wsfd::binding {

// Values for JavaScript. Empty if Node-API fails: an exception is pending then, or the environment
// ends.
inline Napi::Value FlagValue(Napi::Env env, bool flag) { return Napi::Boolean::New(env, flag); }
inline Napi::Value NumberValue(Napi::Env env, double number) {
  return Napi::Number::New(env, number);
}
// From UTF-8; invalid bytes become U+FFFD.
Napi::Value TextValue(Napi::Env env, std::string_view text);

struct Property {
  const char* name;
  Napi::Value value;
};

// An object with these properties. Empty if one of the values is.
//
// They are defined: Napi::Object::Set would call a setter of Object.prototype.
Napi::Value ObjectValue(Napi::Env env, std::initializer_list<Property> properties);
// An array with these elements; as ObjectValue.
Napi::Value ArrayValue(Napi::Env env, const std::vector<Napi::Value>& elements);

// An array of what `make` gives for each element of `list`.
template <typename List, typename Make>
Napi::Value ArrayOf(Napi::Env env, const List& list, Make make) {
  std::vector<Napi::Value> elements;
  elements.reserve(list.size());
  for (const auto& element : list) elements.push_back(make(element));
  return ArrayValue(env, elements);
}

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_VALUE_H_

#include "binding/value.h"

#include <string>

namespace wsfd::binding {

namespace {

// `object` with the properties; empty if they cannot be defined.
Napi::Value With(Napi::Object object, const std::vector<Napi::PropertyDescriptor>& properties) {
  return !object.IsEmpty() && object.DefineProperties(properties) ? object : Napi::Value();
}

}  // namespace

Napi::Value TextValue(Napi::Env env, std::string_view text) {
  // An empty view may have no pointer, which Node-API refuses.
  return Napi::String::New(env, text.empty() ? "" : text.data(), text.size());
}

Napi::Value ObjectValue(Napi::Env env, std::initializer_list<Property> properties) {
  std::vector<Napi::PropertyDescriptor> own;
  own.reserve(properties.size());
  for (const auto& [name, value] : properties) {
    if (value.IsEmpty()) return {};
    own.push_back(Napi::PropertyDescriptor::Value(name, value, napi_default_jsproperty));
  }
  return With(Napi::Object::New(env), own);
}

Napi::Value ArrayValue(Napi::Env env, const std::vector<Napi::Value>& elements) {
  std::vector<Napi::PropertyDescriptor> own;
  own.reserve(elements.size());
  for (size_t i = 0; i < elements.size(); i++) {
    const Napi::Value index = TextValue(env, std::to_string(i));
    if (index.IsEmpty() || elements[i].IsEmpty()) return {};
    own.push_back(Napi::PropertyDescriptor::Value(static_cast<napi_value>(index), elements[i],
                                                  napi_default_jsproperty));
  }
  return With(Napi::Array::New(env), own);
}

}  // namespace wsfd::binding

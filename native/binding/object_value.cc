#include "binding/object_value.h"

#include <cstdio>

#include "binding/reader.h"

namespace wsfd::binding {

namespace {

// (not napi_set_named_property, which a setter of Object.prototype would get to see)
napi_status DefineOwn(napi_env env, napi_value object, const char* name, napi_value value) {
  napi_property_descriptor property = {};
  property.utf8name = name;
  property.value = value;
  property.attributes = napi_default_jsproperty;
  return napi_define_properties(env, object, 1, &property);
}

napi_value Made(napi_env env, napi_status status, napi_value value) {
  return status == napi_ok ? value : ThrowFailure(env);
}

}  // namespace

napi_value UndefinedValue(napi_env env) {
  napi_value value = nullptr;
  const napi_status status = napi_get_undefined(env, &value);
  return Made(env, status, value);
}

napi_value FlagValue(napi_env env, bool flag) {
  napi_value value = nullptr;
  const napi_status status = napi_get_boolean(env, flag, &value);
  return Made(env, status, value);
}

napi_value NumberValue(napi_env env, double number) {
  napi_value value = nullptr;
  const napi_status status = napi_create_double(env, number, &value);
  return Made(env, status, value);
}

napi_value TextValue(napi_env env, std::string_view text) {
  napi_value value = nullptr;
  // Without bytes a view may be without a pointer, which Node-API does not take.
  const char* const bytes = text.empty() ? "" : text.data();
  const napi_status status = napi_create_string_utf8(env, bytes, text.size(), &value);
  return Made(env, status, value);
}

ObjectValue::ObjectValue(napi_env env) : env_(env) {
  const napi_status status = napi_create_object(env, &value_);
  value_ = Made(env, status, value_);
}

void ObjectValue::Set(const char* name, napi_value value) {
  if (value == nullptr) value_ = nullptr;
  if (value_ == nullptr) return;
  value_ = Made(env_, DefineOwn(env_, value_, name, value), value_);
}

ArrayValue::ArrayValue(napi_env env) : env_(env) {
  const napi_status status = napi_create_array(env, &value_);
  value_ = Made(env, status, value_);
}

void ArrayValue::Add(napi_value value) {
  if (value == nullptr) value_ = nullptr;
  if (value_ == nullptr) return;
  char index[16];
  std::snprintf(index, sizeof index, "%u", count_++);
  value_ = Made(env_, DefineOwn(env_, value_, index, value), value_);
}

}  // namespace wsfd::binding

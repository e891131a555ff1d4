#include "test/native/faults/control.h"

#include <openssl/err.h>

#include <cstring>

#include "test/native/faults/faults.h"

namespace wsfd::faults {

namespace {

constexpr const char* kKindNames[kKindCount] = {"alloc", "uv", "zlib", "openssl", "napi"};

napi_value ArmFrom(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  size_t count = 3;
  char kind[16] = "";
  char symbol[64] = "";
  double n = 0;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  napi_get_value_string_utf8(env, arguments[0], kind, sizeof kind, nullptr);
  napi_get_value_string_utf8(env, arguments[1], symbol, sizeof symbol, nullptr);
  napi_get_value_double(env, arguments[2], &n);
  int row = 0;
  while (row != static_cast<int>(Row::kCount) &&
         std::strcmp(NameOf(static_cast<Row>(row)), symbol) != 0) {
    row++;
  }
  for (int i = 0; i < kKindCount; i++) {
    if (std::strcmp(kKindNames[i], kind) != 0) continue;
    Arm(static_cast<Kind>(i), static_cast<Row>(row), static_cast<uint64_t>(n));
  }
  return nullptr;
}

napi_value DisarmFrom(napi_env env, napi_callback_info) {
  const Row row = Disarm();
  napi_value name = nullptr;
  if (row != Row::kCount) napi_create_string_utf8(env, NameOf(row), NAPI_AUTO_LENGTH, &name);
  return name;
}

napi_value LiveBlocksFrom(napi_env env, napi_callback_info) {
  napi_value count = nullptr;
  napi_create_double(env, static_cast<double>(LiveBlocks()), &count);
  return count;
}

napi_value ErrorLeftFrom(napi_env env, napi_callback_info) {
  napi_value left = nullptr;
  napi_get_boolean(env, ERR_peek_error() != 0, &left);
  ERR_clear_error();
  return left;
}

}  // namespace

void AddTo(napi_env env, napi_value exports) {
  constexpr struct {
    const char* name;
    napi_callback function;
  } kFunctions[] = {{"arm", ArmFrom},
                    {"disarm", DisarmFrom},
                    {"liveBlocks", LiveBlocksFrom},
                    {"errorLeft", ErrorLeftFrom}};
  napi_value object = nullptr;
  napi_create_object(env, &object);
  for (const auto& [name, function] : kFunctions) {
    napi_value value = nullptr;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
    napi_set_named_property(env, object, name, value);
  }
  napi_set_named_property(env, exports, "faults", object);
}

}  // namespace wsfd::faults

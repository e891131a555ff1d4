// A packed batch as the text of one JSON array.

#include <cstring>
#include <memory>

#include "binding/packer.h"
#include "frame/json_array.h"
#include "frame/transcode.h"
#include "frame/utf8.h"

namespace wsfd::binding {

namespace {

// The memory of a typed array: `count` elements.
struct Elements {
  const uint8_t* data = nullptr;
  size_t count = 0;

  uint32_t Whole(size_t i) const {
    uint32_t value = 0;
    std::memcpy(&value, data + i * sizeof value, sizeof value);
    return value;
  }
};

bool ReadElements(napi_env env, napi_value value, napi_typedarray_type type, Elements* elements) {
  napi_typedarray_type found = napi_uint8_array;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, &found, &elements->count, &data, nullptr, nullptr) !=
      napi_ok) {
    return false;
  }
  elements->data = static_cast<const uint8_t*>(data);
  return found == type;
}

// The arguments. JavaScript, even on another thread, may have written anything into them: each
// value is checked when it is read.
struct PackedTexts {
  Elements bytes, starts, ends, kinds;
  uint32_t count = 0;

  bool Read(napi_env env, napi_callback_info info) {
    napi_value values[5] = {};
    size_t given = 5;
    return napi_get_cb_info(env, info, &given, values, nullptr, nullptr) == napi_ok &&
           ReadElements(env, values[0], napi_uint8_array, &bytes) &&
           ReadElements(env, values[1], napi_uint32_array, &starts) &&
           ReadElements(env, values[2], napi_uint32_array, &ends) &&
           ReadElements(env, values[3], napi_uint8_array, &kinds) &&
           napi_get_value_uint32(env, values[4], &count) == napi_ok && count != 0 &&
           count <= starts.count && count <= ends.count && count <= kinds.count;
  }

  // Text `i`; false if it is not within the bytes, or longer than `most` bytes.
  bool Text(size_t i, size_t most, const uint8_t** text, size_t* size) const {
    const uint32_t start = starts.Whole(i);
    const uint32_t end = ends.Whole(i);
    if (start > end || end > bytes.count || end - start > most) return false;
    *text = bytes.data + start;
    *size = end - start;
    return true;
  }

  // The bytes of all texts, and whether they are ASCII; false if one of them is no text.
  bool Measure(size_t* total, bool* ascii) const {
    for (size_t i = 0; i < count; i++) {
      const auto kind = static_cast<PackedKind>(kinds.data[i]);
      const uint8_t* text = nullptr;
      size_t size = 0;
      if (kind == PackedKind::kBinary || !Text(i, bytes.count, &text, &size)) return false;
      *ascii = *ascii && kind == PackedKind::kAscii;
      *total += size;
    }
    return true;
  }

  // Writes the array of texts of `total` bytes. False if they cannot be joined.
  bool Join(size_t total, uint8_t* out) const {
    frame::JsonArrayWriter array(out);
    for (size_t i = 0; i < count; i++) {
      const uint8_t* text = nullptr;
      size_t size = 0;
      if (!Text(i, total, &text, &size) || !frame::BracketsBalance(text, size)) return false;
      array.Add(text, size);
      total -= size;
    }
    array.Finish();
    return total == 0;
  }
};

napi_status Latin1Value(napi_env env, const uint8_t* text, size_t size, napi_value* value) {
  return napi_create_string_latin1(env, reinterpret_cast<const char*>(text), size, value);
}

// Text that is UTF-8, unless JavaScript has written into it since it was checked.
napi_status Utf8Value(napi_env env, const uint8_t* text, size_t size, napi_value* value) {
  if (!frame::IsUtf8(text, size)) return napi_invalid_arg;
  const std::unique_ptr<char16_t[]> units(new char16_t[size]);
  if (frame::IsLatin1(text, size)) {
    auto* const latin1 = reinterpret_cast<uint8_t*>(units.get());
    return Latin1Value(env, latin1, frame::Utf8ToLatin1(text, size, latin1), value);
  }
  const size_t count = frame::Utf8ToUtf16(text, size, units.get());
  return napi_create_string_utf16(env, units.get(), count, value);
}

}  // namespace

napi_value JoinTexts(napi_env env, napi_callback_info info) {
  PackedTexts texts;
  size_t bytes = 0;
  bool ascii = true;
  if (!texts.Read(env, info) || !texts.Measure(&bytes, &ascii)) return nullptr;
  const size_t size = frame::JsonArrayWriter::SizeOf(texts.count, bytes);
  const std::unique_ptr<uint8_t[]> joined(new uint8_t[size]);
  if (!texts.Join(bytes, joined.get())) return nullptr;
  napi_value value = nullptr;
  const napi_status status = ascii ? Latin1Value(env, joined.get(), size, &value)
                                   : Utf8Value(env, joined.get(), size, &value);
  return status == napi_ok ? value : nullptr;
}

}  // namespace wsfd::binding

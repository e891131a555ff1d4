#ifndef WSFD_BINDING_REFERENCE_H_
#define WSFD_BINDING_REFERENCE_H_

#include <node_api.h>

#include <utility>

namespace wsfd::binding {

// Keeps a JavaScript value alive. Must not outlive the environment.
class Reference {
 public:
  Reference() = default;
  Reference(const Reference&) = delete;
  Reference& operator=(const Reference&) = delete;
  Reference(Reference&& other) noexcept
      : env_(other.env_), ref_(std::exchange(other.ref_, nullptr)) {}
  Reference& operator=(Reference&&) = delete;
  ~Reference() { Clear(); }

  // Releases the value.
  void Clear() {
    // Fails only for arguments that are null.
    if (ref_ != nullptr) (void)napi_delete_reference(env_, std::exchange(ref_, nullptr));
  }
  // Refers to `value`; must be empty before. False if Node-API fails.
  bool Set(napi_env env, napi_value value) {
    env_ = env;
    return napi_create_reference(env, value, 1, &ref_) == napi_ok;
  }
  // The value; nullptr if there is none, or Node-API fails.
  napi_value Get() const {
    napi_value value = nullptr;
    if (ref_ == nullptr || napi_get_reference_value(env_, ref_, &value) != napi_ok) return nullptr;
    return value;
  }

 private:
  napi_env env_ = nullptr;
  napi_ref ref_ = nullptr;
};

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_REFERENCE_H_

// What the linker puts in the place of each function that has a FAULT row.

#include <node_api.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/stack.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <uv.h>
#include <zlib.h>

#include "test/native/faults/faults.h"

namespace wsfd::faults {

namespace {

void LeaveError() { ERR_raise(ERR_LIB_SSL, ERR_R_INTERNAL_ERROR); }

// `Rule` has the row, the failure, and whether an error of OpenSSL's comes with it.
template <typename Function, Function* Real, typename Rule>
struct Wrap;

template <typename Result, typename... Arguments, Result (*Real)(Arguments...), typename Rule>
struct Wrap<Result(Arguments...), Real, Rule> {
  static Result Call(Arguments... arguments) {
    if (!Hit(Rule::kRow)) return Real(arguments...);
    if (Rule::kLoud) LeaveError();
    return static_cast<Result>(Rule::Failure());
  }
};

}  // namespace

// The type of each function comes from its own declaration, and the name that the linker looks for
// from a function that resolves to the template's (GNU's ifunc).
#define WRAP(loud, symbol, failure)                                              \
  extern "C" decltype(::symbol) __real_##symbol;                                 \
  namespace {                                                                    \
  struct Rule_##symbol {                                                         \
    static constexpr bool kLoud = loud;                                          \
    static constexpr Row kRow = Row::symbol;                                     \
    static auto Failure() { return failure; }                                    \
  };                                                                             \
  }                                                                              \
  extern "C" {                                                                   \
  static auto* Resolve_##symbol() {                                              \
    return &Wrap<decltype(::symbol), __real_##symbol, Rule_##symbol>::Call;      \
  }                                                                              \
  decltype(::symbol) __wrap_##symbol __attribute__((ifunc("Resolve_" #symbol))); \
  }
#define FAULT(kind, symbol, failure) WRAP(Kind::kind == Kind::openssl, symbol, failure)
#define QUIET(kind, symbol, failure) WRAP(false, symbol, failure)
#define BY_HAND(kind, symbol)
#define SURE(symbol, reason)
#include "test/native/faults/table.inc"
#undef FAULT
#undef QUIET
#undef WRAP
#undef BY_HAND
#undef SURE

extern "C" decltype(::X509_get_ext_d2i) __real_X509_get_ext_d2i;

// An extension that is there and cannot be decoded is told from one that is not there by *critical.
extern "C" void* __wrap_X509_get_ext_d2i(const X509* certificate, int nid, int* critical,
                                         int* index) {
  if (!Hit(Row::X509_get_ext_d2i)) {
    return __real_X509_get_ext_d2i(certificate, nid, critical, index);
  }
  LeaveError();
  if (critical != nullptr) *critical = 0;
  return nullptr;
}

}  // namespace wsfd::faults

#ifndef WSFD_BENCH_NATIVE_CODEC_H_
#define WSFD_BENCH_NATIVE_CODEC_H_

#include <napi.h>

namespace wsfd::bench {

// Adds the functions of bench/codec/ to `exports`: each does one piece of the codec's work on bytes
// from JavaScript, many times a call where a call would cost more than the work.
void RegisterCodec(Napi::Env env, Napi::Object exports);

}  // namespace wsfd::bench

#endif  // WSFD_BENCH_NATIVE_CODEC_H_

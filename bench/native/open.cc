#include <algorithm>
#include <memory>
#include <vector>

#include "bench/native/endpoint.h"
#include "bench/native/task.h"
#include "bench/native/usage.h"

namespace wsfd::bench {

namespace {

// Opened before they are closed again, as in bench/kinds/open.ts.
constexpr uint32_t kBatch = 50;

using Endpoints = std::vector<std::unique_ptr<Endpoint>>;

// Appends `count` new connections.
bool OpenSome(const Task& task, Tls* tls, uint32_t count, Endpoints* endpoints,
              std::string* error) {
  for (uint32_t i = 0; i < count; ++i) {
    endpoints->push_back(Endpoint::Open(task, tls, error));
    if (!endpoints->back()) return false;
  }
  return true;
}

}  // namespace

bool Open(const Task& task, Outcome* outcome, std::string* error) {
  std::unique_ptr<Tls> tls;
  if (!CreateTls(task, &tls, error)) return false;
  Endpoints endpoints;
  if (!OpenSome(task, tls.get(), kBatch, &endpoints, error)) return false;
  for (uint32_t opened = 0; opened < task.count; opened += kBatch) {
    endpoints.clear();
    const double cpu = CpuUs();
    const double begin = NowMs();
    const uint32_t count = std::min(kBatch, task.count - opened);
    if (!OpenSome(task, tls.get(), count, &endpoints, error)) return false;
    outcome->cpu_us += CpuUs() - cpu;
    outcome->wall_us += (NowMs() - begin) * 1000;
  }
  return true;
}

bool Hold(const Task& task, Outcome*, std::string* error) {
  // Until the process ends; the operating system closes them then.
  static std::unique_ptr<Tls> tls;
  static Endpoints endpoints;
  if (!tls && !CreateTls(task, &tls, error)) return false;
  return OpenSome(task, tls.get(), task.count, &endpoints, error);
}

}  // namespace wsfd::bench

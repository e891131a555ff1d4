#ifndef WSFD_BINDING_STATUS_H_
#define WSFD_BINDING_STATUS_H_

#include <cstdint>

// Return values of calls from JavaScript. src/native/shared.ts is made of these.

namespace wsfd::binding {

// Where the output of a socket is.
enum class DrainStatus : uint8_t {
  kDrained,  // all handed to the system
  kWaits,    // not all of it yet: onDrained follows
  kLost,     // some of it never will be
};

// How `run` ended.
enum class RunStatus : uint8_t {
  kNothing,    // nothing happened in time
  kSomething,  // the inbox was told something
  kBroken,     // in an earlier `run` V8 ended the program while the inbox was told something: lost
  kBusy,       // it is called from inside of another
};

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_STATUS_H_

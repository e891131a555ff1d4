/**
 * The clock and the timers of this package, from native code. Fake timers (of jest, vitest, sinon)
 * replace JavaScript's own, those of `node:timers` included, and may do so before this package is
 * loaded. Calls that wait or fail would then never end.
 */
import { native } from './addon.js';

let latest = 0;

/**
 * Milliseconds on a clock that nothing sets; what it began with means nothing. Where there is no
 * memory for the number, the clock stands still.
 */
export function now(): number {
  try {
    latest = native.now();
  } catch {
    // It goes on with the next call.
  }
  return latest;
}

/** Calls `task` when the event loop turns; promises run between two of them. As setImmediate. */
export function callLater(task: () => void): void {
  try {
    native.callLater(task);
  } catch {
    // There is no memory for it.
    void Promise.resolve().then(task);
  }
}

/** Calls `task` once `ms` have passed, unless the function that is returned was called before. */
export function startTimer(task: () => void, ms: number): () => void {
  let isStopped = false;
  const timer = native.startTimer(() => {
    if (!isStopped) task();
  }, ms);
  return () => {
    isStopped = true;
    try {
      native.stopTimer(timer);
    } catch {
      // It fires for nothing.
    }
  };
}

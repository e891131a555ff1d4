/**
 * The clock and the timers of this package, from native code. Fake timers (jest, vitest, sinon)
 * replace JavaScript's timers, those of `node:timers` included, perhaps before this package is
 * loaded. With them, calls that wait or fail would never end.
 */
import { native } from './addon.js';

let latest = 0;

/**
 * Milliseconds on a monotonic clock with an arbitrary origin. Where there is no memory for the
 * number, the clock stands still.
 */
export function now(): number {
  try {
    latest = native.now();
  } catch {
    // The next call may succeed.
  }
  return latest;
}

/** As setImmediate: calls `task` in the next loop iteration; promises run between two tasks. */
export function callLater(task: () => void): void {
  try {
    native.callLater(task);
  } catch {
    // There is no memory for it.
    void Promise.resolve().then(task);
  }
}

/** Calls `task` once `ms` have passed, unless the returned function was called before. */
export function startTimer(task: () => void, ms: number): () => void {
  // Once it has fired, its number is that of the next timer.
  let isOver = false;
  const timer = native.startTimer(() => {
    if (isOver) return;
    isOver = true;
    task();
  }, ms);
  return () => {
    if (isOver) return;
    isOver = true;
    try {
      native.stopTimer(timer);
    } catch {
      // It fires without effect.
    }
  };
}

/**
 * As startTimer, for a wait for input: the loop runs timers before it looks for input, and looks
 * between two calls of callLater. What came while the process was busy comes before `task`.
 */
export function startDeadline(task: () => void, ms: number): () => void {
  let isStopped = false;
  const late = (): void => {
    if (!isStopped) task();
  };
  const stop = startTimer(() => callLater(() => callLater(late)), ms);
  return () => {
    isStopped = true;
    stop();
  };
}

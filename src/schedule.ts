/**
 * What the time is, and what is called later. Native code has both: fake timers (of jest, vitest,
 * sinon) replace JavaScript's own, also those of `node:timers` and before this package is loaded, and
 * the calls that wait, and that fail, would never end.
 */
import { native } from './native.js';

/** Milliseconds on a clock that nothing sets; what it began with means nothing. */
export const now = (): number => native.now();

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
  const timer = native.startTimer(task, ms);
  return () => {
    native.stopTimer(timer);
  };
}

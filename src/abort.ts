/** What waits for an AbortSignal. */

const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `abort` once when the signal is aborted, which it must not be yet, unless the function that
 * is returned was called before. However many wait, the signal has one listener, and none when
 * nobody waits: Node takes many for a leak, and looks through all of them to add one.
 */
export function whenAborted(signal: AbortSignal, abort: () => void): () => void {
  let calls = waiting.get(signal);
  if (calls === undefined) {
    calls = new Set();
    waiting.set(signal, calls);
    // (not its own method, which a caller may have set to anything)
    EventTarget.prototype.addEventListener.call(signal, 'abort', onAbort);
  }
  calls.add(abort);
  return () => {
    if (calls.delete(abort) && calls.size === 0) forget(signal);
  };
}

function forget(signal: AbortSignal): void {
  waiting.delete(signal);
  EventTarget.prototype.removeEventListener.call(signal, 'abort', onAbort);
}

function onAbort(this: unknown): void {
  const signal = this as AbortSignal;
  const calls = waiting.get(signal);
  forget(signal);
  for (const abort of calls ?? []) abort();
}

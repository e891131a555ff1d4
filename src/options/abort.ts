/** Waits for an AbortSignal without its own properties, which a caller may have replaced. */
import { types } from 'node:util';

import { AbortSignal, EventTarget } from '../base/platform.js';

type Getter<Value> = (this: AbortSignal) => Value;

const getterOf = <Value>(name: keyof AbortSignal): Getter<Value> =>
  Reflect.getOwnPropertyDescriptor(AbortSignal.prototype, name)?.get as Getter<Value>;

const abortedOf = getterOf<boolean>('aborted');
const reasonGetter = getterOf<unknown>('reason');
const target = EventTarget.prototype;
const nobody = (): void => undefined;

/** True for a value that works as an AbortSignal. */
export function isAbortSignal(value: unknown): value is AbortSignal {
  // (a proxy may be one now, and another value when a listener is added)
  if (types.isProxy(value)) return false;
  try {
    abortedOf.call(value as AbortSignal);
    // It throws for a value that is no event target, and has no other effect.
    target.removeEventListener.call(value as AbortSignal, 'abort', nobody);
    return value instanceof AbortSignal;
  } catch {
    return false;
  }
}

export const isAborted = (signal: AbortSignal | undefined): boolean =>
  signal !== undefined && abortedOf.call(signal);

/** Why it was aborted. */
export const reasonOf = (signal: AbortSignal | undefined): unknown =>
  signal === undefined ? undefined : reasonGetter.call(signal);

const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `abort` once when the signal, which must not be aborted yet, is aborted. The returned
 * function cancels that. The signal has one listener for all calls, and none without a call: Node
 * warns of a leak for many, and searches all of them to add one.
 */
export function whenAborted(signal: AbortSignal, abort: () => void): () => void {
  let calls = waiting.get(signal);
  if (calls === undefined) {
    calls = new Set();
    waiting.set(signal, calls);
    target.addEventListener.call(signal, 'abort', onAbort);
  }
  calls.add(abort);
  return () => {
    if (calls.delete(abort) && calls.size === 0) forget(signal);
  };
}

function forget(signal: AbortSignal): void {
  waiting.delete(signal);
  target.removeEventListener.call(signal, 'abort', onAbort);
}

function onAbort(this: unknown): void {
  const signal = this as AbortSignal;
  const calls = waiting.get(signal);
  forget(signal);
  for (const abort of calls ?? []) abort();
}

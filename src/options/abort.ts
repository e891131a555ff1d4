/** Waits for an AbortSignal without its own properties, which a caller may have replaced. */
import { types } from 'node:util';

import { AbortSignal } from '../base/event-target.js';
import { AbortSignal as GlobalAbortSignal } from '../base/platform.js';

type SignalClass = typeof globalThis.AbortSignal;
type Getter<Value> = (this: AbortSignal) => Value;

const nobody = (): void => undefined;

/** What the signals of one class do. */
class Implementation {
  readonly #class: SignalClass;
  /** Undefined: the class has no such getter, as old polyfills of `reason`. */
  readonly #aborted: Getter<boolean> | undefined;
  readonly #reason: Getter<unknown> | undefined;

  constructor(signalClass: SignalClass) {
    const getterOf = <Value>(name: keyof AbortSignal): Getter<Value> | undefined =>
      Reflect.getOwnPropertyDescriptor(signalClass.prototype, name)?.get;
    this.#class = signalClass;
    this.#aborted = getterOf<boolean>('aborted');
    this.#reason = getterOf<unknown>('reason');
  }

  owns(value: unknown): value is AbortSignal {
    if (this.#aborted === undefined) return false;
    const signal = value as AbortSignal;
    try {
      this.#aborted.call(signal);
      // It throws for a value that is no event target, and has no other effect.
      this.unlisten(signal, nobody);
      return value instanceof this.#class;
    } catch {
      return false;
    }
  }

  isAborted(signal: AbortSignal): boolean {
    return this.#aborted?.call(signal) === true;
  }

  reasonOf(signal: AbortSignal): unknown {
    return this.#reason?.call(signal);
  }

  listen(signal: AbortSignal, listener: () => void): void {
    this.#class.prototype.addEventListener.call(signal, 'abort', listener);
  }

  unlisten(signal: AbortSignal, listener: () => void): void {
    this.#class.prototype.removeEventListener.call(signal, 'abort', listener);
  }
}

const own = new Implementation(AbortSignal);

/** Where the global class is another, as in jsdom: its signals are as good. */
const foreign =
  typeof GlobalAbortSignal === 'function' && GlobalAbortSignal !== AbortSignal
    ? new Implementation(GlobalAbortSignal)
    : undefined;

const implementationOf = (signal: AbortSignal): Implementation =>
  foreign?.owns(signal) === true ? foreign : own;

/** True for a value that works as an AbortSignal. */
export function isAbortSignal(value: unknown): value is AbortSignal {
  // (a proxy may be one now, and another value when a listener is added)
  if (types.isProxy(value)) return false;
  return own.owns(value) || foreign?.owns(value) === true;
}

export const isAborted = (signal: AbortSignal | undefined): boolean =>
  signal !== undefined && implementationOf(signal).isAborted(signal);

/** Why it was aborted. */
export const reasonOf = (signal: AbortSignal | undefined): unknown =>
  signal === undefined ? undefined : implementationOf(signal).reasonOf(signal);

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
    implementationOf(signal).listen(signal, onAbort);
  }
  calls.add(abort);
  return () => {
    if (calls.delete(abort) && calls.size === 0) forget(signal);
  };
}

function forget(signal: AbortSignal): void {
  waiting.delete(signal);
  implementationOf(signal).unlisten(signal, onAbort);
}

function onAbort(this: unknown): void {
  const signal = this as AbortSignal;
  const calls = waiting.get(signal);
  forget(signal);
  for (const abort of calls ?? []) abort();
}

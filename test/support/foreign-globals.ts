// For --require, before the package is loaded: replaces the globals that WSFD_TEST_FOREIGN_GLOBALS
// names by classes that behave as those of jsdom, which test runners put in their place. They are of
// one implementation: they take nothing of Node's, and an event's isTrusted cannot be redefined.
// With WSFD_TEST_OLD_NODE=1 util.transferableAbortController is absent, as before Node 18.11.
import util from 'node:util';

type Listener = ((event: ForeignEvent) => unknown) | null;

class ForeignEvent {
  readonly #type: string;
  #target: ForeignEventTarget | null = null;
  #current: ForeignEventTarget | null = null;
  #stopped = false;

  constructor(type: unknown) {
    this.#type = String(type);
    Object.defineProperty(this, 'isTrusted', {
      get: () => false,
      enumerable: true,
      configurable: false,
    });
  }

  /** Throws a TypeError for any other event. */
  static dispatch(event: ForeignEvent, target: ForeignEventTarget, all: Set<Listener>): void {
    event.#target = target;
    event.#current = target;
    for (const listener of [...all]) {
      if (!event.#stopped) listener?.call(target, event);
    }
    event.#current = null;
  }

  get type(): string {
    return this.#type;
  }
  get target(): unknown {
    return this.#target;
  }
  get currentTarget(): unknown {
    return this.#current;
  }
  get eventPhase(): number {
    return this.#current === null ? 0 : 2;
  }
  get timeStamp(): number {
    return performance.now();
  }
  composedPath(): unknown[] {
    return this.#current === null ? [] : [this.#current];
  }
  stopImmediatePropagation(): void {
    this.#stopped = true;
  }
}

class ForeignEventTarget {
  readonly #listeners = new Map<string, Set<Listener>>();

  addEventListener(type: string, listener: Listener): void {
    const all = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, all.add(listener));
  }
  removeEventListener(type: string, listener: Listener): void {
    this.#listeners.get(type)?.delete(listener);
  }
  dispatchEvent(event: ForeignEvent): boolean {
    ForeignEvent.dispatch(event, this, this.#listeners.get(event.type) ?? new Set());
    return true;
  }
}

class ForeignAbortSignal extends ForeignEventTarget {
  #aborted = false;
  #reason: unknown = undefined;

  static abort(reason: unknown, signal = new ForeignAbortSignal()): ForeignAbortSignal {
    signal.#aborted = true;
    signal.#reason = reason;
    signal.dispatchEvent(new ForeignEvent('abort'));
    return signal;
  }

  get aborted(): boolean {
    return this.#aborted;
  }
  get reason(): unknown {
    return this.#reason;
  }
}

class ForeignAbortController {
  readonly #signal = new ForeignAbortSignal();

  get signal(): ForeignAbortSignal {
    return this.#signal;
  }
  abort(reason: unknown = new DOMException('aborted', 'AbortError')): void {
    ForeignAbortSignal.abort(reason, this.#signal);
  }
}

/** An event with the members of `init`. */
class ForeignInitEvent extends ForeignEvent {
  constructor(type: unknown, init: object = {}) {
    super(type);
    for (const [name, value] of Object.entries(init)) {
      Object.defineProperty(this, name, { get: () => value as unknown });
    }
  }
}

/** Renamed to what they stand for. */
const classes: Readonly<Record<string, new (...args: never[]) => object>> = {
  Event: ForeignEvent,
  EventTarget: ForeignEventTarget,
  AbortSignal: ForeignAbortSignal,
  AbortController: ForeignAbortController,
  MessageEvent: class extends ForeignInitEvent {},
  CloseEvent: class extends ForeignInitEvent {},
  ErrorEvent: class extends ForeignInitEvent {},
};

for (const name of (process.env['WSFD_TEST_FOREIGN_GLOBALS'] ?? '').split(',')) {
  const value = classes[name];
  if (value === undefined) throw new Error(`there is no foreign ${name}`);
  Object.defineProperty(value, 'name', { value: name });
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
if (process.env['WSFD_TEST_OLD_NODE'] === '1') {
  Object.defineProperty(util, 'transferableAbortController', { value: undefined });
}

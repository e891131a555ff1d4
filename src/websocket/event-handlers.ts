/** Event handler IDL attributes: onopen, onmessage, onerror, onclose (HTML, section 8.1.8.1). */

import { EventTarget } from '../base/event-target.js';

/** The value of such an attribute; an object that is no function is never called. */
type EventHandler = ((this: unknown, event: never) => unknown) | object;

interface Active {
  callback: EventHandler;
  listener: (event: Event) => void;
}

/** The handlers of one event target. */
export class EventHandlers {
  readonly #target: EventTarget;
  readonly #active = new Map<string, Active>();

  constructor(target: EventTarget) {
    this.#target = target;
  }

  get(type: string): EventHandler | null {
    return this.#active.get(type)?.callback ?? null;
  }

  /** A new callback takes the old one's place in the order; after null the next one is last. */
  set(type: string, value: unknown): void {
    const active = this.#active.get(type);
    // [LegacyTreatNonObjectAsNull]
    const isObject = typeof value === 'function' || typeof value === 'object';
    const callback = isObject ? value : null;
    if (callback === null) {
      if (active === undefined) return;
      this.#active.delete(type);
      EventTarget.prototype.removeEventListener.call(this.#target, type, active.listener);
    } else if (active !== undefined) {
      active.callback = callback;
    } else {
      this.#activate(type, callback);
    }
  }

  #activate(type: string, callback: EventHandler): void {
    const active: Active = {
      callback,
      listener: (event) => {
        const handler = active.callback;
        if (typeof handler !== 'function') return;
        // "If return value is false, then set event's canceled flag."
        if (Reflect.apply(handler, this.#target, [event]) === false) event.preventDefault();
      },
    };
    this.#active.set(type, active);
    EventTarget.prototype.addEventListener.call(this.#target, type, active.listener);
  }
}

/** Node's own Event, which its EventTarget takes; the global may be another (event-target.ts). */
import { AbortController, EventTarget } from '../base/event-target.js';

/** The class of an event that Node's EventTarget was given by Node. */
function findEvent(): typeof globalThis.Event {
  let found = globalThis.Event;
  const controller = new AbortController();
  const listener = (event: Event): void => {
    found = event.constructor as typeof globalThis.Event;
  };
  EventTarget.prototype.addEventListener.call(controller.signal, 'abort', listener);
  controller.abort();
  return found;
}

export const Event: typeof globalThis.Event = findEvent();

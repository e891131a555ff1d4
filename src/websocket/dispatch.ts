/** Dispatches the events that are no message's. */
import { EventTarget } from '../base/event-target.js';
import type { WebSocketError } from '../errors/errors.js';
import { CloseEvent, ErrorEvent } from './events.js';
import { inherited } from './message-event.js';
import { Event } from './node-event.js';

/**
 * Dispatches an event as made by the user agent, not by a script. Node's own currentTarget is null
 * for all listeners but the first.
 */
function dispatchTrusted(target: object, event: Event): void {
  let current: object | null = target;
  Object.defineProperties(event, {
    currentTarget: { get: () => current ?? inherited('currentTarget', event) },
    eventPhase: { get: () => (current === null ? inherited('eventPhase', event) : 2) },
    composedPath: { value: () => (current === null ? [] : [current]) },
  });
  // (fails where it is unforgeable, as the standard has it: then the event is as of a script)
  Reflect.defineProperty(event, 'isTrusted', { value: true, enumerable: true });
  // (not target.dispatchEvent, which a caller may have replaced)
  EventTarget.prototype.dispatchEvent.call(target as EventTarget, event);
  current = null;
}

export function dispatchOpen(target: object): void {
  dispatchTrusted(target, new Event('open'));
}

export function dispatchError(target: object, error: WebSocketError): void {
  dispatchTrusted(target, new ErrorEvent('error', { message: error.message, error }));
}

export function dispatchClose(
  target: object,
  wasClean: boolean,
  code: number,
  reason: string,
): void {
  dispatchTrusted(target, new CloseEvent('close', { wasClean, code, reason }));
}

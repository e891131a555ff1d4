/** The connection that an event is about. */
import { now } from '../native/schedule.js';
import type { WebSocketEvent } from './events.js';

/** The properties of a connection that events have. */
export interface Subject {
  readonly id: number;
  /** -1 before it is open. */
  readonly number: number;
  readonly url: string;
  /** When its opening began, by now() of src/native/schedule.ts. */
  readonly startedAt: number;
}

/** `ageMs`: how long ago it happened. */
export function eventOf({ id, number, url, startedAt }: Subject, ageMs = 0): WebSocketEvent {
  const elapsedMs = now() - ageMs - startedAt;
  return { id, socket: number < 0 ? undefined : number, url, elapsedMs };
}

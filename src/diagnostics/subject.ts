/** The connection that an event is about. */
import { now } from '../native/schedule.js';
import type { WebSocketEvent } from './events.js';

/** A connection, as far as events name it. */
export interface Subject {
  readonly id: number;
  /** -1 before it is open. */
  readonly number: number;
  readonly url: string;
  /** When its opening began, as now() of src/native/schedule.ts gave it. */
  readonly startedAt: number;
}

/** `ageMs`: how long ago it happened. */
export function eventOf({ id, number, url, startedAt }: Subject, ageMs = 0): WebSocketEvent {
  const elapsedMs = now() - ageMs - startedAt;
  return { id, socket: number < 0 ? undefined : number, url, elapsedMs };
}

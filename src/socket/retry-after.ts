/** When a server that refused wants to be asked again. Pure. */
import { Date } from '../base/platform.js';
import type { WebSocketError } from '../errors/errors.js';

/** A server that wants more is asked again after so long: nobody would find out that it is back. */
export const MOST_ASKED_MS = 3_600_000;

/**
 * RFC 9110 section 5.6.7: the preferred form of a date, and two obsolete ones that a recipient
 * "MUST" accept, of which the last has no time zone.
 */
const DATES: readonly RegExp[] = [
  /^\w{3}, \d{2} \w{3} \d{4} \d\d:\d\d:\d\d GMT$/,
  /^\w{6,9}, \d{2}-\w{3}-\d{2} \d\d:\d\d:\d\d GMT$/,
  /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/,
];

/** Milliseconds since 1970; undefined for what is no date of HTTP. */
function dateOf(text: unknown): number | undefined {
  if (typeof text !== 'string' || !DATES.some((form) => form.test(text))) return undefined;
  const time = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(time) ? undefined : time;
}

/**
 * Milliseconds for which the server that refused with this error wants to be left alone (RFC 9110
 * section 10.2.3), an hour at the most; 0 where it does not say so.
 */
export function retryAfterMs(
  { httpHeaders = {} }: WebSocketError,
  wallClock: () => number,
): number {
  const { 'retry-after': value, date } = httpHeaders;
  if (typeof value !== 'string') return 0;
  let askedMs = 0;
  if (/^\d+$/.test(value)) askedMs = Number(value) * 1000;
  else {
    const until = dateOf(value);
    // By the server's own clock, if it tells the time: ours may be another one.
    if (until !== undefined) askedMs = until - (dateOf(date) ?? wallClock());
  }
  return Math.min(Math.max(askedMs, 0), MOST_ASKED_MS);
}

/** The delay that a refusing server asks for with Retry-After. Pure. */
import { Date } from '../base/platform.js';
import type { WebSocketError } from '../errors/errors.js';

/** The longest delay that is honoured: after a longer one, a server that is back goes unnoticed. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

/**
 * RFC 9110 section 5.6.7: the preferred form of a date, and two obsolete ones that a recipient
 * "MUST" accept, of which the last has no time zone.
 */
const DATES: readonly RegExp[] = [
  /^\w{3}, \d{2} \w{3} \d{4} \d\d:\d\d:\d\d GMT$/,
  /^\w{6,9}, \d{2}-\w{3}-\d{2} \d\d:\d\d:\d\d GMT$/,
  /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/,
];

/** Milliseconds since 1970; undefined if `text` is no HTTP date. */
function dateOf(text: unknown): number | undefined {
  if (typeof text !== 'string' || !DATES.some((form) => form.test(text))) return undefined;
  const time = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(time) ? undefined : time;
}

/**
 * Milliseconds that the Retry-After of a refusal asks for (RFC 9110 section 10.2.3), an hour at the
 * most; 0 without one.
 */
export function retryAfterMs(
  { httpHeaders = {} }: WebSocketError,
  wallClock: () => number,
): number {
  const { 'retry-after': value, date } = httpHeaders;
  if (typeof value !== 'string') return 0;
  let delayMs = 0;
  if (/^\d+$/.test(value)) delayMs = Number(value) * 1000;
  else {
    const until = dateOf(value);
    // By the server's Date, if there is one: the local clock may differ.
    if (until !== undefined) delayMs = until - (dateOf(date) ?? wallClock());
  }
  return Math.min(Math.max(delayMs, 0), MAX_RETRY_AFTER_MS);
}

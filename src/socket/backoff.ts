/** When to connect again: the results of earlier attempts, and the next pause. Pure. */
import type { ReconnectSettings } from '../options/reconnect.js';

/** The results of the latest attempts. */
export interface Streak {
  /** Attempts that failed since a connection was open. */
  readonly failed: number;
  /** Pauses since the beginning, or since a connection stayed open for `resetAfter`. */
  readonly pauses: number;
}

export const NO_ATTEMPT: Streak = { failed: 0, pauses: 0 };

/** Changes of a streak. */
export const after = {
  /** An attempt failed. */
  failure: ({ failed, pauses }: Streak): Streak => ({ failed: failed + 1, pauses }),

  /** A connection ended after `openMs`. */
  connection: (
    { pauses }: Streak,
    openMs: number,
    { resetAfterMs }: Pick<ReconnectSettings, 'resetAfterMs'>,
  ): Streak => ({ failed: 0, pauses: openMs >= resetAfterMs ? 0 : pauses }),

  /** A pause has passed. */
  pause: ({ failed, pauses }: Streak): Streak => ({ failed, pauses: pauses + 1 }),
};

/** 2^64 ms exceeds any maxDelay. Without a bound, `0 * 2 ** pauses` would become NaN. */
const MOST_DOUBLINGS = 64;

/**
 * Milliseconds of the pause before the next attempt. `random` (from 0 on, below 1) picks a point in
 * the upper half, so that the clients of one server do not all reconnect at once. The pause is at
 * least `requestedDelayMs`, the server's Retry-After.
 */
export function pauseMs(
  { pauses }: Streak,
  { minDelayMs, maxDelayMs }: Pick<ReconnectSettings, 'minDelayMs' | 'maxDelayMs'>,
  random: number,
  requestedDelayMs = 0,
): number {
  const whole = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(pauses, MOST_DOUBLINGS));
  return Math.max(Math.ceil((whole * (1 + random)) / 2), requestedDelayMs);
}

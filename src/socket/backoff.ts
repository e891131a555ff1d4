/** When to connect again: how attempts have gone, and the pause that follows. Pure. */
import type { ReconnectSettings } from '../options/reconnect.js';

/** How the latest attempts have gone. */
export interface Streak {
  /** Attempts that failed since a connection was open. */
  readonly failed: number;
  /** Pauses since the beginning, or since a connection stayed open for `resetAfter`. */
  readonly pauses: number;
}

export const NO_ATTEMPT: Streak = { failed: 0, pauses: 0 };

/** What changes a streak. */
export const after = {
  /** An attempt failed. */
  failure: ({ failed, pauses }: Streak): Streak => ({ failed: failed + 1, pauses }),

  /** A connection that was open for so long is over. */
  connection: (
    { pauses }: Streak,
    openMs: number,
    { resetAfterMs }: Pick<ReconnectSettings, 'resetAfterMs'>,
  ): Streak => ({ failed: 0, pauses: openMs >= resetAfterMs ? 0 : pauses }),

  /** A pause has passed. */
  pause: ({ failed, pauses }: Streak): Streak => ({ failed, pauses: pauses + 1 }),
};

/** So many make more than any maxDelay of a millisecond; of nothing they make nothing. */
const MOST_DOUBLINGS = 64;

/**
 * Milliseconds of the pause before the next attempt. `random` (from 0 on, below 1) tells where in
 * the upper half: clients that one server has lost do not all come back at once. `askedMs` is what
 * the server asked for, which is kept to.
 */
export function pauseMs(
  { pauses }: Streak,
  { minDelayMs, maxDelayMs }: Pick<ReconnectSettings, 'minDelayMs' | 'maxDelayMs'>,
  random: number,
  askedMs = 0,
): number {
  const whole = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(pauses, MOST_DOUBLINGS));
  return Math.max(Math.ceil((whole * (1 + random)) / 2), askedMs);
}

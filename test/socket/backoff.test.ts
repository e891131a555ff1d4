// src/socket/backoff.ts: how long the pause before the next attempt is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadModule } from '../support/modules';

interface Streak {
  readonly failed: number;
  readonly pauses: number;
}

const { NO_ATTEMPT, after, pauseMs } = loadModule('socket/backoff') as {
  NO_ATTEMPT: Streak;
  after: {
    failure(streak: Streak): Streak;
    connection(streak: Streak, openMs: number, settings: { resetAfterMs: number }): Streak;
    pause(streak: Streak): Streak;
  };
  pauseMs(
    streak: Streak,
    settings: { minDelayMs: number; maxDelayMs: number },
    random: number,
    requestedDelayMs?: number,
  ): number;
};

const delays = { minDelayMs: 1000, maxDelayMs: 30_000 };
const resetting = { resetAfterMs: 10_000 };

/** The pauses after so many failures in a row. */
function pausesOf(count: number, random: number, settings = delays): number[] {
  let streak = NO_ATTEMPT;
  return Array.from({ length: count }, () => {
    streak = after.failure(streak);
    const ms = pauseMs(streak, settings, random);
    streak = after.pause(streak);
    return ms;
  });
}

test('each pause is twice the one before it, up to the longest', () => {
  const whole = [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000];
  assert.deepEqual(
    pausesOf(7, 0),
    whole.map((ms) => ms / 2),
  );
  assert.deepEqual(pausesOf(7, 1 - Number.EPSILON), whole);
  assert.deepEqual(pausesOf(2, 0.5), [750, 1500]);
});

test('a million failures do not make it longer', () => {
  const streak = { failed: 1e6, pauses: 1e6 };
  assert.equal(pauseMs(streak, delays, 0), 15_000);
  assert.equal(pauseMs(streak, { minDelayMs: 0, maxDelayMs: 0 }, 0.9), 0);
});

test('what the server asks for is kept to, where it is longer', () => {
  assert.equal(pauseMs(NO_ATTEMPT, delays, 0, 2000), 2000);
  assert.equal(pauseMs(NO_ATTEMPT, delays, 0, 100), 500);
});

test('only a connection that stayed open for resetAfter begins anew', () => {
  const streak = { failed: 3, pauses: 3 };
  assert.deepEqual(after.connection(streak, 9999, resetting), { failed: 0, pauses: 3 });
  assert.deepEqual(after.connection(streak, 10_000, resetting), { failed: 0, pauses: 0 });
});

// src/socket/retry-after.ts: what Retry-After says, in each of its forms (RFC 9110 section 10.2.3).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadModule } from '../support/modules';

const { retryAfterMs, MAX_RETRY_AFTER_MS } = loadModule('socket/retry-after') as {
  retryAfterMs(
    error: { httpHeaders?: Record<string, string | string[]> },
    wallClock: () => number,
  ): number;
  MAX_RETRY_AFTER_MS: number;
};

/** RFC 9110 section 5.6.7 has this second in three forms. */
const second = Date.UTC(1994, 10, 6, 8, 49, 37);
const forms = [
  'Sun, 06 Nov 1994 08:49:37 GMT',
  'Sunday, 06-Nov-94 08:49:37 GMT',
  'Sun Nov  6 08:49:37 1994',
];

const asked = (value: string | string[], date?: string): number =>
  retryAfterMs(
    { httpHeaders: { 'retry-after': value, ...(date === undefined ? {} : { date }) } },
    () => second - 5000,
  );

test('seconds', () => {
  assert.equal(asked('0'), 0);
  assert.equal(asked('120'), 120_000);
});

for (const form of forms) {
  test(`a date: ${form}`, () => {
    assert.equal(asked(form), 5000);
    // The server's clock is an hour behind ours, and it is the one that counts.
    assert.equal(asked(form, 'Sun, 06 Nov 1994 08:49:30 GMT'), 7000);
  });
}

test('a date that has passed', () => {
  assert.equal(asked('Sat, 05 Nov 1994 08:49:37 GMT'), 0);
});

test('more than an hour is an hour', () => {
  assert.equal(MAX_RETRY_AFTER_MS, 3_600_000);
  for (const value of ['3601', '31536000', '9'.repeat(400), 'Tue, 06 Nov 2035 08:49:37 GMT']) {
    assert.equal(asked(value), MAX_RETRY_AFTER_MS, value);
  }
});

test('what is neither, and what does not stand there', () => {
  const nothing = ['', '-1', '1.5', '1 ', 'soon', '2035-11-06', 'Sun, 99 Nov 1994 08:49:37 GMT'];
  for (const value of nothing) assert.equal(asked(value), 0, value);
  assert.equal(asked(['1', '2']), 0);
  assert.equal(
    retryAfterMs({}, () => second),
    0,
  );
  assert.equal(
    retryAfterMs({ httpHeaders: {} }, () => second),
    0,
  );
});

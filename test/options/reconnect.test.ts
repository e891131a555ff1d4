// src/options/reconnect.ts: what each of webSocketConnections' own options may be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadModule } from '../support/modules';

const { readReconnect } = loadModule('options/reconnect') as {
  readReconnect(value: unknown): Record<string, unknown>;
};

const codeAndMessage = (value: unknown): [code: string, message: string] => {
  try {
    readReconnect(value);
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return [code, message];
  }
  throw new assert.AssertionError({ message: 'it was taken' });
};

test('the defaults', () => {
  const defaults = {
    minDelayMs: 1000,
    maxDelayMs: 30_000,
    resetAfterMs: 10_000,
    maxAttempts: Infinity,
    shouldRetry: undefined,
    onRetry: undefined,
  };
  assert.deepEqual(readReconnect(undefined), defaults);
  assert.deepEqual(readReconnect({ minDelay: undefined, onRetry: undefined }), defaults);
});

test('seconds become milliseconds', () => {
  const { minDelayMs, maxDelayMs, resetAfterMs } = readReconnect({
    minDelay: 0.0301,
    maxDelay: 2,
    resetAfter: 0,
  });
  assert.deepEqual([minDelayMs, maxDelayMs, resetAfterMs], [31, 2000, 0]);
  assert.equal(readReconnect({ maxDelay: Infinity })['maxDelayMs'], 2 ** 31 * 1000);
  assert.equal(readReconnect({ resetAfter: Infinity })['resetAfterMs'], Infinity);
});

test('one delay alone moves the default of the other', () => {
  assert.equal(readReconnect({ minDelay: 60 })['maxDelayMs'], 60_000);
  assert.equal(readReconnect({ maxDelay: 0.5 })['minDelayMs'], 500);
});

const wrong: [value: unknown, code: string, message: RegExp][] = [
  [null, 'WSFD_INVALID_OPTION', /reconnect: expected an object with minDelay, .*, got null/],
  [5, 'WSFD_INVALID_OPTION', /reconnect: expected an object with .*, got 5/],
  [[], 'WSFD_INVALID_OPTION', /reconnect: expected an object with .*, got an array of 0/],
  [{ minDelya: 1 }, 'WSFD_UNKNOWN_OPTION', /"reconnect.minDelya"; .*"reconnect.minDelay"$/],
  [{ minDelay: -1 }, 'WSFD_INVALID_OPTION', /reconnect.minDelay: expected a number of seconds/],
  [{ maxDelay: '30' }, 'WSFD_INVALID_OPTION', /got "30"; write 30 without quotes/],
  [{ resetAfter: NaN }, 'WSFD_INVALID_OPTION', /reconnect.resetAfter: .*, got NaN/],
  [{ minDelay: 2, maxDelay: 1 }, 'WSFD_INVALID_OPTION', /minDelay: more than reconnect.maxDelay/],
  [{ maxAttempts: 0 }, 'WSFD_INVALID_OPTION', /reconnect.maxAttempts: expected a whole number/],
  [{ maxAttempts: 1.5 }, 'WSFD_INVALID_OPTION', /reconnect.maxAttempts: .*, got 1.5/],
  [{ shouldRetry: true }, 'WSFD_INVALID_OPTION', /shouldRetry: expected a function, got true/],
  [{ onRetry: {} }, 'WSFD_INVALID_OPTION', /onRetry: expected a function, got an object/],
  [{ maxRetries: 3 }, 'WSFD_UNKNOWN_OPTION', /"reconnect.maxRetries"; write \{ maxAttempts: 5 \}/],
];

for (const [value, code, message] of wrong) {
  test(`wrong: ${String(message)}`, () => {
    const [gotCode, gotMessage] = codeAndMessage(value);
    assert.equal(gotCode, code);
    assert.match(gotMessage, message);
  });
}

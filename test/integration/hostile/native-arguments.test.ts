// The addon's functions with values that src/ never hands over: each is refused with an exception that
// says what was expected, or comes to nothing. No number is taken for another that it would become.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInChild } from '../../support/child';
import type { Inside } from '../../support/child';

// This file runs as out/test/integration/hostile/native-arguments.test.js.
const root = join(__dirname, '../../../..');

interface Call {
  name: string;
  values: unknown[];
  /** The exception's code and message; else what came back. */
  came: unknown;
}

/** What the addon alone, without src/, says to calls. Numbers that JSON has not come as text. */
function ask({ load }: Inside, given: { at: string; calls: [string, unknown[]][] }) {
  const build = load('node-gyp-build') as (
    at: string,
  ) => Record<string, (...of: unknown[]) => unknown>;
  const native = build(given.at);
  const unpack = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(unpack);
    const text = typeof value === 'string' && value.startsWith('number ') ? value.slice(7) : '';
    if (text !== '') return Number(text);
    if (typeof value === 'string' && value.startsWith('bytes '))
      return Buffer.alloc(Number(value.slice(6)));
    if (typeof value === 'string' && value.startsWith('units '))
      return 'x'.repeat(Number(value.slice(6)));
    if (value === 'inbox') return { onOpenFailed: () => undefined };
    return value === 'undefined' ? undefined : value;
  };
  return given.calls.map(([name, values]) => {
    try {
      const came = native[name]?.(...values.map(unpack));
      return { name, values, came: came === undefined ? 'undefined' : came };
    } catch (error) {
      const { code, message } = error as Error & { code: string };
      return { name, values, came: `${code}: ${message}` };
    }
  });
}

async function run(calls: [string, unknown[]][]): Promise<Call[]> {
  const { value, signal, stderr } = await runInChild(ask, { at: root, calls });
  assert.ok(value !== undefined, `${String(signal)}: ${stderr}`);
  return value;
}

const noNumbers = ['number NaN', 'number Infinity', 'number -Infinity', 'number 1e300'];

test('a slot that is none', async () => {
  const slots = [-1, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 32), 'number 1e300', 'text', 'undefined'];
  const names = [
    ...['send', 'writeText', 'writeBinary', 'drain', 'pause', 'resume', 'release', 'terminate'],
    ...['info', 'bufferedAmount', 'writeTexts', 'writeStaged', 'writeMany', 'writePacked'],
  ];
  for (const { name, came, values } of await run(
    names.flatMap((name) => slots.map((slot): [string, unknown[]] => [name, [slot, 'x']])),
  )) {
    const expected = {
      ...{ writeText: 1, writeBinary: 1, drain: 2, bufferedAmount: 0 },
      ...{ send: 'undefined', pause: 'undefined', resume: 'undefined', release: 'undefined' },
      ...{ terminate: 'undefined', info: 'undefined' },
      ...{ writeTexts: 'undefined', writeStaged: 'undefined' },
      ...{ writeMany: 'undefined', writePacked: 'undefined' },
    }[name];
    assert.equal(came, expected, `${name} ${String(values[0])}`);
  }
});

test('numbers beside the slot', async () => {
  const bad = [-1, 65_536, 1.5, 2 ** 32, 2 ** 53, ...noNumbers];
  const calls = [
    ...bad.map((code): [string, unknown[]] => ['close', [-1, code, '']]),
    ...[-1, 2 ** 32, ...noNumbers].map((one): [string, unknown[]] => ['stopTimer', [one]]),
    ...[-1, 0.5, 2 ** 31, ...noNumbers].map((ms): [string, unknown[]] => ['run', [-1, ms]]),
    ...[0, -1, 128, 1.5, ...noNumbers].map((one): [string, unknown[]] => ['watchSignals', [[one]]]),
  ];
  for (const { came, name } of await run(calls)) {
    assert.match(
      String(came),
      /^WSFD_INTERNAL: wsfd: expected a whole number from \d+ to \d+, got /,
      name,
    );
  }
  const good: [string, unknown[]][] = [
    ['close', [-1, 65_535, '']],
    ['run', [-1, 0]],
    ['ping', [-1, 'number NaN']],
    ['stopTimer', [7]],
    ['copyBatch', []],
    ['watchSignals', [[]]],
  ];
  assert.deepEqual(
    (await run(good)).map(({ came }) => came),
    [false, 0, false, 'undefined', 'undefined', 'undefined'],
  );
});

test('what is no number, or is missing', async () => {
  const calls: [string, unknown[]][] = [
    ['close', [-1, 'text', '']],
    ['close', [-1]],
    ['run', [-1, 'undefined']],
    ['ping', [-1, 'text']],
    ['watchSignals', [5]],
  ];
  for (const { came } of await run(calls)) assert.match(String(came), /^WSFD_INTERNAL: wsfd: /);
});

test('joined messages that are none, and too many or too long ones', async () => {
  const joined = [5, 'undefined', 'bytes 3', 'units 32769', 'units 32768', 'grün'];
  const counts = [0, 1, 509, 2 ** 32 - 1, -1, 'text', 'undefined', ...noNumbers];
  const calls = [
    ['setUp', ['inbox', `bytes ${512 * (64 + 4)}`, true]] as [string, unknown[]],
    ...joined.map((text): [string, unknown[]] => ['writeTexts', [-1, text, 1]]),
    ...counts.map((count): [string, unknown[]] => ['writeTexts', [-1, 'x', count]]),
    ...counts.map((count): [string, unknown[]] => ['writeStaged', [-1, 1, count]]),
    ...[512 * 64, 512 * 64 + 1, ...counts].map((size): [string, unknown[]] => [
      'writeStaged',
      [-1, size, 1],
    ]),
  ];
  // (the staging area is set, the callbacks of this inbox are not)
  const [, ...refused] = await run(calls);
  for (const { came } of refused) assert.equal(came, 'undefined');
});

test('a staging area of another size', async () => {
  const size = 512 * (64 + 4);
  const areas = [0, 1, 64, size - 1, size + 1, 2 * size].map((bytes) => `bytes ${bytes}`);
  const calls = [...areas, 'text'].map((area): [string, unknown[]] => [
    'setUp',
    ['inbox', area, true],
  ]);
  for (const { came } of await run(calls)) {
    assert.equal(came, `WSFD_INTERNAL: wsfd: expected a Buffer of ${size} bytes`);
  }
});

test('an option that is out of its range', async () => {
  const [call] = await run([['open', ['inbox', ['127.0.0.1', 65_536]]]]);
  const { detail } = call?.came as { detail: string };
  assert.match(detail, /: expected a whole number from 0 to 65535, got 65536$/);
});

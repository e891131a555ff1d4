// PackedBatch.json(): the same values as a JSON.parse for each message, or a SyntaxError that names the
// first that is none.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { webSocketSubscribePacked } from 'wsfd';
import { extent } from '../../support/long';
import type * as PackedBatches from '../../../dist/socket/packed-batch.js';
import { open } from '../../support/calls';
import { binary, text } from '../../support/frames';
import { randomNumbers } from '../../support/random-messages';
import { startRawServer } from '../../support/raw-server';

// Not part of the package's interface.
const { packMessages } = createRequire(require.resolve('wsfd'))(
  '../modules/socket/packed-batch.js',
) as typeof PackedBatches;

type Outcome = { values: unknown[] } | { error: string };

/** Parses one by one. */
function reference(messages: readonly (string | Buffer)[]): Outcome {
  const values: unknown[] = [];
  for (const [i, message] of messages.entries()) {
    if (typeof message !== 'string') return { error: `message ${i} of the batch is binary` };
    try {
      values.push(JSON.parse(message));
    } catch {
      return { error: `message ${i} of the batch is no JSON` };
    }
  }
  return { values };
}

/** Sends lists of messages, each of which comes as one batch, and gives what json() makes of it. */
async function parser(
  t: TestContext,
): Promise<(messages: readonly (string | Buffer)[]) => Promise<Outcome>> {
  const server = await startRawServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  const connection = await server.connections.next();
  let expected = 0;
  let told: (outcome: Outcome) => void = () => undefined;
  webSocketSubscribePacked(socket, (batch) => {
    assert.equal(batch.length, expected, 'the messages came in one batch');
    try {
      told({ values: batch.json() });
    } catch (error) {
      assert.ok(error instanceof SyntaxError);
      told({ error: error.message.split(':', 1).join() });
    }
  });
  return (messages) =>
    new Promise((resolve) => {
      expected = messages.length;
      told = resolve;
      // (cut by nobody on its way: less than a segment of the loopback interface)
      connection.send(...messages.map((it) => (typeof it === 'string' ? text(it) : binary(it))));
    });
}

const lists: readonly (string | Buffer)[][] = [
  ['1', '"two"', 'null', '{"a":[1,{"b":"]"}]}', '[]', ' {} ', '\t[\n1\r]\n'],
  ['1,2'],
  ['1,2', '3'],
  ['1', '2,3'],
  ['1],[2'],
  ['1],[2', '3'],
  ['[3', '4]'],
  ['[3', '4],5'],
  ['5,[3', '4]'],
  ['{"a":1', '"b":2}'],
  ['{"a":[{}', '{}]},{}'],
  ['"a', 'b"'],
  ['"a', 'b","c"'],
  ['["]"', '"[",2],7'],
  ['[', ']'],
  [']', '['],
  ['1', ''],
  ['', '1'],
  [''],
  ['  '],
  ['1', ' ', '2'],
  ['1', Buffer.from('2'), '3'],
  ['x', Buffer.from('2')],
  [Buffer.from('1')],
  ['"\\"[\\""', '"\\\\"', '["\\\\",{"\\"":"\\u005b"}]'],
  ['"\\"', '"'],
  ['"[\\', '"]"'],
  ['1', '\ufeff2'],
  ['"\u2028"', '"\u007f"', '"ß"', '"水"', '"🌊"', '{"ключ":"значение"}'],
  ['"a\nb"'],
  ['1', '2 3'],
  ['[1,]'],
  ['{"__proto__":{"polluted":1}}', '{"length":7}'],
  ['-0', '1e400', '12345678901234567890', '0.1', '01'],
  ['-0', '1e400', '12345678901234567890', '0.1'],
  [`"${'['.repeat(200)}"`, `{"a":"${'}'.repeat(63)}"}`, `"${'\\"'.repeat(100)}"`],
  ['"' + 'x'.repeat(61) + '[', ']' + 'y'.repeat(70) + '"'],
  ['NaN', 'undefined'],
];

test('values, or the first message that is no JSON value', async (t) => {
  const parse = await parser(t);
  for (const list of lists) {
    assert.deepEqual(await parse(list), reference(list), JSON.stringify(list));
  }
});

/** The same without a connection. */
function parsePacked(messages: readonly (string | Buffer)[]): Outcome {
  try {
    return { values: packMessages(messages).json() };
  } catch (error) {
    assert.ok(error instanceof SyntaxError);
    return { error: error.message.split(':', 1).join() };
  }
}

test('pieces of JSON in all orders, against one by one', () => {
  const next = randomNumbers(17);
  const pieces = [...'[]{},:1 \\ü', '{"a":', '"a"', '\\"', '"b":2', '"'];
  const whole = ['1', '{"a":[1,2]}', '"[\\""', '[[],{}]', '"]"', `"${'{'.repeat(70)}"`];
  const one = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const text = (): string => {
    if (next() < 0.4) return one(whole);
    if (next() < 0.3) return one(whole).slice(0, Math.floor(next() * 10));
    return Array.from({ length: 1 + Math.floor(next() * 6) }, () => one(pieces)).join('');
  };
  let good = 0;
  for (let i = 0; i < extent(5000, 1_000_000); i++) {
    const list = Array.from({ length: 1 + Math.floor(next() * 4) }, text);
    const expected = reference(list);
    if ('values' in expected) good++;
    assert.deepEqual(parsePacked(list), expected, JSON.stringify(list));
  }
  assert.ok(good > 500, `${good} were lists of values`);
});

test('a text cut in two or three is never that many values', () => {
  const whole = '1,[{"a":"]","b":[2,3]},4],"x,y",5';
  for (let i = 0; i <= whole.length; i++) {
    for (let j = i; j <= whole.length; j++) {
      const list = [whole.slice(0, i), whole.slice(i, j), whole.slice(j)];
      assert.deepEqual(parsePacked(list), reference(list), JSON.stringify(list));
    }
  }
});

test('an object of a million keys, beside others', () => {
  const keys = Array.from({ length: 1_000_000 }, (_, i) => `"key ${i}":${i}`);
  const messages = ['[1]', `{${keys.join()}}`, '"Ω"'];
  // (as text: comparing a million keys as objects takes seconds)
  assert.equal(JSON.stringify(packMessages(messages).json()), `[${messages.join()}]`);
});

// webSocketWritePacked, and webSocketWriteMany beyond one crossing, as the frames arrive at a server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  getLastError,
  webSocketClose,
  webSocketInfo,
  webSocketWrite,
  webSocketWriteMany,
  webSocketWritePacked,
} from 'wsfd';
import { ok, open } from '../../support/calls';
import { opcodes } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import type { RawConnection } from '../../support/raw-server';

async function connect(
  t: TestContext,
  options = {},
): Promise<{ socket: number; connection: RawConnection }> {
  const server = await startRawServer();
  t.after(() => server.close());
  const socket = await open(server.url, options);
  return { socket, connection: await server.connections.next() };
}

/** What the server gets: opcode and payload of so many frames. */
async function take(connection: RawConnection, count: number): Promise<[number, string][]> {
  const got: [number, string][] = [];
  for (let i = 0; i < count; i++) {
    const { fin, rsv, opcode, payload } = await connection.frames.next();
    assert.deepEqual([fin, rsv], [true, 0]);
    got.push([opcode, payload.toString('latin1')]);
  }
  return got;
}

const bytes = Buffer.from('onetwothree');
const ends = Uint32Array.of(3, 6, 6, 11);

const accepted: [
  name: string,
  args: [count?: number | undefined, kind?: 'text' | 'binary'],
  sent: string[],
][] = [
  ['as binary messages unless it is said', [], ['one', 'two', '', 'three']],
  ['as binary messages', [undefined, 'binary'], ['one', 'two', '', 'three']],
  ['as text messages', [undefined, 'text'], ['one', 'two', '', 'three']],
  ['so many as count says', [2], ['one', 'two']],
  ['all, where count is the length', [4, 'text'], ['one', 'two', '', 'three']],
];

for (const [name, [count, kind], sent] of accepted) {
  test(`messages are sent ${name}`, async (t) => {
    const { socket, connection } = await connect(t);
    await ok(webSocketWritePacked(socket, bytes, ends, count, kind));
    const opcode = kind === 'text' ? opcodes.text : opcodes.binary;
    assert.deepEqual(
      await take(connection, sent.length),
      sent.map((payload) => [opcode, payload]),
    );
    assert.equal(webSocketInfo(socket)?.messagesOut, sent.length);
  });
}

test('none are sent where count is 0, or there are no ends', async (t) => {
  const { socket, connection } = await connect(t);
  await ok(webSocketWritePacked(socket, bytes, ends, 0));
  await ok(webSocketWritePacked(socket, new Uint8Array(0), new Uint32Array(0)));
  await ok(webSocketWritePacked(socket, bytes, Uint32Array.of(3)));
  assert.deepEqual(await take(connection, 1), [[opcodes.binary, 'one']]);
  assert.equal(webSocketInfo(socket)?.messagesOut, 1);
});

test('what is given may be a view, in shared memory too, and may be changed afterwards', async (t) => {
  const { socket, connection } = await connect(t);
  for (const kind of ['text', 'binary'] as const) {
    for (const memory of [new ArrayBuffer(40), new SharedArrayBuffer(40)]) {
      const view = new Uint8Array(memory, 1, 11);
      const where = new Uint32Array(memory, 16, 4);
      view.set(bytes);
      where.set(ends);
      await ok(webSocketWritePacked(socket, view, where, 4, kind));
      view.fill(0);
      where.fill(0);
      const got = await take(connection, 4);
      assert.deepEqual(
        got.map(([, payload]) => payload),
        ['one', 'two', '', 'three'],
      );
    }
  }
});

test('more messages than one batch has, of every length of a header, arrive in order', async (t) => {
  const { socket, connection } = await connect(t);
  const lengths = Array.from({ length: 1100 }, (_, i) => (i === 700 ? 70_000 : i % 300));
  let end = 0;
  const places = Uint32Array.from(lengths, (length) => (end += length));
  const content = Buffer.from(Array.from({ length: end }, (_, i) => i % 251));
  await ok(webSocketWritePacked(socket, content, places));
  let from = 0;
  for (const to of places) {
    const { payload } = await connection.frames.next();
    assert.ok(payload.equals(content.subarray(from, to)));
    from = to;
  }
});

type Args = [bytes: unknown, ends: unknown, count?: unknown, kind?: unknown];
const split = Buffer.from('aé'); // é is two bytes

const refused: [name: string, args: Args, detail: RegExp][] = [
  ['bytes that are a string', ['one', ends], /bytes: expected a Uint8Array/],
  ['bytes that are none', [undefined, ends], /bytes: expected a Uint8Array/],
  ['ends that are a list', [bytes, [3, 6]], /ends: expected a Uint32Array.*Uint32Array\.from/],
  ['ends of another width', [bytes, Uint16Array.of(3)], /ends: expected a Uint32Array/],
  ['more than there are ends', [bytes, ends, 5], /count: expected a whole number from 0 to 4/],
  ['a negative count', [bytes, ends, -1], /count: expected a whole number from 0 to 4/],
  ['a count that is not whole', [bytes, ends, 1.5], /count: expected a whole number/],
  ['a count that is a string', [bytes, ends, '2'], /count: expected a whole number/],
  ['an unknown kind', [bytes, ends, 4, 'utf8'], /kind: expected 'text' or 'binary'/],
  ['an end past the bytes', [bytes, Uint32Array.of(3, 12)], /ends\[1\]: expected a number from 3/],
  ['an end before the one before it', [bytes, Uint32Array.of(3, 2)], /ends\[1\]: .* got 2/],
  [
    'text that is no UTF-8',
    [Buffer.from([0x61, 0xff]), Uint32Array.of(1, 2), 2, 'text'],
    /message 1/,
  ],
  ['a character that is cut', [split, Uint32Array.of(2, 3), 2, 'text'], /message 0 is no UTF-8/],
];

for (const [name, args, detail] of refused) {
  test(`argument error, and nothing is sent: ${name}`, async (t) => {
    const { socket, connection } = await connect(t);
    const call = webSocketWritePacked as (socket: number, ...args: unknown[]) => number;
    assert.equal(call(socket, ...args), -1);
    const [error] = getLastError();
    assert.equal(error?.code, 'WSFD_INVALID_ARGUMENT');
    assert.match(error.message, detail);
    await ok(webSocketWritePacked(socket, bytes, Uint32Array.of(3)));
    assert.deepEqual(await take(connection, 1), [[opcodes.binary, 'one']]);
  });
}

test('past maxBufferedBytes the first messages are sent, and the error names the next one', async (t) => {
  const { socket } = await connect(t, { maxBufferedBytes: 2500 });
  const block = Buffer.alloc(4000, 'x');
  const places = Uint32Array.of(1000, 2000, 3000, 4000);
  assert.equal(webSocketWritePacked(socket, block, places), -1);
  const [error] = getLastError();
  assert.equal(error?.code, 'WSFD_SEND_BUFFER_FULL');
  assert.match(error.message, /message 2: /);
  assert.equal(webSocketInfo(socket)?.messagesOut, 2);
});

test('a socket that is none, and one that is closed', async (t) => {
  const { socket } = await connect(t);
  assert.equal(webSocketWritePacked(123_456, bytes, ends), -1);
  assert.equal(getLastError()[0]?.code, 'WSFD_INVALID_SOCKET');
  const closed = webSocketClose(socket);
  assert.equal(webSocketWritePacked(socket, bytes, ends), -1);
  assert.equal(getLastError()[0]?.code, 'WSFD_INVALID_SOCKET');
  assert.equal(await closed, 0);
});

test('webSocketWriteMany: more than one crossing, text and bytes in turn, in order', async (t) => {
  const { socket, connection } = await connect(t);
  const messages = Array.from({ length: 1300 }, (_, i) =>
    i % 2 === 0 ? `text ${String(i)}` : Buffer.from(`bytes ${String(i)}`),
  );
  await ok(webSocketWriteMany(socket, messages));
  assert.deepEqual(
    await take(connection, messages.length),
    messages.map((message) => [
      typeof message === 'string' ? opcodes.text : opcodes.binary,
      String(message),
    ]),
  );
});

/** Lists of messages that are joined for native code, and those that are not or not as a whole. */
const lists: Record<string, (string | Uint8Array)[]> = {
  'a text': ['one'],
  'empty texts': ['', '', 'a', ''],
  'as many as are joined at once': texts(508),
  'one more': texts(509),
  'several times as many': texts(1600),
  'more units than are joined at once': longTexts(600),
  'a text too long to be joined, between others': [...texts(30), 'x'.repeat(129), ...texts(30)],
  'a text too long to be joined, behind two crossings': [
    ...longTexts(500),
    'x'.repeat(32_769),
    'y',
  ],
  'other text from the beginning': ['grün', ...texts(3)],
  'other text behind those of the first call': [...texts(600), 'Füllstand 水位 🌊', ...texts(600)],
  'halves of a character, each of which is none': ['a\ud83d', '\udf0ab', '\ud83d', '\udf0a'],
  'bytes at the beginning': [Buffer.from('bytes'), ...texts(3)],
  'bytes behind texts': [...texts(3), Buffer.from('bytes'), ...texts(600)],
  'one of bytes': [Buffer.from('one')],
  'as many of bytes as are joined at once': texts(508).map(bytesOf),
  'one more of bytes': texts(509).map(bytesOf),
  'several times as many of bytes': texts(1600).map(bytesOf),
  'more bytes than are joined at once': longTexts(600).map(bytesOf),
  'bytes too long to be joined, between others': [
    ...[...texts(30), 'x'.repeat(129), ...texts(30)].map(bytesOf),
    Buffer.alloc(32_769),
  ],
  'long runs of texts and of bytes': [...texts(30), ...texts(30).map(bytesOf), ...texts(600)],
  'short runs of texts and of bytes': texts(600).map((text, i) => (i % 5 ? text : bytesOf(text))),
  'bytes in shared memory, and parts of others': [
    new Uint8Array(new SharedArrayBuffer(3)).fill(7),
    new Uint8Array(new ArrayBuffer(6), 2, 3).fill(8),
    Buffer.from('another part').subarray(3, 9),
  ],
};

/** As long as a joined text can be, each with its number in it. */
function longTexts(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i).padStart(128, '.'));
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text);
}

function texts(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `text ${String(i)}`.slice(0, i % 9));
}

for (const [name, messages] of Object.entries(lists)) {
  test(`webSocketWriteMany, ${name}: as webSocketWrite sends them`, async (t) => {
    const { socket, connection } = await connect(t);
    await ok(webSocketWriteMany(socket, messages));
    const together = await take(connection, messages.length);
    for (const message of messages) await ok(webSocketWrite(socket, message));
    assert.deepEqual(together, await take(connection, messages.length));
    assert.equal(webSocketInfo(socket)?.messagesOut, 2 * messages.length);
  });
}

/** A list whose own methods and copies give nothing. */
class Empty extends Array<string | Buffer> {
  static override get [Symbol.species](): ArrayConstructor {
    return Empty as unknown as ArrayConstructor;
  }
  override slice(): this {
    return new Empty() as this;
  }
  override [Symbol.iterator](): ArrayIterator<string | Buffer> {
    return [][Symbol.iterator]();
  }
}

test('webSocketWriteMany: a list of a class with methods of its own is sent by its elements', async (t) => {
  const { socket, connection } = await connect(t);
  const messages = new Empty();
  messages.push('a', 'ä', Buffer.from('b'));
  await ok(webSocketWriteMany(socket, messages));
  const sent = await take(connection, 3);
  assert.deepEqual(
    sent.map(([, payload]) => payload),
    ['a', Buffer.from('ä').toString('latin1'), 'b'],
  );
});

test('webSocketWriteMany: past maxBufferedBytes the error names the message, in a later crossing too', async (t) => {
  const { socket } = await connect(t, { maxBufferedBytes: 70_000 });
  const messages = [...Array<string>(600).fill('x'), 'y'.repeat(100_000), 'z'];
  assert.equal(webSocketWriteMany(socket, messages), -1);
  const [error] = getLastError();
  assert.equal(error?.code, 'WSFD_SEND_BUFFER_FULL');
  assert.match(error.message, /messages\[600\]/);
  assert.equal(webSocketInfo(socket)?.messagesOut, 600);
});

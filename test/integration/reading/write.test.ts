// webSocketWrite, as the bytes arrive at the server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { webSocketFlush, webSocketWrite, webSocketWriteMany } from 'wsfd';
import { fails, ok, open } from '../../support/calls';
import { opcodes } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import type { RawConnection } from '../../support/raw-server';

async function connect(t: TestContext): Promise<{ socket: number; connection: RawConnection }> {
  const server = await startRawServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  return { socket, connection: await server.connections.next() };
}

const strings: [name: string, given: string, sent: string][] = [
  ['nothing', '', ''],
  ['ASCII', 'hello', 'hello'],
  ['Latin-1', 'äöü\x80\xff', 'äöü\x80\xff'],
  ['every length of UTF-8', 'aß水🍌', 'aß水🍌'],
  ['NUL', 'a\0b', 'a\0b'],
  ['a byte order mark', '\ufeffx', '\ufeffx'],
  ['a lone high surrogate', '\ud800', '\ufffd'],
  ['a lone low surrogate', 'a\udc00b', 'a\ufffdb'],
  ['a high surrogate at the end', 'x\ud83c', 'x\ufffd'],
  ['surrogates in the wrong order', '\udf4c\ud83c', '\ufffd\ufffd'],
  ['two high surrogates and a low one', '\ud83c\ud83c\udf4c', '\ufffd🍌'],
  [
    'a lone surrogate behind much ASCII',
    `${'a'.repeat(100_000)}\ud800`,
    `${'a'.repeat(100_000)}\ufffd`,
  ],
  ['much Latin-1', 'ä'.repeat(50_000), 'ä'.repeat(50_000)],
  ['much that takes three bytes each', '水'.repeat(50_000), '水'.repeat(50_000)],
];

for (const [name, given, sent] of strings) {
  test(`text: ${name}`, async (t) => {
    const { socket, connection } = await connect(t);
    // Twice: as it stands, and put together from two halves, which engines keep apart.
    const half = given.length >> 1;
    await ok(webSocketWrite(socket, given));
    await ok(webSocketWrite(socket, given.slice(0, half) + given.slice(half)));
    for (let i = 0; i < 2; i++) {
      const { fin, rsv, opcode, payload } = await connection.frames.next();
      assert.deepEqual([fin, rsv, opcode], [true, 0, opcodes.text]);
      assert.ok(payload.equals(Buffer.from(sent)), payload.subarray(0, 50).toString('hex'));
    }
  });
}

const pool = Buffer.from('0123456789');

function sharedBytes(text: string): Uint8Array {
  const view = new Uint8Array(new SharedArrayBuffer(text.length));
  view.set(Buffer.from(text));
  return view;
}

const binaries: [name: string, given: () => Uint8Array, sent: string][] = [
  ['a Uint8Array', () => new Uint8Array([0x61, 0x62]), 'ab'],
  ['a Buffer', () => Buffer.from('ab'), 'ab'],
  ['an empty one', () => new Uint8Array(0), ''],
  ['a view with an offset', () => pool.subarray(3, 6), '345'],
  ['a view up to the end', () => new Uint8Array(pool.buffer, pool.byteOffset + 8, 2), '89'],
  ['a view that starts at an odd byte', () => pool.subarray(1, 10), '123456789'],
  ['an empty view with an offset', () => pool.subarray(4, 4), ''],
  ['a view of a SharedArrayBuffer', () => sharedBytes('shared'), 'shared'],
  ['a subclass', () => new (class extends Uint8Array {})([0x61]), 'a'],
];

for (const [name, given, sent] of binaries) {
  test(`binary: ${name}`, async (t) => {
    const { socket, connection } = await connect(t);
    await ok(webSocketWrite(socket, given()));
    await ok(webSocketWriteMany(socket, [given(), given()]));
    for (let i = 0; i < 3; i++) {
      const { fin, opcode, payload } = await connection.frames.next();
      assert.deepEqual([fin, opcode, payload.toString()], [true, opcodes.binary, sent]);
    }
  });
}

function detached(): Uint8Array {
  const view = new Uint8Array(8);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
}

/** A view that its shrunken buffer no longer holds; a detached one where nothing can shrink. */
function outOfBounds(): Uint8Array {
  const Resizable = ArrayBuffer as unknown as new (
    size: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer & { resize?: (size: number) => void };
  const buffer = new Resizable(16, { maxByteLength: 16 });
  const view = new Uint8Array(buffer, 8, 8);
  if (buffer.resize === undefined) return detached();
  buffer.resize(4);
  return view;
}

const notMessages: [name: string, given: () => unknown][] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['a number', () => 5],
  ['a boolean', () => true],
  ['an object', () => ({})],
  ['a list of bytes', () => [1, 2]],
  ['a boxed string', () => Object('x') as unknown],
  ['an ArrayBuffer', () => new ArrayBuffer(2)],
  ['a SharedArrayBuffer', () => new SharedArrayBuffer(2)],
  ['a DataView', () => new DataView(new ArrayBuffer(2))],
  ['an Int8Array', () => new Int8Array(2)],
  ['a Uint8ClampedArray', () => new Uint8ClampedArray(2)],
  ['a Uint16Array', () => new Uint16Array(2)],
  ['a Float64Array', () => new Float64Array(2)],
  ['a BigInt64Array', () => new BigInt64Array(2)],
  ['what only claims to be a Uint8Array', () => Object.create(Uint8Array.prototype) as unknown],
  ['a detached Uint8Array', detached],
  ['a Uint8Array that is out of bounds', outOfBounds],
];

for (const [name, given] of notMessages) {
  test(`not a message: ${name}`, async (t) => {
    const { socket, connection } = await connect(t);
    const value = given() as string;
    for (const call of [
      () => webSocketWrite(socket, value),
      () => webSocketWriteMany(socket, [value]),
    ]) {
      const error = await fails(call, 'WSFD_INVALID_ARGUMENT');
      assert.equal(error.category, 'usage');
    }
    await ok(webSocketWrite(socket, 'the next'));
    assert.equal((await connection.frames.next()).payload.toString(), 'the next');
  });
}

test('what is changed after the call does not change what is sent', async (t) => {
  const { socket, connection } = await connect(t);
  for (const size of [3, 1000, 100_000, 5_000_000]) {
    const bytes = Buffer.alloc(size, 'a');
    await ok(webSocketWrite(socket, bytes));
    bytes.fill('b');
    await ok(webSocketWriteMany(socket, [bytes]));
    bytes.fill('c');
    for (const letter of ['a', 'b']) {
      const { payload } = await connection.frames.next();
      assert.ok(payload.equals(Buffer.alloc(size, letter)), `${size} bytes of ${letter}`);
    }
    assert.ok(bytes.equals(Buffer.alloc(size, 'c')), "masking touched the caller's bytes");
  }
});

test('each frame has a masking key of its own', async (t) => {
  const { socket, connection } = await connect(t);
  const count = 2000;
  await ok(webSocketWriteMany(socket, Array<string>(count).fill('x')));
  const keys = new Set<string>();
  for (let i = 0; i < count; i++) {
    keys.add((await connection.frames.next()).maskKey.toString('hex'));
  }
  // Two of 2000 random keys are the same once in 2000 runs, three pairs never.
  assert.ok(keys.size > count - 3, `${count - keys.size} repeated`);
});

test('writes of one tick arrive in their order', async (t) => {
  const { socket, connection } = await connect(t);
  await ok(webSocketWrite(socket, 'a'));
  await ok(webSocketWriteMany(socket, ['b', Buffer.from('c'), '', 'd']));
  assert.equal(webSocketWrite(socket, 'x'.repeat(200_000)), 0);
  assert.equal(webSocketWrite(socket, 'e'), 0);
  const payloads: string[] = [];
  for (let i = 0; i < 7; i++) payloads.push((await connection.frames.next()).payload.toString());
  assert.deepEqual(payloads, ['a', 'b', 'c', '', 'd', 'x'.repeat(200_000), 'e']);
});

test('an empty list is written at once', async (t) => {
  const { socket, connection } = await connect(t);
  await ok(webSocketWriteMany(socket, []));
  await ok(webSocketWrite(socket, 'next'));
  assert.equal((await connection.frames.next()).payload.toString(), 'next');
});

test('a flush gives 0 when all is with the operating system', async (t) => {
  const { socket, connection } = await connect(t);
  await ok(webSocketFlush(socket));
  await ok(webSocketWrite(socket, Buffer.alloc(1_000_000)));
  await ok(webSocketFlush(socket));
  await connection.frames.next();
});

// send() and bufferedAmount.
import assert from 'node:assert/strict';
import { Blob } from 'node:buffer';
import { test } from 'node:test';
import { opcodes } from '../support/frames';
import {
  WebSocket,
  isPlatform,
  next,
  openEcho,
  openRaw,
  throwsDom,
  toEcho,
} from '../support/websocket';

type Data = Parameters<WebSocket['send']>[0];

test('send() before it is open is an InvalidStateError', async (t) => {
  const { socket } = await toEcho(t);
  throwsDom(() => socket.send('x'), 'InvalidStateError');
  throwsDom(() => socket.send(new Blob(['x'])), 'InvalidStateError');
  assert.equal(socket.bufferedAmount, 0);
  // The argument is looked at first.
  assert.throws(() => Reflect.apply(WebSocket.prototype.send, socket, []), TypeError);
  assert.throws(() => socket.send(Symbol('x') as unknown as string), TypeError);
});

const bytes = Uint8Array.from({ length: 300 }, (_, i) => i);
const { buffer } = bytes;

const sent: [name: string, data: unknown, received: string | Uint8Array][] = [
  ['an empty text', '', ''],
  ['text', 'größer 日本 😀\0', 'größer 日本 😀\0'],
  ['lone surrogates', 'a\ud800b\udc00', 'a\ufffdb\ufffd'],
  ['an ArrayBuffer', buffer, bytes],
  ['an empty ArrayBuffer', new ArrayBuffer(0), new Uint8Array(0)],
  ['a Buffer', Buffer.from('abc'), Buffer.from('abc')],
  ['a part of a buffer', new Uint8Array(buffer, 3, 5), bytes.slice(3, 8)],
  ['a Float64Array', new Float64Array(buffer, 8, 2), bytes.slice(8, 24)],
  ['a DataView', new DataView(buffer, 7, 3), bytes.slice(7, 10)],
  ['a Blob', new Blob(['bl', 'ob']), Buffer.from('blob')],
  ['an empty Blob', new Blob([]), new Uint8Array(0)],
  ['null', null, 'null'],
  ['undefined', undefined, 'undefined'],
  ['a number', 0.5, '0.5'],
  ['an array', [1, 2], '1,2'],
  ['an object', { toString: () => 'object' }, 'object'],
  ['a SharedArrayBuffer', new SharedArrayBuffer(2), '[object SharedArrayBuffer]'],
];

for (const [name, data, received] of sent) {
  test(`${name} arrives`, async (t) => {
    const { socket } = await openEcho(t);
    socket.binaryType = 'arraybuffer';
    socket.send(data as Data);
    const echo = (await next(socket, 'message')).data;
    const got = typeof echo === 'string' ? echo : new Uint8Array(echo as ArrayBuffer);
    assert.deepEqual(got, typeof received === 'string' ? received : Uint8Array.from(received));
  });
}

/** A Blob as other implementations have it: of no class of Node's. */
class ForeignBlob {
  readonly type: string = '';
  readonly [Symbol.toStringTag]: string = 'Blob';
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }
  get size(): number {
    return Buffer.byteLength(this.#text);
  }
  arrayBuffer(): Promise<ArrayBuffer> {
    return Promise.resolve(new Uint8Array(Buffer.from(this.#text)).buffer);
  }
}

class ForeignFile extends ForeignBlob {
  override readonly [Symbol.toStringTag] = 'File';
}

const foreign = (text: string, Class = ForeignBlob): Data => new Class(text) as unknown as Data;

test('a Blob of another implementation arrives', { skip: isPlatform }, async (t) => {
  const { socket, connection } = await openRaw(t);
  const messages = [foreign('größer'), 'text', foreign('', ForeignFile), foreign('f', ForeignFile)];
  for (const message of messages) socket.send(message);
  assert.equal(socket.bufferedAmount, 8 + 4 + 0 + 1);
  socket.close(3000);
  socket.send(foreign('late'));
  await next(socket, 'close');
  assert.equal(socket.bufferedAmount, 4);
  const frames = connection.frames.all.map(({ opcode, payload }) => [opcode, payload.toString()]);
  assert.deepEqual(frames.slice(0, -1), [
    [opcodes.binary, 'größer'],
    [opcodes.text, 'text'],
    [opcodes.binary, ''],
    [opcodes.binary, 'f'],
  ]);
});

test('a Blob that has no arrayBuffer() is a TypeError', { skip: isPlatform }, async (t) => {
  const { socket } = await openEcho(t);
  const blob = { size: 1, type: '', [Symbol.toStringTag]: 'Blob' };
  assert.throws(() => socket.send(blob as unknown as Data), TypeError);
  assert.equal(socket.bufferedAmount, 0);
});

test('what only has the name of a Blob is text', async (t) => {
  const { socket } = await openEcho(t);
  const complete = { size: 1, type: '', arrayBuffer: () => Promise.resolve(new ArrayBuffer(1)) };
  const other = [{ size: -1 }, { size: NaN }, { size: '1' }, { type: 1 }];
  for (const members of other) {
    const object: object = { ...complete, ...members, [Symbol.toStringTag]: 'Blob' };
    socket.send(object as Data);
    assert.equal((await next(socket, 'message')).data, '[object Blob]');
  }
  socket.send(complete as unknown as Data);
  assert.equal((await next(socket, 'message')).data, '[object Object]');
});

test('a view of shared memory is a TypeError', { skip: isPlatform }, async (t) => {
  const { socket } = await openEcho(t);
  const shared = new SharedArrayBuffer(8);
  const views = [new Uint8Array(shared), new DataView(shared), new Float64Array(shared)];
  for (const view of views) assert.throws(() => socket.send(view), TypeError);
  assert.equal(socket.bufferedAmount, 0);
});

test('a resizable buffer is a TypeError', { skip: isPlatform }, async (t) => {
  const Resizable = ArrayBuffer as new (length: number, options: object) => ArrayBuffer;
  const resizable = new Resizable(8, { maxByteLength: 16 });
  if (!(resizable as { resizable?: boolean }).resizable) {
    t.skip('this Node has no resizable buffers');
    return;
  }
  const { socket } = await openEcho(t);
  assert.throws(() => socket.send(resizable), TypeError);
  assert.throws(() => socket.send(new Uint8Array(resizable)), TypeError);
});

test('a detached buffer has no bytes', async (t) => {
  const { socket, connection } = await openRaw(t);
  const gone = new Uint8Array([1, 2, 3]);
  structuredClone(gone, { transfer: [gone.buffer] });
  socket.send(gone);
  socket.send(gone.buffer);
  for (let i = 0; i < 2; i++)
    assert.equal((await connection.next(opcodes.binary)).payload.length, 0);
});

test('bytes may be changed once they are sent', async (t) => {
  const { socket, connection } = await openRaw(t);
  const own = Buffer.from('abc');
  socket.send(new Blob(['first']));
  socket.send(own);
  own.fill('x');
  assert.equal((await connection.next(opcodes.binary)).payload.toString(), 'first');
  assert.equal((await connection.next(opcodes.binary)).payload.toString(), 'abc');
});

test('the order is kept where a Blob has to be read', async (t) => {
  const { socket, connection } = await openRaw(t);
  const messages: Data[] = ['1', new Blob(['2']), '3', new Blob(['4']), Buffer.from('5'), '6'];
  for (const message of messages) socket.send(message);
  assert.equal(socket.bufferedAmount, 6);
  socket.close(3000);
  assert.equal(socket.readyState, WebSocket.CLOSING);
  assert.equal((await next(socket, 'close')).code, 3000);
  const frames = connection.frames.all.map(({ payload }) => payload.toString('latin1'));
  assert.deepEqual(frames, ['1', '2', '3', '4', '5', '6', '\x0b\xb8']);
  assert.equal(socket.bufferedAmount, 0);
});

test('bufferedAmount is what was sent in this task, in bytes of UTF-8', async (t) => {
  const { socket } = await openEcho(t);
  socket.send('ascii');
  assert.equal(socket.bufferedAmount, 5);
  socket.send('größer 😀');
  assert.equal(socket.bufferedAmount, 18);
  socket.send('\ud800');
  assert.equal(socket.bufferedAmount, 21);
  socket.send(new ArrayBuffer(10));
  socket.send(new Blob(['blob']));
  assert.equal(socket.bufferedAmount, 35);
  // More than goes out at once.
  socket.send('x'.repeat(1_000_000));
  assert.equal(socket.bufferedAmount, 1_000_035);
  await Promise.resolve();
  assert.ok(socket.bufferedAmount >= 1_000_031);
});

test('bufferedAmount is 0 once all has gone out', async (t) => {
  const { socket } = await openEcho(t);
  for (let i = 0; i < 3; i++) {
    socket.send('x'.repeat(70_000));
    socket.send(new Blob(['blob']));
    await next(socket, 'message');
    await next(socket, 'message');
    assert.equal(socket.bufferedAmount, 0);
  }
});

test('bufferedAmount tells what a server does not take', async (t) => {
  const { socket, connection } = await openRaw(t);
  connection.socket.pause();
  const size = 1 << 20;
  const total = 32 * size;
  for (let i = 0; i < 32; i++) socket.send(new Uint8Array(size));
  assert.equal(socket.bufferedAmount, total);
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  const left = socket.bufferedAmount;
  // Some of it is in the system's buffers, which do not count.
  assert.ok(left > 0 && left < total, String(left));
  socket.send('12345');
  // (give or take a frame's header)
  assert.ok(socket.bufferedAmount >= left + 5 && socket.bufferedAmount <= left + 5 + 14);
  connection.socket.resume();
  while (socket.bufferedAmount !== 0) await new Promise(setImmediate);
  await connection.next(opcodes.text);
});

test('bufferedAmount grows by what is sent after close()', async (t) => {
  const { socket, connection } = await openRaw(t);
  socket.send('sent');
  socket.close();
  socket.send('größer');
  socket.send(new ArrayBuffer(10));
  socket.send(new Blob(['blob']));
  const sentBefore = 4;
  assert.equal(socket.bufferedAmount, sentBefore + 22);
  await next(socket, 'close');
  assert.equal(socket.readyState, WebSocket.CLOSED);
  assert.equal(socket.bufferedAmount, 22);
  socket.send('x');
  assert.equal(socket.bufferedAmount, 23);
  await new Promise(setImmediate);
  assert.equal(socket.bufferedAmount, 23);
  const texts = connection.frames.all.filter(({ opcode }) => opcode === opcodes.text);
  assert.deepEqual(
    texts.map(({ payload }) => payload.toString()),
    ['sent'],
  );
});

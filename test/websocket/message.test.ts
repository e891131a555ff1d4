// The events of messages.
import assert from 'node:assert/strict';
import { Blob } from 'node:buffer';
import { once } from 'node:events';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { MessageEvent as ExportedMessageEvent } from 'wsfd/websocket';
import { binary, close as closeFrame, text } from '../support/frames';
import { startRawServer, switching } from '../support/raw-server';
import { WebSocket, isPlatform, next, openEcho, openRaw, record } from '../support/websocket';

const PlatformMessageEvent = (
  globalThis as unknown as { MessageEvent: new (type: string, init: object) => MessageEvent }
).MessageEvent;
type MessageEvent = ExportedMessageEvent;

test('text', async (t) => {
  const { socket, server } = await openEcho(t);
  socket.send('größer 日本 😀');
  const event = await next(socket, 'message');
  assert.equal(event.data, 'größer 日本 😀');
  assert.equal(event.origin, server.url.slice(0, -1));
  assert.deepEqual([event.lastEventId, event.source, event.ports], ['', null, []]);
});

test('binary, as a Blob or an ArrayBuffer of its own', async (t) => {
  const { socket } = await openEcho(t);
  for (const size of [0, 1, 64, 65, 1000, 4095, 4096, 100_000]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => i * 7);
    socket.binaryType = 'blob';
    socket.send(bytes);
    const blob = (await next(socket, 'message')).data as Blob;
    assert.ok(blob instanceof Blob);
    assert.deepEqual(new Uint8Array(await blob.arrayBuffer()), bytes);
    assert.equal(blob.type, '');
    socket.binaryType = 'arraybuffer';
    socket.send(bytes);
    const buffer = (await next(socket, 'message')).data;
    assert.ok(buffer instanceof ArrayBuffer);
    assert.deepEqual(new Uint8Array(buffer), bytes);
  }
});

test('messages that came together have buffers of their own', async (t) => {
  const { socket, connection } = await openRaw(t);
  socket.binaryType = 'arraybuffer';
  const buffers: ArrayBuffer[] = [];
  socket.addEventListener('message', ({ data }) => buffers.push(data as ArrayBuffer));
  const sizes = [200, 3, 300, 64];
  connection.send(...sizes.map((size) => binary(Buffer.alloc(size, size % 256))));
  while (buffers.length < sizes.length) await next(socket, 'message');
  assert.deepEqual(
    buffers.map(({ byteLength }) => byteLength),
    sizes,
  );
  assert.equal(new Set(buffers).size, sizes.length);
});

test('an event is what every event is', async (t) => {
  const { socket } = await openEcho(t);
  const before = performance.now();
  socket.send('x');
  const during = new Promise<unknown[]>((resolve) => {
    socket.onmessage = (event) => {
      resolve([event.currentTarget, event.eventPhase, event.composedPath()]);
    };
  });
  const event = await next(socket, 'message');
  assert.ok(event instanceof Event && event instanceof PlatformMessageEvent);
  assert.ok(event instanceof ExportedMessageEvent);
  assert.equal(Object.prototype.toString.call(event), '[object MessageEvent]');
  assert.equal(event.constructor, PlatformMessageEvent);
  assert.deepEqual(await during, [socket, 2, [socket]]);
  assert.deepEqual([event.type, event.target, event.srcElement], ['message', socket, socket]);
  assert.deepEqual([event.currentTarget, event.eventPhase, event.composedPath()], [null, 0, []]);
  assert.deepEqual([event.bubbles, event.cancelable, event.composed], [false, false, false]);
  event.preventDefault();
  assert.deepEqual([event.defaultPrevented, event.returnValue], [false, true]);
  assert.ok(event.timeStamp >= before - 1 && event.timeStamp <= performance.now());
  assert.match(inspect(event), /^MessageEvent \{/);
  assert.deepEqual(Object.keys(event), []);
});

test('its members are enumerable', async (t) => {
  const { socket } = await openEcho(t);
  socket.send('x');
  const event = await next(socket, 'message');
  const members = new Set<string>();
  for (const name in event) members.add(name);
  for (const name in new PlatformMessageEvent('message', {})) {
    assert.ok(members.has(name), name);
  }
});

test('every listener sees the current target', { skip: isPlatform }, async (t) => {
  const { socket } = await openEcho(t);
  const seen: unknown[] = [];
  const look = (event: Event): number =>
    seen.push(event.currentTarget === socket, event.eventPhase);
  for (const type of ['message', 'close']) {
    socket.addEventListener(type, (event) => look(event));
    socket.addEventListener(type, (event) => look(event));
  }
  socket.send('x');
  const event = await next(socket, 'message');
  assert.equal(event.isTrusted, true);
  socket.close();
  assert.equal((await next(socket, 'close')).isTrusted, true);
  assert.deepEqual(seen, [true, 2, true, 2, true, 2, true, 2]);
});

test('a library can make a copy of an event, and dispatch the event again', async (t) => {
  const { socket } = await openEcho(t);
  socket.send('x');
  const event = await next(socket, 'message');
  const copy = new PlatformMessageEvent(event.type, event);
  assert.deepEqual([copy.type, copy.data, copy.origin], ['message', 'x', event.origin]);
  const other = new EventTarget();
  const seen: unknown[] = [];
  other.addEventListener('message', (again) => {
    seen.push(again === event, again.target === other, again.currentTarget === other);
  });
  assert.equal(other.dispatchEvent(event), true);
  assert.deepEqual(seen, [true, true, true]);
});

test('each message is a task of its own', { skip: isPlatform }, async (t) => {
  const { socket, connection } = await openRaw(t);
  const order: string[] = [];
  socket.onmessage = async ({ data }) => {
    order.push(`event ${data as string}`);
    process.nextTick(() => order.push('tick'));
    for (let i = 0; i < 5; i++) await Promise.resolve();
    order.push('job');
  };
  connection.send(text('1'), text('2'), closeFrame(1000));
  await next(socket, 'close');
  assert.deepEqual(order, ['event 1', 'tick', 'job', 'event 2', 'tick', 'job']);
});

test(
  'whoever awaits one message misses none that came with it',
  { skip: isPlatform },
  async (t) => {
    const { socket, connection } = await openRaw(t);
    const messages = Array.from({ length: 600 }, (_, i) => text(String(i)));
    connection.send(...messages);
    for (let i = 0; i < messages.length; i++) {
      const [event] = (await once(socket as EventTarget, 'message')) as [MessageEvent];
      assert.equal(event.data, String(i));
    }
  },
);

test('messages that come with the handshake come after open', async (t) => {
  const server = await startRawServer({
    answer: (request) =>
      Buffer.concat([Buffer.from(switching(request)), text('a'), text('b'), closeFrame(1000)]),
  });
  t.after(() => server.close());
  const socket = new WebSocket(server.url);
  const seen = record(socket);
  const states: number[] = [];
  for (const type of ['open', 'message', 'close']) {
    socket.addEventListener(type, () => states.push(socket.readyState));
  }
  await next(socket, 'close');
  assert.deepEqual(seen, ['open', 'message a', 'message b', 'close']);
  assert.deepEqual(states, [1, 1, 1, 3]);
});

test('no message after close() was called', async (t) => {
  const { socket, connection } = await openRaw(t, { leavesCloseToTest: true });
  const seen = record(socket);
  socket.addEventListener('message', () => socket.close());
  connection.send(text('1'), text('2'));
  await connection.nextCloseCode();
  connection.send(text('3'), closeFrame());
  connection.end();
  await next(socket, 'close');
  assert.deepEqual(seen, ['message 1', 'close']);
});

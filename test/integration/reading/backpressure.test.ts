// Neither side fills the other's memory: who does not read is not sent to, and whose output is not
// taken is told so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  webSocketBatches,
  webSocketFlush,
  webSocketInfo,
  webSocketReadMany,
  webSocketSubscribe,
  webSocketSubscribePacked,
  webSocketWrite,
} from 'wsfd';
import type { Message, OpenOptions } from 'wsfd';
import { close, fails, ok, open, read } from '../../support/calls';
import { encodeFrame, opcodes, text } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import type { RawConnection } from '../../support/raw-server';
import { startWsServer } from '../../support/servers';
import { resetIsAnEnd } from '../../support/wine';

// More than a system's socket buffers hold between two processes.
const count = 1024;
const size = 64 * 1024;

interface Pair {
  socket: number;
  connection: RawConnection;
}

async function connect(t: TestContext, options: OpenOptions): Promise<Pair> {
  const server = await startRawServer();
  t.after(() => server.close());
  const socket = await open(server.url, options);
  return { socket, connection: await server.connections.next() };
}

/** Hands `count` numbered messages of `size` bytes to the server's side. */
function sendAll({ connection }: Pair): void {
  for (let i = 0; i < count; i++) {
    const payload = Buffer.alloc(size);
    payload.writeUInt32BE(i);
    connection.send(encodeFrame(opcodes.binary, payload));
  }
}

/**
 * Waits until the server's output has not become less for as long as fifty echoes on another
 * connection take. That it stops at all, short of nothing, is what backpressure means.
 */
async function untilItStops(t: TestContext, { connection }: Pair): Promise<number> {
  const server = await startWsServer();
  t.after(() => server.close());
  const other = await open(server.url);
  let left = NaN;
  let unchanged = 0;
  while (unchanged < 50) {
    await ok(webSocketWrite(other, 'x'));
    await read(other);
    const now = connection.socket.writableLength;
    unchanged = now === left ? unchanged + 1 : 0;
    left = now;
  }
  await close(other);
  return left;
}

function assertInOrder(messages: readonly Message[], first: number): void {
  messages.forEach((message, i) => {
    assert.ok(Buffer.isBuffer(message) && message.length === size);
    assert.equal(message.readUInt32BE(0), first + i);
  });
}

const highWaterMark = 256 * 1024;

test('a socket that nobody reads stops the server, and loses nothing', async (t) => {
  const pair = await connect(t, { receiveHighWaterMark: highWaterMark });
  sendAll(pair);
  assert.ok((await untilItStops(t, pair)) > 0);
  assert.equal(webSocketInfo(pair.socket)?.paused, true);
  const queued = (webSocketInfo(pair.socket)?.messagesIn ?? NaN) * size;
  // What one wake-up brings may come on top.
  assert.ok(queued < highWaterMark + 2 * 1024 * 1024, `${queued} bytes are queued`);
  const into: Message[] = [];
  while (into.length < count) await ok(webSocketReadMany(pair.socket, into));
  assertInOrder(into, 0);
  assert.equal(webSocketInfo(pair.socket)?.paused, false);
  assert.equal(pair.connection.socket.writableLength, 0);
});

test('reading one message at a time goes on where the server was stopped', async (t) => {
  const pair = await connect(t, { receiveHighWaterMark: highWaterMark });
  sendAll(pair);
  assert.ok((await untilItStops(t, pair)) > 0);
  for (let i = 0; i < count; i++) assertInOrder([await read(pair.socket)], i);
});

test('a subscriber whose promise is pending stops the server', async (t) => {
  const pair = await connect(t, { receiveHighWaterMark: highWaterMark });
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let seen = 0;
  const complete = new Promise<void>((resolve) => {
    webSocketSubscribe(pair.socket, (batch) => {
      assertInOrder(batch, seen);
      seen += batch.length;
      if (seen === count) resolve();
      return released;
    });
  });
  sendAll(pair);
  assert.ok((await untilItStops(t, pair)) > 0);
  release();
  await complete;
});

test('an iterable that is not asked for more stops the server', async (t) => {
  const pair = await connect(t, { receiveHighWaterMark: highWaterMark });
  sendAll(pair);
  let seen = 0;
  for await (const batch of webSocketBatches(pair.socket)) {
    if (seen === 0) assert.ok((await untilItStops(t, pair)) > 0);
    assertInOrder(batch, seen);
    seen += batch.length;
    if (seen === count) break;
  }
});

test('a socket that is full of unread messages can be closed', async (t) => {
  const pair = await connect(t, { receiveHighWaterMark: highWaterMark, closeTimeout: 60 });
  sendAll(pair);
  assert.ok((await untilItStops(t, pair)) > 0);
  await close(pair.socket);
  assert.equal(await pair.connection.nextCloseCode(), 1000);
});

test('past maxBufferedBytes a write gives -1 and sends nothing of its message', async (t) => {
  const maxBufferedBytes = 4 * 1024 * 1024;
  const { socket, connection } = await connect(t, { maxBufferedBytes });
  connection.socket.pause();
  let accepted = 0;
  let result = 0;
  while (result === 0) {
    result = webSocketWrite(socket, Buffer.alloc(100_000, `${accepted} `));
    if (result === 0) accepted += 1;
    // Written and taken by the system as far as it goes.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const error = await fails(
    () => webSocketWrite(socket, Buffer.alloc(100_000)),
    'WSFD_SEND_BUFFER_FULL',
  );
  assert.equal(error.category, 'limit');
  const buffered = webSocketInfo(socket)?.bufferedBytes ?? NaN;
  assert.ok(buffered > maxBufferedBytes / 2 && buffered <= maxBufferedBytes, `${buffered}`);
  const flushed = webSocketFlush(socket);
  connection.socket.resume();
  for (let i = 0; i < accepted; i++) {
    const { payload } = await connection.frames.next();
    assert.ok(payload.equals(Buffer.alloc(100_000, `${i} `)), `message ${i}`);
  }
  assert.equal(await flushed, 0);
  await ok(webSocketWrite(socket, 'room again'));
  assert.equal((await connection.frames.next()).payload.toString(), 'room again');
});

test('a message larger than maxBufferedBytes is refused at once', async (t) => {
  const { socket, connection } = await connect(t, { maxBufferedBytes: 1000 });
  for (const message of ['x'.repeat(1000), Buffer.alloc(1000), 'ä'.repeat(500)]) {
    await ok(webSocketWrite(socket, message));
    await ok(webSocketFlush(socket));
    assert.equal((await connection.frames.next()).payload.length, 1000);
  }
  for (const message of ['x'.repeat(1001), Buffer.alloc(2000), 'ä'.repeat(600)]) {
    await fails(() => webSocketWrite(socket, message), 'WSFD_SEND_BUFFER_FULL');
  }
  await ok(webSocketWrite(socket, 'small'));
  assert.equal((await connection.frames.next()).payload.toString(), 'small');
});

const skip = resetIsAnEnd;

test('a flush fails where the connection was lost before all was sent', { skip }, async (t) => {
  const { socket, connection } = await connect(t, {});
  connection.socket.pause();
  // More than any system takes for a peer that does not read.
  for (let i = 0; i < 60; i++) await ok(webSocketWrite(socket, Buffer.alloc(1024 * 1024)));
  const waiting = webSocketFlush(socket);
  connection.reset();
  await fails(() => waiting, 'WSFD_CONNECTION_LOST');
  await fails(() => webSocketFlush(socket), 'WSFD_CONNECTION_LOST');
});

test('small packed batches that are held back count with all of their memory', async (t) => {
  const { socket, connection } = await connect(t, { receiveHighWaterMark: 100_000 });
  const all: string[] = [];
  let release: () => void = () => undefined;
  webSocketSubscribePacked(socket, (batch) => {
    for (let i = 0; i < batch.length; i++) all.push(batch.text(i));
    return all.length > 1 ? undefined : new Promise<void>((resolve) => (release = resolve));
  });
  const most = 1000;
  let sent = 0;
  while (webSocketInfo(socket)?.paused === false && sent < most) {
    await connection.sendAndWait(text(`${sent++}`));
  }
  assert.ok(sent < most);
  release();
  await connection.sendAndWait(text('last'));
  assert.deepEqual(all, [...Array.from({ length: sent }, (_, i) => `${i}`), 'last']);
});

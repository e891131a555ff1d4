// A server that closes while our output waits: it gets what was written before, and our close frame
// behind that, as long as it takes them; what it does not take is no clean end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { webSocketFlush, webSocketRead, webSocketWrite } from 'wsfd';
import { WebSocket } from 'wsfd/websocket';
import { close, open } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { close as closeFrame, closeCodeOf, opcodes } from '../../support/frames';
import { startPingClock } from '../../support/ping-clock';
import { startRawServer, takePortions } from '../../support/raw-server';
import type { RawConnection, RawServer } from '../../support/raw-server';
import { resetIsAnEnd } from '../../support/wine';

/** More in all than a system's socket buffers hold. */
const count = 512;
const size = 64 * 1024;

async function start(t: TestContext, secure: boolean): Promise<RawServer> {
  const tls = secure ? { tls: makeSelfSigned() } : {};
  const server = await startRawServer({ leavesCloseToTest: true, ...tls });
  t.after(() => server.close());
  return server;
}

/** Every message, and the close frame behind them. */
function assertAllCame(connection: RawConnection): void {
  const seen = connection.frames.all.map((frame) =>
    frame.opcode === opcodes.binary ? [frame.payload.length, frame.payload[0]] : closeCodeOf(frame),
  );
  assert.deepEqual(seen, [...Array.from({ length: count }, (_, i) => [size, i % 256]), 1001]);
}

for (const secure of [false, true]) {
  test(`${secure ? 'wss' : 'ws'}: a server that has ended its own side gets all of it`, async (t) => {
    const server = await start(t, secure);
    const socket = await open(server.url, { ignoreSslErrors: true });
    const connection = await server.connections.next();
    connection.socket.pause();
    for (let i = 0; i < count; i++) assert.equal(webSocketWrite(socket, Buffer.alloc(size, i)), 0);
    connection.send(closeFrame(1001));
    connection.end();
    assert.equal(await webSocketRead(socket, {}), 1);
    const flushed = webSocketFlush(socket);
    connection.socket.resume();
    await connection.closed;
    assertAllCame(connection);
    assert.equal(await flushed, 0);
    await close(socket);
  });
}

/** A server that has closed while it takes nothing, and a flush of all that was written before. */
async function closeUnread(t: TestContext, closeTimeout: number): Promise<Unread> {
  const server = await start(t, false);
  const socket = await open(server.url, { closeTimeout });
  const connection = await server.connections.next();
  const take = takePortions(connection);
  for (let i = 0; i < count; i++) assert.equal(webSocketWrite(socket, Buffer.alloc(size, i)), 0);
  connection.send(closeFrame(1001));
  assert.equal(await webSocketRead(socket, {}), 1);
  const unread = { socket, connection, take, code: NaN, flushed: webSocketFlush(socket) };
  void unread.flushed.then((code) => (unread.code = code));
  return unread;
}

interface Unread {
  readonly socket: number;
  readonly connection: RawConnection;
  /** Has the server take so many bytes. */
  readonly take: (bytes: number) => void;
  readonly flushed: Promise<number>;
  /** What `flushed` has come to; NaN: it waits. */
  readonly code: number;
}

// Several of these are what makes a system say that there is room again: there is some each second
// on a machine on which a tick takes five times as long, too.
const portion = 512 * 1024;

test('a server that takes some each second gets all of it in the end', async (t) => {
  const tick = await startPingClock(t, 0.1);
  const { socket, connection, take, flushed } = await closeUnread(t, 60);
  // Longer than a second, after which one that takes nothing is left.
  for (let ticks = 0; ticks < 13; ticks++) {
    await tick();
    take(portion);
  }
  take(Infinity);
  assert.equal(await flushed, 0);
  assert.equal(await connection.nextCloseCode(), 1001);
  connection.end();
  assertAllCame(connection);
  await close(socket);
});

test('a server that takes some each second is left after closeTimeout', async (t) => {
  const tick = await startPingClock(t, 0.1);
  const unread = await closeUnread(t, 1.5);
  // It is looked at each second, so that two seconds are due. All of it would take five.
  for (let ticks = 0; ticks < 35 && Number.isNaN(unread.code); ticks++) {
    await tick();
    unread.take(portion);
  }
  assert.equal(unread.code, -1);
});

test('a server that takes nothing is left though closeTimeout is long', async (t) => {
  const tick = await startPingClock(t, 0.1);
  const unread = await closeUnread(t, 60);
  // One second is due, and another if the system itself still took some in the first.
  for (let ticks = 0; ticks < 300 && Number.isNaN(unread.code); ticks++) await tick();
  assert.equal(unread.code, -1);
});

for (const ended of [false, true]) {
  const name = `class WebSocket: a reset ${ended ? 'behind an end of the stream ' : ''}before all is taken is not clean`;
  test(name, { skip: resetIsAnEnd }, async (t) => {
    const server = await start(t, false);
    const client = new WebSocket(server.url);
    const seen: unknown[] = [];
    client.onerror = ({ error }) => seen.push((error as { code: string }).code);
    const closed = new Promise<void>((resolve) => {
      client.onclose = ({ code, wasClean }) => {
        seen.push(code, wasClean);
        resolve();
      };
    });
    const connection = await server.connections.next();
    await new Promise((resolve) => (client.onopen = resolve));
    connection.socket.pause();
    for (let i = 0; i < count; i++) client.send(Buffer.alloc(size));
    connection.send(closeFrame(1001));
    if (ended) connection.end();
    while (client.readyState === WebSocket.OPEN) await new Promise(setImmediate);
    connection.reset();
    await closed;
    assert.deepEqual(seen, ['WSFD_CONNECTION_LOST', 1006, false]);
  });
}

// webSocketClose, and closes that come from the other side.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  webSocketClose,
  webSocketFlush,
  webSocketInfo,
  webSocketPing,
  webSocketRead,
  webSocketWrite,
  webSocketWriteMany,
} from 'wsfd';
import type { OpenOptions } from 'wsfd';
import { close, fails, ok, open } from '../../support/calls';
import { close as closeFrame, opcodes, text } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import type { RawConnection, RawServerOptions } from '../../support/raw-server';
import { startUwsServer, startWsServer } from '../../support/servers';

interface Pair {
  socket: number;
  connection: RawConnection;
}

async function connect(
  t: TestContext,
  settings: RawServerOptions = {},
  options: OpenOptions = {},
): Promise<Pair> {
  const server = await startRawServer(settings);
  t.after(() => server.close());
  const socket = await open(server.url, options);
  return { socket, connection: await server.connections.next() };
}

test('closes with 1000, and the number is stale', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  await close(socket);
  assert.deepEqual(await server.closes.next(), { code: 1000, reason: '' });
  await fails(() => webSocketClose(socket), 'WSFD_INVALID_SOCKET');
  await fails(() => webSocketWrite(socket, 'x'), 'WSFD_INVALID_SOCKET');
  assert.equal(webSocketInfo(socket), undefined);
});

test('closes with 1000 where uWebSockets.js listens', async (t) => {
  const server = await startUwsServer();
  t.after(() => server.close());
  await close(await open(server.url));
  assert.equal((await server.events.next()).event, 'open');
  assert.deepEqual(await server.events.next(), { event: 'close', code: 1000, reason: '' });
});

test('what was written before is delivered before the close frame', async (t) => {
  const server = await startWsServer({ echo: false });
  t.after(() => server.close());
  const socket = await open(server.url);
  const large = Buffer.alloc(8 * 1024 * 1024, 'x');
  await ok(webSocketWrite(socket, large));
  await ok(webSocketWrite(socket, 'last'));
  await close(socket);
  assert.ok(large.equals((await server.messages.next()) as Buffer));
  assert.equal(await server.messages.next(), 'last');
  assert.equal((await server.closes.next()).code, 1000);
});

test('nothing can be done with a number while it is being closed', async (t) => {
  const { socket } = await connect(t);
  const closing = webSocketClose(socket);
  await fails(() => webSocketWrite(socket, 'x'), 'WSFD_INVALID_SOCKET');
  await fails(() => webSocketRead(socket, {}), 'WSFD_INVALID_SOCKET');
  await fails(() => webSocketClose(socket), 'WSFD_INVALID_SOCKET');
  assert.equal(await closing, 0);
});

test('a close from both sides at once is clean on both', async (t) => {
  const { socket, connection } = await connect(t, { leavesCloseToTest: true });
  const closing = webSocketClose(socket);
  connection.send(closeFrame(1001));
  assert.equal(await connection.nextCloseCode(), 1000);
  connection.end();
  assert.equal(await closing, 0);
  await connection.closed;
  // RFC 6455 section 5.5.1: not a second close frame in answer to the server's.
  assert.equal(connection.frames.all.length, 1);
});

test('messages that come between our close frame and the answer do no harm', async (t) => {
  const { socket, connection } = await connect(t, { leavesCloseToTest: true });
  const closing = webSocketClose(socket);
  await connection.nextCloseCode();
  connection.send(text('a'), text('b'), closeFrame(1000), text('c'));
  connection.end();
  assert.equal(await closing, 0);
});

for (const [name, frame, code] of [
  ['a code and a reason', closeFrame(4001, 'bye ü'), 4001],
  ['a code', closeFrame(1000), 1000],
  ['nothing', closeFrame(), undefined],
] as const) {
  test(`a close frame with ${name} is answered with the same code`, async (t) => {
    const { socket, connection } = await connect(t, { leavesCloseToTest: true });
    connection.send(frame);
    assert.equal(await connection.nextCloseCode(), code);
    connection.end();
    await connection.closed;
    assert.equal(connection.frames.all.length, 1);
    assert.equal(await webSocketRead(socket, {}), 1);
    const info = webSocketInfo(socket);
    assert.equal(info?.closeCode, code ?? 1005);
    assert.equal(info.closeReason, code === 4001 ? 'bye ü' : '');
    await close(socket);
  });
}

test('after a close from the other side nothing can be sent', async (t) => {
  const { socket, connection } = await connect(t);
  connection.send(closeFrame(1000));
  assert.equal(await webSocketRead(socket, {}), 1);
  for (const call of [
    () => webSocketWrite(socket, 'x'),
    () => webSocketWriteMany(socket, ['x', 'y']),
    () => webSocketPing(socket),
  ]) {
    const error = await fails(call, 'WSFD_SOCKET_CLOSED');
    assert.equal(error.category, 'closed');
  }
  await ok(webSocketFlush(socket));
  await close(socket);
  assert.deepEqual(
    connection.frames.all.map((frame) => frame.opcode),
    [opcodes.close],
  );
});

test('a close before the other side has ended its half waits for that', async (t) => {
  const { socket, connection } = await connect(t, { leavesCloseToTest: true });
  connection.send(closeFrame(1000));
  assert.equal(await webSocketRead(socket, {}), 1);
  const closing = webSocketClose(socket);
  await connection.nextCloseCode();
  connection.end();
  assert.equal(await closing, 0);
  await connection.closed;
});

test('a server that does not answer the close frame is left after closeTimeout', async (t) => {
  const { socket, connection } = await connect(
    t,
    { leavesCloseToTest: true },
    { closeTimeout: 0.05 },
  );
  const error = await fails(() => webSocketClose(socket), 'WSFD_CLOSE_TIMEOUT');
  assert.equal(error.category, 'timeout');
  await connection.closed;
  await fails(() => webSocketClose(socket), 'WSFD_INVALID_SOCKET');
});

test('a server that does not read at all is left after closeTimeout', async (t) => {
  const { socket, connection } = await connect(t, {}, { closeTimeout: 0.05 });
  connection.socket.pause();
  await ok(webSocketWrite(socket, Buffer.alloc(12 * 1024 * 1024)));
  await fails(() => webSocketClose(socket), 'WSFD_CLOSE_TIMEOUT');
  connection.socket.resume();
  await connection.closed;
});

test('fifty sockets closed at once', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const sockets = await Promise.all(Array.from({ length: 50 }, () => open(server.url)));
  await Promise.all(sockets.map((socket) => close(socket)));
  for (let i = 0; i < 50; i++) assert.equal((await server.closes.next()).code, 1000);
});

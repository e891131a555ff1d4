// The ways in which two closes can meet, and servers that end in ways of their own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  webSocketClose,
  webSocketInfo,
  webSocketMessages,
  webSocketRead,
  webSocketWrite,
} from 'wsfd';
import type { OpenOptions } from 'wsfd';
import { close, fails, ok, open, read } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import {
  close as closeFrame,
  closePayload,
  encodeFrame,
  opcodes,
  text,
} from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import type { RawConnection } from '../../support/raw-server';

interface Pair {
  socket: number;
  connection: RawConnection;
}

/** A socket and its server's side, which answers no close frame by itself. */
async function connect(t: TestContext, secure: boolean, options: OpenOptions = {}): Promise<Pair> {
  const server = await startRawServer({
    leavesCloseToTest: true,
    ...(secure ? { tls: makeSelfSigned() } : {}),
  });
  t.after(() => server.close());
  const all = secure ? { ignoreSslErrors: true as const, ...options } : options;
  const socket = await open(server.url, all);
  return { socket, connection: await server.connections.next() };
}

/** Asserts that one close frame came from the client, with this payload. */
async function oneCloseFrame(connection: RawConnection, code: number, reason = ''): Promise<void> {
  await connection.closed;
  const closes = connection.frames.all.filter(({ opcode }) => opcode === opcodes.close);
  assert.deepEqual(
    closes.map(({ payload }) => payload),
    [closePayload(code, reason)],
  );
}

for (const secure of [false, true]) {
  const over = secure ? 'wss' : 'ws';

  test(`${over}: ours first`, async (t) => {
    const { socket, connection } = await connect(t, secure);
    const closing = webSocketClose(socket, 4000, 'ours');
    assert.equal(await connection.nextCloseCode(), 4000);
    connection.send(closeFrame(4000));
    connection.end();
    assert.equal(await closing, 0);
    await oneCloseFrame(connection, 4000, 'ours');
  });

  test(`${over}: theirs first`, async (t) => {
    const { socket, connection } = await connect(t, secure);
    connection.send(closeFrame(4001, 'theirs'));
    assert.equal(await webSocketRead(socket, {}), 1);
    const expected = {
      state: 'closed',
      closeCode: 4001,
      closeReason: 'theirs',
      closedByPeer: true,
    };
    const { state, closeCode, closeReason, closedByPeer } = webSocketInfo(socket) ?? {};
    assert.deepEqual({ state, closeCode, closeReason, closedByPeer }, expected);
    const closing = webSocketClose(socket, 4002, 'ours');
    await connection.nextCloseCode();
    connection.end();
    assert.equal(await closing, 0);
    await oneCloseFrame(connection, 4001);
  });

  test(`${over}: both at once`, async (t) => {
    const { socket, connection } = await connect(t, secure);
    // Neither side has had the time to see the other's.
    const closing = webSocketClose(socket, 4000, 'ours');
    connection.send(closeFrame(4001, 'theirs'));
    await connection.nextCloseCode();
    connection.end();
    assert.equal(await closing, 0);
    await oneCloseFrame(connection, 4000, 'ours');
  });

  test(`${over}: ours while theirs is in flight with data before it`, async (t) => {
    const { socket, connection } = await connect(t, secure);
    const reading = webSocketRead(socket, {});
    connection.send(text('a'), text('b'), closeFrame(4001, 'theirs'));
    const closing = webSocketClose(socket, 4000, 'ours');
    assert.equal(await reading, 1);
    await connection.nextCloseCode();
    connection.end();
    assert.equal(await closing, 0);
    await oneCloseFrame(connection, 4000, 'ours');
  });

  test(`${over}: ours behind theirs, which waits behind messages that nobody read`, async (t) => {
    const { socket, connection } = await connect(t, secure, { receiveHighWaterMark: 1 });
    connection.send(text('a'));
    while (webSocketInfo(socket)?.messagesIn !== 1) await new Promise(setImmediate);
    connection.send(text('b'), closeFrame(4001, 'theirs'));
    const closing = webSocketClose(socket, 4000, 'ours');
    await connection.nextCloseCode();
    connection.end();
    assert.equal(await closing, 0);
    await oneCloseFrame(connection, 4000, 'ours');
  });

  test(`${over}: an answer with another code`, async (t) => {
    const { socket, connection } = await connect(t, secure);
    const closing = webSocketClose(socket);
    await connection.nextCloseCode();
    connection.send(closeFrame(1011, 'something else'));
    connection.end();
    assert.equal(await closing, 0);
    await oneCloseFrame(connection, 1000);
  });

  test(`${over}: no answer`, async (t) => {
    const { socket, connection } = await connect(t, secure, { closeTimeout: 0.05 });
    const error = await fails(() => webSocketClose(socket), 'WSFD_CLOSE_TIMEOUT');
    assert.equal(error.category, 'timeout');
    await oneCloseFrame(connection, 1000);
  });

  test(`${over}: an answer, and the TCP connection stays`, async (t) => {
    const { socket, connection } = await connect(t, secure, { closeTimeout: 0.2 });
    const closing = webSocketClose(socket);
    await connection.nextCloseCode();
    connection.send(closeFrame(1000));
    assert.equal(await closing, 0);
    await oneCloseFrame(connection, 1000);
  });

  test(`${over}: a close of theirs, and the TCP connection stays`, async (t) => {
    const { socket, connection } = await connect(t, secure);
    connection.send(closeFrame(1001, 'going away'));
    assert.equal(await webSocketRead(socket, {}), 1);
    // RFC 6455 section 7.1.1: "a client SHOULD wait for the server to close the connection but MAY
    // close the connection at any time under abnormal conditions".
    await oneCloseFrame(connection, 1001);
    const info = webSocketInfo(socket);
    assert.deepEqual(
      [info?.closeCode, info?.closeReason, info?.closedByPeer, info?.state, info?.remoteAddress],
      [1001, 'going away', true, 'closed', '127.0.0.1'],
    );
    assert.equal(await webSocketRead(socket, {}), 1);
    await close(socket);
  });

  test(`${over}: messages and worse behind their close frame`, async (t) => {
    const { socket, connection } = await connect(t, secure);
    connection.send(text('a'), closeFrame(1000), text('b'), encodeFrame(3), closeFrame(1005));
    assert.equal(await read(socket), 'a');
    assert.equal(await webSocketRead(socket, {}), 1);
    await connection.nextCloseCode();
    connection.send(text('c'), Buffer.alloc(100_000, 0xff));
    connection.end();
    await oneCloseFrame(connection, 1000);
    assert.equal(webSocketInfo(socket)?.messagesIn, 1);
    await close(socket);
  });

  test(`${over}: they end their half without a close frame, after ours`, async (t) => {
    const { socket, connection } = await connect(t, secure);
    const closing = webSocketClose(socket);
    await connection.nextCloseCode();
    connection.end();
    assert.equal(await closing, 0);
    await connection.closed;
  });

  test(`${over}: they end their half without a close frame, before ours`, async (t) => {
    const { socket, connection } = await connect(t, secure);
    connection.send(text('a'));
    connection.end();
    assert.equal(await read(socket), 'a');
    await fails(() => webSocketRead(socket, {}), 'WSFD_CLOSED_ABNORMALLY');
    const { closeCode, closedByPeer, state } = webSocketInfo(socket) ?? {};
    assert.deepEqual([closeCode, closedByPeer, state], [1006, false, 'closed']);
    await ok(webSocketClose(socket));
    await connection.closed;
    assert.equal(connection.frames.all.length, 0);
  });

  test(`${over}: they break the protocol in answer to ours`, async (t) => {
    const { socket, connection } = await connect(t, secure);
    const closing = webSocketClose(socket);
    await connection.nextCloseCode();
    connection.send(encodeFrame(3));
    connection.end();
    assert.equal(await closing, 0);
    await oneCloseFrame(connection, 1000);
  });

  test(`${over}: they reset the connection in answer to ours`, async (t) => {
    const { socket, connection } = await connect(t, secure);
    const closing = webSocketClose(socket);
    await connection.nextCloseCode();
    if (secure) connection.socket.destroy();
    else connection.reset();
    assert.equal(await closing, 0);
  });
}

test('an iteration that closes its own socket ends', async (t) => {
  const { socket, connection } = await connect(t, false);
  connection.send(text('a'), text('b'));
  const seen: unknown[] = [];
  for await (const message of webSocketMessages(socket)) {
    seen.push(message);
    const closing = webSocketClose(socket);
    await connection.nextCloseCode();
    connection.send(closeFrame(1000));
    connection.end();
    assert.equal(await closing, 0);
    await fails(() => webSocketWrite(socket, 'x'), 'WSFD_INVALID_SOCKET');
  }
  assert.deepEqual(seen, ['a']);
});

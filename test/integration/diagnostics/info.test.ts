// webSocketInfo: what is known of a socket, and counts of what went through it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  getLastError,
  webSocketFlush,
  webSocketInfo,
  webSocketPing,
  webSocketRead,
  webSocketWrite,
  webSocketWriteMany,
} from 'wsfd';
import type { WebSocketInfo } from 'wsfd';
import { ok, open, read, readAll } from '../../support/calls';
import { close, fragments, opcodes, ping, text } from '../../support/frames';
import { startRawServer, switching } from '../../support/raw-server';
import type { RawConnection } from '../../support/raw-server';
import { startWsServer } from '../../support/servers';

function infoOf(socket: number): WebSocketInfo {
  const info = webSocketInfo(socket);
  assert.ok(info !== undefined);
  assert.deepEqual(getLastError(), []);
  return info;
}

test('a socket that was just opened', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const info = infoOf(await open(server.url));
  const expected = {
    state: 'open',
    url: server.url,
    remoteAddress: '127.0.0.1',
    remotePort: server.port,
    subprotocol: '',
    extensions: '',
    bufferedBytes: 0,
    messagesIn: 0,
    messagesOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    framesIn: 0,
    framesOut: 0,
    roundTripMs: undefined,
    tls: undefined,
  };
  for (const [name, value] of Object.entries(expected)) {
    assert.equal(info[name as keyof WebSocketInfo], value, name);
  }
  assert.ok(info.reads >= 1 && info.writes >= 1);
});

test('the URL comes without its credentials', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const socket = await open(server.url.replace('ws://', 'ws://user:s3cret@'));
  assert.equal(infoOf(socket).url, server.url);
});

test('counts messages, their bytes and frames', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  const connection = await server.connections.next();
  connection.send(text('äb'), ping('x'), ...fragments(opcodes.binary, ['12', '', '345']), text(''));
  await readAll(socket, 3);
  await connection.next(opcodes.pong);
  const received = infoOf(socket);
  assert.deepEqual(
    [received.messagesIn, received.bytesIn, received.framesIn],
    [3, 3 + 5 + 0, 3 + 1 + 2],
  );
  assert.deepEqual([received.messagesOut, received.bytesOut, received.framesOut], [0, 0, 1]);
  await ok(webSocketWrite(socket, 'äb'));
  await ok(webSocketWriteMany(socket, [Buffer.alloc(1000), '']));
  await ok(webSocketFlush(socket));
  const sent = infoOf(socket);
  assert.deepEqual([sent.messagesOut, sent.bytesOut, sent.framesOut], [3, 1003, 4]);
  assert.equal(sent.bufferedBytes, 0);
  assert.ok(sent.reads > received.reads - 1 && sent.writes > received.writes);
});

test('what is written in one tick leaves in one write', async (t) => {
  const server = await startWsServer({ echo: false });
  t.after(() => server.close());
  const socket = await open(server.url);
  const { writes } = infoOf(socket);
  for (let i = 0; i < 100; i++) assert.equal(webSocketWrite(socket, `message ${i}`), 0);
  await ok(webSocketFlush(socket));
  for (let i = 0; i < 100; i++) assert.equal(await server.messages.next(), `message ${i}`);
  assert.equal(infoOf(socket).writes, writes + 1);
});

test('bytes that the system does not take are buffered', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  const connection = await server.connections.next();
  connection.socket.pause();
  const size = 40 * 1024 * 1024;
  await ok(webSocketWrite(socket, Buffer.alloc(size)));
  const buffered = infoOf(socket).bufferedBytes;
  assert.ok(buffered > 0 && buffered < size + 100, `${buffered}`);
  const flushed = webSocketFlush(socket);
  connection.socket.resume();
  assert.equal(await flushed, 0);
  assert.equal(infoOf(socket).bufferedBytes, 0);
});

/** Lets the server read `size` bytes or more, then no more; gives how many it has read. */
async function serverReads(connection: RawConnection, size: number): Promise<number> {
  let got = 0;
  await new Promise<void>((resolve) => {
    const onData = (bytes: Buffer): void => {
      got += bytes.length;
      if (got < size) return;
      connection.socket.pause();
      connection.socket.off('data', onData);
      resolve();
    };
    connection.socket.on('data', onData);
    connection.socket.resume();
  });
  return got;
}

test('bytes are buffered until the system takes them, and make room at once', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const mebibyte = 1024 * 1024;
  const maxBufferedBytes = 24 * mebibyte;
  const socket = await open(server.url, { maxBufferedBytes });
  const connection = await server.connections.next();
  connection.socket.pause();
  const chunk = Buffer.alloc(mebibyte);
  const frameSize = mebibyte + 14;
  let sent = 0;
  let got = 0;
  for (let i = 0; i < 4; i++) {
    while (webSocketWrite(socket, chunk) === 0) sent += frameSize;
    const full = webSocketInfo(socket)?.bufferedBytes ?? NaN;
    assert.ok(full > maxBufferedBytes - frameSize && full <= maxBufferedBytes, `${full}`);
    got += await serverReads(connection, 8 * mebibyte);
    // What the server has, the system had taken; on Windows the loop is told of it some turns later.
    const most = sent - got;
    for (let turns = 0; infoOf(socket).bufferedBytes > most && turns < 10_000; turns++) {
      await new Promise(setImmediate);
    }
    const { bufferedBytes } = infoOf(socket);
    assert.ok(bufferedBytes <= most, `${bufferedBytes} of ${sent}, the server has ${got}`);
  }
  connection.socket.resume();
  await ok(webSocketFlush(socket));
  assert.equal(infoOf(socket).bufferedBytes, 0);
});

test('a ping has a round-trip time', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  await ok(webSocketPing(socket));
  const { roundTripMs, framesIn, framesOut, messagesIn } = infoOf(socket);
  assert.ok(roundTripMs !== undefined && roundTripMs > 0);
  assert.deepEqual([framesIn, framesOut, messagesIn], [1, 1, 0]);
});

test('a close by the server: state, code, reason', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  const connection = await server.connections.next();
  connection.send(text('a'), close(3001, 'maintenance'));
  assert.equal(await read(socket), 'a');
  assert.equal(await webSocketRead(socket, {}), 1);
  const info = infoOf(socket);
  assert.deepEqual(
    [info.state, info.closeCode, info.closeReason, info.closedByPeer, info.messagesIn],
    ['closed', 3001, 'maintenance', true, 1],
  );
});

test('subprotocol and extensions are those that the server chose', async (t) => {
  const server = await startRawServer({
    answer: (request) => switching(request, ['Sec-WebSocket-Protocol: b']),
  });
  t.after(() => server.close());
  const info = infoOf(await open(server.url, { protocols: ['a', 'b'] }));
  assert.deepEqual([info.subprotocol, info.extensions], ['b', '']);
});

test('a snapshot does not change', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  const before = infoOf(socket);
  const copy = { ...before };
  await ok(webSocketWrite(socket, 'x'));
  await read(socket);
  assert.deepEqual(before, copy);
  assert.equal(infoOf(socket).messagesIn, 1);
});

// webSocketTerminate: the end at once, whatever is under way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  getLastError,
  webSocketFlush,
  webSocketInfo,
  webSocketMessages,
  webSocketPing,
  webSocketRead,
  webSocketSubscribe,
  webSocketTerminate,
  webSocketWrite,
} from 'wsfd';
import type { Message } from 'wsfd';
import { fails, ok, open, read } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { opcodes, text } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import type { RawConnection } from '../../support/raw-server';
import { startWsServer } from '../../support/servers';

async function connect(
  t: TestContext,
  secure = false,
): Promise<{ socket: number; connection: RawConnection }> {
  const server = await startRawServer(secure ? { tls: makeSelfSigned() } : {});
  t.after(() => server.close());
  const socket = await open(server.url, secure ? { ignoreSslErrors: true } : {});
  return { socket, connection: await server.connections.next() };
}

for (const secure of [false, true]) {
  test(`ends a ${secure ? 'wss' : 'ws'} connection without a close frame; the number is stale`, async (t) => {
    const { socket, connection } = await connect(t, secure);
    assert.equal(webSocketTerminate(socket), 0);
    assert.deepEqual(getLastError(), []);
    await fails(() => webSocketTerminate(socket), 'WSFD_INVALID_SOCKET');
    await fails(() => webSocketRead(socket, {}), 'WSFD_INVALID_SOCKET');
    assert.equal(webSocketInfo(socket), undefined);
    await connection.closed;
    assert.equal(connection.frames.all.length, 0);
  });
}

test('the server sees an abnormal end', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  assert.equal(webSocketTerminate(socket), 0);
  assert.deepEqual(await server.closes.next(), { code: 1006, reason: '' });
});

test('whoever waits is told', async (t) => {
  const { socket, connection } = await connect(t);
  connection.socket.pause();
  const reads = [webSocketRead(socket, {}), webSocketRead(socket, {}, 3600)];
  await ok(webSocketWrite(socket, Buffer.alloc(16 * 1024 * 1024)));
  const waiting = [
    fails(() => webSocketFlush(socket), 'WSFD_SOCKET_CLOSED'),
    fails(() => webSocketPing(socket), 'WSFD_SOCKET_CLOSED'),
  ];
  assert.equal(webSocketTerminate(socket), 0);
  assert.deepEqual(await Promise.all(reads), [1, 1]);
  await Promise.all(waiting);
  connection.socket.resume();
  await connection.closed;
});

test('from a subscriber, in the midst of what arrived', async (t) => {
  const { socket, connection } = await connect(t);
  const count = 2000;
  const seen: Message[] = [];
  const result = new Promise<number>((resolve) => {
    webSocketSubscribe(socket, (batch) => {
      seen.push(...batch);
      resolve(webSocketTerminate(socket));
    });
  });
  connection.send(...Array.from({ length: count }, (_, i) => text(`${i}`)));
  assert.equal(await result, 0);
  await connection.closed;
  // A call of the subscriber has 512 messages at the most, and no other came.
  assert.ok(seen.length > 0 && seen.length <= 512, `${seen.length} messages`);
});

test('from an iteration, which ends', async (t) => {
  const { socket, connection } = await connect(t);
  connection.send(text('a'), text('b'));
  const seen: Message[] = [];
  for await (const message of webSocketMessages(socket)) {
    seen.push(message);
    assert.equal(webSocketTerminate(socket), 0);
  }
  assert.deepEqual(seen, ['a']);
});

test('from the callbacks of pings, flushes and reads', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const calls = {
    ping: (socket: number) => webSocketPing(socket),
    flush: (socket: number) => (webSocketWrite(socket, 'x'), webSocketFlush(socket)),
    read: (socket: number) => (webSocketWrite(socket, 'x'), webSocketRead(socket, {})),
  };
  for (const [name, call] of Object.entries(calls)) {
    const socket = await open(server.url);
    assert.equal(await call(socket).then(() => webSocketTerminate(socket)), 0, name);
    assert.equal((await server.closes.next()).code, 1006, name);
  }
});

test('after the server has closed', async (t) => {
  const server = await startWsServer({ onConnection: (socket) => socket.close(4000, 'enough') });
  t.after(() => server.close());
  const socket = await open(server.url);
  assert.equal(await webSocketRead(socket, {}), 1);
  assert.equal(webSocketTerminate(socket), 0);
});

test('another socket, which may get the same place inside, is not touched', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  for (let i = 0; i < 20; i++) {
    const first = await open(server.url);
    assert.equal(webSocketTerminate(first), 0);
    const second = await open(server.url);
    await fails(() => webSocketTerminate(first), 'WSFD_INVALID_SOCKET');
    await ok(webSocketWrite(second, `${i}`));
    assert.equal(await read(second), `${i}`);
    assert.equal(webSocketTerminate(second), 0);
  }
  for (let i = 0; i < 40; i++) await server.closes.next();
});

test('it is a synchronous call: frames written in the same tick are lost', async (t) => {
  const { socket, connection } = await connect(t);
  await connection.sendAndWait();
  assert.equal(webSocketWrite(socket, 'lost'), 0);
  assert.equal(webSocketTerminate(socket), 0);
  await connection.closed;
  assert.ok(!connection.frames.all.some(({ opcode }) => opcode === opcodes.text));
});

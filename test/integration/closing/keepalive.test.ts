// pingInterval and pongTimeout: pings that are sent by themselves, and peers that are gone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  webSocketClose,
  webSocketFlush,
  webSocketInfo,
  webSocketPing,
  webSocketRead,
  webSocketSubscribe,
  webSocketWrite,
} from 'wsfd';
import type { Message, OpenOptions } from 'wsfd';
import { close, fails, ok, open, read, readAll } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { runInChild } from '../../support/child';
import { encodeFrame, opcodes, pong, text } from '../../support/frames';
import { startPingClock } from '../../support/ping-clock';
import { startRawServer, takePortions } from '../../support/raw-server';
import type { RawConnection } from '../../support/raw-server';
import { startUwsServer, startWsServer } from '../../support/servers';
import { uwsKnowsSignals } from '../../support/uws-process';

const quick = { pingInterval: 0.05, pongTimeout: 0.05 } as const;

interface Pair {
  socket: number;
  connection: RawConnection;
}

/** A socket and its server's side, which answers no ping by itself. */
async function connect(t: TestContext, options: OpenOptions): Promise<Pair> {
  const server = await startRawServer();
  t.after(() => server.close());
  const socket = await open(server.url, options);
  return { socket, connection: await server.connections.next() };
}

/** Resolves once another connection, which began now, was pinged and given up. */
async function timeForAnother(t: TestContext): Promise<void> {
  const { socket } = await connect(t, quick);
  await fails(() => webSocketRead(socket, {}), 'WSFD_PONG_TIMEOUT');
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('pings again and again while they are answered; without an answer the end is abnormal', async (t) => {
  const { socket, connection } = await connect(t, { pingInterval: 0.02, pongTimeout: 0.5 });
  for (let i = 0; i < 5; i++) {
    const { payload } = await connection.next(opcodes.ping);
    connection.send(text(`${i}`), pong(payload));
  }
  const pinging = fails(() => webSocketPing(socket), 'WSFD_PONG_TIMEOUT');
  assert.deepEqual(await readAll(socket, 5), ['0', '1', '2', '3', '4']);
  for (let i = 0; i < 2; i++) {
    const error = await fails(() => webSocketRead(socket, {}), 'WSFD_PONG_TIMEOUT');
    assert.equal(error.category, 'timeout');
    assert.match(error.message, /pongTimeout/);
    assert.equal(error.address, '127.0.0.1');
  }
  await pinging;
  const info = webSocketInfo(socket);
  assert.deepEqual([info?.state, info?.closeCode, info?.closedByPeer], ['closed', 1006, false]);
  await fails(() => webSocketWrite(socket, 'x'), 'WSFD_SOCKET_CLOSED');
  await close(socket);
  await connection.closed;
  assert.ok(!connection.frames.all.some(({ opcode }) => opcode === opcodes.close));
});

test('without pingInterval no ping is sent', async (t) => {
  const { socket } = await connect(t, {});
  await timeForAnother(t);
  assert.equal(webSocketInfo(socket)?.framesOut, 0);
  assert.equal(webSocketInfo(socket)?.state, 'open');
});

test('any byte is an answer: a frame that is long in coming', async (t) => {
  const { socket, connection } = await connect(t, { pingInterval: 0.02, pongTimeout: 0.5 });
  const frame = text('slowly');
  for (const byte of frame) {
    await connection.next(opcodes.ping);
    connection.send(Buffer.of(byte));
  }
  assert.equal(await read(socket), 'slowly');
});

test('the pong of a ping that was sent by itself answers the pings before it', async (t) => {
  const { socket, connection } = await connect(t, { pingInterval: 0.02, pongTimeout: 60 });
  const pinging = [webSocketPing(socket), webSocketPing(socket)];
  await connection.next(opcodes.ping);
  await connection.next(opcodes.ping);
  const { payload } = await connection.next(opcodes.ping);
  connection.send(encodeFrame(opcodes.pong, payload));
  assert.deepEqual(await Promise.all(pinging), [0, 0]);
});

test('the time that such a ping takes is known', async (t) => {
  const { socket, connection } = await connect(t, { pingInterval: 0.02, pongTimeout: 60 });
  const first = await connection.next(opcodes.ping);
  // A pong of before, one that nobody asked for and one cut short are not its.
  const [count = NaN] = first.payload.subarray(-1);
  const withCount = (n: number): Buffer =>
    pong(Buffer.concat([first.payload.subarray(0, -1), Buffer.of((count + n) & 255)]));
  await connection.sendAndWait(withCount(-1), text('a'));
  await connection.sendAndWait(withCount(100), text('b'));
  await connection.sendAndWait(pong(first.payload.subarray(0, -1)), text('c'));
  assert.deepEqual(await readAll(socket, 3), ['a', 'b', 'c']);
  assert.equal(webSocketInfo(socket)?.roundTripMs, undefined);
  // Others are sent meanwhile, since bytes came; its time is its own all the same.
  const start = performance.now();
  const second = await connection.next(opcodes.ping);
  connection.send(pong(first.payload), text('its'));
  assert.equal(await read(socket), 'its');
  const { roundTripMs = NaN } = webSocketInfo(socket) ?? {};
  assert.ok(roundTripMs >= performance.now() - start, `${roundTripMs} ms`);
  assert.notDeepEqual(second.payload, first.payload);
});

test('the time of the last ping is that of webSocketPing, if that was the last', async (t) => {
  const { socket, connection } = await connect(t, { pingInterval: 0.3, pongTimeout: 60 });
  const own = await connection.next(opcodes.ping);
  const pinging = webSocketPing(socket);
  const asked = await connection.next(opcodes.ping);
  connection.send(pong(own.payload), text('own'));
  assert.equal(await read(socket), 'own');
  const { roundTripMs = NaN } = webSocketInfo(socket) ?? {};
  assert.ok(roundTripMs > 0);
  connection.send(pong(asked.payload));
  await ok(pinging);
  const later = webSocketInfo(socket)?.roundTripMs ?? NaN;
  assert.ok(later > 0 && later !== roundTripMs, `${later} ms after ${roundTripMs} ms`);
});

test('while nobody reads and reading is paused, the peer is not given up', async (t) => {
  const { socket, connection } = await connect(t, { ...quick, receiveHighWaterMark: 1 });
  // The second one, behind a first that is over the mark, stays with the system.
  connection.send(text('first'));
  while (webSocketInfo(socket)?.messagesIn !== 1) await nextTurn();
  connection.send(text('second'));
  await timeForAnother(t);
  await timeForAnother(t);
  assert.equal(webSocketInfo(socket)?.state, 'open');
  assert.deepEqual(await readAll(socket, 2), ['first', 'second']);
  // From here on it reads, and the peer is silent.
  await fails(() => webSocketRead(socket, {}), 'WSFD_PONG_TIMEOUT');
});

test('while a subscriber works on a batch and reading is paused, the peer is not given up', async (t) => {
  const { socket, connection } = await connect(t, { ...quick, receiveHighWaterMark: 1 });
  const batches: Message[][] = [];
  let done = (): void => undefined;
  const working = new Promise<void>((resolve) => (done = resolve));
  await ok(
    webSocketSubscribe(socket, (batch) => {
      batches.push([...batch]);
      return working;
    }),
  );
  connection.send(text('first'));
  while (batches.length === 0) await nextTurn();
  connection.send(text('second'));
  while (webSocketInfo(socket)?.messagesIn !== 2) await nextTurn();
  await timeForAnother(t);
  await timeForAnother(t);
  assert.equal(webSocketInfo(socket)?.state, 'open');
  done();
  while (webSocketInfo(socket)?.state === 'open') await nextTurn();
  assert.deepEqual(batches, [['first'], ['second']]);
});

test('a pong that came while this process was busy counts', async (t) => {
  const { socket, connection } = await connect(t, quick);
  for (let i = 0; i < 3; i++) {
    const { payload } = await connection.next(opcodes.ping);
    connection.send(pong(payload), text(`${i}`));
    // Past pongTimeout, in the same turn: nothing could read the pong before.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
    assert.equal(await read(socket), `${i}`);
  }
});

test('a ping behind a large message on a slow line is not judged while that gets on', async (t) => {
  const { socket, connection } = await connect(t, { pingInterval: 0.05, pongTimeout: 5 });
  const tick = await startPingClock(t, 0.05);
  const take = takePortions(connection);
  const message = Buffer.alloc(60 * 1024 * 1024, 'x');
  await ok(webSocketWrite(socket, message));
  // Longer than pingInterval + pongTimeout, in which no byte comes.
  for (let ticks = 0; ticks < 102; ticks++) {
    await tick();
    take(512 * 1024);
  }
  take(Infinity);
  assert.equal((await connection.next(opcodes.binary)).payload.length, message.length);
  connection.send(pong((await connection.next(opcodes.ping)).payload), text('arrived'));
  assert.equal(await read(socket), 'arrived');
});

test('a peer that takes nothing is given up while more and more is written', async (t) => {
  const { socket, connection } = await connect(t, quick);
  const tick = await startPingClock(t, 0.05);
  connection.socket.pause();
  // More than the system takes; with all the others less than maxBufferedBytes.
  await ok(webSocketWrite(socket, Buffer.alloc(20 * 1024 * 1024)));
  const message = Buffer.alloc(1024 * 1024);
  for (let ticks = 0; ticks < 40 && webSocketWrite(socket, message) === 0; ticks++) await tick();
  assert.notEqual(webSocketInfo(socket)?.state, 'open');
  await fails(() => webSocketRead(socket, {}), 'WSFD_PONG_TIMEOUT');
});

/** SIGSTOP stops the server's process. */
const stopsProcesses = { skip: !uwsKnowsSignals && 'Windows has no SIGSTOP' };

for (const secure of [false, true]) {
  const name = `a ${secure ? 'wss' : 'ws'} peer that was stopped is given up in time`;
  test(name, stopsProcesses, async (t) => {
    const server = await startUwsServer(secure ? { tls: makeSelfSigned() } : {});
    t.after(() => server.close());
    const options = { pingInterval: 0.2, pongTimeout: 0.2, ignoreSslErrors: true } as const;
    const socket = await open(server.url, options);
    await ok(webSocketPing(socket));
    server.stop();
    const start = performance.now();
    await fails(() => webSocketRead(socket, {}), 'WSFD_PONG_TIMEOUT');
    const seconds = (performance.now() - start) / 1000;
    // 0.4 s are due; without pongTimeout, TCP takes minutes.
    assert.ok(seconds < 5, `it took ${seconds} s`);
  });
}

const writing = 'without pingInterval, writing to a peer that was stopped ends in an error';
test(writing, stopsProcesses, async (t) => {
  const server = await startUwsServer({ echo: false });
  t.after(() => server.close());
  const socket = await open(server.url, { maxBufferedBytes: 1024 * 1024 });
  await ok(webSocketPing(socket));
  server.stop();
  const message = Buffer.alloc(64 * 1024);
  let accepted = 0;
  for (; webSocketWrite(socket, message) === 0; accepted++) await nextTurn();
  await fails(() => webSocketWrite(socket, message), 'WSFD_SEND_BUFFER_FULL');
  server.goOn();
  await ok(webSocketFlush(socket));
  await close(socket);
  const received = server.events.all.filter(({ event }) => event === 'message');
  // The last of its events may still be on their way.
  while (received.length < accepted) {
    const event = await server.events.next();
    if (event.event === 'close') break;
  }
  const count = server.events.all.filter(({ event }) => event === 'message').length;
  assert.equal(count, accepted);
});

test('while it is being closed closeTimeout alone counts', async (t) => {
  const server = await startRawServer({ leavesCloseToTest: true });
  t.after(() => server.close());
  const socket = await open(server.url, { ...quick, closeTimeout: 0.3 });
  const connection = await server.connections.next();
  await connection.next(opcodes.ping);
  await fails(() => webSocketClose(socket), 'WSFD_CLOSE_TIMEOUT');
});

test('a process with a socket that pings ends by itself once that is closed or its peer gone', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const raw = await startRawServer();
  t.after(() => raw.close());
  const { value, exitCode, stderr } = await runInChild(
    async ({ wsfd }, urls) => {
      const options = { pingInterval: 0.05, pongTimeout: 0.05 };
      const kept = await wsfd.webSocketOpen(urls[0] ?? '', options);
      const lost = await wsfd.webSocketOpen(urls[1] ?? '', options);
      const result = await wsfd.webSocketRead(lost, {});
      return [result, await wsfd.webSocketClose(kept)];
    },
    [server.url, raw.url],
  );
  assert.deepEqual([exitCode, value], [0, [-1, 0]], stderr);
});

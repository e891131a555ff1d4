// webSocketRead: its codes, and who gets which message.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { getLastError, webSocketClose, webSocketRead, webSocketReadMany } from 'wsfd';
import type { Message, Ref } from 'wsfd';
import { block } from '../../support/block';
import { fails, ok, open, read, readAll } from '../../support/calls';
import { binary, close as closeFrame, text } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import type { RawConnection } from '../../support/raw-server';

async function connect(t: TestContext): Promise<{ socket: number; connection: RawConnection }> {
  const server = await startRawServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  return { socket, connection: await server.connections.next() };
}

test('puts text as a string and binary as a Buffer into data.value', async (t) => {
  const { socket, connection } = await connect(t);
  connection.send(text('täxt'), binary(Buffer.from([0, 255])));
  const data: Ref<Message> = { value: 'old' };
  assert.equal(await webSocketRead(socket, data), 0);
  assert.equal(data.value, 'täxt');
  assert.equal(await webSocketRead(socket, data), 0);
  assert.ok(Buffer.isBuffer(data.value));
  assert.deepEqual(data.value, Buffer.from([0, 255]));
});

test('leaves data alone when there is no message', async (t) => {
  const { socket, connection } = await connect(t);
  const data: Ref<Message> = { value: 'old' };
  await fails(() => webSocketRead(socket, data, 0), 'WSFD_READ_TIMEOUT', -2);
  connection.send(closeFrame(1000));
  assert.equal(await webSocketRead(socket, data), 1);
  await webSocketClose(socket);
  await fails(() => webSocketRead(socket, data), 'WSFD_INVALID_SOCKET');
  assert.deepEqual(data, { value: 'old' });
});

test('a maxTimeout of 0 looks without waiting', async (t) => {
  const { socket, connection } = await connect(t);
  const error = await fails(() => webSocketRead(socket, {}, 0), 'WSFD_READ_TIMEOUT', -2);
  assert.equal(error.category, 'timeout');
  await connection.sendAndWait(text('a'), text('b'));
  const data: Ref<Message> = {};
  for (const expected of ['a', 'b']) {
    assert.equal(await webSocketRead(socket, data, 0), 0);
    assert.equal(data.value, expected);
  }
  await fails(() => webSocketRead(socket, {}, 0), 'WSFD_READ_TIMEOUT', -2);
});

test('a maxTimeout counts seconds and their fractions', async (t) => {
  const { socket } = await connect(t);
  const start = process.hrtime.bigint();
  await fails(() => webSocketRead(socket, {}, 0.15), 'WSFD_READ_TIMEOUT', -2);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  assert.ok(seconds >= 0.15 && seconds < 100, `${seconds} s`);
});

test('a maxTimeout is never early, not by a part of a millisecond', async (t) => {
  const { socket } = await connect(t);
  const took: number[] = [];
  for (let i = 0; i < 50; i++) {
    const begun = performance.now();
    await fails(() => webSocketRead(socket, {}, 0.01), 'WSFD_READ_TIMEOUT', -2);
    took.push(performance.now() - begun);
  }
  assert.ok(Math.min(...took) >= 10, took.join(' '));
});

test('a message that comes while the process is busy for longer than maxTimeout', async (t) => {
  const { socket, connection } = await connect(t);
  // Behind an immediate the loop runs timers first.
  await new Promise((resolve) => setImmediate(resolve));
  const data: Ref<Message> = {};
  const reading = webSocketRead(socket, data, 0.01);
  connection.send(text('in time'));
  block(50);
  assert.deepEqual([await reading, data.value], [0, 'in time']);
});

test('a read that timed out takes no message from the next', async (t) => {
  const { socket, connection } = await connect(t);
  await fails(() => webSocketRead(socket, {}, 0.01), 'WSFD_READ_TIMEOUT', -2);
  connection.send(text('for the next'));
  assert.equal(await read(socket), 'for the next');
});

test('reads whose timeouts pass in turn all give -2', async (t) => {
  const sockets = [];
  for (let i = 0; i < 6; i++) sockets.push((await connect(t)).socket);
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const timedOut = async (socket: number, seconds: number): Promise<number> =>
    webSocketRead(socket, {}, seconds);
  // Behind an immediate the loop runs timers first: the first read's fires, and one of the others
  // begins before the first has ended.
  await turn();
  const reading = sockets.slice(0, 1).map((socket) => timedOut(socket, 0.01));
  block(20);
  for (const socket of sockets.slice(1)) {
    await turn();
    reading.push(timedOut(socket, 0.05));
  }
  assert.deepEqual(await Promise.all(reading), Array(6).fill(-2));
});

test('a message within maxTimeout is read', async (t) => {
  const { socket, connection } = await connect(t);
  const data: Ref<Message> = {};
  const reading = webSocketRead(socket, data, 3600);
  connection.send(text('in time'));
  assert.deepEqual([await reading, data.value], [0, 'in time']);
});

test('reads that wait are served first come, first served', async (t) => {
  const { socket, connection } = await connect(t);
  const reading = Array.from({ length: 10 }, () => read(socket));
  await connection.sendAndWait(text('0'), text('1'), text('2'));
  for (let i = 3; i < 10; i++) connection.send(text(`${i}`));
  assert.deepEqual(await Promise.all(reading), '0123456789'.split(''));
});

test('a read that waits has its turn before one that comes later', async (t) => {
  const { socket, connection } = await connect(t);
  const order: string[] = [];
  const readAs = async (name: string): Promise<void> => {
    order.push(`${name} ${String(await read(socket))}`);
  };
  const first = readAs('first');
  connection.send(text('a'), text('b'));
  await Promise.all([first, readAs('second')]);
  assert.deepEqual(order, ['first a', 'second b']);
});

test('a read that gives up makes room for those behind it', async (t) => {
  const { socket, connection } = await connect(t);
  const first = read(socket);
  const second = webSocketRead(socket, {}, 0.02);
  const third = read(socket);
  assert.equal(await second, -2);
  connection.send(text('a'), text('b'));
  assert.deepEqual(await Promise.all([first, third]), ['a', 'b']);
});

test('a look behind reads that wait finds nothing', async (t) => {
  const { socket, connection } = await connect(t);
  const first = read(socket);
  assert.equal(await webSocketRead(socket, {}, 0), -2);
  connection.send(text('a'));
  assert.equal(await first, 'a');
});

test('a read in the continuation of a read', async (t) => {
  const { socket, connection } = await connect(t);
  const expected = Array.from({ length: 3000 }, (_, i) => `${i}`);
  connection.send(...expected.map((message) => text(message)));
  const data: Ref<Message> = {};
  for (const message of expected) {
    assert.equal(await webSocketRead(socket, data), 0);
    assert.equal(data.value, message);
  }
});

test('reads of different sockets do not wait for each other', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const sockets = await Promise.all(Array.from({ length: 10 }, () => open(server.url)));
  const connections = server.connections.all;
  const reading = sockets.map((socket) => read(socket));
  for (const connection of [...connections].reverse()) connection.send(text('x'));
  assert.deepEqual(await Promise.all(reading), Array<string>(10).fill('x'));
});

test('messages before a clean close are delivered, then 1 again and again', async (t) => {
  const { socket, connection } = await connect(t);
  connection.send(text('a'), binary('b'), text('c'), closeFrame(1000, 'done'));
  await connection.nextCloseCode();
  assert.deepEqual(await readAll(socket, 3), ['a', Buffer.from('b'), 'c']);
  for (let i = 0; i < 3; i++) {
    assert.equal(await webSocketRead(socket, {}), 1);
    assert.deepEqual(getLastError(), []);
    assert.equal(await webSocketRead(socket, {}, 0), 1);
    assert.equal(await webSocketReadMany(socket, []), 1);
  }
  await ok(webSocketClose(socket));
  await fails(() => webSocketRead(socket, {}), 'WSFD_INVALID_SOCKET');
});

for (const code of [undefined, 1000, 1001, 1003, 1011, 3000, 4999]) {
  test(`a close frame with the code ${code} is a clean close`, async (t) => {
    const { socket, connection } = await connect(t);
    connection.send(closeFrame(code));
    assert.equal(await webSocketRead(socket, {}), 1);
  });
}

test('every read that waits gets 1 at a clean close', async (t) => {
  const { socket, connection } = await connect(t);
  const reading = Array.from({ length: 3 }, () => webSocketRead(socket, {}));
  connection.send(text('a'), closeFrame(1000));
  assert.deepEqual(await Promise.all(reading), [0, 1, 1]);
});

test('what follows a close frame does not count', async (t) => {
  const { socket, connection } = await connect(t);
  connection.send(closeFrame(1000), text('too late'), Buffer.from([0xff, 0xff]));
  assert.equal(await webSocketRead(socket, {}), 1);
});

test('every read that waits gets 1 when its socket is closed here', async (t) => {
  const { socket, connection } = await connect(t);
  const reading = Array.from({ length: 3 }, () => webSocketRead(socket, {}));
  const waiting = webSocketReadMany(socket, [], 3600);
  await ok(webSocketClose(socket));
  assert.deepEqual(await Promise.all([...reading, waiting]), [1, 1, 1, 1]);
  assert.equal(await connection.nextCloseCode(), 1000);
});

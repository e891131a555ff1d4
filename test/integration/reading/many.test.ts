// webSocketReadMany and webSocketWriteMany: several messages in one call, with the codes of the
// calls for one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { webSocketRead, webSocketReadMany, webSocketWriteMany } from 'wsfd';
import type { Message } from 'wsfd';
import { fails, ok, open, read } from '../../support/calls';
import { binary, close as closeFrame, text } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import type { RawConnection } from '../../support/raw-server';
import { startWsServer } from '../../support/servers';

async function connect(t: TestContext): Promise<{ socket: number; connection: RawConnection }> {
  const server = await startRawServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  return { socket, connection: await server.connections.next() };
}

test('appends all that is queued', async (t) => {
  const { socket, connection } = await connect(t);
  const into: Message[] = ['there before'];
  await connection.sendAndWait(text('a'), binary('b'), text('c'));
  await ok(webSocketReadMany(socket, into));
  await connection.sendAndWait(text('d'));
  await ok(webSocketReadMany(socket, into, 0));
  assert.deepEqual(into, ['there before', 'a', Buffer.from('b'), 'c', 'd']);
  await fails(() => webSocketReadMany(socket, into, 0), 'WSFD_READ_TIMEOUT', -2);
  assert.equal(into.length, 5);
});

test('waits for at least one message', async (t) => {
  const { socket, connection } = await connect(t);
  const into: Message[] = [];
  const reading = webSocketReadMany(socket, into, 3600);
  connection.send(text('a'));
  assert.equal(await reading, 0);
  assert.deepEqual(into, ['a']);
});

test('gives -2 after maxTimeout', async (t) => {
  const { socket } = await connect(t);
  await fails(() => webSocketReadMany(socket, [], 0.01), 'WSFD_READ_TIMEOUT', -2);
});

test('what is queued at the close comes first, then 1', async (t) => {
  const { socket, connection } = await connect(t);
  connection.send(text('a'), text('b'), closeFrame(1000));
  await connection.nextCloseCode();
  const into: Message[] = [];
  await ok(webSocketReadMany(socket, into));
  assert.deepEqual(into, ['a', 'b']);
  assert.equal(await webSocketReadMany(socket, into), 1);
  assert.equal(into.length, 2);
});

test('takes its turn among the reads that wait', async (t) => {
  const { socket, connection } = await connect(t);
  const first = read(socket);
  const into: Message[] = [];
  const second = webSocketReadMany(socket, into);
  const third = webSocketRead(socket, {});
  await connection.sendAndWait(text('a'), text('b'), text('c'));
  assert.equal(await first, 'a');
  assert.equal(await second, 0);
  assert.equal(into[0], 'b');
  // What the one in the middle left is for the last; a further message if it left nothing.
  if (into.length === 2) connection.send(text('d'));
  assert.equal(await third, 0);
});

for (const [name, into] of [
  ['undefined', undefined],
  ['null', null],
  ['an object', {}],
  ['a frozen list', Object.freeze([])],
  ['a Uint8Array', new Uint8Array(4)],
] as const) {
  test(`into ${name} is an argument error and loses no message`, async (t) => {
    const { socket, connection } = await connect(t);
    await connection.sendAndWait(text('kept'));
    const call = (): Promise<number> => webSocketReadMany(socket, into as unknown as Message[]);
    await fails(call, 'WSFD_INVALID_ARGUMENT');
    assert.equal(await read(socket), 'kept');
  });
}

test('a thousand messages written in one call arrive in order', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  const messages = Array.from({ length: 1000 }, (_, i) =>
    i % 3 === 0 ? Buffer.from(`${i}`) : `${i}`,
  );
  await ok(webSocketWriteMany(socket, messages));
  const into: Message[] = [];
  while (into.length < messages.length) await ok(webSocketReadMany(socket, into));
  assert.deepEqual(into, messages);
});

test('an argument error anywhere in the list says where, and nothing is sent', async (t) => {
  const { socket, connection } = await connect(t);
  const messages = ['a', Buffer.from('b'), 5, 'c'] as string[];
  const error = await fails(() => webSocketWriteMany(socket, messages), 'WSFD_INVALID_ARGUMENT');
  assert.match(error.message, /\b2\b/, 'it is not said which one it was');
  await ok(webSocketWriteMany(socket, ['next']));
  assert.equal((await connection.frames.next()).payload.toString(), 'next');
});

test('what stands before the message that does not fit is sent, what follows is not', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const socket = await open(server.url, { maxBufferedBytes: 1000 });
  const messages = ['a', 'b', Buffer.alloc(2000), 'c'];
  const error = await fails(() => webSocketWriteMany(socket, messages), 'WSFD_SEND_BUFFER_FULL');
  assert.match(error.message, /\b2\b/, 'it is not said which one it was');
  await ok(webSocketWriteMany(socket, ['next']));
  const connection = await server.connections.next();
  for (const expected of ['a', 'b', 'next']) {
    assert.equal((await connection.frames.next()).payload.toString(), expected);
  }
});

for (const [name, messages] of [
  ['undefined', undefined],
  ['a string', 'abc'],
  ['a Uint8Array', new Uint8Array(4)],
  ['a set', new Set(['a'])],
  ['a list with a hole', new Array(1)],
] as const) {
  test(`writing ${name} is an argument error and sends nothing`, async (t) => {
    const { socket, connection } = await connect(t);
    const call = (): number => webSocketWriteMany(socket, messages as unknown as string[]);
    await fails(call, 'WSFD_INVALID_ARGUMENT');
    await ok(webSocketWriteMany(socket, ['next']));
    assert.equal((await connection.frames.next()).payload.toString(), 'next');
  });
}

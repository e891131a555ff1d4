// webSocketMessages and webSocketBatches: for await over what comes.
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  getLastError,
  WebSocketError,
  webSocketBatches,
  webSocketClose,
  webSocketMessages,
  webSocketRead,
  webSocketReadMany,
  webSocketSubscribe,
} from 'wsfd';
import type { Message, WebSocketErrorEvent } from 'wsfd';
import { close, fails, open, read } from '../../support/calls';
import { binary, close as closeFrame, text } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import type { RawConnection } from '../../support/raw-server';

async function connect(t: TestContext): Promise<{ socket: number; connection: RawConnection }> {
  const server = await startRawServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  return { socket, connection: await server.connections.next() };
}

/** What there is until the end; an error that ends it is put behind the messages. */
async function drain(messages: AsyncIterable<Message>): Promise<unknown[]> {
  const all: unknown[] = [];
  try {
    for await (const message of messages) all.push(message);
  } catch (error) {
    assert.ok(error instanceof WebSocketError);
    all.push(error.code);
  }
  return all;
}

async function* flatten(batches: AsyncIterable<readonly Message[]>): AsyncIterable<Message> {
  for await (const batch of batches) {
    assert.ok(batch.length > 0);
    yield* batch;
  }
}

const iterables: [string, (socket: number) => AsyncIterable<Message>][] = [
  ['webSocketMessages', webSocketMessages],
  ['webSocketBatches', (socket) => flatten(webSocketBatches(socket))],
];

for (const [name, iterate] of iterables) {
  test(`${name} ends at a clean close`, async (t) => {
    const { socket, connection } = await connect(t);
    const all = drain(iterate(socket));
    await connection.sendAndWait(text('a'), binary('b'));
    connection.send(text('c'), closeFrame(1000));
    assert.deepEqual(await all, ['a', Buffer.from('b'), 'c']);
    assert.deepEqual(await drain(iterate(socket)), []);
    await close(socket);
  });

  test(`${name} throws at an abnormal end, behind the last message`, async (t) => {
    const { socket, connection } = await connect(t);
    await connection.sendAndWait(text('a'));
    connection.send(text('b'));
    connection.end();
    assert.deepEqual(await drain(iterate(socket)), ['a', 'b', 'WSFD_CLOSED_ABNORMALLY']);
  });

  test(`${name} throws where the server breaks the protocol`, async (t) => {
    const { socket, connection } = await connect(t);
    connection.send(text('a'), text(Buffer.from([0xff])));
    assert.deepEqual(await drain(iterate(socket)), ['a', 'WSFD_TEXT_NOT_UTF8']);
  });

  test(`${name} ends when the socket is closed here`, async (t) => {
    const { socket, connection } = await connect(t);
    const all = drain(iterate(socket));
    await connection.sendAndWait(text('a'));
    assert.equal(await webSocketClose(socket), 0);
    assert.deepEqual(await all, ['a']);
  });

  test(`${name} goes through many messages`, async (t) => {
    const { socket, connection } = await connect(t);
    const expected = Array.from({ length: 5000 }, (_, i) => `${i}`);
    connection.send(...expected.map((message) => text(message)), closeFrame(1000));
    assert.deepEqual(await drain(iterate(socket)), expected);
  });
}

test('what is left after a break can still be read', async (t) => {
  const { socket, connection } = await connect(t);
  await connection.sendAndWait(...['a', 'b', 'c', 'd', 'e'].map((message) => text(message)));
  for await (const message of webSocketMessages(socket)) {
    if (message === 'b') break;
  }
  assert.equal(await read(socket, 0), 'c');
  const rest: Message[] = [];
  for await (const message of webSocketMessages(socket)) {
    rest.push(message);
    if (message === 'e') break;
  }
  assert.deepEqual(rest, ['d', 'e']);
  connection.send(text('f'));
  assert.equal(await read(socket), 'f');
});

test('nobody else reads while an iterable does', async (t) => {
  const { socket, connection } = await connect(t);
  await connection.sendAndWait(text('a'), text('b'));
  const conflict = { code: 'WSFD_READER_CONFLICT' };
  for await (const message of webSocketMessages(socket)) {
    assert.equal(message, 'a');
    await fails(() => webSocketRead(socket, {}), conflict.code);
    await fails(() => webSocketReadMany(socket, []), conflict.code);
    await fails(() => webSocketSubscribe(socket, () => undefined), conflict.code);
    await assert.rejects(webSocketMessages(socket)[Symbol.asyncIterator]().next(), conflict);
    break;
  }
  assert.equal(await read(socket, 0), 'b');
});

test('an exception in the loop gives the socket back', async (t) => {
  const { socket, connection } = await connect(t);
  await connection.sendAndWait(text('a'), text('b'));
  const loop = async (): Promise<void> => {
    for await (const message of webSocketMessages(socket)) throw new Error(message.toString());
  };
  await assert.rejects(loop(), /^Error: a$/);
  assert.equal(await read(socket, 0), 'b');
});

const ends = [
  ['return()', (loop: AsyncGenerator) => loop.return(undefined)],
  ['throw()', (loop: AsyncGenerator) => assert.rejects(loop.throw('own'), /^own$/)],
] as const;

for (const [name, end] of ends) {
  for (const iterate of [webSocketMessages, webSocketBatches]) {
    test(`${name} ends ${iterate.name} while it waits, and takes no message`, async (t) => {
      const { socket, connection } = await connect(t);
      const loop = iterate(socket);
      const asked = loop.next();
      // One that has not begun, or could not, ends no other.
      await iterate(socket).return();
      await end(loop);
      assert.deepEqual(await asked, { done: true, value: undefined });
      await connection.sendAndWait(text('a'));
      assert.equal(await read(socket, 0), 'a');
    });
  }
}

for (const [name, end] of ends) {
  for (const iterate of [webSocketMessages, webSocketBatches]) {
    test(`${name} behind more than there is ends ${iterate.name}, which does not wait`, async (t) => {
      const { socket, connection } = await connect(t);
      await connection.sendAndWait(text('a'));
      const loop = iterate(socket);
      const asked = [loop.next(), loop.next(), loop.next()];
      await end(loop);
      const [first, ...others] = await Promise.all(asked);
      const value = iterate === webSocketMessages ? 'a' : ['a'];
      assert.deepEqual(first, { done: false, value });
      for (const other of others) assert.deepEqual(other, { done: true, value: undefined });
      await connection.sendAndWait(text('b'));
      assert.equal(await read(socket, 0), 'b');
    });
  }
}

test('a stream of messages that is destroyed while it waits gives the socket back', async (t) => {
  const { socket, connection } = await connect(t);
  const stream = Readable.from(webSocketMessages(socket)).resume();
  await connection.sendAndWait(text('a'));
  stream.destroy();
  await once(stream, 'close');
  connection.send(text('b'));
  assert.equal(await read(socket), 'b');
});

test('what was thrown is the last error, and the channel wsfd:error has it', async (t) => {
  const seen: unknown[] = [];
  const listener = (event: unknown): void => {
    const { call, errors } = event as WebSocketErrorEvent;
    seen.push([call, errors[0]?.code]);
  };
  subscribe('wsfd:error', listener);
  t.after(() => unsubscribe('wsfd:error', listener));
  const { socket } = await connect(t);
  const waiting = webSocketBatches(socket);
  const asked = waiting.next();
  for (const [number, code] of [
    [12_345_678, 'WSFD_INVALID_SOCKET'],
    [socket, 'WSFD_READER_CONFLICT'],
  ] as const) {
    await assert.rejects(webSocketMessages(number).next(), (error) => error === getLastError()[0]);
    assert.deepEqual(seen.pop(), ['webSocketMessages', code]);
  }
  await waiting.return();
  assert.deepEqual(await asked, { done: true, value: undefined });
});

test('a batch holds all that is queued', async (t) => {
  const { socket, connection } = await connect(t);
  await connection.sendAndWait(text('a'), text('b'));
  await connection.sendAndWait(text('c'));
  for await (const batch of webSocketBatches(socket)) {
    assert.deepEqual(batch, ['a', 'b', 'c']);
    break;
  }
});

test('an iterator that is asked ahead answers in order', async (t) => {
  const { socket, connection } = await connect(t);
  const iterator = webSocketMessages(socket)[Symbol.asyncIterator]();
  const asked = [iterator.next(), iterator.next(), iterator.next()];
  connection.send(text('a'), text('b'), closeFrame(1000));
  const results = await Promise.all(asked);
  assert.deepEqual(
    results.map(({ done, value }) => (done === true ? 'done' : value)),
    ['a', 'b', 'done'],
  );
});

// webSocketSubscribe: one call with all messages of a wake-up, held back by the promise it returns.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  getLastError,
  webSocketBatches,
  webSocketClose,
  webSocketInfo,
  webSocketMessages,
  webSocketRead,
  webSocketReadMany,
  webSocketSubscribe,
  webSocketTerminate,
  webSocketWrite,
} from 'wsfd';
import type { Message } from 'wsfd';
import { Arrivals } from '../../support/arrivals';
import { close, fails, ok, open, read } from '../../support/calls';
import { runInChild } from '../../support/child';
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

/** Subscribes, and gives what comes one by one. */
function collect(socket: number): { messages: Arrivals<Message>; batches: Message[][] } {
  const messages = new Arrivals<Message>('message');
  const batches: Message[][] = [];
  const result = webSocketSubscribe(socket, (batch) => {
    batches.push([...batch]);
    for (const message of batch) messages.push(message);
  });
  assert.equal(result, 0);
  return { messages, batches };
}

async function take(messages: Arrivals<Message>, count: number): Promise<Message[]> {
  const taken: Message[] = [];
  while (taken.length < count) taken.push(await messages.next());
  return taken;
}

test('messages come in batches, in order', async (t) => {
  const { socket, connection } = await connect(t);
  const { messages, batches } = collect(socket);
  const expected: Message[] = Array.from({ length: 2000 }, (_, i) => `${i}`);
  connection.send(...expected.map((message) => text(message as string)), binary('end'));
  assert.deepEqual(await take(messages, 2001), [...expected, Buffer.from('end')]);
  assert.ok(batches.length < 500, `${batches.length} batches`);
  assert.ok(batches.every((batch) => batch.length > 0));
});

test('messages that were queued before are the first batch', async (t) => {
  const { socket, connection } = await connect(t);
  await connection.sendAndWait(text('a'), text('b'), text('c'));
  assert.equal(await read(socket), 'a');
  const { messages } = collect(socket);
  await connection.sendAndWait(text('d'));
  assert.deepEqual(await take(messages, 3), ['b', 'c', 'd']);
});

test('is not called inside webSocketSubscribe', async (t) => {
  const { socket, connection } = await connect(t);
  await connection.sendAndWait(text('a'));
  let returned = false;
  const called = new Promise<boolean>((resolve) => {
    webSocketSubscribe(socket, () => resolve(returned));
    returned = true;
  });
  assert.equal(await called, true);
});

test('a promise holds the next batch back', async (t) => {
  const { socket, connection } = await connect(t);
  const batches = new Arrivals<readonly Message[]>('batch');
  const releases: (() => void)[] = [];
  await ok(
    webSocketSubscribe(socket, (batch) => {
      batches.push([...batch]);
      return new Promise((resolve) => releases.push(resolve));
    }),
  );
  connection.send(text('a'));
  assert.deepEqual(await batches.next(), ['a']);
  for (const letter of 'bcd') await connection.sendAndWait(text(letter));
  assert.equal(batches.all.length, 1);
  releases[0]?.();
  assert.deepEqual(await batches.next(), ['b', 'c', 'd']);
  await connection.sendAndWait(text('e'));
  assert.equal(batches.all.length, 2);
  releases[1]?.();
  assert.deepEqual(await batches.next(), ['e']);
});

test('a second reader is refused', async (t) => {
  const { socket, connection } = await connect(t);
  const { messages } = collect(socket);
  const others: [string, () => number | Promise<number>][] = [
    ['webSocketRead', () => webSocketRead(socket, {})],
    ['webSocketRead without waiting', () => webSocketRead(socket, {}, 0)],
    ['webSocketReadMany', () => webSocketReadMany(socket, [])],
    ['webSocketSubscribe', () => webSocketSubscribe(socket, () => undefined)],
  ];
  for (const [name, call] of others) {
    const error = await fails(call, 'WSFD_READER_CONFLICT');
    assert.equal(error.category, 'usage', name);
  }
  for (const iterable of [webSocketMessages(socket), webSocketBatches(socket)]) {
    const iterator: AsyncIterator<unknown> = iterable[Symbol.asyncIterator]();
    await assert.rejects(iterator.next(), { code: 'WSFD_READER_CONFLICT' });
  }
  connection.send(text('a'));
  assert.equal(await messages.next(), 'a');
});

test('is refused while a read waits', async (t) => {
  const { socket, connection } = await connect(t);
  const reading = read(socket);
  await fails(() => webSocketSubscribe(socket, () => undefined), 'WSFD_READER_CONFLICT');
  connection.send(text('for the read'), text('b'));
  assert.equal(await reading, 'for the read');
  const { messages } = collect(socket);
  assert.equal(await messages.next(), 'b');
});

test('closing inside the callback', async (t) => {
  const { socket, connection } = await connect(t);
  let calls = 0;
  const closed = new Promise<number>((resolve) => {
    webSocketSubscribe(socket, () => {
      calls += 1;
      resolve(webSocketClose(socket));
    });
  });
  connection.send(...Array.from({ length: 2000 }, () => text('x')));
  assert.equal(await closed, 0);
  await connection.closed;
  assert.equal(calls, 1);
});

test('writing, opening and reading inside the callback', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  const inside = new Promise<Message>((resolve, reject) => {
    webSocketSubscribe(socket, async () => {
      const other = await open(server.url);
      await ok(webSocketWrite(other, 'from inside'));
      await read(other).then(resolve, reject);
      await close(other);
    });
  });
  await ok(webSocketWrite(socket, 'x'));
  assert.equal(await inside, 'from inside');
  await close(socket);
});

test('an echo in the callback', async (t) => {
  const { socket, connection } = await connect(t);
  webSocketSubscribe(socket, (batch) => {
    for (const message of batch) webSocketWrite(socket, message);
  });
  for (let i = 0; i < 100; i++) {
    connection.send(text(`${i}`), binary(`${i}`));
    for (let n = 0; n < 2; n++) {
      assert.equal((await connection.frames.next()).payload.toString(), `${i}`);
    }
  }
});

test('all messages before a close are delivered, and webSocketInfo tells of it', async (t) => {
  const { socket, connection } = await connect(t);
  const { messages } = collect(socket);
  connection.send(text('a'), text('b'), closeFrame(4000, 'over'));
  assert.deepEqual(await take(messages, 2), ['a', 'b']);
  await connection.closed;
  const info = webSocketInfo(socket);
  assert.deepEqual([info?.state, info?.closeCode, info?.closeReason], ['closed', 4000, 'over']);
  await close(socket);
});

test('a callback that throws is an uncaught exception and does no harm', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const { value, exitCode, stderr } = await runInChild(async ({ wsfd }, url) => {
    const caught: string[] = [];
    process.on('uncaughtException', (error) => caught.push(error.message));
    const socket = await wsfd.webSocketOpen(url);
    const seen: string[] = [];
    let next: () => void = () => undefined;
    wsfd.webSocketSubscribe(socket, (batch) => {
      seen.push(...batch.map(String));
      setImmediate(next);
      if (seen.length === 1) throw new Error('thrown in the callback');
      if (seen.length === 2) return Promise.reject(new Error('rejected'));
      if (seen.length > 3) return undefined;
      return Object.defineProperty({}, 'then', {
        get: () => {
          throw new Error('thrown by then');
        },
      }) as Promise<void>;
    });
    for (const message of ['a', 'b', 'c', 'd']) {
      const called = new Promise<void>((resolve) => (next = resolve));
      wsfd.webSocketWrite(socket, message);
      await called;
    }
    return { caught, seen, closed: await wsfd.webSocketClose(socket) };
  }, server.url);
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(value, {
    caught: ['thrown in the callback', 'rejected', 'thrown by then'],
    seen: ['a', 'b', 'c', 'd'],
    closed: 0,
  });
});

test('a callback that throws ends a process that does not expect it', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const { exitCode, signal, stderr } = await runInChild(
    async ({ wsfd }, url) => {
      const socket = await wsfd.webSocketOpen(url);
      wsfd.webSocketSubscribe(socket, () => {
        throw new Error('thrown in the callback');
      });
      wsfd.webSocketWrite(socket, 'x');
    },
    server.url,
    { endsAnyhow: true },
  );
  assert.deepEqual([exitCode, signal], [1, null]);
  assert.match(stderr, /thrown in the callback/);
});

/** Subscribes; what the subscriber and `ended` were called with, in order. */
function log(
  socket: number,
  hold?: (batch: readonly Message[]) => Promise<void>,
): Arrivals<string> {
  const calls = new Arrivals<string>('call');
  const subscriber = (batch: readonly Message[]): Promise<void> | undefined => {
    for (const message of batch) calls.push(String(message));
    return hold?.(batch);
  };
  const ended = (code: 1 | -1): void => {
    const [error] = getLastError();
    calls.push(error === undefined ? `ended ${code}` : `ended ${code} ${error.code}`);
  };
  assert.equal(webSocketSubscribe(socket, subscriber, ended), 0);
  return calls;
}

test('is told of a close behind the last message', async (t) => {
  const { socket, connection } = await connect(t);
  const calls = log(socket);
  connection.send(text('a'), text('b'), closeFrame(1000));
  assert.deepEqual(
    [await calls.next(), await calls.next(), await calls.next()],
    ['a', 'b', 'ended 1'],
  );
  await close(socket);
  assert.equal(calls.all.length, 3);
});

test('is told of an abnormal end, with its errors', async (t) => {
  const { socket, connection } = await connect(t);
  const calls = log(socket);
  connection.send(text('a'));
  assert.equal(await calls.next(), 'a');
  connection.socket.destroy();
  assert.equal(await calls.next(), 'ended -1 WSFD_CLOSED_ABNORMALLY');
  await close(socket);
});

test('is told of the end once it is done with what came before', async (t) => {
  const { socket, connection } = await connect(t);
  const releases: (() => void)[] = [];
  const calls = log(socket, () => new Promise((resolve) => releases.push(resolve)));
  await connection.sendAndWait(text('a'));
  assert.equal(await calls.next(), 'a');
  connection.send(text('b'), closeFrame(1000));
  await connection.closed;
  assert.deepEqual(calls.all, ['a']);
  releases[0]?.();
  assert.equal(await calls.next(), 'b');
  assert.equal(webSocketInfo(socket)?.state, 'closed');
  assert.deepEqual(calls.all, ['a', 'b']);
  releases[1]?.();
  assert.equal(await calls.next(), 'ended 1');
  await close(socket);
});

test('is told of an end that was before it', async (t) => {
  const { socket, connection } = await connect(t);
  connection.send(text('a'), closeFrame(1000));
  await connection.closed;
  const calls = log(socket);
  assert.deepEqual([await calls.next(), await calls.next()], ['a', 'ended 1']);
  await close(socket);
});

for (const [name, end] of [
  ['webSocketClose', webSocketClose],
  ['webSocketTerminate', webSocketTerminate],
] as const) {
  test(`is told of ${name}`, async (t) => {
    const { socket } = await connect(t);
    const calls = log(socket);
    await ok(end(socket));
    assert.equal(await calls.next(), 'ended 1');
  });
}

test('what is to be called at the end must be a function', async (t) => {
  const { socket } = await connect(t);
  const wrong = 'later' as unknown as () => void;
  const error = await fails(
    () => webSocketSubscribe(socket, () => undefined, wrong),
    'WSFD_INVALID_ARGUMENT',
  );
  assert.match(error.message, /ended/);
  await close(socket);
});

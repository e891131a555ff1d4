// webSocketSubscribePacked: messages as positions in memory.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  getLastError,
  webSocketBatches,
  webSocketClose,
  webSocketInfo,
  webSocketRead,
  webSocketSubscribe,
  webSocketSubscribePacked,
  webSocketTerminate,
  webSocketWrite,
} from 'wsfd';
import type { Message, PackedBatch, WebSocketMessagesEvent } from 'wsfd';
import { Arrivals } from '../../support/arrivals';
import { fails, open } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { runInChild, runInThread } from '../../support/child';
import type { Inside } from '../../support/child';
import { binary, close as closeFrame, fragments, opcodes, text } from '../../support/frames';
import type * as HandingOn from '../../support/handing-on';
import { startRawServer } from '../../support/raw-server';
import type { RawConnection, RawServerOptions } from '../../support/raw-server';
import { startWsServer } from '../../support/servers';

interface Connected {
  socket: number;
  connection: RawConnection;
}

async function connect(
  t: TestContext,
  options: RawServerOptions = {},
  openOptions: Parameters<typeof open>[1] = {},
): Promise<Connected> {
  const server = await startRawServer(options);
  t.after(() => server.close());
  const socket = await open(server.url, openOptions);
  return { socket, connection: await server.connections.next() };
}

/** The messages of a batch as webSocketSubscribe would have given them. */
const messagesOf = (batch: PackedBatch): Message[] =>
  Array.from({ length: batch.length }, (_, i) => (batch.isText(i) ? batch.text(i) : batch.copy(i)));

/** Subscribes, and gives what comes one by one. */
function collect(socket: number): Arrivals<Message> {
  const messages = new Arrivals<Message>('message');
  const result = webSocketSubscribePacked(socket, (batch) => {
    for (const message of messagesOf(batch)) messages.push(message);
  });
  assert.equal(result, 0);
  return messages;
}

async function take(messages: Arrivals<Message>, count: number): Promise<Message[]> {
  const taken: Message[] = [];
  while (taken.length < count) taken.push(await messages.next());
  return taken;
}

/** The next batch, looked at within the call. */
function nextBatch<T>(socket: number, look: (batch: PackedBatch) => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const result = webSocketSubscribePacked(socket, (batch) => {
      try {
        resolve(look(batch));
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    assert.equal(result, 0);
  });
}

test('text and binary messages, empty ones and every alphabet come in order', async (t) => {
  const { socket, connection } = await connect(t);
  const messages = collect(socket);
  const expected: Message[] = ['', 'ASCII', 'Öl', 'Wasser 水 🌊', '\ufeffbom', Buffer.alloc(0)];
  for (let i = 0; i < 3000; i++) expected.push(i % 3 === 0 ? Buffer.from(`b${i}`) : `t${i}`);
  const frames = expected.map((it) => (typeof it === 'string' ? text(it) : binary(it)));
  connection.send(...frames);
  assert.deepEqual(await take(messages, expected.length), expected);
});

test('a batch has length, bytes, starts, ends, isText, text, subarray and copy', async (t) => {
  const { socket, connection } = await connect(t);
  await connection.sendAndWait(text('Öl'), binary(Buffer.from([1, 2, 3])), text('abc'));
  await nextBatch(socket, (batch) => {
    assert.equal(batch.length, 3);
    assert.ok(Buffer.isBuffer(batch.bytes));
    assert.ok(batch.starts instanceof Uint32Array && batch.ends instanceof Uint32Array);
    const [start, end] = [batch.starts[1], batch.ends[1]];
    assert.deepEqual(batch.bytes.subarray(start, end), Buffer.from([1, 2, 3]));
    assert.deepEqual(
      [0, 1, 2].map((i) => batch.isText(i)),
      [true, false, true],
    );
    assert.equal(batch.text(0), 'Öl');
    assert.equal(batch.text(1), '\u0001\u0002\u0003');
    assert.equal(batch.subarray(2).toString(), 'abc');
    assert.equal(batch.subarray(2).buffer, batch.bytes.buffer);
    assert.notEqual(batch.copy(2).buffer, batch.bytes.buffer);
    assert.equal(batch.copy(2).buffer.byteLength, 3);
    assert.equal(batch.copy(2).toString(), 'abc');
  });
});

test('a number that is no message of the batch is a RangeError', async (t) => {
  const { socket, connection } = await connect(t);
  await connection.sendAndWait(text('a'), text('b'));
  await nextBatch(socket, (batch) => {
    for (const i of [-1, 2, 0.5, NaN, 2 ** 32, '0' as unknown as number]) {
      for (const name of ['isText', 'text', 'subarray', 'copy'] as const) {
        assert.throws(() => batch[name](i), { name: 'RangeError', message: /from 0 to 1, got/ });
      }
    }
  });
});

test('what lies in the receive buffer is not copied, plain or over TLS', async (t) => {
  const { key, cert } = makeSelfSigned();
  const plain = await connect(t);
  const secure = await connect(t, { tls: { key, cert } }, { caCertificates: cert });
  const looks = [plain, secure].map(async ({ socket, connection }) => {
    const seen = new Set<unknown>();
    const done = new Promise<void>((resolve) => {
      let left = 3;
      webSocketSubscribePacked(socket, (batch) => {
        seen.add(batch.bytes.buffer);
        for (let i = 0; i < batch.length; i++) {
          assert.equal(batch.text(i), 'abc');
          if (--left === 0) resolve();
        }
      });
    });
    for (let i = 0; i < 3; i++) await connection.sendAndWait(text('abc'));
    await done;
    return seen;
  });
  const [one, other] = await Promise.all(looks);
  assert.ok(one !== undefined && other !== undefined);
  // One memory for all reads of all sockets.
  assert.equal(one.size, 1);
  assert.deepEqual(one, other);
});

test('compressed, fragmented and spanning messages, with others between', async (t) => {
  const { socket, connection } = await connect(t);
  const messages = collect(socket);
  const large = 'ß'.repeat(200_000);
  const expected: Message[] = ['first', large, 'between', 'fragmented水', 'last'];
  const cut = Buffer.from('fragmented水');
  connection.send(
    text('first'),
    text(large),
    text('between'),
    ...fragments(opcodes.text, [cut.subarray(0, 11), cut.subarray(11, 12), cut.subarray(12)]),
    text('last'),
  );
  assert.deepEqual(await take(messages, 5), expected);
  connection.sendBytewise(Buffer.concat([text('byte by byte'), binary(Buffer.from([0xff]))]));
  assert.deepEqual(await take(messages, 2), ['byte by byte', Buffer.from([0xff])]);

  const server = await startWsServer({ settings: { perMessageDeflate: true } });
  t.after(() => server.close());
  const compressed = await open(server.url, { perMessageDeflate: true });
  assert.match(webSocketInfo(compressed)?.extensions ?? '', /permessage-deflate/);
  const echoed = collect(compressed);
  const sent: Message[] = ['a'.repeat(300_000), Buffer.alloc(500, 7), '', 'ä'.repeat(5000)];
  for (const message of sent) assert.equal(webSocketWrite(compressed, message), 0);
  assert.deepEqual(await take(echoed, sent.length), sent);
});

test('messages larger than all of the shared memory', async (t) => {
  const { socket, connection } = await connect(t);
  const messages = collect(socket);
  const expected = [3, 1, 2].map((n) => Buffer.alloc(n * 1_000_000, n));
  connection.send(text('before'), ...expected.map((it) => binary(it)), text('behind'));
  assert.deepEqual(await take(messages, 5), ['before', ...expected, 'behind']);
});

test('messages that had come before are the first batch, and not within the call', async (t) => {
  const { socket, connection } = await connect(t);
  await connection.sendAndWait(text('ä'), binary(Buffer.from([1])), text(''));
  let returned = false;
  const seen = nextBatch(socket, (batch) => [returned, messagesOf(batch)]);
  returned = true;
  assert.deepEqual(await seen, [true, ['ä', Buffer.from([1]), '']]);
});

test('a promise holds the next batch back, and nothing is lost', async (t) => {
  const { socket, connection } = await connect(t);
  const released: (() => void)[] = [];
  const batches = new Arrivals<Message[]>('batch');
  webSocketSubscribePacked(socket, (batch) => {
    batches.push(messagesOf(batch));
    return new Promise<void>((resolve) => released.push(resolve));
  });
  await connection.sendAndWait(text('a'));
  assert.deepEqual(await batches.next(), ['a']);
  await connection.sendAndWait(text('b'), binary(Buffer.from('c')));
  await connection.sendAndWait(text('ä'), text('水'));
  assert.equal(released.length, 1);
  released[0]?.();
  assert.deepEqual(await batches.next(), ['b', Buffer.from('c'), 'ä', '水']);
});

test('a batch is over when the subscriber has returned, also where it returned a promise', async (t) => {
  const { socket, connection } = await connect(t);
  const kept: PackedBatch[] = [];
  const done = new Promise<void>((resolve) => {
    webSocketSubscribePacked(socket, async (batch) => {
      kept.push(batch);
      await Promise.resolve();
      assert.equal(batch.length, 0);
      assert.throws(() => batch.text(0), { name: 'RangeError', message: /this batch is over/ });
      assert.throws(() => batch.copy(0), RangeError);
      assert.throws(() => batch.json(), RangeError);
      resolve();
    });
  });
  await connection.sendAndWait(text('a'));
  await done;
  assert.equal(kept.length, 1);
});

test('what a subscriber holds back past receiveHighWaterMark pauses the socket', async (t) => {
  const { socket, connection } = await connect(t, {}, { receiveHighWaterMark: 100_000 });
  let release: () => void = () => undefined;
  let count = 0;
  const all = new Promise<void>((resolve) => {
    webSocketSubscribePacked(socket, (batch) => {
      for (let i = 0; i < batch.length; i++) assert.equal(batch.subarray(i).length, 50_000);
      count += batch.length;
      if (count === 200) resolve();
      if (count > 1) return undefined;
      return new Promise((resolve_) => (release = resolve_));
    });
  });
  await connection.sendAndWait(binary(Buffer.alloc(50_000, 1)));
  for (let i = 1; i < 200; i++) connection.send(binary(Buffer.alloc(50_000, 2)));
  // It stops to be read: the server cannot get rid of 10 MB. (no event tells that nothing happens)
  const { socket: stream } = connection;
  const { reads = 0 } = webSocketInfo(socket) ?? {};
  await new Promise<void>((resolve) => {
    let before = -1;
    const look = (): void => {
      const now = webSocketInfo(socket)?.reads ?? 0;
      if (now === before && now > reads) resolve();
      else setTimeout(look, 50);
      before = now;
    };
    look();
  });
  assert.ok(stream.writableLength > 0);
  assert.equal(count, 1);
  release();
  await all;
});

test('ended is called once, behind the last batch: 1 for a close frame, -1 otherwise', async (t) => {
  const { socket, connection } = await connect(t);
  const seen: unknown[] = [];
  const ended = new Promise<void>((resolve) => {
    const result = webSocketSubscribePacked(
      socket,
      (batch) => {
        seen.push(...messagesOf(batch));
        return Promise.resolve();
      },
      (code) => {
        seen.push(code);
        resolve();
      },
    );
    assert.equal(result, 0);
  });
  connection.send(text('a'), text('b'), closeFrame(1000));
  await ended;
  assert.deepEqual(seen, ['a', 'b', 1]);

  const lost = await connect(t);
  const end = new Promise((resolve) => {
    webSocketSubscribePacked(
      lost.socket,
      () => undefined,
      (code) => resolve([code, getLastError()[0]?.code]),
    );
  });
  lost.connection.end();
  assert.deepEqual(await end, [-1, 'WSFD_CLOSED_ABNORMALLY']);
});

test('text that is not UTF-8 ends the connection, behind what came before', async (t) => {
  const { socket, connection } = await connect(t);
  const seen: Message[] = [];
  const ended = new Promise((resolve) => {
    webSocketSubscribePacked(
      socket,
      (batch) => void seen.push(...messagesOf(batch)),
      (code) => resolve([code, getLastError()[0]?.code]),
    );
  });
  connection.send(text('good'), text(Buffer.from([0xff])), text('never'));
  assert.deepEqual(await ended, [-1, 'WSFD_TEXT_NOT_UTF8']);
  assert.deepEqual(seen, ['good']);
});

test('nothing comes after a close or terminate out of the subscriber', async (t) => {
  for (const end of [webSocketClose, webSocketTerminate]) {
    const { socket, connection } = await connect(t);
    let calls = 0;
    const called = new Promise<void>((resolve) => {
      webSocketSubscribePacked(socket, () => {
        calls++;
        void end(socket);
        resolve();
      });
    });
    const many = Array.from({ length: 2000 }, () => text('x'));
    connection.send(...many);
    await called;
    await connection.closed;
    assert.equal(calls, 1);
  }
});

test('an exception out of the subscriber is uncaught, and the messages go on', async () => {
  const server = await startRawServer();
  void server.connections.next().then(async (connection) => {
    connection.send(text('a'));
    // Not before the subscriber was called: it may get both at once.
    await connection.next(opcodes.text);
    connection.send(text('b'));
  });
  const body = async ({ wsfd }: Inside, url: string): Promise<unknown> => {
    const socket = await wsfd.webSocketOpen(url);
    const seen: string[] = [];
    process.on('uncaughtException', (error) => void seen.push(error.message));
    await new Promise<void>((resolve) => {
      wsfd.webSocketSubscribePacked(socket, (batch) => {
        const message = batch.text(0);
        if (message === 'b') resolve();
        else wsfd.webSocketWrite(socket, 'called');
        throw new Error(message);
      });
    });
    wsfd.webSocketTerminate(socket);
    return seen;
  };
  const { value } = await runInChild(body, server.url);
  await server.close();
  assert.deepEqual(value, ['a', 'b']);
});

test('is called in the async context of the opening', async (t) => {
  const storage = new AsyncLocalStorage<string>();
  const { socket, connection } = await storage.run('opening', () => connect(t));
  const seen = nextBatch(socket, () => storage.getStore());
  connection.send(text('a'));
  assert.equal(await seen, 'opening');
});

test('the channel wsfd:messages gets the messages', async (t) => {
  const events: WebSocketMessagesEvent[] = [];
  const listen = (event: unknown): void => void events.push(event as WebSocketMessagesEvent);
  subscribe('wsfd:messages', listen);
  t.after(() => unsubscribe('wsfd:messages', listen));
  const { socket, connection } = await connect(t);
  const collected = collect(socket);
  await connection.sendAndWait(text('ä'), binary(Buffer.from([1, 2])));
  await take(collected, 2);
  assert.deepEqual(
    events.filter((event) => event.socket === socket).flatMap((event) => event.messages),
    ['ä', Buffer.from([1, 2])],
  );
});

test('arguments that are none, and a socket whose messages go elsewhere', async (t) => {
  const { socket } = await connect(t);
  const nothing = (): void => undefined;
  await fails(() => webSocketSubscribePacked(-1, nothing), 'WSFD_INVALID_SOCKET');
  await fails(() => webSocketSubscribePacked(socket, 'f' as never), 'WSFD_INVALID_ARGUMENT');
  await fails(() => webSocketSubscribePacked(socket, nothing, 1 as never), 'WSFD_INVALID_ARGUMENT');
  assert.equal(webSocketSubscribePacked(socket, nothing), 0);
  await fails(() => webSocketSubscribePacked(socket, nothing), 'WSFD_READER_CONFLICT');
  await fails(() => webSocketSubscribe(socket, nothing), 'WSFD_READER_CONFLICT');
  assert.equal(await webSocketRead(socket, {}), -1);
  assert.equal(getLastError()[0]?.code, 'WSFD_READER_CONFLICT');
  await assert.rejects(webSocketBatches(socket).next(), { code: 'WSFD_READER_CONFLICT' });
});

test('in a worker thread', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  void server.connections.next().then((connection) => {
    for (let i = 0; i < 100; i++) connection.send(text(`${i}`), binary(Buffer.alloc(i, i)));
  });
  const body = async ({ wsfd }: Inside, url: string): Promise<unknown> => {
    const socket = await wsfd.webSocketOpen(url);
    const seen: [string, number][] = [];
    await new Promise<void>((resolve) => {
      wsfd.webSocketSubscribePacked(socket, (batch) => {
        for (let i = 0; i < batch.length; i++) {
          seen.push([batch.isText(i) ? batch.text(i) : 'binary', batch.subarray(i).length]);
        }
        if (seen.length === 200) resolve();
      });
    });
    wsfd.webSocketTerminate(socket);
    return seen;
  };
  const expected = Array.from({ length: 200 }, (_, i) =>
    i % 2 === 0 ? [`${i / 2}`, `${i / 2}`.length] : ['binary', (i - 1) / 2],
  );
  assert.deepEqual(await runInThread(body, server.url), expected);
});

test('a socket of webSocketOpenSync has none', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const outcome = await runInThread(({ wsfd, outcome: of }, url: string) => {
    const socket = wsfd.webSocketOpenSync(url);
    const result = of(wsfd.webSocketSubscribePacked(socket, () => undefined));
    wsfd.webSocketTerminate(socket);
    return result;
  }, server.url);
  assert.deepEqual(outcome, [-1, 'WSFD_WRONG_MODE']);
});

for (const threaded of [false, true]) {
  test(`memory that was detached${threaded ? ' in a worker thread' : ''} takes no message along`, async (t) => {
    const server = await startRawServer();
    t.after(() => server.close());
    const serve = async (connection: RawConnection): Promise<void> => {
      for (let i = 0; i < 2; i++) await connection.sendAndWait(text(`a${i}`), text(`b${i}`));
      // The client ends behind these, and answers no more.
      connection.send(text('a2'), text('b2'));
    };
    const wayCount = 8;
    for (let i = 0; i < wayCount; i++) void server.connections.next().then(serve);
    const body = async (
      { wsfd, load }: Inside,
      [url, support]: readonly [string, string],
    ): Promise<unknown> => {
      const { ways } = load(support) as typeof HandingOn;
      const seen: string[] = [];
      for (const way of Object.values(ways)) {
        const socket = await wsfd.webSocketOpen(url);
        await new Promise<void>((resolve) => {
          let count = 0;
          wsfd.webSocketSubscribePacked(socket, (batch) => {
            for (let i = 0; i < batch.length; i++) seen.push(batch.text(i));
            count += batch.length;
            for (const memory of [batch.bytes, batch.starts]) {
              try {
                const result = way(memory as never);
                if (result instanceof Promise) result.catch(() => undefined);
              } catch {
                // It cannot be detached.
              }
            }
            if (count === 6) resolve();
          });
        });
        wsfd.webSocketTerminate(socket);
      }
      return seen;
    };
    const argument = [server.url, require.resolve('../../support/handing-on')] as const;
    const value = threaded
      ? await runInThread(body, argument)
      : (await runInChild(body, argument)).value;
    const once = [0, 1, 2].flatMap((i) => [`a${i}`, `b${i}`]);
    assert.deepEqual(value, Array.from({ length: wayCount }, () => once).flat());
  });
}

test('with WSFD_DEBUG a view that was kept is found out', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  void server.connections.next().then((connection) => connection.send(text('abc'), text('äö')));
  const body = async ({ wsfd }: Inside, url: string): Promise<unknown> => {
    const socket = await wsfd.webSocketOpen(url);
    const kept = await new Promise<Buffer[]>((resolve) => {
      wsfd.webSocketSubscribePacked(socket, (batch) => {
        resolve([batch.subarray(0), batch.copy(0)]);
      });
    });
    wsfd.webSocketTerminate(socket);
    return kept.map((view) => view.toString('latin1'));
  };
  const { value } = await runInChild(body, server.url, { env: { WSFD_DEBUG: '1' } });
  assert.deepEqual(value, ['ÝÝÝ', 'abc']);
});

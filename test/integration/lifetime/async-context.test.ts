// AsyncLocalStorage: whatever belongs to a socket is called back in the context in which that was
// opened, whoever's call or whatever event led there.
import assert from 'node:assert/strict';
import { AsyncLocalStorage, executionAsyncId } from 'node:async_hooks';
import type * as AsyncHooks from 'node:async_hooks';
import { Blob } from 'node:buffer';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type * as Domain from 'node:domain';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  getLastError,
  webSocketBatches,
  webSocketClose,
  webSocketMessages,
  webSocketOpen,
  webSocketRead,
  webSocketSubscribe,
  webSocketTerminate,
  webSocketWrite,
} from 'wsfd';
import type { OpenOptions, Ref } from 'wsfd';
import { WebSocket } from 'wsfd/websocket';
import type { WebSocketEventMap } from 'wsfd/websocket';
import { close, ok, open } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { runInChild } from '../../support/child';
import type { Inside } from '../../support/child';
import { close as closeFrame, text } from '../../support/frames';
import { response, startRawServer, switching } from '../../support/raw-server';
import type { RawConnection, RawServer, RawServerOptions } from '../../support/raw-server';
import { startWsServer } from '../../support/servers';

const storage = new AsyncLocalStorage<string>();
const store = (): string | undefined => storage.getStore();

async function serve(t: TestContext, options?: RawServerOptions): Promise<RawServer> {
  const server = await startRawServer(options);
  t.after(() => server.close());
  return server;
}

const openIn = (name: string, url: string, options?: OpenOptions): Promise<number> =>
  storage.run(name, () => open(url, options));

/** Resolves with what was seen of a subscriber and what it is told of the end. */
function record(
  socket: number,
  batch?: () => Promise<void>,
): { seen: unknown[]; ended: Promise<unknown> } {
  const seen: unknown[] = [];
  const ended = new Promise((resolve) => {
    const subscriber = (messages: readonly unknown[]): Promise<void> | undefined => {
      seen.push(...messages.map((message) => [message, store()]));
      return batch?.();
    };
    const end = (code: number): void => {
      const [error] = getLastError();
      resolve([code, error?.code, store()]);
    };
    assert.equal(webSocketSubscribe(socket, subscriber as never, end), 0);
  });
  return { seen, ended };
}

describe('webSocketSubscribe', () => {
  test('messages and the end, though another one subscribes', async (t) => {
    const server = await serve(t);
    const [a, b] = [await openIn('a', server.url), await openIn('b', server.url)];
    const [first, second] = [await server.connections.next(), await server.connections.next()];
    const [ofA, ofB] = storage.run('subscribing', () => [record(a), record(b)] as const);
    storage.run('server', () => {
      first.socket.write(Buffer.concat([text('1'), text('2')]));
      second.socket.write(Buffer.concat([text('3'), closeFrame(1000)]));
    });
    assert.deepEqual(await ofB.ended, [1, undefined, 'b']);
    first.socket.end();
    assert.deepEqual(await ofA.ended, [-1, 'WSFD_CLOSED_ABNORMALLY', 'a']);
    assert.deepEqual(ofA.seen, [
      ['1', 'a'],
      ['2', 'a'],
    ]);
    assert.deepEqual(ofB.seen, [['3', 'b']]);
    for (const socket of [a, b]) webSocketTerminate(socket);
  });

  test('what was there before, and what a promise held back', async (t) => {
    const server = await serve(t);
    const socket = await openIn('a', server.url);
    const connection = await server.connections.next();
    await connection.sendAndWait(text('before'));
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const { seen, ended } = storage.run('subscribing', () => record(socket, () => gate));
    await connection.sendAndWait(text('held'));
    storage.run('releasing', () => release());
    connection.send(closeFrame(1000));
    assert.deepEqual(await ended, [1, undefined, 'a']);
    assert.deepEqual(seen, [
      ['before', 'a'],
      ['held', 'a'],
    ]);
    await close(socket);
  });

  test('after a redirect', async (t) => {
    const target = await serve(t);
    const server = await serve(t, {
      answer: () => response('302 Found', [`Location: ${target.url}`, 'Content-Length: 0']),
    });
    const socket = await openIn('a', server.url, { followRedirects: 1 });
    const connection = await target.connections.next();
    const { seen, ended } = record(socket);
    connection.socket.write(Buffer.concat([text('x'), closeFrame(1000)]));
    assert.deepEqual([await ended, seen], [[1, undefined, 'a'], [['x', 'a']]]);
    await close(socket);
  });

  test('without a context there is none', async (t) => {
    const server = await serve(t);
    const socket = await open(server.url);
    const connection = await server.connections.next();
    const { seen, ended } = storage.run('subscribing', () => record(socket));
    connection.socket.write(Buffer.concat([text('x'), closeFrame(1000)]));
    assert.deepEqual([await ended, seen], [[1, undefined, undefined], [['x', undefined]]]);
    await close(socket);
  });

  test('an exception of a subscriber is uncaught in its context, and with it the domain', async (t) => {
    const server = await startWsServer();
    t.after(() => server.close());
    const body = async ({ wsfd, load }: Inside, url: string): Promise<unknown> => {
      const { AsyncLocalStorage: Storage } = load('node:async_hooks') as typeof AsyncHooks;
      const inner = new Storage<string>();
      const told: unknown[] = [];
      const fail = (socket: number): void => {
        wsfd.webSocketSubscribe(socket, () => {
          throw new Error('thrown');
        });
        wsfd.webSocketWrite(socket, 'x');
      };
      await new Promise<void>((resolve) => {
        process.once('uncaughtException', ({ message }) => {
          told.push([message, inner.getStore()]);
          resolve();
        });
        inner.run(
          'a',
          () => void wsfd.webSocketOpen(url).then((socket) => inner.exit(fail, socket)),
        );
      });
      const { create } = load('node:domain') as typeof Domain;
      const domain = create();
      await new Promise<void>((resolve) => {
        domain.on('error', ({ message }) => {
          told.push([message, 'domain']);
          resolve();
        });
        domain.run(() => void wsfd.webSocketOpen(url).then((socket) => fail(socket)));
      });
      for (const { socket } of wsfd.webSocketList()) wsfd.webSocketTerminate(socket);
      return told;
    };
    const { value, stderr } = await runInChild(body, server.url);
    assert.deepEqual(
      value,
      [
        ['thrown', 'a'],
        ['thrown', 'domain'],
      ],
      stderr,
    );
  });
});

test('what is awaited goes on in the context of who awaits', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const socket = await openIn('a', server.url);
  await storage.run('reading', async () => {
    const data: Ref<string | Buffer> = {};
    const waiting = webSocketRead(socket, data);
    await ok(webSocketWrite(socket, 'x'));
    assert.deepEqual([await waiting, data.value, store()], [0, 'x', 'reading']);
    assert.deepEqual([await webSocketRead(socket, data, 0), store()], [-2, 'reading']);
    for (const iterate of [webSocketMessages, webSocketBatches]) {
      await ok(webSocketWrite(socket, 'y'));
      for await (const message of iterate(socket)) {
        assert.deepEqual([message.toString(), store()], ['y', 'reading']);
        break;
      }
    }
    assert.deepEqual([await webSocketClose(socket), store()], [0, 'reading']);
    assert.deepEqual([await webSocketOpen('ws://127.0.0.1:1/'), store()], [-1, 'reading']);
  });
});

test('keylog', async (t) => {
  const server = await startWsServer({ tls: makeSelfSigned() });
  t.after(() => server.close());
  const seen = new Set<string | undefined>();
  const options: OpenOptions = { ignoreSslErrors: true, keylog: () => seen.add(store()) };
  await close(await openIn('a', server.url, options));
  assert.deepEqual([...seen], ['a']);
});

test('listeners of diagnostics channels are told in the context of the socket', async (t) => {
  const server = await serve(t);
  const seen = new Map<string, Set<string | undefined>>();
  const names = ['attempt', 'handshake', 'open', 'messages', 'control', 'close'];
  for (const name of names) {
    const listener = (): void => {
      seen.set(name, (seen.get(name) ?? new Set()).add(store()));
    };
    subscribe(`wsfd:${name}`, listener);
    t.after(() => unsubscribe(`wsfd:${name}`, listener));
  }
  const socket = await openIn('a', server.url);
  const connection = await server.connections.next();
  const { ended } = record(socket);
  connection.socket.write(Buffer.concat([text('x'), closeFrame(1000)]));
  await ended;
  await close(socket);
  const expected = names.map((name) => [name, ['a']]);
  assert.deepEqual(
    names.map((name) => [name, [...(seen.get(name) ?? [])]]),
    expected,
  );
});

describe('the class', () => {
  interface Recorded {
    socket: WebSocket;
    seen: [type: string, store: string | undefined][];
    closed: Promise<void>;
  }

  /** Opens a socket in the context "a", and records in which its listeners are called. */
  function recordIn(url: string): Recorded {
    const socket = storage.run('a', () => new WebSocket(url));
    const seen: Recorded['seen'] = [];
    return storage.run('listening', () => {
      const types: (keyof WebSocketEventMap)[] = ['open', 'message', 'error', 'close'];
      for (const type of types) {
        socket.addEventListener(type, () => seen.push([type, store()]));
        // What it goes on with is in its context as well.
        socket[`on${type}`] = async () => {
          await Promise.resolve();
          seen.push([`${type}, then`, store()]);
        };
      }
      const closed = new Promise<void>((resolve) => {
        socket.addEventListener('close', () => setImmediate(resolve));
      });
      return { socket, seen, closed };
    });
  }

  /** All of `types`, each in the context "a", with what follows an await in the listener. */
  const inA = (...types: string[]): Recorded['seen'] =>
    types.flatMap((type): Recorded['seen'] => [
      [type, 'a'],
      [`${type}, then`, 'a'],
    ]);

  async function connected(recorded: Recorded, server: RawServer): Promise<RawConnection> {
    const connection = await server.connections.next();
    await new Promise((resolve) => recorded.socket.addEventListener('open', resolve));
    return connection;
  }

  test('open, messages of one wake-up, close', async (t) => {
    const server = await serve(t, {
      answer: (request) => {
        const frames = ['1', '2', '3'].map((message) => text(message));
        return Buffer.concat([Buffer.from(switching(request)), ...frames, closeFrame(1000)]);
      },
    });
    const { seen, closed } = recordIn(server.url);
    await closed;
    assert.deepEqual(seen, inA('open', 'message', 'message', 'message', 'close'));
  });

  test('an opening that fails, at once or later', async (t) => {
    const server = await serve(t, {
      answer: () => response('403 Forbidden', ['Content-Length: 0']),
    });
    for (const url of [server.url, 'ws://127.0.0.1:1/']) {
      const { seen, closed } = recordIn(url);
      await closed;
      assert.deepEqual(seen, inA('error', 'close'));
    }
  });

  test('close() in another context, before and after it is open', async (t) => {
    const server = await serve(t);
    const early = recordIn(server.url);
    storage.run('closing', () => early.socket.close());
    await early.closed;
    assert.deepEqual(early.seen, inA('error', 'close'));
    const later = recordIn(server.url);
    await new Promise((resolve) => later.socket.addEventListener('open', resolve));
    storage.run('closing', () => later.socket.close());
    await later.closed;
    assert.deepEqual(later.seen, inA('open', 'close'));
  });

  test('a connection that is lost', async (t) => {
    const server = await serve(t);
    const recorded = recordIn(server.url);
    const connection = await connected(recorded, server);
    storage.run('server', () => connection.socket.resetAndDestroy());
    await recorded.closed;
    assert.deepEqual(recorded.seen, inA('open', 'error', 'close'));
  });

  test('what send() fails with in another context', async (t) => {
    const server = await serve(t);
    const tooMuch = new Uint8Array(2 ** 26 + 1);
    for (const message of [tooMuch, new Blob([tooMuch])]) {
      const recorded = recordIn(server.url);
      await connected(recorded, server);
      storage.run('sending', () => recorded.socket.send(message));
      await recorded.closed;
      assert.deepEqual(recorded.seen, inA('open', 'error', 'close'));
    }
  });
});

test('the async id of a callback is that of the opening, not of the loading', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const ids = new Set<number>();
  for (let i = 0; i < 2; i++) {
    const socket = await open(server.url);
    await new Promise<void>((resolve) => {
      webSocketSubscribe(socket, () => {
        ids.add(executionAsyncId());
        resolve();
      });
      webSocketWrite(socket, 'x');
    });
    await close(socket);
  }
  assert.equal(ids.size, 2);
});

// webSocketConnections: each sentence of its contract, on a clock that the test turns.
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getEventListeners } from 'node:events';
import { describe, test } from 'node:test';
import type { Message, OpenOptions } from 'wsfd';
import { Arrivals } from '../support/arrivals';
import {
  assertNothingLeft,
  refusal,
  refusing,
  serve,
  startFeed,
  thrownBy,
  wsfd,
} from '../support/connections';
import type { Feed } from '../support/connections';
import { close as closeFrame, opcodes, text } from '../support/frames';
import { startRawServer, switching } from '../support/raw-server';
import { startTcpServer } from '../support/servers';
import { breakOff } from '../support/wine';

const { getLastError, webSocketClose, webSocketInfo, webSocketTerminate } = wsfd;

const all = async (messages: AsyncIterable<Message>): Promise<Message[]> => {
  const seen: Message[] = [];
  for await (const message of messages) seen.push(message);
  return seen;
};

describe('a connection, and after its loss the next one', () => {
  test('it yields the number of an open socket, without errors', async (t) => {
    const { url } = await serve(t);
    const feed = startFeed(url);
    const socket = await feed.next();
    assert.equal(webSocketInfo(socket)?.state, 'open');
    assert.deepEqual(getLastError(), []);
    await feed.connections.return();
    assertNothingLeft(feed);
  });

  test('a socket that is lost is freed, and the next one has another number', async (t) => {
    const server = await serve(t);
    const feed = startFeed(server.url);
    const first = await feed.next();
    const reading = all(wsfd.webSocketMessages(first));
    (await server.connections.next())[breakOff.by]();
    await reading;
    const second = feed.next();
    assert.equal(await feed.clock.passPause(), 500);
    assert.notEqual(await second, first);
    assert.deepEqual(
      wsfd.webSocketList().map(({ socket }) => socket),
      [await second],
    );
    await feed.connections.return();
    assertNothingLeft(feed);
  });

  test('one that is still open when the body is done is closed with 1000', async (t) => {
    const server = await serve(t);
    const feed = startFeed(server.url);
    const first = await feed.next();
    const second = feed.next();
    assert.equal(await (await server.connections.next()).nextCloseCode(), 1000);
    await feed.clock.passPause();
    assert.equal(webSocketInfo(first), undefined);
    assert.equal(webSocketInfo(await second)?.state, 'open');
    assert.deepEqual(feed.retries.all, []);
    await feed.connections.return();
  });

  for (const [name, end] of [
    ['webSocketClose', (socket: number): unknown => webSocketClose(socket)],
    ['webSocketTerminate', (socket: number): unknown => webSocketTerminate(socket)],
  ] as const) {
    test(`the body may end it itself: ${name}`, async (t) => {
      const { url } = await serve(t);
      const feed = startFeed(url);
      await end(await feed.next());
      const second = feed.next();
      await feed.clock.passPause();
      assert.equal(webSocketInfo(await second)?.state, 'open');
      assert.deepEqual(feed.retries.all, []);
      await feed.connections.return();
    });
  }

  test('what comes in one segment with the acceptance, and the end, is not missed', async (t) => {
    const server = await startRawServer({
      answer: (request) =>
        Buffer.concat([Buffer.from(switching(request)), text('a'), closeFrame(1001)]),
    });
    t.after(() => server.close());
    const feed = startFeed(server.url);
    const socket = await feed.next();
    assert.deepEqual(await all(wsfd.webSocketMessages(socket)), ['a']);
    const next = feed.next();
    const { error, attempt } = await feed.retries.next();
    assert.deepEqual([error.code, error.closeCode, attempt], ['WSFD_SOCKET_CLOSED', 1001, 0]);
    await feed.clock.passPause();
    await next;
    await feed.connections.return();
  });
});

describe('url and options', () => {
  test('functions are asked anew for each attempt', async (t) => {
    const server = await serve(t, refusing(1));
    let asked = 0;
    const feed = startFeed(
      () => `${server.url}${++asked}`,
      () => ({ headers: { Authorization: `Bearer ${asked}` } }),
    );
    const socket = feed.next();
    await feed.clock.passPause();
    assert.equal(webSocketInfo(await socket)?.url, `${server.url}2`);
    const seen = [await server.connections.next(), await server.connections.next()].map(
      ({ request }) => [request.requestLine, request.headers['authorization']],
    );
    assert.deepEqual(seen, [
      ['GET /1 HTTP/1.1', 'Bearer 0'],
      ['GET /2 HTTP/1.1', 'Bearer 1'],
    ]);
    await feed.connections.return();
  });

  test('promises of them are awaited', async (t) => {
    const server = await serve(t);
    const feed = startFeed(
      () => Promise.resolve(server.url),
      () => Promise.resolve(undefined),
    );
    assert.equal(webSocketInfo(await feed.next())?.state, 'open');
    await feed.connections.return();
  });

  test('what a function throws is the cause of an error that is not retried', async () => {
    const cause = new Error('no token');
    const feed = startFeed('ws://127.0.0.1:1/', () => Promise.reject(cause));
    const error = await thrownBy(feed);
    assert.deepEqual([error.code, error.cause], ['WSFD_INVALID_ARGUMENT', cause]);
    assert.match(error.message, /options: the function threw "no token"$/);
  });

  test('shouldRetry may have such an error retried', async (t) => {
    const server = await serve(t);
    let asked = 0;
    const feed = startFeed(
      () => {
        if (++asked < 3) throw new Error('no token');
        return server.url;
      },
      {},
      { shouldRetry: ({ cause }) => cause instanceof Error },
    );
    const socket = feed.next();
    assert.deepEqual([await feed.clock.passPause(), await feed.clock.passPause()], [500, 1000]);
    assert.equal(webSocketInfo(await socket)?.state, 'open');
    await feed.connections.return();
  });

  for (const [what, url, options, code] of [
    ['a URL that is none', 'no URL', {}, 'WSFD_INVALID_URL'],
    ['another scheme', 'http://127.0.0.1/', {}, 'WSFD_UNSUPPORTED_SCHEME'],
    ['no string', 5, {}, 'WSFD_INVALID_ARGUMENT'],
    ['a function that gives none', () => undefined, {}, 'WSFD_INVALID_ARGUMENT'],
    ['an unknown option', 'ws://127.0.0.1:1/', { timout: 5 }, 'WSFD_UNKNOWN_OPTION'],
    ['options that are none', 'ws://127.0.0.1:1/', 5, 'WSFD_INVALID_ARGUMENT'],
    ['a signal that is none', 'ws://127.0.0.1:1/', { signal: {} }, 'WSFD_INVALID_OPTION'],
  ] as const) {
    test(`an argument error is thrown: ${what}`, async () => {
      assert.equal((await thrownBy(startFeed(url, options))).code, code);
    });
  }

  test('such an error is the last one, and the channel wsfd:error has it', async (t) => {
    const seen: unknown[] = [];
    const listener = (event: unknown): void => void seen.push((event as { call: string }).call);
    subscribe('wsfd:error', listener);
    t.after(() => unsubscribe('wsfd:error', listener));
    const feed = startFeed('no URL', {});
    await assert.rejects(feed.next(), (error) => error === wsfd.getLastError()[0]);
    assert.deepEqual(seen, ['webSocketConnections']);
  });

  test('an error in reconnect is thrown', async (t) => {
    const server = await serve(t);
    const feed = startFeed(server.url, {}, { maxDelay: -1 });
    assert.match((await thrownBy(feed)).message, /reconnect.maxDelay: expected a number/);
    assert.deepEqual(server.connections.all, []);
  });
});

describe('the ways out of the loop', () => {
  test('break closes the socket with 1000 and ends it', async (t) => {
    const server = await serve(t);
    const feed = startFeed(server.url);
    for await (const socket of feed.connections) {
      assert.equal(webSocketInfo(socket)?.state, 'open');
      break;
    }
    assertNothingLeft(feed);
    assert.equal(await (await server.connections.next()).nextCloseCode(), 1000);
    await feed.over();
  });

  test('return does', async (t) => {
    const server = await serve(t);
    const feed = startFeed(server.url);
    const first = await (async (): Promise<number> => {
      for await (const socket of feed.connections) return socket;
      return -1;
    })();
    assert.ok(first >= 0);
    assertNothingLeft(feed);
    assert.equal(await (await server.connections.next()).nextCloseCode(), 1000);
  });

  test('a thrown error does, and comes through', async (t) => {
    const server = await serve(t);
    const feed = startFeed(server.url);
    const own = new Error('own');
    const loop = async (): Promise<void> => {
      for await (const _ of feed.connections) throw own;
    };
    await assert.rejects(loop, own);
    assertNothingLeft(feed);
    assert.equal(await (await server.connections.next()).nextCloseCode(), 1000);
  });

  const own = new Error('own');
  for (const [name, end] of [
    ['return()', ({ connections }: Feed): unknown => connections.return()],
    ['throw()', ({ connections }: Feed): unknown => assert.rejects(connections.throw(own), own)],
  ] as const) {
    test(`${name} ends it while it waits`, async (t) => {
      const server = await serve(t, refusing(1));
      const feed = startFeed(server.url);
      const next = feed.connections.next();
      await feed.clock.started.next();
      await end(feed);
      assert.deepEqual(await next, { done: true, value: undefined });
      assertNothingLeft(feed);
    });

    test(`${name} ends it while it connects`, async (t) => {
      const server = await startTcpServer();
      t.after(() => server.close());
      const feed = startFeed(server.url);
      const next = feed.connections.next();
      await server.connections.next();
      await end(feed);
      assert.deepEqual(await next, { done: true, value: undefined });
      assertNothingLeft(feed);
    });

    test(`${name} closes a socket that is open`, async (t) => {
      const server = await serve(t);
      const feed = startFeed(server.url);
      await feed.next();
      await end(feed);
      await feed.over();
      assert.equal(await (await server.connections.next()).nextCloseCode(), 1000);
    });
  }
});

describe('calls that cross', () => {
  test('a next() before the body is done closes its socket, and gets the next one', async (t) => {
    const server = await serve(t);
    const feed = startFeed(server.url);
    const calls = [feed.next(), feed.next()];
    const first = await calls[0];
    await feed.clock.passPause();
    assert.notEqual(await calls[1], first);
    assert.deepEqual(
      wsfd.webSocketList().map(({ socket }) => socket),
      [await calls[1]],
    );
    await Promise.all([feed.connections.return(), feed.connections.return()]);
    await feed.over();
  });

  for (const [name, from] of [
    ['the function for the URL', 'url'],
    ['shouldRetry', 'shouldRetry'],
    ['onRetry', 'onRetry'],
  ] as const) {
    test(`return() from within ${name} ends it`, async () => {
      const leave = (place: string): undefined => {
        if (place === from) void feed.connections.return();
      };
      const url = (): string => {
        leave('url');
        return 'ws://127.0.0.1:1/';
      };
      const shouldRetry = (): undefined => leave('shouldRetry');
      const onRetry = (): undefined => leave('onRetry');
      const feed: Feed = startFeed(url, {}, { shouldRetry, onRetry });
      await feed.over();
    });
  }
});

test('return() and the signal end it while it connects to where a redirect leads', async (t) => {
  const silent = await startTcpServer();
  t.after(() => silent.close());
  const location = `Location: ${silent.url.replace('ws:', 'http:')}`;
  const redirect = refusal('302 Found', [location]);
  const server = await serve(t, [() => redirect, () => redirect]);
  const controller = new AbortController();
  const { signal } = controller;
  for (const end of [
    (feed: Feed): unknown => feed.connections.return(),
    (): unknown => {
      controller.abort();
      return undefined;
    },
  ]) {
    const feed = startFeed(server.url, { signal, followRedirects: 1 });
    const next = feed.connections.next();
    await silent.connections.next();
    await end(feed);
    assert.deepEqual(await next, { done: true, value: undefined });
    assertNothingLeft(feed);
  }
});

describe('messages of such a socket', () => {
  for (const [name, iterate] of [
    ['webSocketMessages', wsfd.webSocketMessages],
    ['webSocketBatches', wsfd.webSocketBatches],
  ] as const) {
    test(`${name} ends where the connection is lost, and onRetry gets the error`, async (t) => {
      const server = await serve(t);
      const feed = startFeed(server.url);
      const socket = await feed.next();
      const connection = await server.connections.next();
      const seen: unknown[] = [];
      const reading = (async () => {
        for await (const what of iterate(socket)) seen.push(...[what].flat());
        return getLastError();
      })();
      await connection.sendAndWait(text('a'), text('b'));
      connection[breakOff.by]();
      const [lost] = await reading;
      assert.deepEqual(seen, ['a', 'b']);
      assert.equal(lost?.code, breakOff.code);
      const next = feed.next();
      const { error, delay, attempt } = await feed.retries.next();
      assert.equal(error, lost);
      assert.deepEqual([delay, attempt], [0.5, 0]);
      await feed.clock.passPause();
      await next;
      await feed.connections.return();
    });
  }

  test('a socket of webSocketOpen has them throw, as ever', async (t) => {
    const server = await serve(t);
    const socket = await wsfd.webSocketOpen(server.url);
    const reading = all(wsfd.webSocketMessages(socket));
    (await server.connections.next())[breakOff.by]();
    await assert.rejects(reading, { code: breakOff.code });
    await webSocketClose(socket);
  });

  test('a read tells the loss as ever', async (t) => {
    const server = await serve(t);
    const feed = startFeed(server.url);
    const reading = wsfd.webSocketRead(await feed.next(), {});
    (await server.connections.next())[breakOff.by]();
    assert.equal(await reading, -1);
    assert.equal(getLastError()[0]?.code, breakOff.code);
    await feed.connections.return();
  });

  test('the loss is told also where the body has closed the socket behind it', async (t) => {
    const server = await serve(t);
    const feed = startFeed(server.url);
    const socket = await feed.next();
    const reading = all(wsfd.webSocketMessages(socket));
    (await server.connections.next())[breakOff.by]();
    await reading;
    assert.equal(await webSocketClose(socket), 0);
    const next = feed.next();
    assert.equal((await feed.retries.next()).error.code, breakOff.code);
    await feed.clock.passPause();
    await next;
    await feed.connections.return();
  });
});

describe('the signal of the options', () => {
  test('ends it while it waits', async (t) => {
    const server = await serve(t, refusing(1));
    const controller = new AbortController();
    const feed = startFeed(server.url, { signal: controller.signal });
    const next = feed.connections.next();
    await feed.clock.started.next();
    controller.abort();
    assert.deepEqual(await next, { done: true, value: undefined });
    assertNothingLeft(feed);
  });

  test('ends it while it connects', async (t) => {
    const server = await startTcpServer();
    t.after(() => server.close());
    const controller = new AbortController();
    const feed = startFeed(server.url, () => ({ signal: controller.signal }));
    const next = feed.connections.next();
    await server.connections.next();
    controller.abort();
    assert.deepEqual(await next, { done: true, value: undefined });
    assertNothingLeft(feed);
  });

  test('has no listener left when the loop is over', async (t) => {
    const { url } = await serve(t);
    const { signal } = new AbortController();
    const feed = startFeed(url, { signal });
    await feed.next();
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    await feed.connections.return();
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });

  test('ends it while it waits for a URL', async () => {
    const controller = new AbortController();
    const asked = new Arrivals<void>('call for a URL');
    const never = (): Promise<string> => {
      asked.push();
      return new Promise(() => undefined);
    };
    const over = startFeed(never, { signal: controller.signal }).over();
    await asked.next();
    controller.abort();
    await over;
  });

  test('a function for the URL is not asked once the options have ended it', async () => {
    const controller = new AbortController();
    let asked = 0;
    const url = (): Promise<string> => {
      asked++;
      return Promise.reject(new Error('too late'));
    };
    const options = (): OpenOptions => {
      controller.abort();
      return { signal: controller.signal };
    };
    await startFeed(url, options).over();
    assert.equal(asked, 0);
  });

  test('what a function rejects with once it has ended is handled', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const fetched = (): Promise<string> =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
        controller.abort();
      });
    // (an unhandled rejection would fail this file)
    await startFeed(fetched, { signal }).over();
  });

  test('ends it before the first attempt', async (t) => {
    const server = await serve(t);
    await startFeed(server.url, { signal: AbortSignal.abort() }).over();
    assert.deepEqual(server.connections.all, []);
  });

  test('has no effect on an open connection, and no other follows it', async (t) => {
    const server = await serve(t);
    const controller = new AbortController();
    const feed = startFeed(server.url, { signal: controller.signal });
    const socket = await feed.next();
    controller.abort();
    assert.equal(webSocketInfo(socket)?.state, 'open');
    assert.equal(wsfd.webSocketWrite(socket, 'still there'), 0);
    const connection = await server.connections.next();
    assert.equal((await connection.next(opcodes.text)).payload.toString(), 'still there');
    await feed.over();
    assert.equal(await connection.nextCloseCode(), 1000);
  });
});

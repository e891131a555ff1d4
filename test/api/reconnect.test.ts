// webSocketConnections: when there is another attempt, and how long the pause before it is; on a
// clock that the test turns.
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, test } from 'node:test';
import type { WebSocketError } from 'wsfd';
import { refusal, refusing, serve, startFeed, thrownBy, wsfd } from '../support/connections';
import type { Feed } from '../support/connections';
import { close as closeFrame, encodeFrame, opcodes } from '../support/frames';
import { startRawServer, switching } from '../support/raw-server';
import { startTcpServer } from '../support/servers';
import { TurnedClock } from '../support/turned-clock';

const state = (socket: number): string | undefined => wsfd.webSocketInfo(socket)?.state;

/** What is waited before the attempts to come; each pause passes. */
async function passPauses({ clock }: Feed, count: number): Promise<number[]> {
  const pauses: number[] = [];
  while (pauses.length < count) pauses.push(await clock.passPause());
  return pauses;
}

describe('pauses', () => {
  test('the first attempt is repeated as any other, with pauses that double up to maxDelay', async (t) => {
    const server = await serve(t, refusing(7));
    const feed = startFeed(server.url);
    const socket = feed.next();
    const pauses = await passPauses(feed, 7);
    assert.deepEqual(pauses, [500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    assert.equal(state(await socket), 'open');
    assert.deepEqual(
      feed.retries.all.map(({ error, delay, attempt }) => [error.httpStatus, delay, attempt]),
      pauses.map((ms, i) => [503, ms / 1000, i + 1]),
    );
    await feed.connections.return();
  });

  test('each is drawn from its upper half', async (t) => {
    const server = await serve(t, refusing(3));
    const feed = startFeed(server.url, {}, { minDelay: 0.1, maxDelay: 0.3 }, new TurnedClock(0.9));
    const socket = feed.next();
    assert.deepEqual(await passPauses(feed, 3), [95, 190, 285]);
    await socket;
    await feed.connections.return();
  });

  test('onRetry is called before its pause begins', async (t) => {
    const server = await serve(t, refusing(1));
    const clock = new TurnedClock();
    const seen: number[] = [];
    const onRetry = (): void => void seen.push(clock.waiting);
    const feed = startFeed(server.url, {}, { onRetry }, clock);
    const socket = feed.next();
    await clock.passPause();
    await socket;
    assert.deepEqual(seen, [0]);
    await feed.connections.return();
  });

  test('after a connection that was open for resetAfter the pause is minDelay again', async (t) => {
    const server = await serve(t, refusing(2));
    const feed = startFeed(server.url);
    const first = feed.next();
    await passPauses(feed, 2);
    await first;
    const pauses: number[] = [];
    for (const openMs of [9999, 10_000, 9999]) {
      feed.clock.turn(openMs);
      const next = feed.next();
      pauses.push(await feed.clock.passPause());
      await next;
    }
    assert.deepEqual(pauses, [2000, 500, 1000]);
    await feed.connections.return();
  });

  test('the time counts until the loss, not until the body is done', async (t) => {
    const server = await serve(t, refusing(1));
    const feed = startFeed(server.url);
    const first = feed.next();
    await feed.clock.passPause();
    const reading = wsfd.webSocketRead(await first, {});
    await server.connections.next();
    (await server.connections.next()).reset();
    await reading;
    feed.clock.turn(60_000);
    const next = feed.next();
    assert.equal(await feed.clock.passPause(), 1000);
    await next;
    await feed.connections.return();
  });
});

describe('Retry-After', () => {
  const refused = (lines: readonly string[]): (() => string)[] =>
    refusing(1, refusal(undefined, lines));

  for (const [what, lines, expected] of [
    ['seconds', ['Retry-After: 7'], 7000],
    ['less than the pause', ['Retry-After: 0'], 500],
    [
      'a date, by the clock of the server',
      ['Date: Sun, 06 Nov 1994 08:49:30 GMT', 'Retry-After: Sun, 06 Nov 1994 08:49:37 GMT'],
      7000,
    ],
    ['a date, by our clock', ['Retry-After: Sun, 06 Nov 1994 08:49:37 GMT'], 86_400_000],
    ['a year', ['Retry-After: 31536000'], 3_600_000],
    ['what is neither', ['Retry-After: soon'], 500],
    ['two of them', ['Retry-After: 7', 'Retry-After: 8'], 500],
  ] as const) {
    test(`is kept to: ${what}`, async (t) => {
      const server = await serve(t, refused(lines));
      const feed = startFeed(server.url);
      const socket = feed.next();
      const { delay } = await feed.retries.next();
      const waited = await feed.clock.passPause();
      assert.equal(waited, Math.min(expected, 3_600_000));
      assert.equal(delay, waited / 1000);
      assert.equal(state(await socket), 'open');
      await feed.connections.return();
    });
  }

  test('the pause after it grows as without it', async (t) => {
    const server = await serve(t, [...refused(['Retry-After: 7']), ...refusing(1)]);
    const feed = startFeed(server.url);
    const socket = feed.next();
    assert.deepEqual(await passPauses(feed, 2), [7000, 1000]);
    await socket;
    await feed.connections.return();
  });
});

describe('whether there is another attempt', () => {
  test('an error that is not retryable is thrown', async (t) => {
    const server = await serve(t, refusing(1, refusal('403 Forbidden')));
    const feed = startFeed(server.url);
    assert.equal((await thrownBy(feed)).httpStatus, 403);
    assert.deepEqual(feed.retries.all, []);
  });

  test('also behind attempts that were repeated, and of a connection that was open', async (t) => {
    const server = await serve(t, refusing(1));
    const feed = startFeed(server.url);
    const socket = feed.next();
    await feed.clock.passPause();
    const reading = wsfd.webSocketRead(await socket, {});
    await server.connections.next();
    // RFC 6455 section 5.5: "All control frames MUST ... NOT be fragmented."
    (await server.connections.next()).send(encodeFrame(opcodes.ping, '', { fin: false }));
    assert.equal(await reading, -1);
    assert.equal((await thrownBy(feed)).category, 'protocol');
  });

  test('a server that is not there is waited for', async (t) => {
    const server = await startTcpServer();
    await server.close();
    const feed = startFeed(server.url);
    t.after(() => feed.connections.return());
    void feed.connections.next();
    assert.equal((await feed.retries.next()).error.code, 'WSFD_CONNECT_FAILED');
  });

  test('shouldRetry says otherwise', async (t) => {
    const server = await serve(t, refusing(2, refusal('403 Forbidden')));
    const asked: [number | undefined, number][] = [];
    const shouldRetry = ({ httpStatus }: WebSocketError, attempt: number): boolean => {
      asked.push([httpStatus, attempt]);
      return attempt < 2;
    };
    const feed = startFeed(server.url, {}, { shouldRetry });
    const thrown = thrownBy(feed);
    await feed.clock.passPause();
    assert.equal((await thrown).httpStatus, 403);
    assert.deepEqual(asked, [
      [403, 1],
      [403, 2],
    ]);
  });

  test('shouldRetry gives up what is retryable', async (t) => {
    const server = await serve(t, refusing(1));
    const feed = startFeed(server.url, {}, { shouldRetry: () => Promise.resolve(false) });
    const error = await thrownBy(feed);
    assert.deepEqual([error.httpStatus, error.retryable], [503, true]);
  });

  test('undefined of shouldRetry leaves it to the error', async (t) => {
    const answers = [...refusing(1), ...refusing(1, refusal('403 Forbidden'))];
    const server = await serve(t, answers);
    const feed = startFeed(server.url, {}, { shouldRetry: () => undefined });
    const thrown = thrownBy(feed);
    await feed.clock.passPause();
    assert.equal((await thrown).httpStatus, 403);
  });

  test('what else shouldRetry gives is an argument error', async (t) => {
    const server = await serve(t, refusing(1));
    const feed = startFeed(server.url, {}, { shouldRetry: () => 'yes' as never });
    const { code, message } = await thrownBy(feed);
    assert.equal(code, 'WSFD_INVALID_OPTION');
    assert.match(message, /reconnect.shouldRetry: expected true, false or undefined .*, got "yes"/);
  });

  for (const name of ['shouldRetry', 'onRetry'] as const) {
    test(`what ${name} throws comes through`, async (t) => {
      const server = await serve(t, refusing(1));
      const own = new Error('own');
      const feed = startFeed(
        server.url,
        {},
        {
          [name]: () => {
            throw own;
          },
        },
      );
      await assert.rejects(feed.connections.next(), own);
      await feed.over();
    });
  }

  test('maxAttempts that fail in a row throw the last one’s error', async (t) => {
    const server = await serve(t, refusing(3));
    const asked: number[] = [];
    const shouldRetry = (_: WebSocketError, attempt: number): boolean => {
      asked.push(attempt);
      return true;
    };
    const feed = startFeed(server.url, {}, { maxAttempts: 3, shouldRetry });
    const thrown = thrownBy(feed);
    await passPauses(feed, 2);
    assert.equal((await thrown).httpStatus, 503);
    assert.deepEqual(asked, [1, 2]);
    assert.equal(server.connections.all.length, 3);
  });

  test('a connection that opens ends their row', async (t) => {
    let count = 0;
    // Every second attempt is refused.
    const server = await startRawServer({
      answer: (request) => (count++ % 2 === 0 ? refusal() : switching(request)),
    });
    t.after(() => server.close());
    const feed = startFeed(server.url, {}, { maxAttempts: 2 });
    for (let i = 0; i < 3; i++) {
      const socket = feed.next();
      await passPauses(feed, i === 0 ? 1 : 2);
      assert.equal(state(await socket), 'open');
    }
    assert.deepEqual(
      feed.retries.all.map(({ attempt }) => attempt),
      [1, 1, 1],
    );
    await feed.connections.return();
  });

  for (const code of [1000, 1001, 1008, undefined]) {
    test(`a server that closes in order is connected to again: ${String(code)}`, async (t) => {
      const server = await serve(t);
      const feed = startFeed(server.url);
      const reading = wsfd.webSocketRead(await feed.next(), {});
      (await server.connections.next()).send(closeFrame(code));
      assert.equal(await reading, 1);
      const next = feed.next();
      const { error, attempt } = await feed.retries.next();
      assert.equal(error.code, 'WSFD_SOCKET_CLOSED');
      assert.deepEqual([error.closeCode, error.retryable, attempt], [code, true, 0]);
      await feed.clock.passPause();
      assert.equal(state(await next), 'open');
      await feed.connections.return();
    });
  }
});

for (const end of [wsfd.webSocketTerminate, wsfd.webSocketClose]) {
  test(`a socket that ${end.name} ends in wsfd:open is opened again`, async (t) => {
    const server = await serve(t);
    let heard = 0;
    const ends = (event: unknown): void => {
      // (Node 18 throws if the last subscriber unsubscribes itself in an event)
      if (heard++ === 0) void end((event as { socket: number }).socket);
    };
    subscribe('wsfd:open', ends);
    t.after(() => unsubscribe('wsfd:open', ends));
    const codes: string[] = [];
    const feed = startFeed(server.url, {}, { onRetry: ({ code }) => void codes.push(code) });
    const socket = feed.next();
    await feed.clock.passPause();
    assert.equal(state(await socket), 'open');
    assert.deepEqual(codes, ['WSFD_CLOSED_ABNORMALLY']);
    await feed.connections.return();
  });
}

// webSocketConnections on a clock that the test turns, with what a test looks at.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type * as Wsfd from 'wsfd';
import { Arrivals } from './arrivals';
import { loadModule } from './modules';
import { response, startRawServer, switching } from './raw-server';
import type { RawRequest, RawServer } from './raw-server';
import { TurnedClock } from './turned-clock';

/** The package's functions; those of `wsfd` know nothing of the sockets here. */
export const wsfd = loadModule('index') as typeof Wsfd;

const { connectionsWithClock } = loadModule('api/connections') as {
  connectionsWithClock(
    clock: TurnedClock,
    asked: { url: unknown; options: unknown },
    reconnect?: unknown,
  ): AsyncGenerator<number, void, undefined>;
};

/** What onRetry was called with. */
export interface Retry {
  readonly error: Wsfd.WebSocketError;
  readonly delay: number;
  readonly attempt: number;
}

export interface Feed {
  readonly clock: TurnedClock;
  readonly connections: AsyncGenerator<number, void, undefined>;
  readonly retries: Arrivals<Retry>;
  /** The next socket, which must come. */
  next(): Promise<number>;
  /** Waits until the loop is over, and asserts that nothing of it is left. */
  over(): Promise<void>;
}

export function startFeed(
  url: unknown,
  options?: unknown,
  reconnect: Wsfd.ReconnectOptions = {},
  clock = new TurnedClock(),
): Feed {
  const retries = new Arrivals<Retry>('call of onRetry');
  const onRetry = (error: Wsfd.WebSocketError, delay: number, attempt: number): void => {
    retries.push({ error, delay, attempt });
  };
  const connections = connectionsWithClock(clock, { url, options }, { onRetry, ...reconnect });
  const feed: Feed = {
    clock,
    connections,
    retries,
    next: async () => {
      const { done, value } = await connections.next();
      assert.ok(done !== true && typeof value === 'number', 'the loop is over');
      return value;
    },
    over: async () => {
      assert.deepEqual(await connections.next(), { done: true, value: undefined });
      assertNothingLeft(feed);
    },
  };
  return feed;
}

/** No timer waits and no socket is open, not even one whose connection has ended. */
export function assertNothingLeft({ clock }: Feed): void {
  assert.equal(clock.waiting, 0, 'a timer waits');
  assert.deepEqual(wsfd.webSocketList(), []);
}

/** The error that ends the loop, behind which nothing is left of it. */
export async function thrownBy(feed: Feed): Promise<Wsfd.WebSocketError> {
  const thrown: unknown = await feed.connections.next().then(
    () => assert.fail('it went on'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof wsfd.WebSocketError, String(thrown));
  await feed.over();
  return thrown;
}

/** A refusal with these header lines. */
export const refusal = (status = '503 Service Unavailable', lines: readonly string[] = []) =>
  response(status, ['Content-Length: 0', 'Connection: close', ...lines]);

/** A server that gives each answer of `answers` once, and lets all in that come behind. */
export async function serve(
  t: TestContext,
  answers: readonly ((request: RawRequest) => string)[] = [],
): Promise<RawServer> {
  let asked = 0;
  const server = await startRawServer({
    answer: (request) => (answers[asked++] ?? switching)(request),
  });
  t.after(() => server.close());
  return server;
}

/** So many refusals. */
export const refusing = (count: number, head = refusal()): (() => string)[] =>
  Array.from({ length: count }, () => () => head);

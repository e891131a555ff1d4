// Timers, immediates and clocks that a program has replaced, as test runners do (test/package tries
// jest, vitest and sinon themselves): every call works, fails and times out as ever.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type * as Vm from 'node:vm';
import type * as WsfdWebSocket from 'wsfd/websocket';
import { runInChild } from '../../support/child';
import type { Inside } from '../../support/child';
import { everyFunction, everyOutcome, startServers } from '../../support/every-function';
import type { Urls } from '../../support/every-function';

interface Argument {
  readonly urls: Urls;
  /** everyFunction. */
  readonly every: string;
  readonly entries: readonly string[];
  readonly beforeLoading: boolean;
}

/** Replaces whatever tells the time or calls later, then calls every function. */
function withFakes({ load }: Inside, argument: Argument): unknown {
  const { every, urls, beforeLoading } = argument;
  const { cache } = load as unknown as { cache: Record<string, unknown> };
  const require = load as (id: string) => Record<string, unknown>;

  const never = (): number => 1;
  const fail = function (): never {
    throw new Error('something that a test has replaced');
  };
  const timers = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'];
  const clears = ['clearTimeout', 'clearInterval', 'clearImmediate'];
  const replaceIn = (target: object, names: readonly string[], value: unknown): void => {
    for (const name of names) {
      Object.defineProperty(target, name, { value, configurable: true, writable: true });
    }
  };
  const fakeTimers = (): void => {
    for (const module of ['node:timers', 'node:timers/promises']) {
      replaceIn(require(module), [...timers, ...clears], never);
    }
    replaceIn(globalThis, [...timers, ...clears], never);
    replaceIn(process, ['nextTick'], never);
    replaceIn(
      process,
      ['hrtime'],
      Object.assign(() => [0, 0], { bigint: () => 0n }),
    );
    replaceIn(performance, ['now'], () => 0);
    replaceIn(globalThis, ['performance'], { now: () => 0, timeOrigin: 0 });
    replaceIn(globalThis, ['Date'], Object.assign(fail, { now: () => 0 }));
  };
  const fakeClasses = (): void => {
    const names = ['Event', 'EventTarget', 'MessageEvent', 'CloseEvent', 'ErrorEvent'];
    replaceIn(
      globalThis,
      [...names, 'AbortSignal', 'DOMException', 'URL', 'structuredClone'],
      fail,
    );
  };

  if (beforeLoading) {
    for (const name of Object.keys(cache)) Reflect.deleteProperty(cache, name);
    fakeTimers();
  }
  const [wsfd, { WebSocket } = {}] = argument.entries.map((entry) => require(entry));
  if (!beforeLoading) {
    fakeTimers();
    fakeClasses();
  }
  const { runInThisContext } = load('node:vm') as typeof Vm;
  const run = runInThisContext(every) as (wsfd: unknown, WebSocket: unknown, urls: Urls) => unknown;
  return run(wsfd, WebSocket, urls);
}

async function start(t: TestContext): Promise<Urls> {
  const { urls, close } = await startServers();
  t.after(close);
  return urls;
}

for (const beforeLoading of [true, false]) {
  test(`every function, faked ${beforeLoading ? 'before' : 'after'} it is loaded`, async (t) => {
    const argument: Argument = {
      urls: await start(t),
      every: everyFunction,
      entries: ['wsfd', 'wsfd/websocket'].map((entry) => require.resolve(entry)),
      beforeLoading,
    };
    const { value, stderr } = await runInChild(withFakes, argument);
    assert.deepEqual(value, everyOutcome, stderr);
  });
}

test('what a listener of the class throws is uncaught, though queueMicrotask is faked', async (t) => {
  const { echo } = await start(t);
  const body = ({ load }: Inside, [url, entry]: [string, string]): Promise<unknown> => {
    const { WebSocket } = load(entry) as typeof WsfdWebSocket;
    globalThis.queueMicrotask = () => undefined;
    const told: unknown[] = [];
    return new Promise((resolve) => {
      process.on('uncaughtException', ({ message }) => told.push(message));
      const socket = new WebSocket(url);
      socket.onopen = () => {
        socket.send('x');
        throw new Error('of open');
      };
      socket.onmessage = () => {
        socket.close();
        throw new Error('of message');
      };
      socket.onclose = () => resolve(told);
    });
  };
  const { value } = await runInChild(body, [echo, require.resolve('wsfd/websocket')] as [
    string,
    string,
  ]);
  assert.deepEqual(value, ['of open', 'of message']);
});

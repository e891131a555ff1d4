// What listeners of the diagnostics channels hear of calls that wait, and what they may do in them.
import assert from 'node:assert/strict';
import type * as Diagnostics from 'node:diagnostics_channel';
import { test } from 'node:test';
import type { WebSocket } from 'ws';
import { runInThread } from '../../support/child';
import { startWsServer } from '../../support/servers';

test('events come in their order, in the call that they belong to', async (t) => {
  const server = await startWsServer({ onConnection: (socket) => socket.send('hello') });
  t.after(() => server.close());
  const results = await runInThread(({ wsfd, load }, url) => {
    const { subscribe } = load('node:diagnostics_channel') as typeof Diagnostics;
    const seen: string[] = [];
    let call = '';
    const numbers = new Set<unknown>();
    for (const name of ['attempt', 'handshake', 'open', 'messages', 'close', 'error']) {
      subscribe(`wsfd:${name}`, (event) => {
        seen.push(`${call} ${name}`);
        if (['open', 'messages', 'close'].includes(name)) {
          numbers.add((event as { socket?: number }).socket);
        }
      });
    }
    call = 'open';
    const socket = wsfd.webSocketOpenSync(url);
    call = 'read';
    wsfd.webSocketReadSync(socket, {});
    call = 'late';
    wsfd.webSocketReadSync(socket, {}, 0);
    call = 'close';
    wsfd.webSocketCloseSync(socket);
    return { seen: [...new Set(seen)], own: [...numbers].every((number) => number === socket) };
  }, server.url);
  assert.equal(results.own, true);
  // The message may have come with the answer to the handshake.
  const order = results.seen.map((event) => event.replace('open messages', 'read messages'));
  assert.deepEqual(order, [
    'open attempt',
    'open handshake',
    'open open',
    'read messages',
    'late error',
    'close close',
  ]);
});

const busy = [-1, 'WSFD_READER_CONFLICT'];
const invalid = [-1, 'WSFD_INVALID_SOCKET'];
/** Inside of a call that waits for the same socket, none that waits is possible. */
const within = { close: busy, read: busy, write: [0], flush: [0], 'open another': [1] };

type Act = 'terminate' | keyof typeof within;
type Results = Record<Act, unknown[]>;

/** What each call gives in a listener; and the read that waits meanwhile, or comes later. */
const expected: Record<string, { inside: Results; afterTerminate: unknown[] }> = {
  // The socket is gone before its number is returned.
  'wsfd:open': { inside: { terminate: [0], ...within }, afterTerminate: invalid },
  'wsfd:messages': { inside: { terminate: [0], ...within }, afterTerminate: [1] },
  'wsfd:control': { inside: { terminate: [0], ...within }, afterTerminate: [1] },
  // The number is invalid from the call of webSocketCloseSync on.
  'wsfd:close': {
    inside: {
      ...{ terminate: invalid, close: invalid, read: invalid, write: invalid, flush: invalid },
      'open another': [1],
    },
    afterTerminate: [0],
  },
};

for (const [channel, { inside, afterTerminate }] of Object.entries(expected)) {
  for (const act of Object.keys(inside) as Act[]) {
    test(`a listener of ${channel} calls: ${act}`, async (t) => {
      const reads = new Int32Array(new SharedArrayBuffer(4));
      // The pong is out before a message comes.
      const greet = (socket: WebSocket): void => {
        socket.once('pong', () => socket.send('hello'));
        socket.ping();
      };
      const server = await startWsServer({
        onConnection: (socket) => {
          if (Atomics.load(reads, 0) === 1) greet(socket);
        },
      });
      t.after(() => server.close());
      const running = runInThread(
        ({ wsfd, load, outcome }, { url, name, what, flag }) => {
          const { subscribe } = load('node:diagnostics_channel') as typeof Diagnostics;
          let [heard, result] = [0, [] as unknown[]];
          const others: number[] = [];
          const calls = {
            terminate: (it: number) => wsfd.webSocketTerminate(it),
            close: (it: number) => wsfd.webSocketCloseSync(it),
            read: (it: number) => wsfd.webSocketReadSync(it, {}),
            write: (it: number) => wsfd.webSocketWrite(it, 'from inside'),
            flush: (it: number) => wsfd.webSocketFlushSync(it),
            'open another': () => others.push(wsfd.webSocketOpenSync(url)),
          };
          subscribe(name, (event) => {
            const { socket } = event as { socket?: number };
            if (socket === undefined || heard++ > 0) return;
            result = outcome(calls[what](socket));
          });
          const socket = wsfd.webSocketOpenSync(url);
          // What the server sends from now on comes in the call that reads.
          Atomics.store(flag, 0, 1);
          const read = outcome(wsfd.webSocketReadSync(socket, {}, 60));
          wsfd.webSocketFlushSync(socket);
          wsfd.webSocketCloseSync(socket);
          const closed = others.map((other) => wsfd.webSocketCloseSync(other));
          // Whatever happened there, another socket works.
          const next = wsfd.webSocketOpenSync(url);
          const data: { value?: string | Buffer } = {};
          const works = [wsfd.webSocketReadSync(next, data, 60), data.value];
          closed.push(wsfd.webSocketCloseSync(next));
          return { heard, inside: result, read, works, closed };
        },
        { url: server.url, name: channel, what: act, flag: reads },
      );
      const { socket } = await server.connections.next();
      while (Atomics.load(reads, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
      greet(socket);
      const { heard, closed, ...results } = await running;
      assert.ok(heard > 0);
      assert.deepEqual(results, {
        inside: inside[act],
        read: act === 'terminate' ? afterTerminate : [0],
        works: [0, 'hello'],
      });
      assert.ok(closed.every((code) => code === 0));
    });
  }
}

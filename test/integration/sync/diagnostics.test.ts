// What listeners of the diagnostics channels hear of calls that wait, and what they may do in them.
import assert from 'node:assert/strict';
import type * as Diagnostics from 'node:diagnostics_channel';
import { test } from 'node:test';
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

const acts = ['terminate', 'close', 'read', 'write', 'flush', 'open another'] as const;

for (const channel of ['wsfd:open', 'wsfd:messages', 'wsfd:close', 'wsfd:control'] as const) {
  for (const act of acts) {
    test(`a listener of ${channel} calls: ${act}`, async (t) => {
      const server = await startWsServer({
        onConnection: (socket) => {
          socket.ping();
          socket.send('hello');
          // For the outer call, where the listener takes the first.
          socket.send('hello');
        },
      });
      t.after(() => server.close());
      const results = await runInThread(
        ({ wsfd, load, outcome }, { url, name, what }) => {
          const { subscribe } = load('node:diagnostics_channel') as typeof Diagnostics;
          let [heard, inside] = [0, [] as unknown[]];
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
            inside = outcome(calls[what](socket));
          });
          const socket = wsfd.webSocketOpenSync(url);
          const read = outcome(wsfd.webSocketReadSync(socket, {}, 60));
          wsfd.webSocketFlushSync(socket);
          wsfd.webSocketCloseSync(socket);
          for (const other of others) wsfd.webSocketCloseSync(other);
          // Whatever happened there, another socket works.
          const next = wsfd.webSocketOpenSync(url);
          const data: { value?: string | Buffer } = {};
          const works = [wsfd.webSocketReadSync(next, data, 60), data.value];
          return { heard, inside, read, works, closed: wsfd.webSocketCloseSync(next) };
        },
        { url: server.url, name: channel, what: act },
      );
      assert.ok(results.heard > 0);
      // Inside of a call that waits for the same socket, none that waits is possible. (a flush waits
      // only where the pong is not out yet)
      const waits = act === 'close' || act === 'read';
      if (waits && channel === 'wsfd:messages') {
        assert.deepEqual(results.inside, [-1, 'WSFD_READER_CONFLICT']);
        assert.deepEqual(results.read, [0]);
      }
      assert.equal(typeof results.inside[0], 'number');
      assert.deepEqual([results.works, results.closed], [[0, 'hello'], 0]);
    });
  }
}

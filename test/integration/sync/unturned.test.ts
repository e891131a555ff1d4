// The loop of a socket of webSocketOpenSync turns in calls alone: nothing may wait for its timers
// between two of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInThread } from '../../support/child';
import { text } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('receiveDelayUs: a look finds what came since the last call, at once', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  // Odd: the thread has read all; even: there is one more message. (A write would end the delay.)
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const looks = runInThread(
    ({ wsfd, outcome }, { url, signal }) => {
      const socket = wsfd.webSocketOpenSync(url, { receiveDelayUs: 1000 });
      const results: unknown[] = [];
      for (let state = 1; state < 6; state += 2) {
        const data: { value?: string | Buffer } = {};
        while (data.value !== 'end') wsfd.webSocketReadSync(socket, data);
        Atomics.store(signal, 0, state);
        Atomics.wait(signal, 0, state);
        results.push([...outcome(wsfd.webSocketReadSync(socket, data, 0)), data.value]);
      }
      return results;
    },
    { url: server.url, signal: flag },
  );
  const connection = await server.connections.next();
  const send = (message: string): Promise<void> =>
    new Promise((resolve) => connection.socket.write(text(message), () => resolve()));
  for (let state = 1; state < 6; state += 2) {
    // Several windows of ReceiveDelay's, with many messages in a millisecond.
    for (let i = 0; i < 3000; i++) {
      await send('x'.repeat(64));
      await nextTurn();
    }
    await send('end');
    while (Atomics.load(flag, 0) !== state) await nextTurn();
    await send('late');
    Atomics.store(flag, 0, state + 1);
    Atomics.notify(flag, 0);
  }
  assert.deepEqual(await looks, Array(3).fill([0, 'late']));
});

// The loop of a socket of webSocketOpenSync turns in calls alone: nothing may wait for its timers
// between two of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInChild, runInThread } from '../../support/child';
import { opcodes, text } from '../../support/frames';
import { measurable, mebibyte, memoryModule } from '../../support/memory';
import type * as Memory from '../../support/memory';
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

test(
  'the memory in which a large text was converted is freed',
  { skip: !measurable && 'needs /proc of Linux, without AddressSanitizer' },
  async (t) => {
    const server = await startRawServer();
    t.after(() => server.close());
    const size = 16 * mebibyte;
    // The conversion takes as much as the text; a part of it may have been there before.
    const least = 0.75 * size;
    const child = runInChild(
      async ({ wsfd, load }, { url, enough, memory }) => {
        const { residentBytes } = load(memory) as typeof Memory;
        const collect = (): void => (globalThis as { gc?: () => void }).gc?.();
        const socket = wsfd.webSocketOpenSync(url);
        wsfd.webSocketWrite(socket, 'begin');
        const data: { value?: string | Buffer } = {};
        const result = wsfd.webSocketReadSync(socket, data);
        const { length } = data.value ?? '';
        delete data.value;
        for (let i = 0; i < 3; i++) collect();
        const before = residentBytes();
        const freed = (): number => before - residentBytes();
        // A timer of the thread's own loop frees it.
        for (let i = 0; i < 100 && freed() < enough; i++) {
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        wsfd.webSocketTerminate(socket);
        return { result, length, freed: freed() };
      },
      { url: server.url, enough: least, memory: memoryModule },
      { execArgv: ['--expose-gc'] },
    );
    const connection = await server.connections.next();
    await connection.next(opcodes.text);
    connection.send(text('ж'.repeat(size / 2)));
    const { value, stderr } = await child;
    assert.deepEqual([value?.result, value?.length], [0, size / 2], stderr);
    assert.ok(value !== undefined && value.freed >= least, `${value?.freed} bytes`);
  },
);

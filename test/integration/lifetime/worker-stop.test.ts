// What a thread's loop still finds in the round in which the thread is stopped: native code runs
// and JavaScript may not any more.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { startWorker } from '../../support/child';
import { text } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import type { RawConnection } from '../../support/raw-server';

interface Happening {
  readonly name: string;
  /** Resolves when the system has it. */
  readonly happens: (connection: RawConnection) => Promise<unknown>;
}

const happenings: readonly Happening[] = [
  {
    name: 'the end of a connection',
    happens: ({ socket }) => new Promise<void>((resolve) => socket.end(resolve)),
  },
  {
    name: 'a message',
    happens: ({ socket }) => new Promise((resolve) => socket.write(text('x'), resolve)),
  },
  {
    name: 'a reset',
    happens: (connection) => {
      connection.reset();
      return connection.closed;
    },
  },
];

for (const { name, happens } of happenings) {
  test(`a worker is terminated while ${name} waits for it`, async (t) => {
    const server = await startRawServer();
    t.after(() => server.close());
    const gate = new Int32Array(new SharedArrayBuffer(4));
    const worker = startWorker(
      async ({ wsfd }, { url, gate: blocked }, port) => {
        await Promise.all(Array.from({ length: 5 }, () => wsfd.webSocketOpen(url)));
        port.postMessage('open');
        // Termination alone ends this; what came meanwhile is found by the loop's last round.
        Atomics.wait(blocked, 0, 0);
      },
      { url: server.url, gate },
    );
    await once(worker, 'message');
    for (let i = 0; i < 5; i++) await happens(await server.connections.next());
    assert.equal(await worker.terminate(), 1);
  });
}

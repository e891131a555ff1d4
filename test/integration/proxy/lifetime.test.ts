// What is left of an attempt through a proxy that ended in its middle: nothing.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type * as Fs from 'node:fs';
import { test } from 'node:test';
import { runInChild, startWorker } from '../../support/child';
import type { Inside } from '../../support/child';
import { startTcpServer } from '../../support/servers';

/** A proxy that accepts, says what is in `answer` and then nothing any more. */
const states: [name: string, scheme: string, answer: Buffer][] = [
  ['that has not answered CONNECT', 'http', Buffer.alloc(0)],
  ['in the middle of its answer', 'http', Buffer.from('HTTP/1.1 200 OK\r\nVia: ')],
  ['in the middle of the body of its refusal', 'http', Buffer.from('HTTP/1.1 407 No\r\n\r\nwho')],
  ['before its first TLS record', 'https', Buffer.alloc(0)],
  ['in the middle of its first TLS record', 'https', Buffer.from([22, 3, 3, 1, 0, 2])],
  ['that has not chosen a method', 'socks5', Buffer.alloc(0)],
  ['that has not replied', 'socks5', Buffer.from([5, 0])],
  ['that has agreed', 'socks5', Buffer.from([5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0])],
];

for (const [name, scheme, answer] of states) {
  test(`a worker is terminated with a proxy ${name}`, async (t) => {
    const proxy = await startTcpServer((socket) => {
      socket.once('data', () => socket.write(answer));
      socket.resume();
    });
    t.after(() => proxy.close());
    const worker = startWorker(({ wsfd }, url) => {
      void wsfd.webSocketOpen('ws://127.0.0.1:1/', { proxy: url });
    }, `${scheme}://127.0.0.1:${proxy.port}`);
    const connection = await proxy.connections.next();
    if (connection.bytesRead === 0) await once(connection, 'data');
    const closed = connection.closed ? undefined : once(connection, 'close');
    await worker.terminate();
    await closed;
  });

  // A refusal is told although its body does not end.
  const code = name.includes('refusal') ? -1 : -2;
  test(`${code} with a proxy ${name} leaves nothing open`, async (t) => {
    const proxy = await startTcpServer((socket) => {
      socket.once('data', () => socket.write(answer));
      socket.resume();
    });
    t.after(() => proxy.close());
    const body = async (
      { wsfd, load }: Inside,
      [url, timeout]: readonly [string, number],
    ): Promise<{ results: number[]; left: number }> => {
      const { readdirSync } = load('node:fs') as typeof Fs;
      const countFiles = (): number =>
        process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
      const attempt = (): Promise<number> =>
        wsfd.webSocketOpen('ws://127.0.0.1:1/', { proxy: url, timeout });
      // The first one makes what stays for the life of the process.
      await attempt();
      const before = countFiles();
      const results = [await attempt(), await attempt(), await attempt()];
      // A libuv handle is closed in the iteration of its loop that follows.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      return { results, left: countFiles() - before };
    };
    const url = `${scheme}://127.0.0.1:${proxy.port}`;
    const timeout = code === -2 ? 0.05 : 60;
    const { value, exitCode, stderr } = await runInChild(body, [url, timeout] as const);
    assert.deepEqual(
      { exitCode, value },
      { exitCode: 0, value: { results: [code, code, code], left: 0 } },
      stderr,
    );
  });
}

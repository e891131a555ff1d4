// What stays behind: nothing that keeps a process, a thread or memory.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { webSocketReadMany, webSocketWrite } from 'wsfd';
import type { Message } from 'wsfd';
import { close, ok, open } from '../../support/calls';
import { runInChild, startWorker } from '../../support/child';
import { binary } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import { startTcpServer, startWsServer } from '../../support/servers';

test('a process ends by itself once its sockets are closed', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const { value, exitCode, signal, stderr } = await runInChild(async ({ wsfd }, url) => {
    const opening = Array.from({ length: 10 }, () => wsfd.webSocketOpen(url));
    const sockets = await Promise.all(opening);
    for (const socket of sockets) {
      wsfd.webSocketWrite(socket, 'x');
      await wsfd.webSocketRead(socket, {});
    }
    return Promise.all(sockets.map((socket) => wsfd.webSocketClose(socket)));
  }, server.url);
  assert.deepEqual([exitCode, signal], [0, null], stderr);
  assert.deepEqual(value, Array<number>(10).fill(0));
});

test('a process that only loads the package ends by itself', async () => {
  const { exitCode, stderr } = await runInChild(() => undefined, undefined);
  assert.equal(exitCode, 0, stderr);
});

test('an open socket keeps its process', async (t) => {
  const server = await startWsServer({
    onConnection: (socket) => socket.once('message', () => socket.send('go on')),
    echo: false,
  });
  t.after(() => server.close());
  const { value, exitCode } = await runInChild(async ({ wsfd }, url) => {
    const socket = await wsfd.webSocketOpen(url);
    wsfd.webSocketWrite(socket, 'x');
    const data: { value?: string | Buffer } = {};
    await wsfd.webSocketRead(socket, data);
    await wsfd.webSocketClose(socket);
    return data.value;
  }, server.url);
  assert.deepEqual([value, exitCode], ['go on', 0]);
});

const runningStates = ['opening', 'open', 'reading', 'writing', 'subscribed', 'pinging'] as const;
const states = [...runningStates, 'closing'] as const;

for (const state of states) {
  test(`process.exit with a socket that is ${state}`, async (t) => {
    const server = state === 'opening' ? await startTcpServer() : await startRawServer();
    t.after(() => server.close());
    const { exitCode, signal, stderr } = await runInChild(
      async ({ wsfd }, { url, state: reached }) => {
        const pings = reached === 'pinging' ? { pingInterval: 0.001 } : {};
        const opening = wsfd.webSocketOpen(url, pings);
        if (reached === 'opening') return void setImmediate(() => process.exit(7));
        const socket = await opening;
        if (reached === 'reading') void wsfd.webSocketRead(socket, {}, 3600);
        if (reached === 'writing') wsfd.webSocketWrite(socket, Buffer.alloc(10_000_000));
        while (reached === 'pinging' && (wsfd.webSocketInfo(socket)?.framesOut ?? 1) < 1) {
          await new Promise((resolve) => setImmediate(resolve));
        }
        if (reached === 'subscribed') wsfd.webSocketSubscribe(socket, () => undefined);
        if (reached === 'closing') void wsfd.webSocketClose(socket);
        process.exit(7);
      },
      { url: server.url, state },
      { endsAnyhow: true },
    );
    assert.deepEqual([exitCode, signal], [7, null], stderr);
  });

  test(`a worker that is terminated with a socket that is ${state}`, async (t) => {
    const server = state === 'opening' ? await startTcpServer() : await startRawServer();
    t.after(() => server.close());
    const worker = startWorker(
      async ({ wsfd }, { url, state: reached }, port) => {
        const pings = reached === 'pinging' ? { pingInterval: 0.001 } : {};
        const opening = wsfd.webSocketOpen(url, pings);
        const socket = reached === 'opening' ? -1 : await opening;
        if (reached === 'reading') void wsfd.webSocketRead(socket, {}, 3600);
        if (reached === 'writing') wsfd.webSocketWrite(socket, Buffer.alloc(10_000_000));
        while (reached === 'pinging' && (wsfd.webSocketInfo(socket)?.framesOut ?? 1) < 1) {
          await new Promise((resolve) => setImmediate(resolve));
        }
        if (reached === 'subscribed') wsfd.webSocketSubscribe(socket, () => undefined);
        if (reached === 'closing') void wsfd.webSocketClose(socket);
        port.postMessage('there');
      },
      { url: server.url, state },
    );
    await once(worker, 'message');
    assert.equal(await worker.terminate(), 1);
  });
}

test('four workers open, echo and close beside each other', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const workers = Array.from({ length: 4 }, () =>
    startWorker(async ({ wsfd }, url, port) => {
      const numbers: number[] = [];
      let echoed = 0;
      for (let i = 0; i < 10; i++) {
        const socket = await wsfd.webSocketOpen(url);
        numbers.push(socket);
        for (let n = 0; n < 10; n++) {
          const data: { value?: string | Buffer } = {};
          wsfd.webSocketWrite(socket, `${socket} ${n}`);
          await wsfd.webSocketRead(socket, data);
          if (data.value === `${socket} ${n}`) echoed += 1;
        }
        await wsfd.webSocketClose(socket);
      }
      port.postMessage({ numbers, echoed });
    }, server.url),
  );
  const own = await open(server.url);
  const exits = workers.map((worker) => once(worker, 'exit'));
  const answers = await Promise.all(workers.map((worker) => once(worker, 'message')));
  const results = answers.map(([answer]) => answer as { numbers: number[]; echoed: number });
  assert.deepEqual(
    results.map(({ echoed }) => echoed),
    [100, 100, 100, 100],
  );
  // Not twice in the life of the process: threads share what they count with.
  const numbers = [own, ...results.flatMap((result) => result.numbers)];
  assert.equal(new Set(numbers).size, 41);
  // Each worker ends by itself.
  assert.deepEqual(await Promise.all(exits), [[0], [0], [0], [0]]);
  await close(own);
});

test('four workers are terminated in the midst of their work', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const workers = Array.from({ length: 4 }, () =>
    startWorker(async ({ wsfd }, url, port) => {
      const opening = Array.from({ length: 5 }, () => wsfd.webSocketOpen(url));
      for (const socket of await Promise.all(opening)) {
        const echo = (batch: readonly (string | Buffer)[]): void => {
          wsfd.webSocketWriteMany(socket, batch);
        };
        wsfd.webSocketSubscribe(socket, echo);
        wsfd.webSocketWrite(socket, 'again and again');
      }
      port.postMessage('there');
    }, server.url),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  assert.deepEqual(await Promise.all(workers.map((worker) => worker.terminate())), [1, 1, 1, 1]);
  for (let i = 0; i < 20; i++) await server.closes.next();
  const own = await open(server.url);
  await ok(webSocketWrite(own, 'still works'));
  await close(own);
});

test('a small binary message does not keep the batch that it came in', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  const connection = await server.connections.next();
  for (const size of [1, 64, 100, 1000]) {
    const frames = Array.from({ length: 1000 }, (_, i) => binary(Buffer.alloc(size, i)));
    connection.send(...frames);
    const into: Message[] = [];
    while (into.length < frames.length) await ok(webSocketReadMany(socket, into));
    for (const message of into) {
      assert.ok(Buffer.isBuffer(message));
      const kept = message.buffer.byteLength;
      assert.ok(kept <= 8 * size + 512, `${size} bytes keep ${kept}`);
    }
  }
});

test('binary messages of one batch do not share their bytes', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  const connection = await server.connections.next();
  for (const size of [3, 64, 5000, 100_000]) {
    connection.send(...Array.from({ length: 10 }, (_, i) => binary(Buffer.alloc(size, i))));
    const into: Message[] = [];
    while (into.length < 10) await ok(webSocketReadMany(socket, into));
    for (const [i, message] of into.entries()) {
      assert.ok(Buffer.isBuffer(message));
      assert.ok(message.equals(Buffer.alloc(size, i)), `message ${i} of ${size} bytes`);
      message.fill(0xff);
    }
  }
});

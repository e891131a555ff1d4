// How long a socket lives, and what it keeps alive.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type * as V8 from 'node:v8';
import type * as Vm from 'node:vm';
import type * as Wsfd from 'wsfd/websocket';
import { runInChild, startWorker } from '../support/child';
import { startWsServer } from '../support/servers';
import type { WsServerOptions } from '../support/servers';

const path = require.resolve('wsfd/websocket');

interface Argument {
  path: string;
  url: string;
}

/** A server, and what a body gets to reach it. */
async function start(
  t: { after(fn: () => Promise<void>): void },
  options?: WsServerOptions,
): Promise<{ argument: Argument; server: Awaited<ReturnType<typeof startWsServer>> }> {
  const server = await startWsServer(options);
  t.after(() => server.close());
  return { argument: { path, url: server.url }, server };
}

test('an open socket keeps the process alive, a closed one does not', async (t) => {
  const { argument, server } = await start(t);
  const child = runInChild(
    ({ load }, { path: from, url }: Argument) => {
      const { WebSocket } = load(from) as typeof Wsfd;
      new WebSocket(url).onmessage = ({ data }) => {
        if (data === 'end') process.exitCode = 7;
      };
    },
    argument,
    { endsAnyhow: true },
  );
  const { socket } = await server.connections.next();
  socket.send('end');
  socket.close();
  assert.equal((await child).exitCode, 7);
});

test('a process may end in the middle of everything', async (t) => {
  const { argument } = await start(t);
  for (const type of ['open', 'message', 'close']) {
    const { exitCode, stderr } = await runInChild(
      ({ load }, { path: from, url, at }: Argument & { at: string }) => {
        const { WebSocket } = load(from) as typeof Wsfd;
        const socket = new WebSocket(url);
        socket.addEventListener(at, () => process.exit(7));
        socket.onopen = () => socket.send('x');
        socket.onmessage = () => socket.close();
      },
      { ...argument, at: type },
      { endsAnyhow: true },
    );
    assert.deepEqual([exitCode, stderr], [7, ''], type);
  }
});

test('without an error listener a failure ends nothing', async () => {
  const server = await startWsServer();
  await server.close();
  const { value, exitCode } = await runInChild(
    async ({ load }, { path: from, url }: Argument) => {
      const { WebSocket } = load(from) as typeof Wsfd;
      const socket = new WebSocket(url);
      const event = await new Promise<Wsfd.CloseEvent>((resolve) => (socket.onclose = resolve));
      return event.code;
    },
    { path, url: server.url },
  );
  assert.deepEqual([value, exitCode], [1006, 0]);
});

test('a closed socket can be collected', async (t) => {
  const { argument } = await start(t);
  const gone = await startWsServer();
  await gone.close();
  const { value } = await runInChild(
    async ({ load }, { path: from, url, refused }: Argument & { refused: string }) => {
      const { WebSocket } = load(from) as typeof Wsfd;
      (load('node:v8') as typeof V8).setFlagsFromString('--expose-gc');
      const collect = (load('node:vm') as typeof Vm).runInNewContext('gc') as () => void;
      const ways: ((socket: Wsfd.WebSocket) => void)[] = [
        (socket) => (socket.onopen = () => socket.send('x')),
        (socket) => (socket.onopen = () => socket.close()),
        (socket) => socket.close(),
      ];
      const alive: number[] = [];
      for (const to of [url, refused]) {
        for (const act of ways) {
          const references: WeakRef<Wsfd.WebSocket>[] = [];
          // Each is made as the one before closes, on the same stack.
          for (let i = 0; i < 20; i++) {
            const socket = new WebSocket(to);
            references.push(new WeakRef(socket));
            const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
            socket.onmessage = () => socket.close();
            act(socket);
            await closed;
          }
          for (let turn = 0; turn < 5; turn++) {
            await new Promise(setImmediate);
            collect();
          }
          alive.push(references.filter((reference) => reference.deref() !== undefined).length);
        }
      }
      return alive;
    },
    { ...argument, refused: gone.url },
  );
  assert.equal(value?.length, 6);
  // getLastError has the last error, and that what was on the stack when it was made.
  assert.ok(
    value.every((alive) => alive <= 1),
    String(value),
  );
});

test('in a worker thread, which may be ended at any time', async (t) => {
  const { argument, server } = await start(t);
  const body = (
    { load }: { load: (id: string) => unknown },
    { path: from, url }: Argument,
    port: { postMessage(value: unknown): void },
  ): void => {
    const { WebSocket } = load(from) as typeof Wsfd;
    const socket = new WebSocket(url);
    socket.onopen = () => socket.send('from a worker');
    socket.onmessage = async ({ data }) => {
      await Promise.resolve();
      port.postMessage(data);
    };
  };
  const worker = startWorker(body, argument);
  assert.deepEqual(await once(worker, 'message'), ['from a worker']);
  await worker.terminate();
  assert.equal((await server.closes.next()).code, 1006);
});

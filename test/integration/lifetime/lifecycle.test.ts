// The process and its threads end, and modules are loaded, at any point of a connection's life:
// from inside every callback, twice, from another context, a great many times.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import type * as Vm from 'node:vm';
import { makeSelfSigned } from '../../support/certificates';
import { runInChild, startWorker } from '../../support/child';
import type { Inside } from '../../support/child';
import { extent } from '../../support/long';
import { measurable } from '../../support/memory';
import { startWsServer } from '../../support/servers';
import type { WsServer } from '../../support/servers';

/** A server that keeps none of what it gets. */
async function serve(t: TestContext, secure = false): Promise<WsServer> {
  const { cert, key } = makeSelfSigned();
  const server = await startWsServer({
    keepsNothing: true,
    ...(secure ? { tls: { cert, key } } : {}),
    onConnection: (socket) => {
      socket.send('hello');
    },
  });
  t.after(() => server.close());
  return server;
}

/** Where the application's code runs while native code is on the stack or has just returned. */
const callbacks = [
  'open',
  'read',
  'subscriber',
  'iterator',
  'flush',
  'ping',
  'keylog',
  'abort',
  'close',
  'event',
] as const;
type CallbackName = (typeof callbacks)[number];

interface Plan {
  url: string;
  callback: CallbackName;
  deed: 'exit' | 'throw' | 'destroy';
}

/**
 * Gets to the inside of the callback and does the deed there, in a microtask where it is a promise's
 * continuation, of which an exception would be a rejection; runs in a process of its own.
 */
async function meet({ wsfd, load }: Inside, { url, callback, deed }: Plan): Promise<void> {
  const act = (): void => {
    if (deed === 'exit') process.exit(7);
    if (deed === 'throw') throw new Error('on purpose');
    for (let socket = 0; socket < 100; socket++) wsfd.webSocketTerminate(socket);
    setImmediate(() => process.exit(7));
  };
  const soon = (): void => {
    queueMicrotask(act);
  };
  const controller = new AbortController();
  controller.signal.addEventListener('abort', () => {
    if (callback === 'abort') act();
  });
  if (callback === 'event') {
    const { subscribe } = load('node:diagnostics_channel') as {
      subscribe: (name: string, listener: () => void) => void;
    };
    subscribe('wsfd:messages', act);
  }
  const keylog = (): void => {
    if (callback === 'keylog') act();
  };
  const opening = wsfd.webSocketOpen(url, {
    ignoreSslErrors: true,
    signal: controller.signal,
    ...(url.startsWith('wss') ? { keylog } : {}),
  });
  if (callback === 'abort') setImmediate(() => controller.abort());
  const socket = await opening;
  if (callback === 'open') {
    soon();
    return;
  }
  if (callback === 'read') {
    await wsfd.webSocketRead(socket, {});
    soon();
    return;
  }
  if (callback === 'subscriber') wsfd.webSocketSubscribe(socket, act);
  if (callback === 'iterator') {
    for await (const _ of wsfd.webSocketMessages(socket)) soon();
  }
  if (callback === 'flush') {
    wsfd.webSocketWrite(socket, Buffer.alloc(1_000_000));
    await wsfd.webSocketFlush(socket);
    soon();
    return;
  }
  if (callback === 'ping') {
    await wsfd.webSocketPing(socket);
    soon();
    return;
  }
  if (callback === 'close') {
    await wsfd.webSocketClose(socket);
    soon();
    return;
  }
}

for (const secure of [false, true]) {
  describe(`inside each callback, over ${secure ? 'wss' : 'ws'}`, () => {
    for (const callback of callbacks.filter((name) => secure || name !== 'keylog')) {
      for (const deed of ['exit', 'throw', 'destroy'] as const) {
        test(`${callback}: ${deed}`, async (t) => {
          const { url } = await serve(t, secure);
          const plan: Plan = { url, callback, deed };
          const { exitCode, signal, stderr } = await runInChild(meet, plan, { endsAnyhow: true });
          assert.equal(signal, null, stderr);
          assert.equal(exitCode, deed === 'throw' ? 1 : 7, stderr);
          if (deed === 'throw') assert.match(stderr, /Error: on purpose/);
        });
      }
    }
  });
}

describe('loading', () => {
  test('twice in one process gives two that do not disturb each other', async (t) => {
    const { url } = await serve(t);
    const { value, stderr } = await runInChild(async ({ wsfd, load }, target) => {
      const modules = (load as unknown as { cache: Record<string, unknown> }).cache;
      const names = Object.keys(modules).filter((name) => /[\\/]dist[\\/]|\.node$/.test(name));
      const path = names.find((name) => /dist[\\/]index\.js$/.test(name)) ?? '';
      for (const name of names) Reflect.deleteProperty(modules, name);
      const again = load(path) as typeof wsfd;
      const results: unknown[] = [again === wsfd];
      const sockets = [await wsfd.webSocketOpen(target), await again.webSocketOpen(target)];
      for (const [i, own] of [wsfd, again].entries()) {
        const socket = sockets[i] ?? -1;
        const data: { value?: string | Buffer } = {};
        await own.webSocketRead(socket, data);
        results.push(data.value);
        own.webSocketWrite(socket, Buffer.from([i, 2, 3]));
        await own.webSocketRead(socket, data);
        results.push([...(data.value as Buffer)]);
        results.push(await own.webSocketClose(socket));
      }
      return [...results, sockets[0] !== sockets[1]];
    }, url);
    assert.deepEqual(value, [false, 'hello', [0, 2, 3], 0, 'hello', [1, 2, 3], 0, true], stderr);
  });

  test('the functions work from another context', async (t) => {
    const { url } = await serve(t);
    const { value, stderr } = await runInChild(async ({ wsfd, load }, target) => {
      const vm = load('node:vm') as typeof Vm;
      const program = `(async () => {
        const socket = await wsfd.webSocketOpen(target, { headers: { a: 'b' }, timeout: 10 });
        const data = {};
        const codes = [await wsfd.webSocketRead(socket, data)];
        codes.push(wsfd.webSocketWrite(socket, new Uint8Array([1, 2])));
        const messages = [];
        codes.push(await wsfd.webSocketReadMany(socket, messages));
        codes.push(wsfd.webSocketWriteMany(socket, ['x']));
        codes.push(await wsfd.webSocketClose(socket));
        return [codes, data.value, messages[0].length];
      })()`;
      return (await vm.runInNewContext(program, { wsfd, target })) as unknown;
    }, url);
    assert.deepEqual(value, [[0, 0, 0, 0, 0], 'hello', 2], stderr);
  });
});

const descriptors = (): number => readdirSync('/proc/self/fd').length;

describe(
  'what /proc shows',
  { skip: process.platform !== 'linux' && 'needs /proc of Linux' },
  () => {
    test('a great many workers leave nothing behind', async (t) => {
      const { url } = await serve(t);
      const rounds = extent(40, 1000);
      /** A worker that opens, echoes, and then ends by itself, by an exception or by our hand. */
      const live = async (end: number): Promise<void> => {
        const worker = startWorker(
          async ({ wsfd }, { target, way }, port) => {
            const socket = await wsfd.webSocketOpen(target);
            const data: { value?: string | Buffer } = {};
            await wsfd.webSocketRead(socket, data);
            wsfd.webSocketWrite(socket, Buffer.alloc(100_000));
            if (way === 0) await wsfd.webSocketClose(socket);
            if (way === 1) throw new Error('on purpose');
            port.postMessage(data.value);
            // The socket keeps it alive where it was not closed.
          },
          { target: url, way: end },
        );
        // (once() would take an error for the end)
        const ended = new Promise((resolve) => worker.once('exit', resolve));
        if (end === 1) assert.match(String(await once(worker, 'error')), /on purpose/);
        else assert.deepEqual(await once(worker, 'message'), ['hello']);
        if (end === 2) await worker.terminate();
        await ended;
      };
      const many = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i += 4) {
          await Promise.all([0, 1, 2, i % 3].map((end) => live(end)));
        }
      };
      await many(extent(8, 100));
      const before = { descriptors: descriptors(), resident: process.memoryUsage.rss() };
      await many(rounds);
      // The server's sockets, which are this process's, close a moment after those of the clients.
      for (let turns = 0; descriptors() > before.descriptors; turns++) {
        assert.ok(turns < 100_000, `${descriptors() - before.descriptors} descriptors more`);
        await new Promise((next) => setImmediate(next));
      }
      if (!measurable) {
        t.skip('what the process holds cannot be told under AddressSanitizer');
        return;
      }
      const grown = process.memoryUsage.rss() - before.resident;
      // A leak of a megabyte for each would show; what the allocator keeps does not grow with them.
      assert.ok(grown < Math.max(40, rounds / 10) * 1024 * 1024, `${grown} bytes more`);
    });
  },
);

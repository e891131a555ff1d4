// Sockets of webSocketOpenSync in the life of processes and threads: what stays behind, and how a
// call that waits is ended from outside.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type * as Fs from 'node:fs';
import { describe, test } from 'node:test';
import type * as Vm from 'node:vm';
import type * as Workers from 'node:worker_threads';
import { makeSelfSigned } from '../../support/certificates';
import { runInChild, runInThread, startWorker } from '../../support/child';
import { opcodes, text } from '../../support/frames';
import { measurable } from '../../support/memory';
import { startRawServer, switching } from '../../support/raw-server';
import { startTcpServer, startWsServer } from '../../support/servers';

test('ten thousand round trips', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const results = await runInThread(({ wsfd }, url) => {
    const socket = wsfd.webSocketOpenSync(url);
    const data: { value?: string | Buffer } = {};
    let good = 0;
    for (let i = 0; i < 10_000; i++) {
      if (wsfd.webSocketWrite(socket, `${i}`) !== 0) break;
      if (wsfd.webSocketReadSync(socket, data) !== 0 || data.value !== `${i}`) break;
      good++;
    }
    return { good, closed: wsfd.webSocketCloseSync(socket) };
  }, server.url);
  assert.deepEqual(results, { good: 10_000, closed: 0 });
});

test('several threads at once', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const threads = Array.from({ length: 4 }, (_, thread) =>
    runInThread(
      ({ wsfd }, { url, name }) => {
        const numbers: number[] = [];
        let echoed = 0;
        for (let i = 0; i < 5; i++) {
          const socket = wsfd.webSocketOpenSync(url);
          numbers.push(socket);
          for (let n = 0; n < 20; n++) {
            const data: { value?: string | Buffer } = {};
            wsfd.webSocketWrite(socket, `${name} ${n}`);
            wsfd.webSocketReadSync(socket, data);
            if (data.value === `${name} ${n}`) echoed++;
          }
          wsfd.webSocketCloseSync(socket);
        }
        return { numbers, echoed };
      },
      { url: server.url, name: thread },
    ),
  );
  const results = await Promise.all(threads);
  assert.deepEqual(
    results.map(({ echoed }) => echoed),
    [100, 100, 100, 100],
  );
  assert.equal(new Set(results.flatMap(({ numbers }) => numbers)).size, 20);
});

test('threads one after the other, none of which knows of the others', async (t) => {
  // (this file does not load the package itself: Node unloads the addon with the last thread)
  const server = await startWsServer();
  t.after(() => server.close());
  const numbers: number[] = [];
  for (let i = 0; i < 3; i++) {
    numbers.push(await runInThread(({ wsfd }, url) => wsfd.webSocketOpenSync(url), server.url));
  }
  assert.equal(new Set(numbers).size, 3);
});

test('many sockets of one thread, each with messages of its own', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const good = await runInThread(({ wsfd }, url) => {
    const sockets = Array.from({ length: 20 }, () => wsfd.webSocketOpenSync(url));
    const data: { value?: string | Buffer } = {};
    for (const socket of sockets) wsfd.webSocketWriteMany(socket, [`a${socket}`, `b${socket}`]);
    const read = ['a', 'b'].map((name) =>
      sockets.every(
        (socket) => wsfd.webSocketReadSync(socket, data) === 0 && data.value === `${name}${socket}`,
      ),
    );
    return [...read, sockets.every((socket) => wsfd.webSocketCloseSync(socket) === 0)];
  }, server.url);
  assert.deepEqual(good, [true, true, true]);
});

// Where the system shows a process its open files.
describe(
  'what /proc shows',
  { skip: process.platform !== 'linux' && 'needs /proc of Linux' },
  () => {
    test('every descriptor is closed with its socket', async (t) => {
      const plain = await startWsServer();
      t.after(() => plain.close());
      const { cert, key } = makeSelfSigned();
      const secure = await startWsServer({ tls: { cert, key } });
      t.after(() => secure.close());
      const silent = await startTcpServer();
      t.after(() => silent.close());
      const { value, stderr } = await runInChild(
        ({ wsfd, load }, urls) => {
          const { readdirSync } = load('node:fs') as typeof Fs;
          const count = (): number => readdirSync('/proc/self/fd').length;
          // A listener makes every wait watch signals, for which libuv opens a pipe.
          process.on('SIGINT', () => undefined);
          const use = (): void => {
            const socket = wsfd.webSocketOpenSync(urls.plain);
            wsfd.webSocketWrite(socket, 'x');
            wsfd.webSocketReadSync(socket, {});
            wsfd.webSocketReadSync(socket, {}, 0.001);
            wsfd.webSocketCloseSync(socket);
            wsfd.webSocketTerminate(wsfd.webSocketOpenSync(urls.plain));
            wsfd.webSocketOpenSync(urls.secure);
            wsfd.webSocketCloseSync(wsfd.webSocketOpenSync(urls.secure, { ignoreSslErrors: true }));
            wsfd.webSocketOpenSync(urls.silent, { timeout: 0.01 });
            wsfd.webSocketOpenSync('ws://127.0.0.1:1/');
          };
          use();
          const before = count();
          for (let i = 0; i < 10; i++) use();
          const after = count();
          const open = wsfd.webSocketOpenSync(urls.plain);
          return { before, after, withOne: count(), open };
        },
        { plain: plain.url, secure: secure.url, silent: silent.url },
      );
      assert.ok(value !== undefined, stderr);
      assert.equal(value.after, value.before);
      assert.ok(value.withOne > value.after, 'an open socket has some');
    });

    test('storage of large messages is given back though the event loop never turns', async (t) => {
      const server = await startRawServer();
      t.after(() => server.close());
      const size = 2 ** 20;
      const count = 400;
      const sending = server.connections.next().then(async (connection) => {
        const { socket } = connection;
        const header = Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 0x10, 0, 0]);
        for (let i = 0; i < count; i++) {
          socket.write(header);
          if (!socket.write(Buffer.alloc(size))) await connection.drained();
        }
      });
      const { value, stderr } = await runInChild(
        ({ wsfd }, { url, messages }) => {
          const socket = wsfd.webSocketOpenSync(url);
          const data: { value?: string | Buffer } = {};
          let bytes = 0;
          for (let i = 0; i < messages; i++) {
            if (wsfd.webSocketReadSync(socket, data) !== 0) break;
            bytes += data.value?.length ?? 0;
          }
          return { bytes, mebibytes: process.resourceUsage().maxRSS / 1024 };
        },
        { url: server.url, messages: count },
      );
      await sending;
      assert.ok(value !== undefined, stderr);
      assert.equal(value.bytes, count * size);
      if (measurable)
        assert.ok(value.mebibytes < 300, `${value.mebibytes} MiB for ${count} messages of 1 MiB`);
    });
  },
);

test('an open socket does not keep its process, nor a thread', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const { value, exitCode, stderr } = await runInChild(
    ({ wsfd }, url) => wsfd.webSocketOpenSync(url) > 0,
    server.url,
  );
  assert.deepEqual([value, exitCode], [true, 0], stderr);
  assert.ok(await runInThread(({ wsfd }, url) => wsfd.webSocketOpenSync(url) > 0, server.url));
  assert.deepEqual(
    [await server.closes.next(), await server.closes.next()].map(({ code }) => code),
    [1006, 1006],
  );
});

const waits = ['opening', 'reading', 'flushing', 'closing'] as const;

for (const wait of waits) {
  test(`a worker that is terminated while it waits, ${wait}`, async (t) => {
    const server =
      wait === 'opening'
        ? await startTcpServer()
        : await startRawServer({ leavesCloseToTest: true });
    t.after(() => server.close());
    if ('connections' in server && wait === 'flushing') {
      void (server as Awaited<ReturnType<typeof startRawServer>>).connections
        .next()
        .then(({ socket }) => socket.pause());
    }
    const flag = new Int32Array(new SharedArrayBuffer(4));
    const worker = startWorker(
      ({ wsfd }, { url, state, there }) => {
        const say = (): void => {
          Atomics.store(there, 0, 1);
        };
        if (state === 'opening') say();
        const socket = wsfd.webSocketOpenSync(url, { closeTimeout: 3600 });
        if (state === 'flushing') wsfd.webSocketWrite(socket, Buffer.alloc(32_000_000));
        say();
        if (state === 'reading') wsfd.webSocketReadSync(socket, {});
        if (state === 'flushing') wsfd.webSocketFlushSync(socket);
        if (state === 'closing') wsfd.webSocketCloseSync(socket);
      },
      { url: server.url, state: wait, there: flag },
    );
    while (Atomics.load(flag, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(await worker.terminate(), 1);
  });
}

test('process.exit while a thread waits', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const { exitCode, signal, stderr } = await runInChild(
    ({ load }, { url, wsfdPath }) => {
      const { Worker } = load('node:worker_threads') as typeof Workers;
      const code = `
        const wsfd = require(${JSON.stringify(wsfdPath)});
        const socket = wsfd.webSocketOpenSync(${JSON.stringify(url)});
        require('node:worker_threads').parentPort.postMessage('there');
        wsfd.webSocketReadSync(socket, {});`;
      new Worker(code, { eval: true }).once('message', () => process.exit(7));
      return new Promise(() => undefined);
    },
    { url: server.url, wsfdPath: require.resolve('wsfd') },
    { endsAnyhow: true },
  );
  assert.deepEqual([exitCode, signal], [7, null], stderr);
});

for (const state of ['open', 'opening'] as const) {
  test(`process.exit with a socket that is ${state}`, async (t) => {
    const server = await startWsServer({ tls: makeSelfSigned() });
    t.after(() => server.close());
    const { exitCode, signal, stderr } = await runInChild(
      ({ wsfd }, { url, reached }) => {
        // (a callback in the midst of opening is the one place for that)
        const keylog = reached === 'opening' ? { keylog: () => process.exit(7) } : {};
        const socket = wsfd.webSocketOpenSync(url, { ...keylog, ignoreSslErrors: true });
        process.exit(socket >= 0 && reached === 'open' ? 7 : 8);
      },
      { url: server.url, reached: state },
      { endsAnyhow: true },
    );
    assert.deepEqual([exitCode, signal], [7, null], stderr);
  });
}

test('a script that takes too long is ended while it waits; the socket works on', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const results = await runInThread(({ wsfd, load, outcome }, url) => {
    const vm = load('node:vm') as typeof Vm;
    const socket = wsfd.webSocketOpenSync(url);
    const wait = (): number => wsfd.webSocketReadSync(socket, {});
    let code = '';
    try {
      vm.runInNewContext('wait()', { wait }, { timeout: 100 });
    } catch (error) {
      code = (error as NodeJS.ErrnoException).code ?? '';
    }
    const data: { value?: string | Buffer } = {};
    wsfd.webSocketWrite(socket, 'on');
    return [code, outcome(wsfd.webSocketReadSync(socket, data)), data.value];
  }, server.url);
  assert.deepEqual(results, ['ERR_SCRIPT_EXECUTION_TIMEOUT', [0], 'on']);
});

test('one that is ended while messages come loses none of them silently', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const sockets = 20;
  for (let i = 0; i < sockets; i++) {
    void server.connections.next().then(({ socket }) => {
      let next = 0;
      const flood = (): void => {
        const frames = Array.from({ length: 1000 }, () => text(`${next++}`));
        if (socket.write(Buffer.concat(frames))) setImmediate(flood);
      };
      socket.on('drain', flood);
      flood();
    });
  }
  const { value, exitCode, stderr } = await runInChild(
    ({ wsfd, load }, [url, count]) => {
      const vm = load('node:vm') as typeof Vm;
      return Array.from({ length: count }, () => {
        const socket = wsfd.webSocketOpenSync(url);
        const data: { value?: string | Buffer } = {};
        const outOfOrder: unknown[] = [];
        let [expected, code] = [0, 0];
        const wait = (): void => {
          while ((code = wsfd.webSocketReadSync(socket, data)) === 0) {
            if (data.value !== `${expected}`) outOfOrder.push([data.value, expected]);
            expected++;
          }
        };
        for (let i = 1; i <= 20 && code === 0; i++) {
          try {
            vm.runInNewContext('wait()', { wait }, { timeout: i });
          } catch {
            // The end may have come right behind a message, before it was counted.
            if (data.value === `${expected}`) expected++;
          }
        }
        const errors = wsfd.getLastError().map((error) => error.code);
        wsfd.webSocketTerminate(socket);
        return { outOfOrder, end: code === 0 ? [] : [code, ...errors] };
      });
    },
    [server.url, sockets] as const,
  );
  assert.equal(exitCode, 0, stderr);
  assert.equal(value?.length, sockets);
  for (const { outOfOrder, end } of value) {
    assert.deepEqual(outOfOrder, []);
    assert.deepEqual(end, end.length === 0 ? [] : [-1, 'WSFD_INTERRUPTED']);
  }
});

const noSignals = process.platform === 'win32' && 'Windows has no such signals';

describe('signals', { skip: noSignals }, () => {
  /**
   * Sends `signal`, if it is given, to a program that waits, once it has printed something or `ready` is settled;
   * what it printed and how it ended.
   */
  async function interrupt(
    url: string,
    signal: NodeJS.Signals | undefined,
    program: string,
    ready?: Promise<unknown>,
  ): Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }> {
    const source = `
      const wsfd = require(${JSON.stringify(require.resolve('wsfd'))});
      const { writeSync } = require('node:fs');
      const url = ${JSON.stringify(url)};
      ${program}`;
    const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
    const ended = once(child, 'close');
    await (ready ?? once(child.stdout, 'data'));
    if (signal !== undefined) child.kill(signal);
    const [code, killedBy] = (await ended) as [number | null, NodeJS.Signals | null];
    return { code, signal: killedBy, output };
  }

  const calls: Record<string, string> = {
    webSocketOpenSync: `writeSync(1, 'waits;'); wsfd.webSocketOpenSync(url + 'silent')`,
    webSocketReadSync: `
      const socket = wsfd.webSocketOpenSync(url);
      writeSync(1, 'waits;');
      wsfd.webSocketReadSync(socket, {})`,
  };

  for (const [name, call] of Object.entries(calls)) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      test(`${signal} without a listener ends the process in ${name}`, async (t) => {
        const server = await startRawServer({
          answer: (request) => {
            return request.requestLine.includes('silent') ? undefined : switching(request);
          },
        });
        t.after(() => server.close());
        const result = await interrupt(server.url, signal, call);
        assert.deepEqual(result, { code: null, signal, output: 'waits;' });
      });
    }
  }

  test('with a listener the call gives -1 and the listener runs after it', async (t) => {
    const server = await startWsServer();
    t.after(() => server.close());
    const program = `
      process.on('SIGINT', (name) => writeSync(1, name + ' heard;'));
      const socket = wsfd.webSocketOpenSync(url);
      writeSync(1, 'waits;');
      const code = wsfd.webSocketReadSync(socket, {});
      writeSync(1, code + ' ' + wsfd.getLastError()[0].code + ';');
      setImmediate(() => {
        // The socket is as it was.
        const data = {};
        wsfd.webSocketWrite(socket, 'works on');
        const then = [wsfd.webSocketReadSync(socket, data), data.value];
        writeSync(1, then.join() + ',' + wsfd.webSocketCloseSync(socket));
        process.exit(3);
      });`;
    const result = await interrupt(server.url, 'SIGINT', program);
    assert.deepEqual(result, {
      code: 3,
      signal: null,
      output: 'waits;-1 WSFD_INTERRUPTED;SIGINT heard;0,works on,0',
    });
  });

  test('a closing handshake that is interrupted', async (t) => {
    const server = await startRawServer({ leavesCloseToTest: true });
    t.after(() => server.close());
    const program = `
      process.on('SIGTERM', () => process.exit(4));
      const socket = wsfd.webSocketOpenSync(url, { closeTimeout: 3600 });
      const code = wsfd.webSocketCloseSync(socket);
      writeSync(1, code + ' ' + wsfd.getLastError()[0].code + ' ' + wsfd.webSocketList().length);`;
    const asked = server.connections.next().then((connection) => connection.next(opcodes.close));
    const result = await interrupt(server.url, 'SIGTERM', program, asked);
    assert.deepEqual(result, { code: 4, signal: null, output: '-1 WSFD_INTERRUPTED 0' });
  });

  test('an opening that is interrupted', async (t) => {
    const server = await startTcpServer();
    t.after(() => server.close());
    const program = `
      process.on('SIGTERM', () => process.exit(4));
      const code = wsfd.webSocketOpenSync(url);
      writeSync(1, code + ' ' + wsfd.getLastError()[0].message);`;
    const result = await interrupt(server.url, 'SIGTERM', program, server.connections.next());
    assert.equal(result.code, 4);
    assert.match(result.output, /^-1 .*interrupted.*SIGTERM/);
  });

  test('a signal that comes between two calls ends the next one that waits', async (t) => {
    const server = await startWsServer();
    t.after(() => server.close());
    const program = `
      process.on('SIGINT', () => process.exit(5));
      const [one, other] = [wsfd.webSocketOpenSync(url), wsfd.webSocketOpenSync(url)];
      process.kill(process.pid, 'SIGINT');
      const first = wsfd.webSocketReadSync(one, {});
      const data = {};
      wsfd.webSocketWrite(other, 'told once');
      writeSync(1, [first, wsfd.webSocketReadSync(other, data), data.value].join());`;
    const result = await interrupt(server.url, undefined, program);
    assert.deepEqual(result, { code: 5, signal: null, output: '-1,0,told once' });
  });

  test('once the listener is gone the signal ends the process again', async (t) => {
    const server = await startRawServer();
    t.after(() => server.close());
    const waits = server.connections.next().then((connection) => connection.next(opcodes.text));
    const program = `
      const listener = () => undefined;
      process.on('SIGINT', listener);
      const socket = wsfd.webSocketOpenSync(url);
      process.off('SIGINT', listener);
      // The next call that waits notices it: what comes before that is taken for the listener's.
      wsfd.webSocketReadSync(socket, {}, 0);
      wsfd.webSocketWrite(socket, 'waits');
      wsfd.webSocketReadSync(socket, {});`;
    const result = await interrupt(server.url, 'SIGINT', program, waits);
    assert.deepEqual(result, { code: null, signal: 'SIGINT', output: '' });
  });
});

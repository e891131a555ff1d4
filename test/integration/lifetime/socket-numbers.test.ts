// Numbers that are no open socket, in every function that takes one: -1 and a clear error, never an
// exception.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import * as wsfd from 'wsfd';
import { close, fails, open } from '../../support/calls';
import { startWsServer } from '../../support/servers';

const calls: Record<string, (socket: number) => number | Promise<number>> = {
  webSocketRead: (socket) => wsfd.webSocketRead(socket, {}),
  'webSocketRead without waiting': (socket) => wsfd.webSocketRead(socket, {}, 0),
  webSocketReadMany: (socket) => wsfd.webSocketReadMany(socket, []),
  webSocketWrite: (socket) => wsfd.webSocketWrite(socket, 'x'),
  webSocketWriteMany: (socket) => wsfd.webSocketWriteMany(socket, ['x']),
  webSocketFlush: (socket) => wsfd.webSocketFlush(socket),
  webSocketPing: (socket) => wsfd.webSocketPing(socket),
  webSocketClose: (socket) => wsfd.webSocketClose(socket),
  webSocketTerminate: (socket) => wsfd.webSocketTerminate(socket),
  webSocketSubscribe: (socket) => wsfd.webSocketSubscribe(socket, () => undefined),
};

const wrong: [name: string, value: unknown][] = [
  ['-1', -1],
  ['-2', -2],
  ['0.5', 0.5],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['2^31', 2 ** 31],
  ['2^32', 2 ** 32],
  ['2^53', 2 ** 53],
  ['a number that was not given out yet', 1_000_000_000],
  ['a string', '0'],
  ['undefined', undefined],
  ['null', null],
  ['true', true],
  ['a bigint', 0n],
  ['an object', {}],
  ['a list', [0]],
  ['an object that says 0', { valueOf: () => 0 }],
  ['a symbol', Symbol('socket')],
  ['a function', () => 0],
  ['an object without prototype', Object.create(null)],
];

for (const [name, call] of Object.entries(calls)) {
  test(`${name} of what is no socket`, async (t) => {
    const server = await startWsServer();
    t.after(() => server.close());
    // An open one, so that a value that is taken for another number would find it.
    const socket = await open(server.url);
    for (const [what, value] of [...wrong, ['an open one and a half', socket + 0.5]] as const) {
      const error = await fails(() => call(value as number), 'WSFD_INVALID_SOCKET').catch(
        (reason: unknown) => assert.fail(`${what}: ${String(reason)}`),
      );
      assert.equal(error.category, 'usage', what);
    }
    assert.equal(wsfd.webSocketInfo(socket)?.messagesOut, 0);
    await close(socket);
    const error = await fails(() => call(socket), 'WSFD_INVALID_SOCKET');
    assert.ok(error.message.includes(String(socket)), error.message);
  });
}

test('webSocketInfo of what is no socket', () => {
  for (const [what, value] of wrong) {
    assert.equal(wsfd.webSocketInfo(value as number), undefined, what);
    const [error] = wsfd.getLastError();
    assert.equal(error?.code, 'WSFD_INVALID_SOCKET', what);
  }
});

const iterables = {
  webSocketMessages: wsfd.webSocketMessages,
  webSocketBatches: wsfd.webSocketBatches,
};

for (const [name, iterable] of Object.entries(iterables)) {
  test(`${name} of what is no socket throws when it is iterated`, async () => {
    for (const [what, value] of wrong) {
      const iterator = (iterable(value as number) as AsyncIterable<unknown>)[
        Symbol.asyncIterator
      ]();
      const isExpected = (error: unknown): boolean =>
        error instanceof wsfd.WebSocketError && error.code === 'WSFD_INVALID_SOCKET';
      await assert.rejects(iterator.next(), isExpected, what);
    }
  });
}

test('a number is not given out twice', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const numbers = new Set<number>();
  for (let i = 0; i < 100; i++) {
    const socket = await open(server.url);
    assert.ok(Number.isSafeInteger(socket));
    assert.ok(!numbers.has(socket), `${socket} again`);
    numbers.add(socket);
    await close(socket);
  }
});

/** A program whose own thread never loads the addon: three threads, one after the other, open. */
const threadsInTurn = `
  const { once } = require('node:events');
  const { Worker } = require('node:worker_threads');
  const [url, wsfd] = process.argv.slice(1);
  const opens = \`
    const { parentPort, workerData } = require('node:worker_threads');
    const { webSocketOpen, webSocketTerminate } = require(workerData.wsfd);
    webSocketOpen(workerData.url).then((socket) => {
      parentPort.postMessage(socket);
      webSocketTerminate(socket);
    });\`;
  (async () => {
    for (let i = 0; i < 3; i++) {
      const worker = new Worker(opens, { eval: true, workerData: { url, wsfd } });
      worker.once('message', (socket) => console.log(socket));
      await once(worker, 'exit');
    }
  })();`;

test('nor in a later thread, after the last thread that had the addon ended', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const args = ['-e', threadsInTurn, server.url, require.resolve('wsfd')];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const numbers = stdout.trim().split(/\s+/).map(Number);
  assert.equal(new Set(numbers).size, 3, stdout);
  assert.ok(
    numbers.every((number) => number >= 0),
    stdout,
  );
});

test('a stale number does not touch a later connection', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const stale = await open(server.url);
  await close(stale);
  const fresh = await open(server.url);
  for (const call of Object.values(calls)) {
    await fails(() => call(stale), 'WSFD_INVALID_SOCKET');
  }
  const info = wsfd.webSocketInfo(fresh);
  assert.deepEqual([info?.state, info?.messagesOut], ['open', 0]);
});

test('what an opening returns that failed says so', async () => {
  for (const [number, text] of [
    [-1, /got -1; the open failed: getLastError\(\) directly after it says why/],
    [-2, /got -2; the open failed: its timeout passed/],
  ] as const) {
    const sync = [
      () => wsfd.webSocketReadSync(number, {}),
      () => wsfd.webSocketFlushSync(number),
      () => wsfd.webSocketCloseSync(number),
    ];
    for (const call of [...sync, ...Object.values(calls).map((it) => () => it(number))]) {
      assert.match((await fails(call, 'WSFD_INVALID_SOCKET')).message, text);
    }
  }
});

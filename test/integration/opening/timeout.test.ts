// The `timeout` of webSocketOpen: -2 wherever the other side stops, and nothing stays behind.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type * as Fs from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { webSocketOpen } from 'wsfd';
import { fails, open } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { runInChild } from '../../support/child';
import { noFullBacklog, startFullBacklog } from '../../support/full-backlog';
import { startRawServer, switching } from '../../support/raw-server';
import { startTcpServer, startTlsServer, startWsServer } from '../../support/servers';

const timeout = 0.25;

const noFifo = process.platform === 'win32' && 'only POSIX has files that block who opens them';

/** Asserts -2, not before its time; that it comes at all is what the test runner waits for. */
async function timesOut(url: string): Promise<void> {
  const start = process.hrtime.bigint();
  const options = { timeout, ignoreSslErrors: true } as const;
  const error = await fails(() => webSocketOpen(url, options), 'WSFD_OPEN_TIMEOUT', -2);
  assert.equal(error.category, 'timeout');
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  assert.ok(seconds >= timeout, `-2 came after ${seconds} s`);
}

/** A TCP relay to a TLS server that lets only the first `bytes` of its answer through. */
async function startHaltingTls(t: TestContext, bytes: number): Promise<string> {
  const { cert, key } = makeSelfSigned();
  const tls = await startTlsServer({ cert, key });
  t.after(() => tls.close());
  const relay = await startTcpServer((socket) => {
    const upstream = connect(tls.port, '127.0.0.1');
    upstream.on('error', () => undefined);
    socket.on('close', () => upstream.destroy());
    socket.pipe(upstream, { end: false });
    let left = bytes;
    upstream.on('data', (data: Buffer) => {
      const part = data.subarray(0, left);
      left -= part.length;
      if (part.length > 0) socket.write(part);
    });
  });
  t.after(() => relay.close());
  return relay.url.replace('ws:', 'wss:');
}

async function startHalfHead(t: TestContext): Promise<string> {
  const server = await startRawServer({ answer: (request) => switching(request).slice(0, 40) });
  t.after(() => server.close());
  return server.url;
}

/** One more byte of an endless head whenever the last has been written: never silent, never done. */
async function startSlowHead(t: TestContext): Promise<string> {
  const server = await startRawServer({
    answer: (_request, { socket }) => {
      const trickle = setInterval(() => socket.write('x'), 10);
      socket.once('close', () => clearInterval(trickle));
      return 'HTTP/1.1 101 Switching Protocols\r\nX: ';
    },
  });
  t.after(() => server.close());
  return server.url;
}

async function startSilent(t: TestContext): Promise<string> {
  const server = await startTcpServer();
  t.after(() => server.close());
  return server.url;
}

const peers: Record<string, (t: TestContext) => Promise<string>> = {
  'accepts and says nothing': startSilent,
  'accepts and says nothing where TLS is expected': async (t) =>
    (await startSilent(t)).replace('ws:', 'wss:'),
  'stops in the middle of its first TLS record': (t) => startHaltingTls(t, 3),
  'stops in mid TLS handshake': (t) => startHaltingTls(t, 300),
  'stops after half a response head': startHalfHead,
  'sends its response head drop by drop': startSlowHead,
};

for (const [name, start] of Object.entries(peers)) {
  test(`-2 from a listener that ${name}`, async (t) => timesOut(await start(t)));
}

test('-2 from a listener whose backlog is full', { skip: noFullBacklog }, async (t) =>
  timesOut(`ws://127.0.0.1:${await startFullBacklog(t)}/`),
);

test('a name lookup that takes too long: -2 says so', { skip: noFifo }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wsfd-timeout-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const fifo = join(folder, 'fifo');
  assert.equal(spawnSync('mkfifo', [fifo]).status, 0);
  const { value, stderr } = await runInChild(
    async ({ wsfd, load }, path) => {
      const { open: openFile, openSync } = load('node:fs') as typeof Fs;
      // Keeps the only thread for lookups until somebody opens the other end.
      openFile(path, 'r', () => undefined);
      const result = await wsfd.webSocketOpen('ws://localhost:1/', { timeout: 0.05 });
      const [error] = wsfd.getLastError();
      openSync(path, 'r+');
      return [result, error?.code, error?.message];
    },
    fifo,
    { env: { UV_THREADPOOL_SIZE: '1' } },
  );
  const [result, code, message] = value ?? [];
  assert.deepEqual([result, code], [-2, 'WSFD_OPEN_TIMEOUT'], stderr);
  assert.match(String(message), /the lookup of the name localhost was not complete/);
});

test('an open that timed out has closed its connection', async (t) => {
  const server = await startTcpServer();
  t.after(() => server.close());
  await timesOut(server.url);
  const connection = await server.connections.next();
  if (!connection.closed) await once(connection, 'close');
});

test('a process whose open timed out ends by itself, with nothing left open', async (t) => {
  const server = await startTcpServer();
  t.after(() => server.close());
  const { value, exitCode, stderr } = await runInChild(async ({ wsfd, load }, url) => {
    const { readdirSync } = load('node:fs') as typeof Fs;
    const countFiles = (): number =>
      process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
    // The first open makes what stays for the life of the process.
    await wsfd.webSocketOpen(url, { timeout: 0.05 });
    const before = countFiles();
    const results = [];
    for (let i = 0; i < 5; i++) results.push(await wsfd.webSocketOpen(url, { timeout: 0.05 }));
    // A libuv handle is closed in the iteration of its loop that follows.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    return { results, left: countFiles() - before };
  }, server.url);
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(value, { results: [-2, -2, -2, -2, -2], left: 0 });
});

test('a timeout that was not reached does not end the connection', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const { value, exitCode, stderr } = await runInChild(async ({ wsfd }, url) => {
    const socket = await wsfd.webSocketOpen(url, { timeout: 1 });
    // (the time that is tested: longer than timeout)
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const data: { value?: string | Buffer } = {};
    const results = [wsfd.webSocketWrite(socket, 'still here')];
    results.push(await wsfd.webSocketRead(socket, data));
    results.push(await wsfd.webSocketClose(socket));
    return { results, data };
  }, server.url);
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(value, { results: [0, 0, 0], data: { value: 'still here' } });
});

test('time that passed before the call does not count', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const { value, exitCode, stderr } = await runInChild(async ({ wsfd }, url) => {
    const block = (ms: number): void => {
      const end = Date.now() + ms;
      while (Date.now() < end);
    };
    // Longer than the timeout of the call that follows, with no turn of the loop in between.
    block(1200);
    const socket = await wsfd.webSocketOpen(url, { timeout: 1, closeTimeout: 1 });
    block(1200);
    return [socket >= 0, await wsfd.webSocketClose(socket)];
  }, server.url);
  assert.deepEqual({ value, exitCode }, { value: [true, 0], exitCode: 0 }, stderr);
});

test('a timeout of hours does not keep the process', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const { value, exitCode, stderr } = await runInChild(
    async ({ wsfd }, url) => wsfd.webSocketClose(await wsfd.webSocketOpen(url, { timeout: 3600 })),
    server.url,
  );
  assert.deepEqual({ value, exitCode }, { value: 0, exitCode: 0 }, stderr);
});

test('fractions of a second count', async (t) => {
  const server = await startTcpServer();
  t.after(() => server.close());
  await fails(() => webSocketOpen(server.url, { timeout: 0.001 }), 'WSFD_OPEN_TIMEOUT', -2);
});

test('a timeout is never early, not by a part of a millisecond', async (t) => {
  const server = await startTcpServer();
  t.after(() => server.close());
  const took: number[] = [];
  for (let i = 0; i < 50; i++) {
    const begun = performance.now();
    await fails(() => webSocketOpen(server.url, { timeout: 0.01 }), 'WSFD_OPEN_TIMEOUT', -2);
    took.push(performance.now() - begun);
  }
  assert.ok(Math.min(...took) >= 10, took.join(' '));
});

test('without a timeout a slow server is waited for', async (t) => {
  const server = await startRawServer({
    answer: (request, { socket }) => {
      setTimeout(() => socket.write(switching(request)), 100);
      return undefined;
    },
  });
  t.after(() => server.close());
  await open(server.url);
});

// The `signal` of webSocketOpen: aborts an opening at any stage, and leaves nothing behind.
import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { webSocketOpen, webSocketWrite } from 'wsfd';
import type { OpenOptions } from 'wsfd';
import { fails, ok, open, read } from '../../support/calls';
import { runInChild } from '../../support/child';
import { response, startRawServer, switching } from '../../support/raw-server';
import { startTcpServer, startWsServer } from '../../support/servers';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

/** An opening that must end as aborted, with the signal's reason as cause. */
async function aborts(url: string, signal: AbortSignal, options: OpenOptions = {}): Promise<void> {
  const error = await fails(() => webSocketOpen(url, { ...options, signal }), 'WSFD_ABORTED');
  assert.equal(error.category, 'usage');
  assert.equal(error.cause, signal.reason);
  assert.equal(listeners(signal), 0);
}

test('a signal that is aborted already: nothing is opened', async (t) => {
  const server = await startTcpServer();
  t.after(() => server.close());
  const reason = new Error('no longer wanted');
  await aborts(server.url, AbortSignal.abort(reason));
  await aborts(server.url, AbortSignal.abort());
  assert.equal(server.connections.all.length, 0);
});

test('an argument error comes before an aborted signal', async () => {
  const signal = AbortSignal.abort();
  const options = { signal, timeout: -1 };
  await fails(() => webSocketOpen('ws://127.0.0.1:1/', options), 'WSFD_INVALID_OPTION');
});

for (const [stage, host] of [
  ['name lookup', 'localhost'],
  ['connecting', '127.0.0.1'],
] as const) {
  test(`aborts in the ${stage}`, async (t) => {
    const server = await startTcpServer();
    t.after(() => server.close());
    const controller = new AbortController();
    const aborted = aborts(`ws://${host}:${server.port}/`, controller.signal);
    assert.equal(listeners(controller.signal), 1);
    controller.abort(new Error('changed my mind'));
    await aborted;
  });
}

test('aborts in the TLS handshake', async (t) => {
  const server = await startTcpServer();
  t.after(() => server.close());
  const controller = new AbortController();
  const aborted = aborts(server.url.replace('ws:', 'wss:'), controller.signal);
  const socket = await server.connections.next();
  const ended = once(socket, 'close');
  await once(socket, 'data');
  controller.abort();
  await aborted;
  await ended;
});

for (const [what, length] of [
  ['that has not been answered', 0],
  ['of which a part of the answer has come', 40],
] as const) {
  test(`aborts in an opening handshake ${what}`, async (t) => {
    const server = await startRawServer({
      answer: (request) => switching(request).slice(0, length),
    });
    t.after(() => server.close());
    const controller = new AbortController();
    const aborted = aborts(server.url, controller.signal);
    const connection = await server.connections.next();
    controller.abort('a reason need not be an Error');
    await aborted;
    await connection.closed;
  });
}

test('aborts when its time has passed', async (t) => {
  const server = await startTcpServer();
  t.after(() => server.close());
  const signal = AbortSignal.timeout(20);
  await aborts(server.url, signal);
  assert.equal((signal.reason as Error).name, 'TimeoutError');
});

test('has no effect once the connection is open', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const controller = new AbortController();
  const socket = await open(server.url, { signal: controller.signal });
  assert.equal(listeners(controller.signal), 0);
  controller.abort();
  await ok(webSocketWrite(socket, 'still here'));
  assert.equal(await read(socket), 'still here');
});

test('is let go when the opening fails', async (t) => {
  const server = await startRawServer({
    answer: () => response('404 Not Found', ['Content-Length: 0']),
  });
  t.after(() => server.close());
  const { signal } = new AbortController();
  await fails(() => webSocketOpen(server.url, { signal }), 'WSFD_HANDSHAKE_REFUSED');
  await fails(() => webSocketOpen('ws://127.0.0.1:1/', { signal }), 'WSFD_CONNECT_FAILED');
  const pem = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
  const options = { signal, caCertificates: pem };
  await fails(() => webSocketOpen('wss://127.0.0.1:1/', options), 'WSFD_INVALID_OPTION');
  assert.equal(listeners(signal), 0);
});

/** Warnings of the process that came while `work` ran. */
async function warningsOf(t: TestContext, work: () => Promise<void>): Promise<Error[]> {
  const warnings: Error[] = [];
  const listen = (warning: Error): void => void warnings.push(warning);
  process.on('warning', listen);
  t.after(() => process.off('warning', listen));
  await work();
  return warnings;
}

test('one signal for many openings has one listener; each gets its own error', async (t) => {
  const server = await startTcpServer();
  t.after(() => server.close());
  const controller = new AbortController();
  const { signal } = controller;
  const count = 200;
  const warnings = await warningsOf(t, async () => {
    const openings = Array.from({ length: count }, async (_, i) => {
      const url = `${server.url}${i}`;
      const error = await fails(() => webSocketOpen(url, { signal }), 'WSFD_ABORTED');
      assert.ok(error.message.includes(url), error.message);
    });
    assert.equal(listeners(signal), 1);
    for (let i = 0; i < count; i++) await server.connections.next();
    controller.abort();
    await Promise.all(openings);
  });
  assert.deepEqual(warnings, []);
  assert.equal(listeners(signal), 0);
});

test('one signal for many openings one after the other', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const { signal } = new AbortController();
  for (let i = 0; i < 20; i++) {
    await Promise.all([open(server.url, { signal }), open(server.url, { signal })]);
    assert.equal(listeners(signal), 0);
  }
});

test('an opening that was aborted does not keep its process', async (t) => {
  const server = await startTcpServer();
  t.after(() => server.close());
  const { value, exitCode, stderr } = await runInChild(async ({ wsfd }, url) => {
    const signal = AbortSignal.timeout(50);
    return wsfd.webSocketOpen(url, { signal });
  }, server.url);
  assert.deepEqual([exitCode, value], [0, -1], stderr);
});

test('a signal whose own methods throw', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const { signal } = new AbortController();
  signal.addEventListener = () => assert.fail('it was called');
  signal.removeEventListener = () => assert.fail('it was called');
  await open(server.url, { signal });
});

// WebSocketError.retryable where it depends on the case: true if the same call may succeed later
// though nobody changes anything. The other codes have it in their rows (docs/ERRORS.md).
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { webSocketOpen, webSocketRead } from 'wsfd';
import { failure, fails, open } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { startProxy } from '../../support/proxies';
import { response, startRawServer } from '../../support/raw-server';
import { startTcpServer } from '../../support/servers';
import { startScriptServer, caCertificates } from '../../support/tls-script-server';

const passing = [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 530];
const staying = [200, 204, 302, 400, 401, 403, 404, 407, 410, 426, 451, 501, 505, 511, 525, 526];

for (const [retryable, statuses] of [
  [true, passing],
  [false, staying],
] as const) {
  for (const status of statuses) {
    const refusal = response(`${status} Because`, ['Content-Length: 2'], 'no');

    test(`${status}: ${retryable}`, async (t) => {
      const server = await startRawServer({ answer: () => refusal });
      t.after(() => server.close());
      const error = await fails(() => webSocketOpen(server.url), 'WSFD_HANDSHAKE_REFUSED');
      assert.deepEqual([error.httpStatus, error.retryable], [status, retryable]);
    });

    // (any 2xx opens the tunnel)
    if (status < 300) continue;
    test(`${status} of a proxy: ${retryable}`, async (t) => {
      const proxy = await startProxy({ answer: (socket) => void socket.write(refusal) });
      t.after(() => proxy.close());
      const call = () => webSocketOpen('ws://127.0.0.1:9/', { proxy: proxy.url });
      const error = await fails(call, 'WSFD_PROXY_REFUSED');
      assert.deepEqual([error.httpStatus, error.retryable], [status, retryable]);
    });
  }
}

test('a proxy that ends the connection without an answer: true', async (t) => {
  const proxy = await startProxy({ answer: (socket) => void socket.end() });
  t.after(() => proxy.close());
  const call = () => webSocketOpen('ws://127.0.0.1:9/', { proxy: proxy.url });
  const error = await fails(call, 'WSFD_PROXY_REFUSED');
  assert.deepEqual([error.httpStatus, error.retryable], [undefined, true]);
});

test('a proxy that answers no HTTP: false', async (t) => {
  const proxy = await startProxy({ answer: (socket) => void socket.write('SSH-2.0-x\r\n') });
  t.after(() => proxy.close());
  const call = () => webSocketOpen('ws://127.0.0.1:9/', { proxy: proxy.url });
  assert.equal((await fails(call, 'WSFD_PROXY_REFUSED')).retryable, false);
});

test('redirects followed too often: false, whatever the last one says', async (t) => {
  const server = await startRawServer({
    answer: () => response('302 Found', ['Location: /', 'Content-Length: 0']),
  });
  t.after(() => server.close());
  const call = () => webSocketOpen(server.url, { followRedirects: 1 });
  assert.equal((await fails(call, 'WSFD_TOO_MANY_REDIRECTS')).retryable, false);
});

test('a redirect that cannot be followed: false', async (t) => {
  const server = await startRawServer({
    answer: () => response('307 Moved', ['Location: ftp://x/', 'Content-Length: 0']),
  });
  t.after(() => server.close());
  const call = () => webSocketOpen(server.url, { followRedirects: 1 });
  assert.equal((await fails(call, 'WSFD_HANDSHAKE_REFUSED')).retryable, false);
});

test('TLS that fails on an open connection: true', async (t) => {
  const server = await startScriptServer();
  t.after(() => server.close());
  const socket = await open(server.url, { caCertificates });
  const connection = await server.connections.next();
  // A record that nobody has encrypted: bad_record_mac.
  connection.socket.write(Buffer.concat([Buffer.from([23, 3, 3, 0, 40]), Buffer.alloc(40, 7)]));
  const error = await fails(() => webSocketRead(socket, {}), 'WSFD_TLS_FAILED');
  assert.deepEqual([error.category, error.retryable], ['tls', true]);
});

const closing: Readonly<Record<string, (connection: Socket) => void>> = {
  'FIN without an answer': (connection) => void connection.once('data', () => connection.end()),
  'RST without an answer': (connection) =>
    void connection.once('data', () => connection.resetAndDestroy()),
};

for (const [what, onConnection] of Object.entries(closing)) {
  for (const scheme of ['ws', 'wss']) {
    test(`${what}, as of a load balancer without a backend, ${scheme}: true`, async (t) => {
      const server = await startTcpServer(onConnection);
      t.after(() => server.close());
      const error = await failure(() => webSocketOpen(`${scheme}://127.0.0.1:${server.port}/`));
      const category = what.startsWith('FIN') && scheme === 'ws' ? 'handshake' : 'network';
      assert.deepEqual([error.category, error.retryable], [category, true]);
    });
  }
}

test('nobody listens, no such name, no answer in time: true', async (t) => {
  const silent = await startTcpServer();
  t.after(() => silent.close());
  const gone = await startTcpServer();
  await gone.close();
  const late = () => webSocketOpen(silent.url, { timeout: 0.05 });
  assert.equal((await failure(late, -2)).retryable, true);
  assert.equal((await failure(() => webSocketOpen(gone.url))).retryable, true);
  assert.equal((await failure(() => webSocketOpen('ws://no-such.invalid/'))).retryable, true);
});

test('a wrong call, a wrong certificate, an answer that is no upgrade: false', async (t) => {
  const secure = await startRawServer({ tls: makeSelfSigned() });
  t.after(() => secure.close());
  const strange = await startRawServer({
    answer: () => response('101 Switching Protocols', ['Upgrade: h2c', 'Connection: Upgrade']),
  });
  t.after(() => strange.close());
  for (const [url, code] of [
    ['http://127.0.0.1/', 'WSFD_UNSUPPORTED_SCHEME'],
    [secure.url, 'WSFD_CERTIFICATE_REFUSED'],
    [strange.url, 'WSFD_HANDSHAKE_UPGRADE_INVALID'],
  ] as const) {
    assert.equal((await fails(() => webSocketOpen(url), code)).retryable, false);
  }
});

// webSocketOpenSync: the codes of webSocketOpen, in the calling thread.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { makeCertificate, makeSelfSigned } from '../../support/certificates';
import { runInChild, runInThread } from '../../support/child';
import { startProxy } from '../../support/proxies';
import { response, startRawServer, switching } from '../../support/raw-server';
import { startTcpServer, startWsServer } from '../../support/servers';

test('a number that no other socket has, and no error', async (t) => {
  const server = await startWsServer({ settings: { handleProtocols: () => 'chat' } });
  t.after(() => server.close());
  const { sockets, infos, errors, closed } = await runInThread(({ wsfd }, url) => {
    const options = { headers: { 'X-Plant': '7' }, protocols: ['chat'] };
    const opened = [wsfd.webSocketOpenSync(url, options), wsfd.webSocketOpenSync(url)];
    return {
      sockets: opened,
      infos: opened.map((socket) => wsfd.webSocketInfo(socket)),
      errors: wsfd.getLastError().length,
      closed: opened.map((socket) => wsfd.webSocketCloseSync(socket)),
    };
  }, server.url);
  assert.ok(sockets.every((socket) => socket >= 0));
  assert.equal(new Set(sockets).size, 2);
  assert.deepEqual(
    infos.map((info) => [info?.state, info?.subprotocol, info?.url]),
    [
      ['open', 'chat', server.url],
      ['open', '', server.url],
    ],
  );
  assert.equal(errors, 0);
  assert.deepEqual(closed, [0, 0]);
  assert.equal((await server.connections.next()).request.headers['x-plant'], '7');
});

test('what cannot be opened: -1 with the error of webSocketOpen', async (t) => {
  const refusing = await startRawServer({
    answer: () => response('401 Unauthorized', ['X-Why: because', 'Content-Length: 4'], 'body'),
  });
  t.after(() => refusing.close());
  const silent = await startTcpServer();
  const { port } = silent;
  await silent.close();
  const results = await runInThread(
    ({ wsfd, outcome }, { refusingUrl, closedUrl }) => {
      const refused = wsfd.webSocketOpenSync(refusingUrl);
      const [error] = wsfd.getLastError();
      return {
        refused: [refused, error?.code, error?.httpStatus, error?.httpHeaders, error?.httpBody],
        others: [
          outcome(wsfd.webSocketOpenSync(closedUrl)),
          outcome(wsfd.webSocketOpenSync('ws://no-such-host.invalid/')),
          outcome(wsfd.webSocketOpenSync('not a URL')),
          outcome(wsfd.webSocketOpenSync('http://127.0.0.1/')),
          outcome(wsfd.webSocketOpenSync(closedUrl, { timeout: 0 })),
          outcome(wsfd.webSocketOpenSync(closedUrl, { sslConfig: { localCertificate: 'no PEM' } })),
        ],
      };
    },
    { refusingUrl: refusing.url, closedUrl: `ws://127.0.0.1:${port}/` },
  );
  assert.deepEqual(results.refused, [
    ...[-1, 'WSFD_HANDSHAKE_REFUSED', 401],
    { 'x-why': 'because', 'content-length': '4' },
    'body',
  ]);
  assert.deepEqual(results.others, [
    [-1, 'WSFD_CONNECT_FAILED'],
    [-1, 'WSFD_NAME_NOT_RESOLVED'],
    [-1, 'WSFD_INVALID_URL'],
    [-1, 'WSFD_UNSUPPORTED_SCHEME'],
    [-1, 'WSFD_INVALID_OPTION'],
    [-1, 'WSFD_INVALID_OPTION'],
  ]);
});

for (const secure of [false, true]) {
  test(`a server that accepts and says nothing, ${secure ? 'wss' : 'ws'}: -2`, async (t) => {
    const server = await startTcpServer();
    t.after(() => server.close());
    const { result, seconds } = await runInThread(
      ({ wsfd, outcome }, url) => {
        const start = process.hrtime.bigint();
        const opened = outcome(wsfd.webSocketOpenSync(url, { timeout: 0.2 }));
        return { result: opened, seconds: Number(process.hrtime.bigint() - start) / 1e9 };
      },
      secure ? server.url.replace('ws:', 'wss:') : server.url,
    );
    assert.deepEqual(result, [-2, 'WSFD_OPEN_TIMEOUT']);
    assert.ok(seconds >= 0.2 && seconds < 100, `${seconds} s`);
    const socket = await server.connections.next();
    if (!socket.destroyed) await once(socket, 'close');
  });
}

test('TLS that is refused: every error by its keyword, and the server gets the alert', async (t) => {
  const { cert, key } = makeSelfSigned();
  const server = await startWsServer({ tls: { cert, key } });
  t.after(() => server.close());
  const results = await runInThread(({ wsfd, outcome }, url) => {
    const refused = wsfd.webSocketOpenSync(url, { timeout: 60 });
    const [error] = wsfd.getLastError();
    const ignoreSslErrors = ['SelfSignedCertificate'] as const;
    const socket = wsfd.webSocketOpenSync(url, { ignoreSslErrors });
    const ignored = wsfd.webSocketInfo(socket)?.tls?.ignoredErrors.map(({ keyword }) => keyword);
    wsfd.webSocketWrite(socket, 'over TLS');
    const data: { value?: string | Buffer } = {};
    return {
      refused,
      code: error?.code,
      keywords: Object.keys(error?.sslErrors ?? {}),
      read: outcome(wsfd.webSocketReadSync(socket, data)),
      data,
      ignored,
      closed: outcome(wsfd.webSocketCloseSync(socket)),
    };
  }, server.url);
  assert.deepEqual(results, {
    refused: -1,
    code: 'WSFD_CERTIFICATE_REFUSED',
    keywords: ['SelfSignedCertificate'],
    read: [0],
    data: { value: 'over TLS' },
    ignored: ['SelfSignedCertificate'],
    closed: [0],
  });
  assert.match((await server.tls.failures.next()).code, /ALERT/);
});

test('the default trust store is there', async (t) => {
  const { cert, key } = makeCertificate({ san: ['DNS:localhost'] });
  const server = await startWsServer({ tls: { cert, key } });
  t.after(() => server.close());
  const { value, stderr } = await runInChild(
    ({ wsfd, outcome }, url) => outcome(wsfd.webSocketOpenSync(url)),
    server.url,
  );
  assert.deepEqual(value, [-1, 'WSFD_CERTIFICATE_REFUSED'], stderr);
});

test('redirects are followed, and the timeout covers them all', async (t) => {
  const server = await startRawServer({
    answer: (request) => {
      const path = request.requestLine.split(' ')[1];
      if (path === '/end') return switching(request);
      const next = path === '/' ? '/middle' : path === '/loop' ? '/loop' : '/end';
      return response('302 Found', [`Location: ${next}`, 'Content-Length: 0']);
    },
  });
  t.after(() => server.close());
  const results = await runInThread(({ wsfd, outcome }, url) => {
    const refused = outcome(wsfd.webSocketOpenSync(url));
    const socket = wsfd.webSocketOpenSync(url, { followRedirects: 2, timeout: 60 });
    const there = wsfd.webSocketInfo(socket)?.url;
    const closed = wsfd.webSocketCloseSync(socket);
    const loop = outcome(wsfd.webSocketOpenSync(`${url}loop`, { followRedirects: 3 }));
    return { refused, there, closed, loop };
  }, server.url);
  assert.deepEqual(results, {
    refused: [-1, 'WSFD_HANDSHAKE_REFUSED'],
    there: `${server.url}end`,
    closed: 0,
    loop: [-1, 'WSFD_TOO_MANY_REDIRECTS'],
  });
});

test('through a proxy', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const proxy = await startProxy();
  t.after(() => proxy.close());
  const result = await runInThread(
    ({ wsfd }, { url, proxyPort }) => {
      const socket = wsfd.webSocketOpenSync(url, { proxy: `http://127.0.0.1:${proxyPort}` });
      wsfd.webSocketWrite(socket, 'through it');
      const data: { value?: string | Buffer } = {};
      wsfd.webSocketReadSync(socket, data);
      return [data.value, wsfd.webSocketCloseSync(socket)];
    },
    { url: server.url, proxyPort: proxy.port },
  );
  assert.deepEqual(result, ['through it', 0]);
  assert.equal(proxy.requests.all.length, 1);
});

test('a signal that is aborted already: -1, and nothing is opened', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const results = await runInThread(({ wsfd, outcome }, url) => {
    const aborted = outcome(wsfd.webSocketOpenSync(url, { signal: AbortSignal.abort('why') }));
    const [error] = wsfd.getLastError();
    const socket = wsfd.webSocketOpenSync(url, { signal: new AbortController().signal });
    return {
      aborted,
      cause: error?.cause,
      open: socket > 0,
      closed: wsfd.webSocketCloseSync(socket),
    };
  }, server.url);
  assert.deepEqual(results, {
    aborted: [-1, 'WSFD_ABORTED'],
    cause: 'why',
    open: true,
    closed: 0,
  });
  assert.equal(server.connections.all.length, 1);
});

// The limit is set by a POSIX shell.
describe(
  'a limit on open files',
  { skip: process.platform === 'win32' && 'Windows has no ulimit' },
  () => {
    test('without a free descriptor: -1, until some are closed', async (t) => {
      const server = await startWsServer();
      t.after(() => server.close());
      const { value, exitCode, stderr } = await runInChild(
        ({ wsfd, outcome }, url) => {
          const open: number[] = [];
          let socket = wsfd.webSocketOpenSync(url);
          for (; socket >= 0; socket = wsfd.webSocketOpenSync(url)) open.push(socket);
          const errors = outcome(socket);
          const again = Array.from({ length: 20 }, () => outcome(wsfd.webSocketOpenSync(url)));
          const closed = open.splice(0, 2).map((it) => wsfd.webSocketCloseSync(it));
          const reopened = wsfd.webSocketOpenSync(url);
          wsfd.webSocketWrite(reopened, 'works again');
          const data: { value?: string | Buffer } = {};
          wsfd.webSocketReadSync(reopened, data);
          return { errors, again, closed, data, count: open.length };
        },
        server.url,
        // (a loop of its own takes six or seven)
        { maxFiles: 80 },
      );
      assert.equal(exitCode, 0, stderr);
      assert.ok(value !== undefined && value.count > 3 && value.count < 80, stderr);
      const refused = [-1, 'WSFD_NO_FREE_SOCKETS'];
      assert.deepEqual(value.errors, refused);
      assert.deepEqual(value.again, Array(20).fill(refused));
      assert.deepEqual(value.closed, [0, 0]);
      assert.deepEqual(value.data, { value: 'works again' });
    });
  },
);

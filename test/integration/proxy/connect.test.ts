// HTTP proxies: CONNECT, what a proxy may answer and what it must not, and TLS with proxy and target.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { webSocketInfo, webSocketOpen, webSocketRead } from 'wsfd';
import type { OpenOptions, WebSocketError } from 'wsfd';
import { block } from '../../support/block';
import { close, fails, open, read } from '../../support/calls';
import { makeCertificate } from '../../support/certificates';
import type { Fixture } from '../../support/fixture';
import { text } from '../../support/frames';
import { without } from '../../support/programs';
import { joinSockets, portOf, startProxy, startTinyproxy, tunnel } from '../../support/proxies';
import type { ProxyServer, ProxyServerOptions } from '../../support/proxies';
import { response, startRawServer, switching } from '../../support/raw-server';
import { startTcpServer, startWsServer } from '../../support/servers';
import type { WsServer, WsServerOptions } from '../../support/servers';
import { openAndEcho } from '../../support/tls-client';

const root = makeCertificate({ subject: 'Proxy Tests', ca: true });
const { cert, key } = makeCertificate({ issuer: root, san: ['DNS:localhost'] });
const tls = { cert, key };
const trust = { caCertificates: root.cert };

async function start(
  t: TestContext,
  ofProxy: ProxyServerOptions = {},
  ofServer: WsServerOptions = {},
): Promise<{ proxy: ProxyServer; server: WsServer }> {
  const proxy = await startProxy(ofProxy);
  t.after(() => proxy.close());
  const server = await startWsServer(ofServer);
  t.after(() => server.close());
  return { proxy, server };
}

/** The error of an open through a proxy that does this with each request. */
async function refused(
  t: TestContext,
  answer: NonNullable<ProxyServerOptions['answer']>,
  options: OpenOptions = {},
): Promise<WebSocketError> {
  const { proxy, server } = await start(t, { answer });
  const given = { proxy: proxy.url, ...options };
  const error = await fails(() => webSocketOpen(server.url, given), 'WSFD_PROXY_REFUSED');
  assert.equal(error.category, 'network');
  assert.ok(error.message.includes(`the proxy ${proxy.url}`), error.message);
  assert.deepEqual(server.connections.all, []);
  return error;
}

test('RFC 9110 9.3.6: the request names host and port, and no more is sent', async (t) => {
  const { proxy, server } = await start(t);
  const info = await openAndEcho(server.url, { proxy: proxy.url, headers: { Cookie: 'a=b' } });
  assert.deepEqual([info.url, info.remotePort, info.tls], [server.url, proxy.port, undefined]);
  const authority = `127.0.0.1:${server.port}`;
  const expected = `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`;
  assert.deepEqual(proxy.requests.all, [expected]);
});

test('an IPv6 address is named in brackets; a name is left to the proxy', async (t) => {
  const { proxy, server } = await start(t);
  await openAndEcho(`ws://[::1]:${server.port}/`, { proxy: proxy.url });
  await openAndEcho(`ws://no-such-host.invalid:${server.port}/`, { proxy: proxy.url });
  const lines = proxy.requests.all.map((request) => request.split('\r\n')[0]);
  assert.deepEqual(lines, [
    `CONNECT [::1]:${server.port} HTTP/1.1`,
    `CONNECT no-such-host.invalid:${server.port} HTTP/1.1`,
  ]);
});

test('RFC 7617: credentials in the URL, percent-encoded, go to the proxy alone', async (t) => {
  const { proxy, server } = await start(t);
  const url = proxy.url.replace('//', '//us%40er:p%C3%A4ss%3A@');
  await openAndEcho(server.url, { proxy: url });
  const expected = Buffer.from('us@er:päss:').toString('base64');
  assert.match(
    proxy.requests.all[0] ?? '',
    new RegExp(`^Proxy-Authorization: Basic ${expected}\r$`, 'm'),
  );
  const [{ request } = assert.fail()] = server.connections.all;
  assert.deepEqual(
    Object.keys(request.headers).filter((name) => name.includes('auth')),
    [],
  );
});

describe('TLS', () => {
  for (const toProxy of [false, true]) {
    for (const toServer of [false, true]) {
      const name = `${toServer ? 'wss' : 'ws'} through ${toProxy ? 'an https' : 'an http'} proxy`;
      test(name, async (t) => {
        const { proxy, server } = await start(t, toProxy ? { tls } : {}, toServer ? { tls } : {});
        const info = await openAndEcho(server.url, { proxy: proxy.url, ...trust });
        assert.equal(info.tls !== undefined, toServer);
        const socket = await open(server.url, { proxy: proxy.url, ...trust });
        const [{ socket: peer } = assert.fail()] = server.connections.all.slice(-1);
        const large = 'x'.repeat(3_000_000);
        peer.send(large);
        assert.equal(await read(socket), large);
        await close(socket);
      });
    }
  }

  test('the target is verified through the tunnel as ever', async (t) => {
    const { proxy, server } = await start(t, {}, { tls });
    const call = (): Promise<number> => webSocketOpen(server.url, { proxy: proxy.url });
    const error = await fails(call, 'WSFD_CERTIFICATE_REFUSED');
    assert.ok(!error.message.includes('the proxy'), error.message);
    const other = server.url.replace('localhost', 'other.invalid');
    const wrong = { proxy: proxy.url, ...trust };
    const { sslErrors } = await fails(
      () => webSocketOpen(other, wrong),
      'WSFD_CERTIFICATE_REFUSED',
    );
    assert.deepEqual(Object.keys(sslErrors ?? {}), ['HostNameMismatch']);
  });

  test('so it is in TLS inside of TLS', async (t) => {
    const stranger = makeCertificate({ san: ['DNS:localhost'] });
    const ofServer = { tls: { cert: stranger.cert, key: stranger.key } };
    const { proxy, server } = await start(t, { tls }, ofServer);
    const given = { proxy: proxy.url, ...trust };
    const error = await fails(() => webSocketOpen(server.url, given), 'WSFD_CERTIFICATE_REFUSED');
    assert.deepEqual(Object.keys(error.sslErrors ?? {}), ['SelfSignedCertificate']);
  });

  test('the proxy is verified, whatever may pass for the target', async (t) => {
    const { proxy, server } = await start(t, { tls }, { tls });
    const given = { proxy: proxy.url, ignoreSslErrors: true } as const;
    const error = await fails(() => webSocketOpen(server.url, given), 'WSFD_CERTIFICATE_REFUSED');
    assert.ok(error.message.includes(`the proxy ${proxy.url}`), error.message);
    assert.ok(Object.keys(error.sslErrors ?? {}).length > 0);
    assert.deepEqual(proxy.requests.all, []);
  });

  test('a proxy that ends its TLS in the middle of the inner handshake', async (t) => {
    const answer = (socket: Socket): void => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.once('data', () => socket.end());
    };
    const { proxy, server } = await start(t, { tls, answer }, { tls });
    const call = (): Promise<number> => webSocketOpen(server.url, { proxy: proxy.url, ...trust });
    const error = await fails(call, 'WSFD_CONNECTION_LOST');
    assert.deepEqual([error.category, error.retryable], ['network', true]);
  });

  test('a proxy where TLS is expected and plain HTTP spoken', async (t) => {
    const { proxy, server } = await start(t);
    const given = { proxy: proxy.url.replace('http:', 'https:'), timeout: 10 };
    const { port, close: end } = await startTcpServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    t.after(end);
    given.proxy = `https://127.0.0.1:${port}`;
    const error = await fails(() => webSocketOpen(server.url, given), 'WSFD_TLS_NOT_SPOKEN');
    assert.ok(error.message.includes(`the proxy ${given.proxy}`), error.message);
    assert.deepEqual(proxy.requests.all, []);
  });
});

describe('a proxy that does not agree', () => {
  test('407 names the status and what the proxy asks for', async (t) => {
    const error = await refused(t, (socket) => {
      const lines = ['Proxy-Authenticate: Basic realm="plant"', 'Content-Length: 4'];
      socket.write(response('407 Proxy Authentication Required', lines, 'who?'));
    });
    assert.deepEqual([error.httpStatus, error.httpBody], [407, 'who?']);
    assert.equal(error.httpHeaders?.['proxy-authenticate'], 'Basic realm="plant"');
    assert.match(error.message, /HTTP 407 Proxy Authentication Required; .*"Basic"/);
  });

  test('407 again shows no credentials in the error', async (t) => {
    const { proxy, server } = await start(t, {
      answer: (socket) => socket.end(response('407 No', ['Content-Length: 0'])),
    });
    const url = proxy.url.replace('//', '//karl:geheim@');
    const call = (): Promise<number> => webSocketOpen(server.url, { proxy: url });
    const error = await fails(call, 'WSFD_PROXY_REFUSED');
    assert.doesNotMatch(JSON.stringify([error.message, error]), /karl|geheim|a2FybDpnZWhlaW0/);
  });

  test('a redirect of the proxy is not followed', async (t) => {
    const found = response('302 Found', ['Location: /login', 'Content-Length: 0']);
    const error = await refused(t, (socket) => socket.write(found), { followRedirects: 5 });
    assert.equal(error.httpStatus, 302);
  });

  test('101 opens no tunnel', async (t) => {
    const answer = response('101 Switching Protocols', ['Upgrade: x']) + 'junk that follows';
    await refused(t, (socket) => socket.write(answer));
  });

  for (const [name, answer, message] of [
    ['an answer that is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', /not an HTTP response.*SSH-2/],
    ['a head that is too large', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`, /too large/],
    ['too many headers', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(300)}`, /too large/],
    ['a NUL in a header', 'HTTP/1.1 200 OK\r\nX: \0\r\n\r\n', /control character/],
  ] as const) {
    test(name, async (t) => {
      const error = await refused(t, (socket) => socket.write(answer));
      assert.match(error.message, message);
    });
  }

  for (const [name, part] of [
    ['before a byte of its answer', ''],
    ['in its status line', 'HTTP/1.1 20'],
    ['in its head', 'HTTP/1.1 200 OK\r\nVia: 1.1 pr'],
  ] as const) {
    test(`it ends the connection ${name}`, async (t) => {
      const error = await refused(t, (socket) => socket.end(part));
      assert.match(error.message, /it ended the connection while it was asked for CONNECT/);
    });
  }

  test('it resets the connection', async (t) => {
    const { proxy, server } = await start(t, { answer: (socket) => socket.resetAndDestroy() });
    const call = (): Promise<number> => webSocketOpen(server.url, { proxy: proxy.url });
    const error = await fails(call, 'WSFD_CONNECTION_LOST');
    assert.ok(error.message.includes(`the proxy ${proxy.url}`), error.message);
  });

  test('nobody listens there', async (t) => {
    const { proxy, server } = await start(t);
    await proxy.close();
    const call = (): Promise<number> => webSocketOpen(server.url, { proxy: proxy.url });
    const error = await fails(call, 'WSFD_CONNECT_FAILED');
    assert.deepEqual([error.address, error.port], ['127.0.0.1', proxy.port]);
    assert.ok(error.message.includes(`the proxy ${proxy.url}`), error.message);
  });

  test('it never answers: -2 says that the proxy had not answered', async (t) => {
    const { proxy, server } = await start(t, { answer: () => undefined });
    const given = { proxy: proxy.url, timeout: 0.2 };
    const error = await fails(() => webSocketOpen(server.url, given), 'WSFD_OPEN_TIMEOUT', -2);
    assert.ok(error.message.includes(`the proxy ${proxy.url} had not answered`), error.message);
  });

  test('it opens the tunnel, and timeout passes before the loop turns again: -2', async (t) => {
    // The target never answers.
    const timeout = 0.5;
    const begun = performance.now();
    const answer = (socket: Socket): void => {
      setImmediate(() => {
        socket.write(response('200 OK', []));
        // The client has read that, and has not gone on, when the next immediate runs.
        setImmediate(() => block(begun + timeout * 1000 + 50 - performance.now()));
      });
    };
    const { proxy, server } = await start(t, { answer });
    const given = { proxy: proxy.url, timeout };
    await fails(() => webSocketOpen(server.url, given), 'WSFD_OPEN_TIMEOUT', -2);
  });

  for (const [name, secure] of [
    ['http', {}],
    ['https', { tls }],
  ] as const) {
    test(`its refusal is cut off by RST, ${name}`, async (t) => {
      const answer = (socket: Socket, _head: string, transport: Socket): void => {
        const refusal = response('407 No', ['Content-Length: 5'], 'who');
        // (together with the data some systems report it as an end of the stream)
        socket.write(refusal, () => setTimeout(() => transport.resetAndDestroy(), 20));
      };
      const { proxy, server } = await start(t, { answer, ...secure });
      const given = { proxy: proxy.url, ...trust };
      const error = await fails(() => webSocketOpen(server.url, given), 'WSFD_PROXY_REFUSED');
      const { httpStatus, httpBody, errno } = error;
      assert.deepEqual([httpStatus, httpBody, errno], [407, 'who', undefined]);
    });
  }

  test('it never answers in TLS: -2 says so', async (t) => {
    const silent = await startTcpServer();
    t.after(() => silent.close());
    const given = { proxy: `https://127.0.0.1:${silent.port}`, timeout: 0.2 };
    const call = (): Promise<number> => webSocketOpen('ws://127.0.0.1:1/', given);
    const error = await fails(call, 'WSFD_OPEN_TIMEOUT', -2);
    assert.match(error.message, /the TLS handshake with the proxy https:/);
  });
});

describe('what comes behind the head belongs to the tunnel', () => {
  // Nobody but the target can know what answers the handshake: this one speaks before it is asked.
  for (const [scheme, ofProxy] of [
    ['http', {}],
    ['https', { tls }],
  ] as const) {
    test(`of an ${scheme} proxy`, async (t) => {
      const early = response('503 Busy', ['Content-Length: 5'], 'later');
      const answer = (socket: Socket): void => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n${early}`);
      };
      const { proxy, server } = await start(t, { ...ofProxy, answer });
      const given = { proxy: proxy.url, ...trust };
      const error = await fails(() => webSocketOpen(server.url, given), 'WSFD_HANDSHAKE_REFUSED');
      assert.deepEqual([error.httpStatus, error.httpBody], [503, 'later']);
    });
  }

  for (const [scheme, ofProxy] of [
    ['http', {}],
    ['https', { tls }],
  ] as const) {
    test(`bytes that are no TLS record, of an ${scheme} proxy`, async (t) => {
      const answer = (socket: Socket): void => {
        socket.write('HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 400 Bad Request\r\n\r\n');
      };
      const { proxy, server } = await start(t, { ...ofProxy, answer }, { tls });
      const given = { proxy: proxy.url, ...trust };
      await fails(() => webSocketOpen(server.url, given), 'WSFD_TLS_NOT_SPOKEN');
    });
  }

  test('drop by drop: every byte of both answers in a write of its own', async (t) => {
    const answer = (socket: Socket, head: string): void => {
      socket.setNoDelay(true);
      for (const byte of 'HTTP/1.1 200 OK\r\nVia: 1.1 x\r\n\r\n') socket.write(byte);
      const upstream = connect(portOf(head), '127.0.0.1');
      upstream.on('error', () => socket.destroy());
      upstream.on('data', (bytes: Buffer) => {
        for (let i = 0; i < bytes.length; i++) socket.write(bytes.subarray(i, i + 1));
      });
      socket.pipe(upstream);
    };
    const { proxy, server } = await start(t, { answer });
    await openAndEcho(server.url, { proxy: proxy.url });
  });

  test('interim responses are passed over, and any 2xx will do', async (t) => {
    const answer = (socket: Socket, head: string): void =>
      tunnel(socket, head, 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 204 Fine\r\n\r\n');
    const { proxy, server } = await start(t, { answer });
    await openAndEcho(server.url, { proxy: proxy.url });
  });

  test('frames in the same segment as the 101, through TLS in TLS', async (t) => {
    const server = await startRawServer({
      tls,
      answer: (request) => Buffer.concat([Buffer.from(switching(request)), text('at once')]),
    });
    t.after(() => server.close());
    const proxy = await startProxy({ tls });
    t.after(() => proxy.close());
    const socket = await open(server.url, { proxy: proxy.url, ...trust });
    assert.equal(await read(socket), 'at once');
    await close(socket);
  });
});

test('a tunnel that is cut off ends as an abnormal end', async (t) => {
  let cut = (): unknown => undefined;
  const answer = (socket: Socket, head: string): void => {
    cut = () => socket.destroy();
    const upstream = connect(portOf(head), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      joinSockets(socket, upstream);
    });
  };
  const { proxy, server } = await start(t, { answer });
  const socket = await open(server.url, { proxy: proxy.url });
  cut();
  await fails(() => webSocketRead(socket, {}), 'WSFD_CLOSED_ABNORMALLY');
  assert.equal(webSocketInfo(socket)?.state, 'closed');
  await close(socket);
});

describe('tinyproxy', { skip: without('tinyproxy') }, () => {
  const urlOf = (proxy: Fixture, user = ''): string => `http://${user}${proxy.url}`;

  test('tinyproxy without credentials', async (t) => {
    const { server } = await start(t, {}, { tls });
    const proxy = await startTinyproxy();
    t.after(() => proxy.close());
    await openAndEcho(server.url, { proxy: urlOf(proxy), ...trust });
  });

  test('tinyproxy with credentials: right, wrong, none', async (t) => {
    const { server } = await start(t);
    const proxy = await startTinyproxy(['karl', 'geheim']);
    t.after(() => proxy.close());
    await openAndEcho(server.url, { proxy: urlOf(proxy, 'karl:geheim@') });
    for (const user of ['karl:falsch@', '']) {
      const given = { proxy: urlOf(proxy, user) };
      const error = await fails(() => webSocketOpen(server.url, given), 'WSFD_PROXY_REFUSED');
      // Older ones answer a wrong password as if they were the server.
      assert.ok([401, 407].includes(error.httpStatus ?? 0), error.message);
    }
  });

  test('tinyproxy that cannot reach the target', async (t) => {
    const { server } = await start(t);
    await server.close();
    const proxy = await startTinyproxy();
    t.after(() => proxy.close());
    const given = { proxy: urlOf(proxy) };
    const error = await fails(() => webSocketOpen(server.url, given), 'WSFD_PROXY_REFUSED');
    assert.equal(error.httpStatus, 500);
  });
});

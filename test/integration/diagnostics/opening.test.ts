// Diagnostics channels: how a connection comes about, or why it does not.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { getSystemErrorName } from 'node:util';
import { getLastError, webSocketOpen } from 'wsfd';
import type { WebSocketAttemptEvent } from 'wsfd';
import { close, fails, open } from '../../support/calls';
import { certificateCases } from '../../support/certificate-cases';
import { makeCertificate } from '../../support/certificates';
import { runInChild } from '../../support/child';
import { record } from '../../support/diagnostics';
import { noFullBacklog, startFullBacklog } from '../../support/full-backlog';
import { hostName, hostsPossible, startPlace } from '../../support/hosts';
import { without } from '../../support/programs';
import { startMicrosocks, startProxy } from '../../support/proxies';
import { response, startRawServer, switching } from '../../support/raw-server';
import { startTcpServer, startTlsServer, startWsServer, urlOf } from '../../support/servers';

const root = makeCertificate({ subject: 'Diagnostics Root', ca: true });
const leaf = makeCertificate({ issuer: root, san: ['DNS:localhost', 'IP:127.0.0.1'] });
const tls = { cert: leaf.chain, key: leaf.key };
const trust = { caCertificates: root.cert };

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const phases = (events: readonly WebSocketAttemptEvent[]): string[] =>
  events.map(({ phase, address, port }) =>
    [phase, address, port].filter((part) => part !== undefined).join(' '),
  );

describe('attempt', () => {
  test('a name: looked up, then its addresses', async (t) => {
    const server = await startWsServer();
    t.after(() => server.close());
    const events = record(t, ['wsfd:attempt']);
    const socket = await open(`ws://localhost:${server.port}/`);
    const attempts = events.of('wsfd:attempt');
    const there = `127.0.0.1 ${server.port}`;
    // Where localhost has two addresses the first may have been refused.
    const steps = phases(attempts).filter((step) => !step.includes('::1'));
    const port = String(server.port);
    assert.deepEqual(steps, [
      'lookup',
      `resolved ${port}`,
      `connecting ${there}`,
      `connected ${there}`,
    ]);
    assert.ok(attempts[1]?.addresses?.includes('127.0.0.1'));
    for (const { host, proxy } of attempts)
      assert.deepEqual([host, proxy], ['localhost', undefined]);
    const times = attempts.map(({ elapsedMs }) => elapsedMs);
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
    await close(socket);
  });

  test('a name that there is not', async (t) => {
    const events = record(t, ['wsfd:attempt', 'wsfd:error']);
    const error = await fails(
      () => webSocketOpen('ws://no-such-host.invalid/'),
      'WSFD_NAME_NOT_RESOLVED',
    );
    assert.deepEqual(events.steps, ['attempt lookup', 'attempt failed', 'error webSocketOpen']);
    const failed = events.of('wsfd:attempt')[1];
    assert.deepEqual(
      [failed?.host, failed?.address, failed?.syscall, failed?.errno],
      ['no-such-host.invalid', undefined, 'getaddrinfo', error.errno],
    );
    assert.equal(events.one('wsfd:error').error, error);
  });

  test('an address that refuses', async (t) => {
    const port = await closedPort();
    const events = record(t, ['wsfd:attempt']);
    await fails(() => webSocketOpen(`ws://127.0.0.1:${port}/`), 'WSFD_CONNECT_FAILED');
    const attempts = events.of('wsfd:attempt');
    assert.deepEqual(phases(attempts), [
      `connecting 127.0.0.1 ${port}`,
      `failed 127.0.0.1 ${port}`,
    ]);
    const { errno, syscall, error } = attempts[1] ?? {};
    assert.deepEqual([getSystemErrorName(errno ?? 0), syscall], ['ECONNREFUSED', 'connect']);
    assert.equal(error?.code, 'WSFD_CONNECT_FAILED');
  });

  test('an address that never answers', { skip: noFullBacklog }, async (t) => {
    const port = await startFullBacklog(t);
    const events = record(t, ['wsfd:attempt']);
    await fails(
      () => webSocketOpen(`ws://127.0.0.1:${port}/`, { timeout: 0.05 }),
      'WSFD_OPEN_TIMEOUT',
      -2,
    );
    assert.deepEqual(phases(events.of('wsfd:attempt')), [
      `connecting 127.0.0.1 ${port}`,
      `abandoned 127.0.0.1 ${port}`,
    ]);
  });

  test('a Unix domain socket', async (t) => {
    const events = record(t, ['wsfd:attempt']);
    await fails(() => webSocketOpen('ws+unix:/no/such.sock:/'), 'WSFD_CONNECT_FAILED');
    assert.deepEqual(
      events.of('wsfd:attempt').map(({ phase, host, address }) => [phase, host, address]),
      [
        ['connecting', '/no/such.sock', undefined],
        ['failed', '/no/such.sock', undefined],
      ],
    );
  });

  const noHosts = !hostsPossible && 'needs namespaces of Linux';
  test('two addresses that refuse: each is tried', { skip: noHosts }, async (t) => {
    const place = await startPlace(t, ['127.0.0.21', '127.0.0.22']);
    const port = await closedPort();
    const { value, stderr } = await runInChild(
      async ({ wsfd, load }, url) => {
        const { subscribe } = load('node:diagnostics_channel') as {
          subscribe: (name: string, listener: (event: unknown) => void) => void;
        };
        const seen: (string | undefined)[][] = [];
        subscribe('wsfd:attempt', (event) => {
          const { phase, address, addresses } = event as WebSocketAttemptEvent;
          seen.push([phase, address, ...(addresses ?? [])]);
        });
        await wsfd.webSocketOpen(url);
        return seen;
      },
      `ws://${hostName}:${port}/`,
      { launcher: place.launcher },
    );
    const [first = '', second = ''] = place.order;
    // (undefined becomes null on its way out of the process)
    assert.deepEqual(
      value?.map((parts) => parts.filter((part) => typeof part === 'string').join(' ')),
      [
        'lookup',
        `resolved ${first} ${second}`,
        `connecting ${first}`,
        `failed ${first}`,
        `connecting ${second}`,
        `failed ${second}`,
      ],
      stderr,
    );
  });
});

describe('tls', () => {
  test('accepted: what was agreed upon, and the chain', async (t) => {
    const server = await startWsServer({ tls });
    t.after(() => server.close());
    const events = record(t, ['wsfd:tls', 'wsfd:handshake']);
    const socket = await open(server.url, trust);
    const event = events.one('wsfd:tls');
    assert.deepEqual(
      [event.accepted, event.version, event.error, event.certificateErrors, event.proxy],
      [true, 'TLSv1.3', undefined, [], undefined],
    );
    assert.match(event.cipher, /^TLS_/);
    assert.deepEqual([event.serverName, event.resumed], ['localhost', false]);
    const [certificate, ...more] = event.chain;
    const x509 = new X509Certificate(leaf.cert);
    assert.deepEqual(more, []);
    assert.deepEqual(
      [certificate?.issuer, certificate?.subjectAltNames, certificate?.fingerprint256],
      ['CN=Diagnostics Root', x509.subjectAltName, x509.fingerprint256],
    );
    assert.deepEqual([certificate?.keyType, certificate?.keyBits], ['ec', 256]);
    assert.equal(Date.parse(certificate?.validTo ?? ''), Date.parse(x509.validTo));
    assert.deepEqual(events.steps, ['tls', 'handshake request', 'handshake response']);
    await close(socket);
  });

  for (const { name, chain, key, host, caCertificates, keywords } of certificateCases) {
    test(`refused: ${name}`, async (t) => {
      const server = await startTlsServer({ cert: chain, key, host: '127.0.0.1' });
      t.after(() => server.close());
      const events = record(t, ['wsfd:tls', 'wsfd:handshake', 'wsfd:error']);
      const url = urlOf(server.port, true, host);
      const given = caCertificates === undefined ? {} : { caCertificates };
      await fails(() => webSocketOpen(url, given), 'WSFD_CERTIFICATE_REFUSED');
      assert.deepEqual(events.steps, ['tls', 'error webSocketOpen']);
      const event = events.one('wsfd:tls');
      assert.equal(event.accepted, false);
      assert.equal(event.error?.code, 'WSFD_CERTIFICATE_REFUSED');
      const found = new Set(event.certificateErrors.map(({ keyword }) => keyword));
      assert.deepEqual([...found].sort(), [...keywords].sort());
      for (const { ignored, text } of event.certificateErrors) {
        assert.deepEqual([ignored, text.length > 0], [false, true]);
      }
      const sent = chain.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----\n/g);
      assert.deepEqual(
        event.chain.map(({ pem }) => pem),
        sent,
      );
    });
  }

  test('errors that are ignored', async (t) => {
    const server = await startWsServer({ tls });
    t.after(() => server.close());
    const events = record(t, ['wsfd:tls']);
    const socket = await open(`wss://localhost:${server.port}/`, { ignoreSslErrors: true });
    const event = events.one('wsfd:tls');
    assert.equal(event.accepted, true);
    assert.ok(event.certificateErrors.length > 0);
    assert.ok(event.certificateErrors.every(({ ignored }) => ignored));
    await close(socket);
  });

  for (const [what, answer, code] of [
    ['no TLS', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'WSFD_TLS_NOT_SPOKEN'],
    ['an end', '', 'WSFD_CONNECTION_LOST'],
  ] as const) {
    test(`refused: ${what} is answered`, async (t) => {
      const server = await startTcpServer(
        (socket) => void socket.once('data', () => socket.end(answer)),
      );
      t.after(() => server.close());
      const events = record(t, ['wsfd:tls']);
      await fails(() => webSocketOpen(urlOf(server.port, true), trust), code);
      const event = events.one('wsfd:tls');
      assert.deepEqual([event.accepted, event.error?.code], [false, code]);
      assert.deepEqual([event.version, event.cipher, event.chain], ['', '', []]);
    });
  }
});

describe('handshake', () => {
  test('credentials are shown to nobody', async (t) => {
    const server = await startRawServer({
      answer: (request) =>
        switching(request, [
          'Set-Cookie: id=hunter2',
          'Location: http://u:hunter2@host/',
          'X-A: b',
        ]),
    });
    t.after(() => server.close());
    const events = record(t);
    const headers = {
      Cookie: 'session=hunter2',
      'proxy-authorization': 'Basic hunter2',
      'X-Api-Key': 'hunter2',
      'X-Plant': 'north',
    };
    const url = server.url.replace('ws://', 'ws://user:hunter2@');
    const socket = await open(`${url}feed?x=1`, { headers });
    await close(socket);
    const basic = Buffer.from('user:hunter2').toString('base64');
    for (const secret of ['hunter2', basic]) assert.ok(!events.text().includes(secret));
    const [request, answer] = events.of('wsfd:handshake');
    assert.equal(request?.request[0], 'GET /feed?x=1 HTTP/1.1');
    const lines = [
      'Cookie: ***',
      'Authorization: ***',
      'proxy-authorization: ***',
      'X-Plant: north',
    ];
    for (const line of lines) assert.ok(request.request.includes(line), line);
    assert.ok(request.request.some((line) => /^Sec-WebSocket-Key: .{24}$/.test(line)));
    assert.deepEqual(
      [request.phase, request.status, request.headers],
      ['request', undefined, undefined],
    );
    assert.deepEqual([answer?.phase, answer?.status], ['response', 101]);
    assert.equal(answer?.reason, 'Switching Protocols');
    assert.deepEqual(answer.request, request.request);
    const { 'set-cookie': cookie, location, 'x-a': other } = answer.headers ?? {};
    assert.deepEqual([cookie, location, other], ['***', 'http://***@host/', 'b']);
  });

  test('a refusal, with its headers', async (t) => {
    const server = await startRawServer({
      answer: () => response('403 Forbidden', ['X-Why: no', 'X-Why: really', 'Content-Length: 0']),
    });
    t.after(() => server.close());
    const events = record(t, ['wsfd:handshake', 'wsfd:open', 'wsfd:error']);
    await fails(() => webSocketOpen(server.url), 'WSFD_HANDSHAKE_REFUSED');
    const steps = ['handshake request', 'handshake response', 'error webSocketOpen'];
    assert.deepEqual(events.steps, steps);
    const answer = events.of('wsfd:handshake')[1];
    assert.deepEqual([answer?.status, answer?.reason], [403, 'Forbidden']);
    assert.deepEqual(answer?.headers?.['x-why'], ['no', 'really']);
  });

  test('a server that never answers', async (t) => {
    const server = await startRawServer({ answer: () => undefined });
    t.after(() => server.close());
    const events = record(t, ['wsfd:handshake', 'wsfd:error']);
    await fails(() => webSocketOpen(server.url, { timeout: 0.05 }), 'WSFD_OPEN_TIMEOUT', -2);
    assert.deepEqual(events.steps, ['handshake request', 'error webSocketOpen']);
    assert.equal(events.one('wsfd:error').result, -2);
  });

  test('a redirect: the same opening goes on elsewhere', async (t) => {
    const server = await startRawServer({
      answer: (request) =>
        request.requestLine.includes(' / ')
          ? response('302 Moved', ['Location: /next', 'Content-Length: 0'])
          : switching(request),
    });
    t.after(() => server.close());
    const events = record(t);
    const socket = await open(server.url, { followRedirects: 1 });
    const answers = events.of('wsfd:handshake').filter(({ phase }) => phase === 'response');
    assert.deepEqual(
      answers.map(({ status, url }) => [status, url]),
      [
        [302, server.url],
        [101, `${server.url}next`],
      ],
    );
    assert.equal(answers[0]?.id, answers[1]?.id);
    assert.equal(events.of('wsfd:error').length, 0);
    assert.equal(events.one('wsfd:open').url, `${server.url}next`);
    await close(socket);
  });
});

const credentialsIn = (url: string): string => url.replace('://', '://user:hunter2@');

async function startBoth(t: TestContext, secure: boolean): Promise<{ proxy: string; url: string }> {
  const proxy = await startProxy(secure ? { tls } : {});
  t.after(() => proxy.close());
  const server = await startWsServer(secure ? { tls } : {});
  t.after(() => server.close());
  return { proxy: proxy.url, url: server.url };
}

describe('proxy', () => {
  test('HTTP: what it is asked for and answers', async (t) => {
    const { proxy, url } = await startBoth(t, false);
    const events = record(t);
    const socket = await open(url, { proxy: credentialsIn(proxy) });
    assert.deepEqual(events.steps, [
      'attempt connecting',
      'attempt connected',
      'proxy asked',
      'proxy opened',
      'handshake request',
      'handshake response',
      'open',
    ]);
    for (const event of events.of('wsfd:attempt')) {
      assert.deepEqual([event.proxy, event.port], [proxy, Number(new URL(proxy).port)]);
    }
    const [asked, opened] = events.of('wsfd:proxy');
    assert.equal(asked?.proxy, proxy);
    assert.equal(asked.request, `CONNECT ${new URL(url).host} with credentials`);
    assert.deepEqual([opened?.status, opened?.error], [200, undefined]);
    assert.ok(!events.text().includes('hunter2'));
    await close(socket);
  });

  test('HTTP: a refusal', async (t) => {
    const lines = ['Proxy-Authenticate: Basic', 'Content-Length: 0'];
    const proxy = await startProxy({
      answer: (socket) => void socket.end(response('407 Proxy Authentication Required', lines)),
    });
    t.after(() => proxy.close());
    const events = record(t, ['wsfd:proxy']);
    const call = (): Promise<number> => webSocketOpen('ws://plant.invalid/', { proxy: proxy.url });
    await fails(call, 'WSFD_PROXY_REFUSED');
    assert.deepEqual(events.steps, ['proxy asked', 'proxy refused']);
    const refused = events.of('wsfd:proxy')[1];
    assert.equal(refused?.status, 407);
    assert.equal(refused.error?.code, 'WSFD_PROXY_REFUSED');
  });

  test('TLS with the proxy, then with the server', async (t) => {
    const { proxy, url } = await startBoth(t, true);
    const events = record(t, ['wsfd:tls', 'wsfd:proxy']);
    const socket = await open(url, { proxy, ...trust });
    assert.deepEqual(events.steps, ['tls', 'proxy asked', 'proxy opened', 'tls']);
    const accepted = events.of('wsfd:tls').map((event) => [event.proxy, event.accepted]);
    assert.deepEqual(accepted, [
      [proxy, true],
      [undefined, true],
    ]);
    await close(socket);
  });

  test('TLS that is refused to the proxy', async (t) => {
    const { proxy, url } = await startBoth(t, true);
    const events = record(t, ['wsfd:tls', 'wsfd:proxy']);
    await fails(() => webSocketOpen(url, { proxy }), 'WSFD_CERTIFICATE_REFUSED');
    const event = events.one('wsfd:tls');
    assert.deepEqual([event.proxy, event.accepted, event.chain.length], [proxy, false, 1]);
    assert.ok(event.certificateErrors.length > 0);
    assert.deepEqual(events.of('wsfd:proxy'), []);
  });

  const noMicrosocks = without('microsocks');
  test('SOCKS5: every step of the dialogue', { skip: noMicrosocks }, async (t) => {
    const server = await startWsServer();
    t.after(() => server.close());
    const proxy = await startMicrosocks(['user', 'hunter2']);
    t.after(() => proxy.close());
    const events = record(t);
    const socket = await open(server.url, { proxy: credentialsIn(`socks5://${proxy.url}`) });
    const dialogue = events.of('wsfd:proxy').map(({ phase, request }) => [phase, request]);
    assert.deepEqual(dialogue, [
      ['asked', 'SOCKS5 with user name and password, or without'],
      ['asked', 'to accept the user name and password'],
      ['asked', `CONNECT 127.0.0.1:${server.port}`],
      ['opened', ''],
    ]);
    assert.ok(!events.text().includes('hunter2'));
    await close(socket);
  });
});

test('an option that cannot be used has an error and nothing else', async (t) => {
  const events = record(t);
  const options = { caCertificates: 'no certificate' };
  assert.equal(await webSocketOpen('wss://localhost/', options), -1);
  assert.deepEqual(events.steps, ['error webSocketOpen']);
  assert.deepEqual(events.one('wsfd:error').errors, getLastError());
});

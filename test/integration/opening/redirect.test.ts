// followRedirects: where a redirect leads, what goes with it, and where it ends.
import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { TLSSocket } from 'node:tls';
import { webSocketInfo, webSocketOpen } from 'wsfd';
import type { OpenOptions } from 'wsfd';
import { close, fails, open } from '../../support/calls';
import { makeCertificate } from '../../support/certificates';
import { listen } from '../../support/fixture';
import { startProxy } from '../../support/proxies';
import { response, startRawServer, switching } from '../../support/raw-server';
import type { RawRequest, RawServer, RawServerOptions } from '../../support/raw-server';

const root = makeCertificate({ subject: 'Redirect Tests', ca: true });
const names = { issuer: root, san: ['DNS:localhost', 'IP:127.0.0.1'] };
const { cert, key } = makeCertificate(names);
const tls = { cert, key };
const trust = { caCertificates: root.cert };

const redirect = (location: string, status = 302): string =>
  response(`${status} Moved`, [`Location: ${location}`, 'Content-Length: 0']);

/** A server that redirects a path of `places` to the Location there, and opens any other one. */
async function start(
  t: TestContext,
  places: Record<string, string | (() => string)> = {},
  options: RawServerOptions = {},
): Promise<RawServer> {
  const answer = (request: RawRequest): string => {
    const place = places[request.requestLine.split(' ')[1] ?? ''];
    if (place === undefined) return switching(request);
    return redirect(typeof place === 'string' ? place : place());
  };
  const server = await startRawServer({ answer, ...options });
  t.after(() => server.close());
  return server;
}

const requestsOf = (server: RawServer): string[] =>
  server.connections.all.map(({ request }) => request.requestLine.split(' ')[1] ?? '');

/** Opens and closes; the URL that the connection came to. */
async function follow(url: string, options: OpenOptions = {}): Promise<string | undefined> {
  const socket = await open(url, { followRedirects: 5, ...trust, ...options });
  const info = webSocketInfo(socket);
  await close(socket);
  return info?.url;
}

for (const status of [301, 302, 303, 307, 308]) {
  test(`${status} is followed`, async (t) => {
    const answer = (request: RawRequest): string =>
      request.requestLine.includes(' / ') ? redirect('/next', status) : switching(request);
    const server = await startRawServer({ answer });
    t.after(() => server.close());
    assert.equal(await follow(server.url), `${server.url}next`);
  });
}

for (const status of [200, 300, 304, 305, 399, 401, 404, 503]) {
  test(`${status} is not`, async (t) => {
    const server = await startRawServer({ answer: () => redirect('/next', status) });
    t.after(() => server.close());
    const call = (): Promise<number> => webSocketOpen(server.url, { followRedirects: 5 });
    const error = await fails(call, 'WSFD_HANDSHAKE_REFUSED');
    assert.equal(error.httpStatus, status);
    assert.equal(server.connections.all.length, 1);
  });
}

describe('Location', () => {
  const rows: [location: string, path: string][] = [
    ['/next?x=1', '/next?x=1'],
    ['next', '/a/next'],
    ['../next', '/next'],
    ['?x', '/a/b?x'],
    ['//HOST/next', '/next'],
    ['ws://HOST/next', '/next'],
    ['http://HOST/next', '/next'],
    ['HTTP://HOST/next', '/next'],
    ['/next#part', '/next'],
    ['', '/a/b'],
  ];
  for (const [location, path] of rows) {
    test(JSON.stringify(location), async (t) => {
      let left = 1;
      const answer = (request: RawRequest): string =>
        left-- > 0
          ? redirect(location.replace('HOST', request.headers['host'] ?? ''))
          : switching(request);
      const server = await startRawServer({ answer });
      t.after(() => server.close());
      assert.equal(await follow(`${server.url}a/b`), server.url.replace(/\/$/, path));
      assert.deepEqual(requestsOf(server), ['/a/b', path]);
    });
  }

  for (const [name, place, message] of [
    ['of another scheme', 'ftp://127.0.0.1/', /no place for a WebSocket/],
    ['of a Unix domain socket', 'ws+unix:/run/x.sock:/', /no place for a WebSocket/],
    ['that is a script', 'javascript:alert(1)', /no place for a WebSocket/],
    ['that is no URL', 'http://[::1', /no place for a WebSocket/],
    ['with a port that is none', 'ws://127.0.0.1:99999/', /no place for a WebSocket/],
  ] as const) {
    test(`${name} is not followed`, async (t) => {
      const server = await start(t, { '/': place });
      const call = (): Promise<number> => webSocketOpen(server.url, { followRedirects: 5 });
      const error = await fails(call, 'WSFD_HANDSHAKE_REFUSED');
      assert.equal(error.httpStatus, 302);
      assert.match(error.message, message);
    });
  }

  test('none at all, and two', async (t) => {
    for (const lines of [[], ['Location: /a', 'Location: /b']]) {
      const answer = (): string => response('302 Found', [...lines, 'Content-Length: 0']);
      const server = await startRawServer({ answer });
      t.after(() => server.close());
      const call = (): Promise<number> => webSocketOpen(server.url, { followRedirects: 5 });
      const error = await fails(call, 'WSFD_HANDSHAKE_REFUSED');
      assert.match(error.message, /without one Location/);
    }
  });
});

describe('how many', () => {
  test('none without the option, and the error names the Location', async (t) => {
    const server = await start(t, { '/': '/next' });
    const error = await fails(() => webSocketOpen(server.url), 'WSFD_HANDSHAKE_REFUSED');
    assert.equal(error.httpHeaders?.['location'], '/next');
    assert.match(error.message, /its Location is "\/next"/);
    assert.deepEqual(requestsOf(server), ['/']);
  });

  test('as many as the option says, and not one more', async (t) => {
    const server = await start(t, { '/': '/1', '/1': '/2', '/2': '/3' });
    assert.equal(await follow(server.url, { followRedirects: 3 }), `${server.url}3`);
    const call = (): Promise<number> => webSocketOpen(server.url, { followRedirects: 2 });
    const error = await fails(call, 'WSFD_TOO_MANY_REDIRECTS');
    assert.deepEqual([error.category, error.httpStatus], ['handshake', 302]);
    assert.match(error.message, /followRedirects allows 2/);
    assert.deepEqual(requestsOf(server).slice(-3), ['/', '/1', '/2']);
  });

  test('a circle ends', async (t) => {
    const server = await start(t, { '/': '/' });
    const call = (): Promise<number> => webSocketOpen(server.url, { followRedirects: 100 });
    await fails(call, 'WSFD_TOO_MANY_REDIRECTS');
    assert.equal(server.connections.all.length, 101);
  });

  for (const value of [-1, 101, 0.5, '5', true, null, {}]) {
    test(`${JSON.stringify(value)} is no number of redirects`, async () => {
      const given = { followRedirects: value } as OpenOptions;
      const call = (): Promise<number> => webSocketOpen('ws://127.0.0.1:1/', given);
      const error = await fails(call, 'WSFD_INVALID_OPTION');
      assert.match(
        error.message,
        /followRedirects: expected a whole number of redirects from 0 to 100/,
      );
    });
  }
});

test('the timeout covers all of it', async (t) => {
  const answer = (request: RawRequest): string | undefined =>
    request.requestLine.includes(' /silent ') ? undefined : redirect('/silent');
  const server = await startRawServer({ answer });
  t.after(() => server.close());
  const given = { followRedirects: 5, timeout: 0.25 };
  const error = await fails(() => webSocketOpen(server.url, given), 'WSFD_OPEN_TIMEOUT', -2);
  assert.ok(error.message.includes(`${server.url}silent`), error.message);
});

test('a circle without an end of its own ends at the timeout', async (t) => {
  const server = await startRawServer({
    answer: (_request, { socket }) => {
      // Twenty of these take longer than the timeout, one of them does not.
      setTimeout(() => socket.write(redirect('/')), 25);
      return undefined;
    },
  });
  t.after(() => server.close());
  const given = { followRedirects: 20, timeout: 0.25 };
  await fails(() => webSocketOpen(server.url, given), 'WSFD_OPEN_TIMEOUT', -2);
});

describe('what goes with it', () => {
  const headers = {
    Authorization: 'Bearer secret',
    cookie: 'id=secret',
    'Proxy-Authorization': 'Basic secret',
    'X-Plant': 'seven',
  };

  test('to the same host: everything', async (t) => {
    const server = await start(t, { '/': '/next' });
    await follow(server.url, { headers, protocols: [] });
    const last = server.connections.all.at(-1)?.request.headers ?? {};
    assert.deepEqual(
      [last['authorization'], last['cookie'], last['x-plant']],
      ['Bearer secret', 'id=secret', 'seven'],
    );
  });

  test('to another host: no credentials, and none on the way back either', async (t) => {
    const first: RawServer = await start(t, {
      '/': () => `ws://localhost:${second.port}/`,
    });
    const second: RawServer = await start(t, { '/': () => `${first.url}back` });
    await follow(first.url, { headers: { ...headers, Host: 'plant.example' } });
    const [there, back] = [second.connections.all[0], first.connections.all[1]];
    assert.match(there?.request.head ?? '', /X-Plant: seven/);
    assert.equal(there?.request.headers['host'], `localhost:${second.port}`);
    for (const connection of [there, back]) {
      assert.doesNotMatch(connection?.request.head ?? 'secret', /secret|plant\.example/);
    }
  });

  test('to another port: no credentials', async (t) => {
    const second = await start(t);
    const first = await start(t, { '/': second.url });
    await follow(first.url, { headers });
    assert.doesNotMatch(second.connections.all[0]?.request.head ?? 'secret', /secret/);
  });

  test('credentials in the URL stay with their host', async (t) => {
    const second = await start(t);
    const first = await start(t, { '/': '/next', '/next': second.url });
    await follow(first.url.replace('//', '//karl:geheim@'));
    const sent = [...first.connections.all, ...second.connections.all].map(
      ({ request }) => request.headers['authorization'],
    );
    const basic = `Basic ${Buffer.from('karl:geheim').toString('base64')}`;
    assert.deepEqual(sent, [basic, basic, undefined]);
  });

  test('to another host: no client certificate, and no serverName', async (t) => {
    const own = makeCertificate({ subject: 'client', issuer: root });
    const asks = { ...tls, ca: root.cert, requestCert: true, rejectUnauthorized: false };
    const seen: [unknown, unknown][] = [];
    const serve = async (places: Record<string, () => string>): Promise<number> => {
      const server = createServer(asks);
      server.on('upgrade', (request, stream) => {
        const { socket } = request;
        assert.ok(socket instanceof TLSSocket);
        const { subject } = socket.getPeerCertificate() as { subject?: { CN: string } };
        seen.push([subject?.CN, Reflect.get(socket, 'servername')]);
        const place = places[request.url ?? ''];
        const headers = { 'sec-websocket-key': String(request.headers['sec-websocket-key']) };
        const raw = { head: '', requestLine: '', headers };
        stream.write(place === undefined ? switching(raw) : redirect(place()));
        stream.on('data', () => stream.end(Buffer.from([0x88, 0])));
        stream.on('error', () => undefined);
      });
      const { port, close: end } = await listen(server);
      t.after(end);
      return port;
    };
    const second = await serve({});
    const first = await serve({
      '/': () => '/next',
      '/next': () => `https://127.0.0.1:${second}/`,
    });
    await follow(`wss://127.0.0.1:${first}/`, {
      serverName: 'localhost',
      sslConfig: {
        localCertificate: own.cert,
        privateKey: { key: own.key, algorithm: 'EC' },
      },
    });
    assert.deepEqual(seen, [
      ['client', 'localhost'],
      ['client', 'localhost'],
      [undefined, false],
    ]);
  });
});

describe('TLS', () => {
  test('from ws to wss', async (t) => {
    const second = await start(t, {}, { tls });
    const first = await start(t, { '/': second.url.replace('wss:', 'https:') });
    assert.equal(await follow(first.url), second.url);
  });

  for (const scheme of ['ws', 'http']) {
    test(`from wss to ${scheme}: never`, async (t) => {
      const second = await start(t);
      const first = await start(t, { '/': second.url.replace('ws:', `${scheme}:`) }, { tls });
      const given = { followRedirects: 5, ...trust };
      const error = await fails(() => webSocketOpen(first.url, given), 'WSFD_HANDSHAKE_REFUSED');
      assert.match(error.message, /from wss to ws, which is never followed/);
      assert.deepEqual(second.connections.all, []);
    });
  }

  test('from ws over wss back to ws: never', async (t) => {
    const plain = await start(t, { '/': () => secure.url });
    const secure: RawServer = await start(t, { '/': () => `${plain.url}end` }, { tls });
    const given = { followRedirects: 5, ...trust };
    await fails(() => webSocketOpen(plain.url, given), 'WSFD_HANDSHAKE_REFUSED');
    assert.deepEqual(requestsOf(plain), ['/']);
  });

  test('the certificate must be for the host that was redirected to', async (t) => {
    const other = makeCertificate({ issuer: root, san: ['DNS:other.invalid'] });
    const second = await start(t, {}, { tls: { cert: other.cert, key: other.key } });
    const first = await start(t, { '/': second.url }, { tls });
    const given = { followRedirects: 5, ...trust };
    const error = await fails(() => webSocketOpen(first.url, given), 'WSFD_CERTIFICATE_REFUSED');
    assert.deepEqual(Object.keys(error.sslErrors ?? {}), ['HostNameMismatch']);
  });
});

test('each step goes through the proxy', async (t) => {
  const second = await start(t);
  const first = await start(t, { '/': second.url });
  const proxy = await startProxy();
  t.after(() => proxy.close());
  await follow(first.url, { proxy: proxy.url });
  assert.deepEqual(
    proxy.requests.all.map((request) => request.split(' ')[1]),
    [`127.0.0.1:${first.port}`, `127.0.0.1:${second.port}`],
  );
});

test('every connection that redirected is closed', async (t) => {
  const server = await start(t, { '/': '/1', '/1': '/2' });
  const socket = await open(server.url, { followRedirects: 2 });
  await Promise.all(server.connections.all.slice(0, 2).map(({ closed }) => closed));
  await close(socket);
});

// WSFD_DEBUG: the lines on stderr, their numbers replaced by N where they are never the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeCertificate } from '../../support/certificates';
import { runInChild } from '../../support/child';
import type { ChildResult, Inside } from '../../support/child';
import { close as closeFrame, ping, text } from '../../support/frames';
import { startProxy } from '../../support/proxies';
import { response, startRawServer, switching } from '../../support/raw-server';
import { startTcpServer, startTlsServer, startWsServer, urlOf } from '../../support/servers';

const root = makeCertificate({ subject: 'Trace Root', ca: true });
const leaf = makeCertificate({ subject: 'Trace', issuer: root, san: ['DNS:localhost'] });

/** Runs `body` with the variable set. */
const traced = <Argument, Value>(
  body: (inside: Inside, argument: Argument) => Value | Promise<Value>,
  argument: Argument,
  value = '1',
): Promise<ChildResult<Value>> => runInChild(body, argument, { env: { WSFD_DEBUG: value } });

/** The lines of a trace: times, ports and dates as N. */
function linesOf(stderr: string, ...ports: number[]): string[] {
  const withoutPorts = ports.reduce((all, port) => all.replaceAll(String(port), 'PORT'), stderr);
  return withoutPorts
    .replace(/\+\d+\.\d ms/g, '+N ms')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'DATE')
    .split('\n')
    .slice(0, -1);
}

const whole = async ({ wsfd }: Inside, url: string): Promise<number[]> => {
  const socket = await wsfd.webSocketOpen(url);
  const codes = [wsfd.webSocketWrite(socket, 'hällo')];
  codes.push(await wsfd.webSocketRead(socket, {}), await wsfd.webSocketPing(socket));
  codes.push(await wsfd.webSocketRead(socket, {}, 0), wsfd.webSocketWrite(-1, ''));
  codes.push(await wsfd.webSocketClose(socket, 3000, 'bye'));
  return codes;
};

test('a whole life', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const { value, stderr } = await traced(whole, server.url);
  assert.deepEqual(value, [0, 0, 0, -2, -1, 0]);
  assert.deepEqual(linesOf(stderr, server.port), [
    'wsfd #1 +N ms  opening ws://127.0.0.1:PORT/',
    'wsfd #1 +N ms  connecting to 127.0.0.1 port PORT',
    'wsfd #1 +N ms  connected to 127.0.0.1 port PORT',
    'wsfd #1 +N ms  asking GET / HTTP/1.1',
    'wsfd #1 +N ms  answered HTTP 101 Switching Protocols',
    'wsfd #1 socket 1 +N ms  open with 127.0.0.1 port PORT',
    'wsfd #1 socket 1 +N ms  received 1 message, 6 bytes',
    'wsfd #1 socket 1 +N ms  sent ping, 8 bytes',
    'wsfd #1 socket 1 +N ms  received pong, 8 bytes',
    'wsfd #1 socket 1 +N ms  webSocketRead gave -2: WSFD_READ_TIMEOUT no message came within the time: nothing was there (ws://127.0.0.1:PORT/)',
    'wsfd #-  webSocketWrite gave -1: WSFD_INVALID_SOCKET the socket number is not that of an open socket: expected a number that webSocketOpen returned, got -1; the open failed: getLastError() directly after it says why',
    'wsfd #1 socket 1 +N ms  sent close 3000 "bye"',
    'wsfd #1 socket 1 +N ms  received close 3000 "bye"',
    'wsfd #1 socket 1 +N ms  closed from here: 3000 "bye"; received 1 message, 6 bytes; sent 1 message, 6 bytes',
  ]);
});

for (const value of ['', '0']) {
  test(`nothing with WSFD_DEBUG=${value}`, async (t) => {
    const server = await startWsServer();
    t.after(() => server.close());
    const { value: codes, stderr } = await traced(whole, server.url, value);
    assert.deepEqual([codes, stderr], [[0, 0, 0, -2, -1, 0], '']);
  });
}

test('without the variable the module is not even loaded', async () => {
  const loaded = (inside: Inside): boolean => {
    const { cache } = inside.load as unknown as { cache: Record<string, unknown> };
    return Object.keys(cache).some((name) => /[\\/]trace\.js$/.test(name));
  };
  assert.equal((await runInChild(loaded, undefined)).value, false);
  assert.equal((await traced(loaded, undefined)).value, true);
});

const openAndClose = async ({ wsfd }: Inside, given: [string, object]): Promise<number> => {
  const socket = await wsfd.webSocketOpen(...given);
  if (socket >= 0) await wsfd.webSocketClose(socket);
  return Math.min(socket, 0);
};

test('TLS: what was agreed upon, the chain, and errors that are ignored', async (t) => {
  const server = await startWsServer({ tls: { cert: leaf.chain, key: leaf.key } });
  t.after(() => server.close());
  for (const [options, verified] of [
    [{ caCertificates: root.cert }, 'verified'],
    [{ ignoreSslErrors: true }, '2 TLS errors ignored'],
  ] as const) {
    const { stderr } = await traced(openAndClose, [server.url, options] as [string, object]);
    const lines = linesOf(stderr, server.port);
    const first = lines.findIndex((line) => line.includes('TLS with'));
    const last = lines.findIndex((line) => line.includes('asking'));
    const [agreed = '', ...more] = lines.slice(first, last);
    const expected = `wsfd #1 +N ms  TLS with the server: TLSv1.3, `;
    assert.ok(agreed.startsWith(expected), agreed);
    assert.ok(agreed.endsWith(`, new session, ${verified}`), agreed);
    const certificate =
      'wsfd #1 +N ms    certificate 0: CN=Trace, issued by CN=Trace Root, DATE to DATE, ec 256 bits';
    assert.equal(more.shift(), certificate);
    const keywords = more.map((line) => line.replace(/: .*\(depth 0, CN=Trace\)$/, ''));
    const ignored = ['UnableToGetLocalIssuerCertificate', 'UnableToVerifyFirstCertificate'];
    assert.deepEqual(
      keywords,
      verified === 'verified' ? [] : ignored.map((word) => `wsfd #1 +N ms    ${word} (ignored)`),
    );
  }
});

test('TLS that is refused: every error, and what the call gave', async (t) => {
  const server = await startTlsServer({ cert: leaf.chain, key: leaf.key, host: '127.0.0.1' });
  t.after(() => server.close());
  const url = urlOf(server.port, true, '127.0.0.1');
  const given: [string, object] = [url, { ignoreSslErrors: ['HostNameMismatch'] }];
  const { value, stderr } = await traced(openAndClose, given);
  assert.equal(value, -1);
  const lines = linesOf(stderr, server.port).map((line) => line.replace('wsfd #1 +N ms  ', ''));
  const texts = lines.slice(3).map((line) => line.replace(/: .*/, ''));
  assert.deepEqual(texts, [
    'TLS with the server failed',
    '  certificate 0',
    '  UnableToGetLocalIssuerCertificate (not ignored)',
    '  UnableToVerifyFirstCertificate (not ignored)',
    '  HostNameMismatch (ignored)',
    'webSocketOpen gave -1',
  ]);
});

test('a name that there is not', async () => {
  const given: [string, object] = ['ws://no-such-host.invalid/', {}];
  const { stderr } = await traced(openAndClose, given);
  const [opening, lookup, failed, gave, ...more] = linesOf(stderr);
  assert.equal(opening, 'wsfd #1 +N ms  opening ws://no-such-host.invalid/');
  assert.equal(lookup, 'wsfd #1 +N ms  looking up no-such-host.invalid');
  assert.match(failed ?? '', /^wsfd #1 \+N ms {2}getaddrinfo failed: .*no-such-host\.invalid/);
  assert.match(gave ?? '', /^wsfd #1 \+N ms {2}webSocketOpen gave -1: WSFD_NAME_NOT_RESOLVED /);
  assert.deepEqual(more, []);
});

test('a redirect', async (t) => {
  const server = await startRawServer({
    answer: (request) =>
      request.requestLine.includes(' / ')
        ? response('302 Moved', ['Location: /next', 'Content-Length: 0'])
        : switching(request),
  });
  t.after(() => server.close());
  const { stderr } = await traced(openAndClose, [server.url, { followRedirects: 1 }] as [
    string,
    object,
  ]);
  const lines = linesOf(stderr, server.port);
  const at = lines.indexOf('wsfd #1 +N ms  answered HTTP 302 Moved');
  assert.deepEqual(lines.slice(at + 1, at + 3), [
    'wsfd #1 +N ms  redirected to ws://127.0.0.1:PORT/next',
    'wsfd #1 +N ms  connecting to 127.0.0.1 port PORT',
  ]);
});

test('a proxy, and no credentials', async (t) => {
  const proxy = await startProxy();
  t.after(() => proxy.close());
  const server = await startWsServer();
  t.after(() => server.close());
  const through = proxy.url.replace('://', '://user:hunter2@');
  const options = {
    proxy: through,
    headers: { Cookie: 'hunter2', Authorization: 'Bearer hunter2' },
    passphrase: 'hunter2',
  };
  const url = server.url.replace('://', '://user:hunter2@');
  const { stderr } = await traced(openAndClose, [url, options] as [string, object]);
  assert.ok(!stderr.includes('hunter2'), stderr);
  assert.ok(!stderr.includes(Buffer.from('user:hunter2').toString('base64')), stderr);
  const lines = linesOf(stderr, server.port).map((line) => line.replaceAll(proxy.url, 'PROXY'));
  assert.deepEqual(lines.slice(2, 5), [
    `wsfd #1 +N ms  connected to 127.0.0.1 port ${proxy.port} (the proxy PROXY)`,
    'wsfd #1 +N ms  asking the proxy PROXY: CONNECT 127.0.0.1:PORT with credentials',
    'wsfd #1 +N ms  the proxy made the tunnel, HTTP 200',
  ]);
});

test('a feed is summed up: few lines, and nothing is missing in them', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const batches = 300;
  // One message, and one ping, each time the client has read the one before.
  void server.connections.next().then(async (connection) => {
    for (let i = 0; i < batches; i++) {
      connection.send(text('abc'), ping('?'));
      await connection.next(0xa);
    }
    connection.send(closeFrame(1000));
  });
  const readAll = async ({ wsfd }: Inside, url: string): Promise<number> => {
    const socket = await wsfd.webSocketOpen(url);
    let count = 0;
    while ((await wsfd.webSocketRead(socket, {})) === 0) count++;
    await wsfd.webSocketClose(socket);
    return count;
  };
  const { value, stderr } = await traced(readAll, server.url);
  assert.equal(value, batches);
  const lines = linesOf(stderr);
  const sum = (pattern: RegExp): number =>
    lines.reduce((total, line) => total + Number(pattern.exec(line)?.[1] ?? 0), 0);
  assert.equal(sum(/ms {2}received (\d+) message/), batches);
  assert.equal(sum(/ms {2}received \d+ messages?, (\d+) byte/), batches * 3);
  for (const what of ['received ping', 'sent pong']) {
    const single = lines.filter((line) => line.includes(`${what}, 1 byte`)).length;
    assert.deepEqual([single, sum(new RegExp(`(\\d+) x ${what}`))], [5, batches - 5]);
  }
  const summed = lines.filter((line) => /in \d+ batch/.test(line));
  const times = stderr.match(/\+\d+\.\d ms(?= {2}received \d+ messages?, \d+ bytes? in)/g) ?? [];
  assert.equal(times.length, summed.length);
  // At the most one in a second, and one at the end.
  const took = Number(/\+(\d+)/.exec(times.at(-1) ?? '')?.[1]) / 1000;
  assert.ok(summed.length <= took + 1, `${summed.length} lines in ${took} s`);
});

test('what was not shown yet is shown when the process ends', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  void server.connections.next().then(async (connection) => {
    for (let i = 0; i < 9; i++) {
      connection.send(text('abc'), ping(''));
      await connection.next(0xa);
    }
    connection.send(text('end'));
  });
  const { stderr } = await traced(async ({ wsfd }, url) => {
    const socket = await wsfd.webSocketOpen(url);
    const data: { value?: string | Buffer } = {};
    while (data.value !== 'end') await wsfd.webSocketRead(socket, data);
    process.exit();
  }, server.url);
  const counted = [...stderr.matchAll(/received (\d+) message/g)].map(([, count]) => Number(count));
  assert.equal(
    counted.reduce((total, count) => total + count, 0),
    10,
  );
});

test('others’ words stay in their line', async (t) => {
  const server = await startRawServer({
    answer: (request) =>
      switching(request).replace('Switching Protocols', 'fine\u0085wsfd #9 \u009b31m'),
  });
  t.after(() => server.close());
  void server.connections.next().then((connection) => {
    connection.send(closeFrame(3000, 'a\nwsfd #7 \u001b[31m'));
  });
  const { stderr } = await traced(async ({ wsfd }, url) => {
    const socket = await wsfd.webSocketOpen(url);
    await wsfd.webSocketRead(socket, {});
    await wsfd.webSocketClose(socket);
  }, server.url);
  assert.ok(stderr.includes('received close 3000 "a\\nwsfd #7 \\u001b[31m"'), stderr);
  // Every line is one of ours, with none of the characters that a terminal obeys.
  for (const line of stderr.split('\n').slice(0, -1)) {
    assert.match(line, /^wsfd #1( socket 1)? \+\d+\.\d ms {2}[^\u0000-\u001f\u007f-\u009f]+$/);
  }
});

const skip = process.platform === 'win32' && 'needs a POSIX shell, which closes stderr';

test(
  'the trace keeps no process alive, nor does its reader’s absence harm it',
  { skip },
  async (t) => {
    const server = await startWsServer();
    t.after(() => server.close());
    // The process ends by itself: runInChild waits for that. Here stderr is closed to it.
    const launcher = ['sh', '-c', 'exec "$0" "$@" 2>&-'];
    const { value, exitCode } = await runInChild(whole, server.url, {
      launcher,
      env: { WSFD_DEBUG: '1' },
    });
    assert.deepEqual([value, exitCode], [[0, 0, 0, -2, -1, 0], 0]);
  },
);

test('several connections, each with its number', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const refusing = await startTcpServer((socket) => void socket.end());
  t.after(() => refusing.close());
  const both = async ({ wsfd }: Inside, urls: string[]): Promise<void> => {
    const sockets = await Promise.all(urls.map((url) => wsfd.webSocketOpen(url)));
    for (const socket of sockets) await wsfd.webSocketClose(socket);
  };
  const { stderr } = await traced(both, [server.url, refusing.url]);
  const lines = linesOf(stderr, server.port, refusing.port);
  const of = (id: number): string[] => lines.filter((line) => line.startsWith(`wsfd #${id}`));
  assert.match(of(1).at(-1) ?? '', /closed from here/);
  assert.match(of(2).at(-1) ?? '', /webSocketOpen gave -1: WSFD_HANDSHAKE_ENDED/);
});

// `wsfd inspect` and `wsfd bench` in pipes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { daysFromNow, makeCertificate } from '../support/certificates';
import { runCommand, startCommand } from '../support/command';
import { startRawServer, switching } from '../support/raw-server';
import { startTcpServer, startWsServer } from '../support/servers';

test('inspect shows the way, the chain, the errors and the list that lets them pass', async (t) => {
  const expired = makeCertificate({
    subject: 'gateway',
    san: ['DNS:other.example'],
    notBefore: daysFromNow(-20),
    notAfter: daysFromNow(-10),
  });
  const server = await startWsServer({ tls: { cert: expired.cert, key: expired.key } });
  t.after(() => server.close());
  const args = ['-H', 'Authorization: Bearer of-mine'];
  const { code, stdout } = await runCommand(['inspect', server.url, ...args]);
  assert.equal(code, 4);
  assert.match(stdout, / ms {2}looking up localhost$/m);
  assert.match(stdout, / ms {2}connected to 127\.0\.0\.1:\d+$/m);
  assert.match(stdout, / ms {2}TLS was refused/);
  assert.match(stdout, /^ +0 +CN=gateway +CN=gateway +[\d-]{10} +[\d-]{10} +expired$/m);
  const keywords = ['SelfSignedCertificate', 'CertificateExpired', 'HostNameMismatch'];
  for (const keyword of keywords)
    assert.match(stdout, new RegExp(`^ {3}${keyword}: .+depth 0`, 'm'));
  const [, list = ''] = /ignoreSslErrors: \[(.*)\]/.exec(stdout) ?? [];
  assert.deepEqual(list.split(', ').sort(), keywords.map((keyword) => `'${keyword}'`).sort());
  assert.match(stdout, /^Warning: with this list, whoever can get into the way/m);
  // Then the handshake, without what is nobody's business who was not verified.
  assert.match(stdout, /^> GET \/ HTTP\/1\.1$/m);
  assert.match(stdout, /^< 101 /m);
  const { request } = await server.connections.next();
  assert.equal(request.headers.authorization, undefined);
  // The list is exact.
  const own = list.replaceAll(/[' ]/g, '');
  const through = await runCommand([server.url, '--ignore-ssl-errors', own, '-n', '1'], 'x\n');
  assert.equal(through.code, 0);
});

test('inspect keeps the credentials of the URL from an unverified server and from its output', async (t) => {
  const { cert, key } = makeCertificate({ subject: 'gateway', san: ['DNS:other.example'] });
  const server = await startWsServer({ tls: { cert, key } });
  t.after(() => server.close());
  for (const form of ['wss://user:geheim@', 'wss:user:geheim@']) {
    const url = server.url.replace('wss://', form);
    const { stdout } = await runCommand(['inspect', url, '--json']);
    assert.doesNotMatch(stdout, /geheim/);
    const { request } = await server.connections.next();
    assert.equal(request.headers.authorization, undefined);
  }
});

test('inspect of a good connection says so, and shows both heads', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const { code, stdout } = await runCommand(['inspect', server.url, '-H', 'Cookie: secret']);
  assert.equal(code, 0);
  assert.match(stdout, /^> Cookie: \*\*\*$/m);
  assert.match(stdout, /^< upgrade: websocket$/m);
  assert.match(stdout, /^The connection opens\.$/m);
});

test('inspect of a refused handshake shows the answer', async (t) => {
  const server = await startTcpServer((socket) => {
    socket.end('HTTP/1.1 404 Not Found\r\nServer: x\r\nContent-Length: 0\r\n\r\n');
  });
  t.after(() => server.close());
  const { code, stdout } = await runCommand(['inspect', server.url]);
  assert.equal(code, 5);
  assert.match(stdout, /^< 404 Not Found$/m);
  assert.match(stdout, /^handshake: .*404/m);
});

test('inspect --json is one value', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const { stdout } = await runCommand(['inspect', server.url, '--json']);
  const report = JSON.parse(stdout) as { steps: { channel: string }[] };
  const channels = report.steps.map(({ channel }) => channel);
  assert.deepEqual([...new Set(channels)], ['wsfd:attempt', 'wsfd:handshake']);
});

test('bench counts what was sent and received, and times it', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const args = [
    'bench',
    server.url,
    '-c',
    '3',
    '-r',
    '100',
    '-d',
    '0.5',
    '--size',
    '100',
    '--json',
  ];
  const { code, stdout } = await runCommand(args);
  assert.equal(code, 0);
  const report = JSON.parse(stdout) as Record<string, number> & {
    roundTripMs: Record<string, number>;
  };
  const { sent, received, bytesIn, refused, lost } = report;
  assert.deepEqual(
    { sent, received, bytesIn, refused, lost },
    { sent: 150, received: 150, bytesIn: 15_000, refused: 0, lost: 0 },
  );
  const { p50 = 0, p99 = 0, p100 = 0 } = report.roundTripMs;
  assert.ok(p50 > 0 && p50 <= p99 && p99 <= p100);
});

test('bench ends with the last connection that it has, and says how', async (t) => {
  const server = await startWsServer({
    echo: false,
    onConnection: (socket) => {
      socket.on('message', () => {
        socket.close(1001, 'going away');
      });
    },
  });
  t.after(() => server.close());
  const { code, stdout, stderr } = await runCommand(['bench', server.url, '-c', '3', '-d', '3600']);
  assert.equal(code, 9);
  assert.match(stdout, /^3 connections lost$/m);
  assert.doesNotMatch(stdout, /refused/);
  assert.match(stderr, /^closed by the server: 1001 going away$/m);
  assert.equal(stderr.match(/closed by/g)?.length, 1);
});

test('bench of a server that stops reading shows its summary all the same', async (t) => {
  const server = await startRawServer({
    answer: (request, { socket }) => {
      socket.pause();
      return switching(request);
    },
  });
  t.after(() => server.close());
  // More than the system takes.
  const args = ['bench', server.url, '--rate', '50', '--duration', '0.1', '--size', '8000000'];
  const command = startCommand(args);
  await command.printed('no answer had a time in it');
  (await server.connections.next()).reset();
  const { code, stdout } = await command.end();
  assert.equal(code, 0);
  assert.match(stdout, /^sent {6}5 /m);
  assert.match(stdout, /^received {2}0 /m);
});

test('bench at a rate that no machine keeps sends what it can, and ends in time', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const args = ['bench', server.url, '--json', '--rate', '1e12', '--duration', '0.1'];
  const { code, stdout } = await runCommand(args);
  assert.equal(code, 0);
  const { sent = 0, lost } = JSON.parse(stdout) as Record<string, number>;
  assert.ok(sent >= 1000 && sent < 1e11);
  assert.equal(lost, 0);
});

test('bench --size has the bounds of a message that times its echo and can be sent', async () => {
  for (const size of ['15', '67108865', '600000000']) {
    const { code, stderr } = await runCommand(['bench', 'ws://127.0.0.1:1/', '--size', size]);
    assert.equal(code, 2);
    assert.ok(stderr.includes(`--size: expected a whole number of 16 to 67108864, got "${size}"`));
  }
});

test('bench --json of a server that is not there is an event as well', async () => {
  const { code, stdout } = await runCommand(['bench', 'ws://127.0.0.1:1/', '--json']);
  assert.equal(code, 3);
  const { event, category, retryable } = JSON.parse(stdout) as Record<string, unknown>;
  assert.deepEqual([event, category, retryable], ['error', 'network', true]);
});

test('bench of a server that is not there ends as a connection does', async () => {
  const { code, stderr } = await runCommand(['bench', 'ws://127.0.0.1:1/']);
  assert.equal(code, 3);
  assert.match(stderr, /network: /);
});

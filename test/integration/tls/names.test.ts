// Whom a certificate is for, and which name the server is told (SNI).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { makeCertificate } from '../../support/certificates';
import type { CertificateOptions } from '../../support/certificates';
import { startWsServer, urlOf } from '../../support/servers';
import type { WsServer } from '../../support/servers';
import { openAndEcho, openRefused, openRefusedFor } from '../../support/tls-client';

const root = makeCertificate({ subject: 'Test Root', ca: true });
const caCertificates = root.cert;

async function serve(
  t: TestContext,
  options: CertificateOptions,
  host = '127.0.0.1',
): Promise<WsServer> {
  const { cert, key } = makeCertificate({ issuer: root, ...options });
  const server = await startWsServer({ tls: { cert, key }, host });
  t.after(() => server.close());
  return server;
}

async function canListenOn(host: string): Promise<boolean> {
  const server = createServer();
  server.listen(0, host);
  const came = await Promise.race([
    once(server, 'listening').then(() => true),
    new Promise<boolean>((resolve) => server.once('error', () => resolve(false))),
  ]).catch(() => false);
  if (came) await new Promise((resolve) => server.close(resolve));
  return came;
}

test('the server is told the name in the URL', async (t) => {
  const server = await serve(t, { san: ['DNS:localhost'] });
  await openAndEcho(urlOf(server.port, true, 'localhost'), { caCertificates });
  assert.equal((await server.tls.handshakes.next()).serverName, 'localhost');
});

// RFC 6066 section 3: "Literal IPv4 and IPv6 addresses are not permitted in 'HostName'."
test('the server is told no name when the URL has an IPv4 address', async (t) => {
  const server = await serve(t, { san: ['IP:127.0.0.1'] });
  await openAndEcho(urlOf(server.port, true, '127.0.0.1'), { caCertificates });
  assert.equal((await server.tls.handshakes.next()).serverName, undefined);
});

test('an IPv6 address is checked and sent as no name', async (t) => {
  if (!(await canListenOn('::1'))) {
    t.skip('this machine has no IPv6');
    return;
  }
  const server = await serve(t, { san: ['IP:::1'] }, '::1');
  await openAndEcho(`wss://[::1]:${server.port}/`, { caCertificates });
  assert.equal((await server.tls.handshakes.next()).serverName, undefined);

  const other = await serve(t, { san: ['IP:::2', 'DNS:localhost', 'IP:127.0.0.1'] }, '::1');
  await openRefusedFor(['HostNameMismatch'], `wss://[::1]:${other.port}/`, { caCertificates });
});

test('serverName is the name that the server is told and that the certificate is for', async (t) => {
  const server = await serve(t, { san: ['DNS:plant.example.test'] });
  const url = urlOf(server.port, true, '127.0.0.1');
  await openAndEcho(url, { caCertificates, serverName: 'plant.example.test' });
  assert.equal((await server.tls.handshakes.next()).serverName, 'plant.example.test');
  await openRefusedFor(['HostNameMismatch'], url, { caCertificates });
});

// RFC 6066 section 3: "The hostname is represented as a byte string using ASCII encoding without a
// trailing dot."
test('a trailing dot is neither sent nor compared', async (t) => {
  const server = await serve(t, { san: ['DNS:plant.example.test'] });
  const url = urlOf(server.port, true, '127.0.0.1');
  await openAndEcho(url, { caCertificates, serverName: 'plant.example.test.' });
  assert.equal((await server.tls.handshakes.next()).serverName, 'plant.example.test');
});

test('an internationalised name is sent and compared as RFC 5891 encodes it', async (t) => {
  const server = await serve(t, { san: ['DNS:xn--bcher-kva.example.test'] });
  const url = urlOf(server.port, true, '127.0.0.1');
  for (const serverName of [
    'bücher.example.test',
    'BÜCHER.example.test',
    'xn--bcher-kva.example.test',
    'bücher.example.test.',
  ]) {
    await openAndEcho(url, { caCertificates, serverName });
    const told = (await server.tls.handshakes.next()).serverName;
    assert.equal(told, 'xn--bcher-kva.example.test');
  }
  for (const serverName of ['bucher.example.test', 'büchen.example.test']) {
    await openRefusedFor(['HostNameMismatch'], url, { caCertificates, serverName });
  }
});

for (const serverName of ['a b', '[::1]', 'wss://a.test', 'a.test:443', 'a/b', 'ü/b', 'xn--ü']) {
  test(`serverName must not be ${serverName}`, async () => {
    const error = await openRefused(urlOf(1, true), { serverName });
    assert.equal(error.code, 'WSFD_INVALID_OPTION');
    assert.match(error.message, /serverName/);
  });
}

test('serverName may be an address, which is checked and not sent', async (t) => {
  const server = await serve(t, { san: ['IP:192.0.2.1'] });
  await openAndEcho(server.url, { caCertificates, serverName: '192.0.2.1' });
  assert.equal((await server.tls.handshakes.next()).serverName, undefined);
  await openRefusedFor(['HostNameMismatch'], server.url, {
    caCertificates,
    serverName: '192.0.2.2',
  });
});

const names: readonly {
  san: readonly string[];
  subject?: string;
  accepted?: readonly string[];
  refused?: readonly string[];
}[] = [
  {
    san: ['DNS:*.example.test'],
    accepted: ['a.example.test', 'A.Example.TEST', 'a-b.example.test'],
    refused: ['example.test', 'a.b.example.test', 'aexample.test', 'a.example.tests'],
  },
  { san: ['DNS:a*.example.test'], refused: ['ab.example.test', 'a.example.test'] },
  { san: ['DNS:*a.example.test'], refused: ['ba.example.test'] },
  { san: ['DNS:a.*.test'], refused: ['a.example.test'] },
  { san: ['DNS:*.*.test'], refused: ['a.example.test'] },
  { san: ['DNS:*'], refused: ['localhost', 'a.example.test'] },
  { san: ['DNS:*.test'], refused: ['example.test'] },
  { san: ['DNS:example.test'], refused: ['a.example.test'], accepted: ['EXAMPLE.test'] },
  { san: ['DNS:other.test', 'DNS:example.test'], accepted: ['example.test', 'other.test'] },
  { san: ['DNS:other.test'], subject: 'example.test', refused: ['example.test'] },
  { san: ['IP:127.0.0.1'], subject: 'example.test', refused: ['example.test'] },
  { san: ['URI:wss://example.test/'], subject: 'example.test', refused: ['example.test'] },
  { san: [], subject: 'example.test', accepted: ['example.test'], refused: ['other.test'] },
  { san: [], subject: 'Test Leaf', refused: ['example.test'] },
];

for (const { san, subject = 'Test Leaf', accepted = [], refused = [] } of names) {
  for (const serverName of accepted) {
    test(`a certificate for [${san.join()}], CN ${subject}, is one for ${serverName}`, async (t) => {
      const server = await serve(t, { san, subject });
      const url = urlOf(server.port, true, '127.0.0.1');
      await openAndEcho(url, { caCertificates, serverName });
    });
  }
  for (const serverName of refused) {
    const title = `a certificate for [${san.join()}], CN ${subject}, is none for ${serverName}`;
    test(title, async (t) => {
      const server = await serve(t, { san, subject });
      const url = urlOf(server.port, true, '127.0.0.1');
      await openRefusedFor(['HostNameMismatch'], url, { caCertificates, serverName });
    });
  }
}

for (const [san, subject] of [
  [['DNS:127.0.0.1'], '127.0.0.1'],
  [['DNS:*.0.0.1'], 'Test Leaf'],
  [[], '127.0.0.1'],
] as const) {
  test(`an IP address is found in IP entries only, not in [${san.join()}] or the CN`, async (t) => {
    const server = await serve(t, { san, subject });
    const url = urlOf(server.port, true, '127.0.0.1');
    await openRefusedFor(['HostNameMismatch'], url, { caCertificates });
  });
}

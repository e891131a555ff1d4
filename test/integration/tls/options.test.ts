// Options that narrow what TLS accepts: pinned keys, revocation lists, versions, cipher suites.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { TlsOptions } from 'node:tls';
import type { OpenOptions } from 'wsfd';
import { makeCertificate, makeRevocationList } from '../../support/certificates';
import { startTcpServer, startWsServer, urlOf } from '../../support/servers';
import type { WsServer } from '../../support/servers';
import {
  ignoredKeywords,
  openAndEcho,
  openRefused,
  openRefusedFor,
} from '../../support/tls-client';

const root = makeCertificate({ subject: 'Test Root', ca: true });
const leaf = makeCertificate({ issuer: root, san: ['DNS:localhost'] });
const other = makeCertificate({ issuer: root, san: ['DNS:localhost'] });
const caCertificates = root.cert;

async function serve(t: TestContext, options: TlsOptions = {}): Promise<WsServer> {
  const server = await startWsServer({ tls: { cert: leaf.cert, key: leaf.key, ...options } });
  t.after(() => server.close());
  return server;
}

/** The SHA-256 of a certificate's public key. */
const pinOf = ({ keys }: typeof leaf): Buffer =>
  createHash('sha256')
    .update(keys.publicKey.export({ format: 'der', type: 'spki' }))
    .digest();

test('a pinned public key: in each notation, alone and in a list', async (t) => {
  const server = await serve(t);
  const [own, others] = [pinOf(leaf), pinOf(other)];
  for (const pinnedPublicKeys of [
    own.toString('base64'),
    `sha256/${own.toString('base64')}`,
    own.toString('hex'),
    own.toString('hex').toUpperCase().match(/../g)?.join(':') ?? '',
    [others.toString('hex'), own.toString('hex')],
  ]) {
    await openAndEcho(server.url, { caCertificates, pinnedPublicKeys });
  }
});

test('a public key that is not the pinned one', async (t) => {
  const server = await serve(t);
  const pinnedPublicKeys = pinOf(other).toString('base64');
  const options: OpenOptions = { caCertificates, pinnedPublicKeys };
  // An earlier connection without pins, whose session must not help.
  await openAndEcho(server.url, { caCertificates });
  await openRefusedFor(['CertificateBlacklisted'], server.url, options);
  await openRefusedFor(['CertificateBlacklisted'], server.url, {
    ...options,
    ignoreSslErrors: ['CertificateExpired'],
  });
  const info = await openAndEcho(server.url, {
    ...options,
    ignoreSslErrors: ['CertificateBlacklisted'],
  });
  assert.deepEqual(ignoredKeywords(info), ['CertificateBlacklisted']);
});

test('a revoked certificate', async (t) => {
  const server = await serve(t);
  const options: OpenOptions = {
    caCertificates,
    certificateRevocationLists: makeRevocationList(root, [other, leaf]),
  };
  await openAndEcho(server.url, { caCertificates });
  await openRefusedFor(['CertificateRevoked'], server.url, options);
  const info = await openAndEcho(server.url, {
    ...options,
    ignoreSslErrors: ['CertificateRevoked'],
  });
  assert.deepEqual(ignoredKeywords(info), ['CertificateRevoked']);
});

test('a certificate that is not on the revocation list', async (t) => {
  const server = await serve(t);
  for (const revoked of [[], [other]]) {
    const certificateRevocationLists = makeRevocationList(root, revoked);
    await openAndEcho(server.url, { caCertificates, certificateRevocationLists });
  }
});

test('the versions that both allow: the newest is spoken', async (t) => {
  const server = await serve(t);
  for (const [options, version] of [
    [{}, 'TLSv1.3'],
    [{ maxTlsVersion: 'TLSv1.2' }, 'TLSv1.2'],
    [{ minTlsVersion: 'TLSv1.3' }, 'TLSv1.3'],
    [{ minTlsVersion: 'TLSv1.2', maxTlsVersion: 'TLSv1.2' }, 'TLSv1.2'],
  ] as const) {
    const info = await openAndEcho(server.url, { caCertificates, ...options });
    assert.equal(info.tls?.version, version);
    assert.equal((await server.tls.handshakes.next()).protocol, version);
  }
});

test('versions that do not meet', async (t) => {
  const old = await serve(t, { maxVersion: 'TLSv1.2' });
  const young = await serve(t, { minVersion: 'TLSv1.3' });
  for (const [server, options] of [
    [old, { minTlsVersion: 'TLSv1.3' }],
    [young, { maxTlsVersion: 'TLSv1.2' }],
  ] as const) {
    const error = await openRefused(server.url, { ignoreSslErrors: true, ...options });
    assert.equal(error.code, 'WSFD_TLS_HANDSHAKE_FAILED');
    assert.match(error.message, /protocol_version/);
  }
});

test('cipherSuites decides what is spoken', async (t) => {
  const server = await serve(t);
  for (const [cipherSuites, cipher] of [
    ['TLS_CHACHA20_POLY1305_SHA256', 'TLS_CHACHA20_POLY1305_SHA256'],
    ['TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384'],
  ] as const) {
    const options: OpenOptions = { caCertificates, cipherSuites, minTlsVersion: 'TLSv1.3' };
    assert.equal((await openAndEcho(server.url, options)).tls?.cipher, cipher);
  }
  const info = await openAndEcho(server.url, {
    caCertificates,
    cipherSuites: 'ECDHE-ECDSA-AES128-GCM-SHA256',
    maxTlsVersion: 'TLSv1.2',
  });
  assert.equal(info.tls?.cipher, 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256');
});

const mistakes: readonly [name: string, options: Record<string, unknown>][] = [
  ['pinnedPublicKeys', { pinnedPublicKeys: 'sha256/abc' }],
  ['pinnedPublicKeys', { pinnedPublicKeys: [] }],
  ['certificateRevocationLists', { certificateRevocationLists: root.cert }],
  ['certificateRevocationLists', { certificateRevocationLists: 'none' }],
  ['minTlsVersion', { minTlsVersion: 'SSLv3' }],
  ['minTlsVersion', { minTlsVersion: 1.3 }],
  ['maxTlsVersion', { maxTlsVersion: 'TLS 1.3' }],
  ['TlsVersion', { minTlsVersion: 'TLSv1.3', maxTlsVersion: 'TLSv1.2' }],
  ['cipherSuites', { cipherSuites: 'NO-SUCH-CIPHER' }],
  ['cipherSuites', { cipherSuites: '' }],
  ['cipherSuites', { cipherSuites: 'of two\r\nlines, and \u{1f600}' }],
  ['cipherSuites', { cipherSuites: 'A'.repeat(10_000) }],
  ['cipherSuites', { cipherSuites: `!aNULL:${'!eNULL:'.repeat(1000)}!ALL:@STRENGTH\t` }],
  ['keyExchangeGroups', { keyExchangeGroups: 'P-256:no-such-group' }],
  ['keyExchangeGroups', { keyExchangeGroups: 'P-256::X25519' }],
  ['keyExchangeGroups', { keyExchangeGroups: ':' }],
  ['keyExchangeGroups', { keyExchangeGroups: '' }],
  ['keyExchangeGroups', { keyExchangeGroups: 'A'.repeat(10_000) }],
  ['keyExchangeGroups', { keyExchangeGroups: ['P-256'] }],
  ['legacyServerConnect', { legacyServerConnect: 1 }],
  ['serverName', { serverName: 'x'.repeat(300) }],
  ['serverName', { serverName: '' }],
];

for (const [name, options] of mistakes) {
  test(`an argument error: ${JSON.stringify(options).slice(0, 60)}`, async (t) => {
    const server = await startTcpServer((socket) => void socket.destroy());
    t.after(() => server.close());
    const error = await openRefused(urlOf(server.port, true), options);
    assert.equal(error.code, 'WSFD_INVALID_OPTION', error.message);
    assert.match(error.message, new RegExp(name));
    assert.match(error.message, /^\P{Cc}{1,500}$/u, 'one line, and no long one');
    assert.equal(server.connections.all.length, 0);
  });
}

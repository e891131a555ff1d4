// Certificates, chains and lists of an unusual size or age: each with a clear outcome.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { TlsOptions } from 'node:tls';
import type { OpenOptions } from 'wsfd';
import { daysFromNow, makeCertificate, makeRevocationList } from '../../support/certificates';
import type { Certificate } from '../../support/certificates';
import { startWsServer, urlOf } from '../../support/servers';
import type { WsServer } from '../../support/servers';
import {
  ignoredKeywords,
  openAndEcho,
  openRefused,
  openRefusedFor,
} from '../../support/tls-client';

const root = makeCertificate({ subject: 'Test Root', ca: true });
const leaf = makeCertificate({ issuer: root, san: ['DNS:localhost'] });
const caCertificates = root.cert;

async function serve(
  t: TestContext,
  certificate: Certificate,
  options: TlsOptions = {},
): Promise<WsServer> {
  const { chain: cert, key } = certificate;
  const server = await startWsServer({ tls: { cert, key, ...options } });
  t.after(() => server.close());
  return server;
}

/** A hundred roots, ours the last of them. */
const hundred = [
  ...Array.from({ length: 99 }, (_, i) => makeCertificate({ subject: `Root ${i}`, ca: true }).cert),
  root.cert,
];

test('a PEM with a hundred certificates', async (t) => {
  const server = await serve(t, leaf);
  await openAndEcho(server.url, { caCertificates: hundred.join('some text between\n') });
  await openAndEcho(server.url, { caCertificates: hundred });
  await openRefusedFor(
    ['UnableToGetLocalIssuerCertificate', 'UnableToVerifyFirstCertificate'],
    server.url,
    { caCertificates: hundred.slice(0, 99).join('') },
  );
});

test('a hundred certificates, one of which is broken: which one is told', async () => {
  const broken = hundred.map((pem, i) => (i === 41 ? pem.replace(/\n.{20}/, '\n!!!!') : pem));
  const error = await openRefused(urlOf(1, true), { caCertificates: broken.join('') });
  assert.equal(error.code, 'WSFD_INVALID_OPTION');
  assert.match(error.message, /caCertificates.*number 42 cannot be read/);
});

for (const [name, options] of [
  ['caCertificates', { caCertificates: '' }],
  ['caCertificates', { caCertificates: '\n' }],
  ['caCertificates', { caCertificates: [root.cert, ''] }],
  ['certificateRevocationLists', { certificateRevocationLists: '' }],
  ['certificateRevocationLists', { certificateRevocationLists: ' \n' }],
] as const) {
  test(`an empty PEM is an argument error: ${JSON.stringify(options).slice(0, 60)}`, async () => {
    const error = await openRefused(urlOf(1, true), options);
    assert.equal(error.code, 'WSFD_INVALID_OPTION');
    assert.match(error.message, new RegExp(name));
  });
}

/** A leaf below `depth` - 1 intermediates below the root. */
function leafAtDepth(depth: number): Certificate {
  let issuer = root;
  for (let i = 1; i < depth; i++) {
    issuer = makeCertificate({ subject: `CA ${i}`, ca: true, issuer });
  }
  return makeCertificate({ issuer, san: ['DNS:localhost'] });
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  const range = { minVersion: version, maxVersion: version };

  test(`${version}: a chain of depth 12`, async (t) => {
    const deep = leafAtDepth(12);
    const server = await serve(t, deep, range);
    const { tls } = await openAndEcho(server.url, { caCertificates });
    assert.equal(tls?.chain.length, 12);
    assert.equal(tls.chain[11]?.issuer, 'CN=Test Root');
    const error = await openRefusedFor(['UnableToGetLocalIssuerCertificate'], server.url);
    assert.deepEqual(
      error.certificateErrors?.map(({ depth, subject }) => [depth, subject]),
      [[11, 'CN=CA 1']],
    );
  });

  test(`${version}: a client certificate of depth 12`, async (t) => {
    const server = await serve(t, leaf, {
      ...range,
      ca: root.cert,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const { chain, key } = leafAtDepth(12);
    const sslConfig: OpenOptions['sslConfig'] = {
      localCertificate: chain,
      privateKey: { key, algorithm: 'EC' },
    };
    await openAndEcho(server.url, { caCertificates, sslConfig });
    assert.equal((await server.tls.handshakes.next()).socket.authorized, true);
  });

  test(`${version}: a certificate of more than 16 KiB`, async (t) => {
    const names = Array.from({ length: 1000 }, (_, i) => `DNS:host-${i}.plant.test`);
    const large = makeCertificate({ issuer: root, san: [...names, 'DNS:localhost'] });
    const server = await serve(t, large, range);
    const { tls } = await openAndEcho(server.url, { caCertificates });
    const { pem = '', subjectAltNames = '' } = tls?.peerCertificate ?? {};
    assert.ok(Buffer.from(pem.split('\n').slice(1, -2).join(''), 'base64').length > 16_384);
    assert.equal(subjectAltNames.split(', ').length, 1001);

    // What is wrong with it is told without all of its names.
    const url = urlOf(server.port, true, '127.0.0.1');
    const error = await openRefusedFor(['HostNameMismatch'], url, { caCertificates });
    assert.match(error.message, /DNS:host-0\.plant\.test/);
    assert.ok(error.message.length < 1000);
  });

  test(`${version}: more than 100 KiB of certificates are not taken`, async (t) => {
    const names = Array.from({ length: 9000 }, (_, i) => `DNS:host-${i}.plant.test`);
    const server = await serve(t, makeCertificate({ issuer: root, san: names }), range);
    const error = await openRefused(server.url, { ignoreSslErrors: true });
    assert.equal(error.code, 'WSFD_TLS_HANDSHAKE_FAILED');
    assert.match(error.message, /excessive message size/);
  });
}

test('a revocation list that is out of date', async (t) => {
  const server = await serve(t, leaf);
  const until = daysFromNow(-10);
  const options: OpenOptions = {
    caCertificates,
    certificateRevocationLists: makeRevocationList(root, [], until),
  };
  const error = await openRefusedFor(['UnspecifiedError'], server.url, options);
  const day = until.toISOString().slice(0, 10);
  assert.match(error.message, new RegExp(`CRL has expired.* ${day}T`));
  const info = await openAndEcho(server.url, { ...options, ignoreSslErrors: ['UnspecifiedError'] });
  assert.deepEqual(ignoredKeywords(info), ['UnspecifiedError']);

  // Old as it is, what it says counts.
  const revoked = makeRevocationList(root, [leaf], until);
  await openRefusedFor(['CertificateRevoked', 'UnspecifiedError'], server.url, {
    ...options,
    certificateRevocationLists: revoked,
    ignoreSslErrors: ['UnspecifiedError'],
  });
});

test('a revocation list of another issuer does not speak for this one', async (t) => {
  const server = await serve(t, leaf);
  const other = makeCertificate({ subject: 'Other Root', ca: true });
  const options: OpenOptions = {
    caCertificates: [root.cert, other.cert],
    certificateRevocationLists: makeRevocationList(other, [leaf]),
  };
  const error = await openRefusedFor(['UnspecifiedError'], server.url, options);
  assert.match(error.message, /unable to get certificate CRL: certificateRevocationLists has none/);
  await openAndEcho(server.url, {
    ...options,
    certificateRevocationLists: [
      makeRevocationList(other, [leaf]),
      makeRevocationList(root, [other]),
    ],
  });
});

test('a revocation list that someone else has signed in the name of the issuer', async (t) => {
  const server = await serve(t, leaf);
  const impostor = makeCertificate({ subject: 'Test Root', ca: true });
  const error = await openRefused(server.url, {
    caCertificates,
    certificateRevocationLists: makeRevocationList(impostor, []),
  });
  assert.equal(error.code, 'WSFD_CERTIFICATE_REFUSED');
  assert.match(error.message, /CRL signature failure/);
});

test('a key that is too short for the security level', async (t) => {
  const keys = { type: 'RSA' as const, ...generateKeyPairSync('rsa', { modulusLength: 768 }) };
  const weak = makeCertificate({ issuer: root, san: ['DNS:localhost'], keys });
  const server = await serve(t, weak, { ciphers: 'DEFAULT:@SECLEVEL=0', maxVersion: 'TLSv1.2' });
  const error = await openRefusedFor(['UnspecifiedError'], server.url, { caCertificates });
  assert.match(error.message, /key too weak/);
});

test('a server that shows no certificate', async (t) => {
  const ciphers = 'ADH-AES128-GCM-SHA256:@SECLEVEL=0';
  const server = await startWsServer({
    tls: { ciphers, dhparam: 'auto', maxVersion: 'TLSv1.2' },
  });
  t.after(() => server.close());
  // Only a client that names such suites meets one.
  const error = await openRefused(server.url, { ignoreSslErrors: true });
  assert.equal(error.code, 'WSFD_TLS_HANDSHAKE_FAILED');
  const options: OpenOptions = { cipherSuites: ciphers };
  await openRefusedFor(['NoPeerCertificate'], server.url, options);
  const others = { ...options, ignoreSslErrors: ['HostNameMismatch', 'UnspecifiedError'] } as const;
  await openRefusedFor(['NoPeerCertificate'], server.url, others);
  const { tls } = await openAndEcho(server.url, {
    ...options,
    ignoreSslErrors: ['NoPeerCertificate'],
  });
  assert.equal(tls?.peerCertificate, undefined);
  assert.deepEqual(tls?.chain, []);
  assert.deepEqual(
    tls.ignoredErrors.map(({ keyword, depth, subject }) => [keyword, depth, subject]),
    [['NoPeerCertificate', 0, '']],
  );
});

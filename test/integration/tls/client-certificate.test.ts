// A client certificate: shown when the server asks for it, refused as an argument when it is none.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { connect } from 'node:tls';
import type { SecureVersion, TlsOptions } from 'node:tls';
import type { OpenOptions } from 'wsfd';
import { makeCertificate, makeKeys } from '../../support/certificates';
import type { Certificate, KeyType } from '../../support/certificates';
import { fileOf } from '../../support/pkcs12-files';
import { startTcpServer, startTlsServer, startWsServer, urlOf } from '../../support/servers';
import type { WsServer } from '../../support/servers';
import { openAndEcho, openRefused } from '../../support/tls-client';

type SslConfig = NonNullable<OpenOptions['sslConfig']>;

const root = makeCertificate({ subject: 'Client Root', ca: true });
const intermediate = makeCertificate({ subject: 'Client Intermediate', issuer: root, ca: true });
const serverCertificate = makeCertificate({ san: ['DNS:localhost'] });
const caCertificates = serverCertificate.cert;

/** What a server that accepts only clients of `root` is started with. */
const requiring = (version: SecureVersion): TlsOptions => ({
  cert: serverCertificate.cert,
  key: serverCertificate.key,
  ca: root.cert,
  requestCert: true,
  rejectUnauthorized: true,
  minVersion: version,
  maxVersion: version,
});

async function serve(t: TestContext, tls: TlsOptions): Promise<WsServer> {
  const server = await startWsServer({ tls });
  t.after(() => server.close());
  return server;
}

const clientOf = (keyType: KeyType, issuer: Certificate = root): Certificate =>
  makeCertificate({
    subject: `${keyType} client`,
    issuer,
    keyType,
    extendedKeyUsage: ['clientAuth'],
  });

const configOf = (client: Certificate, algorithm: KeyType): SslConfig => ({
  localCertificate: client.chain,
  privateKey: { key: client.key, algorithm },
});

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  for (const algorithm of ['RSA', 'EC', 'ED25519', 'ED448'] as const) {
    test(`${version}: a client certificate with a key of ${algorithm}`, async (t) => {
      const server = await serve(t, requiring(version));
      const sslConfig = configOf(clientOf(algorithm), algorithm);
      await openAndEcho(server.url, { caCertificates, sslConfig });
      const { clientCertificate, socket } = await server.tls.handshakes.next();
      assert.equal(clientCertificate?.subject.CN, `${algorithm} client`);
      assert.equal(socket.authorized, true);
    });
  }

  test(`${version}: a client certificate with its intermediate`, async (t) => {
    const server = await serve(t, requiring(version));
    const sslConfig = configOf(clientOf('EC', intermediate), 'EC');
    await openAndEcho(server.url, { caCertificates, sslConfig });
    assert.equal((await server.tls.handshakes.next()).socket.authorized, true);
  });

  test(`${version}: no client certificate where the server requires one`, async (t) => {
    const server = await serve(t, requiring(version));
    const error = await openRefused(server.url, { caCertificates });
    assert.equal(error.category, 'tls');
    assert.match(error.message, /alert|certificate/i);
    assert.equal(server.connections.all.length, 0);
  });

  test(`${version}: a client certificate that the server does not trust`, async (t) => {
    const server = await serve(t, requiring(version));
    const stranger = makeCertificate({ subject: 'Stranger' });
    const sslConfig = configOf(stranger, 'EC');
    // Node's server ends the connection without an alert: the client cannot know why.
    const error = await openRefused(server.url, { caCertificates, sslConfig });
    assert.notEqual(error.category, 'usage');
    assert.equal(error.sslErrors, undefined);
    assert.equal(server.connections.all.length, 0);
  });

  test(`${version}: a client certificate is not shown to a server that does not ask`, async (t) => {
    const { cert, key } = serverCertificate;
    const server = await serve(t, { cert, key, minVersion: version, maxVersion: version });
    const sslConfig = configOf(clientOf('EC'), 'EC');
    await openAndEcho(server.url, { caCertificates, sslConfig });
    assert.equal((await server.tls.handshakes.next()).clientCertificate, undefined);
  });
}

// TLS 1.3 has no DSA (RFC 8446 section 1.2).
test('TLSv1.2: a client certificate with a DSA key', async (t) => {
  const client = clientOf('DSA');
  const tls = { ...requiring('TLSv1.2'), sigalgs: 'DSA+SHA256:ECDSA+SHA256' };
  const probe = await startTlsServer(tls);
  t.after(() => probe.close());
  const socket = connect({
    port: probe.port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: caCertificates,
    cert: client.cert,
    key: client.key,
  });
  const allowed = await once(socket, 'secureConnect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  if (!allowed) {
    t.skip("this OpenSSL's TLS has no DSA");
    return;
  }
  const server = await serve(t, tls);
  await openAndEcho(server.url, { caCertificates, sslConfig: configOf(client, 'DSA') });
  const { clientCertificate } = await server.tls.handshakes.next();
  assert.equal(clientCertificate?.subject.CN, 'DSA client');
});

test('private keys in the PEM forms of each algorithm, and encrypted ones', async (t) => {
  const server = await serve(t, requiring('TLSv1.3'));
  const [ec, rsa] = [clientOf('EC'), clientOf('RSA')];
  const secret = { cipher: 'aes-256-cbc', passphrase: 'päss' };
  const keyOf = ({ keys }: Certificate, type: 'pkcs1' | 'sec1' | 'pkcs8', encrypted = false) =>
    keys.privateKey.export({ format: 'pem', type, ...(encrypted ? secret : {}) } as {
      format: 'pem';
      type: 'pkcs8';
    }) as string;
  const rows = [
    [rsa, 'RSA', keyOf(rsa, 'pkcs1'), {}],
    [ec, 'EC', keyOf(ec, 'sec1'), {}],
    [ec, 'EC', keyOf(ec, 'sec1', true), { passphrase: 'päss' }],
    [ec, 'EC', keyOf(ec, 'pkcs8', true), { passphrase: 'päss' }],
  ] as const;
  for (const [client, algorithm, key, further] of rows) {
    const sslConfig = { localCertificate: client.chain, privateKey: { key, algorithm } };
    await openAndEcho(server.url, { caCertificates, sslConfig, ...further });
    const { clientCertificate } = await server.tls.handshakes.next();
    assert.equal(clientCertificate?.subject.CN, `${algorithm} client`);
  }
});

test('certificate and key in one PKCS#12 file', async (t) => {
  const server = await serve(t, { ...requiring('TLSv1.3'), rejectUnauthorized: false });
  for (const [pkcs12, further] of [
    [fileOf('aes'), { passphrase: 'sesame' }],
    [new Uint8Array(fileOf('aes')), { passphrase: 'sesame' }],
    [fileOf('plain'), {}],
  ] as const) {
    await openAndEcho(server.url, { caCertificates, sslConfig: { pkcs12 }, ...further });
    const { clientCertificate } = await server.tls.handshakes.next();
    assert.equal(clientCertificate?.subject.CN, 'Plant');
  }
});

for (const [title, options] of [
  ['a wrong passphrase', { sslConfig: { pkcs12: fileOf('aes') }, passphrase: 'open' }],
  ['no passphrase', { sslConfig: { pkcs12: fileOf('aes') } }],
  ['text', { sslConfig: { pkcs12: 'PEM' } }],
  ['nothing in it', { sslConfig: { pkcs12: Buffer.alloc(0) } }],
  ['a certificate beside it', { sslConfig: { pkcs12: fileOf('plain'), localCertificate: 'x' } }],
] as const) {
  test(`a PKCS#12 file with ${title} is an argument error`, async () => {
    const error = await openRefused(urlOf(1, true), options as unknown as OpenOptions);
    assert.equal(error.code, 'WSFD_INVALID_OPTION');
    assert.match(error.message, /pkcs12/);
  });
}

const [ec, rsa, dsa] = [clientOf('EC'), clientOf('RSA'), clientOf('DSA')];
const encryptedKey = ec.keys.privateKey.export({
  format: 'pem',
  type: 'pkcs8',
  cipher: 'aes-256-cbc',
  passphrase: 'right',
}) as string;
const otherEcKey = makeKeys('EC').privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
const ed25519Key = makeKeys('ED25519').privateKey.export({
  format: 'pem',
  type: 'pkcs8',
}) as string;
const truncated = (pem: string): string => pem.slice(0, pem.length / 2);

/** The beginnings of the keys, each behind its PEM line. */
const keyBodies = [ec.key, rsa.key, dsa.key, encryptedKey, otherEcKey, ed25519Key].map(
  (key) => key.split('\n')[1]?.slice(0, 16) ?? '',
);

/** sslConfig of this certificate, key and algorithm, whatever they are. */
const sslConfigOf = (localCertificate: unknown, key: unknown, algorithm: unknown): unknown => ({
  localCertificate,
  privateKey: { key, algorithm },
});

const mistakes: readonly [title: string, options: Record<string, unknown>, says: RegExp][] = [
  ['an RSA key as EC', { sslConfig: sslConfigOf(rsa.cert, rsa.key, 'EC') }, /RSA[^]*EC|EC[^]*RSA/],
  ['an EC key as RSA', { sslConfig: sslConfigOf(ec.cert, ec.key, 'RSA') }, /RSA[^]*EC|EC[^]*RSA/],
  ['an EC key as DSA', { sslConfig: sslConfigOf(ec.cert, ec.key, 'DSA') }, /DSA[^]*EC|EC[^]*DSA/],
  ['a DSA key as RSA', { sslConfig: sslConfigOf(dsa.cert, dsa.key, 'RSA') }, /RSA/],
  ['an Ed25519 key as EC', { sslConfig: sslConfigOf(ec.cert, ed25519Key, 'EC') }, /EC/],
  ['an unknown algorithm', { sslConfig: sslConfigOf(ec.cert, ec.key, 'ECDSA') }, /algorithm/],
  ['no algorithm', { sslConfig: sslConfigOf(ec.cert, ec.key, undefined) }, /algorithm/],
  ['the key of another', { sslConfig: sslConfigOf(ec.cert, otherEcKey, 'EC') }, /fit|match|belong/],
  [
    'a key of another type',
    { sslConfig: sslConfigOf(ec.cert, rsa.key, 'RSA') },
    /fit|match|belong/,
  ],
  ['half a certificate', { sslConfig: sslConfigOf(truncated(ec.cert), ec.key, 'EC') }, /PEM/],
  ['half a key', { sslConfig: sslConfigOf(ec.cert, truncated(ec.key), 'EC') }, /PEM/],
  ['a key for a certificate', { sslConfig: sslConfigOf(ec.key, ec.key, 'EC') }, /PEM/],
  ['a certificate for a key', { sslConfig: sslConfigOf(ec.cert, ec.cert, 'EC') }, /PEM/],
  ['an empty certificate', { sslConfig: sslConfigOf('', ec.key, 'EC') }, /localCertificate/],
  ['an empty key', { sslConfig: sslConfigOf(ec.cert, '', 'EC') }, /privateKey/],
  [
    'a certificate that is no string',
    { sslConfig: sslConfigOf(7, ec.key, 'EC') },
    /localCertificate/,
  ],
  ['a key that is no string', { sslConfig: sslConfigOf(ec.cert, {}, 'EC') }, /privateKey/],
  ['no key', { sslConfig: { localCertificate: ec.cert } }, /privateKey/],
  [
    'no certificate',
    { sslConfig: { privateKey: { key: ec.key, algorithm: 'EC' } } },
    /localCertificate/,
  ],
  ['a misspelt name', { sslConfig: { localCertificat: ec.cert } }, /localCertificate/],
  ['a string', { sslConfig: ec.key }, /sslConfig/],
  ['a key alone', { sslConfig: { localCertificate: ec.cert, privateKey: ec.key } }, /privateKey/],
  ['a key as algorithm', { sslConfig: sslConfigOf(ec.cert, ec.key, ec.key) }, /algorithm/],
  ['an encrypted key alone', { sslConfig: sslConfigOf(ec.cert, encryptedKey, 'EC') }, /passphrase/],
  [
    'a wrong passphrase',
    { sslConfig: sslConfigOf(ec.cert, encryptedKey, 'EC'), passphrase: 'wrong' },
    /passphrase/,
  ],
];

for (const [title, options, says] of mistakes) {
  test(`sslConfig with ${title} is an argument error`, async (t) => {
    const server = await startTcpServer((socket) => void socket.destroy());
    t.after(() => server.close());
    const error = await openRefused(urlOf(server.port, true), options);
    assert.equal(error.category, 'usage', error.message);
    assert.match(error.code, /^WSFD_(INVALID|UNKNOWN)_OPTION$/);
    assert.match(error.message, /sslConfig|privateKey|localCertificate/);
    assert.match(error.message, says);
    assert.ok(!keyBodies.some((body) => error.message.includes(body)), 'no key is in the message');
    assert.equal(server.connections.all.length, 0);
  });
}

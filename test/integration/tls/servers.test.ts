// Servers that speak one thing alone: what can be spoken is, and what cannot be is refused with
// what was offered.
import assert from 'node:assert/strict';
import { createECDH, generateKeyPairSync } from 'node:crypto';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { TlsOptions } from 'node:tls';
import { derOf, makeCertificate, makeSelfSigned } from '../../support/certificates';
import type { KeyPair } from '../../support/certificates';
import { startTcpServer, startTlsServer, startWsServer, urlOf } from '../../support/servers';
import { openAndEcho, openRefused } from '../../support/tls-client';

const ecKeys = (namedCurve: string): KeyPair => ({
  type: 'EC',
  ...generateKeyPairSync('ec', { namedCurve }),
});
const rsaKeys = (modulusLength: number): KeyPair => ({
  type: 'RSA',
  ...generateKeyPairSync('rsa', { modulusLength }),
});
const edKeys = (type: 'ED25519' | 'ED448'): KeyPair => ({
  type,
  ...(type === 'ED25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ed448')),
});

const only12: TlsOptions = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' };
const only13: TlsOptions = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' };

const servers: readonly {
  name: string;
  options: TlsOptions;
  keys?: () => KeyPair;
  version: string;
  cipher?: string;
}[] = [
  { name: 'TLS 1.2', options: only12, version: 'TLSv1.2' },
  { name: 'TLS 1.3', options: only13, version: 'TLSv1.3' },
  {
    name: 'ChaCha20 in TLS 1.2',
    options: { ...only12, ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' },
    version: 'TLSv1.2',
    cipher: 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  },
  {
    name: 'ChaCha20 in TLS 1.3',
    options: { ...only13, ciphers: 'TLS_CHACHA20_POLY1305_SHA256' },
    version: 'TLSv1.3',
    cipher: 'TLS_CHACHA20_POLY1305_SHA256',
  },
  ...[only12, only13].flatMap((options) => {
    const version = options.minVersion ?? '';
    return [
      { name: `RSA 4096 in ${version}`, options, version, keys: () => rsa4096 },
      { name: `P-521 in ${version}`, options, version, keys: () => ecKeys('P-521') },
      { name: `P-384 in ${version}`, options, version, keys: () => ecKeys('P-384') },
      { name: `Ed25519 in ${version}`, options, version, keys: () => edKeys('ED25519') },
      { name: `Ed448 in ${version}`, options, version, keys: () => edKeys('ED448') },
    ];
  }),
];

const rsa4096 = rsaKeys(4096);

for (const { name, options, keys, version, cipher } of servers) {
  test(`a server with ${name} alone`, async (t) => {
    const ownKeys = keys?.();
    const { cert, key } = makeCertificate({
      san: ['DNS:localhost'],
      ...(ownKeys === undefined ? {} : { keys: ownKeys }),
    });
    const server = await startWsServer({ tls: { cert, key, ...options } });
    t.after(() => server.close());
    const { tls } = await openAndEcho(server.url, { caCertificates: cert });
    assert.equal(tls?.version, version);
    if (cipher !== undefined) assert.equal(tls.cipher, cipher);
  });
}

const handshake = 22;
const alert = 21;

function record(contentType: number, contents: Buffer): Buffer {
  const header = Buffer.from([contentType, 3, 3, 0, 0]);
  header.writeUInt16BE(contents.length, 3);
  return Buffer.concat([header, contents]);
}

/** `contents` with their length before them, in so many bytes. */
function counted(lengthBytes: 1 | 2 | 3, ...contents: Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(body.length, 0, lengthBytes);
  return Buffer.concat([length, body]);
}

/** A handshake message (RFC 5246 section 7.4) in a record of its own. */
const message = (type: number, ...body: Uint8Array[]): Buffer =>
  record(handshake, Buffer.concat([Buffer.from([type]), counted(3, ...body)]));

const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);

/** The extension renegotiation_info, empty (RFC 5746 section 3.6), as a list of one. */
const renegotiationInfo = counted(2, uint16(0xff01), counted(2, counted(1)));

/** A ServerHello (RFC 5246 section 7.4.1.3) of this version and cipher suite. */
const serverHello = (
  version: number,
  cipherSuite: number,
  extensions: Buffer = renegotiationInfo,
): Buffer =>
  message(
    2,
    ...[uint16(version), Buffer.alloc(32), counted(1), uint16(cipherSuite), Buffer.from([0])],
    extensions,
  );

/** Hello, certificate and key exchange (RFC 5246 section 7.4.3) of a server with an RSA key. */
const keyExchange = (cipherSuite: number, ...parameters: Uint8Array[]): Buffer =>
  Buffer.concat([
    serverHello(tls12, cipherSuite),
    message(11, counted(3, counted(3, derOf(makeCertificate({ keyType: 'RSA' }).cert)))),
    message(12, ...parameters),
  ]);

/** TLS_RSA_WITH_RC4_128_SHA, TLS_RSA_WITH_AES_128_CBC_SHA. */
const [rc4, aes] = [0x0005, 0x002f];
/** TLS_DHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256. */
const [dheRsa, ecdheRsa] = [0x009e, 0xc02f];
const [tls10, tls11, tls12] = [0x0301, 0x0302, 0x0303];

const offeredVersions = /TLS 1\.2 to TLS 1\.3 offered/;
const offeredSuites =
  /TLS 1\.2 to TLS 1\.3 offered, with the cipher suites TLS_AES_256_GCM_SHA384:\S*ECDHE-RSA-AES128-GCM-SHA256/;

const strangers: readonly [name: string, answer: Buffer, says: RegExp][] = [
  ['TLS 1.1 alone', serverHello(tls11, aes), offeredVersions],
  ['TLS 1.0 alone', serverHello(tls10, aes), offeredVersions],
  ['TLS 1.1 alone, which says so', record(alert, Buffer.from([2, 70])), offeredVersions],
  ['RC4 alone', serverHello(tls12, rc4), offeredSuites],
  ['RC4 alone, which says so', record(alert, Buffer.from([2, 40])), offeredSuites],
  ['strong suites alone, which says so', record(alert, Buffer.from([2, 71])), offeredSuites],
];

/** The prime of 768 bits of RFC 2409 section 6.1. */
const smallPrime = Buffer.from(
  'ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74' +
    '020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437' +
    '4fe1356d6d51c245e485b576625e7ec6f44c42e9a63a3620ffffffffffffffff',
  'hex',
);

/** A Diffie-Hellman key of a server in that group: its generator is 2, the private key 2. */
const smallGroup = Buffer.concat(
  [smallPrime, Buffer.from([2]), Buffer.from([4])].map((number) => counted(2, number)),
);

/** A key on P-256 (RFC 8422 section 5.4). */
function curveKey(): Buffer {
  const curve = createECDH('prime256v1');
  return Buffer.concat([Buffer.from([3]), uint16(23), counted(1, curve.generateKeys())]);
}

/** A signature of no meaning by rsa_pkcs1_sha1 (RFC 8446 section 4.2.3). */
const signedWithSha1 = Buffer.concat([uint16(0x0201), counted(2, Buffer.alloc(256))]);

const weak: typeof strangers = [
  [
    'no secure renegotiation',
    serverHello(tls12, ecdheRsa, Buffer.alloc(0)),
    /: the server does not know secure renegotiation \(RFC 5746\)/,
  ],
  [
    'a small Diffie-Hellman group',
    keyExchange(dheRsa, smallGroup, signedWithSha1),
    /: the server's Diffie-Hellman key is too small for the security level/,
  ],
  [
    'signatures with SHA-1',
    keyExchange(ecdheRsa, curveKey(), signedWithSha1),
    /: the server signs with an algorithm that the security level does not allow/,
  ],
];

for (const [name, answer, says] of [...strangers, ...weak]) {
  test(`a server with ${name}: -1, and what was offered`, async (t) => {
    const server = await startTcpServer(
      (socket: Socket) => void socket.once('data', () => socket.write(answer)),
    );
    t.after(() => server.close());
    const error = await openRefused(urlOf(server.port, true), { ignoreSslErrors: true });
    assert.equal(error.category, 'tls');
    assert.equal(error.code, 'WSFD_TLS_HANDSHAKE_FAILED');
    assert.match(error.message, says);
    assert.doesNotMatch(error.message, /RC4/);
  });
}

test('a server without a suite in common: what was offered is what was asked for', async (t) => {
  const server = await startTlsServer({ ...makeSelfSigned(), ...only12 });
  t.after(() => server.close());
  const error = await openRefused(server.url, {
    cipherSuites: 'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384',
    ignoreSslErrors: true,
  });
  assert.equal(error.code, 'WSFD_TLS_HANDSHAKE_FAILED');
  assert.match(
    error.message,
    /TLS 1\.2 alone offered, with the cipher suites ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384\b/,
  );
});

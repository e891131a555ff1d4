// Servers that speak one thing alone: what can be spoken is, and what cannot be is refused with
// what was offered.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { TlsOptions } from 'node:tls';
import { makeCertificate, makeSelfSigned } from '../support/certificates';
import type { KeyPair } from '../support/certificates';
import { startTcpServer, startTlsServer, startWsServer, urlOf } from '../support/servers';
import { openAndEcho, openRefused } from '../support/tls-client';

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

/** A ServerHello (RFC 5246 section 7.4.1.3) of this version and cipher suite. */
function serverHello(version: number, cipherSuite: number): Buffer {
  const body = Buffer.alloc(2 + 32 + 1 + 2 + 1 + 2 + 5);
  body.writeUInt16BE(version, 0);
  body.writeUInt16BE(cipherSuite, 2 + 32 + 1);
  // The extension renegotiation_info, empty (RFC 5746 section 3.6).
  body.writeUInt16BE(5, 38);
  body.writeUInt16BE(0xff01, 40);
  body.writeUInt16BE(1, 42);
  const header = Buffer.from([2, 0, 0, body.length]);
  return record(handshake, Buffer.concat([header, body]));
}

/** TLS_RSA_WITH_RC4_128_SHA, TLS_RSA_WITH_AES_128_CBC_SHA. */
const [rc4, aes] = [0x0005, 0x002f];
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

for (const [name, answer, says] of strangers) {
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

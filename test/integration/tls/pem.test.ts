// PEM as it comes from files: text or bytes, with byte order marks, and what is no PEM at all.
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { test } from 'node:test';
import type { OpenOptions } from 'wsfd';
import { derOf, makeCertificate, makeRevocationList } from '../../support/certificates';
import { fileOf } from '../../support/pkcs12-files';
import { startWsServer, urlOf } from '../../support/servers';
import { openAndEcho, openRefused } from '../../support/tls-client';

const root = makeCertificate({ subject: 'Test Root', ca: true });
const otherRoot = makeCertificate({ subject: 'Other Root', ca: true });
const leaf = makeCertificate({ issuer: root, san: ['DNS:localhost'] });
const client = makeCertificate({ subject: 'Test Client', issuer: root });
const list = makeRevocationList(root, []);

type PemForm = (pem: string) => string | Uint8Array;

const mark = '\ufeff';
const good: Record<string, PemForm> = {
  text: (pem) => pem,
  'text with a byte order mark': (pem) => mark + pem,
  'text with a byte order mark, decoded as Latin-1': (pem) =>
    Buffer.from(mark + pem).toString('latin1'),
  'text with Windows line ends': (pem) => pem.replaceAll('\n', '\r\n'),
  'a Buffer': (pem) => Buffer.from(pem),
  'a Buffer with a byte order mark': (pem) => Buffer.from(mark + pem),
  'a Uint8Array that is a part of its memory': (pem) =>
    new Uint8Array(Buffer.from(`-----${pem}-----`)).subarray(5, 5 + pem.length),
};

for (const [name, form] of Object.entries(good)) {
  test(`PEM as ${name}`, async (t) => {
    const server = await startWsServer({
      tls: { cert: leaf.cert, key: leaf.key, ca: root.cert, requestCert: true },
    });
    t.after(() => server.close());
    const sslConfig: OpenOptions['sslConfig'] = {
      localCertificate: form(client.cert),
      privateKey: { key: form(client.key), algorithm: 'EC' },
    };
    const options = { sslConfig, certificateRevocationLists: form(list) };
    await openAndEcho(server.url, { ...options, caCertificates: form(root.cert) });
    await openAndEcho(server.url, {
      ...options,
      caCertificates: [form(otherRoot.cert), form(root.cert)],
      certificateRevocationLists: [form(list)],
    });
    const [first] = server.tls.handshakes.all;
    assert.equal(first?.clientCertificate?.subject.CN, 'Test Client');
  });
}

test('several files with a byte order mark each, one behind the other', async (t) => {
  const server = await startWsServer({ tls: { cert: leaf.cert, key: leaf.key } });
  t.after(() => server.close());
  const text = `${mark}${otherRoot.cert}a line between\n${mark}${root.cert}`;
  for (const caCertificates of [text, Buffer.from(text)]) {
    await openAndEcho(server.url, { caCertificates });
  }
});

/** The options that take PEM, each with `value` in its place. */
const places: Record<string, (value: unknown) => unknown> = {
  caCertificates: (value) => ({ caCertificates: value }),
  'caCertificates[1]': (value) => ({ caCertificates: [root.cert, value] }),
  certificateRevocationLists: (value) => ({ certificateRevocationLists: value }),
  'sslConfig.localCertificate': (value) => ({
    sslConfig: { localCertificate: value, privateKey: { key: client.key, algorithm: 'EC' } },
  }),
  'sslConfig.privateKey.key': (value) => ({
    sslConfig: { localCertificate: client.cert, privateKey: { key: value, algorithm: 'EC' } },
  }),
};

const utf16 = Buffer.from(mark + root.cert, 'utf16le');
const der = derOf(root.cert);
const bad: readonly (readonly [name: string, value: unknown, says: RegExp])[] = [
  ['UTF-16', utf16, /UTF-16.*utf16le/],
  ['UTF-16 with the other byte order', Buffer.from(utf16).swap16(), /UTF-16/],
  ['UTF-16 without a mark', utf16.subarray(2), /UTF-16/],
  ['UTF-16 decoded as UTF-8', utf16.toString(), /UTF-16/],
  ['UTF-16 decoded as Latin-1', utf16.toString('latin1'), /UTF-16/],
  ['DER', der, /is DER.*-inform der/],
  ['DER decoded as UTF-8', der.toString(), /is DER/],
  ['DER decoded as Latin-1', der.toString('latin1'), /is DER/],
  ['a PKCS#12 file', fileOf('aes'), /PKCS#12.*sslConfig\.pkcs12/],
  ['no bytes', Buffer.alloc(0), /expected PEM/],
  ['other text', Buffer.from('none'), /expected/],
  ['a KeyObject', createPrivateKey(client.key), /export\(\{ type: 'pkcs8', format: 'pem' \}\)/],
  ['a number', 7, /a string or a Uint8Array/],
];

for (const [name, value, says] of bad) {
  for (const [place, optionsOf] of Object.entries(places)) {
    test(`${place} must not be ${name}`, async () => {
      // Port 1 is never reached.
      const error = await openRefused(urlOf(1, true), optionsOf(value) as OpenOptions);
      assert.equal(error.code, 'WSFD_INVALID_OPTION');
      // What is no PEM at all is OpenSSL's to find, which does not know which of a list it was.
      assert.ok(error.message.includes(place.replace(name === 'other text' ? '[1]' : '', '')));
      assert.match(error.message, says);
    });
  }
}

test('DER is told by the command that converts it', async () => {
  for (const [place, command] of [
    ['caCertificates', 'openssl x509 '],
    ['certificateRevocationLists', 'openssl crl '],
    ['sslConfig.privateKey.key', 'openssl pkey '],
  ] as const) {
    const options = places[place]?.(der) as OpenOptions;
    assert.ok((await openRefused(urlOf(1, true), options)).message.includes(command));
  }
});

test('PEM in the place of a PKCS#12 file', async () => {
  const pkcs12 = Buffer.from(client.cert);
  const error = await openRefused(urlOf(1, true), { sslConfig: { pkcs12 } });
  assert.match(error.message, /sslConfig\.pkcs12: is PEM; .*localCertificate/);
});

test('a passphrase within sslConfig is answered with where it stands', async () => {
  const privateKey = { key: client.key, algorithm: 'EC', passphrase: 'sesame' };
  for (const sslConfig of [
    { localCertificate: client.cert, privateKey },
    { pkcs12: fileOf('aes'), passphrase: 'sesame' },
  ]) {
    const error = await openRefused(urlOf(1, true), { sslConfig } as unknown as OpenOptions);
    assert.equal(error.code, 'WSFD_UNKNOWN_OPTION');
    assert.match(error.message, /passphrase: 'secret'.*beside sslConfig/);
    assert.doesNotMatch(error.message, /sesame/);
  }
});

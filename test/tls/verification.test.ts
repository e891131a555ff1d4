// What is found in a peer's certificate. The cases of a plain client are in
// test/integration/tls/certificate-errors.test.ts; here are those that need more than a chain.
import assert from 'node:assert/strict';
import { X509Certificate, createHash, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { daysFromNow, makeCertificate } from '../support/certificates';
import type { Certificate, KeyPair } from '../support/certificates';
import * as der from '../support/der';
import {
  MemoryServer,
  createClient,
  ignoring,
  ignoringAll,
  shakeHands,
  tls,
} from '../support/tls-core';
import type { TlsCertificateError, TlsClient, TlsConfig, TlsStatus } from '../support/tls-core';
import type { CoreError } from '../support/handshake-core';

const root = makeCertificate({ subject: 'Test Root', ca: true });
const caCertificates = [root.cert];

interface Verdict {
  status: TlsStatus;
  error: CoreError;
  found: TlsCertificateError[];
  keywords: string[];
}

function verdictOf(client: TlsClient, status: TlsStatus): Verdict {
  const found = tls.tlsCertificateErrors(client);
  const keywords = found.map(({ keyword }) => keyword);
  return { status, error: tls.tlsError(client), found, keywords };
}

/** What a client of this configuration makes of a server that sends `certificate`. */
async function verify(
  certificate: Certificate,
  config: TlsConfig,
  host = 'localhost',
  ciphers = 'DEFAULT',
): Promise<Verdict> {
  const server = new MemoryServer({ cert: certificate.chain, key: certificate.key, ciphers });
  const client = createClient(config, { host, port: 1 });
  const status = await shakeHands(client, server);
  const verdict = verdictOf(client, status);
  server.destroy();
  return verdict;
}

const names: readonly (readonly [
  subject: string,
  san: readonly string[],
  good: readonly string[],
  bad: readonly string[],
])[] = [
  [
    'x',
    ['DNS:a.test'],
    ['a.test', 'A.TEST', 'a.test.'],
    ['b.a.test', '.a.test', 'a', 'x', '', '.'],
  ],
  ['x', ['DNS:*.a.test'], ['b.a.test', 'B.A.test.'], ['a.test', 'c.b.a.test', '.a.test', '*.test']],
  ['x', ['DNS:w*.a.test', 'DNS:*w.a.test'], [], ['www.a.test', 'ww.a.test', 'w.a.test']],
  ['x', ['DNS:b.*.test', 'DNS:*.test', 'DNS:*'], [], ['b.a.test', 'a.test', 'test']],
  ['x', ['DNS:*.a.test'], ['plc_01.a.test', '_.a.test'], ['p_1.b.a.test', 'plc_01.a_test']],
  ['x', ['DNS:*.a_b.test'], ['plc-01.a_b.test', 'p_1.A_B.test.'], ['a_b.test', 'p.a-b.test']],
  ['x', ['DNS:p_*.a.test', 'DNS:*.a_test', 'DNS:*.-a_.test'], [], ['p_1.a.test', 'p_1.a_test']],
  ['*.a.test', [], ['plc_01.a.test'], ['plc_01.b.test']],
  ['*.a.test', ['DNS:b.test'], ['b.test'], ['plc_01.a.test']],
  ['x', ['DNS:xn--n3h.test'], ['xn--n3h.test'], ['n3h.test']],
  // RFC 6125 section 6.4.4: the common name counts only where no other name of a host is given.
  ['a.test', [], ['a.test', 'a.test.'], ['b.test', 'b.a.test']],
  ['*.a.test', [], ['b.a.test'], ['a.test']],
  ['a.test', ['email:x@y.test'], ['a.test'], ['y.test']],
  ['a.test', ['DNS:b.test'], ['b.test'], ['a.test']],
  ['a.test', ['IP:127.0.0.1'], ['127.0.0.1'], ['a.test']],
  ['a.test', ['URI:wss://a.test/'], [], ['a.test']],
  ['127.0.0.1', [], [], ['127.0.0.1']],
  ['x', ['DNS:127.0.0.1'], [], ['127.0.0.1']],
  ['x', ['IP:127.0.0.1'], ['127.0.0.1', '127.0.0.1.'], ['127.0.0.2', '127.0.0', 'localhost']],
  ['x', ['IP:::1'], ['::1', '0:0::0:1', '::1%lo'], ['::2', '127.0.0.1', '::1::']],
];

for (const [subject, san, good, bad] of names) {
  test(`a certificate for ${[subject, ...san].join(', ')}`, async () => {
    const certificate = makeCertificate({ subject, san, issuer: root });
    for (const host of good) {
      assert.deepEqual((await verify(certificate, { caCertificates }, host)).keywords, [], host);
    }
    for (const host of bad) {
      const { status, error, found } = await verify(certificate, { caCertificates }, host);
      assert.equal(status, 'failed', host);
      assert.equal(error.code, 'CertificateRefused', host);
      assert.deepEqual(
        found.map(({ keyword }) => keyword),
        ['HostNameMismatch'],
        host,
      );
      assert.match(error.detail, /Not in the ignore list: HostNameMismatch$/, host);
    }
  });
}

/** Keys that are too small for any security level but 0. */
function weakKeys(): KeyPair {
  return { type: 'RSA', ...generateKeyPairSync('rsa', { modulusLength: 768 }) };
}

test('a key that is too small does not hide what else is wrong, and can be let pass', async () => {
  const weak = makeCertificate({ keys: weakKeys(), issuer: root, san: ['DNS:localhost'] });
  const strange = await verify(weak, {}, 'localhost', 'DEFAULT:@SECLEVEL=0');
  assert.equal(strange.status, 'failed');
  assert.deepEqual([...strange.keywords].sort(), [
    'UnableToGetLocalIssuerCertificate',
    'UnableToVerifyFirstCertificate',
    'UnspecifiedError',
  ]);
  const ignoreBits = ignoring('UnspecifiedError');
  const halfIgnored = await verify(weak, { ignoreBits }, 'localhost', 'DEFAULT:@SECLEVEL=0');
  assert.equal(halfIgnored.status, 'failed');
  assert.match(
    halfIgnored.error.detail,
    /Not in the ignore list: UnableToGetLocalIssuerCertificate, UnableToVerifyFirstCertificate$/,
  );
  const config = { ignoreBits, caCertificates };
  const accepted = await verify(weak, config, 'localhost', 'DEFAULT:@SECLEVEL=0');
  assert.equal(accepted.status, 'ok', accepted.error.detail);
  assert.deepEqual(accepted.keywords, ['UnspecifiedError']);
  assert.match(accepted.found[0]?.text ?? '', /key too weak/);
});

/** A revocation list of `issuer`'s (RFC 5280 section 5.1). */
function makeCrl(issuer: Certificate, revoked: readonly Certificate[], nextUpdate: Date): string {
  const ecdsaWithSha256 = der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'));
  const entries = revoked.map(({ cert }) => {
    const serial = Buffer.from(new X509Certificate(cert).serialNumber, 'hex');
    return der.sequence(der.integer(serial), der.time(daysFromNow(-1)));
  });
  const toBeSigned = der.sequence(
    der.integer(1), // version 2
    ecdsaWithSha256,
    issuer.name,
    der.time(daysFromNow(-2)),
    der.time(nextUpdate),
    ...(entries.length === 0 ? [] : [der.sequence(...entries)]),
  );
  const signature = sign('sha256', toBeSigned, issuer.keys.privateKey);
  const list = der.sequence(toBeSigned, ecdsaWithSha256, der.bitString(signature));
  return der.toPem('X509 CRL', list);
}

test('revocation lists: revoked, not revoked, out of date, missing', async () => {
  const leaf = makeCertificate({ issuer: root, san: ['DNS:localhost'] });
  const other = makeCertificate({ issuer: root, san: ['DNS:localhost'] });
  const crls = [makeCrl(root, [leaf], daysFromNow(1))];
  const revoked = await verify(leaf, { caCertificates, crls });
  assert.equal(revoked.status, 'failed');
  assert.deepEqual(revoked.keywords, ['CertificateRevoked']);
  assert.equal((await verify(other, { caCertificates, crls })).status, 'ok');
  const ignoreBits = ignoring('CertificateRevoked');
  const passed = await verify(leaf, { caCertificates, crls, ignoreBits });
  assert.equal(passed.status, 'ok', passed.error.detail);
  assert.deepEqual(passed.keywords, ['CertificateRevoked']);

  const old = [makeCrl(root, [], daysFromNow(-1))];
  const outOfDate = await verify(leaf, { caCertificates, crls: old });
  assert.equal(outOfDate.status, 'failed');
  assert.match(outOfDate.found[0]?.text ?? '', /CRL has expired/);

  const middle = makeCertificate({ subject: 'Middle', ca: true, issuer: root });
  const below = makeCertificate({ issuer: middle, san: ['DNS:localhost'] });
  const missing = await verify(below, { caCertificates, crls });
  assert.equal(missing.status, 'failed');
  assert.match(missing.found[0]?.text ?? '', /unable to get certificate CRL/);
});

test('pinned public keys', async () => {
  const leaf = makeCertificate({ issuer: root, san: ['DNS:localhost'] });
  const pinOf = ({ keys }: Certificate): Buffer =>
    createHash('sha256')
      .update(keys.publicKey.export({ format: 'der', type: 'spki' }))
      .digest();
  const [own, wrong] = [pinOf(leaf), pinOf(root)];
  for (const pins of [[own], [wrong, own]]) {
    assert.equal((await verify(leaf, { caCertificates, pins })).status, 'ok');
  }
  const refused = await verify(leaf, { caCertificates, pins: [wrong] });
  assert.equal(refused.status, 'failed');
  assert.deepEqual(refused.keywords, ['CertificateBlacklisted']);
  assert.equal(refused.found[0]?.code, 0);
  for (const pin of [own, wrong]) {
    assert.ok(refused.error.detail.includes(pin.toString('base64')));
  }
  const ignoreBits = ignoring('CertificateBlacklisted');
  assert.equal((await verify(leaf, { caCertificates, pins: [wrong], ignoreBits })).status, 'ok');
});

test('what is told of an error: code, depth, subject and times', async () => {
  const past = { notBefore: daysFromNow(-20), notAfter: daysFromNow(-10) };
  const middle = makeCertificate({ subject: 'Mitte Äöü', ca: true, issuer: root, ...past });
  const leaf = makeCertificate({ subject: 'Leaf, Inc.', issuer: middle, san: ['DNS:a.test'] });
  const { found, error } = await verify(leaf, { caCertificates });
  assert.deepEqual(
    found.map(({ keyword, code, depth, subject }) => [keyword, code, depth, subject]),
    [
      ['CertificateExpired', 10, 1, 'CN=Mitte Äöü'],
      ['HostNameMismatch', 62, 0, 'CN=Leaf\\, Inc.'],
    ],
  );
  assert.match(found[0]?.text ?? '', /expired on \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.match(found[1]?.text ?? '', /is for DNS:a\.test, not for 'localhost'$/);
  assert.match(error.detail, /^CertificateExpired: .* \(depth 1, CN=Mitte Äöü\); HostName/);
});

test('every error at once can be ignored, and each is told', async () => {
  const past = { notBefore: daysFromNow(-20), notAfter: daysFromNow(-10) };
  const leaf = makeCertificate({ san: ['DNS:a.test'], extendedKeyUsage: ['clientAuth'], ...past });
  const { status, found, keywords } = await verify(leaf, { ignoreBits: ignoringAll() });
  assert.equal(status, 'ok');
  assert.deepEqual([...keywords].sort(), [
    'CertificateExpired',
    'HostNameMismatch',
    'InvalidPurpose',
    'SelfSignedCertificate',
  ]);
  assert.ok(found.every(({ ignored }) => ignored));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeCertificate } from '../support/certificates';
import { configError, connect, createClient, tls, tls12, tls13 } from '../support/tls-core';
import type { TlsConfig } from '../support/tls-core';

const certificate = makeCertificate({ san: ['DNS:localhost'] });
const serving = { cert: certificate.cert, key: certificate.key };
const trusting = { caCertificates: [certificate.cert] };

/** The cipher suite and version that a connection with this configuration gets. */
async function negotiated(config: TlsConfig): Promise<[version: string, cipher: string]> {
  const target = { host: 'localhost', port: 1 };
  const { client, server } = await connect({ ...trusting, ...config }, target, serving);
  const { version, cipher } = tls.tlsInfo(client);
  server.destroy();
  return [version, cipher];
}

test('the newest version is taken, and the bounds are kept', async () => {
  assert.equal((await negotiated({}))[0], 'TLSv1.3');
  assert.equal((await negotiated({ maxVersion: tls12 }))[0], 'TLSv1.2');
  assert.equal((await negotiated({ minVersion: tls13 }))[0], 'TLSv1.3');
});

const chosen: readonly (readonly [list: string, version: string, cipher: string])[] = [
  ['TLS_AES_128_GCM_SHA256', 'TLSv1.3', 'TLS_AES_128_GCM_SHA256'],
  ['ECDHE-ECDSA-AES128-GCM-SHA256', 'TLSv1.2', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
  [
    'ECDHE-ECDSA-AES128-GCM-SHA256:TLS_CHACHA20_POLY1305_SHA256',
    'TLSv1.3',
    'TLS_CHACHA20_POLY1305_SHA256',
  ],
  ['HIGH:!aNULL', 'TLSv1.2', ''],
  ['@SECLEVEL=1', 'TLSv1.3', ''],
  ['TLS_AES_256_GCM_SHA384:@SECLEVEL=1', 'TLSv1.3', 'TLS_AES_256_GCM_SHA384'],
];

for (const [cipherSuites, version, cipher] of chosen) {
  test(`cipherSuites '${cipherSuites}' gives ${version} ${cipher}`, async () => {
    const [gotVersion, gotCipher] = await negotiated({ cipherSuites });
    assert.equal(gotVersion, version);
    if (cipher !== '') assert.equal(gotCipher, cipher);
  });
}

const refused: readonly (readonly [config: TlsConfig, detail: RegExp])[] = [
  [{ cipherSuites: 'AES-NONE' }, /^cipherSuites: this OpenSSL has no cipher suite "AES-NONE"/],
  [{ cipherSuites: 'HIGH:AES-NONE' }, /"AES-NONE"/],
  [{ cipherSuites: 'TLS_NONE' }, /"TLS_NONE"/],
  // The name that RFC 5288 gives to what OpenSSL calls AES128-GCM-SHA256.
  [{ cipherSuites: 'TLS_RSA_WITH_AES_128_GCM_SHA256' }, /OpenSSL's names are expected/],
  [{ cipherSuites: 'TLS_AES_128_GCM_SHA256:TLS_NONE' }, /"TLS_NONE"/],
  [{ cipherSuites: 'HIGH:!HIGH' }, /^cipherSuites: "HIGH:!HIGH" leaves no cipher suite/],
  [
    { cipherSuites: 'ECDHE-ECDSA-AES128-GCM-SHA256', minVersion: tls13 },
    /^cipherSuites: names suites of TLS 1\.2 alone/,
  ],
  [
    { cipherSuites: 'TLS_AES_128_GCM_SHA256', maxVersion: tls12 },
    /^cipherSuites: names suites of TLS 1\.3 alone/,
  ],
  [{ maxVersion: tls13 + 1 }, /^minTlsVersion: this OpenSSL does not have TLS 1\.2 to TLS 1\.4$/],
  [{ minVersion: tls13, maxVersion: tls12 }, /^maxTlsVersion: TLS 1\.3 at least and TLS 1\.2 at/],
];

for (const [config, detail] of refused) {
  test(`refused: ${JSON.stringify(config)}`, () => {
    const error = configError(config);
    assert.equal(error.code, 'InvalidOption');
    assert.match(error.detail, detail);
  });
}

test('suites that the security level leaves none of', () => {
  const cipherSuites = 'TLS_AES_128_GCM_SHA256:@SECLEVEL=4';
  const client = createClient({ cipherSuites }, { host: 'localhost', port: 1 });
  assert.equal(tls.tlsHandshake(client), 'failed');
  assert.deepEqual(tls.tlsError(client), {
    code: 'TlsHandshakeFailed',
    detail: 'no cipher suite is left for the versions offered: TLS 1.3 alone',
  });
});

test('trusted certificates: none, broken ones, several in one text', async () => {
  const broken = certificate.cert.replace(/\n.{20}/, '\n!!!!');
  for (const [pem, detail] of [
    ['', /^caCertificates: expected PEM/],
    ['nothing', /^caCertificates: expected PEM/],
    [certificate.cert + broken, /^caCertificates: PEM CERTIFICATE number 2 cannot be read/],
  ] as const) {
    const error = configError({ caCertificates: [pem] });
    assert.equal(error.code, 'InvalidOption');
    assert.match(error.detail, detail);
  }
  assert.match(configError({ crls: ['none'] }).detail, /^certificateRevocationLists: .*X509 CRL/);
  const others = makeCertificate({ subject: 'Other' }).cert;
  await negotiated({ caCertificates: [`${others}text between\n${certificate.cert}and behind`] });
});

// A client certificate or key that cannot be used is an argument error which says what to do.
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { test } from 'node:test';
import { makeCertificate } from '../support/certificates';
import type { KeyType } from '../support/certificates';
import { MemoryServer, configError, createClient, keyAlgorithms, tls } from '../support/tls-core';
import type { TlsConfig } from '../support/tls-core';

const target = { host: 'localhost', port: 1 };
const types: readonly KeyType[] = ['RSA', 'DSA', 'EC', 'ED25519', 'ED448'];
const certificates = new Map(types.map((type) => [type, makeCertificate({ keyType: type })]));

function configOf(type: KeyType, changes: TlsConfig = {}): TlsConfig {
  const own = certificates.get(type);
  assert.ok(own !== undefined);
  const algorithm = keyAlgorithms.indexOf(type);
  return { certificate: own.chain, key: own.key, algorithm, ...changes };
}

function assertRefused(config: TlsConfig, detail: RegExp): void {
  const error = configError(config);
  assert.equal(error.code, 'InvalidOption');
  assert.match(error.detail, detail);
}

/** The EC key of `configOf('EC')` in another PEM. */
function encoded(
  type: 'pkcs8' | 'sec1',
  encryption: { cipher?: string; passphrase?: string } = {},
): string {
  const key = createPrivateKey(configOf('EC').key ?? '');
  return key.export({ format: 'pem', type, ...encryption }) as string;
}

for (const type of types) {
  test(`a key of ${type} is taken for what it is and for nothing else`, () => {
    createClient(configOf(type), target);
    for (const other of types.filter((name) => name !== type)) {
      const config = configOf(type, { algorithm: keyAlgorithms.indexOf(other) });
      assertRefused(config, new RegExp(`privateKey.key: .* ${other}, .* ${type}; .* '${type}'$`));
    }
  });
}

test('a key that belongs to another certificate', () => {
  for (const [type, other] of [
    ['EC', makeCertificate({ keyType: 'EC' })],
    ['RSA', certificates.get('EC')],
  ] as const) {
    const config = configOf(type, { certificate: other?.cert ?? '' });
    assertRefused(config, /privateKey\.key: .*does not belong to the first certificate/);
  }
});

test('a certificate or a key alone, or none in what should be one', () => {
  assertRefused({ certificate: configOf('EC').certificate ?? '' }, /privateKey\.key: missing/);
  assertRefused({ key: configOf('EC').key ?? '' }, /localCertificate: missing/);
  const text = 'not PEM at all';
  assertRefused(configOf('EC', { certificate: text }), /localCertificate: .*BEGIN CERTIFICATE/);
  assertRefused(configOf('EC', { key: text }), /privateKey\.key: .*BEGIN PRIVATE KEY/);
});

test('PEM that is broken', () => {
  const breakIt = (pem: string): string => pem.replace(/\n.{20}/, '\n!!!!');
  const { certificate = '', key = '' } = configOf('EC');
  assertRefused(
    configOf('EC', { certificate: breakIt(certificate) }),
    /localCertificate: PEM CERTIFICATE number 1 cannot be read/,
  );
  assertRefused(
    configOf('EC', { certificate: certificate + breakIt(certificate) }),
    /localCertificate: PEM CERTIFICATE number 2 cannot be read/,
  );
  assertRefused(configOf('EC', { key: breakIt(key) }), /privateKey\.key: .*cannot be read/);
  const cut = certificate.slice(0, certificate.length / 2);
  assertRefused(configOf('EC', { certificate: cut }), /localCertificate: .*cannot be read/);
});

for (const [form, key] of [
  ['PKCS #8', encoded('pkcs8', { cipher: 'aes-256-cbc', passphrase: 'sesame' })],
  ['SEC1', encoded('sec1', { cipher: 'aes-256-cbc', passphrase: 'sesame' })],
] as const) {
  test(`an encrypted key (${form}): right, wrong, empty, overlong and missing passphrase`, () => {
    createClient(configOf('EC', { key, passphrase: 'sesame' }), target);
    for (const passphrase of ['wrong', '', 'x'.repeat(5000)]) {
      assertRefused(configOf('EC', { key, passphrase }), /^passphrase: does not open/);
    }
    assertRefused(configOf('EC', { key }), /^passphrase: missing/);
  });
}

/** A P-256 key under AES-256-CBC, whose passphrase is "sesame", in both forms. */
const encryptedKeys = {
  SEC1: `-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-256-CBC,9700FA393BC57F55EEFA8E78E804BA36

xrDeSwkKdBY+9o94EQe1TtLwalhmZ9efCAWbzOuaBuGtsgI7Q+21akiZQteAyNh6
HoQPyjuYbywNrACse9K/2+Z7YhZUFfvvshMHA8//x+BTxv5VMcendymzzI1iGWll
0k3+STBIRJpHoW2QO73MkasERfsatL6+l4yRW7/hfEM=
-----END EC PRIVATE KEY-----
`,
  'PKCS #8': `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgGgG6GJTslfQICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEGzfMvCvmNwAndq83z2JESoEgZD1
TJe8ou7KS+SZIlpTtJr20/IhNKAwI5lYC6I+f9bxWbkhgobD8BQkmQxWG3IuVDL0
gZRd70UMnnSGwHkqJJPD4GTa0mKreEotkShNZ5kFTU8C8IMyLv8nl4XZzLm3+7h0
lqCd8smujkHti7S7qPSxo3+XHnyFmefVRdc+zmh+ERlr7k8TAGBV+c0gEimKM9A=
-----END ENCRYPTED PRIVATE KEY-----
`,
};

test('a wrong passphrase whose result ends like padding is a wrong passphrase', () => {
  for (const [form, passphrase] of [
    ['SEC1', 'wrong 27'],
    ['PKCS #8', 'wrong 221'],
  ] as const) {
    const key = encryptedKeys[form];
    assertRefused(configOf('EC', { key, passphrase }), /^passphrase: does not open/);
    assertRefused(configOf('EC', { key, passphrase: 'sesame' }), /does not belong|match/);
  }
});

/** A P-256 key under PBE-SHA1-RC2-40, as `openssl pkcs8 -v1` wrote them for long. */
const legacyKey = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGxMBwGCiqGSIb3DQEMAQYwDgQIEYj3OqC7pvICAggABIGQdEM5NDZKU96h7wfi
dxRDPR6PApsRqe1axQJ5aMFWGUt57AUoxiA6NkZMc91PcNtOHuwHOEA1W4lqvIBS
9rZO94V0PmNQyPVwZmicnm8IEOpGHPf5V7a0ufkjxgLiOyMSmnL8yuc5F38zo7O6
VK0VGP6ToblY/LNL7S9Wqx9cNcfZ4rpfn0Z12LdAENIWSw7N
-----END ENCRYPTED PRIVATE KEY-----
`;

test('a key that needs the legacy provider says so', () => {
  assertRefused(
    configOf('EC', { key: legacyKey, passphrase: 'sesame' }),
    /^sslConfig\.privateKey\.key: is encrypted .*RC2.*openssl pkey -provider legacy.*--openssl-legacy/,
  );
});

test('SEC1, a passphrase that is not needed, and text around the PEM', () => {
  createClient(configOf('EC', { key: encoded('sec1') }), target);
  const { certificate = '', key = '' } = configOf('EC', { passphrase: 'not needed' });
  const around = (pem: string): string => `Bag Attributes\r\n  a: b\n${pem}\nend\n`;
  createClient(configOf('EC', { certificate: around(certificate), key: around(key) }), target);
});

test('the certificate and its chain are what the server gets', async () => {
  const root = makeCertificate({ subject: 'Root', ca: true });
  const middle = makeCertificate({ subject: 'Middle', ca: true, issuer: root });
  const own = makeCertificate({ subject: 'Own', issuer: middle });
  const server = new MemoryServer({
    cert: root.cert,
    key: root.key,
    ca: root.cert,
    requestCert: true,
    rejectUnauthorized: true,
  });
  const client = createClient(
    { certificate: own.chain, key: own.key, algorithm: 2, ignoreBits: 0x1ffffff },
    target,
  );
  let status = tls.tlsHandshake(client);
  while (status === 'wantRead') {
    server.give(tls.tlsTakeOutput(client));
    tls.tlsSetInput(client, await server.take());
    status = tls.tlsHandshake(client);
  }
  const secured = new Promise((resolve) => server.socket.once('secure', resolve));
  server.give(tls.tlsTakeOutput(client));
  await secured;
  assert.equal(server.socket.getPeerCertificate().subject.CN, 'Own');
  assert.equal(server.socket.getPeerCertificate(true).issuerCertificate.subject.CN, 'Middle');
});

test('a certificate whose key is too weak for the security level', () => {
  // Level 3 asks for 128 bits of security; RSA has 112 of them with 2048 bits of modulus.
  createClient(configOf('RSA', { cipherSuites: '@SECLEVEL=2' }), target);
  assertRefused(
    configOf('RSA', { cipherSuites: '@SECLEVEL=3' }),
    /^sslConfig\.localCertificate: .* at security level 3 \(ee key too small\); '@SECLEVEL=n' in/,
  );
});

test('PKCS #12 that is none, and both ways at once', () => {
  assertRefused({ pkcs12: Buffer.from('none') }, /^sslConfig\.pkcs12: not a PKCS #12/);
  assertRefused(configOf('EC', { pkcs12: Buffer.from('x') }), /^sslConfig\.pkcs12: .*only/);
});

// Configurations do not mix: whatever one connection has let pass, another with other options judges
// for itself, in whatever order they come and whatever sessions are there to be resumed.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { OpenOptions, SslErrorKeyword } from 'wsfd';
import { makeCertificate, makeRevocationList, withTrust } from '../../support/certificates';
import type { Certificate } from '../../support/certificates';
import { startWsServer } from '../../support/servers';
import type { WsServer } from '../../support/servers';
import { openAndEcho, openRefused, openRefusedFor } from '../../support/tls-client';

const root = makeCertificate({ subject: 'Test Root', ca: true });
const otherRoot = makeCertificate({ subject: 'Other Root', ca: true });
const leaf = makeCertificate({ issuer: root, san: ['DNS:localhost'] });

const pinOf = ({ keys }: Certificate): string =>
  createHash('sha256')
    .update(keys.publicKey.export({ format: 'der', type: 'spki' }))
    .digest('base64');

const caCertificates = root.cert;
const unknownIssuer = [
  'UnableToGetLocalIssuerCertificate',
  'UnableToVerifyFirstCertificate',
] as const;

/** Options that let the server pass, others that do not, and why they do not. */
const pairs: readonly {
  name: string;
  lax: OpenOptions;
  strict: OpenOptions;
  keywords: readonly SslErrorKeyword[];
}[] = [
  {
    name: 'everything ignored',
    lax: { ignoreSslErrors: true },
    strict: {},
    keywords: unknownIssuer,
  },
  {
    name: 'ignore lists',
    lax: { ignoreSslErrors: unknownIssuer },
    strict: { ignoreSslErrors: [unknownIssuer[0]] },
    keywords: unknownIssuer,
  },
  {
    name: 'CA lists',
    lax: { caCertificates: [otherRoot.cert, root.cert] },
    strict: { caCertificates: [otherRoot.cert] },
    keywords: unknownIssuer,
  },
  {
    name: 'CA lists beside the default roots',
    lax: { caCertificates: root.cert, addDefaultCaCertificates: true },
    strict: { caCertificates: otherRoot.cert, addDefaultCaCertificates: true },
    keywords: unknownIssuer,
  },
  {
    name: 'trust settings of a CA',
    lax: { caCertificates: withTrust(root, ['serverAuth']) },
    strict: { caCertificates: withTrust(root, ['clientAuth']) },
    keywords: ['CertificateRejected', 'InvalidPurpose', 'SelfSignedCertificateInChain'],
  },
  {
    name: 'no pin and a pin',
    lax: { caCertificates },
    strict: { caCertificates, pinnedPublicKeys: pinOf(root) },
    keywords: ['CertificateBlacklisted'],
  },
  {
    name: 'pins',
    lax: { caCertificates, pinnedPublicKeys: [pinOf(root), pinOf(leaf)] },
    strict: { caCertificates, pinnedPublicKeys: pinOf(root) },
    keywords: ['CertificateBlacklisted'],
  },
  {
    name: 'no revocation list and one',
    lax: { caCertificates },
    strict: { caCertificates, certificateRevocationLists: makeRevocationList(root, [leaf]) },
    keywords: ['CertificateRevoked'],
  },
  {
    name: 'revocation lists',
    lax: { caCertificates, certificateRevocationLists: makeRevocationList(root, []) },
    strict: { caCertificates, certificateRevocationLists: makeRevocationList(root, [leaf]) },
    keywords: ['CertificateRevoked'],
  },
  {
    name: 'server names',
    lax: { caCertificates },
    strict: { caCertificates, serverName: 'elsewhere.test' },
    keywords: ['HostNameMismatch'],
  },
];

async function startServer(version: 'TLSv1.2' | 'TLSv1.3'): Promise<WsServer> {
  const range = { minVersion: version, maxVersion: version };
  return startWsServer({ tls: { cert: leaf.cert, key: leaf.key, ...range } });
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  for (const { name, lax, strict, keywords } of pairs) {
    const accepted = async (server: WsServer, resumed: boolean): Promise<void> => {
      const info = await openAndEcho(server.url, lax);
      assert.equal(info.tls?.resumed, resumed);
      assert.equal((await server.tls.handshakes.next()).resumed, resumed);
    };
    const refused = async (server: WsServer): Promise<void> => {
      const before = server.tls.handshakes.all.length;
      await openRefusedFor(keywords, server.url, strict);
      assert.equal(server.tls.handshakes.all.length, before);
    };

    test(`${version}, ${name}: lax first`, async (t) => {
      const server = await startServer(version);
      t.after(() => server.close());
      await accepted(server, false);
      await refused(server);
      // What was refused has not cost the others their session, and the other way round.
      await accepted(server, true);
      await refused(server);
    });

    test(`${version}, ${name}: strict first`, async (t) => {
      const server = await startServer(version);
      t.after(() => server.close());
      await refused(server);
      await accepted(server, false);
      await refused(server);
    });
  }

  test(`${version}: versions and cipher suites that differ are not resumed across`, async (t) => {
    const server = await startServer(version);
    t.after(() => server.close());
    const suite =
      version === 'TLSv1.3' ? 'TLS_CHACHA20_POLY1305_SHA256' : 'ECDHE-ECDSA-AES128-GCM-SHA256';
    await openAndEcho(server.url, { caCertificates });
    const other = await openAndEcho(server.url, { caCertificates, cipherSuites: suite });
    assert.equal(other.tls?.resumed, false);
    const bounded = await openAndEcho(server.url, { caCertificates, minTlsVersion: version });
    assert.equal(bounded.tls?.resumed, false);
    const refusedBefore = server.tls.handshakes.all.length;
    const unmet: OpenOptions =
      version === 'TLSv1.3' ? { maxTlsVersion: 'TLSv1.2' } : { minTlsVersion: 'TLSv1.3' };
    const error = await openRefused(server.url, { caCertificates, ...unmet });
    assert.equal(error.code, 'WSFD_TLS_HANDSHAKE_FAILED');
    assert.equal(server.tls.handshakes.all.length, refusedBefore);
  });
}

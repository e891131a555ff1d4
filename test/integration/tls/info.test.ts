// What webSocketInfo tells of TLS, compared with what Node itself says of the same connection.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import type { TlsOptions } from 'node:tls';
import type { PeerCertificate, WebSocketTlsInfo } from 'wsfd';
import { daysFromNow, makeCertificate } from '../../support/certificates';
import type { Certificate } from '../../support/certificates';
import { startWsServer } from '../../support/servers';
import type { WsServer } from '../../support/servers';
import { openAndEcho } from '../../support/tls-client';

const root = makeCertificate({ subject: 'Test Root', ca: true });
const intermediate = makeCertificate({ subject: 'Prüf Mitte', ca: true, issuer: root });
const leaf = makeCertificate({
  subject: 'Plant, North',
  issuer: intermediate,
  san: ['DNS:localhost', 'DNS:*.plant.test', 'IP:127.0.0.1', 'IP:fe80::1', 'URI:urn:x'],
});

async function serve(
  t: { after: (done: () => Promise<void>) => void },
  options: TlsOptions = {},
): Promise<WsServer> {
  const server = await startWsServer({ tls: { cert: leaf.chain, key: leaf.key, ...options } });
  t.after(() => server.close());
  return server;
}

/** What is told of a certificate, as Node's X509Certificate has it. */
function expectedOf({ cert }: Certificate, subject: string, issuer: string): PeerCertificate {
  const x509 = new X509Certificate(cert);
  const iso = (date: string): string => new Date(date).toISOString().replace('.000Z', 'Z');
  return {
    subject,
    issuer,
    subjectAltNames: x509.subjectAltName ?? '',
    validFrom: iso(x509.validFrom),
    validTo: iso(x509.validTo),
    serialNumber: x509.serialNumber,
    fingerprint256: x509.fingerprint256,
    keyType: x509.publicKey.asymmetricKeyType ?? '',
    keyBits: 256,
    pem: cert,
  };
}

const chain = [
  expectedOf(leaf, 'CN=Plant\\, North', 'CN=Prüf Mitte'),
  expectedOf(intermediate, 'CN=Prüf Mitte', 'CN=Test Root'),
];

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${version}: all that is known, of a first connection and of a resumed one`, async (t) => {
    const range = { minVersion: version, maxVersion: version };
    const server = await serve(t, { ...range, ecdhCurve: 'P-384' });
    const infos: (WebSocketTlsInfo | undefined)[] = [];
    for (const resumed of [false, true]) {
      const { tls } = await openAndEcho(server.url, { caCertificates: root.cert });
      infos.push(tls);
      const { socket } = await server.tls.handshakes.next();
      assert.deepEqual(tls, {
        version,
        cipher: socket.getCipher().standardName,
        // A resumed session of TLS 1.2 exchanges no keys.
        group: resumed && version === 'TLSv1.2' ? tls?.group : 'secp384r1',
        alpn: 'http/1.1',
        serverName: 'localhost',
        resumed,
        peerCertificate: chain[0],
        chain,
        ignoredErrors: [],
      });
    }
  });
}

test('errors that were ignored: each with its depth and subject', async (t) => {
  const past = { notBefore: daysFromNow(-20), notAfter: daysFromNow(-10) };
  const oldRoot = makeCertificate({ subject: 'Old Root', ca: true, ...past });
  const old = makeCertificate({ subject: 'Old', issuer: oldRoot, san: ['DNS:x.test'], ...past });
  const server = await serve(t, { cert: old.fullChain, key: old.key });
  for (const resumed of [false, true]) {
    const { tls } = await openAndEcho(server.url, { ignoreSslErrors: true });
    assert.equal(tls?.resumed, resumed);
    const ignored = [...tls.ignoredErrors].sort(
      (a, b) => a.keyword.localeCompare(b.keyword) || a.depth - b.depth,
    );
    assert.deepEqual(
      ignored.map(({ text, ...rest }) => ({ ...rest, text: text.length > 0 })),
      [
        { keyword: 'CertificateExpired', code: 10, depth: 0, subject: 'CN=Old' },
        { keyword: 'CertificateExpired', code: 10, depth: 1, subject: 'CN=Old Root' },
        { keyword: 'HostNameMismatch', code: 62, depth: 0, subject: 'CN=Old' },
        { keyword: 'SelfSignedCertificateInChain', code: 19, depth: 1, subject: 'CN=Old Root' },
      ].map((error) => ({ ...error, ignored: true, text: true })),
    );
    assert.deepEqual(
      tls.chain.map(({ subject }) => subject),
      ['CN=Old', 'CN=Old Root'],
    );
  }
});

test('a server without ALPN, an address instead of a name', async (t) => {
  const server = await serve(t, { ALPNProtocols: [] });
  const { tls } = await openAndEcho(`wss://127.0.0.1:${server.port}/`, {
    caCertificates: root.cert,
  });
  assert.equal(tls?.serverName, '');
});

test('a connection without TLS has none', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  assert.equal((await openAndEcho(server.url)).tls, undefined);
});

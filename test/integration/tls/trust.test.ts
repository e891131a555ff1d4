// Which roots are trusted, and that an acceptance stays with the connection that it was made for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { OpenOptions } from 'wsfd';
import { daysFromNow, makeCertificate } from '../../support/certificates';
import type { CertificateOptions } from '../../support/certificates';
import { startWsServer, urlOf } from '../../support/servers';
import type { WsServer } from '../../support/servers';
import {
  ignoredKeywords,
  openAndEcho,
  openRefused,
  openRefusedFor,
} from '../../support/tls-client';

const root = makeCertificate({ subject: 'Test Root', ca: true });
const otherRoot = makeCertificate({ subject: 'Other Root', ca: true });
const unknownIssuer = [
  'UnableToGetLocalIssuerCertificate',
  'UnableToVerifyFirstCertificate',
] as const;
const versions = ['TLSv1.2', 'TLSv1.3'] as const;

async function serve(
  t: TestContext,
  options: CertificateOptions = {},
  version?: (typeof versions)[number],
): Promise<WsServer> {
  const { cert, key } = makeCertificate({ issuer: root, san: ['DNS:localhost'], ...options });
  const range = version === undefined ? {} : { minVersion: version, maxVersion: version };
  const server = await startWsServer({ tls: { cert, key, ...range } });
  t.after(() => server.close());
  return server;
}

test('caCertificates takes a string, a list, and several certificates in one string', async (t) => {
  const server = await serve(t);
  const both = otherRoot.cert + root.cert;
  for (const caCertificates of [
    root.cert,
    [root.cert],
    [otherRoot.cert, root.cert],
    both,
    [both],
  ]) {
    await openAndEcho(server.url, { caCertificates });
  }
  await openRefusedFor(unknownIssuer, server.url, { caCertificates: otherRoot.cert });
  await openRefusedFor(unknownIssuer, server.url);
});

test('a self-signed certificate that is itself trusted', async (t) => {
  const self = makeCertificate({ san: ['DNS:localhost'] });
  const server = await startWsServer({ tls: { cert: self.cert, key: self.key } });
  t.after(() => server.close());
  await openAndEcho(server.url, { caCertificates: self.cert });
});

for (const [title, value] of [
  ['text that is no PEM', 'trust me'],
  ['half a certificate', root.cert.slice(0, 200)],
  ['a private key', root.key],
  ['an empty string', ''],
  ['a list with a number', [7]],
  ['true', true],
] as const) {
  test(`caCertificates must not be ${title}`, async () => {
    // Port 1 is never reached.
    const options = { caCertificates: value } as unknown as OpenOptions;
    const error = await openRefused(urlOf(1, true), options);
    assert.equal(error.code, 'WSFD_INVALID_OPTION');
    assert.match(error.message, /caCertificates/);
  });
}

for (const version of versions) {
  test(`${version}: a strict connection after lax ones is still refused`, async (t) => {
    const server = await serve(t, {}, version);
    for (let round = 0; round < 3; round += 1) {
      const info = await openAndEcho(server.url, { ignoreSslErrors: true });
      assert.deepEqual(ignoredKeywords(info), unknownIssuer);
      await openRefusedFor(unknownIssuer, server.url);
      await openRefusedFor(unknownIssuer, server.url, { ignoreSslErrors: [unknownIssuer[0]] });
      await openAndEcho(server.url, { ignoreSslErrors: unknownIssuer });
    }
  });

  test(`${version}: strict and lax connections at the same time`, async (t) => {
    const server = await serve(
      t,
      { notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) },
      version,
    );
    const keywords = ['CertificateExpired', ...unknownIssuer] as const;
    const lax = (): Promise<unknown> => openAndEcho(server.url, { ignoreSslErrors: keywords });
    const strict = (): Promise<unknown> => openRefusedFor(keywords, server.url);
    const partly = (): Promise<unknown> =>
      openRefusedFor(keywords, server.url, { ignoreSslErrors: ['CertificateExpired'] });
    const kinds = [lax, strict, partly, strict, lax, lax, partly];
    await Promise.all(Array.from({ length: 4 }, () => kinds.map((start) => start())).flat());
  });

  test(`${version}: a resumed session still shows what was ignored`, async (t) => {
    const server = await serve(t, {}, version);
    const options: OpenOptions = { ignoreSslErrors: unknownIssuer };
    const first = await openAndEcho(server.url, options);
    const second = await openAndEcho(server.url, options);
    assert.equal((await server.tls.handshakes.next()).resumed, false);
    assert.equal((await server.tls.handshakes.next()).resumed, true);
    assert.deepEqual(ignoredKeywords(first), unknownIssuer);
    assert.deepEqual(ignoredKeywords(second), unknownIssuer);
  });

  test(`${version}: a session of one name is not one of another`, async (t) => {
    const server = await serve(t, { san: ['DNS:localhost'] }, version);
    const caCertificates = root.cert;
    const byAddress = urlOf(server.port, true, '127.0.0.1');
    await openAndEcho(server.url, { caCertificates });
    await openRefusedFor(['HostNameMismatch'], byAddress, { caCertificates });
    await openRefusedFor(['HostNameMismatch'], byAddress, {
      caCertificates,
      serverName: 'elsewhere.test',
    });
    await openAndEcho(server.url, { caCertificates });
  });

  test(`${version}: a session under one root is not one under another`, async (t) => {
    const server = await serve(t, {}, version);
    await openAndEcho(server.url, { caCertificates: root.cert });
    await openRefusedFor(unknownIssuer, server.url, { caCertificates: otherRoot.cert });
    await openRefusedFor(unknownIssuer, server.url);
    await openAndEcho(server.url, { caCertificates: [otherRoot.cert, root.cert] });
  });

  test(`${version}: a client certificate is not carried to a connection without one`, async (t) => {
    const { cert, key } = makeCertificate({ issuer: root, san: ['DNS:localhost'] });
    const client = makeCertificate({ subject: 'Test Client' });
    const server = await startWsServer({
      tls: {
        cert,
        key,
        requestCert: true,
        rejectUnauthorized: false,
        minVersion: version,
        maxVersion: version,
      },
    });
    t.after(() => server.close());
    const caCertificates = root.cert;
    const sslConfig: OpenOptions['sslConfig'] = {
      localCertificate: client.cert,
      privateKey: { key: client.key, algorithm: 'EC' },
    };
    await openAndEcho(server.url, { caCertificates, sslConfig });
    await openAndEcho(server.url, { caCertificates });
    const [first, second] = server.tls.handshakes.all;
    assert.equal(first?.clientCertificate?.subject.CN, 'Test Client');
    assert.equal(second?.clientCertificate, undefined);
  });
}

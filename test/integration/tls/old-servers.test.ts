// Old servers: what has to be asked for to reach them, and that without it they are refused with a
// reason.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { TlsOptions } from 'node:tls';
import type { OpenOptions } from 'wsfd';
import { makeCertificate } from '../../support/certificates';
import { without, runProgram } from '../../support/programs';
import { startWsServer } from '../../support/servers';
import type { WsServer } from '../../support/servers';
import { openAndEcho, openRefused } from '../../support/tls-client';

const certificate = makeCertificate({ keyType: 'RSA', san: ['DNS:localhost', 'IP:127.0.0.1'] });
const { cert, key } = certificate;
const trusting: OpenOptions = { caCertificates: cert };

async function serve(t: TestContext, options: TlsOptions): Promise<WsServer> {
  const server = await startWsServer({ tls: { cert, key, ...options } });
  t.after(() => server.close());
  return server;
}

for (const version of ['TLSv1', 'TLSv1.1'] as const) {
  const old: TlsOptions = {
    ...{ minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' },
  };
  const lax: OpenOptions = { ...trusting, cipherSuites: '@SECLEVEL=0' };

  test(`a server of ${version} alone is reached with minTlsVersion and security level 0`, async (t) => {
    const server = await serve(t, old);
    const { tls } = await openAndEcho(server.url, { ...lax, minTlsVersion: version });
    assert.equal(tls?.version, version);
    const only: OpenOptions = { ...lax, minTlsVersion: version, maxTlsVersion: version };
    assert.equal((await openAndEcho(server.url, only)).tls?.version, version);
  });

  test(`a server of ${version} alone is refused by default, and without the level`, async (t) => {
    const server = await serve(t, old);
    const byDefault = await openRefused(server.url, trusting);
    assert.equal(byDefault.code, 'WSFD_TLS_HANDSHAKE_FAILED');
    assert.match(byDefault.message, /TLS 1\.2 to TLS 1\.3 offered/);
    const level = await openRefused(server.url, {
      ...{ ...trusting, minTlsVersion: version, cipherSuites: 'DEFAULT:@SECLEVEL=1' },
    });
    assert.equal(level.code, 'WSFD_TLS_HANDSHAKE_FAILED');
    assert.match(level.message, /TLS 1\.0 and 1\.1 take '@SECLEVEL=0' in cipherSuites/);
  });

  test(`minTlsVersion ${version} takes the newest version all the same`, async (t) => {
    const server = await serve(t, {});
    const { tls } = await openAndEcho(server.url, { ...lax, minTlsVersion: version });
    assert.equal(tls?.version, 'TLSv1.3');
  });
}

test('keyExchangeGroups reaches a server with a group that is not offered by default', async (t) => {
  const server = await serve(t, { ecdhCurve: 'brainpoolP256r1', maxVersion: 'TLSv1.2' });
  const ecdhe = { ...trusting, cipherSuites: 'ECDHE-RSA-AES128-GCM-SHA256' };
  const error = await openRefused(server.url, ecdhe);
  assert.equal(error.code, 'WSFD_TLS_HANDSHAKE_FAILED');
  for (const keyExchangeGroups of ['brainpoolP256r1', 'X25519:P-256:brainpoolP256r1']) {
    const { tls } = await openAndEcho(server.url, { ...ecdhe, keyExchangeGroups });
    assert.equal(tls?.group, 'brainpoolP256r1');
  }
});

test('keyExchangeGroups decides which group is taken', async (t) => {
  const server = await serve(t, { ecdhCurve: 'P-521:P-384:P-256:X25519' });
  for (const [keyExchangeGroups, group] of [
    ['P-384', 'secp384r1'],
    ['P-521', 'secp521r1'],
    ['X25519', 'x25519'],
  ] as const) {
    const { tls } = await openAndEcho(server.url, { ...trusting, keyExchangeGroups });
    assert.equal(tls?.group, group);
  }
});

/** GnuTLS's server, which can leave RFC 5746 out; it speaks HTTP and no WebSocket. */
const withoutSecureRenegotiation = 'NORMAL:-VERS-TLS1.3:%DISABLE_SAFE_RENEGOTIATION';

const skip = without('gnutls-serv');
test('legacyServerConnect reaches a server without secure renegotiation', { skip }, async (t) => {
  const server = await runProgram((port, folder) => {
    const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key);
    return [
      ...['gnutls-serv', '--port', String(port), '--http', '--disable-client-cert', '--quiet'],
      ...['--x509certfile', certFile, '--x509keyfile', keyFile],
      ...['--priority', withoutSecureRenegotiation],
    ];
  });
  t.after(() => server.close());
  const url = `wss://${server.url}/`;
  for (const options of [trusting, { ...trusting, legacyServerConnect: false }]) {
    const refused = await openRefused(url, options);
    assert.equal(refused.code, 'WSFD_TLS_HANDSHAKE_FAILED');
    assert.match(refused.message, /RFC 5746.*legacyServerConnect: true/);
  }
  const answered = await openRefused(url, { ...trusting, legacyServerConnect: true });
  assert.equal(answered.code, 'WSFD_HANDSHAKE_REFUSED', answered.message);
  assert.equal(answered.httpStatus, 200);
});

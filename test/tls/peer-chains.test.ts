// Connections to the same server share what OpenSSL makes of its certificates.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeCertificate } from '../support/certificates';
import { connect, tls, tls12, tls13 } from '../support/tls-core';
import type { TlsConfig, TlsConnection } from '../support/tls-core';

const root = makeCertificate({ subject: 'Test Root', ca: true });
const intermediate = makeCertificate({ subject: 'Intermediate', ca: true, issuer: root });
const san = ['DNS:localhost'];
const leaf = makeCertificate({ issuer: intermediate, san });
const trusting = { caCertificates: [root.cert] };

let port = 2000;
/** A full handshake: under a number of its own no session is known. */
const meet = (config: TlsConfig, { key, chain }: { key: string; chain: string }) =>
  connect(
    config,
    { host: 'localhost', port: port++, serverName: 'localhost' },
    { key, cert: chain },
  );

const chainOf = ({ client }: TlsConnection): string[] =>
  tls.tlsInfo(client).chain.map(({ pem }) => pem);

for (const [name, version] of [
  ['TLSv1.2', tls12],
  ['TLSv1.3', tls13],
] as const) {
  test(`${name}: the whole chain, and all is told of it`, async () => {
    const config = { ...trusting, minVersion: version, maxVersion: version };
    const [first, second] = [await meet(config, leaf), await meet(config, leaf)];
    assert.equal(tls.tlsSharesCertificates(first.client, second.client), true);
    for (const connection of [first, second]) {
      assert.deepEqual(chainOf(connection), [leaf.cert, intermediate.cert]);
    }
    // The objects are still those of the first one once that is gone.
    tls.tlsDestroy(first.client);
    const third = await meet(config, leaf);
    assert.equal(tls.tlsSharesCertificates(second.client, third.client), true);
    assert.deepEqual(chainOf(third), [leaf.cert, intermediate.cert]);
  });
}

test('another certificate, and the same one with another chain behind it, are told apart', async () => {
  const other = makeCertificate({ issuer: intermediate, san });
  const [first, second] = [await meet(trusting, leaf), await meet(trusting, other)];
  assert.equal(tls.tlsSharesCertificates(first.client, second.client), false);
  assert.deepEqual(chainOf(second), [other.cert, intermediate.cert]);
  const longer = await meet(trusting, { key: leaf.key, chain: leaf.chain + root.cert });
  assert.deepEqual(chainOf(longer), [leaf.cert, intermediate.cert, root.cert]);
  assert.deepEqual(chainOf(first), [leaf.cert, intermediate.cert]);
});

test('each connection verifies for itself: an equal chain that must not pass does not', async () => {
  const kept = await meet(trusting, leaf);
  const target = { host: 'elsewhere.test', port: 1, serverName: 'elsewhere.test' };
  await assert.rejects(
    connect(trusting, target, { key: leaf.key, cert: leaf.chain }),
    /HostNameMismatch/,
  );
  assert.deepEqual(chainOf(kept), [leaf.cert, intermediate.cert]);
});

test('what no connection holds any more is forgotten', async () => {
  // A context of its own.
  const config = { ...trusting, pins: [], cipherSuites: 'TLS_AES_128_GCM_SHA256' };
  const servers = Array.from({ length: 20 }, () => makeCertificate({ issuer: intermediate, san }));
  for (let round = 0; round < 3; round += 1) {
    for (const server of servers.slice(round)) {
      tls.tlsDestroy((await meet(config, server)).client);
    }
  }
  assert.ok(tls.tlsKnownChains(config) <= 16, `${tls.tlsKnownChains(config)} chains`);
});

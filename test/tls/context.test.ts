// One context for equal configurations, kept while it is in use and for a while after: with it go
// the sessions that can be resumed, by which it is known again here.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { makeCertificate, makeRevocationList } from '../support/certificates';
import { connect, createClient, readAll, tls } from '../support/tls-core';
import type { TlsConfig, TlsConnection, TlsTarget } from '../support/tls-core';

const root = makeCertificate({ subject: 'Root', ca: true });
const leaf = makeCertificate({ issuer: root, san: ['DNS:localhost'] });
const other = makeCertificate({ subject: 'Other', ca: true });
const config: TlsConfig = { caCertificates: [root.cert] };
const serving = { secureContext: createSecureContext({ cert: leaf.cert, key: leaf.key }) };

let port = 1;
const freshTarget = (): TlsTarget => ({ host: 'localhost', port: port++, serverName: 'localhost' });

/** Connects, and reads a message so that tickets have come. */
async function meet(own: TlsConfig, target: TlsTarget): Promise<TlsConnection> {
  const connection = await connect(own, target, serving);
  connection.server.socket.write('x');
  await readAll(connection.client, connection.server, 1);
  return connection;
}

function end({ client, server }: TlsConnection): void {
  tls.tlsDestroy(client);
  server.destroy();
}

/** Whether a connection gets the context of an earlier one to this target. */
async function finds(own: TlsConfig, target: TlsTarget): Promise<boolean> {
  const connection = await meet(own, target);
  const { resumed } = tls.tlsInfo(connection.client);
  end(connection);
  return resumed;
}

/** Uses `count` contexts that no other test does. */
function useOthers(count: number): void {
  for (let i = 0; i < count; i++) {
    const client = createClient({ passphrase: `${port} ${i}` }, freshTarget());
    tls.tlsDestroy(client);
  }
}

test('a context is kept for a while, but not for ever', async () => {
  const target = freshTarget();
  end(await meet(config, target));
  useOthers(31);
  assert.equal(await finds(config, target), true);
  useOthers(32);
  assert.equal(await finds(config, target), false);
});

test('a context that is in use is kept', async () => {
  const target = freshTarget();
  const connection = await meet(config, target);
  useOthers(100);
  assert.equal(await finds(config, target), true);
  end(connection);
});

test('equal options are one configuration, however they were put together', async () => {
  const target = freshTarget();
  const crls = [makeRevocationList(root, [])];
  end(await meet({ ...config, crls }, target));
  const pem = [...root.cert.split('\n')].join('\n');
  assert.equal(await finds({ caCertificates: [pem], crls: [...crls] }, target), true);
});

const differing: readonly (readonly [name: string, other: TlsConfig])[] = [
  ['one more CA', { caCertificates: [root.cert, other.cert] }],
  ['the same CA twice', { caCertificates: [root.cert, root.cert] }],
  ['a space behind a CA', { caCertificates: [`${root.cert} `] }],
  ['a revocation list', { ...config, crls: [makeRevocationList(root, [])] }],
  ['a pin', { ...config, pins: [Buffer.alloc(32)], ignoreBits: 0x1ffffff }],
  ['an ignore list', { ...config, ignoreBits: 1 }],
  ['a passphrase', { ...config, passphrase: '' }],
  ['a client certificate', { ...config, certificate: leaf.cert, key: leaf.key, algorithm: 2 }],
  ['a bound on the version', { ...config, maxVersion: 0x0304 }],
  ['cipher suites', { ...config, cipherSuites: 'TLS_AES_128_GCM_SHA256' }],
  ['groups', { ...config, groups: 'X25519' }],
  ['servers without RFC 5746', { ...config, legacyServerConnect: true }],
  ['a key log', { ...config, keylog: true }],
];

for (const [name, own] of differing) {
  test(`another configuration: ${name}`, async () => {
    const target = freshTarget();
    end(await meet(config, target));
    assert.equal(await finds(own, target), false);
    assert.equal(await finds(config, target), true);
  });
}

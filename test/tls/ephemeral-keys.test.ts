// Once the handshake is complete, nothing is left of the keys of its key exchange: without them nobody
// can derive its secrets again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeCertificate } from '../support/certificates';
import {
  MemoryServer,
  connect,
  createClient,
  readAll,
  tls,
  tls12,
  tls13,
} from '../support/tls-core';

const { cert, key } = makeCertificate({ san: ['DNS:localhost'] });
const target = { host: 'localhost', port: 3000, serverName: 'localhost' };

for (const [version, number, groups, type] of [
  ['TLSv1.2', tls12, 'X25519:P-256', 'X25519'],
  ['TLSv1.2', tls12, 'P-256', 'EC'],
  ['TLSv1.3', tls13, 'X25519', 'X25519'],
  ['TLSv1.3', tls13, 'P-256', 'EC'],
  ['TLSv1.3', tls13, 'P-256:X25519', 'EC'],
] as const) {
  test(`${version}, ${groups}: the keys are cleared, and data passes`, async () => {
    const config = { caCertificates: [cert], minVersion: number, maxVersion: number, groups };
    // That they are asked for in the right way: during the handshake they are there.
    if (number === tls13) {
      const begun = createClient(config, target);
      tls.tlsHandshake(begun);
      assert.deepEqual(tls.tlsEphemeralKeys(begun), [type]);
    }
    const { client, server } = await connect(config, target, { cert, key, ecdhCurve: 'auto' });
    // Of the type to which they were set.
    const cleared = tls.tlsEphemeralKeys(client);
    assert.deepEqual([...new Set(cleared)], ['RSA']);
    assert.equal(cleared.length, number === tls13 ? 2 : 1);
    server.socket.write('hello');
    assert.equal((await readAll(client, server, 5)).toString(), 'hello');
    server.destroy();
  });
}

test('the key exchange group is told all the same', async () => {
  const config = { caCertificates: [cert], groups: 'P-384' };
  const { client, server } = await connect(config, target, { cert, key, ecdhCurve: 'P-384' });
  assert.equal(tls.tlsInfo(client).group, 'secp384r1');
  server.destroy();
});

test('a handshake that never completes ends in order', () => {
  const client = createClient({ caCertificates: [cert] }, target);
  const server = new MemoryServer({ cert, key });
  tls.tlsHandshake(client);
  tls.tlsDestroy(client);
  server.destroy();
});

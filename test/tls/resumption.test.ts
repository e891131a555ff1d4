// Sessions are resumed where the same configuration meets the same peer, and nowhere else; what was
// found in the certificate stays visible.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { connectPair, receive } from '../support/tls-server-core';
import { daysFromNow, makeCertificate } from '../support/certificates';
import { connect, ignoring, readAll, tls, tls12, tls13 } from '../support/tls-core';
import type { TlsConfig, TlsConnection, TlsTarget } from '../support/tls-core';

const expired = makeCertificate({
  san: ['DNS:localhost'],
  notBefore: daysFromNow(-20),
  notAfter: daysFromNow(-10),
});
const ignoreBits = ignoring('CertificateExpired', 'SelfSignedCertificate');

const versions = [
  ['TLSv1.2', tls12],
  ['TLSv1.3', tls13],
] as const;

let port = 1000;
/** A peer that no test has met before. */
const freshTarget = (): TlsTarget => ({ host: 'localhost', port: port++, serverName: 'localhost' });

// One context for all: it holds the keys of the tickets.
const serving = {
  secureContext: createSecureContext({ cert: expired.cert, key: expired.key }),
};

/** Connects and lets a message pass, so that tickets have arrived. */
async function meet(config: TlsConfig, target: TlsTarget): Promise<TlsConnection> {
  const connection = await connect(config, target, serving);
  connection.server.socket.write('hello');
  const data = await readAll(connection.client, connection.server, 5);
  assert.equal(data.toString(), 'hello');
  return connection;
}

function end({ client, server }: TlsConnection): void {
  tls.tlsSendCloseNotify(client);
  tls.tlsDestroy(client);
  server.destroy();
}

const isResumed = ({ client }: TlsConnection): boolean => tls.tlsInfo(client).resumed;

for (const [name, version] of versions) {
  const config = { ignoreBits, minVersion: version, maxVersion: version };

  test(`${name}: the second connection is resumed, with the certificate and its errors`, async () => {
    const target = freshTarget();
    const first = await meet(config, target);
    assert.equal(isResumed(first), false);
    const errors = tls.tlsCertificateErrors(first.client);
    const { chain } = tls.tlsInfo(first.client);
    assert.deepEqual(errors.map(({ keyword }) => keyword).sort(), [
      'CertificateExpired',
      'SelfSignedCertificate',
    ]);
    end(first);
    // A server of Node.js sends two tickets for a full handshake and none for a resumed one.
    for (let i = 0; i < 2; i++) {
      const next = await meet(config, target);
      assert.equal(isResumed(next), true, `${i}`);
      assert.deepEqual(tls.tlsCertificateErrors(next.client), errors);
      assert.deepEqual(tls.tlsInfo(next.client).chain, chain);
      end(next);
    }
  });

  test(`${name}: a connection that was cut off can be resumed`, async () => {
    const target = freshTarget();
    const first = await meet(config, target);
    tls.tlsDestroy(first.client);
    first.server.destroy();
    assert.equal(isResumed(await meet(config, target)), true);
  });

  test(`${name}: another port, host, server name or configuration is another peer`, async () => {
    const target = freshTarget();
    end(await meet(config, target));
    const strangers: [TlsConfig, TlsTarget][] = [
      [config, { ...target, port: target.port + 10_000 }],
      [config, { ...target, serverName: 'other' }],
      [{ ...config, ignoreBits: ignoreBits | ignoring('HostNameMismatch') }, target],
      [
        { ...config, ignoreBits: ignoreBits | ignoring('HostNameMismatch') },
        { ...target, host: 'other' },
      ],
    ];
    for (const [otherConfig, otherTarget] of strangers) {
      const other = await meet(otherConfig, otherTarget);
      assert.equal(isResumed(other), false, JSON.stringify(otherTarget));
      end(other);
    }
    assert.equal(isResumed(await meet(config, target)), true);
  });

  test(`${name}: a strict configuration does not resume what a lax one let pass`, async () => {
    const target = freshTarget();
    end(await meet(config, target));
    const strict = { ...config, ignoreBits: ignoring('CertificateExpired') };
    await assert.rejects(meet(strict, target), /SelfSignedCertificate/);
  });

  test(`${name}: a session ends with a fatal alert`, async () => {
    const target = freshTarget();
    const first = await meet(config, target);
    first.server.socket.write('x');
    const bytes = await first.server.take();
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    tls.tlsSetInput(first.client, bytes);
    assert.equal(tls.tlsRead(first.client, 10).status, 'failed');
    tls.tlsDestroy(first.client);
    // RFC 5246 section 7.2: "[...] the connection [...] MUST NOT be resumed" holds for TLS 1.2; TLS
    // 1.3 has tickets of their own for later connections.
    const next = await meet(config, target);
    if (version === tls12) assert.equal(isResumed(next), false);
  });
}

test('TLSv1.3: a ticket is used once', async () => {
  const config = { ignoreBits, minVersion: tls13, maxVersion: tls13 };
  const target = freshTarget();
  end(await meet(config, target));
  // As many tickets as the server sent are there; each connection that does not read on takes one.
  let resumed = 0;
  for (let i = 0; i < 6; i++) {
    const connection = await connect(config, target, serving);
    if (!isResumed(connection)) break;
    resumed += 1;
  }
  assert.equal(resumed, 2);
});

test('TLSv1.2: a session without a ticket is resumed by its id, again and again', () => {
  const first = connectPair(tls12);
  assert.equal(tls.tlsInfo(first.client).resumed, false);
  for (let i = 0; i < 3; i++) {
    const { client, server } = connectPair(tls12, {}, first.server);
    const { resumed, chain } = tls.tlsInfo(client);
    assert.equal(resumed, true);
    assert.deepEqual(chain, tls.tlsInfo(first.client).chain);
    server.write(Buffer.from('data'));
    assert.equal(receive(client, server.take()).toString(), 'data');
  }
  // Another server does not know it: a whole handshake, and nothing is wrong.
  assert.equal(tls.tlsInfo(connectPair(tls12).client).resumed, false);
});

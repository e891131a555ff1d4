// Sessions are resumed where the same configuration meets the same peer, and nowhere else; what was
// found in the certificate stays visible.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { connectPair, receive, sealerOf } from '../support/tls-server-core';
import { daysFromNow, makeCertificate } from '../support/certificates';
import {
  MemoryServer,
  connect,
  createClient,
  ignoring,
  readAll,
  tls,
  tls12,
  tls13,
} from '../support/tls-core';
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
  await readHello(connection);
  return connection;
}

async function readHello({ client, server }: TlsConnection): Promise<void> {
  server.socket.write('hello');
  assert.equal((await readAll(client, server, 5)).toString(), 'hello');
}

/** Has the client send a fatal alert, for a record that was changed on its way. */
async function failByAlert({ client, server }: TlsConnection): Promise<void> {
  server.socket.write('x');
  const bytes = await server.take();
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  tls.tlsSetInput(client, bytes);
  assert.equal(tls.tlsRead(client, 10).status, 'failed');
  tls.tlsDestroy(client);
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

  test(`${name}: a handshake that fails before the server's choice tells nothing of the offered session`, async () => {
    const target = freshTarget();
    end(await meet(config, target));
    const client = createClient(config, target);
    const server = new MemoryServer(serving);
    assert.equal(tls.tlsHandshake(client), 'wantRead');
    server.give(tls.tlsTakeOutput(client));
    const bytes = await server.take();
    // The version in the ServerHello, behind the headers of the record and of the message.
    bytes.writeUInt16BE(0x0355, 9);
    tls.tlsSetInput(client, bytes);
    assert.equal(tls.tlsHandshake(client), 'failed');
    const { version: told, cipher, group, resumed, chain } = tls.tlsInfo(client);
    assert.deepEqual([told, cipher, group, resumed, chain], ['', '', '', false, []]);
    tls.tlsDestroy(client);
    server.destroy();
  });

  for (const giveUp of ['tlsDestroy', 'tlsSendCloseNotify'] as const) {
    test(`${name}: a session whose handshake did not complete is not offered again: ${giveUp}`, async () => {
      const target = freshTarget();
      end(await meet(config, target));
      // Each of the server's tickets of TLS 1.3, or the one session of TLS 1.2.
      const given = version === tls13 ? 2 : 1;
      for (let i = 0; i < given; i++) {
        const client = createClient(config, target);
        assert.equal(tls.tlsHandshake(client), 'wantRead');
        tls[giveUp](client);
      }
      assert.equal(isResumed(await meet(config, target)), false);
    });
  }

  test(`${name}: no session of a connection that ended with a fatal alert is resumed`, async () => {
    const target = freshTarget();
    await failByAlert(await meet(config, target));
    assert.equal(isResumed(await meet(config, target)), false);
  });
}

test('TLSv1.3: a fatal alert leaves the sessions of other connections', async () => {
  const config = { ignoreBits, minVersion: tls13, maxVersion: tls13 };
  const target = freshTarget();
  // Both are connected before the tickets of either are read.
  const one = await connect(config, target, serving);
  const other = await connect(config, target, serving);
  await readHello(one);
  await readHello(other);
  await failByAlert(one);
  for (const expected of [true, true, false]) {
    assert.equal(isResumed(await connect(config, target, serving)), expected);
  }
});

/** A NewSessionTicket (RFC 8446 section 4.6.1) that lives for so many seconds, below 256. */
const ticketFor = (seconds: number): Buffer =>
  Buffer.from([4, 0, 0, 15, 0, 0, 0, seconds, 0, 0, 0, 0, 1, 0, 0, 1, 7, 0, 0]);

for (const [seconds, kept] of [
  [0, false],
  [200, true],
] as const) {
  test(`TLSv1.3: a ticket that lives for ${seconds} s is ${kept ? 'kept' : 'discarded'}`, () => {
    const suite = { cipherSuites: 'TLS_AES_128_GCM_SHA256' };
    const { client, server, config, target } = connectPair(tls13, suite);
    receive(client, sealerOf(server)(0, 22, ticketFor(seconds)));
    assert.equal(tls.tlsTakesSession(config, target, Date.now()), kept);
  });
}

test('TLSv1.3: of five tickets of a peer four are kept', () => {
  const suite = { cipherSuites: 'TLS_AES_128_GCM_SHA256' };
  const { client, server, config, target } = connectPair(tls13, suite);
  const seal = sealerOf(server);
  for (let i = 0; i < 5; i++) receive(client, seal(i, 22, ticketFor(200)));
  const taken = Array.from({ length: 5 }, () => tls.tlsTakesSession(config, target, Date.now()));
  assert.deepEqual(taken, [true, true, true, true, false]);
});

test('of 257 peers the sessions of the last 256 are kept', async () => {
  const config = { ignoreBits, minVersion: tls13, maxVersion: tls13 };
  const targets = Array.from({ length: 257 }, freshTarget);
  for (const target of targets) end(await meet(config, target));
  const [first, second, last] = [targets[0], targets[1], targets.at(-1)].map(
    (target) => target !== undefined && tls.tlsTakesSession(config, target, Date.now()),
  );
  assert.deepEqual([first, second, last], [false, true, true]);
});

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

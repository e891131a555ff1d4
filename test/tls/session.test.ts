// A session is the same however its input is cut, and says what happened when it fails.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { makeCertificate } from '../support/certificates';
import {
  MemoryServer,
  connect,
  createClient,
  ignoringAll,
  inPieces,
  readAll,
  shakeHands,
  tls,
  tls12,
  tls13,
} from '../support/tls-core';

const certificate = makeCertificate({ san: ['DNS:localhost', 'IP:127.0.0.1', 'URI:urn:a,b'] });
const serving = { cert: certificate.cert, key: certificate.key };
const trusting = { caCertificates: [certificate.cert] };
const target = { host: 'localhost', port: 1, serverName: 'localhost' };

const versions = [
  ['TLSv1.2', tls12],
  ['TLSv1.3', tls13],
] as const;

for (const [name, version] of versions) {
  const config = { ...trusting, minVersion: version, maxVersion: version };

  for (const size of [1, 2, 5, 7, Infinity]) {
    test(`${name}: handshake and data in pieces of ${size} bytes`, async () => {
      const { client, server } = await connect(config, target, serving, size);
      assert.deepEqual(tls.tlsCertificateErrors(client), []);
      // More than one record, and the last one not full.
      const sent = randomBytes(40_000);
      server.socket.write(sent);
      assert.deepEqual(await readAll(client, server, sent.length, size), sent);
      server.destroy();
    });
  }

  test(`${name}: what is written arrives, in full records`, async () => {
    const { client, server } = await connect(config, target, serving);
    const sent = randomBytes(3 * 16_384 + 1);
    assert.equal(tls.tlsWrite(client, sent), 'ok');
    const output = tls.tlsTakeOutput(client);
    const lengths: number[] = [];
    for (let at = 0; at < output.length; at += 5 + output.readUInt16BE(at + 3)) {
      lengths.push(output.readUInt16BE(at + 3));
    }
    // A record adds a nonce, a tag or a content type: under 32 bytes.
    assert.deepEqual(
      lengths.map((length) => length - (length % 32)),
      [16_384, 16_384, 16_384, 0],
    );
    const received: Buffer[] = [];
    let count = 0;
    const arrived = new Promise<void>((resolve) => {
      server.socket.on('data', (chunk: Buffer) => {
        received.push(chunk);
        count += chunk.length;
        if (count === sent.length) resolve();
      });
    });
    server.give(output);
    await arrived;
    assert.deepEqual(Buffer.concat(received), sent);
    server.destroy();
  });

  test(`${name}: a full buffer ends a read, and the next one goes on`, async () => {
    const { client, server } = await connect(config, target, serving);
    server.socket.write(Buffer.from('abcdefgh'));
    const bytes = await server.take();
    tls.tlsSetInput(client, bytes);
    assert.deepEqual(tls.tlsRead(client, 3), { status: 'ok', data: Buffer.from('abc') });
    assert.deepEqual(tls.tlsRead(client, 5), { status: 'ok', data: Buffer.from('defgh') });
    assert.deepEqual(tls.tlsRead(client, 5), { status: 'wantRead', data: Buffer.alloc(0) });
    server.destroy();
  });

  test(`${name}: close_notify, both ways`, async () => {
    const { client, server } = await connect(config, target, serving);
    tls.tlsSendCloseNotify(client);
    server.socket.resume();
    const ended = once(server.socket, 'end');
    server.give(tls.tlsTakeOutput(client));
    await ended;
    server.socket.end('bye');
    let status = 'wantRead';
    let data = '';
    while (status === 'wantRead') {
      tls.tlsSetInput(client, await server.take());
      const read = tls.tlsRead(client, 100);
      status = read.status;
      data += read.data.toString();
    }
    assert.equal(status, 'closed');
    assert.equal(data, 'bye');
    assert.equal(tls.tlsRead(client, 100).status, 'closed');
  });

  test(`${name}: a changed bit ends the connection with an alert`, async () => {
    const { client, server } = await connect(config, target, serving);
    server.socket.write('abc');
    const bytes = await server.take();
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    tls.tlsSetInput(client, bytes);
    assert.equal(tls.tlsRead(client, 100).status, 'failed');
    const error = tls.tlsError(client);
    assert.equal(error.code, 'TlsFailed');
    assert.match(error.detail, /bad record mac|decryption failed/);
    assert.ok(tls.tlsTakeOutput(client).length > 0);
    // It stays so, and nothing more is sent.
    assert.equal(tls.tlsRead(client, 100).status, 'failed');
    assert.equal(tls.tlsWrite(client, Buffer.from('x')), 'failed');
    tls.tlsSendCloseNotify(client);
    assert.equal(tls.tlsTakeOutput(client).length, 0);
    server.destroy();
  });

  test(`${name}: destroyed at every byte of the handshake`, async () => {
    const server = new MemoryServer(serving);
    const whole = createClient(config, target);
    tls.tlsHandshake(whole);
    server.give(tls.tlsTakeOutput(whole));
    const flight = await server.take();
    for (let end = 0; end < flight.length; end += 1) {
      const client = createClient(config, target);
      tls.tlsHandshake(client);
      tls.tlsSetInput(client, flight.subarray(0, end));
      tls.tlsHandshake(client);
      tls.tlsDestroy(client);
    }
    server.destroy();
  });

  test(`${name}: what is told of the session`, async () => {
    const { client, server } = await connect(config, target, serving);
    const { chain, ...session } = tls.tlsInfo(client);
    assert.deepEqual(
      { ...session, group: '', cipher: '' },
      { version: name, cipher: '', group: '', alpn: '', serverName: 'localhost', resumed: false },
    );
    assert.match(session.cipher, version === tls13 ? /^TLS_AES_/ : /^TLS_ECDHE_ECDSA_WITH_/);
    assert.notEqual(session.group, '');
    assert.equal(chain.length, 1);
    const [own] = chain;
    assert.ok(own !== undefined);
    assert.deepEqual([own.subject, own.issuer], ['CN=localhost', 'CN=localhost']);
    assert.equal(own.subjectAltNames, 'DNS:localhost, IP Address:127.0.0.1, URI:"urn:a\\u002Cb"');
    assert.equal(own.pem, certificate.cert);
    assert.match(own.validFrom, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.ok(new Date(own.validFrom) < new Date(own.validTo));
    assert.match(own.serialNumber, /^[0-9A-F]+$/);
    assert.match(own.fingerprint256, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    server.destroy();
  });
}

test('ALPN: http/1.1 is offered', async () => {
  const { client, server } = await connect(trusting, target, {
    ...serving,
    ALPNProtocols: ['h2', 'http/1.1'],
  });
  assert.equal(tls.tlsInfo(client).alpn, 'http/1.1');
  server.destroy();
});

test('key log lines, once each', async () => {
  const { client, server } = await connect({ ...trusting, keylog: true }, target, serving);
  const lines = tls.tlsTakeKeyLog(client).trimEnd().split('\n');
  assert.ok(lines.some((line) => line.startsWith('SERVER_TRAFFIC_SECRET_0 ')));
  assert.equal(tls.tlsTakeKeyLog(client), '');
  const quiet = await connect(trusting, target, serving);
  assert.equal(tls.tlsTakeKeyLog(quiet.client), '');
  server.destroy();
  quiet.server.destroy();
});

const notTls: readonly (readonly [answer: string, quoted: string])[] = [
  ['HTTP/1.1 400 Bad Request\r\nX: y\r\n\r\n', '"HTTP/1.1 400 Bad Request"'],
  ['220 mail.example ESMTP\r\n', '"220 mail.example ESMTP"'],
  ['\0\0\0\0\0\0', '"\\x00\\x00\\x00\\x00\\x00\\x00"'],
  [`\x16${'x'.repeat(100)}`, `"\\x16${'x'.repeat(63)}"`],
];

for (const [answer, quoted] of notTls) {
  test(`an answer that is no TLS: ${JSON.stringify(answer.slice(0, 8))}`, () => {
    const client = createClient(trusting, target);
    tls.tlsHandshake(client);
    tls.tlsSetInput(client, Buffer.from(answer, 'latin1'));
    assert.equal(tls.tlsHandshake(client), 'failed');
    assert.deepEqual(tls.tlsError(client), {
      code: 'TlsNotSpoken',
      detail: `it answered ${quoted}`,
    });

    const slow = createClient(trusting, target);
    let status = tls.tlsHandshake(slow);
    for (const piece of inPieces(Buffer.from(answer, 'latin1'), 1)) {
      if (status === 'failed') break;
      tls.tlsSetInput(slow, piece);
      status = tls.tlsHandshake(slow);
    }
    assert.equal(tls.tlsError(slow).code, 'TlsNotSpoken');
  });
}

const alerts: readonly (readonly [number: number, detail: RegExp])[] = [
  // This server asks for no client certificate: what these say of one cannot be the reason.
  [40, /alert handshake_failure: it has no cipher suite, group or [^;]* offered/],
  [48, /alert unknown_ca$/],
  [70, /alert protocol_version: TLS 1\.2 to TLS 1\.3 offered$/],
  [112, /alert unrecognized_name: .*'localhost'$/],
  [116, /alert certificate_required$/],
  [80, /alert internal_error$/],
];

for (const [number, detail] of alerts) {
  test(`alert ${number} says what it means`, () => {
    const client = createClient(trusting, target);
    tls.tlsHandshake(client);
    tls.tlsSetInput(client, Uint8Array.of(21, 3, 3, 0, 2, 2, number));
    assert.equal(tls.tlsHandshake(client), 'failed');
    const error = tls.tlsError(client);
    assert.equal(error.code, 'TlsHandshakeFailed');
    assert.match(error.detail, detail);
  });
}

test('a version that the server does not have', async () => {
  const server = new MemoryServer({ ...serving, maxVersion: 'TLSv1.2' });
  const client = createClient({ ...trusting, minVersion: tls13 }, target);
  assert.equal(await shakeHands(client, server), 'failed');
  assert.match(tls.tlsError(client).detail, /protocol_version: TLS 1\.3 alone offered$/);
});

test('a server name that is too long', () => {
  const serverName = 'x'.repeat(256);
  const result = tls.tlsCreate(trusting, { ...target, serverName });
  assert.ok('code' in result);
  assert.equal(result.code, 'InvalidOption');
  assert.match(result.detail, /^serverName: /);
});

test('a server without a certificate', async () => {
  const anonymous = {
    ciphers: 'ADH-AES128-GCM-SHA256:@SECLEVEL=0',
    maxVersion: 'TLSv1.2' as const,
  };
  const config = { cipherSuites: 'ADH-AES128-GCM-SHA256:@SECLEVEL=0' };
  const server = new MemoryServer({ ...anonymous, dhparam: 'auto' });
  const refused = createClient(config, target);
  assert.equal(await shakeHands(refused, server), 'failed');
  assert.equal(tls.tlsError(refused).code, 'CertificateRefused');
  assert.deepEqual(
    tls.tlsCertificateErrors(refused).map(({ keyword }) => keyword),
    ['NoPeerCertificate'],
  );

  const other = new MemoryServer({ ...anonymous, dhparam: 'auto' });
  const accepted = createClient({ ...config, ignoreBits: ignoringAll() }, target);
  assert.equal(await shakeHands(accepted, other), 'ok');
  assert.equal(tls.tlsCertificateErrors(accepted)[0]?.ignored, true);
  assert.deepEqual(tls.tlsInfo(accepted).chain, []);
});

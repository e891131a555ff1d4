// A client and a server that do not speak the same: TLS to one that has none, none to one that has
// TLS, and versions that do not meet.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { connect } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import { makeCertificate, makeSelfSigned } from '../../support/certificates';
import { startTcpServer, startTlsServer, urlOf } from '../../support/servers';
import { openRefused } from '../../support/tls-client';

const badRequest = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

const plainAnswers: readonly [title: string, answer: (socket: Socket) => void][] = [
  ['an HTTP response', (socket) => void socket.once('data', () => socket.end(badRequest))],
  ['an HTTP response before it was asked', (socket) => void socket.end(badRequest)],
  ['a greeting', (socket) => void socket.write('220 mail.example.test ESMTP\r\n')],
  ['zeros', (socket) => void socket.write(Buffer.alloc(64))],
];

for (const [title, answer] of plainAnswers) {
  test(`a server that answers a wss URL with ${title} does not speak TLS`, async (t) => {
    const server = await startTcpServer(answer);
    t.after(() => server.close());
    const error = await openRefused(urlOf(server.port, true), { ignoreSslErrors: true });
    assert.deepEqual([error.category, error.retryable], ['tls', false]);
    assert.equal(error.code, 'WSFD_TLS_NOT_SPOKEN');
    assert.match(error.message, /the server does not speak TLS here: it answered "/);
  });
}

const closeNotify = Buffer.from([21, 3, 3, 0, 2, 1, 0]);

const lost: readonly [how: string, end: (socket: Socket) => void][] = [
  ['FIN', (socket) => void socket.once('data', () => socket.end())],
  ['FIN before it is asked', (socket) => void socket.end()],
  [
    'FIN in the midst of its answer',
    (socket) => void socket.end(Buffer.from([22, 3, 3, 0, 90, 2])),
  ],
  ['RST', (socket) => void socket.once('data', () => socket.resetAndDestroy())],
  ['close_notify', (socket) => void socket.once('data', () => socket.end(closeNotify))],
];

for (const [how, end] of lost) {
  test(`a TLS handshake that ends by ${how} is the network's, and may be tried again`, async (t) => {
    const server = await startTcpServer(end);
    t.after(() => server.close());
    const error = await openRefused(urlOf(server.port, true), { ignoreSslErrors: true });
    const { code, category, retryable } = error;
    assert.deepEqual([code, category, retryable], ['WSFD_CONNECTION_LOST', 'network', true]);
    assert.equal(error.port, server.port);
  });
}

test('a TLS server at a ws URL: the handshake fails, and it says what to do', async (t) => {
  const server = await startTlsServer(makeSelfSigned());
  t.after(() => server.close());
  const error = await openRefused(urlOf(server.port, false));
  assert.equal(error.httpStatus, undefined);
  assert.match(error.message, /the server may speak TLS here: use wss/);
  assert.equal(server.tls.handshakes.all.length, 0);
});

const plainRefusals = [
  '<center>The plain HTTP request was sent to HTTPS port</center>',
  "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
  'Client sent an HTTP request to an HTTPS server.\n',
  'Bad Request\nThis combination of host and port requires TLS.\n',
];

for (const body of plainRefusals) {
  test(`a TLS server at a ws URL that answers: ${body.trim()}`, async (t) => {
    const refusal = `HTTP/1.1 400 Bad Request\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const server = await startTcpServer(
      (socket) => void socket.once('data', () => socket.end(refusal)),
    );
    t.after(() => server.close());
    const error = await openRefused(server.url);
    assert.deepEqual([error.code, error.httpStatus], ['WSFD_HANDSHAKE_REFUSED', 400]);
    assert.match(error.message, /the server seems to speak TLS here: use wss/);
    // Behind TLS it is not the client that speaks plain HTTP.
    const gateway = await startTlsServer(
      makeSelfSigned(),
      (socket) => void socket.once('data', () => socket.end(refusal)),
    );
    t.after(() => gateway.close());
    const behind = await openRefused(gateway.url, { ignoreSslErrors: true });
    assert.equal(behind.httpStatus, 400);
    assert.doesNotMatch(behind.message, /use wss/);
  });
}

test('a TLS server at a ws URL that answers with an alert', async (t) => {
  // Alert: level fatal, description unexpected_message.
  const alert = Buffer.from([21, 3, 3, 0, 2, 2, 10]);
  const server = await startTcpServer(
    (socket) => void socket.once('data', () => socket.end(alert)),
  );
  t.after(() => server.close());
  const error = await openRefused(server.url);
  assert.equal(error.code, 'WSFD_HANDSHAKE_MALFORMED');
  assert.match(error.message, /seems to speak TLS here: use wss/);
});

/** True when Node's own client, allowed everything, can talk to such a server. */
async function canServe(options: TlsOptions, port: number): Promise<boolean> {
  const { minVersion, maxVersion, ciphers } = options;
  const socket = connect({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
    ...(ciphers === undefined ? {} : { ciphers }),
  });
  const connected = await once(socket, 'secureConnect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return connected;
}

const strangers: readonly [title: string, options: TlsOptions][] = [
  [
    'TLS 1.1 alone',
    { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
  ],
  ['ciphers without encryption alone', { maxVersion: 'TLSv1.2', ciphers: 'eNULL@SECLEVEL=0' }],
];

for (const [title, options] of strangers) {
  test(`a server of ${title} is not spoken to`, async (t) => {
    const { cert, key } = makeCertificate({ keyType: 'RSA', san: ['DNS:localhost'] });
    const server = await startTlsServer({ ...options, cert, key });
    t.after(() => server.close());
    if (!(await canServe(options, server.port))) {
      t.skip(`this OpenSSL cannot serve ${title}`);
      return;
    }
    const before = server.tls.handshakes.all.length;
    const error = await openRefused(server.url, { ignoreSslErrors: true });
    assert.deepEqual([error.category, error.retryable], ['tls', false]);
    assert.equal(error.code, 'WSFD_TLS_HANDSHAKE_FAILED');
    // Not only that it failed, but why: OpenSSL's reason of the alert that the server sent.
    assert.match(error.message, /alert/i);
    assert.equal(server.tls.handshakes.all.length, before);
  });
}

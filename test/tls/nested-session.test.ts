// TLS inside of TLS, as with a proxy that speaks it: what becomes of either side's end or failure.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { makeCertificate } from '../support/certificates';
import { createClient, inPieces, tls, tls13 } from '../support/tls-core';
import type { TlsClient } from '../support/tls-core';
import { TlsServer, connectPair } from '../support/tls-server-core';

const { cert, key } = makeCertificate({ san: ['DNS:localhost'] });

interface Nested {
  readonly client: TlsClient;
  readonly proxy: TlsServer;
  readonly target: TlsServer;
}

/** A client whose handshake with the proxy is done, and that with the target is to come. */
function nest(): Nested {
  const { client: outer, server: proxy } = connectPair(tls13);
  const inner = createClient({ caCertificates: [cert] }, { host: 'localhost', port: 1 });
  const target = new TlsServer({ cert, key });
  return { client: tls.tlsNest(outer, inner, Buffer.alloc(0)), proxy, target };
}

/** Gives the target what the client has to send; the proxy does nothing but pass it on. */
function toTarget({ client, proxy, target }: Nested): void {
  proxy.give(tls.tlsTakeOutput(client));
  const { status, data } = proxy.read();
  assert.equal(status, 'wantRead');
  target.give(data);
}

/** What the target has to send, as the records of the proxy. */
function fromTarget({ proxy, target }: Nested): Buffer {
  const bytes = target.take();
  if (bytes.length > 0) assert.equal(proxy.write(bytes), 'ok');
  return proxy.take();
}

function connectNested(): Nested {
  const nested = nest();
  const { client, target } = nested;
  let atTarget = 'wantRead';
  let atClient: string = tls.tlsHandshake(client);
  while (atClient === 'wantRead' || atTarget === 'wantRead') {
    toTarget(nested);
    atTarget = target.handshake();
    tls.tlsSetInput(client, fromTarget(nested));
    atClient = tls.tlsHandshake(client);
  }
  assert.deepEqual([atClient, atTarget], ['ok', 'ok'], tls.tlsError(client).detail);
  return nested;
}

/** A record with one bit of its last byte changed. */
function damaged(record: Buffer): Buffer {
  record.writeUInt8(record.readUInt8(record.length - 1) ^ 1, record.length - 1);
  return record;
}

/** Nothing can be done with a session that has failed, and nothing but an alert is sent. */
function assertFailed(client: TlsClient, code: string, detail: RegExp): void {
  const { length } = tls.tlsTakeOutput(client);
  assert.ok(length < 100, `${length} bytes`);
  assert.equal(tls.tlsHandshake(client), 'failed');
  assert.equal(tls.tlsRead(client, 100).status, 'failed');
  assert.equal(tls.tlsWrite(client, Buffer.from('x')), 'failed');
  assert.equal(tls.tlsTakeOutput(client).length, 0);
  const error = tls.tlsError(client);
  assert.equal(error.code, code);
  assert.match(error.detail, detail);
}

for (const size of [1, 100, Infinity]) {
  test(`data both ways, in pieces of ${size}`, () => {
    const nested = connectNested();
    const { client, target } = nested;
    const sent = randomBytes(40_000);
    assert.equal(target.write(sent), 'ok');
    const parts: Buffer[] = [];
    for (const piece of inPieces(fromTarget(nested), size)) {
      tls.tlsSetInput(client, piece);
      const { status, data } = tls.tlsRead(client, sent.length + 1);
      assert.equal(status, 'wantRead');
      parts.push(data);
    }
    assert.deepEqual(Buffer.concat(parts), sent);
    assert.equal(tls.tlsWrite(client, sent), 'ok');
    toTarget(nested);
    assert.deepEqual(target.read().data, sent);
  });
}

test('the proxy ends its TLS in the handshake with the target', () => {
  const nested = nest();
  const { client, proxy } = nested;
  assert.equal(tls.tlsHandshake(client), 'wantRead');
  toTarget(nested);
  proxy.closeNotify();
  tls.tlsSetInput(client, proxy.take());
  assert.equal(tls.tlsHandshake(client), 'failed');
  assertFailed(
    client,
    'ConnectionLost',
    /^the proxy ended it during the TLS handshake, without an alert;/,
  );
});

test('the TLS of the proxy fails in the handshake with the target', () => {
  const nested = nest();
  const { client, target } = nested;
  assert.equal(tls.tlsHandshake(client), 'wantRead');
  toTarget(nested);
  target.handshake();
  tls.tlsSetInput(client, damaged(fromTarget(nested)));
  assert.equal(tls.tlsHandshake(client), 'failed');
  assertFailed(client, 'TlsFailed', /^with the proxy: .*bad record mac/);
});

test('the proxy ends its TLS in the midst of the data, of which the first part still comes', () => {
  const nested = connectNested();
  const { client, proxy, target } = nested;
  target.write(Buffer.from('before'));
  const before = fromTarget(nested);
  proxy.closeNotify();
  tls.tlsSetInput(client, Buffer.concat([before, proxy.take()]));
  assert.deepEqual(tls.tlsRead(client, 100), { status: 'failed', data: Buffer.from('before') });
  assertFailed(client, 'TlsTruncated', /^the proxy ended its TLS connection$/);
});

test('the TLS of the proxy fails in the midst of the data, of which the first part comes', () => {
  const nested = connectNested();
  const { client, target } = nested;
  target.write(Buffer.from('before'));
  const before = fromTarget(nested);
  target.write(Buffer.from('damaged'));
  tls.tlsSetInput(client, Buffer.concat([before, damaged(fromTarget(nested))]));
  assert.deepEqual(tls.tlsRead(client, 100), { status: 'failed', data: Buffer.from('before') });
  assertFailed(client, 'TlsFailed', /^with the proxy: .*bad record mac/);
});

test('the TLS of the target fails: the error is its own, and so is the alert', () => {
  const nested = connectNested();
  const { client, proxy, target } = nested;
  target.write(Buffer.from('damaged'));
  assert.equal(proxy.write(damaged(target.take())), 'ok');
  tls.tlsSetInput(client, proxy.take());
  assert.equal(tls.tlsRead(client, 100).status, 'failed');
  toTarget(nested);
  assert.match(target.read().status, /alert bad record mac/);
  assertFailed(client, 'TlsFailed', /^decryption failed or bad record mac$/);
});

test('close_notify of the target ends the data in order', () => {
  const nested = connectNested();
  const { client, target } = nested;
  target.write(Buffer.from('bye'));
  target.closeNotify();
  tls.tlsSetInput(client, fromTarget(nested));
  assert.deepEqual(tls.tlsRead(client, 100), { status: 'closed', data: Buffer.from('bye') });
  tls.tlsSendCloseNotify(client);
  const { proxy } = nested;
  proxy.give(tls.tlsTakeOutput(client));
  const { status, data } = proxy.read();
  assert.equal(status, 'closed');
  target.give(data);
  assert.equal(target.read().status, 'closed');
});

test('a target that wants answers which nobody takes ends the connection', () => {
  const nested = connectNested();
  const { client, target } = nested;
  let updates = 0;
  let status: string;
  do {
    assert.equal(target.keyUpdate(true), 'ok');
    tls.tlsSetInput(client, fromTarget(nested));
    ({ status } = tls.tlsRead(client, 100));
    updates += 1;
  } while (status === 'wantRead' && updates < 100_000);
  assert.equal(status, 'failed');
  const { code, detail } = tls.tlsError(client);
  assert.equal(code, 'TlsFailed');
  assert.match(detail, /answers and does not take them/);
  assert.ok(tls.tlsTakeOutput(client).length < 70_000);
});

// What may happen to an established connection on its way: records of any size, cut anywhere,
// damaged, and the handshake messages that come in the middle of the data.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { inPieces, tls, tls12, tls13 } from '../support/tls-core';
import type { TlsClient } from '../support/tls-core';
import {
  connectPair,
  receive,
  receiveAtServer,
  sealerOf,
  versions,
} from '../support/tls-server-core';

const tls13Aes128 = { cipherSuites: 'TLS_AES_128_GCM_SHA256' };

/** The length of a TLS record's header. */
const headerSize = 5;

/** Feeds bytes that must end the connection, in pieces of `size`; returns its error. */
function receiveFailure(client: TlsClient, bytes: Buffer, size = Infinity): string {
  for (const piece of inPieces(bytes, size)) {
    tls.tlsSetInput(client, piece);
    const { status, data } = tls.tlsRead(client, 100_000);
    assert.equal(data.length, 0);
    if (status !== 'failed') continue;
    const { code, detail } = tls.tlsError(client);
    assert.equal(code, 'TlsFailed');
    return detail;
  }
  return '';
}

for (const [name, version] of versions) {
  for (const size of [1, 7, Infinity]) {
    test(`${name}: records of one byte, in pieces of ${size}`, () => {
      const { client, server } = connectPair(version);
      const sent = randomBytes(300);
      for (const byte of sent) assert.equal(server.write(Buffer.from([byte])), 'ok');
      assert.deepEqual(receive(client, server.take(), size), sent);
    });
  }

  test(`${name}: a record of 16 KiB, cut at every byte`, () => {
    const { client, server } = connectPair(version);
    const sent = randomBytes(16_384);
    assert.equal(server.write(sent), 'ok');
    const { length } = server.take();
    // The first record is lost to the client: a new connection, whose records are all of use.
    const fresh = connectPair(version);
    tls.tlsDestroy(client);
    for (let cut = 1; cut < length; cut++) {
      fresh.server.write(sent);
      const record = fresh.server.take();
      assert.equal(record.length, length);
      assert.equal(receive(fresh.client, record.subarray(0, cut)).length, 0);
      assert.ok(receive(fresh.client, record.subarray(cut)).equals(sent), `cut at ${cut}`);
    }
  });

  test(`${name}: a damaged record ends the connection with an alert, whichever byte it is`, () => {
    const probe = connectPair(version);
    probe.server.write(Buffer.from('message'));
    const { length } = probe.server.take();
    for (let at = headerSize; at < length; at++) {
      const { client, server } = connectPair(version);
      server.write(Buffer.from('before'));
      assert.equal(receive(client, server.take()).toString(), 'before');
      server.write(Buffer.from('message'));
      const record = server.take();
      record.writeUInt8(record.readUInt8(at) ^ 1, at);
      assert.match(receiveFailure(client, record), /bad record mac/, `byte ${at}`);
      server.give(tls.tlsTakeOutput(client));
      assert.match(server.read().status, /alert bad record mac/);
    }
  });

  test(`${name}: a record that comes twice, or one that is missing`, () => {
    for (const twice of [true, false]) {
      const { client, server } = connectPair(version);
      server.write(Buffer.from('first'));
      const first = server.take();
      server.write(Buffer.from('second'));
      const second = server.take();
      if (twice) assert.equal(receive(client, first).toString(), 'first');
      assert.match(receiveFailure(client, twice ? first : second, 1), /bad record mac/);
    }
  });

  test(`${name}: a header that claims too much ends the connection at once`, () => {
    const { client } = connectPair(version);
    const header = Buffer.from([23, 3, 3, 0xff, 0xff]);
    assert.match(receiveFailure(client, header, 1), /length|large|long/);
  });

  test(`${name}: what is no record ends the connection`, () => {
    const { client } = connectPair(version);
    assert.notEqual(receiveFailure(client, Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')), '');
  });
}

for (const answerWanted of [false, true]) {
  for (const size of [1, Infinity]) {
    const kind = answerWanted ? 'with an answer' : 'without an answer';
    test(`KeyUpdate ${kind} in the middle of the data, in pieces of ${size}`, () => {
      const pair = connectPair(tls13);
      const { client, server } = pair;
      server.write(Buffer.from('before '));
      for (let i = 0; i < 3; i++) {
        assert.equal(server.keyUpdate(answerWanted), 'ok');
        server.write(Buffer.from(`after ${i} `));
      }
      const received = receive(client, server.take(), size);
      assert.equal(received.toString(), 'before after 0 after 1 after 2 ');
      // The client's own data follows its answer under its next keys.
      tls.tlsWrite(client, Buffer.from('answer'));
      assert.equal(receiveAtServer(pair).toString(), 'answer');
      server.write(Buffer.from('end'));
      assert.equal(receive(client, server.take()).toString(), 'end');
    });
  }
}

test('KeyUpdate again and again, whose answers nobody takes, ends the connection', () => {
  const { client, server } = connectPair(tls13);
  let updates = 0;
  let status: string;
  do {
    assert.equal(server.keyUpdate(true), 'ok');
    tls.tlsSetInput(client, server.take());
    ({ status } = tls.tlsRead(client, 100));
    updates += 1;
  } while (status === 'wantRead' && updates < 100_000);
  assert.equal(status, 'failed');
  assert.match(tls.tlsError(client).detail, /answers and does not take them/);
  assert.ok(tls.tlsTakeOutput(client).length < 70_000);
});

test('KeyUpdate again and again, whose answers are taken, goes on', () => {
  const pair = connectPair(tls13);
  for (let i = 0; i < 5000; i++) {
    assert.equal(pair.server.keyUpdate(true), 'ok');
    assert.equal(receive(pair.client, pair.server.take()).length, 0);
    receiveAtServer(pair);
  }
  pair.server.write(Buffer.from('x'));
  assert.equal(receive(pair.client, pair.server.take()).toString(), 'x');
});

for (const size of [1, Infinity]) {
  test(`TLSv1.2: renegotiation is not begun, the data goes on, in pieces of ${size}`, () => {
    const { client, server } = connectPair(tls12);
    server.write(Buffer.from('before '));
    const before = server.take();
    assert.equal(server.helloRequest(), 'ok');
    const request = server.take();
    assert.equal(receive(client, Buffer.concat([before, request]), size).toString(), 'before ');
    // RFC 5246 section 7.2.2: "no_renegotiation: Sent by the client in response to a hello request
    // [...] to which it responds that it does not want to". It is a warning, of 2 bytes.
    const refusal = tls.tlsTakeOutput(client);
    assert.equal(refusal.readUInt8(0), 21);
    assert.equal(refusal.readUInt16BE(3), refusal.length - headerSize);
    assert.equal(tls.tlsWrite(client, Buffer.from('data')), 'ok');
    server.give(refusal);
    assert.match(server.read().status, /no renegotiation/);
  });
}

/** Handshake messages of a server that no client of TLS 1.3 has to take after the handshake. */
const unexpected: readonly (readonly [title: string, message: Buffer])[] = [
  [
    'a request for a client certificate',
    // RFC 8446 section 4.3.2: a context of one byte, and the extension signature_algorithms.
    Buffer.from([13, 0, 0, 12, 1, 7, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3]),
  ],
  ['a hello request', Buffer.from([0, 0, 0, 0])],
  ['a finished message', Buffer.concat([Buffer.from([20, 0, 0, 32]), Buffer.alloc(32)])],
];

for (const [title, message] of unexpected) {
  for (const size of [1, Infinity]) {
    test(`TLSv1.3: ${title} after the handshake, in pieces of ${size}`, () => {
      const { client, server } = connectPair(tls13, tls13Aes128);
      const record = sealerOf(server)(0, 22, message);
      assert.match(receiveFailure(client, record, size), /^unexpected message: .*certificate/);
      // Nothing but the alert: no certificate, no byte of data.
      const output = tls.tlsTakeOutput(client);
      assert.equal(output.length, headerSize + 2 + 1 + 16);
      server.give(output);
      assert.match(server.read().status, /unexpected message/);
    });
  }
}

test('TLSv1.3: a record with nothing but padding behind its data is that data', () => {
  const { client, server } = connectPair(tls13, tls13Aes128);
  const padded = Buffer.concat([Buffer.from('data'), Buffer.from([23]), Buffer.alloc(1000)]);
  assert.equal(receive(client, sealerOf(server)(0, 0, padded), 1).toString(), 'data');
});

test('TLSv1.3: empty records are passed over, but not without end', () => {
  const { client, server } = connectPair(tls13, tls13Aes128);
  const seal = sealerOf(server);
  let sequence = 0;
  for (; sequence < 10; sequence++) {
    assert.equal(receive(client, seal(sequence, 23, Buffer.alloc(0))).length, 0);
  }
  assert.equal(receive(client, seal(sequence++, 23, Buffer.from('data'))).toString(), 'data');
  let detail = '';
  while (detail === '' && sequence < 1000) {
    detail = receiveFailure(client, seal(sequence++, 23, Buffer.alloc(0)));
  }
  assert.match(detail, /record/);
});

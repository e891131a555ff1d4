// TLS at work below an open socket: key updates, records of any size, renegotiation, and every way
// in which TLS ends a connection.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { webSocketClose, webSocketInfo, webSocketOpen, webSocketRead, webSocketWrite } from 'wsfd';
import type { OpenOptions } from 'wsfd';
import { close, fails, ok, open, read, readAll } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { binary, close as closeFrame, opcodes, text } from '../../support/frames';
import { response, startRawServer } from '../../support/raw-server';
import { tls12, tls13 } from '../../support/tls-core';
import { caCertificates, startScriptServer } from '../../support/tls-script-server';
import type { ScriptConnection } from '../../support/tls-script-server';
import { sealerOf, versions } from '../../support/tls-server-core';
import { alertLength, startTap } from '../../support/tls-tap';

interface Connected {
  socket: number;
  connection: ScriptConnection;
}

async function connect(
  t: TestContext,
  version: number,
  options: OpenOptions = {},
): Promise<Connected> {
  const server = await startScriptServer({ minVersion: version, maxVersion: version });
  t.after(() => server.close());
  const socket = await open(server.url, { caCertificates, ...options });
  return { socket, connection: await server.connections.next() };
}

for (const answerWanted of [false, true]) {
  test(`KeyUpdate in the middle of a stream${answerWanted ? ', to be answered' : ''}`, async (t) => {
    const { socket, connection } = await connect(t, tls13);
    const { tls } = connection;
    const expected: string[] = [];
    for (let i = 0; i < 100; i++) {
      const message = `message ${i} ${'x'.repeat(i * 10)}`;
      expected.push(message);
      const frame = text(message);
      // The keys change in front of a message, and inside of one.
      tls.write(frame.subarray(0, i % frame.length));
      assert.equal(tls.keyUpdate(answerWanted), 'ok');
      tls.write(frame.subarray(i % frame.length));
      if (i % 10 === 0) connection.flush();
    }
    connection.flush();
    assert.deepEqual(await readAll(socket, expected.length), expected);
    await ok(webSocketWrite(socket, 'back'));
    assert.equal((await connection.frames.next()).payload.toString(), 'back');
  });
}

for (const [name, version] of versions) {
  test(`${name}: records of one byte`, async (t) => {
    const { socket, connection } = await connect(t, version);
    const messages = ['a', 'bc', 'd'.repeat(200), ''];
    for (const byte of Buffer.concat(messages.map((message) => text(message)))) {
      connection.tls.write(Buffer.from([byte]));
    }
    connection.flush();
    assert.deepEqual(await readAll(socket, messages.length), messages);
  });

  test(`${name}: a record of 16 KiB, sent byte by byte`, async (t) => {
    const { socket, connection } = await connect(t, version);
    const message = Buffer.alloc(16_384 - 4, 'x');
    connection.tls.write(binary(message));
    for (const byte of connection.tls.take()) connection.socket.write(Buffer.from([byte]));
    assert.deepEqual(await read(socket), message);
  });

  test(`${name}: a damaged record: what came before it is delivered, then -1`, async (t) => {
    const { socket, connection } = await connect(t, version);
    connection.tls.write(Buffer.concat([text('a'), text('b')]));
    const good = connection.tls.take();
    connection.tls.write(text('c'));
    const bad = connection.tls.take();
    bad.writeUInt8(bad.readUInt8(bad.length - 1) ^ 1, bad.length - 1);
    connection.socket.write(Buffer.concat([good, bad]));
    assert.deepEqual(await readAll(socket, 2), ['a', 'b']);
    for (let i = 0; i < 2; i++) {
      const error = await fails(() => webSocketRead(socket, {}), 'WSFD_TLS_FAILED');
      assert.equal(error.category, 'tls');
      assert.match(error.message, /bad record mac/);
    }
    assert.match(await connection.tlsEnded, /alert bad record mac/);
    await fails(() => webSocketWrite(socket, 'x'), 'WSFD_SOCKET_CLOSED');
    await close(socket);
  });

  test(`${name}: webSocketClose says close_notify before the connection ends`, async (t) => {
    const { socket, connection } = await connect(t, version);
    const closed = webSocketClose(socket);
    assert.equal((await connection.frames.next()).opcode, opcodes.close);
    connection.tls.write(closeFrame(1000));
    connection.tls.closeNotify();
    connection.flush();
    // The server's end of stream comes after the client's close_notify alone.
    assert.equal(await connection.tlsEnded, 'closed');
    connection.socket.end();
    await ok(closed);
    await connection.ended;
  });

  test(`${name}: close_notify without a close frame is answered by close_notify`, async (t) => {
    const { socket, connection } = await connect(t, version);
    connection.tls.write(text('last'));
    connection.tls.closeNotify();
    connection.flush();
    assert.equal(await read(socket), 'last');
    await fails(() => webSocketRead(socket, {}), 'WSFD_CLOSED_ABNORMALLY');
    assert.equal(await connection.tlsEnded, 'closed');
    connection.socket.end();
    await connection.ended;
  });

  test(`${name}: an end of stream without close_notify is truncation`, async (t) => {
    const { socket, connection } = await connect(t, version);
    connection.tls.write(text('last'));
    connection.flush();
    connection.socket.end();
    assert.equal(await read(socket), 'last');
    const error = await fails(() => webSocketRead(socket, {}), 'WSFD_TLS_TRUNCATED');
    assert.deepEqual([error.category, error.retryable], ['closed', true]);
    assert.equal(webSocketInfo(socket)?.closeCode, 1006);
  });

  test(`${name}: a protocol violation ends with a close frame and close_notify`, async (t) => {
    const { socket, connection } = await connect(t, version);
    connection.tls.write(text('x', { rsv: 1 }));
    connection.flush();
    await fails(() => webSocketRead(socket, {}), 'WSFD_RESERVED_BITS');
    assert.equal((await connection.frames.next()).opcode, opcodes.close);
    assert.equal(await connection.tlsEnded, 'closed');
    connection.socket.end();
  });

  test(`${name}: a server that never answers the close frame gets all that was written, and close_notify`, async (t) => {
    const { socket, connection } = await connect(t, version, { closeTimeout: 0 });
    // Behind an immediate the loop runs timers first: closeTimeout has passed before the output of
    // this tick leaves.
    await new Promise((resolve) => setImmediate(resolve));
    await ok(webSocketWrite(socket, 'a'));
    await ok(webSocketWrite(socket, 'b'));
    await fails(() => webSocketClose(socket), 'WSFD_CLOSE_TIMEOUT');
    assert.equal(await connection.tlsEnded, 'closed');
    assert.deepEqual(
      connection.frames.all.map(({ opcode, payload }) => [opcode, payload.toString('latin1')]),
      [
        [opcodes.text, 'a'],
        [opcodes.text, 'b'],
        [opcodes.close, '\x03\xe8'],
      ],
    );
  });
}

test('a server that asks for a client certificate later is told that this is not done', async (t) => {
  const { socket, connection } = await connect(t, tls13, {
    cipherSuites: 'TLS_AES_128_GCM_SHA256',
  });
  // A CertificateRequest (RFC 8446 section 4.3.2), behind the record with the answer.
  const request = Buffer.from([13, 0, 0, 12, 1, 7, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3]);
  connection.socket.write(sealerOf(connection.tls)(1, 22, request));
  const error = await fails(() => webSocketRead(socket, {}), 'WSFD_TLS_FAILED');
  assert.match(error.message, /request for a client certificate/);
  assert.match(await connection.tlsEnded, /unexpected message/);
});

test('renegotiation that a server of TLS 1.2 asks for is refused, and messages go on', async (t) => {
  const { socket, connection } = await connect(t, tls12);
  connection.tls.write(text('before'));
  assert.equal(connection.tls.helloRequest(), 'ok');
  const request = connection.tls.take();
  connection.socket.write(request);
  assert.equal(await read(socket), 'before');
  await ok(webSocketWrite(socket, 'still here'));
  // OpenSSL's server takes the refusal for the end.
  assert.match(await connection.tlsEnded, /no renegotiation/);
});

test('a refused opening handshake ends with close_notify', async (t) => {
  const { cert, key } = makeSelfSigned();
  const server = await startRawServer({
    tls: { cert, key, minVersion: 'TLSv1.3' },
    answer: () => response('403 Forbidden', ['Content-Length: 0']),
  });
  const tap = await startTap(server.port);
  t.after(async () => {
    await tap.close();
    await server.close();
  });
  await fails(() => webSocketOpen(tap.url, { caCertificates: cert }), 'WSFD_HANDSHAKE_REFUSED');
  const { socket } = await server.connections.next();
  socket.end();
  const connection = await tap.connections.next();
  await connection.ended;
  const [request, last] = connection.records.slice(-2);
  assert.ok((request?.length ?? 0) > 100);
  assert.equal(last?.length, alertLength);
});

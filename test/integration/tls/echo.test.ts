// Messages around the size of a TLS record, 2^14 bytes of plaintext (RFC 8446 section 5.1), and of
// several, there and back with each version of the protocol.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { webSocketInfo, webSocketWrite } from 'wsfd';
import { close, ok, open, read } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { startWsServer } from '../../support/servers';

// In TLS 1.3 a client's end of the handshake leaves with its request; in TLS 1.2 the server has a word
// between the two.
for (const [version, writes] of [
  ['TLSv1.2', 3],
  ['TLSv1.3', 2],
] as const) {
  test(`${version}: ${writes} writes open a connection`, async (t) => {
    const { cert, key } = makeSelfSigned();
    const server = await startWsServer({
      tls: { cert, key, minVersion: version, maxVersion: version },
    });
    t.after(() => server.close());
    const socket = await open(server.url, { caCertificates: cert });
    assert.equal(webSocketInfo(socket)?.writes, writes);
    await close(socket);
  });
}

const record = 16384;
// A frame's header is 2, 4 or 10 bytes long to the client, and 4 more from it.
const beside = [-14, -10, -8, -4, -1, 0, 1];
const sizes = [record, 2 * record, 65536].flatMap((size) => beside.map((more) => size + more));

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${version}: messages around the size of TLS records`, async (t) => {
    const { cert, key } = makeSelfSigned();
    const server = await startWsServer({
      tls: { cert, key, minVersion: version, maxVersion: version },
    });
    t.after(() => server.close());
    const socket = await open(server.url, { caCertificates: cert });
    for (const size of sizes) {
      const message = randomBytes(size);
      await ok(webSocketWrite(socket, message));
      const answer = await read(socket);
      assert.ok(Buffer.isBuffer(answer) && answer.equals(message), `${size} bytes`);
    }
    // All in one go, so that one read of the client's spans many records and frames.
    for (const size of sizes) await ok(webSocketWrite(socket, 'z'.repeat(size)));
    for (const size of sizes) assert.equal((await read(socket)).length, size);
    await close(socket);
  });
}

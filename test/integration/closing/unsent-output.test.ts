// A server that closes while our output waits: it gets what was written before, and our close frame
// behind that, as long as it takes them; what it does not take is no clean end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { webSocketFlush, webSocketRead, webSocketWrite } from 'wsfd';
import { WebSocket } from 'wsfd/websocket';
import { close, open } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { close as closeFrame, closeCodeOf, opcodes } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import type { RawServer } from '../../support/raw-server';
import { resetIsAnEnd } from '../../support/wine';

/** More in all than a system's socket buffers hold. */
const count = 512;
const size = 64 * 1024;

async function start(t: TestContext, secure: boolean): Promise<RawServer> {
  const tls = secure ? { tls: makeSelfSigned() } : {};
  const server = await startRawServer({ leavesCloseToTest: true, ...tls });
  t.after(() => server.close());
  return server;
}

for (const secure of [false, true]) {
  test(`${secure ? 'wss' : 'ws'}: a server that has ended its own side gets all of it`, async (t) => {
    const server = await start(t, secure);
    const socket = await open(server.url, { ignoreSslErrors: true });
    const connection = await server.connections.next();
    connection.socket.pause();
    for (let i = 0; i < count; i++) assert.equal(webSocketWrite(socket, Buffer.alloc(size, i)), 0);
    connection.send(closeFrame(1001));
    connection.end();
    assert.equal(await webSocketRead(socket, {}), 1);
    const flushed = webSocketFlush(socket);
    connection.socket.resume();
    await connection.closed;
    const seen = connection.frames.all.map((frame) =>
      frame.opcode === opcodes.binary
        ? [frame.payload.length, frame.payload[0]]
        : closeCodeOf(frame),
    );
    assert.deepEqual(seen, [...Array.from({ length: count }, (_, i) => [size, i % 256]), 1001]);
    assert.equal(await flushed, 0);
    await close(socket);
  });
}

for (const ended of [false, true]) {
  const name = `class WebSocket: a reset ${ended ? 'behind an end of the stream ' : ''}before all is taken is not clean`;
  test(name, { skip: resetIsAnEnd }, async (t) => {
    const server = await start(t, false);
    const client = new WebSocket(server.url);
    const seen: unknown[] = [];
    client.onerror = ({ error }) => seen.push((error as { code: string }).code);
    const closed = new Promise<void>((resolve) => {
      client.onclose = ({ code, wasClean }) => {
        seen.push(code, wasClean);
        resolve();
      };
    });
    const connection = await server.connections.next();
    await new Promise((resolve) => (client.onopen = resolve));
    connection.socket.pause();
    for (let i = 0; i < count; i++) client.send(Buffer.alloc(size));
    connection.send(closeFrame(1001));
    if (ended) connection.end();
    while (client.readyState === WebSocket.OPEN) await new Promise(setImmediate);
    connection.reset();
    await closed;
    assert.deepEqual(seen, ['WSFD_CONNECTION_LOST', 1006, false]);
  });
}

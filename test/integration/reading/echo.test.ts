// Messages of every length form, there and back, through other people's servers.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { webSocketWrite } from 'wsfd';
import type { Message } from 'wsfd';
import { close, ok, open, read } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { startUwsServer, startWsServer } from '../../support/servers';

const mebibyte = 1024 * 1024;
const limits = { maxMessageBytes: 32 * mebibyte, maxBufferedBytes: 64 * mebibyte };

// 125 and 65535 are the last lengths of their forms (RFC 6455 section 5.2), 126 and 65536 the first.
const sizes = [0, 1, 125, 126, 65535, 65536, 20_000_000];

const textOf = (size: number): string => randomBytes(size).toString('hex').slice(0, size);

/** Text of exactly `size` bytes in which no character begins at the same place twice in a row. */
function mixedText(size: number): string {
  const characters = 'zß水🍌';
  const text = characters.repeat(Math.ceil(size / 10));
  const whole = Buffer.from(text).subarray(0, size).toString();
  const cut = whole.replace(/\uFFFD+$/, '');
  return cut + '.'.repeat(size - Buffer.byteLength(cut));
}

const same = (a: Message, b: Message): boolean =>
  typeof a === 'string' || typeof b === 'string' ? a === b : a.equals(b);

async function echoAll(socket: number): Promise<void> {
  for (const size of sizes) {
    const messages = [textOf(size), mixedText(size), randomBytes(size)];
    for (const message of messages) {
      await ok(webSocketWrite(socket, message));
      const answer = await read(socket);
      assert.equal(typeof answer, typeof message);
      // Not assert.equal, which would print twenty million bytes.
      assert.ok(same(answer, message), `another message of ${size} bytes came back`);
    }
  }
}

const servers = { ws: startWsServer, 'uWebSockets.js': startUwsServer };

for (const [name, start] of Object.entries(servers)) {
  for (const scheme of ['ws', 'wss']) {
    test(`echoes every size over ${scheme} with ${name}`, async (t) => {
      const { cert, key } = makeSelfSigned();
      const server = await start(scheme === 'wss' ? { tls: { cert, key } } : {});
      t.after(() => server.close());
      const socket = await open(server.url, {
        ...limits,
        ...(scheme === 'wss' ? { ignoreSslErrors: true } : {}),
      });
      await echoAll(socket);
      await close(socket);
    });
  }
}

test('echoes ten thousand small messages in order', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  const count = 10_000;
  for (let i = 0; i < count; i++) {
    await ok(webSocketWrite(socket, i % 2 === 0 ? `${i}` : Buffer.from(`${i}`)));
  }
  for (let i = 0; i < count; i++) {
    const answer = await read(socket);
    assert.equal(typeof answer === 'string', i % 2 === 0);
    assert.equal(answer.toString(), `${i}`);
  }
  await close(socket);
});

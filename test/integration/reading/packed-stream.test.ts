// A long stream of packed messages of random sizes, kinds and fragmentations: as many came as were
// sent, in order, with the same bytes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { webSocketSubscribePacked, webSocketTerminate } from 'wsfd';
import { open } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { fragments, opcodes } from '../../support/frames';
import { extent } from '../../support/long';
import { randomMessages, randomNumbers } from '../../support/random-messages';
import { startRawServer } from '../../support/raw-server';

/** Counts messages, and hashes what they are, how long they are, and their bytes. */
class Reference {
  count = 0;
  private readonly hash: Hash = createHash('sha1');
  private readonly head = Buffer.alloc(5);

  add(isText: boolean, bytes: Uint8Array): void {
    this.count++;
    this.head.writeUInt8(isText ? 1 : 0, 0);
    this.head.writeUInt32LE(bytes.length, 1);
    this.hash.update(this.head).update(bytes);
  }

  digest(): string {
    return this.hash.digest('hex');
  }
}

const total = extent(20_000, 10_000_000);
const perWrite = 400;
const { cert, key } = makeSelfSigned();

for (const [name, secure, slow] of [
  ['plain', false, false],
  ['with a subscriber that takes its time', false, true],
  ['TLS', true, false],
] as const) {
  test(`${String(total)} packed messages, ${name}`, async (t) => {
    const server = await startRawServer(secure ? { tls: { cert, key } } : {});
    t.after(() => server.close());
    const socket = await open(server.url, {
      ...(secure ? { caCertificates: cert } : {}),
      ...(slow ? { receiveHighWaterMark: 100_000 } : {}),
    });
    const { socket: peer } = await server.connections.next();
    const next = randomNumbers(99);
    const below = (most: number): number => Math.floor(next() * most);
    const messages = randomMessages(1000, 98).map((message) => ({
      isText: typeof message === 'string',
      bytes: Buffer.from(message as string),
    }));
    const [sent, came] = [new Reference(), new Reference()];
    const finished = new Promise<void>((resolve, reject) => {
      const result = webSocketSubscribePacked(
        socket,
        (batch) => {
          for (let i = 0; i < batch.length; i++) came.add(batch.isText(i), batch.subarray(i));
          if (came.count >= total) resolve();
          if (slow) return new Promise<void>((done) => setImmediate(done));
          return undefined;
        },
        (code) => reject(new Error(`it ended with ${String(code)}`)),
      );
      assert.equal(result, 0);
    });
    while (sent.count < total) {
      const pieces: Buffer[] = [];
      for (let i = 0; i < perWrite && sent.count < total; i++) {
        const { isText, bytes } = messages[below(messages.length)] as (typeof messages)[number];
        sent.add(isText, bytes);
        const parts: Uint8Array[] = [];
        for (let from = 0, left = below(4); left >= 0; left--) {
          const to = left === 0 ? bytes.length : from + below(bytes.length - from + 1);
          parts.push(bytes.subarray(from, to));
          from = to;
        }
        pieces.push(...fragments(isText ? opcodes.text : opcodes.binary, parts));
      }
      if (!peer.write(Buffer.concat(pieces))) await once(peer, 'drain');
    }
    await finished;
    assert.deepEqual([came.count, came.digest()], [sent.count, sent.digest()]);
    assert.equal(webSocketTerminate(socket), 0);
  });
}

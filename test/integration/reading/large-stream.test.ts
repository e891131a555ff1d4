// Streams of messages of random sizes, kinds and fragmentations, one of large ones with small ones
// between them, one of middling ones: each message comes with its own bytes in every way of reading,
// and keeps them while memory is used again for the next ones.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import {
  webSocketRead,
  webSocketReadMany,
  webSocketSubscribe,
  webSocketSubscribePacked,
  webSocketTerminate,
} from 'wsfd';
import type { Message } from 'wsfd';
import { open } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { fragments, opcodes } from '../../support/frames';
import { collectGarbage } from '../../support/garbage';
import { extent } from '../../support/long';
import { randomNumbers } from '../../support/random-messages';
import { startRawServer } from '../../support/raw-server';

const total = extent(150, 5000);
/** Every so many messages V8 collects what nobody holds. */
const collectEvery = 25;
/** One message of so many is kept to the end. */
const keepEvery = 7;
const largest = 2 ** 21;

const next = randomNumbers(7);
const below = (most: number): number => Math.floor(next() * most);
const bytes = Buffer.from(Uint32Array.from({ length: largest / 2 }, () => below(2 ** 32)).buffer);
const letters = Buffer.from(bytes.toString('base64').replaceAll('+/', 'ä'));

interface Sent {
  readonly isText: boolean;
  readonly bytes: Buffer;
}

interface Stream {
  readonly count: number;
  readonly size: () => number;
  /** How many of them are text, and come in several frames. */
  readonly text: number;
  readonly fragmented: number;
}

const streams: Record<string, Stream> = {
  large: {
    count: total,
    size: () => (next() < 0.3 ? below(5000) : Math.floor(2 ** (14 + 7 * next()))),
    text: 0.4,
    fragmented: 0.3,
  },
  middling: {
    count: 4 * total,
    size: () => Math.floor(next() < 0.02 ? 2 ** (19 * next()) : 2 ** (12 + 4 * next())),
    text: 0.02,
    fragmented: 0.02,
  },
};

/** Cut from the same bytes at different places. */
function makeMessage({ size: sizeOf, text }: Stream): Sent {
  const size = sizeOf();
  const from = below(largest);
  if (next() >= text) return { isText: false, bytes: bytes.subarray(from, from + size) };
  return { isText: true, bytes: Buffer.from(letters.subarray(from, from + size).toString()) };
}

function framesOf({ isText, bytes: payload }: Sent, { fragmented }: Stream): Buffer[] {
  const parts: Buffer[] = [];
  let from = 0;
  for (let left = next() < fragmented ? below(4) : 0; left >= 0; left--) {
    const to = left === 0 ? payload.length : from + below(payload.length - from + 1);
    parts.push(payload.subarray(from, to));
    from = to;
  }
  return fragments(isText ? opcodes.text : opcodes.binary, parts);
}

/** Compares each message as it comes, and those that it keeps once more in the end. */
class Checker {
  count = 0;
  private readonly kept: [index: number, message: Message][] = [];

  constructor(private readonly messages: readonly Sent[]) {}

  take(message: Message): void {
    this.compare(this.count, message);
    if (this.count % keepEvery === 0) this.kept.push([this.count, message]);
    this.count++;
    if (this.count % collectEvery === 0) collectGarbage();
  }

  get isDone(): boolean {
    return this.count === this.messages.length;
  }

  finish(): void {
    assert.equal(this.count, this.messages.length);
    for (const [index, message] of this.kept) this.compare(index, message);
  }

  private compare(index: number, message: Message): void {
    const { isText, bytes: expected } = this.messages[index] as Sent;
    assert.equal(typeof message === 'string', isText, `the kind of message ${index}`);
    const came = typeof message === 'string' ? Buffer.from(message) : message;
    assert.ok(came.equals(expected), `message ${index} of ${expected.length} bytes`);
  }
}

type Receive = (socket: number, checker: Checker) => Promise<void>;

const subscribed =
  (hold: boolean): Receive =>
  (socket, checker) =>
    new Promise((resolve, reject) => {
      webSocketSubscribe(
        socket,
        (batch) => {
          for (const message of batch) checker.take(message);
          if (checker.isDone) resolve();
          return hold ? new Promise<void>((done) => setImmediate(done)) : undefined;
        },
        (code) => reject(new Error(`it ended with ${String(code)}`)),
      );
    });

const ways: Record<string, Receive> = {
  webSocketSubscribe: subscribed(false),
  'webSocketSubscribe with a subscriber that takes its time': subscribed(true),
  webSocketRead: async (socket, checker) => {
    while (!checker.isDone) {
      const data: { value?: Message } = {};
      assert.equal(await webSocketRead(socket, data), 0);
      checker.take(data.value ?? '');
    }
  },
  webSocketReadMany: async (socket, checker) => {
    while (!checker.isDone) {
      const batch: Message[] = [];
      assert.equal(await webSocketReadMany(socket, batch), 0);
      for (const message of batch) checker.take(message);
    }
  },
  webSocketSubscribePacked: (socket, checker) =>
    new Promise((resolve, reject) => {
      webSocketSubscribePacked(
        socket,
        (batch) => {
          for (let i = 0; i < batch.length; i++) {
            checker.take(batch.isText(i) ? batch.text(i) : batch.copy(i));
          }
          if (checker.isDone) resolve();
        },
        (code) => reject(new Error(`it ended with ${String(code)}`)),
      );
    }),
};

const { cert, key } = makeSelfSigned();

for (const [name, stream] of Object.entries(streams)) {
  const messages = Array.from({ length: stream.count }, () => makeMessage(stream));
  // A read brings several of the middling ones.
  const atOnce = 32;
  for (const [way, receive] of Object.entries(ways)) {
    for (const secure of [false, true]) {
      test(`${way}: ${name} messages over ${secure ? 'wss' : 'ws'}`, async (t) => {
        const server = await startRawServer(secure ? { tls: { cert, key } } : {});
        t.after(() => server.close());
        const socket = await open(server.url, {
          ...(secure ? { caCertificates: cert } : {}),
          receiveHighWaterMark: 1_000_000,
        });
        const { socket: peer } = await server.connections.next();
        const checker = new Checker(messages);
        const received = receive(socket, checker);
        for (let i = 0; i < messages.length; i += atOnce) {
          const part = messages.slice(i, i + atOnce);
          const frames = part.flatMap((message) => framesOf(message, stream));
          if (!peer.write(Buffer.concat(frames))) await once(peer, 'drain');
        }
        await received;
        checker.finish();
        assert.equal(webSocketTerminate(socket), 0);
      });
    }
  }
}

// Large messages: bytes are put where they stay, memory is used again, and whoever takes the message
// may have it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, receive } from '../support/connection-core';
import type { Portions } from '../support/connection-core';
import { binary, fragments, opcodes, ping, text } from '../support/frames';
import { randomNumbers } from '../support/random-messages';

const large = 32 * 1024;
/** What is missing of a payload is read into its place from so much on. */
const leastSpace = 8 * 1024;
/** What is read at once where a large message may begin. */
const headOfLarge = 4 * 1024;
/** What a read brings, of which a frame never fills a whole number. */
const portion = 10_000;

const counting = (size: number) =>
  Buffer.from(Uint32Array.from({ length: size / 4 }, (_, i) => i).buffer);

const limits = { maxMessageBytes: 1n << 30n };
const elsewhere: Portions = { most: portion, inPlace: false };
const inPlace: Portions = { most: portion, inPlace: true };

const payload = counting(3 * large + 4);

for (const [name, feeding] of Object.entries({ elsewhere, inPlace })) {
  describe(`the storage of a large message whose bytes were put ${name}`, () => {
    test('is given away, and the connection goes on', () => {
      const bytes = Buffer.concat([
        binary(payload),
        binary('x'),
        text(Buffer.alloc(payload.length, 'a')),
        binary(payload),
      ]);
      const messages = receive(new Client(limits), bytes, feeding);
      assert.deepEqual(
        messages.map(({ bytes, detached }) => [bytes.length, detached]),
        [
          [payload.length, true],
          [1, false],
          [payload.length, true],
          [payload.length, true],
        ],
      );
      assert.ok(messages[3]?.bytes.equals(payload));
    });

    test('has every byte in order, from one frame and from several', () => {
      const third = Math.ceil(payload.length / 3);
      const parts = [0, 1, 2].map((i) => payload.subarray(i * third, (i + 1) * third));
      for (const bytes of [binary(payload), Buffer.concat(fragments(opcodes.binary, parts))]) {
        const [message, ...more] = receive(new Client(limits), bytes, feeding);
        assert.equal(message?.detached, true);
        assert.ok(message.bytes.equals(payload));
        assert.deepEqual(more, []);
      }
    });

    test('is used again', () => {
      const bytes = Buffer.concat(Array<Buffer>(4).fill(binary(payload)));
      const messages = receive(new Client(limits), bytes, feeding);
      const [, ...addresses] = messages.map(({ address }) => address);
      // That of the first grew with what came.
      assert.equal(new Set(addresses).size, 1);
      assert.ok(messages.every((message) => message.bytes.equals(payload)));
    });

    test('stays where it is for a smaller one', () => {
      const bytes = binary(payload.subarray(0, large - 1));
      const smaller = receive(new Client(limits), bytes, feeding);
      assert.deepEqual(
        smaller.map(({ detached }) => detached),
        [false],
      );
    });
  });
}

test('a large message with another one beside it stays where it is', () => {
  // Both are complete before either is delivered.
  const halves = [payload.subarray(0, portion), payload.subarray(portion)];
  const bytes = [...fragments(opcodes.binary, ['a', 'b']), ...fragments(opcodes.binary, halves)];
  const { messages } = new Client(limits).connection.receive(Buffer.concat(bytes));
  assert.deepEqual(
    messages.map(({ detached, inPlace }) => [detached, inPlace]),
    [
      [false, false],
      [false, false],
    ],
  );
  assert.ok(messages[1]?.bytes.equals(payload));
});

describe('the place of the next bytes', () => {
  const nowhere = { isPlace: false, size: 2 ** 64 };

  /** A client that has got so many bytes. */
  const after = (bytes: Buffer): Client => {
    const client = new Client(limits);
    receive(client, bytes, elsewhere);
    return client;
  };

  test('is what is missing of a large message that has begun, in steps with what came', () => {
    const frame = binary(Buffer.alloc(10 * 1024 * 1024));
    const client = after(frame.subarray(0, 100));
    let came = 100;
    const steps: number[] = [];
    while (came < frame.length - leastSpace) {
      const { isPlace, size } = client.connection.nextSpace();
      assert.equal(isPlace, true);
      assert.ok(size <= Math.max(64 * 1024, came), `${size} more after ${came}`);
      client.connection.receiveInPlace(frame.subarray(came, came + size));
      came += size;
      steps.push(size);
    }
    assert.ok(steps.length < 12, `${steps.length} steps`);
  });

  test('is nowhere for a small message, between messages, and for little that is missing', () => {
    const small = binary(Buffer.alloc(large - 1));
    assert.deepEqual(after(Buffer.alloc(0)).connection.nextSpace(), nowhere);
    assert.deepEqual(after(small.subarray(0, 1000)).connection.nextSpace(), nowhere);
    const frame = binary(payload);
    const header = frame.length - payload.length;
    assert.deepEqual(after(frame.subarray(0, header - 1)).connection.nextSpace(), nowhere);
    const most = after(frame.subarray(0, frame.length - leastSpace));
    assert.equal(most.connection.nextSpace().isPlace, true);
    const rest = after(frame.subarray(0, frame.length - leastSpace + 1));
    assert.deepEqual(rest.connection.nextSpace(), nowhere);
  });

  test('is nowhere for a compressed message, and for a control frame inside of a large one', () => {
    const compression = { serverNoContextTakeover: true };
    const client = new Client({ ...limits, compression });
    const compressed = binary(payload);
    compressed[0] = 0xc2;
    client.connection.receive(compressed.subarray(0, 10));
    assert.deepEqual(client.connection.nextSpace(), nowhere);
    const [begin = Buffer.alloc(0)] = fragments(opcodes.binary, [payload, payload]);
    const between = after(Buffer.concat([begin, ping('abc').subarray(0, 3)]));
    assert.deepEqual(between.connection.nextSpace(), nowhere);
  });

  test('after a large message is anywhere, little at a time', () => {
    const client = after(binary(payload));
    assert.deepEqual(client.connection.nextSpace(), { isPlace: false, size: headOfLarge });
    receive(client, binary('x'), elsewhere);
    assert.deepEqual(client.connection.nextSpace(), nowhere);
  });

  test('does not hide that text is no UTF-8', () => {
    const bad = Buffer.alloc(payload.length, 'a');
    bad[2 * large] = 0xff;
    const client = new Client(limits);
    const bytes = text(bad);
    let came = 100;
    client.connection.receive(bytes.subarray(0, came));
    let status: string | undefined = 'needMore';
    while (status === 'needMore') {
      const { size } = client.connection.nextSpace();
      status = client.connection.receiveInPlace(bytes.subarray(came, came + size)).at(-1)?.status;
      came += size;
    }
    assert.equal(status, 'ended');
    assert.equal(client.connection.snapshot().error, 'TextNotUtf8');
  });
});

test('a stream of messages of all sizes is the same whole, in portions, in place and elsewhere', () => {
  const random = randomNumbers(17);
  const sent: Buffer[] = [];
  const frames: Buffer[] = [];
  for (let i = 0; i < 60; i += 1) {
    const size = Math.floor(2 ** (random() * 18));
    const message = Buffer.alloc(size, `${i} ä`);
    const isText = random() < 0.5;
    const body = isText ? Buffer.from(message.toString('latin1')) : message;
    const parts = random() < 0.3 ? [body.subarray(0, size / 3), body.subarray(size / 3)] : [body];
    frames.push(...fragments(isText ? opcodes.text : opcodes.binary, parts));
    if (random() < 0.2) frames.push(ping('between'));
    sent.push(body);
  }
  const bytes = Buffer.concat(frames);
  for (const most of [Infinity, 256 * 1024, portion, 1000]) {
    for (const where of [true, false]) {
      const messages = receive(new Client(limits), bytes, { most, inPlace: where });
      assert.equal(messages.length, sent.length);
      messages.forEach((message, i) => {
        assert.ok(message.bytes.equals(sent[i] as Buffer), `message ${i}, at most ${most} bytes`);
      });
    }
  }
});

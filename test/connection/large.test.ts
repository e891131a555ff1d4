// Large messages: their storage fits, and whoever takes the message may have it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client } from '../support/connection-core';
import type { ReceivedMessage } from '../support/connection-core';
import { binary, fragments, opcodes, text } from '../support/frames';

const large = 2 * 1024 * 1024;
/** What a read brings, of which a frame never fills a whole number. */
const portion = 65_536;

const counting = (size: number) =>
  Buffer.from(Uint32Array.from({ length: size / 4 }, (_, i) => i).buffer);

/** All messages of bytes that come in portions. */
function receive(client: Client, bytes: Buffer): ReceivedMessage[] {
  const messages: ReceivedMessage[] = [];
  for (let at = 0; at < bytes.length; at += portion) {
    let rest = bytes.subarray(at, at + portion);
    for (let taken = -1; taken !== rest.length;) {
      rest = rest.subarray(Math.max(taken, 0));
      const received = client.connection.receive(rest);
      messages.push(...received.messages);
      taken = received.taken;
      client.connection.delivered();
    }
  }
  return messages;
}

const limits = { maxMessageBytes: 1n << 30n };

describe('the storage of a large message', () => {
  const payload = counting(large + 4);

  test('is given away, and the connection goes on', () => {
    const client = new Client(limits);
    const bytes = Buffer.concat([
      binary(payload),
      binary('x'),
      text(payload.fill('a')),
      binary(payload),
    ]);
    const messages = receive(client, bytes);
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
      const [message, ...more] = receive(new Client(limits), bytes);
      assert.equal(message?.detached, true);
      assert.ok(message.bytes.equals(payload));
      assert.deepEqual(more, []);
    }
  });

  test('stays where it is for a smaller one, and for one with another message beside it', () => {
    const smaller = receive(new Client(limits), binary(payload.subarray(0, large - 1)));
    assert.deepEqual(
      smaller.map(({ detached }) => detached),
      [false],
    );
    // Both are complete before either is delivered.
    const client = new Client(limits);
    const halves = [payload.subarray(0, portion), payload.subarray(portion)];
    const bytes = [...fragments(opcodes.binary, ['a', 'b']), ...fragments(opcodes.binary, halves)];
    const { messages } = client.connection.receive(Buffer.concat(bytes));
    assert.deepEqual(
      messages.map(({ detached, inPlace }) => [detached, inPlace]),
      [
        [false, false],
        [false, false],
      ],
    );
    assert.ok(messages[1]?.bytes.equals(payload));
  });
});

// Messages are handed out in batches, where they lie: in the received bytes or put together.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client } from '../support/connection-core';
import type { Received } from '../support/connection-core';
import {
  binary,
  close,
  continuation,
  encodeFrame,
  fragments,
  opcodes,
  ping,
  text,
} from '../support/frames';

const capacity = 512;
const messages = (count: number, from = 0): Buffer[] =>
  Array.from({ length: count }, (_, i) => text(`message ${from + i}`));
const texts = ({ messages: received }: Received): string[] =>
  received.map(({ bytes }) => bytes.toString());
const numbered = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => `message ${from + i}`);

describe('a full batch', () => {
  test('512 messages are one batch', () => {
    const { connection } = new Client();
    const bytes = Buffer.concat(messages(capacity));
    const received = connection.receive(bytes);
    assert.deepEqual([received.status, received.taken], ['needMore', bytes.length]);
    assert.deepEqual(texts(received), numbered(capacity));
  });

  test('the 513th waits for the next call', () => {
    const { connection } = new Client();
    const first = Buffer.concat(messages(capacity));
    const last = text('the last');
    const received = connection.receive(Buffer.concat([first, last]));
    assert.deepEqual([received.status, received.taken], ['batchFull', first.length]);
    assert.deepEqual(texts(received), numbered(capacity));
    assert.equal(connection.snapshot().counters.messagesIn, capacity);
    const rest = connection.receive(last);
    assert.deepEqual(
      [rest.status, rest.taken, texts(rest)],
      ['needMore', last.length, ['the last']],
    );
  });

  test('of messages that were put together', () => {
    const { connection } = new Client();
    const parts = numbered(capacity).flatMap((name) =>
      fragments(opcodes.text, [name.slice(0, 4), name.slice(4)]),
    );
    const bytes = Buffer.concat([...parts, ...messages(1, capacity)]);
    const received = connection.receive(bytes);
    assert.equal(received.status, 'batchFull');
    assert.deepEqual(texts(received), numbered(capacity));
    assert.ok(received.messages.every(({ inPlace }) => !inPlace));
    const rest = connection.receive(bytes.subarray(received.taken));
    assert.deepEqual(texts(rest), numbered(1, capacity));
  });

  test('of empty messages in every form', () => {
    const forms = [text(''), binary(''), Buffer.concat(fragments(opcodes.text, ['', '']))];
    const bytes = Buffer.concat(Array.from({ length: 700 }, (_, i) => forms[i % 3] ?? text('')));
    const client = new Client().feed(bytes);
    assert.equal(client.messages.length, 700);
    assert.ok(client.messages.every((message) => message.length === 0));
  });

  test('control frames behind it wait too', () => {
    for (const behind of [ping('x'), close(1000), encodeFrame(3)]) {
      const { connection } = new Client();
      const full = Buffer.concat(messages(capacity));
      const { status, taken } = connection.receive(Buffer.concat([full, behind]));
      assert.deepEqual([status, taken], ['batchFull', full.length]);
      const { state, outputBytes } = connection.snapshot();
      assert.deepEqual([state, outputBytes], ['open', 0]);
    }
  });

  test('the beginning of a frame behind it waits too', () => {
    for (const size of [1, 2, 5]) {
      const client = new Client();
      const next = text('hello');
      client.feed(Buffer.concat([...messages(capacity), next.subarray(0, size)]));
      client.feed(next.subarray(size));
      assert.deepEqual(client.messages, [...numbered(capacity), 'hello']);
    }
  });

  test('a full batch in the middle of a fragmented message', () => {
    const client = new Client();
    const parts = fragments(opcodes.text, ['a', 'b', 'c']);
    client.feed(Buffer.concat([...messages(capacity - 1), ...parts, ...parts, text('d')]));
    assert.deepEqual(client.messages, [...numbered(capacity - 1), 'abc', 'abc', 'd']);
  });

  test('two thousand messages in one feed, whole and in fragments by turns', () => {
    const expected = numbered(2000);
    const frames = expected.map((name, i) =>
      i % 3 === 0 ? Buffer.concat(fragments(opcodes.text, [name, ''])) : text(name),
    );
    const client = new Client().feed(Buffer.concat(frames));
    assert.deepEqual(client.messages, expected);
    assert.equal(client.outcome().counters.messagesIn, 2000);
  });
});

describe('where messages lie', () => {
  test('whole ones in the received bytes, the others in the connection', () => {
    const { connection } = new Client();
    const bytes = Buffer.concat([
      text('one'),
      ...fragments(opcodes.text, ['tw', 'o']),
      binary('three'),
      ...fragments(opcodes.binary, ['fo', 'ur']),
      text('five'),
    ]);
    const received = connection.receive(bytes);
    assert.deepEqual(texts(received), ['one', 'two', 'three', 'four', 'five']);
    const inPlace = received.messages.map((message) => message.inPlace);
    assert.deepEqual(inPlace, [true, false, true, false, true]);
  });

  test('a message whose last byte comes alone is put together', () => {
    const { connection } = new Client();
    const frame = text('hello');
    connection.receive(frame.subarray(0, frame.length - 1));
    const received = connection.receive(Buffer.concat([frame.subarray(-1), text('world')]));
    assert.deepEqual(texts(received), ['hello', 'world']);
    assert.deepEqual([received.messages[0]?.inPlace, received.messages[1]?.inPlace], [false, true]);
  });

  test('messages stay while storage for the next ones grows', () => {
    const { connection } = new Client();
    // Each is larger than all before it, so that the storage moves with the first ones in it.
    const payloads = Array.from({ length: 10 }, (_, i) => Buffer.alloc(50 << i, `${i}`));
    const bytes = Buffer.concat(
      payloads.flatMap((payload) => [
        text('between'),
        ...fragments(opcodes.binary, [payload.subarray(0, 20), payload.subarray(20)]),
      ]),
    );
    const received = connection.receive(bytes);
    assert.deepEqual(
      received.messages.map((message) => message.bytes),
      payloads.flatMap((payload) => [Buffer.from('between'), payload]),
    );
  });

  test('the beginning of the next message stays when a batch was delivered', () => {
    for (const explicitly of [true, false]) {
      const { connection } = new Client();
      const large = Buffer.alloc(20_000, 'x');
      const [first = text(), second = text()] = fragments(opcodes.binary, [large, large]);
      connection.receive(Buffer.concat(fragments(opcodes.text, ['a', 'b'])));
      if (explicitly) connection.delivered();
      const before = connection.receive(
        Buffer.concat([...fragments(opcodes.text, ['c', 'd']), first, second.subarray(0, 10_000)]),
      );
      assert.deepEqual(texts(before), ['cd']);
      if (explicitly) connection.delivered();
      if (explicitly) connection.delivered();
      const received = connection.receive(second.subarray(10_000));
      assert.deepEqual(received.messages[0]?.bytes, Buffer.concat([large, large]));
    }
  });

  test('the storage of delivered messages is used again', () => {
    for (const explicitly of [true, false]) {
      const { connection } = new Client();
      const addresses = new Set<number | undefined>();
      for (let i = 0; i < 100; i++) {
        const { messages } = connection.receive(Buffer.concat(fragments(opcodes.text, ['a', 'b'])));
        addresses.add(messages[0]?.address);
        if (explicitly) connection.delivered();
      }
      assert.equal(addresses.size, 1);
    }
  });

  test('those before a failure in the same feed are handed out', () => {
    const { connection } = new Client();
    const bytes = [text('a'), ...fragments(opcodes.text, ['b', 'c']), text('d', { fin: false })];
    const received = connection.receive(Buffer.concat([...bytes, continuation(Buffer.of(0xff))]));
    assert.deepEqual([received.status, texts(received)], ['ended', ['a', 'bc']]);
  });

  test('nothing is received from nothing', () => {
    const { connection } = new Client();
    const empty = connection.receive(Buffer.alloc(0));
    assert.deepEqual(empty, { status: 'needMore', taken: 0, messages: [] });
  });
});

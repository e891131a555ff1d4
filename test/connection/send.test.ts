// Our own frames: masked, whole, in order (RFC 6455 sections 5.1 to 5.3).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client } from '../support/connection-core';
import type { Room } from '../support/connection-core';
import { FrameReader, close, encodeFrame, opcodes, ping, text } from '../support/frames';

const pattern = (size: number): Buffer => Buffer.alloc(size, 'abcdefghijklmnopqrstuvwxyz0123');
const none = Buffer.alloc(0);
/** Around the sizes at which the header grows: 6, 8 and 14 bytes. */
const sizes = [0, 1, 3, 124, 125, 126, 127, 65534, 65535, 65536, 65537];

describe('a message (RFC 6455 section 5.2)', () => {
  test('is what was put into the room, whatever length was expected', () => {
    for (const size of sizes) {
      const frame = Buffer.concat(new Array<Buffer>(3).fill(encodeMasked(size)));
      for (const expected of sizes) {
        const client = new Client();
        for (let i = 0; i < 3; i++) {
          const sent = client.connection.send(opcodes.binary, pattern(size), size, expected);
          assert.equal(sent, true);
        }
        const { outputBytes, counters } = client.connection.snapshot();
        assert.equal(outputBytes, frame.length);
        assert.deepEqual([counters.messagesOut, counters.framesOut], [3, 3]);
        assert.equal(counters.messageBytesOut, 3 * size);
        const name = size === 0 ? 'binary' : `binary ${pattern(size).toString()}`;
        assert.deepEqual(client.frames(), [name, name, name]);
      }
    }
  });

  /** For its length alone. */
  function encodeMasked(size: number): Buffer {
    return encodeFrame(opcodes.binary, pattern(size), { maskKey: Buffer.alloc(4) });
  }

  test('may use less room than was reserved', () => {
    for (const size of sizes) {
      for (const room of [size + 1, size * 3 + 1, 200_000]) {
        const client = new Client();
        client.connection.send(opcodes.text, pattern(size), room, size);
        client.connection.send(opcodes.text, none, room, size);
        const [first, second, ...more] = client.frames();
        assert.equal(first, size === 0 ? 'text' : `text ${pattern(size).toString()}`);
        assert.deepEqual([second, more], ['text', []]);
      }
    }
  });

  test('is a copy of what is given, of every size', () => {
    for (const size of sizes) {
      const client = new Client();
      for (let i = 0; i < 3; i++) {
        assert.equal(client.connection.send(opcodes.text, pattern(size)), true);
      }
      const { outputBytes, counters } = client.connection.snapshot();
      assert.equal(outputBytes, 3 * encodeMasked(size).length);
      assert.deepEqual([counters.messagesOut, counters.framesOut], [3, 3]);
      assert.equal(counters.messageBytesOut, 3 * size);
      const name = size === 0 ? 'text' : `text ${pattern(size).toString()}`;
      assert.deepEqual(client.frames(), [name, name, name]);
    }
  });

  test('behind output of which a part was taken', () => {
    const client = new Client();
    const reader = new FrameReader();
    const seen: number[] = [];
    for (let i = 0; i < 400; i++) {
      const size = (i * 37) % 1500;
      const room: Room = i % 3 === 0 ? [] : [size + (i % 7), (i * 101) % 70_000];
      client.connection.send(opcodes.binary, pattern(size), ...room);
      const { outputBytes } = client.connection.snapshot();
      const taken = client.connection.takeOutput((i * 53) % (outputBytes + 1));
      seen.push(...reader.read(taken).map(({ payload }) => payload.length));
    }
    const rest = reader.read(client.connection.takeOutput());
    seen.push(...rest.map(({ payload }) => payload.length));
    assert.deepEqual(
      seen,
      Array.from({ length: 400 }, (_, i) => (i * 37) % 1500),
    );
  });

  test('for which there is no memory is not sent', () => {
    const { connection } = new Client();
    connection.send(opcodes.text, pattern(10), 10, 10);
    for (const room of [2 ** 52, Number.MAX_SAFE_INTEGER]) {
      assert.equal(connection.send(opcodes.text, none, room, 0), undefined);
    }
    assert.equal(connection.send(opcodes.text, none, 0, 0), true);
    assert.equal(connection.snapshot().counters.messagesOut, 2);
    const frames = new FrameReader().read(connection.takeOutput());
    assert.deepEqual(
      frames.map(({ payload }) => payload),
      [pattern(10), none],
    );
  });
});

describe('masking keys (RFC 6455 section 5.3)', () => {
  test('are the next four bytes of the random source, for every kind of frame', () => {
    const random = Buffer.from(Array.from({ length: 8192 }, (_, i) => (i * 167 + (i >> 8)) & 0xff));
    const { connection } = new Client({ random });
    const keys: Buffer[] = [];
    const reader = new FrameReader();
    const collect = (): void => {
      keys.push(...reader.read(connection.takeOutput()).map(({ maskKey }) => maskKey));
    };
    for (let i = 0; i < 400; i++) {
      connection.send(opcodes.text, pattern(i), i, i);
      connection.send(opcodes.binary, pattern(i));
      connection.ping(pattern(i % 126));
      connection.receive(ping(pattern(i % 126)));
      collect();
    }
    connection.receive(close(1000));
    collect();
    const expected = Array.from({ length: 1601 }, (_, i) =>
      random.subarray(16 + 4 * i, 20 + 4 * i),
    );
    assert.deepEqual(keys, expected);
  });

  test('never repeat', () => {
    const { connection } = new Client();
    const keys = new Set<number>();
    const reader = new FrameReader();
    for (let i = 0; i < 5000; i++) {
      connection.send(opcodes.text, none, 0, 0);
      for (const { maskKey } of reader.read(connection.takeOutput())) {
        keys.add(maskKey.readUInt32BE());
      }
    }
    assert.equal(keys.size, 5000);
  });

  test('without a key nothing is sent: there is no frame that is not masked', () => {
    const client = new Client({ random: Buffer.alloc(4096, 'r') });
    const { connection } = client;
    for (let i = 0; i < 1020; i++) assert.equal(connection.send(opcodes.text, none, 0, 0), true);
    const before = connection.snapshot();
    assert.equal(connection.send(opcodes.text, pattern(9), 9, 9), false);
    assert.equal(connection.send(opcodes.text, pattern(9)), false);
    assert.equal(connection.ping(none), false);
    assert.equal(connection.close(1000, none), false);
    client.feed(ping('unanswered'));
    const counters = { ...before.counters, framesIn: 1 };
    assert.deepEqual(connection.snapshot(), { ...before, counters });
    assert.equal(client.frames().length, 1020);
    // What is received still counts.
    client.feed(text('x')).feed(encodeFrame(3));
    assert.deepEqual(client.messages, ['x']);
    const { state, error, outputBytes } = connection.snapshot();
    assert.deepEqual([state, error, outputBytes], ['closed', 'ReservedOpcode', 0]);
  });
});

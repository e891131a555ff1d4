// What may come in is bounded (RFC 6455 section 10.4).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, check, endsAfter, feedPortions } from '../support/connection-core';
import { binary, continuation, fragments, opcodes, ping, text } from '../support/frames';

const tooBig = { state: 'closed', error: 'MessageTooBig', frames: ['close 1009'] } as const;
const notFinal = { fin: false };

describe('maxMessageBytes (RFC 6455 section 10.4)', () => {
  test('in one frame, of every header size', () => {
    for (const size of [1, 5, 125, 126, 127, 300, 65535, 65536]) {
      const limit = { maxMessageBytes: BigInt(size) };
      const payload = Buffer.alloc(size, 'x');
      check(binary(payload), { messages: [payload] }, limit);
      check(text(payload), { messages: [payload.toString()] }, limit);
      const more = text(Buffer.alloc(size + 1, 'x'));
      const beginning = more.subarray(0, 100);
      check(beginning, tooBig, limit);
      // Judged by the header alone.
      const headerSize = more.length - size - 1;
      assert.equal(endsAfter(more, limit), headerSize);
    }
  });

  test('of zero lets empty messages pass alone', () => {
    const limit = { maxMessageBytes: 0n };
    check([text(''), binary('')], { messages: ['', Buffer.alloc(0)] }, limit);
    check(fragments(opcodes.text, ['', '']), { messages: [''] }, limit);
    check(text('x'), tooBig, limit);
    check([text('', notFinal), continuation('x')], tooBig, limit);
  });

  test('in fragments, each of which is under it', () => {
    const limit = { maxMessageBytes: 10n };
    check(fragments(opcodes.text, ['12345', '67890']), { messages: ['1234567890'] }, limit);
    check(fragments(opcodes.text, ['12345', '678901']), tooBig, limit);
    check(fragments(opcodes.text, ['1234567890', '']), { messages: ['1234567890'] }, limit);
    check(fragments(opcodes.text, ['1234567890', 'x']), tooBig, limit);
    const parts = Array<string>(10).fill('x');
    check(fragments(opcodes.binary, parts), { messages: [Buffer.alloc(10, 'x')] }, limit);
    check(fragments(opcodes.binary, [...parts, 'x']), tooBig, limit);
    const [first, second] = fragments(opcodes.text, ['12345', '678901']);
    assert.equal(endsAfter(Buffer.concat([first ?? text(), second ?? text()]), limit), 7 + 2);
  });

  test('counts each message on its own', () => {
    const limit = { maxMessageBytes: 4n };
    const frames = [text('1234'), ...fragments(opcodes.text, ['12', '34']), text('1234')];
    check(frames, { messages: ['1234', '1234', '1234'] }, limit);
    const more = [...frames, ...fragments(opcodes.text, ['12', '345'])];
    check(more, { ...tooBig, messages: ['1234', '1234', '1234'] }, limit);
  });

  test('does not bound control frames', () => {
    const frames = ['pong 12345678'];
    check(ping('12345678'), { frames }, { maxMessageBytes: 4n });
    const between = [text('12', notFinal), ping('12345678'), continuation('34')];
    check(between, { frames, messages: ['1234'] }, { maxMessageBytes: 4n });
  });
});

describe('huge declared lengths without a payload (RFC 6455 section 10.4)', () => {
  const lengths = [31n, 32n, 53n, 63n]
    .flatMap((bits) => [(1n << bits) - 1n, 1n << bits])
    .slice(0, -1);
  const largest = (1n << 63n) - 1n;

  test('are refused by their header', () => {
    for (const declaredLength of lengths) {
      for (const encode of [text, binary]) {
        const header = encode('', { declaredLength });
        check(header, tooBig);
        check(encode('', { declaredLength, fin: false }), tooBig);
        check([encode('x', notFinal), continuation('', { declaredLength })], tooBig);
        assert.equal(endsAfter(header), 10);
      }
    }
  });

  test('never allocate, not even below the limit', () => {
    // If room were made for what is declared, that would fail: no machine has 2^63 bytes.
    for (const maxMessageBytes of [largest, 1n << 63n, (1n << 64n) - 1n]) {
      for (const declaredLength of lengths) {
        const options = { maxMessageBytes, incomplete: true };
        check(text('abc', { declaredLength }), {}, options);
        const first = binary('x', notFinal);
        const fits = declaredLength < maxMessageBytes;
        const second = continuation('abc', { declaredLength });
        check([first, second], fits ? {} : tooBig, options);
      }
    }
  });

  test('a sum beyond 2^64 does not wrap around', () => {
    const options = { maxMessageBytes: largest };
    const frames = [text('ab', notFinal), continuation('', { declaredLength: largest - 1n })];
    check(frames, tooBig, options);
    frames[1] = continuation('', { declaredLength: largest - 2n });
    check(frames, {}, { ...options, incomplete: true });
  });
});

describe('the number of fragments has no bound, since one takes no memory', () => {
  const million = 1_000_000;
  for (const part of ['', 'x']) {
    const frame = continuation(part, notFinal);
    const frames = Buffer.concat([
      text(part, notFinal),
      Buffer.alloc((million - 2) * frame.length, frame),
      continuation(part),
    ]);
    const portions = Array.from({ length: Math.ceil(frames.length / 65536) }, (_, i) =>
      frames.subarray(i * 65536, (i + 1) * 65536),
    );

    test(`a million frames of ${part.length} bytes`, () => {
      const { state, messages, counters } = feedPortions(portions);
      assert.deepEqual([state, messages], ['open', [part.repeat(million)]]);
      assert.deepEqual([counters.framesIn, counters.messagesIn], [million, 1]);
    });
  }
});

test('messages of one mebibyte in small portions, one after the other', () => {
  const payload = Buffer.alloc(1 << 20, 'abcdefg');
  const frame = binary(payload);
  const client = new Client();
  for (let i = 0; i < 5; i++) {
    for (let at = 0; at < frame.length; at += 16384) client.feed(frame.subarray(at, at + 16384));
  }
  assert.equal(client.messages.length, 5);
  assert.ok(client.messages.every((message) => payload.equals(Buffer.from(message))));
});

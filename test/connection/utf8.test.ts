// Text is UTF-8, checked as it comes (RFC 6455 section 8.1).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { check, endsAfter, feedPortions } from '../support/connection-core';
import { binary, continuation, encodeFrame, fragments, opcodes, text } from '../support/frames';

const notUtf8 = { state: 'closed', error: 'TextNotUtf8', frames: ['close 1007'] } as const;
const notFinal = { fin: false };
const hex = (digits: string): Buffer => Buffer.from(digits, 'hex');

/** The first and last characters of each length, and those around the surrogates. */
const characters =
  '\u0000\u007f\u0080\u07ff\u0800\ud7ff\ue000\ufffd\uffff\u{10000}\u{1f600}\u{10ffff}';

/** What is wrong, and how many bytes it takes to see that. */
const wrong: [name: string, bytes: Buffer, seenAfter: number][] = [
  ['a continuation byte', hex('80'), 1],
  ['the last continuation byte', hex('bf'), 1],
  ['an overlong 2-byte form, C0', hex('c080'), 1],
  ['an overlong 2-byte form, C1', hex('c1bf'), 1],
  ['an overlong 3-byte form', hex('e09fbf'), 2],
  ['the first surrogate', hex('eda080'), 2],
  ['the last surrogate', hex('edbfbf'), 2],
  ['an overlong 4-byte form', hex('f08fbfbf'), 2],
  ['U+110000', hex('f4908080'), 2],
  ['F5', hex('f5808080'), 1],
  ['FF', hex('ff'), 1],
  ['an ASCII byte for the second of two', hex('c341'), 2],
  ['an ASCII byte for the third of three', hex('e28241'), 3],
  ['an ASCII byte for the fourth of four', hex('f09f9841'), 4],
  ['a first byte for the second', hex('c3c3'), 2],
  ['one byte too many', hex('c3a9a9'), 3],
];

describe('text that is UTF-8 (RFC 6455 section 8.1)', () => {
  const bytes = Buffer.from(characters);

  test('in one frame', () => {
    check(text(bytes), { messages: [characters] });
    const long = characters.repeat(40);
    check(text(long), { messages: [long] });
  });

  test('in two fragments cut at every byte', () => {
    for (let at = 0; at <= bytes.length; at++) {
      const parts = [bytes.subarray(0, at), bytes.subarray(at)];
      check(fragments(opcodes.text, parts), { messages: [characters] });
    }
  });

  test('in fragments of one byte, with and without empty ones', () => {
    const parts = [...bytes].map((byte) => Uint8Array.of(byte));
    check(fragments(opcodes.text, parts), { messages: [characters] });
    const empty = Buffer.alloc(0);
    const more = [empty, ...parts.flatMap((part) => [part, empty])];
    check(fragments(opcodes.text, more), { messages: [characters] });
  });

  test('an ASCII message behind another one', () => {
    check([...fragments(opcodes.text, ['é', 'é']), ...fragments(opcodes.text, ['a', 'b'])], {
      messages: ['éé', 'ab'],
    });
  });
});

describe('text that is not UTF-8 (RFC 6455 section 8.1)', () => {
  for (const [name, bytes, seenAfter] of wrong) {
    test(name, () => {
      check(text(bytes), notUtf8);
      check([text('before'), text(bytes)], { ...notUtf8, messages: ['before'] });
      check(fragments(opcodes.text, ['é', bytes, 'é']), notUtf8);
    });

    test(`${name}: fails at its byte, not at the end of the frame`, () => {
      // Blocks of 16 and steps of 64 bytes are checked at once: it may stand anywhere in them.
      for (let before = 0; before < 70; before++) {
        const payload = Buffer.concat([Buffer.alloc(before, 'x'), bytes, Buffer.alloc(100, 'x')]);
        const frame = text(payload);
        const headerSize = frame.length - payload.length;
        assert.equal(endsAfter(frame), headerSize + before + seenAfter);
        // The same in the portion in which it comes.
        const cut = headerSize + before + seenAfter;
        const { state, frames } = feedPortions([frame.subarray(0, 10), frame.subarray(10, cut)]);
        if (cut >= 10) assert.deepEqual([state, frames], ['closed', ['close 1007']]);
      }
    });

    test(`${name}: cut by fragments at every byte`, () => {
      for (let at = 0; at <= bytes.length; at++) {
        const first = text(bytes.subarray(0, at), notFinal);
        const second = continuation(Buffer.concat([bytes.subarray(at), Buffer.alloc(9, 'x')]));
        check([first, second], notUtf8);
        const seen = at >= seenAfter ? 2 + seenAfter : first.length + 2 + seenAfter - at;
        assert.equal(endsAfter(Buffer.concat([first, second])), seen);
      }
    });
  }

  test('a frame whose rest has not come fails at the byte', () => {
    check(text(hex('61ff'), { declaredLength: 100000n }), notUtf8, { incomplete: true });
  });
});

describe('text that ends inside a character (RFC 6455 section 8.1)', () => {
  for (const character of ['é', '€', '😀']) {
    const bytes = Buffer.from(character);
    for (let size = 1; size < bytes.length; size++) {
      const beginning = bytes.subarray(0, size);
      test(`${size} of ${bytes.length} bytes`, () => {
        check(text(Buffer.concat([Buffer.from('abc'), beginning])), notUtf8);
        check(fragments(opcodes.text, [beginning, '']), notUtf8);
        check(fragments(opcodes.text, ['', beginning]), notUtf8);
        // The next message does not complete it.
        check([text(beginning), text(bytes.subarray(size))], notUtf8);
        check([text(beginning, notFinal)], {});
      });
    }
  }

  test('a message that begins inside one does not complete the one before', () => {
    const [first, second] = [hex('c3'), hex('a9')];
    check([...fragments(opcodes.binary, ['', first]), text(second)], {
      ...notUtf8,
      messages: [first],
    });
  });
});

test('binary messages are any bytes (RFC 6455 section 5.6)', () => {
  const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  check(binary(all), { messages: [all] });
  check(fragments(opcodes.binary, [all.subarray(0, 200), all.subarray(200)]), { messages: [all] });
  for (const [, bytes] of wrong) check(encodeFrame(opcodes.binary, bytes), { messages: [bytes] });
});

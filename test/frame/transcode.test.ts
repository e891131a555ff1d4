import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addon } from '../support/core';

/**
 * native/frame/transcode.h. Each call works on a copy of its bytes and writes into exactly the room
 * that is promised, each as far behind a multiple of 64 bytes as asked (in characters or units), and
 * throws if anything outside of that room was written. UTF-16 comes with its low byte first.
 */
interface TranscodeCore {
  isLatin1(utf8: Uint8Array, alignment?: number): boolean;
  isLatin1Reference(utf8: Uint8Array): boolean;
  utf8ToLatin1(utf8: Uint8Array, fromAlignment?: number, toAlignment?: number): Buffer;
  utf8ToLatin1Reference(utf8: Uint8Array): Buffer;
  utf8ToUtf16(utf8: Uint8Array, fromAlignment?: number, toAlignment?: number): Buffer;
  utf8ToUtf16Reference(utf8: Uint8Array): Buffer;
}

const core = addon as TranscodeCore;

/** The edges of each number of bytes, of Latin-1, of the surrogates and of the planes. */
const codePoints: readonly number[] = [
  0x00, 0x41, 0x7f, 0x80, 0xbf, 0xc0, 0xfc, 0xff, 0x100, 0x20ac, 0x7ff, 0x800, 0xfff, 0x1000,
  0x4e2d, 0xd7ff, 0xe000, 0xfeff, 0xfffd, 0xffff, 0x10000, 0x103ff, 0x10400, 0x1f6d1, 0x3ffff,
  0x40000, 0xfffff, 0x100000, 0x10fc00, 0x10ffff,
];
const latin1CodePoints = codePoints.filter((codePoint) => codePoint <= 0xff);

const languages: Readonly<Record<string, string>> = {
  ascii: 'The temperature of the cooling circuit exceeds its limit. ',
  german: 'Die Temperatur im Kühlkreislauf überschreitet den zulässigen Höchstwert für Öl. ',
  umlauts: 'äöüÄÖÜßéàç',
  russian: 'Температура в контуре охлаждения превышает предел. ',
  chinese: '冷却回路的温度超过了允许的最大值，请检查泵和阀门。',
  json: '{"id":4711,"text":"冷却回路","unit":"°C","value":21.5,"quality":"good","source":"PLC-7"}',
  emoji: '🛑🔥🌡💧',
  mixed: 'T=21.5 °C, Δp=3 bar, 冷却 🛑 überhöht ',
};

/** xorshift32: the same numbers in every run. */
function randomSource(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Texts of up to 300 characters, in runs of one kind that are short or long. */
function* randomTexts(count: number, seed: number, from: readonly number[]): Generator<string> {
  const random = randomSource(seed);
  for (let n = 0; n < count; n++) {
    const longestRun = 1 + random(80);
    let text = '';
    for (let left = random(300); left > 0;) {
      const codePoint = random(2) === 0 ? 0x61 : (from[random(from.length)] ?? 0);
      const run = Math.min(left, 1 + random(longestRun));
      text += String.fromCodePoint(codePoint).repeat(run);
      left -= run;
    }
    yield text;
  }
}

/** The longest beginning of `text` that has `size` bytes at most, filled up with ASCII. */
function ofSize(text: string, size: number): string {
  let taken = '';
  let bytes = 0;
  for (const character of text) {
    if (bytes + Buffer.byteLength(character) > size) break;
    taken += character;
    bytes += Buffer.byteLength(character);
  }
  return taken + '.'.repeat(size - bytes);
}

/** Puts one character at every place of a text, so that it lies across each block's edge. */
function* everywhere(character: string, filler: string): Generator<string> {
  for (let before = 0; before * Buffer.byteLength(filler) < 150; before++) {
    for (const after of [0, 1, 20]) yield filler.repeat(before) + character + filler.repeat(after);
  }
}

const isLatin1Text = (text: string): boolean =>
  Array.from(text).every((character) => character.charCodeAt(0) <= 0xff);

/** Compares all of them with the string that Node makes of the same bytes. */
function check(text: string, fromAlignment = 0, toAlignment = 0): void {
  const utf8 = Buffer.from(text);
  assert.equal(utf8.toString(), text);
  const utf16 = Buffer.from(text, 'utf16le');
  const where = (): string => `${utf8.toString('hex')} from ${fromAlignment} to ${toAlignment}`;
  const same = (actual: Buffer, expected: Buffer): void => {
    if (!actual.equals(expected)) assert.deepEqual(actual, expected, where());
  };
  same(core.utf8ToUtf16(utf8, fromAlignment, toAlignment), utf16);
  same(core.utf8ToUtf16Reference(utf8), utf16);
  const latin1 = isLatin1Text(text);
  assert.equal(core.isLatin1(utf8, fromAlignment), latin1, where());
  assert.equal(core.isLatin1Reference(utf8), latin1, where());
  if (!latin1) return;
  same(core.utf8ToLatin1(utf8, fromAlignment, toAlignment), Buffer.from(text, 'latin1'));
  same(core.utf8ToLatin1Reference(utf8), Buffer.from(text, 'latin1'));
}

describe('transcoding', () => {
  test('every length of each language', () => {
    for (const text of Object.values(languages)) {
      for (let size = 0; size <= 200; size++) check(ofSize(text.repeat(25), size));
    }
  });

  test('every length from the middle of each language, where other characters come last', () => {
    for (const text of Object.values(languages)) {
      const characters = Array.from(text.repeat(25));
      for (let skipped = 0; skipped < 20; skipped++) {
        for (let count = 0; count <= 70; count++) {
          check(characters.slice(skipped, skipped + count).join(''));
        }
      }
    }
  });

  test('every alignment of what is read and of what is written', () => {
    for (const text of Object.values(languages)) {
      for (const size of [1, 15, 16, 18, 19, 31, 33, 64, 100, 147]) {
        const sample = ofSize(text.repeat(25), size);
        for (let alignment = 0; alignment < 64; alignment++) {
          check(sample, alignment, 0);
          check(sample, 0, alignment);
        }
      }
    }
  });

  test('every edge, wherever it stands among characters of one to four bytes', () => {
    for (const codePoint of codePoints) {
      for (const filler of ['a', 'ü', '中', '🛑']) {
        for (const text of everywhere(String.fromCodePoint(codePoint), filler)) check(text);
      }
    }
  });

  test('every pair of edges, before and across the end of a block', () => {
    for (const first of codePoints) {
      for (const second of codePoints) {
        for (const before of [0, 5, 12, 14, 28, 61]) {
          check('a'.repeat(before) + String.fromCodePoint(first, second) + 'b'.repeat(9));
        }
      }
    }
  });

  test('every character there is', () => {
    for (let first = 0; first <= 0x10ffff; first += 0x100) {
      if (first >= 0xd800 && first <= 0xdfff) continue;
      check(String.fromCodePoint(...Array.from({ length: 0x100 }, (_, i) => first + i)));
    }
  });

  test('every mixture of one and two bytes in a block', () => {
    for (let mixture = 0; mixture < 0x1000; mixture++) {
      const kinds = Array.from({ length: 12 }, (_, i) => (mixture >> i) & 1);
      check(
        kinds
          .map((kind, i) => (kind === 0 ? 'abcdefghijkl' : 'äöüß°µÄÖÜéÿ\u0080').charAt(i))
          .join('') + 'tail ü',
      );
    }
  });

  test('random texts, ASCII among them in runs of every length', () => {
    for (const text of randomTexts(4000, 0x5eed, codePoints)) check(text, text.length % 64);
    for (const text of randomTexts(2000, 0xcafe, latin1CodePoints)) check(text, text.length % 64);
  });
});

describe('isLatin1', () => {
  test('finds the one character above U+00FF, wherever it stands', () => {
    for (const character of ['\u0100', '\u07ff', '\u0800', '\uffff', '🛑']) {
      for (const filler of ['a', 'ÿ']) {
        for (const text of everywhere(character, filler)) {
          assert.equal(core.isLatin1(Buffer.from(text)), false, text);
        }
      }
    }
  });

  test('is true of every character up to U+00FF, wherever it stands', () => {
    for (let codePoint = 0; codePoint <= 0xff; codePoint++) {
      for (const text of everywhere(String.fromCharCode(codePoint), 'a')) {
        assert.equal(core.isLatin1(Buffer.from(text)), true, text);
      }
    }
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { core } from '../support/core';

/** The edges of what RFC 3629 section 4 allows, one character each. */
const characters: readonly number[][] = [
  [0x00],
  [0x41],
  [0x7f],
  [0xc2, 0x80], // U+0080
  [0xc3, 0xbc], // U+00FC
  [0xdf, 0xbf], // U+07FF
  [0xe0, 0xa0, 0x80], // U+0800
  [0xe0, 0xbf, 0xbf],
  [0xe1, 0x80, 0x80],
  [0xe4, 0xb8, 0xad], // U+4E2D
  [0xec, 0xbf, 0xbf],
  [0xed, 0x80, 0x80],
  [0xed, 0x9f, 0xbf], // U+D7FF
  [0xee, 0x80, 0x80], // U+E000
  [0xef, 0xbb, 0xbf], // U+FEFF
  [0xef, 0xbf, 0xbf], // U+FFFF
  [0xf0, 0x90, 0x80, 0x80], // U+10000
  [0xf0, 0xbf, 0xbf, 0xbf],
  [0xf1, 0x80, 0x80, 0x80],
  [0xf3, 0xbf, 0xbf, 0xbf],
  [0xf4, 0x80, 0x80, 0x80],
  [0xf4, 0x8f, 0xbf, 0xbf], // U+10FFFF
];

/** What is not UTF-8, and the index of the first byte that cannot belong to it. */
const malformed: readonly [bytes: number[], firstWrong: number][] = [
  // A continuation byte that continues nothing.
  [[0x80], 0],
  [[0xbf], 0],
  [[0x41, 0x80], 1],
  [[0xc3, 0xbc, 0x80], 2],
  [[0xe4, 0xb8, 0xad, 0x80], 3],
  [[0xf4, 0x8f, 0xbf, 0xbf, 0x80], 4],
  // Overlong forms.
  [[0xc0, 0x80], 0],
  [[0xc0, 0xaf], 0],
  [[0xc1, 0xbf], 0],
  [[0xe0, 0x80, 0x80], 1],
  [[0xe0, 0x9f, 0xbf], 1],
  [[0xf0, 0x80, 0x80, 0x80], 1],
  [[0xf0, 0x8f, 0xbf, 0xbf], 1],
  // Surrogates.
  [[0xed, 0xa0, 0x80], 1],
  [[0xed, 0xbf, 0xbf], 1],
  [[0xed, 0xa0, 0xbd, 0xed, 0xbb, 0x91], 1],
  // Above U+10FFFF, and bytes that never appear.
  [[0xf4, 0x90, 0x80, 0x80], 1],
  [[0xf4, 0xbf, 0xbf, 0xbf], 1],
  [[0xf5, 0x80, 0x80, 0x80], 0],
  [[0xf7, 0xbf, 0xbf, 0xbf], 0],
  [[0xf8, 0x88, 0x80, 0x80, 0x80], 0],
  [[0xfc, 0x84, 0x80, 0x80, 0x80, 0x80], 0],
  [[0xfe], 0],
  [[0xff], 0],
  // A character that another one interrupts.
  [[0xc3, 0x41], 1],
  [[0xc3, 0xc3, 0xbc], 1],
  [[0xe4, 0x41], 1],
  [[0xe4, 0xb8, 0x41], 2],
  [[0xe4, 0xb8, 0xe4, 0xb8, 0xad], 2],
  [[0xe4, 0xe4, 0xb8, 0xad], 1],
  [[0xf0, 0x9f, 0x41], 2],
  [[0xf0, 0x9f, 0x9b, 0x41], 3],
  [[0xf0, 0x9f, 0x9b, 0xf0, 0x9f, 0x9b, 0x91], 3],
  [[0xe4, 0xb8, 0xff], 2],
];

/** The beginnings of characters that never end. */
const truncated = characters.flatMap((bytes) =>
  bytes.slice(1).map((_, i) => bytes.slice(0, i + 1)),
);

/** One byte of each kind that RFC 3629 tells apart, and the neighbours of each limit. */
const kinds = [
  0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec,
  0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
];

const german = 'Die Temperatur im Kühlkreislauf überschreitet den zulässigen Höchstwert für Öl. ';
const chinese = '冷却回路的温度超过了允许的最大值，请检查泵和阀门。';
const mixed = 'T=21.5 °C, Δp=3 bar, 冷却 🛑 überhöht ';

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

/** Texts of characters of every length, half of them with one byte changed. */
function* randomTexts(count: number, seed: number): Generator<Buffer> {
  const random = randomSource(seed);
  for (let n = 0; n < count; n++) {
    const size = random(300);
    const ascii = random(8);
    const bytes: number[] = [];
    while (bytes.length < size) {
      const which = random(8) < ascii ? 0 : random(characters.length);
      bytes.push(...(characters[which] ?? []));
    }
    if (bytes.length > 0 && random(2) === 0) bytes[random(bytes.length)] = random(256);
    yield Buffer.from(bytes);
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function isUtf8ToTheDecoder(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

const hex = (bytes: Iterable<number>): string => Buffer.from([...bytes]).toString('hex');

/** Puts `bytes` at every place of a text, so that they lie across each block's edge. */
function* everywhere(bytes: readonly number[], filler: string): Generator<Buffer> {
  const text = Buffer.from(filler.repeat(60));
  const unit = Buffer.byteLength(filler);
  for (let before = 0; before < 150; before += unit) {
    for (const after of [0, unit, 20 * unit]) {
      yield Buffer.concat([text.subarray(0, before), Buffer.from(bytes), text.subarray(0, after)]);
    }
  }
}

describe('isAscii', () => {
  test('is true of ASCII at every length and alignment', () => {
    for (let size = 0; size <= 200; size++) {
      const bytes = Buffer.from(Array.from({ length: size }, (_, i) => (i * 31) & 0x7f));
      assert.ok(core.isAsciiReference(bytes));
      for (let alignment = 0; alignment < 64; alignment++) {
        assert.ok(core.isAscii(bytes, alignment), `size ${size} at ${alignment}`);
      }
    }
  });

  test('finds one high bit anywhere, at every length', () => {
    for (let size = 1; size <= 200; size++) {
      const bytes = Buffer.alloc(size, 0x7f);
      for (let i = 0; i < size; i++) {
        bytes[i] = 0x80;
        assert.equal(core.isAsciiReference(bytes), false);
        assert.equal(core.isAscii(bytes, i % 64), false, `byte ${i} of ${size}`);
        bytes[i] = 0x7f;
      }
    }
  });

  test('finds each of the 128 bytes that are not ASCII', () => {
    for (let byte = 0; byte < 256; byte++) {
      assert.equal(core.isAscii(Uint8Array.of(byte)), byte < 0x80);
      assert.equal(core.isAscii(Buffer.alloc(64, byte)), byte < 0x80);
    }
  });
});

// The fast check and the reference alike, so that each vector judges both.
for (const name of ['isUtf8', 'isUtf8Reference'] as const) {
  describe(name, () => {
    const check = core[name];

    test('accepts the edges of every range, wherever they stand', () => {
      for (const bytes of characters) {
        for (const filler of ['a', 'ü', '中', '🛑']) {
          for (const text of everywhere(bytes, filler)) {
            assert.ok(check(text), `${hex(bytes)} in ${text.length} bytes`);
          }
        }
      }
    });

    test('refuses what is malformed, wherever it stands', () => {
      for (const [bytes] of malformed) {
        for (const filler of ['a', 'ü', '中', '🛑']) {
          for (const text of everywhere(bytes, filler)) {
            assert.equal(check(text), false, `${hex(bytes)} in ${text.length} bytes`);
          }
        }
      }
    });

    test('refuses a character that does not end, wherever it stands', () => {
      for (const bytes of truncated) {
        for (const filler of ['a', 'ü', '中', '🛑']) {
          for (const text of everywhere(bytes, filler)) {
            assert.equal(check(text), false, `${hex(bytes)} in ${text.length} bytes`);
          }
        }
      }
    });

    test('judges every pair of bytes as TextDecoder does', () => {
      for (let pair = 0; pair <= 0xffff; pair++) {
        const bytes = Uint8Array.of(pair >> 8, pair & 0xff);
        assert.equal(check(bytes), isUtf8ToTheDecoder(bytes), hex(bytes));
      }
    });

    test('judges random texts as TextDecoder does', () => {
      for (const text of randomTexts(3000, 0x5eed)) {
        assert.equal(check(text), isUtf8ToTheDecoder(text), hex(text));
      }
    });
  });
}

describe('isUtf8 against its reference', () => {
  test('four bytes of every kind, across the edges of the first, second and last block', () => {
    for (const [size, at] of [
      [4, 0],
      [24, 14],
      [40, 30],
      [100, 62],
    ] as const) {
      const bytes = Buffer.alloc(size, 'a');
      for (const a of kinds) {
        for (const b of kinds) {
          for (const c of kinds) {
            for (const d of [0x41, 0x80, 0xbf, 0xc2, 0xf0]) {
              bytes.set([a, b, c, d], at);
              assert.equal(core.isUtf8(bytes), core.isUtf8Reference(bytes), hex(bytes));
            }
          }
        }
      }
    }
  });

  test('every length of three languages, at every alignment', () => {
    for (const language of [german, chinese, mixed]) {
      const text = Buffer.from(language.repeat(5));
      for (let size = 0; size <= 200; size++) {
        const bytes = text.subarray(0, size);
        const expected = core.isUtf8Reference(bytes);
        for (let alignment = 0; alignment < 64; alignment++) {
          assert.equal(core.isUtf8(bytes, alignment), expected, `${size} at ${alignment}`);
        }
      }
    }
  });

  test('one wrong byte anywhere in a long text', () => {
    const text = Buffer.from(german.repeat(3) + 'ASCII '.repeat(40) + chinese.repeat(3));
    for (let i = 0; i < text.length; i++) {
      const kept = text[i] ?? 0;
      for (const byte of [0x41, 0x80, 0xc3, 0xff]) {
        text[i] = byte;
        assert.equal(core.isUtf8(text), core.isUtf8Reference(text), `${byte} at ${i}`);
      }
      text[i] = kept;
    }
    assert.ok(core.isUtf8(text));
  });
});

describe('Utf8Stream', () => {
  const pieces = (bytes: Uint8Array, ...cuts: number[]): Uint8Array[] =>
    [...cuts, bytes.length].map((end, i) => bytes.subarray(i === 0 ? 0 : cuts[i - 1], end));
  const byteByByte = (bytes: Iterable<number>): Uint8Array[] =>
    Array.from(bytes, (byte) => Uint8Array.of(byte));

  test('accepts a text cut anywhere', () => {
    for (const language of [german, chinese, mixed]) {
      const text = Buffer.from(language.repeat(2));
      for (let cut = 0; cut <= text.length; cut++) {
        const [first, last] = core.utf8Stream(pieces(text, cut));
        assert.equal(first?.accepted, true, `cut at ${cut}`);
        assert.equal(first.atBoundary, core.isUtf8Reference(text.subarray(0, cut)), `${cut}`);
        assert.deepEqual(last, { accepted: true, atBoundary: true, ascii: false }, `${cut}`);
      }
    }
  });

  test('accepts a text cut in two places', () => {
    const text = Buffer.from(mixed + mixed);
    for (let first = 0; first <= text.length; first++) {
      for (let second = first; second <= text.length; second++) {
        const last = core.utf8Stream(pieces(text, first, second)).at(-1);
        assert.deepEqual(last, { accepted: true, atBoundary: true, ascii: false });
      }
    }
  });

  test('fails at the first byte that cannot belong to UTF-8, and for ever', () => {
    for (const [bytes, firstWrong] of malformed) {
      const steps = core.utf8Stream(byteByByte([0x61, ...bytes, 0x61, 0x80]));
      const accepted = steps.map((step) => step.accepted);
      assert.deepEqual(
        accepted,
        steps.map((_, i) => i < firstWrong + 1),
        hex(bytes),
      );
      assert.ok(steps.every((step) => step.accepted || !step.atBoundary));
    }
  });

  test('fails in the piece that holds the wrong byte, wherever the text is cut', () => {
    const before = Buffer.from(chinese);
    for (const [bytes, firstWrong] of malformed) {
      const text = Buffer.concat([before, Buffer.from(bytes), before]);
      const wrongAt = before.length + firstWrong;
      for (let cut = before.length - 20; cut <= text.length - before.length + 20; cut++) {
        const [first, last] = core.utf8Stream(pieces(text, cut));
        assert.equal(first?.accepted, cut <= wrongAt, `${hex(bytes)} cut at ${cut}`);
        assert.equal(last?.accepted, false, `${hex(bytes)} cut at ${cut}`);
      }
    }
  });

  test('is between characters only where one ends', () => {
    for (const bytes of characters) {
      const steps = core.utf8Stream(byteByByte(bytes));
      assert.ok(steps.every((step) => step.accepted));
      assert.deepEqual(
        steps.map((step) => step.atBoundary),
        bytes.map((_, i) => i === bytes.length - 1),
      );
    }
  });

  test('knows whether all was ASCII', () => {
    const words = ['', 'abc', 'd'.repeat(100), 'ü', 'e'].map((word) => Buffer.from(word));
    const ascii = core.utf8Stream(words).map((step) => step.ascii);
    assert.deepEqual(ascii, [true, true, true, false, false]);
  });

  test('an empty piece changes nothing', () => {
    const none = Buffer.alloc(0);
    const steps = core.utf8Stream([none, Buffer.of(0xe4), none, Buffer.of(0xb8), none]);
    assert.deepEqual(
      steps.map((step) => [step.accepted, step.atBoundary]),
      [true, false, false, false, false].map((atBoundary) => [true, atBoundary]),
    );
    const after = core.utf8Stream([Buffer.of(0xff), none, Buffer.of(0x61)]);
    assert.deepEqual(
      after.map((step) => step.accepted),
      [false, false, false],
    );
  });

  test('judges random texts in random pieces as the reference judges them whole', () => {
    const random = randomSource(0xcafe);
    for (const text of randomTexts(3000, 0xbeef)) {
      const longest = 2 + random(80);
      const cuts: number[] = [];
      for (let cut = random(longest); cut < text.length; cut += random(longest)) cuts.push(cut);
      const last = core.utf8Stream(pieces(text, ...cuts)).at(-1);
      const valid = last?.accepted === true && last.atBoundary;
      assert.equal(valid, core.isUtf8Reference(text), `${hex(text)} cut at ${cuts.join()}`);
    }
  });
});

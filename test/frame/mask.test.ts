import assert from 'node:assert/strict';
import { test } from 'node:test';
import { core } from '../support/core';

const key = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);
const phases = [0, 1, 2, 3];

/** Bytes of which no two neighbours and no two blocks are alike. */
const sample = (size: number): Buffer =>
  Buffer.from(Array.from({ length: size }, (_, i) => (i * 167 + (i >> 8) * 13) & 0xff));

test('the reference masks the example of RFC 6455 section 5.7', () => {
  const masked = core.applyMaskReference(Buffer.from('Hello'), key);
  assert.deepEqual([...masked], [0x7f, 0x9f, 0x4d, 0x51, 0x58]);
});

test('the reference begins at the octet of the key that it is told', () => {
  for (const phase of phases) {
    const masked = core.applyMaskReference(new Uint8Array(6), key, phase);
    assert.deepEqual(
      [...masked],
      [0, 1, 2, 3, 4, 5].map((i) => key[(phase + i) % 4]),
    );
  }
});

test('masks as the reference does, at every length, alignment and phase', () => {
  for (let size = 0; size <= 200; size++) {
    const bytes = sample(size);
    for (const phase of phases) {
      const expected = core.applyMaskReference(bytes, key, phase);
      for (let alignment = 0; alignment < 64; alignment++) {
        const masked = core.applyMask(bytes, key, phase, alignment);
        assert.ok(masked.equals(expected), `size ${size}, phase ${phase}, at ${alignment}`);
      }
    }
  }
});

test('copies as the reference masks, at every length, alignment and phase', () => {
  for (let size = 0; size <= 200; size++) {
    const bytes = sample(size);
    for (const phase of phases) {
      const expected = core.applyMaskReference(bytes, key, phase);
      for (let alignment = 0; alignment < 64; alignment++) {
        const toAlignment = (alignment * 7 + size) % 64;
        const masked = core.applyMaskCopy(bytes, key, phase, alignment, toAlignment);
        assert.ok(masked.equals(expected), `size ${size}, phase ${phase}, from ${alignment}`);
      }
    }
  }
});

test('masks long payloads as the reference does', () => {
  for (const size of [1023, 4096, 65535, 65536, 65537, 1_000_003]) {
    const bytes = sample(size);
    for (const phase of phases) {
      const expected = core.applyMaskReference(bytes, key, phase);
      assert.ok(core.applyMask(bytes, key, phase, 1).equals(expected), `size ${size}`);
      assert.ok(core.applyMaskCopy(bytes, key, phase, 1, 2).equals(expected), `size ${size}`);
    }
  }
});

test('a payload masked in two pieces is the payload masked whole, wherever it is cut', () => {
  const bytes = sample(150);
  const whole = core.applyMaskReference(bytes, key);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const pieces = [
      core.applyMask(bytes.subarray(0, cut), key),
      core.applyMask(bytes.subarray(cut), key, cut % 4),
    ];
    assert.ok(Buffer.concat(pieces).equals(whole), `cut at ${cut}`);
  }
});

test('masking twice gives the payload back', () => {
  const bytes = sample(77);
  assert.ok(core.applyMask(core.applyMask(bytes, key, 2), key, 2).equals(bytes));
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { core, type ParsedHeader } from '../support/core';

const FIN = 0x80;
const RSV1 = 0x40;
const MASK = 0x80;

const needMore: ParsedHeader = { status: 'needMore' };
const failed = (error: string): ParsedHeader => ({ status: 'failed', error });

/**
 * Feeds `bytes` in every way: each beginning shorter than `decidedAt` bytes must ask for more, each
 * longer one and whatever follows must give `expected`.
 */
function check(bytes: readonly number[], decidedAt: number, expected: ParsedHeader): void {
  for (let size = 0; size < decidedAt; size++) {
    const beginning = Uint8Array.from(bytes.slice(0, size));
    assert.deepEqual(core.parseHeader(beginning), needMore, `${size} of ${bytes.join()}`);
  }
  for (let size = decidedAt; size <= bytes.length; size++) {
    const beginning = Uint8Array.from(bytes.slice(0, size));
    assert.deepEqual(core.parseHeader(beginning), expected, `${size} of ${bytes.join()}`);
  }
  for (const trailing of [0x00, 0x81, 0xff]) {
    const more = Uint8Array.from([...bytes, ...Array<number>(20).fill(trailing)]);
    assert.deepEqual(core.parseHeader(more), expected, `${bytes.join()} and more`);
  }
}

/** `size` bytes of a number, the most significant first. */
function bigEndian(value: bigint, size: number): number[] {
  return Array.from({ length: size }, (_, i) =>
    Number((value >> BigInt(8 * (size - 1 - i))) & 255n),
  );
}

function complete(first: number, size: number, payloadLength: bigint): ParsedHeader {
  const opcode = first & 0x0f;
  const [fin, rsv1] = [(first & FIN) !== 0, (first & RSV1) !== 0];
  return { status: 'complete', fin, rsv1, opcode, size, payloadLength };
}

describe('parseHeader', () => {
  test('reads the examples of RFC 6455 section 5.7', () => {
    check([0x81, 0x05], 2, complete(0x81, 2, 5n));
    check([0x01, 0x03], 2, complete(0x01, 2, 3n));
    check([0x80, 0x02], 2, complete(0x80, 2, 2n));
    check([0x89, 0x05], 2, complete(0x89, 2, 5n));
    check([0x82, 0x7e, 0x01, 0x00], 4, complete(0x82, 4, 256n));
    check([0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0], 10, complete(0x82, 10, 65536n));
  });

  // The 65536 ways to begin, judged by the rules as RFC 6455 section 5.2 lists them.
  test('judges every pair of first bytes', () => {
    for (let first = 0; first < 256; first++) {
      const opcode = first & 0x0f;
      const control = opcode >= 8;
      let broken: string | undefined;
      if ((first & 0x30) !== 0) broken = 'ReservedBits';
      else if (![0, 1, 2, 8, 9, 10].includes(opcode)) broken = 'ReservedOpcode';
      else if (control && (first & FIN) === 0) broken = 'ControlFrameFragmented';
      if (broken !== undefined) {
        check([first], 1, failed(broken));
        continue;
      }
      for (let second = 0; second < 256; second++) {
        const length = second & 0x7f;
        if ((second & MASK) !== 0) check([first, second], 2, failed('MaskedFrame'));
        else if (length <= 125) check([first, second], 2, complete(first, 2, BigInt(length)));
        else if (control) check([first, second], 2, failed('ControlFrameTooLong'));
        else assert.deepEqual(core.parseHeader(Uint8Array.of(first, second)), needMore);
      }
    }
  });

  test('reads every 16-bit length and refuses those that fit into 7 bits', () => {
    for (let length = 0; length <= 0xffff; length++) {
      const bytes = Uint8Array.from([0x81, 126, ...bigEndian(BigInt(length), 2)]);
      const expected =
        length < 126 ? failed('LengthNotMinimal') : complete(0x81, 4, BigInt(length));
      assert.deepEqual(core.parseHeader(bytes), expected);
    }
    for (const length of [0n, 1n, 125n]) {
      check([0x81, 126, ...bigEndian(length, 2)], 4, failed('LengthNotMinimal'));
    }
    for (const length of [126n, 127n, 128n, 255n, 256n, 65535n]) {
      check([0x02, 126, ...bigEndian(length, 2)], 4, complete(0x02, 4, length));
    }
  });

  test('reads 64-bit lengths up to 2^63 - 1', () => {
    const bases = [16n, 17n, 24n, 31n, 32n, 40n, 48n, 53n, 56n, 62n, 63n].map((bits) => 1n << bits);
    for (const length of bases.flatMap((base) => [base - 1n, base, base + 1n])) {
      if (length <= 0xffffn || length >= 1n << 63n) continue;
      check([0xc1, 127, ...bigEndian(length, 8)], 10, complete(0xc1, 10, length));
    }
  });

  test('refuses a 64-bit length that fits into 16 bits at its sixth zero byte', () => {
    for (const length of [0n, 1n, 125n, 126n, 127n, 65535n]) {
      check([0x82, 127, ...bigEndian(length, 8)], 8, failed('LengthNotMinimal'));
    }
  });

  test('refuses a set most significant bit at its own byte', () => {
    for (const length of [1n << 63n, (1n << 63n) + 1n, (1n << 64n) - 1n]) {
      check([0x82, 127, ...bigEndian(length, 8)], 3, failed('LengthInvalid'));
    }
  });

  test('names the rule that is broken first', () => {
    check([0x33, 0xff, 0xff], 1, failed('ReservedBits'));
    check([0x0b, 0xff, 0xff], 1, failed('ReservedOpcode'));
    check([0x08, 0xff, 0xff], 1, failed('ControlFrameFragmented'));
    check([0x88, 0xff, 0xff], 2, failed('MaskedFrame'));
    check([0x88, 0x7f, 0xff], 2, failed('ControlFrameTooLong'));
  });
});

describe('writeClientHeader', () => {
  const key = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);
  const write = (opcode: number, payloadLength: bigint): number[] => [
    ...core.writeClientHeader(opcode, true, false, payloadLength, key),
  ];

  test('writes the example of RFC 6455 section 5.7', () => {
    assert.deepEqual(write(0x1, 5n), [0x81, 0x85, ...key]);
  });

  test('uses the fewest bytes for the length', () => {
    assert.deepEqual(write(0x2, 0n), [0x82, 0x80, ...key]);
    assert.deepEqual(write(0x2, 125n), [0x82, 0xfd, ...key]);
    assert.deepEqual(write(0x2, 126n), [0x82, 0xfe, 0, 126, ...key]);
    assert.deepEqual(write(0x2, 127n), [0x82, 0xfe, 0, 127, ...key]);
    assert.deepEqual(write(0x2, 65535n), [0x82, 0xfe, 255, 255, ...key]);
    assert.deepEqual(write(0x2, 65536n), [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, ...key]);
    for (const length of [1n << 31n, 1n << 32n, 1n << 53n, (1n << 63n) - 1n]) {
      assert.deepEqual(write(0x2, length), [0x82, 0xff, ...bigEndian(length, 8), ...key]);
    }
  });

  test('says its size beforehand', () => {
    for (const length of [0n, 125n, 126n, 65535n, 65536n, (1n << 63n) - 1n]) {
      assert.equal(core.clientHeaderSize(length), write(0x1, length).length);
    }
  });

  test('sets the bits and the opcode that it is given', () => {
    for (const opcode of [0x0, 0x1, 0x2, 0x8, 0x9, 0xa]) {
      for (const fin of [true, false]) {
        for (const rsv1 of [true, false]) {
          const [first] = core.writeClientHeader(opcode, fin, rsv1, 1n, key);
          assert.equal(first, opcode + (fin ? FIN : 0) + (rsv1 ? RSV1 : 0));
        }
      }
    }
  });
});

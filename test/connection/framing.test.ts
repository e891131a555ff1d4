// Frame headers that RFC 6455 forbids, as a connection judges them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { check, endsAfter } from '../support/connection-core';
import type { ErrorSymbol } from '../support/core';
import { binary, encodeFrame, fragments, opcodes, text } from '../support/frames';

/** The connection fails with 1002, whatever the frame stands behind; that is delivered. */
function refused(frame: Buffer, error: ErrorSymbol): void {
  const failed = { state: 'closed', error, closeCode: 1006, closedByPeer: false } as const;
  check(frame, { ...failed, frames: ['close 1002'] });
  const before = [text('before'), ...fragments(opcodes.binary, ['a', 'b'])];
  check([...before, frame], {
    ...failed,
    messages: ['before', Buffer.from('ab')],
    frames: ['close 1002'],
  });
}

describe('reserved bits (RFC 6455 section 5.2)', () => {
  for (const [name, opcode] of Object.entries(opcodes)) {
    test(`every one in a ${name} frame`, () => {
      for (let rsv = 1; rsv < 8; rsv++) {
        for (const payload of ['', 'x']) {
          refused(encodeFrame(opcode, payload, { rsv }), 'ReservedBits');
        }
        if (opcode < 8) refused(encodeFrame(opcode, 'x'.repeat(126), { rsv }), 'ReservedBits');
      }
    });
  }

  test('RSV1 inside a fragmented message', () => {
    const frames = [text('a', { fin: false }), encodeFrame(opcodes.continuation, 'b', { rsv: 4 })];
    check(frames, { state: 'closed', error: 'ReservedBits', frames: ['close 1002'] });
  });
});

test('reserved opcodes (RFC 6455 section 5.2)', () => {
  for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
    for (const fin of [true, false]) {
      const frame = encodeFrame(opcode, 'x', { fin });
      refused(frame, 'ReservedOpcode');
      assert.equal(endsAfter(frame), 1);
    }
  }
});

test('masked frames of a server (RFC 6455 section 5.1)', () => {
  for (const opcode of Object.values(opcodes)) {
    for (const size of opcode < 8 ? [0, 1, 125, 126, 65536] : [0, 1, 125]) {
      const frame = encodeFrame(opcode, Buffer.alloc(size, 'x'), { maskKey: Buffer.from('abcd') });
      // A long payload is of no account: its frame fails before.
      refused(frame.subarray(0, 200), 'MaskedFrame');
      assert.equal(endsAfter(frame), 2);
    }
  }
});

test('lengths that are not minimal (RFC 6455 section 5.2)', () => {
  for (const length of [0n, 1n, 125n]) {
    const frame = binary('', { lengthBytes: 2, declaredLength: length });
    refused(frame, 'LengthNotMinimal');
    assert.equal(endsAfter(frame), 4);
  }
  for (const length of [0n, 1n, 125n, 126n, 65535n]) {
    const frame = binary('', { lengthBytes: 8, declaredLength: length });
    refused(frame, 'LengthNotMinimal');
    assert.equal(endsAfter(frame), 8);
  }
});

test('lengths from 2^63 on (RFC 6455 section 5.2)', () => {
  for (const length of [1n << 63n, (1n << 63n) + 1n, (1n << 64n) - 1n]) {
    const frame = text('', { lengthBytes: 8, declaredLength: length });
    refused(frame, 'LengthInvalid');
    assert.equal(endsAfter(frame), 3);
  }
});

test('control frames over 125 bytes (RFC 6455 section 5.5)', () => {
  for (const opcode of [opcodes.close, opcodes.ping, opcodes.pong]) {
    for (const size of [126, 127, 128, 65536]) {
      const frame = encodeFrame(opcode, Buffer.alloc(size));
      refused(frame.subarray(0, 200), 'ControlFrameTooLong');
      assert.equal(endsAfter(frame), 2);
    }
  }
});

test('fragmented control frames (RFC 6455 section 5.5)', () => {
  for (const opcode of [opcodes.close, opcodes.ping, opcodes.pong]) {
    const frame = encodeFrame(opcode, '', { fin: false });
    refused(frame, 'ControlFrameFragmented');
    assert.equal(endsAfter(frame), 1);
  }
});

test('messages of every header size (RFC 6455 section 5.7)', () => {
  for (const size of [0, 1, 2, 124, 125, 126, 127, 128, 129, 130, 255, 256, 500]) {
    const payload = 'x'.repeat(size);
    const counters = {
      messagesIn: 2,
      messagesOut: 0,
      messageBytesIn: 2 * size,
      messageBytesOut: 0,
      framesIn: 2,
      framesOut: 0,
      pongsIn: 0,
    };
    check([text(payload), binary(payload)], {
      messages: [payload, Buffer.from(payload)],
      counters,
    });
  }
  // (0x8181 and 0x8282: cut in the middle, the length goes on like a frame of its own)
  for (const size of [0x8181, 0x8282, 65535, 65536, 70000]) {
    const payload = Buffer.alloc(size, 'abc');
    check(binary(payload), { messages: [payload] });
    check(text(payload), { messages: [payload.toString()] });
  }
});

test('a frame that has not come whole is waited for (RFC 6455 section 5.2)', () => {
  for (const frame of [
    text('hello'),
    binary(Buffer.alloc(126)),
    text('', { declaredLength: 70000n }),
  ]) {
    for (let size = 1; size < Math.min(frame.length, 20); size++) {
      check(frame.subarray(0, size), {}, { incomplete: true });
    }
  }
});

// The closing handshake (RFC 6455 sections 5.5.1 and 7).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Client, check, feedPortions } from '../support/connection-core';
import type { Feeding } from '../support/connection-core';
import type { ErrorSymbol } from '../support/core';
import {
  FrameReader,
  close,
  closePayload,
  continuation,
  encodeFrame,
  opcodes,
  ping,
  text,
} from '../support/frames';

const noReason = Buffer.alloc(0);
const closeBytes = (payload: Uint8Array | string): Buffer => encodeFrame(opcodes.close, payload);

/** RFC 6455 section 7.4 and IANA's registry. */
const mayBeSent = (code: number): boolean =>
  (code >= 1000 && code <= 1003) ||
  (code >= 1007 && code <= 1014) ||
  (code >= 3000 && code <= 4999);

describe("the peer's close frame (RFC 6455 section 5.5.1)", () => {
  const closed = { state: 'closed', closedByPeer: true } as const;

  test('without a payload is answered without one', () => {
    check(close(), { ...closed, closeCode: 1005, closeReason: '', frames: ['close'] });
  });

  test('with a code is answered with it', () => {
    for (const closeCode of [
      1000, 1001, 1002, 1003, 1007, 1011, 1012, 1014, 3000, 3999, 4000, 4999,
    ]) {
      const frames = [`close ${closeCode}`];
      check(close(closeCode), { ...closed, closeCode, closeReason: '', frames });
    }
  });

  test('with a reason', () => {
    for (const closeReason of ['x', 'going away', 'é€😀', '\u0000', 'x'.repeat(123)]) {
      const frames = ['close 1001'];
      check(close(1001, closeReason), { ...closed, closeCode: 1001, closeReason, frames });
    }
  });

  test('every code: 1000-1003, 1007-1014 and 3000-4999 are accepted (RFC 6455 section 7.4)', () => {
    const codes = Array.from({ length: 5100 }, (_, code) => code);
    for (const code of [...codes, 9999, 32768, 65535]) {
      const { error, closeCode, frames } = feedPortions([close(code)]);
      const accepted = ['None', code, [`close ${code}`]];
      const refused = ['CloseCodeInvalid', 1006, ['close 1002']];
      assert.deepEqual([error, closeCode, frames], mayBeSent(code) ? accepted : refused);
    }
  });

  test('what came before it is delivered, nothing behind it is processed', () => {
    const frames = ['pong 1', 'close 1000'];
    const before = [text('a'), ping('1')];
    const expected = { ...closed, closeCode: 1000, frames, messages: ['a'] };
    for (const behind of [close(1001), text('b'), ping('2'), encodeFrame(3), continuation()]) {
      check([...before, close(1000), behind], expected);
    }
  });
});

describe('a close frame that is not valid (RFC 6455 section 5.5.1)', () => {
  const failed = {
    state: 'closed',
    closeCode: 1006,
    closeReason: '',
    closedByPeer: false,
  } as const;

  test('a payload of one byte', () => {
    for (const byte of [0, 3, 255]) {
      const error = 'ClosePayloadInvalid';
      check(closeBytes(Uint8Array.of(byte)), { ...failed, error, frames: ['close 1002'] });
    }
  });

  test('a code that must not be sent (RFC 6455 section 7.4)', () => {
    const error = 'CloseCodeInvalid';
    for (const code of [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535]) {
      check(close(code), { ...failed, error, frames: ['close 1002'] });
      check(close(code, 'a reason'), { ...failed, error, frames: ['close 1002'] });
    }
  });

  test('a reason that is not UTF-8 (RFC 6455 section 8.1)', () => {
    const expected = { ...failed, error: 'CloseReasonNotUtf8', frames: ['close 1007'] };
    for (const reason of ['80', 'c3', '61ff', 'eda080', 'f0908d']) {
      check(close(1000, Buffer.from(reason, 'hex')), expected);
      const long = Buffer.concat([Buffer.alloc(110, 'x'), Buffer.from(reason, 'hex')]);
      check(close(1000, long), expected);
    }
  });
});

describe('our close frame (RFC 6455 section 7.1.2)', () => {
  const closing = (code = 1000, reason: Uint8Array = noReason): Feeding => ({
    before: ({ connection }) => assert.equal(connection.close(code, reason), true),
  });

  test('carries the code and the reason', () => {
    for (const reason of ['', 'done', 'é€😀', 'x'.repeat(123)]) {
      const { connection } = new Client();
      assert.equal(connection.close(4321, Buffer.from(reason)), true);
      const [frame] = new FrameReader().read(connection.takeOutput());
      assert.deepEqual(frame?.payload, closePayload(4321, reason));
    }
  });

  test('never has a payload over 125 bytes (RFC 6455 section 5.5)', () => {
    const { connection } = new Client();
    connection.close(4321, Buffer.alloc(1000, 'x'));
    const [frame] = new FrameReader().read(connection.takeOutput());
    assert.deepEqual(frame?.payload, closePayload(4321, 'x'.repeat(123)));
  });

  test('1005 stands for none', () => {
    check([], { state: 'localClosing', frames: ['close'] }, closing(1005, Buffer.from('lost')));
  });

  test('is answered by the peer with its own code', () => {
    const answered = { state: 'closed', closedByPeer: false, frames: ['close 1000'] } as const;
    check(close(1000), { ...answered, closeCode: 1000 }, closing());
    check(close(), { ...answered, closeCode: 1005 }, closing());
    const other = { ...answered, closeCode: 4000, closeReason: 'crossed' };
    check(close(4000, 'crossed'), other, closing());
  });

  test('messages are received until the peer answers (RFC 6455 section 1.4)', () => {
    const frames = ['close 1000'];
    check(
      [text('a'), text('b', { fin: false }), continuation('c')],
      {
        state: 'localClosing',
        messages: ['a', 'bc'],
        frames,
      },
      closing(),
    );
    const expected = { state: 'closed', messages: ['a'], frames, closeCode: 1001 } as const;
    check([text('a'), close(1001), text('b')], expected, closing());
  });

  test('pings are answered until the peer answers (RFC 6455 section 5.5.2)', () => {
    const frames = ['close 1000', 'pong x'];
    check(ping('x'), { state: 'localClosing', frames }, closing());
    check(
      [ping('x'), close(1000), ping('y')],
      { state: 'closed', closeCode: 1000, frames },
      closing(),
    );
  });

  test('no other one follows it, whatever the peer does (RFC 6455 section 5.5.1)', () => {
    const failed = { state: 'closed', frames: ['close 1000'], closeCode: 1006 } as const;
    check(encodeFrame(3), { ...failed, error: 'ReservedOpcode' }, closing());
    check(close(1005), { ...failed, error: 'CloseCodeInvalid' }, closing());
    check(text(Buffer.of(0xff)), { ...failed, error: 'TextNotUtf8' }, closing());
  });

  test('is sent once, and no ping behind it', () => {
    const { connection } = new Client();
    assert.equal(connection.close(1000, noReason), true);
    const { length } = connection.takeOutput();
    assert.equal(length, 2 + 4 + 2);
    assert.equal(connection.close(1001, noReason), false);
    assert.equal(connection.ping(noReason), false);
    assert.equal(connection.snapshot().outputBytes, 0);
  });

  test('is not sent before the opening handshake and after the end', () => {
    const opening = new Client({}, false).connection;
    assert.deepEqual([opening.close(1000, noReason), opening.ping(noReason)], [false, false]);
    const { connection } = new Client().feed(close(1000));
    connection.takeOutput();
    assert.deepEqual([connection.close(1000, noReason), connection.ping(noReason)], [false, false]);
    connection.sendDeferredPong();
    assert.equal(connection.snapshot().outputBytes, 0);
  });
});

describe('the close code of each error (RFC 6455 section 7.4.1)', () => {
  const deflated = encodeFrame(opcodes.text, 'x', { rsv: 4 });
  const rows: [error: ErrorSymbol, code: number, bytes: Buffer][] = [
    ['MessageTooBig', 1009, text('x'.repeat(101))],
    ['ReservedBits', 1002, deflated],
    ['ReservedOpcode', 1002, encodeFrame(3)],
    ['MaskedFrame', 1002, text('x', { maskKey: Buffer.alloc(4) })],
    ['LengthNotMinimal', 1002, text('x', { lengthBytes: 2 })],
    ['LengthInvalid', 1002, text('', { lengthBytes: 8, declaredLength: 1n << 63n })],
    ['ControlFrameTooLong', 1002, ping('x'.repeat(126))],
    ['ControlFrameFragmented', 1002, ping('x', { fin: false })],
    ['ContinuationUnexpected', 1002, continuation('x')],
    ['ContinuationExpected', 1002, Buffer.concat([text('x', { fin: false }), text('x')])],
    ['ClosePayloadInvalid', 1002, closeBytes('x')],
    ['CloseCodeInvalid', 1002, close(1006)],
    ['CloseReasonNotUtf8', 1007, close(1000, Buffer.of(0xff))],
    ['TextNotUtf8', 1007, text(Buffer.of(0xff))],
  ];
  // Those that bytes of the peer do not lead to, or not without an extension.
  const others = ['OutOfMemory', 'CompressedDataInvalid', 'Internal'];
  // This file runs as out/test/connection/close.test.js.
  const table = readFileSync(join(__dirname, '../../../native/base/errors.inc'), 'utf8');
  const texts = new Map(
    [...table.matchAll(/^ROW\((\w+), \w+, \w+, [1-9]\d*, "(.*)"\)$/gm)].map(([, row, reason]) => [
      row,
      reason,
    ]),
  );

  test('all that have one are here', () => {
    assert.deepEqual([...texts.keys()].sort(), [...rows.map(([row]) => row), ...others].sort());
  });

  for (const [error, code, bytes] of rows) {
    test(error, () => {
      const { connection } = new Client({ maxMessageBytes: 100n });
      assert.equal(connection.receive(bytes).status, 'ended');
      assert.equal(connection.snapshot().error, error);
      const [frame, ...more] = new FrameReader().read(connection.takeOutput());
      assert.deepEqual(frame?.payload, closePayload(code, texts.get(error)));
      assert.deepEqual([frame.opcode, more], [opcodes.close, []]);
    });
  }
});

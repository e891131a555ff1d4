// Compressed messages that come in (RFC 7692).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import { Client, acceptance, check, connectionCore, endsAfter } from '../support/connection-core';
import type { Compression, Feeding } from '../support/connection-core';
import { hello, hex, peerDeflate, random, tail, telemetry } from '../support/deflate-core';
import {
  binary,
  close,
  continuation,
  encodeFrame,
  opcodes,
  ping,
  pong,
  text,
} from '../support/frames';
import { bytesOf } from '../support/handshake-core';

const MiB = 1024 * 1024;
const rsv1 = { rsv: 4 };
const first = { rsv: 4, fin: false };
const notFinal = { fin: false };
const agreed: Feeding = { compression: {} };
const helloAgain = hex('f2 00 11 00 00');
const refused = (error: string, code: number) =>
  ({ state: 'closed', error, frames: [`close ${code}`] }) as const;
const reserved = refused('ReservedBits', 1002);

/** A compressed message on its own. */
const deflated = (message: Buffer | string): Buffer =>
  deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -tail.length);

/** A compressed message in frames of the given payloads. */
function compressed(opcode: number, parts: readonly Buffer[]): Buffer[] {
  return parts.map((part, i) =>
    encodeFrame(i === 0 ? opcode : opcodes.continuation, part, {
      rsv: i === 0 ? 4 : 0,
      fin: i === parts.length - 1,
    }),
  );
}

const pieces = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );

describe('the answer to the offer (RFC 7692 section 5.1)', () => {
  const offered: Feeding = { ...agreed, withAnswer: true };
  const answer = (value: string): Buffer => acceptance(`Sec-WebSocket-Extensions: ${value}`);

  test('the offer is in the request, where there is one', () => {
    const requestOf = (compression?: Compression): string => {
      const connection = new connectionCore.Connection({});
      assert.equal(connection.start([], compression), true);
      return connection.takeOutput().toString('latin1');
    };
    assert.ok(!requestOf().includes('Sec-WebSocket-Extensions'));
    const offer = 'permessage-deflate; server_max_window_bits=10; client_max_window_bits';
    const request = requestOf({ serverMaxWindowBits: 10 });
    assert.ok(request.includes(`\r\nSec-WebSocket-Extensions: ${offer}\r\n`), request);
  });

  test('accepted: compressed messages come', () => {
    for (const value of [
      'permessage-deflate',
      'permessage-deflate; server_no_context_takeover',
      'permessage-deflate;client_max_window_bits="9" ; server_max_window_bits=9',
    ]) {
      check([answer(value), text(hello, rsv1)], { messages: ['Hello'] }, offered);
    }
  });

  test('accepted: a client window beyond the one that was offered, which was a hint', () => {
    const compression = { clientMaxWindowBits: 9 };
    for (const bits of [8, 9, 10, 15]) {
      const head = answer(`permessage-deflate; client_max_window_bits=${bits}`);
      const bytes = [head, text(hello, rsv1)];
      check(bytes, { messages: ['Hello'] }, { compression, withAnswer: true });
    }
  });

  test('refused: a client window where none was offered', () => {
    const expected = { state: 'closed', error: 'HandshakeExtensionInvalid' } as const;
    const compression = { clientMaxWindowBits: 0 };
    const head = answer('permessage-deflate; client_max_window_bits=15');
    check(head, { ...expected, responseStatus: 101 }, { compression, withAnswer: true });
  });

  test('declined: none may', () => {
    const uncompressed = [acceptance(), text('Hello')];
    check(uncompressed, { messages: ['Hello'] }, offered);
    check([...uncompressed, text(hello, rsv1)], { ...reserved, messages: ['Hello'] }, offered);
  });

  test('wrong: the opening fails', () => {
    const expected = {
      state: 'closed',
      error: 'HandshakeExtensionInvalid',
      responseStatus: 101,
    } as const;
    for (const value of [
      'permessage-deflate; server_max_window_bits=0',
      'permessage-deflate; x',
      'permessage-deflate, permessage-deflate',
      'permessage-deflate, x',
      'x',
      'permessage-deflate; server_max_window_bits=8; server_max_window_bits=8',
    ]) {
      check(answer(value), expected, offered);
    }
  });
});

describe('RSV1 (RFC 7692 section 6)', () => {
  test('in the first frame: the message is compressed', () => {
    const expected = { messages: ['Hello', Buffer.from('Hello')] };
    const { counters } = check([text(hello, rsv1), binary(helloAgain, rsv1)], expected, agreed);
    assert.deepEqual([counters.messagesIn, counters.messageBytesIn, counters.framesIn], [2, 10, 2]);
  });

  test('not in it: the message is not, and the window stays', () => {
    const bytes = [text(hello, rsv1), text('Hello'), text(helloAgain, rsv1), binary(hello)];
    check(bytes, { messages: ['Hello', 'Hello', 'Hello', hello] }, agreed);
    const parts = [text(hello.subarray(0, 3), notFinal), continuation(hello.subarray(3))];
    check(
      [binary(hello), ...parts.slice(1)],
      { ...refused('ContinuationUnexpected', 1002), messages: [hello] },
      agreed,
    );
  });

  test('in a continuation', () => {
    const bytes = [text(hello.subarray(0, 3), first), continuation(hello.subarray(3), rsv1)];
    check(bytes, reserved, agreed);
    check([text('Hel', notFinal), continuation(hello, rsv1)], reserved, agreed);
    check([text('Hel', notFinal), continuation('', { rsv: 4, fin: false })], reserved, agreed);
    check(continuation(hello, rsv1), reserved, agreed);
    assert.equal(endsAfter(Buffer.concat(bytes), agreed), 2 + 3 + 2);
  });

  test('in a control frame', () => {
    for (const frame of [ping('x', rsv1), pong('', rsv1), encodeFrame(opcodes.close, '', rsv1)]) {
      check(frame, reserved, agreed);
      check([text(hello, first), frame], reserved, agreed);
    }
  });

  test("RSV2 and RSV3 are nobody's", () => {
    for (const rsv of [1, 2, 3, 5, 6, 7]) check(text(hello, { rsv }), reserved, agreed);
  });

  test('with a reserved opcode', () => {
    check(encodeFrame(3, hello, rsv1), refused('ReservedOpcode', 1002), agreed);
  });
});

describe('fragments of a compressed message (RFC 7692 section 6.2)', () => {
  test('cut anywhere, empty ones between', () => {
    for (let at = 0; at <= hello.length; at++) {
      const parts = [hello.subarray(0, at), Buffer.alloc(0), hello.subarray(at)];
      const bytes = [
        ...compressed(opcodes.text, parts),
        ...compressed(opcodes.binary, [helloAgain]),
      ];
      check(bytes, { messages: ['Hello', Buffer.from('Hello')] }, agreed);
    }
  });

  test('control frames between them', () => {
    const bytes = compressed(opcodes.text, pieces(hello, 1)).flatMap((frame, i) => [
      ping(`${i}`),
      frame,
    ]);
    const frames = Array.from(hello, (_, i) => `pong ${i}`);
    check(bytes, { messages: ['Hello'], frames }, agreed);
    const closed = { state: 'closed', closeCode: 1001, frames: ['close 1001'] } as const;
    check([text(hello, first), close(1001)], closed, agreed);
  });

  test('are not told before they are whole', () => {
    check(text(hello, first), {}, agreed);
    check(text(deflated(telemetry(100_000)), first), {}, agreed);
  });

  test('another message inside them', () => {
    const expected = refused('ContinuationExpected', 1002);
    check([text(hello, first), text(hello, rsv1)], expected, agreed);
    check([text(hello, first), binary('x')], expected, agreed);
  });
});

describe('empty messages (RFC 7692 section 7.2.3.6)', () => {
  test('compressed and not', () => {
    const bytes = [text(hex('00'), rsv1), binary(hex('02 00'), rsv1), text('', rsv1), text('')];
    check(bytes, { messages: ['', Buffer.alloc(0), '', ''] }, agreed);
  });
});

describe('UTF-8 in compressed text (RFC 6455 section 8.1)', () => {
  const expected = refused('TextNotUtf8', 1007);
  const message = 'Grüße, 水, 😀';

  test('characters cut anywhere', () => {
    const payload = deflated(message);
    for (const size of [1, 2, 7, payload.length]) {
      check(compressed(opcodes.text, pieces(payload, size)), { messages: [message] }, agreed);
    }
    // Stored, each byte of a character is in a fragment of its own.
    const stored = deflateRawSync(message, { level: 0, finishFlush: constants.Z_SYNC_FLUSH });
    const parts = pieces(stored.subarray(0, -tail.length), 1);
    check(compressed(opcodes.text, parts), { messages: [message] }, agreed);
  });

  test('what is no UTF-8', () => {
    for (const bad of [hex('ff'), hex('61 80'), hex('c0 af'), hex('ed a0 80'), hex('61 e6 b0')]) {
      check(text(deflated(bad), rsv1), expected, agreed);
      check(compressed(opcodes.text, pieces(deflated(bad), 1)), expected, agreed);
      check(binary(deflated(bad), rsv1), { messages: [bad] }, agreed);
    }
  });

  test('is refused at the first bad byte, before the message ends', () => {
    const flushed = (bytes: Buffer): Buffer =>
      deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
    const frames = [text(flushed(hex('61 e6')), first), continuation(flushed(hex('61')), notFinal)];
    check(frames.slice(0, 1), {}, agreed);
    check(frames, expected, agreed);
  });
});

describe('data that cannot be inflated (RFC 7692 section 7.2.2)', () => {
  const expected = refused('CompressedDataInvalid', 1007);

  test('a block of the reserved type', () => {
    check(text(hex('07 00'), rsv1), expected, agreed);
    check(binary(hex('ff ff ff'), rsv1), expected, agreed);
    check(text(hex('07'), first), expected, agreed);
    check(
      [text(hello, rsv1), text('x'), text(hex('07 00'), rsv1)],
      { ...expected, messages: ['Hello', 'x'] },
      agreed,
    );
  });

  test('the end inside a block', () => {
    check(text(hello.subarray(0, 3), rsv1), expected, agreed);
    check(binary(deflated(random(1000)).subarray(0, 500), rsv1), expected, agreed);
  });

  test('a distance beyond what came', () => {
    check(text(helloAgain, rsv1), expected, agreed);
    const forgets = { ...agreed, extensions: 'permessage-deflate; server_no_context_takeover' };
    const frames = [text(hello, rsv1), text(helloAgain, rsv1)];
    check(frames, { messages: ['Hello', 'Hello'] }, agreed);
    check(frames, { ...expected, messages: ['Hello'] }, forgets);
  });
});

describe('bombs (RFC 7692 section 8)', () => {
  const limit = { ...agreed, maxMessageBytes: BigInt(MiB) };
  const expected = refused('MessageTooBig', 1009);
  const bomb = deflated(Buffer.alloc(64 * MiB));
  const within = deflated(Buffer.alloc(MiB));

  test('in one piece and in fragments', () => {
    assert.ok(bomb.length * 1000 < 64 * MiB);
    check(binary(bomb, rsv1), expected, limit);
    check([text(hello, rsv1), text(bomb, rsv1)], { ...expected, messages: ['Hello'] }, limit);
    check(compressed(opcodes.binary, pieces(bomb, 1000)), expected, limit);
    // It fails where it becomes too long, and not where it ends.
    const ends = endsAfter(binary(bomb, rsv1), limit);
    assert.ok(ends !== undefined && ends < 1100, `${ends}`);
  });

  test('the limit counts inflated bytes', () => {
    const inflated = Buffer.alloc(MiB);
    const { messages } = new Client(limit).feed(binary(within, rsv1));
    assert.deepEqual(messages, [inflated]);
    check(binary(deflated(Buffer.alloc(MiB + 1)), rsv1), expected, limit);
    // Of a compressed message the declared length says nothing yet.
    const longer = deflateRawSync(Buffer.alloc(10), {
      level: 0,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    const payload = longer.subarray(0, -tail.length);
    assert.ok(payload.length > 10);
    const options = { ...agreed, maxMessageBytes: 10n };
    check(binary(payload, rsv1), { messages: [Buffer.alloc(10)] }, options);
  });

  test('a payload of no bytes that never ends', () => {
    const empty = Buffer.alloc(5 * 300_000, hex('00 00 00 ff ff'));
    const client = new Client({ ...agreed, maxMessageBytes: 10n }).feed(binary(empty, rsv1));
    assert.equal(client.connection.snapshot().error, 'MessageTooBig');
  });

  test('made of the window that is taken over', async () => {
    const sizes = [MiB, MiB, MiB, MiB + 1];
    const payloads = await peerDeflate(
      {},
      sizes.map((size) => Buffer.alloc(size, 'abcdefgh')),
    );
    const client = new Client(limit);
    for (const payload of payloads) client.feed(binary(payload, rsv1));
    assert.equal(client.messages.length, 3);
    assert.equal(client.connection.snapshot().error, 'MessageTooBig');
  });

  test('many within the limit do not lie in memory at once', () => {
    const count = 200;
    const { connection } = new Client(limit);
    let rest: Uint8Array = Buffer.concat(new Array<Buffer>(count).fill(binary(within, rsv1)));
    let seen = 0;
    while (rest.length !== 0) {
      const { taken, messages, status } = connection.receive(rest);
      assert.equal(messages.length, 1);
      assert.equal(status, taken === rest.length ? 'needMore' : 'batchFull');
      seen += messages.length;
      rest = rest.subarray(taken);
      connection.delivered();
    }
    assert.equal(seen, count);
  });

  test('many small ones come in batches of a mebibyte', () => {
    const size = 16 * 1024;
    const frames = new Array<Buffer>(100).fill(binary(deflated(Buffer.alloc(size)), rsv1));
    const bytes = Buffer.concat(frames);
    const received = new Client(limit).connection.receive(bytes);
    assert.equal(received.status, 'batchFull');
    assert.equal(received.messages.length, MiB / size);
  });
});

describe('memory', () => {
  const none = 'permessage-deflate; server_no_context_takeover';

  test('an uncompressed message stays where it lies', () => {
    const { connection } = new Client(agreed);
    const bytes = Buffer.concat([text('one'), binary('two'), text(hello, rsv1), text('three')]);
    const { messages } = connection.receive(bytes);
    assert.deepEqual(
      messages.map((message) => [message.bytes.toString(), message.inPlace]),
      [
        ['one', true],
        ['two', true],
        ['Hello', false],
        ['three', true],
      ],
    );
    assert.deepEqual(
      messages.map(({ ascii }) => ascii),
      [true, false, true, true],
    );
  });

  test('none before the first compressed message, and none between without takeover', () => {
    for (const [extensions, kept] of [
      ['permessage-deflate', true],
      [none, false],
    ] as const) {
      const { connection } = new Client({ ...agreed, extensions });
      const held = (): number => connection.snapshot().compressionMemory;
      connection.receive(text('x'));
      assert.equal(held(), 0);
      connection.receive(Buffer.concat([text(hello, rsv1), text(hello, first)]));
      connection.delivered();
      const inside = held();
      assert.ok(inside > 5000 && inside < 48 * 1024, `${inside}`);
      connection.receive(continuation());
      connection.delivered();
      assert.equal(held() !== 0, kept);
      assert.deepEqual(connection.receive(text(hello, rsv1)).messages[0]?.bytes, bytesOf('Hello'));
    }
  });
});

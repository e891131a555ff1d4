// RFC 6455 sections 5 to 7 broken by the server: webSocketRead gives -1 with the rule that was
// broken, and the server gets a close frame with the code that section 7.4.1 has for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import { webSocketClose, webSocketRead, webSocketWrite } from 'wsfd';
import type { OpenOptions, WebSocketError } from 'wsfd';
import { fails, ok, open, read } from '../../support/calls';
import {
  binary,
  close,
  closePayload,
  continuation,
  encodeFrame,
  fragments,
  opcodes,
  ping,
  pong,
  text,
} from '../../support/frames';
import { startRawServer, switching } from '../../support/raw-server';

type Row = [name: string, bytes: Buffer[], options?: OpenOptions];

interface Rule {
  code: string;
  category?: WebSocketError['category'];
  closeCode: number;
  rows: Row[];
}

const bytes = (...values: number[]): Buffer => Buffer.from(values);
const unfinished = (payload: Uint8Array | string = 'a'): Buffer => text(payload, { fin: false });

const notUtf8: [string, Buffer][] = [
  ['a byte that is never in UTF-8', bytes(0xff)],
  ['a lone continuation byte', bytes(0x80)],
  ['an overlong slash', bytes(0xc0, 0xaf)],
  ['an overlong NUL', bytes(0xe0, 0x80, 0x80)],
  ['an overlong character of four bytes', bytes(0xf0, 0x80, 0x80, 0xaf)],
  ['a surrogate', bytes(0xed, 0xa0, 0x80)],
  ['a character beyond U+10FFFF', bytes(0xf4, 0x90, 0x80, 0x80)],
  ['a character of five bytes', bytes(0xf8, 0x88, 0x80, 0x80, 0x80)],
  ['half a character', bytes(0x61, 0xe6, 0xb0)],
  ['half a character before ASCII', bytes(0xe6, 0xb0, 0x61)],
  ['a bad byte behind much ASCII', Buffer.concat([Buffer.alloc(5000, 'a'), bytes(0xff)])],
];

const compressed: OpenOptions = { perMessageDeflate: true };
const rsv1 = { rsv: 4 };
/** "Hello" as RFC 7692 section 7.2.3.1 has it. */
const hello = bytes(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00);
const deflated = (message: Uint8Array): Buffer =>
  deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

const badCloseCodes = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535];

const rules: Rule[] = [
  {
    code: 'WSFD_RESERVED_BITS',
    closeCode: 1002,
    rows: [
      ...[1, 2, 3, 4, 5, 6, 7].map((rsv): Row => [`RSV ${rsv}`, [text('x', { rsv })]]),
      ['RSV1 in a control frame', [ping('', { rsv: 4 })]],
      ['RSV1 in a continuation', [unfinished(), continuation('x', { rsv: 4 })]],
      ...[1, 2, 3, 5, 6, 7].map((rsv): Row => {
        return [`RSV ${rsv} with compression`, [text(hello, { rsv })], compressed];
      }),
      ['RSV1 in a control frame with compression', [ping('', rsv1)], compressed],
      [
        'RSV1 in the continuation of a compressed message',
        [text(hello.subarray(0, 3), { rsv: 4, fin: false }), continuation(hello.subarray(3), rsv1)],
        compressed,
      ],
    ],
  },
  {
    code: 'WSFD_RESERVED_OPCODE',
    closeCode: 1002,
    rows: [3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf].map((opcode) => [
      `opcode ${opcode}`,
      [encodeFrame(opcode, 'x')],
    ]),
  },
  {
    code: 'WSFD_MASKED_FRAME',
    closeCode: 1002,
    rows: [
      ['text', [text('x', { maskKey: bytes(1, 2, 3, 4) })]],
      ['with a key of zeros', [binary('x', { maskKey: bytes(0, 0, 0, 0) })]],
      ['without payload', [text('', { maskKey: bytes(1, 2, 3, 4) })]],
      ['a ping', [ping('x', { maskKey: bytes(1, 2, 3, 4) })]],
    ],
  },
  {
    code: 'WSFD_LENGTH_NOT_MINIMAL',
    closeCode: 1002,
    rows: [
      ['0 in two bytes', [text('', { lengthBytes: 2 })]],
      ['125 in two bytes', [text('x'.repeat(125), { lengthBytes: 2 })]],
      ['125 in eight bytes', [text('x'.repeat(125), { lengthBytes: 8 })]],
      ['65535 in eight bytes', [binary(Buffer.alloc(65535), { lengthBytes: 8 })]],
    ],
  },
  {
    code: 'WSFD_LENGTH_INVALID',
    closeCode: 1002,
    rows: [
      ['2^63', [binary('', { declaredLength: 2n ** 63n })]],
      ['2^64 - 1', [binary('', { declaredLength: 2n ** 64n - 1n })]],
    ],
  },
  {
    code: 'WSFD_CONTROL_FRAME_TOO_LONG',
    closeCode: 1002,
    rows: [
      ['a ping of 126 bytes', [ping('x'.repeat(126))]],
      ['a pong of 65536 bytes', [pong('x'.repeat(65536))]],
      ['a close frame of 126 bytes', [close(1000, 'x'.repeat(124))]],
    ],
  },
  {
    code: 'WSFD_CONTROL_FRAME_FRAGMENTED',
    closeCode: 1002,
    rows: [
      ['a ping', [ping('x', { fin: false })]],
      ['a pong', [pong('x', { fin: false })]],
      ['a close frame', [encodeFrame(opcodes.close, closePayload(1000), { fin: false })]],
    ],
  },
  {
    code: 'WSFD_CONTINUATION_UNEXPECTED',
    closeCode: 1002,
    rows: [
      ['first', [continuation('x')]],
      ['behind a whole message', [text('whole'), continuation('x', { fin: false })]],
      [
        'behind the end of a fragmented one',
        [...fragments(opcodes.text, ['a', 'b']), continuation('')],
      ],
    ],
  },
  {
    code: 'WSFD_CONTINUATION_EXPECTED',
    closeCode: 1002,
    rows: [
      ['text in text', [unfinished(), text('x')]],
      ['binary in text', [unfinished(), binary('x')]],
      ['an empty one, behind a ping', [unfinished(''), ping(), text('')]],
    ],
  },
  {
    code: 'WSFD_CLOSE_PAYLOAD_INVALID',
    closeCode: 1002,
    rows: [['one byte', [encodeFrame(opcodes.close, bytes(3))]]],
  },
  {
    code: 'WSFD_CLOSE_CODE_INVALID',
    closeCode: 1002,
    rows: badCloseCodes.map((code) => [`${code}`, [close(code)]]),
  },
  {
    code: 'WSFD_CLOSE_REASON_NOT_UTF8',
    closeCode: 1007,
    rows: notUtf8
      .filter(([, reason]) => reason.length <= 123)
      .map(([name, reason]) => [name, [close(1000, reason)]]),
  },
  {
    code: 'WSFD_TEXT_NOT_UTF8',
    closeCode: 1007,
    rows: notUtf8.flatMap(([name, payload]): Row[] => [
      [name, [text(payload)]],
      [`${name} in the last fragment`, fragments(opcodes.text, ['ok', payload])],
      [
        `${name} in fragments of a byte`,
        fragments(
          opcodes.text,
          [...payload].map((it) => bytes(it)),
        ),
      ],
    ]),
  },
  {
    code: 'WSFD_TEXT_NOT_UTF8',
    closeCode: 1007,
    rows: [
      ['a bad byte in a message that is not complete', [unfinished(bytes(0x61, 0xff))]],
      ['a bad byte in a frame that is not complete', [text(bytes(0xff), { declaredLength: 100n })]],
    ],
  },
  {
    code: 'WSFD_TEXT_NOT_UTF8',
    closeCode: 1007,
    rows: notUtf8.map(([name, payload]): Row => {
      return [`${name} in a compressed message`, [text(deflated(payload), rsv1)], compressed];
    }),
  },
  {
    code: 'WSFD_COMPRESSED_DATA_INVALID',
    closeCode: 1007,
    rows: [
      ['a block of the reserved type', [text(bytes(0x07, 0x00), rsv1)], compressed],
      ['behind a good message', [text(hello, rsv1), binary(bytes(0xff), rsv1)], compressed],
      ['the end inside a block', [text(hello.subarray(0, 3), rsv1)], compressed],
      [
        'a distance beyond all that came',
        [text(bytes(0xf2, 0x00, 0x11, 0x00, 0x00), rsv1)],
        compressed,
      ],
      [
        'in a message that is not complete',
        [text(bytes(0x07), { rsv: 4, fin: false }), continuation('', { fin: false })],
        compressed,
      ],
    ],
  },
  {
    code: 'WSFD_MESSAGE_TOO_BIG',
    category: 'limit',
    closeCode: 1009,
    rows: [
      ['a byte more', [binary(Buffer.alloc(1001))], { maxMessageBytes: 1000 }],
      ['2^31', [binary('', { declaredLength: 2n ** 31n })]],
      ['2^32', [binary('', { declaredLength: 2n ** 32n })]],
      ['2^53', [text('', { declaredLength: 2n ** 53n })]],
      ['2^63 - 1', [text('', { declaredLength: 2n ** 63n - 1n })]],
      [
        'the sum of fragments',
        fragments(opcodes.binary, [Buffer.alloc(600), Buffer.alloc(401)]),
        { maxMessageBytes: 1000 },
      ],
      [
        'a last fragment of 2^63 - 1 bytes',
        [unfinished(), continuation('', { declaredLength: 2n ** 63n - 1n })],
        { maxMessageBytes: 1000 },
      ],
      [
        'a compressed message',
        [binary(deflated(Buffer.alloc(1001)), rsv1)],
        { ...compressed, maxMessageBytes: 1000 },
      ],
      [
        'a compressed message of a thousand times the limit, in fragments',
        [...deflated(Buffer.alloc(16 * 2 ** 20))].map((byte, i) =>
          encodeFrame(i === 0 ? opcodes.binary : opcodes.continuation, bytes(byte), {
            rsv: i === 0 ? 4 : 0,
            fin: false,
          }),
        ),
        { ...compressed, maxMessageBytes: 16 * 2 ** 10 },
      ],
    ],
  },
];

const portions = ['whole', 'bytewise', 'with more behind it'] as const;

async function violate(
  { code, closeCode, category = 'protocol' }: Rule,
  [, frames, options]: Row,
  portion: (typeof portions)[number],
): Promise<void> {
  const server = await startRawServer({
    answer: (request) =>
      switching(
        request,
        'sec-websocket-extensions' in request.headers
          ? ['Sec-WebSocket-Extensions: permessage-deflate']
          : [],
      ),
  });
  try {
    const socket = await open(server.url, options ?? {});
    const connection = await server.connections.next();
    const stream = Buffer.concat([text('before'), ...frames]);
    if (portion === 'bytewise' && stream.length < 300) connection.sendBytewise(stream);
    else if (portion === 'with more behind it')
      connection.send(stream, text('behind'), close(1000));
    else connection.send(stream);
    assert.equal(await read(socket), 'before');
    let result = 0;
    // Messages that were whole before the violation are delivered.
    const error = await fails(async () => {
      do result = await webSocketRead(socket, {});
      while (result === 0);
      return result;
    }, code);
    assert.equal(error.category, category);
    assert.equal(await connection.nextCloseCode(), closeCode);
    await connection.closed;
    await fails(() => webSocketRead(socket, {}), code);
    await fails(() => webSocketWrite(socket, 'x'), 'WSFD_SOCKET_CLOSED');
    await ok(webSocketClose(socket));
  } finally {
    await server.close();
  }
}

for (const rule of rules) {
  for (const row of rule.rows) {
    test(`${rule.code}: ${row[0]}`, async () => {
      for (const portion of portions) await violate(rule, row, portion);
    });
  }
}

test('a declared length allocates nothing', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const before = process.memoryUsage().rss;
  const declared = 500_000_000;
  for (let i = 0; i < 8; i++) {
    await open(server.url, { maxMessageBytes: declared });
    const connection = await server.connections.next();
    connection.send(ping(), binary('start', { declaredLength: BigInt(declared) }));
    await connection.next(opcodes.pong);
  }
  assert.ok(process.memoryUsage().rss - before < declared);
});

test('the largest message that is allowed is read', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const socket = await open(server.url, { maxMessageBytes: 1000 });
  const connection = await server.connections.next();
  const message = Buffer.alloc(1000, 'x');
  connection.send(binary(message), ...fragments(opcodes.binary, [message.subarray(1), 'x', '']));
  for (let i = 0; i < 2; i++) assert.deepEqual(await read(socket), message);
});

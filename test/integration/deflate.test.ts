// permessage-deflate (RFC 7692) with other people's servers: what is agreed, and that every message
// comes through.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Socket } from 'node:net';
import { constants, deflateRawSync } from 'node:zlib';
import {
  webSocketFlush,
  webSocketInfo,
  webSocketOpen,
  webSocketReadMany,
  webSocketWrite,
} from 'wsfd';
import type { Message, OpenOptions, PerMessageDeflateOptions } from 'wsfd';
import { close, fails, ok, open, read } from '../support/calls';
import { makeSelfSigned } from '../support/certificates';
import { random, tail } from '../support/deflate-core';
import { binary, text } from '../support/frames';
import { randomMessages } from '../support/random-messages';
import { startRawServer, switching } from '../support/raw-server';
import { startUwsServer, startWsServer } from '../support/servers';

const bits = [9, 10, 11, 12, 13, 14, 15];
const flags = [false, true];

/** Every combination of what can be negotiated. */
const combinations: Required<Omit<PerMessageDeflateOptions, 'threshold' | 'level'>>[] =
  bits.flatMap((clientMaxWindowBits) =>
    bits.flatMap((serverMaxWindowBits) =>
      flags.flatMap((clientNoContextTakeover) =>
        flags.map((serverNoContextTakeover) => ({
          clientMaxWindowBits,
          serverMaxWindowBits,
          clientNoContextTakeover,
          serverNoContextTakeover,
        })),
      ),
    ),
  );

const same = (a: Message | undefined, b: Message): boolean =>
  typeof a === 'string' || typeof b === 'string' ? a === b : a?.equals(b) === true;

/** Sends messages and takes their echoes, a hundred in flight. */
async function echoAll(socket: number, messages: readonly Message[]): Promise<void> {
  const inFlight = 100;
  const answers: Message[] = [];
  for (let i = 0; i < messages.length; i += inFlight) {
    const part = messages.slice(i, i + inFlight);
    for (const message of part) await ok(webSocketWrite(socket, message));
    answers.length = 0;
    while (answers.length < part.length) await ok(webSocketReadMany(socket, answers, 60));
    part.forEach((message, at) => {
      assert.ok(same(answers[at], message), `message ${i + at} came back as another`);
    });
  }
}

const extensionsOf = (socket: number): string => webSocketInfo(socket)?.extensions ?? 'no socket';

/** The value of a parameter in an answer; '' for one without; undefined where it is not there. */
function parameterOf(extensions: string, name: string): string | undefined {
  const found = new RegExp(`; ?${name}(?:=(\\d+))?(?:;|$)`).exec(extensions);
  return found === null ? undefined : (found[1] ?? '');
}

const mebibyte = 2 ** 20;

/** Binary messages, each compressed on its own. */
const compressed = (messages: Buffer[]): Buffer[] =>
  messages.map((whole) => {
    const payload = deflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH });
    return binary(payload.subarray(0, -tail.length), { rsv: 4 });
  });

const wsSettings = { settings: { perMessageDeflate: { threshold: 0 }, maxPayload: 2 ** 26 } };
const some = randomMessages(40, 1);
const many = randomMessages(10_000, 2);

for (const clientMaxWindowBits of bits) {
  test(`ws in all combinations with a client window of ${clientMaxWindowBits} bits`, async (t) => {
    const server = await startWsServer(wsSettings);
    t.after(() => server.close());
    for (const parameters of combinations) {
      if (parameters.clientMaxWindowBits !== clientMaxWindowBits) continue;
      const socket = await open(server.url, { perMessageDeflate: { ...parameters, threshold: 0 } });
      const extensions = extensionsOf(socket);
      const agreed = (name: string): string | undefined => parameterOf(extensions, name);
      assert.match(extensions, /^permessage-deflate/);
      const { serverMaxWindowBits } = parameters;
      const takeovers = [
        agreed('client_no_context_takeover') !== undefined,
        agreed('server_no_context_takeover') !== undefined,
      ];
      assert.deepEqual(takeovers, [
        parameters.clientNoContextTakeover,
        parameters.serverNoContextTakeover,
      ]);
      const window = agreed('server_max_window_bits') ?? '15';
      assert.equal(window, `${serverMaxWindowBits}`);
      await echoAll(socket, some);
      await close(socket);
    }
  });
}

for (const [windowBits, noContextTakeover] of [
  [15, false],
  [15, true],
  [9, false],
  [9, true],
] as const) {
  const takeover = noContextTakeover ? 'without' : 'with';
  test(`10,000 messages with ws, ${windowBits} bits, ${takeover} takeover`, async (t) => {
    // What the server asks for of itself, and of us.
    const server = await startWsServer({
      settings: {
        maxPayload: 2 ** 26,
        perMessageDeflate: {
          threshold: 0,
          clientMaxWindowBits: windowBits,
          serverMaxWindowBits: windowBits,
          clientNoContextTakeover: noContextTakeover,
          serverNoContextTakeover: noContextTakeover,
        },
      },
    });
    t.after(() => server.close());
    const socket = await open(server.url, { perMessageDeflate: { threshold: 0 } });
    assert.equal(parameterOf(extensionsOf(socket), 'client_max_window_bits'), `${windowBits}`);
    await echoAll(socket, many);
    await close(socket);
  });
}

const compressors = ['SHARED', ...[3, 4, 8, 16, 32, 64, 128, 256].map((kb) => `DEDICATED ${kb}KB`)];
const decompressors = [
  'SHARED',
  ...['512B', '1KB', '2KB', '4KB', '8KB', '16KB', '32KB'].map((size) => `DEDICATED ${size}`),
];
const named = (name: string, kind: string): string => {
  const [sort = '', size] = name.split(' ');
  return size === undefined ? `${sort}_${kind}` : `${sort}_${kind}_${size}`;
};

test('uWebSockets.js with every compressor and decompressor', async (t) => {
  const compressions = compressors.flatMap((compressor) =>
    decompressors.map(
      (decompressor) => `${named(compressor, 'COMPRESSOR')}+${named(decompressor, 'DECOMPRESSOR')}`,
    ),
  );
  const server = await startUwsServer({ compressions });
  t.after(() => server.close());
  // Each meets several of our combinations, and each of those several of them.
  const ours = combinations.filter(({ serverNoContextTakeover }) => !serverNoContextTakeover);
  for (const [i, compression] of compressions.entries()) {
    for (const parameters of [ours[(i * 37) % ours.length], ours[(i * 41 + 5) % ours.length]]) {
      const options: OpenOptions = { perMessageDeflate: { ...parameters, threshold: 0 } };
      const socket = await open(`${server.url}${compression}`, options);
      assert.match(extensionsOf(socket), /^permessage-deflate/, compression);
      await echoAll(socket, some);
      await close(socket);
    }
  }
});

test('uWebSockets.js in all combinations of our parameters', async (t) => {
  const compression = 'DEDICATED_COMPRESSOR_32KB+DEDICATED_DECOMPRESSOR_32KB';
  const server = await startUwsServer({ compression });
  t.after(() => server.close());
  for (const parameters of combinations) {
    const options = { perMessageDeflate: { ...parameters, threshold: 0 } };
    // It overlooks server_max_window_bits beside server_no_context_takeover, and answers with a
    // window of its own. RFC 7692 section 7.1.2.1: "the same or smaller value as the offer".
    if (parameters.serverNoContextTakeover && parameters.serverMaxWindowBits < 12) {
      await fails(() => webSocketOpen(server.url, options), 'WSFD_HANDSHAKE_EXTENSION_INVALID');
      continue;
    }
    const socket = await open(server.url, options);
    assert.match(extensionsOf(socket), /^permessage-deflate/);
    await echoAll(socket, some);
    await close(socket);
  }
});

for (const compression of [
  'SHARED_COMPRESSOR+SHARED_DECOMPRESSOR',
  'DEDICATED_COMPRESSOR_32KB+DEDICATED_DECOMPRESSOR_32KB',
  'DEDICATED_COMPRESSOR_4KB+DEDICATED_DECOMPRESSOR_1KB',
  'DEDICATED_COMPRESSOR_256KB+DEDICATED_DECOMPRESSOR_512B',
]) {
  test(`10,000 messages with uWebSockets.js, ${compression}`, async (t) => {
    const server = await startUwsServer({ compression });
    t.after(() => server.close());
    const socket = await open(server.url, { perMessageDeflate: { threshold: 0 } });
    assert.match(extensionsOf(socket), /^permessage-deflate/);
    await echoAll(socket, many);
    await close(socket);
  });
}

// Bytes that do not compress on their own, but the second time within a window.
const message = random(2000);

/** Bytes of TCP for ten messages each way, once they are all there. */
async function traffic(parameters: PerMessageDeflateOptions): Promise<{ in: number; out: number }> {
  const server = await startWsServer(wsSettings);
  try {
    const socket = await open(server.url, { perMessageDeflate: { threshold: 0, ...parameters } });
    const { socket: peer } = await server.connections.next();
    const { _socket: tcp } = peer as unknown as { _socket: Socket };
    const before = { in: tcp.bytesWritten, out: tcp.bytesRead };
    // One by one: without takeover the context is given back in between.
    for (let i = 0; i < 10; i++) {
      await ok(webSocketWrite(socket, message));
      await ok(webSocketFlush(socket));
      assert.deepEqual(await read(socket), message);
    }
    const { bytesIn, bytesOut, messagesIn, messagesOut } = webSocketInfo(socket) ?? assert.fail();
    assert.deepEqual([bytesIn, bytesOut, messagesIn, messagesOut], [20_000, 20_000, 10, 10]);
    return { in: tcp.bytesWritten - before.in, out: tcp.bytesRead - before.out };
  } finally {
    await server.close();
  }
}

const repeated = 10 * message.length;
const rows: [name: string, PerMessageDeflateOptions, inSmall: boolean, outSmall: boolean][] = [
  ['both take their context over', {}, true, true],
  ['we do not take it over', { clientNoContextTakeover: true }, true, false],
  ['the server does not take it over', { serverNoContextTakeover: true }, false, true],
  ['our window is too small', { clientMaxWindowBits: 10 }, true, false],
  ["the server's window is too small", { serverMaxWindowBits: 10 }, false, true],
  ['our messages are shorter than the threshold', { threshold: 2001 }, true, false],
  ['at level 0', { level: 0 }, true, false],
];

for (const [name, parameters, inSmall, outSmall] of rows) {
  test(`a message is sent again as a reference where ${name}`, async () => {
    const bytes = await traffic(parameters);
    const small = (count: number): boolean => count < repeated / 4;
    assert.deepEqual(
      [small(bytes.in), small(bytes.out)],
      [inSmall, outSmall],
      JSON.stringify(bytes),
    );
    assert.ok(inSmall || bytes.in > repeated);
    assert.ok(outSmall || bytes.out > repeated);
  });
}

test('the threshold is 1024 bytes', async (t) => {
  const server = await startRawServer({
    answer: (request) => switching(request, ['Sec-WebSocket-Extensions: permessage-deflate']),
  });
  t.after(() => server.close());
  const socket = await open(server.url, { perMessageDeflate: true });
  const connection = await server.connections.next();
  for (const [size, rsv] of [
    [1023, 0],
    [1024, 4],
  ] as const) {
    await ok(webSocketWrite(socket, 'x'.repeat(size)));
    assert.equal((await connection.frames.next()).rsv, rsv);
  }
});

for (const secure of flags) {
  test(`many messages that grow a thousandfold${secure ? ', over TLS' : ''}`, async (t) => {
    const server = await startRawServer({
      ...(secure ? { tls: makeSelfSigned() } : {}),
      answer: (request) => switching(request, ['Sec-WebSocket-Extensions: permessage-deflate']),
    });
    t.after(() => server.close());
    const socket = await open(server.url, {
      perMessageDeflate: true,
      receiveHighWaterMark: 4 * mebibyte,
      ...(secure ? { ignoreSslErrors: true } : {}),
    });
    const connection = await server.connections.next();
    const grown = Buffer.alloc(mebibyte, 'x');
    const [frame] = compressed([grown]);
    assert.ok(frame !== undefined && frame.length * 900 < grown.length);
    const count = 200;
    // All of them fit into one read of the receive buffer.
    connection.send(...new Array<Buffer>(count).fill(frame));
    for (let i = 1; i <= count; i++) {
      const one = await read(socket);
      assert.ok(typeof one !== 'string' && one.equals(grown));
      // What is inflated and not read is what receiveHighWaterMark lets be, and a batch.
      const { messagesIn = NaN } = webSocketInfo(socket) ?? {};
      assert.ok(messagesIn - i <= 7, `${messagesIn} came, ${i} were read`);
    }
    await connection.sendAndWait();
    await close(socket);
  });
}

const offers: [PerMessageDeflateOptions | boolean | undefined, string | undefined][] = [
  [undefined, undefined],
  [false, undefined],
  [true, 'permessage-deflate; client_max_window_bits'],
  [{}, 'permessage-deflate; client_max_window_bits'],
  [
    { threshold: 0, level: 1, serverMaxWindowBits: 15, clientNoContextTakeover: false },
    'permessage-deflate; client_max_window_bits',
  ],
  [
    {
      clientNoContextTakeover: true,
      serverNoContextTakeover: true,
      clientMaxWindowBits: 9,
      serverMaxWindowBits: 10,
    },
    'permessage-deflate; client_no_context_takeover; server_no_context_takeover; server_max_window_bits=10; client_max_window_bits=9',
  ],
];

for (const [perMessageDeflate, offer] of offers) {
  test(`${JSON.stringify(perMessageDeflate)} offers ${offer ?? 'nothing'}`, async (t) => {
    const server = await startRawServer();
    t.after(() => server.close());
    const socket = await open(
      server.url,
      perMessageDeflate === undefined ? {} : { perMessageDeflate },
    );
    const connection = await server.connections.next();
    assert.equal(connection.request.headers['sec-websocket-extensions'], offer);
    // The server did not accept.
    assert.equal(extensionsOf(socket), '');
    await ok(webSocketWrite(socket, 'x'.repeat(5000)));
    assert.equal((await connection.frames.next()).rsv, 0);
    connection.send(text('uncompressed'));
    assert.equal(await read(socket), 'uncompressed');
  });
}

const anyWindow = { clientMaxWindowBits: 15, serverMaxWindowBits: 15 };
const answers: [answer: string, named: RegExp, options?: PerMessageDeflateOptions][] = [
  ...['0', '7', '16', 'abc', '-9', '09', '9.0', '1e1', '4294967305', '"16"'].flatMap(
    (value): [string, RegExp][] => [
      [`permessage-deflate; server_max_window_bits=${value}`, /server_max_window_bits of 8 to 15/],
      [`permessage-deflate; client_max_window_bits=${value}`, /client_max_window_bits of 8 to 15/],
    ],
  ),
  ['permessage-deflate; server_max_window_bits', /server_max_window_bits.*no value/],
  ['permessage-deflate; client_max_window_bits', /client_max_window_bits.*no value/],
  ['permessage-deflate; server_max_window_bits=', /list of extensions/],
  [
    'permessage-deflate; server_max_window_bits=13',
    /8 to 12, got "13"/,
    { serverMaxWindowBits: 12 },
  ],
  [
    'permessage-deflate; client_max_window_bits=13',
    /8 to 12, got "13"/,
    { clientMaxWindowBits: 12 },
  ],
  ['permessage-deflate; server_max_window_bits=9; server_max_window_bits=9', /once/],
  ['permessage-deflate; server_no_context_takeover; server_no_context_takeover', /once/],
  ['permessage-deflate; server_no_context_takeover=1', /without a value/],
  ['permessage-deflate; client_no_context_takeover=true', /without a value/],
  ['permessage-deflate; mux=1', /a parameter of RFC 7692, got "mux"/],
  ['permessage-deflate; SERVER_MAX_WINDOW_BITS=9', /a parameter of RFC 7692/],
  ['permessage-deflate, permessage-deflate', /each extension once/],
  ['permessage-deflate, x-webkit-deflate-frame', /x-webkit-deflate-frame/],
  ['x-webkit-deflate-frame', /x-webkit-deflate-frame/],
  ['', /list of extensions/],
  ['permessage-deflate;', /list of extensions/],
];

for (const [answer, named_, options] of answers) {
  test(`the answer "${answer}" is refused`, async (t) => {
    const server = await startRawServer({
      answer: (request) => switching(request, [`Sec-WebSocket-Extensions: ${answer}`]),
    });
    t.after(() => server.close());
    const call = (): Promise<number> =>
      webSocketOpen(server.url, { perMessageDeflate: { ...anyWindow, ...options } });
    const error = await fails(call, 'WSFD_HANDSHAKE_EXTENSION_INVALID');
    assert.equal(error.category, 'handshake');
    assert.equal(error.httpStatus, 101);
    assert.match(error.message, named_);
    await (
      await server.connections.next()
    ).closed;
  });
}

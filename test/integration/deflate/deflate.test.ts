// permessage-deflate (RFC 7692): what is offered, what a server may answer, and what it is good for.
// That every message comes through is in deflate-ws.test.ts and deflate-uws.test.ts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Socket } from 'node:net';
import { constants, deflateRawSync } from 'node:zlib';
import { webSocketFlush, webSocketInfo, webSocketOpen, webSocketWrite } from 'wsfd';
import type { PerMessageDeflateOptions } from 'wsfd';
import { close, fails, ok, open, read } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { random, tail } from '../../support/deflate-core';
import { binary, text } from '../../support/frames';
import { startRawServer, switching } from '../../support/raw-server';
import { startWsServer } from '../../support/servers';

const flags = [false, true];

const extensionsOf = (socket: number): string => webSocketInfo(socket)?.extensions ?? 'no socket';

const mebibyte = 2 ** 20;

/** Binary messages, each compressed on its own. */
const compressed = (messages: Buffer[]): Buffer[] =>
  messages.map((whole) => {
    const payload = deflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH });
    return binary(payload.subarray(0, -tail.length), { rsv: 4 });
  });

// Bytes that do not compress on their own, but the second time within a window.
const message = random(2000);

/** Bytes of TCP for ten messages each way, once they are all there. */
async function traffic(
  parameters: PerMessageDeflateOptions,
  onHead?: (lines: string[]) => void,
): Promise<{ in: number; out: number; extensions: string }> {
  const settings = { perMessageDeflate: { threshold: 0 }, maxPayload: 2 ** 26 };
  const server = await startWsServer({ settings, ...(onHead === undefined ? {} : { onHead }) });
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
    const info = webSocketInfo(socket) ?? assert.fail();
    const { bytesIn, bytesOut, messagesIn, messagesOut, extensions } = info;
    assert.deepEqual([bytesIn, bytesOut, messagesIn, messagesOut], [20_000, 20_000, 10, 10]);
    return { in: tcp.bytesWritten - before.in, out: tcp.bytesRead - before.out, extensions };
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

test('a server that allows a larger window than ours is held to ours', async () => {
  // (the server inflates with the window of the offer: a reference beyond it would fail)
  const bytes = await traffic({ clientMaxWindowBits: 10 }, (lines) => {
    for (const [i, line] of lines.entries()) lines[i] = line.replace('_bits=10', '_bits=12');
  });
  assert.match(bytes.extensions, /; client_max_window_bits=12$/);
  // The message is longer than a window of 10 bits, and shorter than one of 12.
  assert.ok(bytes.out > repeated, JSON.stringify(bytes));
});

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
    'permessage-deflate; client_max_window_bits=16',
    /8 to 15, got "16"/,
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

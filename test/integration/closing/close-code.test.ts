// The code and the reason of webSocketClose.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { webSocketClose, webSocketWrite } from 'wsfd';
import { fails, ok, open, read } from '../../support/calls';
import { core } from '../../support/core';
import { opcodes } from '../../support/frames';
import { startRawServer } from '../../support/raw-server';
import { startUwsServer, startWsServer } from '../../support/servers';

async function echoSocket(t: TestContext): Promise<number> {
  const server = await startWsServer();
  t.after(() => server.close());
  return open(server.url);
}

/** An argument error leaves the socket as it was. */
async function stillOpen(socket: number): Promise<void> {
  await ok(webSocketWrite(socket, 'still open'));
  assert.equal(await read(socket), 'still open');
}

// RFC 6455 section 7.4.1 and IANA's registry.
const registered = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];

for (const code of [...registered, 3000, 3999, 4000, 4999]) {
  test(`the code ${code} is sent`, async (t) => {
    const server = await startRawServer();
    t.after(() => server.close());
    const socket = await open(server.url);
    const connection = await server.connections.next();
    await ok(webSocketClose(socket, code, 'why'));
    const { payload } = await connection.next(opcodes.close);
    assert.equal(payload.readUInt16BE(0), code);
    assert.equal(payload.toString('utf8', 2), 'why');
  });
}

test('every other code is an argument error that says which are none', async (t) => {
  const socket = await echoSocket(t);
  const codes = Array.from({ length: 5100 }, (_, i) => i).concat(65536 + 1000, 2 ** 32 + 1000);
  for (const code of codes.filter((it) => it > 0xffff || !core.isSendableCloseCode(it))) {
    const error = await fails(() => webSocketClose(socket, code), 'WSFD_INVALID_ARGUMENT');
    assert.match(error.message, new RegExp(`code: .*\\b3000 to 4999\\b.*\\b${code}\\b`));
  }
  await stillOpen(socket);
});

const wrongCodes = [-1, -1000, 1000.5, NaN, Infinity, '1000', null, true, 1000n, {}, [1000]];

test('a code that is no whole number is an argument error', async (t) => {
  const socket = await echoSocket(t);
  for (const code of [...wrongCodes, Symbol('code'), { valueOf: () => 1000 }, () => 1000]) {
    const error = await fails(
      () => webSocketClose(socket, code as number),
      'WSFD_INVALID_ARGUMENT',
    );
    assert.equal(error.category, 'usage');
    assert.match(error.message, /code/);
  }
  await stillOpen(socket);
});

test('a reason that is no string is an argument error', async (t) => {
  const socket = await echoSocket(t);
  for (const reason of [5, null, true, {}, ['why'], Buffer.from('why'), Symbol('why')]) {
    const call = (): Promise<number> => webSocketClose(socket, 1000, reason as string);
    assert.match((await fails(call, 'WSFD_INVALID_ARGUMENT')).message, /reason/);
  }
  await stillOpen(socket);
});

test('a reason of more than 123 bytes of UTF-8 is an argument error (RFC 6455 section 5.5)', async (t) => {
  const socket = await echoSocket(t);
  for (const reason of ['x'.repeat(124), 'ä'.repeat(62), '😀'.repeat(31), '\ud800'.repeat(42)]) {
    const call = (): Promise<number> => webSocketClose(socket, 1000, reason);
    const error = await fails(call, 'WSFD_INVALID_ARGUMENT');
    assert.match(
      error.message,
      new RegExp(`reason: .*\\b123\\b.*\\b${Buffer.byteLength(reason)}\\b`),
    );
  }
  await stillOpen(socket);
});

const reasons: [name: string, reason: string, received: string][] = [
  ['nothing', '', ''],
  ['123 bytes of ASCII', 'x'.repeat(123), 'x'.repeat(123)],
  ['123 bytes in two-byte characters', `x${'ä'.repeat(61)}`, `x${'ä'.repeat(61)}`],
  ['a lone surrogate', 'a\udc00\ud800b', 'a\ufffd\ufffdb'],
  ['41 lone surrogates', '\ud800'.repeat(41), '\ufffd'.repeat(41)],
  ['a NUL', 'a\0b', 'a\0b'],
];

for (const [name, reason, received] of reasons) {
  test(`a reason of ${name} arrives`, async (t) => {
    const server = await startWsServer();
    t.after(() => server.close());
    await ok(webSocketClose(await open(server.url), 4321, reason));
    assert.deepEqual(await server.closes.next(), { code: 4321, reason: received });
  });
}

test('a reason without a code comes with 1000', async (t) => {
  const server = await startUwsServer();
  t.after(() => server.close());
  await ok(webSocketClose(await open(server.url), undefined, 'bye'));
  assert.equal((await server.events.next()).event, 'open');
  assert.deepEqual(await server.events.next(), { event: 'close', code: 1000, reason: 'bye' });
});

test('a number that is no socket comes before a wrong code', async () => {
  await fails(() => webSocketClose(-1, 5), 'WSFD_INVALID_SOCKET');
});

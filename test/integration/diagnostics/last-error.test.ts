// getLastError(): the errors of the last call, and of that one alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  getLastError,
  webSocketClose,
  webSocketFlush,
  webSocketOpen,
  webSocketRead,
  webSocketWrite,
} from 'wsfd';
import type { OpenOptions } from 'wsfd';
import { open } from '../../support/calls';
import { response, startRawServer, switching } from '../../support/raw-server';
import type { RawConnection } from '../../support/raw-server';
import { startWsServer } from '../../support/servers';

const codes = (): string[] => getLastError().map((error) => error.code);

interface Failing {
  url: (base: string, i: number) => string;
  options?: (i: number) => OpenOptions;
  code: string;
  /** What the error of number i says and no other does. */
  detail: (i: number) => RegExp;
}

// Some fail at once, some only when the server has answered.
const kinds: Failing[] = [
  {
    url: (base, i) => `${base}status/${400 + i}`,
    code: 'WSFD_HANDSHAKE_REFUSED',
    detail: (i) => new RegExp(`\\b${400 + i}\\b`),
  },
  {
    url: (_base, i) => `scheme${i}://127.0.0.1/`,
    code: 'WSFD_UNSUPPORTED_SCHEME',
    detail: (i) => new RegExp(`scheme${i}\\b`),
  },
  {
    url: (base, i) => `${base}protocol/name${i}`,
    code: 'WSFD_HANDSHAKE_SUBPROTOCOL_INVALID',
    detail: (i) => new RegExp(`name${i}\\b`),
  },
  {
    url: (base) => base,
    options: (i) => ({ [`option${i}`]: 1 }),
    code: 'WSFD_UNKNOWN_OPTION',
    detail: (i) => new RegExp(`option${i}\\b`),
  },
];

/** Answers to paths: /status/404 with that status, /protocol/x with that subprotocol. */
function answerOf(connection: RawConnection): string {
  const [, kind, value = ''] = connection.request.requestLine.split(' ')[1]?.split('/') ?? [];
  return kind === 'status'
    ? response(`${value} No`, ['Content-Length: 0'])
    : switching(connection.request, [`Sec-WebSocket-Protocol: ${value}`]);
}

test('a hundred opens that fail differently in one tick see each its own error', async (t) => {
  const count = 100;
  const held: RawConnection[] = [];
  const server = await startRawServer({
    answer: (_request, connection) => {
      held.push(connection);
      // Answered all at once, so that they fail in as few ticks as can be.
      if (held.length === count / 2) {
        for (const each of held) each.socket.write(answerOf(each));
      }
      return undefined;
    },
  });
  t.after(() => server.close());
  const openAndLook = async (i: number): Promise<void> => {
    const kind = kinds[i % kinds.length];
    assert.ok(kind !== undefined);
    const result = await webSocketOpen(kind.url(server.url, i), kind.options?.(i) ?? {});
    const errors = getLastError();
    assert.equal(result, -1);
    assert.deepEqual(
      errors.map((error) => error.code),
      [kind.code],
    );
    assert.match(errors[0]?.message ?? '', kind.detail(i));
  };
  await Promise.all(Array.from({ length: count }, (_, i) => openAndLook(i)));
});

test('every call replaces the errors of the one before', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  assert.equal(webSocketWrite(-1, 'x'), -1);
  assert.deepEqual(codes(), ['WSFD_INVALID_SOCKET']);
  assert.deepEqual(codes(), ['WSFD_INVALID_SOCKET'], 'looking does not change it');
  assert.equal(webSocketWrite(socket, 'x'), 0);
  assert.deepEqual(codes(), []);
  assert.equal(await webSocketRead(-1, {}), -1);
  assert.deepEqual(codes(), ['WSFD_INVALID_SOCKET']);
  assert.equal(await webSocketRead(socket, {}), 0);
  assert.deepEqual(codes(), []);
  assert.equal(await webSocketClose(-1), -1);
  assert.deepEqual(codes(), ['WSFD_INVALID_SOCKET']);
  assert.equal(await webSocketClose(socket), 0);
  assert.deepEqual(codes(), []);
});

test('a hundred reads of different results in one tick see each its own', async (t) => {
  const server = await startWsServer({ echo: false });
  t.after(() => server.close());
  const sockets = await Promise.all(Array.from({ length: 50 }, () => open(server.url)));
  const readAndLook = async (socket: number, expected: number, code: string): Promise<void> => {
    const result = await webSocketRead(socket, {}, 0);
    assert.deepEqual([result, ...codes()], [expected, code]);
  };
  await Promise.all(
    sockets.flatMap((socket) => [
      readAndLook(socket, -2, 'WSFD_READ_TIMEOUT'),
      readAndLook(-1, -1, 'WSFD_INVALID_SOCKET'),
    ]),
  );
});

test('a flush that ends in the same wake-up does not come between a call and its error', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const socket = await open(server.url);
  webSocketWrite(socket, 'a');
  assert.equal(await webSocketRead(socket, {}), 0);
  // Here the wake-up that brought the echo goes on.
  const failing = webSocketRead(-1, {});
  webSocketWrite(socket, 'b');
  const flushed = webSocketFlush(socket).then(() => webSocketWrite(socket, 'c'));
  assert.deepEqual([await failing, ...codes()], [-1, 'WSFD_INVALID_SOCKET']);
  assert.equal(await flushed, 0);
});

test("what getLastError() gave is the reader's: a later call leaves it alone", async () => {
  await webSocketClose(-1);
  const kept = getLastError();
  await webSocketOpen('http://127.0.0.1/');
  assert.deepEqual(
    kept.map((error) => error.code),
    ['WSFD_INVALID_SOCKET'],
  );
  assert.deepEqual(codes(), ['WSFD_UNSUPPORTED_SCHEME']);
});

test('an error can be thrown, printed and logged as JSON', async () => {
  await webSocketOpen('http://127.0.0.1/');
  const [error] = getLastError();
  assert.ok(error instanceof Error);
  assert.equal(error.name, 'WebSocketError');
  assert.match(String(error.stack), /WebSocketError/);
  const plain = JSON.parse(JSON.stringify(error)) as Record<string, unknown>;
  assert.deepEqual([plain['code'], plain['category']], ['WSFD_UNSUPPORTED_SCHEME', 'usage']);
});

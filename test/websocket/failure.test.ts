// Connections that fail: an error event that says why, then a close event.
import assert from 'node:assert/strict';
import { Blob } from 'node:buffer';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { WebSocketError, webSocketList } from 'wsfd';
import { ErrorEvent, WebSocket as WsfdWebSocket } from 'wsfd/websocket';
import type { WebSocketOptions } from 'wsfd/websocket';
import { makeSelfSigned } from '../support/certificates';
import { close as closeFrame, closeCodeOf, encodeFrame, opcodes, text } from '../support/frames';
import { response, startRawServer, switching } from '../support/raw-server';
import type { RawConnection } from '../support/raw-server';
import { startTcpServer, startWsServer } from '../support/servers';
import { WebSocket, isPlatform, next, openRaw, record } from '../support/websocket';

/** The error of a socket that cannot be opened. */
async function refused(url: string, options?: WebSocketOptions): Promise<WebSocketError> {
  const socket = new WebSocket(url, [], ...(options === undefined ? [] : [options]));
  const seen = record(socket);
  const error = next(socket, 'error').then((event) => {
    assert.equal(socket.readyState, WebSocket.CLOSED);
    return event;
  });
  const event = await next(socket, 'close');
  assert.deepEqual([event.code, event.reason, event.wasClean], [1006, '', false]);
  assert.deepEqual(seen, ['error', 'close']);
  return checkError(await error);
}

/** The error of an event, which says what it does. */
function checkError(event: ErrorEvent): WebSocketError {
  assert.ok(event instanceof Event);
  const { error } = event;
  if (isPlatform) return error;
  assert.ok(event instanceof ErrorEvent);
  assert.equal(Object.prototype.toString.call(event), '[object ErrorEvent]');
  assert.ok(error instanceof WebSocketError);
  assert.equal(event.message, error.message);
  assert.deepEqual([event.filename, event.lineno, event.colno], ['', 0, 0]);
  return error;
}

const is = (error: WebSocketError, code: string): void => {
  if (!isPlatform) assert.equal(error.code, code, error.message);
};

test('nobody listens', async () => {
  const server = await startTcpServer();
  await server.close();
  is(await refused(server.url), 'WSFD_CONNECT_FAILED');
});

test('port 0', { skip: isPlatform }, async () => {
  is(await refused('ws://127.0.0.1:0/'), 'WSFD_INVALID_URL');
});

test('the handshake is refused', async (t) => {
  const server = await startRawServer({
    answer: () => response('403 Forbidden', ['Content-Length: 2'], 'no'),
  });
  t.after(() => server.close());
  const error = await refused(server.url);
  is(error, 'WSFD_HANDSHAKE_REFUSED');
  if (!isPlatform) assert.deepEqual([error.httpStatus, error.httpBody], [403, 'no']);
});

test('a redirect is not followed', async (t) => {
  const other = await startWsServer();
  t.after(() => other.close());
  const server = await startRawServer({
    answer: () => response('302 Found', [`Location: ${other.url}`, 'Content-Length: 0']),
  });
  t.after(() => server.close());
  is(await refused(server.url), 'WSFD_HANDSHAKE_REFUSED');
  assert.equal(other.connections.all.length, 0);
});

test('a redirect is followed if asked for', { skip: isPlatform }, async (t) => {
  const other = await startWsServer({ settings: { handleProtocols: () => 'b' } });
  t.after(() => other.close());
  const server = await startRawServer({
    answer: () => response('302 Found', [`Location: ${other.url}`, 'Content-Length: 0']),
  });
  t.after(() => server.close());
  const socket = new WsfdWebSocket(server.url, ['a', 'b'], { followRedirects: 1 });
  await next(socket, 'open');
  assert.deepEqual([socket.protocol, socket.url], ['b', server.url]);
  socket.close();
});

test('a subprotocol that was not offered', async (t) => {
  const server = await startRawServer({
    answer: (request) => switching(request, ['Sec-WebSocket-Protocol: other']),
  });
  t.after(() => server.close());
  is(await refused(server.url), 'WSFD_HANDSHAKE_SUBPROTOCOL_INVALID');
});

test('subprotocols of which the server chooses none', { skip: isPlatform }, async (t) => {
  const server = await startRawServer({
    answer: (request) => Buffer.concat([Buffer.from(switching(request)), text('never told')]),
  });
  t.after(() => server.close());
  const socket = new WebSocket(server.url, ['a', 'b']);
  const seen = record(socket);
  const error = checkError(await next(socket, 'error'));
  is(error, 'WSFD_HANDSHAKE_SUBPROTOCOL_INVALID');
  assert.match(error.message, /none of "a, b"/);
  const { code, wasClean } = await next(socket, 'close');
  assert.deepEqual([code, wasClean, socket.protocol, ...seen], [1006, false, '', 'error', 'close']);
  await (
    await server.connections.next()
  ).closed;
  assert.deepEqual(webSocketList(), []);
});

test('a certificate that is not trusted', async (t) => {
  const server = await startWsServer({ tls: makeSelfSigned() });
  t.after(() => server.close());
  const error = await refused(server.url);
  is(error, 'WSFD_CERTIFICATE_REFUSED');
  if (!isPlatform) assert.deepEqual(Object.keys(error.sslErrors ?? {}), ['SelfSignedCertificate']);
});

test('a certificate that is let pass', { skip: isPlatform }, async (t) => {
  const server = await startWsServer({ tls: makeSelfSigned() });
  t.after(() => server.close());
  const options = { ignoreSslErrors: ['SelfSignedCertificate'] } as const;
  const socket = new WsfdWebSocket(server.url.replace('wss:', 'https:'), [], options);
  await next(socket, 'open');
  socket.send('x');
  const event = await next(socket, 'message');
  assert.deepEqual([event.data, event.origin], ['x', server.url.slice(0, -1)]);
  socket.close();
});

test('a timeout', { skip: isPlatform }, async (t) => {
  const server = await startTcpServer();
  t.after(() => server.close());
  is(await refused(server.url, { timeout: 0.05 }), 'WSFD_OPEN_TIMEOUT');
});

test('an aborted signal', { skip: isPlatform }, async (t) => {
  const server = await startTcpServer();
  t.after(() => server.close());
  const reason = new Error('enough');
  const error = await refused(server.url, { signal: AbortSignal.abort(reason) });
  is(error, 'WSFD_ABORTED');
  assert.equal(error.cause, reason);
  const controller = new AbortController();
  const refusal = refused(server.url, { signal: controller.signal });
  controller.abort(reason);
  assert.equal((await refusal).cause, reason);
});

test('a signal has no effect on an open connection', { skip: isPlatform }, async (t) => {
  const controller = new AbortController();
  const { socket } = await openRaw(t, { client: { signal: controller.signal } });
  controller.abort();
  await new Promise(setImmediate);
  assert.equal(socket.readyState, WebSocket.OPEN);
  socket.close();
});

const violations: [name: string, frame: Buffer, code: string, sent: number][] = [
  ['text that is not UTF-8', text(Buffer.from([0xff])), 'WSFD_TEXT_NOT_UTF8', 1007],
  ['a reserved opcode', encodeFrame(3), 'WSFD_RESERVED_OPCODE', 1002],
  ['a masked frame', text('x', { maskKey: Buffer.alloc(4) }), 'WSFD_MASKED_FRAME', 1002],
  ['a close code that must not be sent', closeFrame(1005), 'WSFD_CLOSE_CODE_INVALID', 1002],
];

for (const [name, frame, code, sent] of violations) {
  test(`${name} fails the connection`, async (t) => {
    const { socket, connection } = await openRaw(t, { leavesCloseToTest: true });
    const seen = record(socket);
    const error = next(socket, 'error');
    connection.send(text('before'), frame, text('after'));
    const event = await next(socket, 'close');
    assert.deepEqual([event.code, event.reason, event.wasClean], [1006, '', false]);
    assert.deepEqual(seen, ['message before', 'error', 'close']);
    is(checkError(await error), code);
    if (!isPlatform) assert.equal(await connection.nextCloseCode(), sent);
  });
}

/** A socket whose send buffer is as small as can be. */
async function fill(t: TestContext, data: string | Blob | Uint8Array): Promise<void> {
  const { socket } = await openRaw(t, { client: { maxBufferedBytes: 100 } });
  const seen = record(socket);
  socket.send(data);
  assert.equal(socket.readyState, WebSocket.CLOSING);
  assert.equal(socket.bufferedAmount, 200);
  socket.send('x');
  assert.deepEqual(seen, []);
  const error = checkError(await next(socket, 'error'));
  assert.deepEqual([error.code, error.category], ['WSFD_SEND_BUFFER_FULL', 'limit']);
  const event = await next(socket, 'close');
  assert.deepEqual([event.code, event.wasClean, ...seen], [1006, false, 'error', 'close']);
  assert.equal(socket.bufferedAmount, 201);
}

test('a full send buffer fails the connection', { skip: isPlatform }, async (t) => {
  await fill(t, 'x'.repeat(200));
  await fill(t, new Uint8Array(200));
  await fill(t, new Blob(['x'.repeat(200)]));
});

const unreadable = new Error('unreadable');
function unreadableBlob(): Blob {
  const blob = new Blob(['1234']);
  blob.arrayBuffer = () => Promise.reject(unreadable);
  return blob;
}

/** What came of the connection: payloads of its messages, then the code and reason of its end. */
async function received(connection: RawConnection): Promise<unknown[]> {
  await connection.closed;
  return connection.frames.all.map((frame) =>
    frame.opcode === opcodes.close
      ? [closeCodeOf(frame), frame.payload.subarray(2).toString()]
      : frame.payload.toString(),
  );
}

test('a Blob that cannot be read fails the connection', { skip: isPlatform }, async (t) => {
  const { socket, connection } = await openRaw(t);
  const seen = record(socket);
  socket.send(unreadableBlob());
  socket.send('never');
  assert.equal(checkError(await next(socket, 'error')).cause, unreadable);
  assert.equal((await next(socket, 'close')).code, 1006);
  assert.deepEqual(seen, ['error', 'close']);
  assert.equal(socket.bufferedAmount, 9);
  assert.deepEqual(await received(connection), [[1011, 'a Blob could not be read']]);
});

test('a Blob whose arrayBuffer() gives something else', { skip: isPlatform }, async (t) => {
  const { socket, connection } = await openRaw(t);
  const blob = new Blob(['1234']);
  blob.arrayBuffer = () => Promise.resolve('1234' as unknown as ArrayBuffer);
  socket.send(blob);
  const { cause } = checkError(await next(socket, 'error'));
  assert.ok(cause instanceof TypeError);
  assert.deepEqual(await received(connection), [[1011, 'a Blob could not be read']]);
});

test('what was sent before a Blob that cannot be read arrives', { skip: isPlatform }, async (t) => {
  const { socket, connection } = await openRaw(t, { client: { closeTimeout: 60 } });
  // More than the system takes while the server does not read.
  const large = 'x'.repeat(16 * 2 ** 20);
  connection.socket.pause();
  for (const data of ['1', large, new Blob(['2']), '3']) socket.send(data);
  socket.send(unreadableBlob());
  socket.send('never');
  while (socket.readyState === WebSocket.OPEN) await new Promise(setImmediate);
  connection.socket.resume();
  assert.equal(checkError(await next(socket, 'error')).cause, unreadable);
  assert.equal(socket.bufferedAmount, 9);
  const end = [1011, 'a Blob could not be read'];
  assert.deepEqual(await received(connection), ['1', large, '2', '3', end]);
});

test('what was sent before a full send buffer arrives', { skip: isPlatform }, async (t) => {
  const { socket, connection } = await openRaw(t, { client: { maxBufferedBytes: 100 } });
  socket.send('1');
  socket.send(new Blob(['2']));
  socket.send('3'.repeat(200));
  assert.equal(socket.readyState, WebSocket.CLOSING);
  socket.send('never');
  is(checkError(await next(socket, 'error')), 'WSFD_SEND_BUFFER_FULL');
  assert.equal(socket.bufferedAmount, 205);
  assert.deepEqual(await received(connection), ['1', '2', [1011, 'the send buffer is full']]);
});

test(
  'an overflow behind a Blob is told also if the connection ends first',
  { skip: isPlatform },
  async (t) => {
    const { socket, connection } = await openRaw(t, { client: { maxBufferedBytes: 100 } });
    const seen = record(socket);
    const blob = new Blob(['x'.repeat(60)]);
    blob.arrayBuffer = () => new Promise(() => undefined);
    socket.send(blob);
    socket.send('y'.repeat(60));
    assert.deepEqual([socket.readyState, socket.bufferedAmount], [WebSocket.CLOSING, 120]);
    connection.send(closeFrame(1000));
    is(checkError(await next(socket, 'error')), 'WSFD_SEND_BUFFER_FULL');
    assert.equal((await next(socket, 'close')).code, 1006);
    assert.deepEqual(seen, ['error', 'close']);
    assert.equal(socket.bufferedAmount, 120);
  },
);

test('close() behind a Blob that cannot be read', { skip: isPlatform }, async (t) => {
  const { socket, connection } = await openRaw(t);
  socket.send('1');
  socket.send(unreadableBlob());
  socket.close(1000);
  assert.equal(checkError(await next(socket, 'error')).cause, unreadable);
  assert.equal((await next(socket, 'close')).code, 1006);
  assert.deepEqual(await received(connection), ['1', [1011, 'a Blob could not be read']]);
});

test(
  'a server that takes nothing more is waited for no longer than closeTimeout',
  {
    skip: isPlatform,
  },
  async (t) => {
    const { socket, connection } = await openRaw(t, { client: { closeTimeout: 0.1 } });
    connection.socket.pause();
    socket.send('x'.repeat(32 * 2 ** 20));
    socket.send(unreadableBlob());
    assert.equal(checkError(await next(socket, 'error')).cause, unreadable);
    assert.equal((await next(socket, 'close')).code, 1006);
  },
);

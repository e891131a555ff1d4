// A process that is busy while a time limit passes: what has come by then counts, although the loop
// runs timers before it looks for input.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { webSocketClose, webSocketOpen } from 'wsfd';
import { block } from '../../support/block';
import { close, fails, ok, open } from '../../support/calls';
import { close as closeFrame, opcodes } from '../../support/frames';
import { startProxy } from '../../support/proxies';
import { response, startRawServer, switching } from '../../support/raw-server';
import { startTcpServer } from '../../support/servers';

/** Seconds: long enough for the client to have asked by then. */
const limit = 1;

/** Has the client find its answer and the end of `limit` at once, which begins with this call. */
function limited(): (answer: () => void) => void {
  const end = performance.now() + limit * 1000;
  // Behind an immediate the loop runs timers first.
  return (answer) => {
    setImmediate(() => {
      answer();
      block(end + 50 - performance.now());
    });
  };
}

test('connecting: the refusal of the port', async (t) => {
  const server = await startTcpServer();
  t.after(() => server.close());
  await server.close();
  const opened = webSocketOpen(server.url, { timeout: 0.01 });
  block(50);
  await fails(() => opened, 'WSFD_CONNECT_FAILED');
});

test('connecting through a proxy: its refusal, whose body does not end', async (t) => {
  const late = limited();
  const proxy = await startProxy({
    answer: (socket) => late(() => socket.write(response('407 No', ['Content-Length: 9'], 'half'))),
  });
  t.after(() => proxy.close());
  const options = { proxy: proxy.url, timeout: limit };
  const error = await fails(
    () => webSocketOpen('ws://127.0.0.1:9/', options),
    'WSFD_PROXY_REFUSED',
  );
  assert.deepEqual([error.httpStatus, error.httpBody], [407, 'half']);
});

test('securing: an alert', async (t) => {
  const late = limited();
  // handshake_failure (RFC 8446 section 6)
  const alert = Buffer.from([21, 3, 3, 0, 2, 2, 40]);
  const server = await startTcpServer((socket) => {
    socket.once('data', () => late(() => socket.write(alert)));
  });
  t.after(() => server.close());
  const url = server.url.replace('ws:', 'wss:');
  await fails(() => webSocketOpen(url, { timeout: limit }), 'WSFD_TLS_HANDSHAKE_FAILED');
});

test('opening: the answer to the opening handshake', async (t) => {
  const late = limited();
  const server = await startRawServer({
    answer: (request, { socket }) => {
      late(() => socket.write(switching(request)));
      return undefined;
    },
  });
  t.after(() => server.close());
  await close(await open(server.url, { timeout: limit }));
});

test('opening: a refusal whose body does not end', async (t) => {
  const late = limited();
  const server = await startRawServer({
    answer: (_request, { socket }) => {
      late(() => socket.write(response('503 Busy', ['Content-Length: 9'], 'half')));
      return undefined;
    },
  });
  t.after(() => server.close());
  const call = () => webSocketOpen(server.url, { timeout: limit });
  const error = await fails(call, 'WSFD_HANDSHAKE_REFUSED');
  assert.deepEqual([error.httpStatus, error.httpBody], [503, 'half']);
});

test('opening: no answer is a timeout still', async (t) => {
  const late = limited();
  const server = await startRawServer({
    answer: () => {
      late(() => undefined);
      return undefined;
    },
  });
  t.after(() => server.close());
  const call = () => webSocketOpen(server.url, { timeout: limit });
  const error = await fails(call, 'WSFD_OPEN_TIMEOUT', -2);
  assert.match(error.message, /the server had not answered the opening handshake/);
});

test("closing: the server's close frame", async (t) => {
  const server = await startRawServer({ leavesCloseToTest: true });
  t.after(() => server.close());
  const socket = await open(server.url, { closeTimeout: limit });
  const connection = await server.connections.next();
  const late = limited();
  const closed = webSocketClose(socket);
  await connection.next(opcodes.close);
  late(() => {
    connection.send(closeFrame(1000));
    connection.end();
  });
  await ok(closed);
});

test('closing: the time before the close frame leaves does not count', async (t) => {
  const server = await startRawServer();
  t.after(() => server.close());
  const socket = await open(server.url, { closeTimeout: limit });
  await new Promise((resolve) => setImmediate(resolve));
  const closed = webSocketClose(socket);
  block(limit * 1000 + 50);
  await ok(closed);
});

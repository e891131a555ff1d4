// A socket of the class has a number, as any other has: webSocketList tells it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { webSocketClose, webSocketList, webSocketRead, webSocketTerminate } from 'wsfd';
import { fails, ok } from '../support/calls';
import { listen } from '../support/diagnostics';
import { WebSocket, isPlatform, next, openEcho, record, toEcho } from '../support/websocket';

/** The number of the one socket that is open. */
function theNumber(): number {
  const [info, ...more] = webSocketList();
  assert.ok(info !== undefined && more.length === 0);
  return info.socket;
}

test('its messages cannot be read by its number', { skip: isPlatform }, async (t) => {
  const { socket } = await openEcho(t);
  await fails(() => webSocketRead(theNumber(), {}), 'WSFD_READER_CONFLICT');
  socket.close();
  await next(socket, 'close');
  assert.deepEqual(webSocketList(), []);
});

test('it can be closed by its number', { skip: isPlatform }, async (t) => {
  const { socket, server } = await openEcho(t);
  const seen = record(socket);
  const closing = next(socket, 'close');
  await ok(webSocketClose(theNumber(), 4000, 'by its number'));
  const { code, wasClean } = await closing;
  assert.deepEqual([code, wasClean, ...seen], [4000, true, 'close']);
  assert.deepEqual(await server.closes.next(), { code: 4000, reason: 'by its number' });
  assert.equal(socket.readyState, WebSocket.CLOSED);
});

test('it can be terminated by its number', { skip: isPlatform }, async (t) => {
  const { socket, server } = await openEcho(t);
  const seen = record(socket);
  let ran = false;
  queueMicrotask(() => (ran = true));
  assert.equal(webSocketTerminate(theNumber()), 0);
  // Nothing is told, and no promise job runs, before the call has returned.
  assert.deepEqual([seen, socket.readyState, ran], [[], WebSocket.CLOSING, false]);
  const { error } = await next(socket, 'error');
  assert.equal(error.code, 'WSFD_CLOSED_ABNORMALLY');
  assert.equal((await next(socket, 'close')).code, 1006);
  assert.equal((await server.closes.next()).code, 1006);
});

const whenToldOfOpen: Record<string, (number: number, socket: WebSocket) => unknown> = {
  'terminated by its number': webSocketTerminate,
  'closed by its number': (number) => webSocketClose(number),
  closed: (_number, socket) => socket.close(),
};

for (const [how, act] of Object.entries(whenToldOfOpen)) {
  test(`${how} by whoever is told first that it is open`, { skip: isPlatform }, async (t) => {
    const { socket } = await toEcho(t);
    const seen = record(socket);
    listen(t, 'wsfd:open', ({ socket: number }) => {
      act(number ?? -1, socket);
    });
    assert.equal((await next(socket, 'close')).code, 1006);
    assert.deepEqual([seen, socket.readyState], [['error', 'close'], WebSocket.CLOSED]);
    assert.deepEqual(webSocketList(), []);
  });
}

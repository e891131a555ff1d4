// The end of a connection: close(), the server's close frame, and readyState on the way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { CloseEvent } from 'wsfd/websocket';
import { close as closeFrame, closePayload, opcodes, text } from '../support/frames';
import type { RawConnection } from '../support/raw-server';
import { startRawServer } from '../support/raw-server';
import {
  WebSocket,
  isPlatform,
  next,
  openEcho,
  openRaw,
  record,
  throwsDom,
  toEcho,
} from '../support/websocket';

test('close() sends a close frame without a body', async (t) => {
  const { socket, connection } = await openRaw(t);
  const seen = record(socket);
  socket.close();
  assert.equal(socket.readyState, WebSocket.CLOSING);
  const event = await next(socket, 'close');
  assert.ok(event instanceof CloseEvent || isPlatform);
  assert.equal(Object.prototype.toString.call(event), '[object CloseEvent]');
  assert.deepEqual([event.code, event.reason, event.wasClean], [1005, '', true]);
  assert.equal(socket.readyState, WebSocket.CLOSED);
  assert.equal((await connection.next(opcodes.close)).payload.length, 0);
  assert.deepEqual(seen, ['close']);
});

const accepted: [args: unknown[], payload: Buffer][] = [
  [[1000], closePayload(1000)],
  [[3000, 'why'], closePayload(3000, 'why')],
  [[4999, 'ü'.repeat(61)], closePayload(4999, 'ü'.repeat(61))],
  [[undefined], Buffer.alloc(0)],
  [[undefined, undefined], Buffer.alloc(0)],
  [['3001'], closePayload(3001)],
  [[999.5], closePayload(1000)],
  [[3000.5], closePayload(3000)],
  [[3001.5], closePayload(3002)],
  [[1000, 'a\ud800b'], closePayload(1000, 'a\ufffdb')],
  [[1000, null], closePayload(1000, 'null')],
  [[{ valueOf: () => 4000 }, { toString: () => 'x' }], closePayload(4000, 'x')],
];

// Node's own gives a RangeError or another code for some of them.
for (const [args, payload] of accepted) {
  test(`close(${args.map(String).join()})`, { skip: isPlatform }, async (t) => {
    const { socket, connection } = await openRaw(t);
    Reflect.apply(WebSocket.prototype.close, socket, args);
    assert.deepEqual((await connection.next(opcodes.close)).payload, payload);
    const event = await next(socket, 'close');
    const code = payload.length === 0 ? 1005 : payload.readUInt16BE();
    // The code is that of the server's frame, which had no reason.
    assert.deepEqual([event.code, event.reason, event.wasClean], [code, '', true]);
  });
}

test('a reason alone comes with 1000', { skip: isPlatform }, async (t) => {
  const { socket, connection } = await openRaw(t);
  socket.close(undefined, 'why');
  assert.deepEqual((await connection.next(opcodes.close)).payload, closePayload(1000, 'why'));
  await next(socket, 'close');
});

const wrongCodes = [0, 500, NaN, 'string', null, 0x10000 + 1000, 999, 1001, 1005, 2999, 5000, -1];

test('a code that may not be given is an InvalidAccessError', async (t) => {
  const { socket } = await toEcho(t);
  const check = (): void => {
    for (const code of wrongCodes) {
      throwsDom(() => socket.close(code as number), 'InvalidAccessError');
    }
    throwsDom(() => socket.close('a reason alone' as unknown as number), 'InvalidAccessError');
    for (const wrong of [Symbol('x'), 1000n]) {
      assert.throws(() => socket.close(wrong as unknown as number), TypeError);
    }
    assert.throws(() => socket.close(1000, Symbol('x') as unknown as string), TypeError);
  };
  check();
  assert.equal(socket.readyState, WebSocket.CONNECTING);
  await next(socket, 'open');
  check();
  assert.equal(socket.readyState, WebSocket.OPEN);
  socket.close();
  // Arguments are looked at in every state.
  check();
});

test('a reason of more than 123 bytes is a SyntaxError', async (t) => {
  const { socket } = await openEcho(t);
  for (const reason of ['x'.repeat(124), 'ü'.repeat(62), '\ud800'.repeat(42)]) {
    throwsDom(() => socket.close(1000, reason), 'SyntaxError');
    throwsDom(() => socket.close(undefined, reason), 'SyntaxError');
    throwsDom(() => socket.close(5, reason), 'InvalidAccessError');
  }
  assert.equal(socket.readyState, WebSocket.OPEN);
});

test('close() before it is open fails the connection', async (t) => {
  const { socket, server } = await toEcho(t);
  const seen = record(socket);
  const states: number[] = [];
  socket.addEventListener('error', () => states.push(socket.readyState));
  socket.close(1000, 'never sent');
  assert.equal(socket.readyState, WebSocket.CLOSING);
  socket.close();
  // Nothing is told before the caller has returned.
  assert.deepEqual(seen, []);
  const event = await next(socket, 'close');
  assert.deepEqual([event.code, event.reason, event.wasClean], [1006, '', false]);
  assert.deepEqual([seen, states], [['error', 'close'], [3]]);
  assert.equal(server.messages.all.length, 0);
});

test('close() more than once does nothing more', async (t) => {
  const { socket, connection } = await openRaw(t);
  let events = 0;
  socket.onclose = () => {
    events += 1;
    socket.close();
    assert.equal(socket.readyState, WebSocket.CLOSED);
  };
  socket.close(3000, 'first');
  socket.close(3001, 'second');
  await next(socket, 'close');
  socket.close(3002);
  await connection.closed;
  const frames = connection.frames.all.filter(({ opcode }) => opcode === opcodes.close);
  assert.deepEqual(
    frames.map(({ payload }) => payload),
    [closePayload(3000, 'first')],
  );
  assert.equal(events, 1);
});

/** What is seen of a close that the server begins. */
async function serverCloses(
  t: TestContext,
  act: (connection: RawConnection) => void,
): Promise<unknown[]> {
  const { socket, connection } = await openRaw(t, { leavesCloseToTest: true });
  const seen = record(socket);
  act(connection);
  const event = await next(socket, 'close');
  return [event.code, event.reason, event.wasClean, ...seen];
}

test('the server closes', async (t) => {
  const end = (frame: Buffer) => (connection: RawConnection) => {
    connection.send(text('last'), frame);
    connection.end();
  };
  const with4001 = await serverCloses(t, end(closeFrame(4001, 'größer')));
  assert.deepEqual(with4001, [4001, 'größer', true, 'message last', 'close']);
  const withNone = await serverCloses(t, end(closeFrame()));
  assert.deepEqual(withNone, [1005, '', true, 'message last', 'close']);
});

test('the server ends the connection without a close frame', async (t) => {
  const ended = await serverCloses(t, (connection) => {
    connection.send(text('last'));
    connection.end();
  });
  assert.deepEqual(ended, [1006, '', false, 'message last', 'error', 'close']);
  const reset = await serverCloses(t, (connection) => connection.reset());
  assert.deepEqual(reset, [1006, '', false, 'error', 'close']);
});

test('readyState is CLOSING once the close frame is there', { skip: isPlatform }, async (t) => {
  const { socket, connection } = await openRaw(t, { leavesCloseToTest: true });
  connection.send(closeFrame(4001));
  // The answer has come, and the server does not end the connection yet.
  assert.equal(await connection.nextCloseCode(), 4001);
  assert.equal(socket.readyState, WebSocket.CLOSING);
  const closing = next(socket, 'close');
  connection.end();
  assert.equal((await closing).code, 4001);
});

test('a server that does not answer', { skip: isPlatform }, async (t) => {
  const { socket } = await openRaw(t, { leavesCloseToTest: true, client: { closeTimeout: 0.05 } });
  const seen = record(socket);
  socket.close();
  const error = await next(socket, 'error');
  assert.equal(error.error.code, 'WSFD_CLOSE_TIMEOUT');
  const event = await next(socket, 'close');
  assert.deepEqual([event.code, event.wasClean, ...seen], [1006, false, 'error', 'close']);
});

test('a server that ends the connection in answer to close()', async (t) => {
  const { socket, connection } = await openRaw(t, { leavesCloseToTest: true });
  const seen = record(socket);
  socket.close(1000);
  await connection.nextCloseCode();
  connection.end();
  const event = await next(socket, 'close');
  assert.deepEqual([event.code, event.wasClean, ...seen], [1006, false, 'error', 'close']);
});

test('a server that accepts and says nothing', async (t) => {
  const server = await startRawServer({ answer: () => undefined });
  t.after(() => server.close());
  const socket = new WebSocket(server.url);
  const connection = await server.connections.next();
  socket.close();
  assert.equal((await next(socket, 'close')).code, 1006);
  await connection.closed;
});

// onopen, onmessage, onerror and onclose.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket, isPlatform, next, openEcho, toEcho } from '../support/websocket';

const NAMES = ['onopen', 'onmessage', 'onerror', 'onclose'] as const;

test('a handler is what was set; what is no object is null', async (t) => {
  const { socket } = await toEcho(t);
  const set = (name: string, value: unknown): unknown => {
    Reflect.set(socket, name, value);
    return Reflect.get(socket, name);
  };
  for (const name of NAMES) {
    const handler = (): void => undefined;
    assert.equal(set(name, handler), handler);
    for (const none of [2, 'text', true, Symbol('x'), undefined, null]) {
      set(name, handler);
      assert.equal(set(name, none), null);
    }
  }
});

test('an object that is no function is kept and never called', { skip: isPlatform }, async (t) => {
  const { socket } = await openEcho(t);
  const object = { handleEvent: () => assert.fail('called') };
  Reflect.set(socket, 'onmessage', object);
  assert.equal(socket.onmessage, object);
  socket.send('x');
  await next(socket, 'message');
});

test('a handler is called with the socket as this', async (t) => {
  const { socket } = await openEcho(t);
  const called = new Promise((resolve) => {
    socket.onmessage = function (event) {
      resolve([this, event.target, event.currentTarget]);
    };
  });
  socket.send('x');
  assert.deepEqual(await called, [socket, socket, socket]);
});

test('handlers and listeners are called in the order in which they came', async (t) => {
  const { socket } = await openEcho(t);
  const order: string[] = [];
  const on = (name: string) => (): number => order.push(name);
  socket.addEventListener('message', on('first'));
  socket.onmessage = on('dropped');
  socket.addEventListener('message', on('second'));
  // It takes the place of the other …
  socket.onmessage = on('handler');
  socket.send('x');
  await next(socket, 'message');
  assert.deepEqual(order.splice(0), ['first', 'handler', 'second']);
  // … and a new one after none comes last.
  socket.onmessage = null;
  socket.onmessage = on('last');
  socket.send('x');
  await next(socket, 'message');
  assert.deepEqual(order, ['first', 'second', 'last']);
});

test('a handler that is taken away is not called', async (t) => {
  const { socket } = await openEcho(t);
  socket.onmessage = () => assert.fail('called');
  socket.onmessage = null;
  socket.send('x');
  await next(socket, 'message');
});

test('a handler that returns false cancels a cancelable event', { skip: isPlatform }, async (t) => {
  const { socket } = await toEcho(t);
  socket.onmessage = () => false;
  const cancelable = new Event('message', { cancelable: true });
  assert.equal(socket.dispatchEvent(cancelable), false);
  assert.ok(cancelable.defaultPrevented);
  assert.equal(socket.dispatchEvent(new Event('message')), true);
});

test('events that a script dispatches reach handlers and listeners', async (t) => {
  const { socket } = await toEcho(t);
  const seen: unknown[] = [];
  socket.onerror = (event) => seen.push(event.type, event.isTrusted, event.target === socket);
  socket.addEventListener('other', (event) => seen.push(event.type));
  assert.equal(socket.dispatchEvent(new Event('error')), true);
  socket.dispatchEvent(new Event('other'));
  assert.deepEqual(seen, ['error', false, true, 'other']);
  assert.equal(socket.readyState, WebSocket.CONNECTING);
});

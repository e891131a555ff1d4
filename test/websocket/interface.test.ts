// What can be seen of the class itself, as WebIDL has it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { WebSocket, toEcho } from '../support/websocket';

const CONSTANTS = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 };

test('the constants, on the class and on its prototype', () => {
  for (const holder of [WebSocket, WebSocket.prototype]) {
    for (const [name, value] of Object.entries(CONSTANTS)) {
      assert.deepEqual(Object.getOwnPropertyDescriptor(holder, name), {
        value,
        writable: false,
        enumerable: true,
        configurable: false,
      });
      assert.throws(() => {
        (holder as unknown as Record<string, number>)[name] = 7;
      }, TypeError);
    }
  }
});

const ATTRIBUTES = ['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol'];
const WRITABLE = ['binaryType', 'onopen', 'onmessage', 'onerror', 'onclose'];

test('attributes are enumerable accessors of the prototype', () => {
  for (const name of [...ATTRIBUTES, ...WRITABLE]) {
    const property = Object.getOwnPropertyDescriptor(WebSocket.prototype, name);
    assert.equal(typeof property?.get, 'function', name);
    assert.equal(typeof property?.set, WRITABLE.includes(name) ? 'function' : 'undefined', name);
    assert.deepEqual([property?.enumerable, property?.configurable], [true, true], name);
  }
});

test('operations are enumerable methods of the prototype', () => {
  for (const [name, length] of [
    ['close', 0],
    ['send', 1],
  ] as const) {
    const property = Object.getOwnPropertyDescriptor(WebSocket.prototype, name);
    assert.deepEqual(
      [property?.writable, property?.enumerable, property?.configurable],
      [true, true, true],
    );
    assert.equal((property?.value as () => void).length, length);
  }
});

test('an attribute read or an operation called on something else is a TypeError', () => {
  for (const name of [...ATTRIBUTES, ...WRITABLE]) {
    assert.throws(() => Reflect.get(WebSocket.prototype, name) as unknown, TypeError, name);
  }
  assert.throws(() => Reflect.apply(WebSocket.prototype.send, {}, ['x']), TypeError);
  assert.throws(() => Reflect.apply(WebSocket.prototype.close, {}, []), TypeError);
});

test('it is an EventTarget, with a name', async (t) => {
  const { socket } = await toEcho(t);
  assert.ok(socket instanceof EventTarget);
  assert.equal(Object.getPrototypeOf(WebSocket), EventTarget);
  assert.equal(Object.getPrototypeOf(WebSocket.prototype), EventTarget.prototype);
  assert.equal(Object.prototype.toString.call(socket), '[object WebSocket]');
  assert.deepEqual([WebSocket.name, WebSocket.length], ['WebSocket', 1]);
  assert.throws(() => Reflect.apply(WebSocket, undefined, ['ws://localhost']), TypeError);
  assert.deepEqual(Object.keys(socket), []);
});

test('a new socket', async (t) => {
  const { socket, server } = await toEcho(t);
  assert.equal(socket.readyState, WebSocket.CONNECTING);
  assert.equal(socket.url, server.url);
  assert.deepEqual([socket.protocol, socket.extensions, socket.bufferedAmount], ['', '', 0]);
  assert.equal(socket.binaryType, 'blob');
  const { onopen, onmessage, onerror, onclose } = socket;
  assert.deepEqual([onopen, onmessage, onerror, onclose], [null, null, null, null]);
});

/** A socket whose read-only attributes are written to. */
async function readOnly(t: TestContext, name: string): Promise<void> {
  const { socket } = await toEcho(t);
  const before = Reflect.get(socket, name) as unknown;
  assert.equal(Reflect.set(socket, name, 'other'), false);
  assert.equal(Reflect.get(socket, name), before);
}

for (const name of ATTRIBUTES) test(`${name} is read-only`, (t) => readOnly(t, name));

test('binaryType takes its two values and no other', async (t) => {
  const { socket } = await toEcho(t);
  const set = (value: unknown): string => {
    socket.binaryType = value as 'blob';
    return socket.binaryType;
  };
  assert.equal(set('arraybuffer'), 'arraybuffer');
  for (const other of ['', 'ArrayBuffer', 'nodebuffer', 'notBlobOrArrayBuffer', null, 5, {}]) {
    assert.equal(set(other), 'arraybuffer');
  }
  assert.equal(set('blob'), 'blob');
  assert.equal(set({ toString: () => 'arraybuffer' }), 'arraybuffer');
});

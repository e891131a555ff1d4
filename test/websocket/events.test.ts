// CloseEvent and ErrorEvent: this package's own, until Node has them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloseEvent, ErrorEvent } from 'wsfd/websocket';

type Constructor = new (...args: unknown[]) => Event;

const interfaces: [name: string, constructor: unknown, members: string[]][] = [
  ['CloseEvent', CloseEvent, ['wasClean', 'code', 'reason']],
  ['ErrorEvent', ErrorEvent, ['message', 'filename', 'lineno', 'colno', 'error']],
];

for (const [name, constructor, members] of interfaces) {
  const Interface = constructor as Constructor;

  test(`${name} is an Event, with enumerable attributes of its own`, () => {
    assert.equal(Interface.name, name);
    assert.equal(Object.getPrototypeOf(Interface), Event);
    assert.equal(Object.getPrototypeOf(Interface.prototype), Event.prototype);
    assert.equal(Object.prototype.toString.call(new Interface('x')), `[object ${name}]`);
    for (const member of members) {
      const { get, set, enumerable } =
        Object.getOwnPropertyDescriptor(Interface.prototype, member) ?? {};
      assert.deepEqual([typeof get, set, enumerable], ['function', undefined, true], member);
      assert.throws(() => get?.call({}) as unknown, TypeError);
    }
  });

  test(`${name} is made with a type and a dictionary`, () => {
    assert.throws(() => new Interface(), TypeError);
    assert.throws(() => new Interface('x', 5), TypeError);
    for (const nothing of [undefined, null, {}]) {
      const event = new Interface('x', nothing);
      assert.deepEqual(
        [event.type, event.bubbles, event.cancelable, event.isTrusted],
        ['x', false, false, false],
      );
    }
    const event = new Interface('y', { bubbles: true, cancelable: true, composed: true });
    assert.deepEqual([event.bubbles, event.cancelable, event.composed], [true, true, true]);
  });
}

test('what a CloseEvent is made with', () => {
  const of = (init: object): unknown[] => {
    const { wasClean, code, reason } = new CloseEvent('close', init);
    return [wasClean, code, reason];
  };
  assert.deepEqual(of({}), [false, 0, '']);
  assert.deepEqual(of({ wasClean: true, code: 7, reason: 'x' }), [true, 7, 'x']);
  assert.deepEqual(of({ wasClean: 1, code: '65537.7', reason: null }), [true, 1, 'null']);
  assert.deepEqual(of({ code: NaN, reason: 'a\ud800' }), [false, 0, 'a\ufffd']);
  // (Node's own CloseEvent, where there is one, takes a bigint for a number.)
  if (!('CloseEvent' in globalThis)) assert.throws(() => of({ code: 1n }), TypeError);
  assert.throws(() => of({ reason: Symbol('x') }), TypeError);
});

test('what an ErrorEvent is made with', () => {
  const of = (init: object): unknown[] => {
    const { message, filename, lineno, colno, error } = new ErrorEvent('error', init);
    return [message, filename, lineno, colno, error];
  };
  assert.deepEqual(of({}), ['', '', 0, 0, undefined]);
  assert.deepEqual(of({ message: 5, filename: null, lineno: '7', colno: 8.5, error: null }), [
    '5',
    'null',
    7,
    8,
    null,
  ]);
  // Any object will do.
  assert.deepEqual(of(Object.assign(/x/, { message: 'm' })), ['m', '', 0, 0, undefined]);
});

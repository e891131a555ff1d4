// What ends the connection waits behind messages that the application has not had in hand yet, so
// that its answers go out before our close frame does (RFC 6455 section 5.5.1).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client } from '../support/connection-core';
import {
  close,
  continuation,
  encodeFrame,
  fragments,
  opcodes,
  ping,
  pong,
  text,
} from '../support/frames';

const hello = text('hello');

/** Frames that end a connection, and the client's close frame. */
const ends: [name: string, bytes: Buffer, closeFrame: string][] = [
  ['a close frame', close(1001, 'bye'), 'close 1001'],
  ['a close frame without a code', close(), 'close'],
  ['a close frame that is not valid', close(1005), 'close 1002'],
  ['a reserved bit', text('x', { rsv: 2 }), 'close 1002'],
  ['RSV1 without an extension', text('x', { rsv: 4 }), 'close 1002'],
  ['a reserved opcode', encodeFrame(3), 'close 1002'],
  ['a masked frame', text('x', { maskKey: Buffer.alloc(4) }), 'close 1002'],
  ['a continuation of nothing', continuation('x'), 'close 1002'],
  ['a length that is not minimal', text('x', { lengthBytes: 2 }), 'close 1002'],
  ['a text that is not UTF-8', text(Buffer.of(0xff)), 'close 1007'],
  ['a message that is too big', text('x'.repeat(101)), 'close 1009'],
];

const client = (): Client => new Client({ maxMessageBytes: 100n });

describe('behind a message of the same call', () => {
  for (const [name, bytes, closeFrame] of ends) {
    test(name, () => {
      const { connection } = client();
      const received = connection.receive(Buffer.concat([hello, bytes, text('behind')]));
      assert.deepEqual([received.status, received.taken], ['endAhead', hello.length]);
      assert.deepEqual(
        received.messages.map((message) => message.bytes.toString()),
        ['hello'],
      );
      const { state, error, outputBytes, counters } = connection.snapshot();
      assert.deepEqual([state, error, outputBytes, counters.framesIn], ['open', 'None', 0, 1]);
      assert.equal(connection.send(opcodes.text, Buffer.from('answer'), 6, 6), true);
    });

    test(`${name}: the answer goes out first`, () => {
      const one = client();
      const received = one.connection.receive(Buffer.concat([hello, bytes]));
      one.connection.send(opcodes.text, Buffer.from('answer'), 6, 6);
      const last = one.connection.receive(bytes);
      assert.deepEqual([received.status, last.status, last.messages], ['endAhead', 'ended', []]);
      assert.deepEqual(one.frames(), ['text answer', closeFrame]);
    });

    // (a payload that is taken in pieces is judged as they come)
    if (closeFrame === 'close 1007') continue;
    test(`${name}, where its header was cut`, () => {
      const { connection } = client();
      const first = connection.receive(Buffer.concat([hello, bytes.subarray(0, 1)]));
      // A first byte that breaks a rule is seen, and waits.
      const waits = first.status === 'endAhead';
      assert.equal(first.taken, hello.length + (waits ? 0 : 1));
      const rest = bytes.subarray(waits ? 0 : 1);
      const second = connection.receive(rest, true);
      assert.deepEqual([second.status, second.taken], ['endAhead', 0]);
      assert.equal(connection.receive(rest).status, 'ended');
    });
  }
});

test('behind messages of an earlier call that it follows', () => {
  for (const [, bytes, closeFrame] of ends) {
    const one = client();
    const received = one.connection.receive(bytes, true);
    assert.deepEqual([received.status, received.taken], ['endAhead', 0]);
    assert.equal(one.connection.receive(bytes).status, 'ended');
    assert.deepEqual(one.frames(), [closeFrame]);
  }
});

test('behind a fragmented message, and a fragment too large', () => {
  const { connection } = new Client({ maxMessageBytes: 2n });
  const whole = Buffer.concat(fragments(opcodes.text, ['a', 'b']));
  const parts = fragments(opcodes.text, ['a', 'b', 'c']);
  const tooLarge = Buffer.concat([whole, ...parts]);
  const received = connection.receive(tooLarge);
  const [first = hello, second = hello] = parts;
  const taken = whole.length + first.length + second.length;
  assert.deepEqual([received.status, received.taken], ['endAhead', taken]);
  assert.equal(connection.receive(tooLarge.subarray(taken)).status, 'ended');
  assert.equal(connection.snapshot().error, 'MessageTooBig');
});

test('what does not end it does not wait', () => {
  const { connection } = client();
  const bytes = Buffer.concat([hello, ping('x'), pong('y'), text('a', { fin: false }), ping('z')]);
  const received = connection.receive(bytes, true);
  assert.deepEqual([received.status, received.taken], ['needMore', bytes.length]);
});

test('nothing waits once our own close frame is out: no answer may follow it', () => {
  for (const [, bytes] of ends) {
    const { connection } = client();
    connection.close(1000, Buffer.alloc(0));
    const all = Buffer.concat([hello, bytes]);
    const received = connection.receive(all, true);
    assert.equal(received.status, 'ended');
    assert.equal(received.messages.length, 1);
  }
});

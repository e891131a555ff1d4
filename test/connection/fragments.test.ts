// Messages in several frames, and control frames between them (RFC 6455 section 5.4).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { check, endsAfter } from '../support/connection-core';
import {
  binary,
  close,
  continuation,
  fragments,
  opcodes,
  ping,
  pong,
  text,
} from '../support/frames';

const notFinal = { fin: false };
const refused = (error: string) => ({ state: 'closed', error, frames: ['close 1002'] }) as const;

describe('fragmented messages (RFC 6455 section 5.4)', () => {
  test('are put together', () => {
    for (const parts of [
      ['a', 'b'],
      ['a', 'b', 'c'],
      ['', 'b'],
      ['a', ''],
      ['', '', '', ''],
    ]) {
      const whole = parts.join('');
      const { counters } = check(fragments(opcodes.text, parts), { messages: [whole] });
      assert.deepEqual([counters.framesIn, counters.messagesIn], [parts.length, 1]);
      assert.equal(counters.messageBytesIn, whole.length);
      check(fragments(opcodes.binary, parts), { messages: [Buffer.from(whole)] });
    }
  });

  test('one behind the other and between whole ones', () => {
    const bytes = [
      text('1'),
      ...fragments(opcodes.text, ['2', '3']),
      ...fragments(opcodes.binary, ['', '4', '5']),
      binary('6'),
      ...fragments(opcodes.text, ['7', '8']),
      text(''),
    ];
    check(bytes, {
      messages: ['1', '23', Buffer.from('45'), Buffer.from('6'), '78', ''],
    });
  });

  test('of every header size', () => {
    const parts = [0, 1, 125, 126, 200].map((size) => Buffer.alloc(size, 'xyz'));
    check(fragments(opcodes.binary, parts), { messages: [Buffer.concat(parts)] });
    const long = [65535, 65536, 1].map((size) => Buffer.alloc(size, 'abcd'));
    check(fragments(opcodes.binary, long), { messages: [Buffer.concat(long)] });
  });

  test('are not told before they are whole', () => {
    check(text('a', notFinal), {});
    check([text('a', notFinal), continuation('b', notFinal)], {});
  });
});

describe('control frames between fragments (RFC 6455 section 5.4)', () => {
  test('pings and pongs', () => {
    const bytes = [
      text('a', notFinal),
      ping('1'),
      continuation('b', notFinal),
      pong('2'),
      ping('3'),
      continuation('c'),
    ];
    const { counters } = check(bytes, { messages: ['abc'], frames: ['pong 1', 'pong 3'] });
    assert.deepEqual([counters.framesIn, counters.pongsIn], [6, 1]);
  });

  test('a ping before and behind each byte of a character', () => {
    const bytes = Buffer.from('😀');
    const parts = [...bytes].map((byte, i) =>
      i === 0 ? text(Uint8Array.of(byte), notFinal) : continuation(Uint8Array.of(byte), notFinal),
    );
    const frames = parts.flatMap((part, i) => [ping(String(i)), part]);
    check([...frames, ping('4'), continuation()], {
      messages: ['😀'],
      frames: ['pong 0', 'pong 1', 'pong 2', 'pong 3', 'pong 4'],
    });
  });

  test('a close frame ends the connection, and the message is lost', () => {
    check([text('a', notFinal), close(1001), continuation('b')], {
      state: 'closed',
      closeCode: 1001,
      frames: ['close 1001'],
    });
  });
});

describe('a continuation that continues nothing (RFC 6455 section 5.4)', () => {
  const expected = refused('ContinuationUnexpected');
  test('first of all', () => {
    for (const fin of [true, false]) {
      check(continuation('x', { fin }), expected);
      check(continuation('', { fin }), expected);
      assert.equal(endsAfter(continuation('xyz', { fin })), 2);
    }
  });

  test('behind a whole message', () => {
    check([text('a'), continuation('x')], { ...expected, messages: ['a'] });
  });

  test('behind a fragmented message', () => {
    const bytes = [...fragments(opcodes.text, ['a', 'b']), continuation('x')];
    check(bytes, { ...expected, messages: ['ab'] });
  });

  test('behind a control frame', () => {
    check([ping(), continuation('x')], { ...expected, frames: ['pong', 'close 1002'] });
  });
});

describe('a message that begins inside another (RFC 6455 section 5.4)', () => {
  const expected = refused('ContinuationExpected');
  for (const [name, encode] of [
    ['text', text],
    ['binary', binary],
  ] as const) {
    test(name, () => {
      for (const fin of [true, false]) {
        check([text('a', notFinal), encode('x', { fin })], expected);
        check([binary('', notFinal), encode('', { fin })], expected);
        check([text('a', notFinal), continuation('b', notFinal), encode('x', { fin })], expected);
        const before = [text('a'), text('b', notFinal), ping()];
        const frames = ['pong', 'close 1002'];
        check([...before, encode('x', { fin })], { ...expected, frames, messages: ['a'] });
      }
    });
  }
});

// From the request to the accepted handshake, or to why it was not accepted.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  Client,
  acceptance,
  check,
  connectionCore,
  feedEveryWay,
  feedPortions,
} from '../support/connection-core';
import type { Feeding } from '../support/connection-core';
import type { ErrorSymbol } from '../support/core';
import { close, encodeFrame, ping, text } from '../support/frames';
import { bytesOf, handshake, head } from '../support/handshake-core';

const fromAnswer: Feeding = { withAnswer: true };
const endedBy = (symbol: ErrorSymbol): Feeding => ({
  ...fromAnswer,
  after: ({ connection }) => connection.transportEnded(symbol),
});

test('the request carries a key of 16 random bytes (RFC 6455 section 4.1)', () => {
  const random = Buffer.from(Array.from({ length: 4096 }, (_, i) => i * 7));
  const connection = new connectionCore.Connection({ random });
  assert.equal(connection.start(['a', 'b']), true);
  const key = handshake.encodeKey(random.subarray(0, 16));
  const request = { host: 'localhost', target: '/', subprotocols: ['a', 'b'] };
  assert.equal(connection.takeOutput().toString('latin1'), handshake.writeRequest(request, key));
  assert.equal(connection.snapshot().state, 'opening');
});

test('without random bytes there is no request (RFC 6455 section 10.3)', () => {
  const connection = new connectionCore.Connection({ random: Buffer.alloc(0) });
  assert.equal(connection.start([]), false);
  connection.transportEnded('ConnectionLost');
  const { state, error, outputBytes } = connection.snapshot();
  assert.deepEqual([state, error, outputBytes], ['closed', 'ConnectionLost', 0]);
});

describe('an accepted handshake (RFC 6455 section 4.1)', () => {
  test('opens the connection', () => {
    const { responseStatus, counters } = check(acceptance(), {}, fromAnswer);
    assert.equal(responseStatus, undefined);
    assert.ok(Object.values(counters).every((count) => count === 0));
  });

  test('frames in its segment are received', () => {
    const frames = [text('first'), ping('p'), text('', { fin: false }), encodeFrame(0, 'second')];
    const expected = { messages: ['first', 'second'], frames: ['pong p'] };
    check([acceptance(), ...frames], expected, fromAnswer);
  });

  test('a close frame in its segment closes', () => {
    const expected = { state: 'closed', closeCode: 1001, frames: ['close 1001'] } as const;
    check([acceptance(), close(1001)], expected, fromAnswer);
  });

  test('a bad frame in its segment fails the connection', () => {
    const expected = { state: 'closed', error: 'ReservedBits', frames: ['close 1002'] } as const;
    check(
      [acceptance(), text('x'), text('', { rsv: 1 })],
      { ...expected, messages: ['x'] },
      fromAnswer,
    );
  });

  test('no byte behind it is used at once, so that the opening is told first', () => {
    const { connection } = new Client({}, false);
    const answer = acceptance();
    const received = connection.receive(Buffer.concat([answer, text('x')]));
    assert.deepEqual(received, { status: 'opened', taken: answer.length, messages: [] });
  });

  test('interim answers before it are passed over', () => {
    check([bytesOf(head('HTTP/1.1 100 Continue')), acceptance()], {}, fromAnswer);
  });

  test('tells the subprotocol that the server chose', () => {
    const connection = new connectionCore.Connection({});
    connection.start(['mqtt', 'wamp']);
    assert.equal(connection.receive(acceptance('Sec-WebSocket-Protocol: wamp')).status, 'opened');
    assert.equal(connection.snapshot().subprotocol, 'wamp');
  });
});

describe('a refused handshake (RFC 6455 section 4.1)', () => {
  const refusal = bytesOf(`${head('HTTP/1.1 403 Forbidden', 'Content-Length: 9')}try later`);
  const expected = {
    state: 'closed',
    error: 'HandshakeRefused',
    responseStatus: 403,
    responseBody: 'try later',
    closeCode: 1006,
  } as const;

  test('keeps the answer', () => {
    check(refusal, expected, fromAnswer);
  });

  test('whose body ends with the connection', () => {
    const open = bytesOf(`${head('HTTP/1.1 403 Forbidden')}try later`);
    const waiting = { state: 'opening', responseStatus: 403, responseBody: 'try later' } as const;
    check(open, waiting, { ...fromAnswer, incomplete: true });
    check(open, expected, endedBy('ClosedAbnormally'));
  });

  test('whose body is cut off by the end of the connection', () => {
    const cut = refusal.subarray(0, refusal.length - 3);
    check(cut, { ...expected, responseBody: 'try la' }, endedBy('ClosedAbnormally'));
  });

  test('whose body is cut off by an error of the connection', () => {
    const cut = refusal.subarray(0, refusal.length - 3);
    const told = { ...expected, responseBody: 'try la' };
    check(cut, told, endedBy('ConnectionLost'));
    check(cut, told, endedBy('TlsFailed'));
  });

  test('a redirect', () => {
    const answer = bytesOf(head('HTTP/1.1 302 Found', 'Location: /x', 'Content-Length: 0'));
    check(answer, { ...expected, responseStatus: 302, responseBody: '' }, fromAnswer);
  });
});

describe('an answer that does not open the connection (RFC 6455 section 4.1)', () => {
  const upgrade = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  const withoutLine = (name: string): Buffer =>
    bytesOf(
      acceptance()
        .toString('latin1')
        .replace(new RegExp(`${name}: .*\r\n`), ''),
    );
  const answers: [name: string, answer: Buffer, error: ErrorSymbol][] = [
    ['no Upgrade', withoutLine('Upgrade'), 'HandshakeUpgradeInvalid'],
    ['no Connection', withoutLine('Connection'), 'HandshakeUpgradeInvalid'],
    ['no Sec-WebSocket-Accept', withoutLine('Sec-WebSocket-Accept'), 'HandshakeAcceptInvalid'],
    [
      'the Sec-WebSocket-Accept of another key',
      bytesOf(head(...upgrade, `Sec-WebSocket-Accept: ${handshake.computeAccept('x')}`)),
      'HandshakeAcceptInvalid',
    ],
    [
      'a subprotocol that was not offered',
      acceptance('Sec-WebSocket-Protocol: x'),
      'HandshakeSubprotocolInvalid',
    ],
    [
      'an extension that was not offered',
      acceptance('Sec-WebSocket-Extensions: permessage-deflate'),
      'HandshakeExtensionInvalid',
    ],
  ];
  for (const [name, answer, error] of answers) {
    test(name, () => {
      check(answer, { state: 'closed', error, responseStatus: 101 }, fromAnswer);
      const more = [answer, text('x')];
      check(more, { state: 'closed', error, responseStatus: 101 }, fromAnswer);
    });
  }
});

describe('an answer that is no HTTP response (RFC 6455 section 4.1)', () => {
  const malformed = ['SSH-2.0-x\r\n', '\x81\x05hello', 'HTTP/1.1 101\nx', head('HTTP/1.1 1x1 x')];
  for (const answer of malformed) {
    test(JSON.stringify(answer), () => {
      // (how much of it is taken depends on the portions; nothing of it may show)
      const outcome = feedEveryWay(bytesOf(answer), fromAnswer);
      const { state, error, responseStatus, frames, messages } = outcome;
      assert.deepEqual([state, error, responseStatus], ['closed', 'HandshakeMalformed', undefined]);
      assert.deepEqual([frames, messages], [[], []]);
    });
  }

  test('a head without an end', () => {
    const answer = bytesOf(`${head('HTTP/1.1 101 x').trimEnd()}\r\nX: ${'x'.repeat(65536)}`);
    const { state, error } = feedPortions([answer], fromAnswer);
    assert.deepEqual([state, error], ['closed', 'HandshakeHeadTooLarge']);
  });
});

describe('the end of the transport', () => {
  const closed = { state: 'closed', closeCode: 1006, closedByPeer: false } as const;

  test('before an answer', () => {
    for (const size of [0, 1, 50]) {
      const answer = acceptance().subarray(0, size);
      check(answer, { ...closed, error: 'HandshakeEnded' }, endedBy('ClosedAbnormally'));
      check(answer, { ...closed, error: 'ConnectionLost' }, endedBy('ConnectionLost'));
    }
  });

  test('after a malformed answer changes nothing', () => {
    check(bytesOf('x'), { ...closed, error: 'HandshakeMalformed' }, endedBy('ClosedAbnormally'));
  });

  const after = ({ connection }: Client): void => connection.transportEnded('ClosedAbnormally');
  const abnormal = { ...closed, error: 'ClosedAbnormally' } as const;

  test('in an open connection (RFC 6455 section 7.1.5)', () => {
    check(text('last'), { ...abnormal, messages: ['last'] }, { after });
  });

  test('in a header, in a payload, between fragments', () => {
    check(text('x').subarray(0, 1), abnormal, { after });
    check(text('xyz').subarray(0, 4), abnormal, { after });
    check(text('xyz', { fin: false }), abnormal, { after });
  });

  test('before the peer has answered our close frame', () => {
    const before = ({ connection }: Client): void => {
      connection.close(1000, Buffer.alloc(0));
    };
    check(text('x'), { ...abnormal, messages: ['x'], frames: ['close 1000'] }, { before, after });
  });

  test('while our close frame is owed', () => {
    // The nonce and 1020 masking keys; the close frame goes without.
    const client = new Client({ random: Buffer.alloc(4096) });
    for (let i = 0; i < 1020; i++) client.feed(ping());
    client.feed(close(1000));
    assert.equal(client.connection.snapshot().state, 'remoteClosing');
    after(client);
    const { state, error, closeCode } = client.connection.snapshot();
    assert.deepEqual([state, error, closeCode], ['closed', 'ClosedAbnormally', 1000]);
  });

  test('after the close changes nothing', () => {
    const expected = { closeCode: 1000, closedByPeer: true, frames: ['close 1000'] };
    check(close(1000), { state: 'closed', error: 'None', ...expected }, { after });
    const failed = { ...closed, error: 'ReservedOpcode', frames: ['close 1002'] };
    check(encodeFrame(3), failed, { after });
  });
});

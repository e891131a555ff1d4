// Pings are answered, but never without bound (RFC 6455 sections 5.5.2 and 5.5.3).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, check } from '../support/connection-core';
import { close, opcodes, ping, pong, text } from '../support/frames';

/** Unsent bytes behind which a pong waits. */
const backlog = 16 * 1024;
const pongSize = (payload: string): number => 6 + payload.length;

describe('a ping (RFC 6455 section 5.5.3)', () => {
  test('of every length is answered with its payload', () => {
    for (let size = 0; size <= 125; size++) {
      const payload = String.fromCharCode(...Array.from({ length: size }, (_, i) => 255 - i));
      const frames = [size === 0 ? 'pong' : `pong ${payload}`];
      const { counters } = check(ping(Buffer.from(payload, 'latin1')), { frames });
      assert.deepEqual([counters.framesIn, counters.framesOut, counters.messagesIn], [1, 1, 0]);
    }
  });

  test('between messages', () => {
    const bytes = [ping('1'), text('a'), ping('2'), ping('3'), text('b')];
    check(bytes, { messages: ['a', 'b'], frames: ['pong 1', 'pong 2', 'pong 3'] });
  });
});

describe('a flood of pings from a peer that does not read (RFC 6455 section 5.5.3)', () => {
  const payload = (i: number): string => String(i).padStart(125, '.');
  const flood = (client: Client, count: number): Client =>
    client.feed(Buffer.concat(Array.from({ length: count }, (_, i) => ping(payload(i)))));

  test('fills the output up to its bound and no further', () => {
    const client = flood(new Client(), 100_000);
    const { outputBytes, counters } = client.connection.snapshot();
    const answered = Math.ceil(backlog / pongSize(payload(0)));
    assert.equal(outputBytes, answered * pongSize(payload(0)));
    assert.deepEqual([counters.framesIn, counters.framesOut], [100_000, answered]);
    const expected = Array.from({ length: answered }, (_, i) => `pong ${payload(i)}`);
    assert.deepEqual(client.frames(), expected);
  });

  test('leaves one pong for later: that for the last ping', () => {
    const client = flood(new Client(), 1000);
    client.frames();
    client.connection.sendDeferredPong();
    assert.deepEqual(client.frames(), [`pong ${payload(999)}`]);
    client.connection.sendDeferredPong();
    assert.deepEqual(client.frames(), []);
  });

  test('is answered at once again when the output was drained', () => {
    const client = flood(new Client(), 1000);
    client.frames();
    // The ping that waits is not the most recent one any more.
    client.feed(ping('now'));
    assert.deepEqual(client.frames(), ['pong now']);
    client.connection.sendDeferredPong();
    assert.deepEqual(client.frames(), []);
    flood(client, 200);
    client.frames();
    client.connection.sendDeferredPong();
    assert.deepEqual(client.frames(), [`pong ${payload(199)}`]);
  });

  test('counts messages that wait to be sent', () => {
    for (const missing of [1, 0]) {
      const client = new Client();
      const size = backlog - 8 - missing;
      client.connection.send(opcodes.binary, Buffer.alloc(size), size, size);
      client.feed(ping('first')).feed(ping('second')).feed(ping());
      assert.deepEqual(client.frames().slice(1), missing === 1 ? ['pong first'] : []);
      client.connection.sendDeferredPong();
      assert.deepEqual(client.frames(), ['pong']);
    }
  });

  test('the pong that waits is dropped with the connection', () => {
    const client = flood(new Client(), 1000).feed(close(1000));
    assert.equal(client.frames().at(-1), 'close 1000');
    client.connection.sendDeferredPong();
    assert.deepEqual(client.frames(), []);
  });

  test('the pong that waits outlives our close frame (RFC 6455 section 5.5.2)', () => {
    const client = flood(new Client(), 1000);
    client.connection.close(1000, Buffer.alloc(0));
    assert.equal(client.frames().at(-1), 'close 1000');
    client.connection.sendDeferredPong();
    assert.deepEqual(client.frames(), [`pong ${payload(999)}`]);
  });
});

describe('pongs (RFC 6455 section 5.5.3)', () => {
  test('are counted, and the last one is kept if it may be the answer to ours', () => {
    for (const [payload, kept] of [
      ['', ''],
      ['1234567', ''],
      ['12345678', '12345678'],
      ['123456789', '123456789'],
      ['123456789a', ''],
      ['x'.repeat(125), ''],
    ] as const) {
      const { counters } = check([pong('0'), pong(payload)], { lastPong: Buffer.from(kept) });
      assert.deepEqual([counters.pongsIn, counters.framesIn], [2, 2]);
    }
  });

  test('that may answer ours are looked at before the next frame', () => {
    const { connection } = new Client();
    const parts = [pong('x'), text('a'), pong('12345678'), pong('hello'), text('b')];
    const bytes = Buffer.concat(parts);
    const first = connection.receive(bytes);
    const taken = Buffer.concat(parts.slice(0, 3)).length;
    assert.deepEqual([first.status, first.taken, first.messages.length], ['pong', taken, 1]);
    assert.equal(connection.snapshot().lastPong.toString(), '12345678');
    const second = connection.receive(bytes.subarray(taken));
    assert.deepEqual([second.status, second.messages.length], ['needMore', 1]);
    assert.equal(connection.snapshot().lastPong.length, 0);
  });

  test('that nobody asked for are not answered', () => {
    check([pong(), pong('x'), text('a')], { messages: ['a'] });
  });
});

test('our pings carry their payload (RFC 6455 section 5.5.2)', () => {
  for (let size = 0; size <= 125; size++) {
    const client = new Client();
    assert.equal(client.connection.ping(Buffer.alloc(size, 'p')), true);
    assert.deepEqual(client.frames(), [size === 0 ? 'ping' : `ping ${'p'.repeat(size)}`]);
    assert.equal(client.connection.snapshot().counters.framesOut, 1);
  }
});

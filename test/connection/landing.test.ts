// A feed of middling binary messages comes into blocks that those who keep messages share: every
// message has its bytes, at once and for as long as it is kept, and whoever is no such feed has no
// block.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, receive } from '../support/connection-core';
import type { Portions, ReceivedMessage } from '../support/connection-core';
import { binary, fragments, opcodes, ping, text } from '../support/frames';
import { randomNumbers } from '../support/random-messages';

const least = 16 * 1024;
const most = 64 * 1024;
/** Blocks for messages of 16 KiB: eight frames, with headers of 4 bytes. */
const block = 8 * (4 + least);

const whole: Portions = { most: Infinity, inPlace: true };
const nowhere = { isPlace: false, size: 2 ** 64 };

/** A message that is none of the others. */
const numbered = (i: number, size: number): Buffer => {
  const bytes = Buffer.alloc(size, i % 251);
  bytes.writeUInt32BE(i);
  return bytes;
};

const feedOf = (count: number, size: number): Buffer[] =>
  Array.from({ length: count }, (_, i) => numbered(i, size));
const framed = (messages: readonly Buffer[]): Buffer =>
  Buffer.concat(messages.map((message) => binary(message)));

function sharingClient(): Client {
  const client = new Client({});
  client.connection.sharesBlocks();
  return client;
}

/** A client that has got a feed of 16 KiB in one piece, and so expects more of it. */
function fedClient(): Client {
  const client = sharingClient();
  receive(client, framed(feedOf(10, least)), { most: Infinity, inPlace: false });
  return client;
}

const sharedOf = (messages: readonly ReceivedMessage[]): boolean[] =>
  messages.map(({ shared }) => shared);

describe('a feed of middling binary messages', () => {
  for (const size of [least, 20_000, 50_000, most]) {
    test(`of ${size} bytes comes into blocks, which its messages share`, () => {
      const client = sharingClient();
      const sent = feedOf(100, size);
      const came = receive(client, framed(sent), { most: 256 * 1024, inPlace: true });
      assert.ok(came.every(({ bytes }, i) => bytes.equals(sent[i] ?? Buffer.alloc(0))));
      const shared = came.filter((message) => message.shared);
      assert.ok(shared.length >= 80, `${shared.length} of ${came.length}`);
      // What came behind them is not where they are.
      client.connection.held().forEach((bytes, i) => {
        assert.ok(bytes.equals(shared[i]?.bytes ?? Buffer.alloc(0)), `message ${i} of those kept`);
      });
    });
  }

  test('has a block of 8 messages next, and less where part of one is there', () => {
    const client = fedClient();
    assert.deepEqual(client.connection.nextSpace(), { isPlace: true, size: block });
    const frame = binary(numbered(1, least));
    const [received] = client.connection.receiveInPlace(frame.subarray(0, 1000));
    assert.deepEqual(received?.messages, []);
    assert.deepEqual(client.connection.nextSpace(), { isPlace: true, size: block - 1000 });
  });

  test('of one size fills each block with whole frames', () => {
    for (const [size, frames, header] of [
      [least, 8, 4],
      [most - 1, 7, 4],
      [most, 7, 10],
    ] as const) {
      const client = sharingClient();
      receive(client, framed(feedOf(10, size)), { most: Infinity, inPlace: false });
      for (let i = 0; i < 3; i += 1) {
        const place = { isPlace: true, size: frames * (header + size) };
        assert.deepEqual(client.connection.nextSpace(), place);
        const [received] = client.connection.receiveInPlace(framed(feedOf(frames, size)));
        const shared = Array<boolean>(frames).fill(true);
        assert.deepEqual(sharedOf(received?.messages ?? []), shared);
      }
    }
  });

  test('that pauses in a message goes on behind it, in the same block or, moved, in the next', () => {
    for (const pause of [1000, block - 1000]) {
      const client = fedClient();
      const sent = feedOf(9, least);
      const bytes = framed(sent);
      client.connection.nextSpace();
      const before = client.connection.receiveInPlace(bytes.subarray(0, pause));
      const { isPlace, size } = client.connection.nextSpace();
      assert.equal(isPlace, true);
      const after = client.connection.receiveInPlace(bytes.subarray(pause, pause + size));
      const came = [...before, ...after].flatMap(({ messages }) => messages);
      assert.ok(came.length >= 7);
      assert.ok(came.every((message, i) => message.bytes.equals(sent[i] ?? Buffer.alloc(0))));
      assert.deepEqual(sharedOf(came), Array<boolean>(came.length).fill(true));
    }
  });

  test('is received into the same block again where nobody kept any of it', () => {
    const client = fedClient();
    const addresses = new Set<number>();
    for (let i = 0; i < 4; i += 1) {
      const [received] = client.connection.receiveInPlace(framed(feedOf(7, least)));
      for (const { address } of received?.messages ?? []) addresses.add(address);
      client.connection.held();
    }
    assert.equal(addresses.size, 7);
  });

  test('has no block any more once little comes at a time', () => {
    const client = fedClient();
    receive(client, framed(feedOf(2, least)), { most: 5000, inPlace: true });
    assert.deepEqual(client.connection.nextSpace(), nowhere);
  });

  test('with a message that is larger than a block, which has storage of its own', () => {
    const client = fedClient();
    const large = numbered(1, 300_000);
    const sent = [...feedOf(3, least), large, ...feedOf(3, least)];
    const came = receive(client, framed(sent), whole);
    assert.ok(came.every((message, i) => message.bytes.equals(sent[i] ?? Buffer.alloc(0))));
    assert.deepEqual([came[3]?.shared, came[3]?.detached], [false, true]);
  });
});

describe('no block is there', () => {
  const places: [string, (client: Client) => void][] = [
    ['before anything came', () => undefined],
    [
      'for smaller messages',
      (client) => receive(client, framed(feedOf(200, least - 1)), { ...whole, inPlace: false }),
    ],
    [
      'for text',
      (client) => {
        const bytes = Buffer.concat(feedOf(20, least).map((_, i) => text('x'.repeat(least + i))));
        receive(client, bytes, { ...whole, inPlace: false });
      },
    ],
    [
      'for a feed of which little comes at a time',
      (client) => receive(client, framed(feedOf(20, least)), { most: least, inPlace: true }),
    ],
  ];
  for (const [when, feed] of places) {
    test(when, () => {
      const client = sharingClient();
      feed(client);
      assert.deepEqual(client.connection.nextSpace(), nowhere);
    });
  }

  test('where nobody shares any', () => {
    const client = new Client({});
    receive(client, framed(feedOf(20, least)), { ...whole, inPlace: false });
    assert.deepEqual(client.connection.nextSpace(), nowhere);
  });
});

test('a place into which nothing came is given again, and what has landed stays', () => {
  const client = fedClient();
  const sent = feedOf(1, least);
  const bytes = framed(sent);
  client.connection.nextSpace();
  client.connection.releaseSpace();
  client.connection.receiveInPlace(bytes.subarray(0, 5000));
  client.connection.nextSpace();
  client.connection.releaseSpace();
  const [received] = client.connection.receiveInPlace(bytes.subarray(5000));
  assert.ok(received?.messages[0]?.bytes.equals(sent[0] ?? Buffer.alloc(0)));
});

test('text that lands is judged, whole and in pieces', () => {
  for (const pieces of [1, 3]) {
    const client = fedClient();
    const bad = Buffer.alloc(least, 'a');
    bad[least - 2] = 0xff;
    const bytes = text(bad);
    const cut = Math.ceil(bytes.length / pieces);
    let status: string | undefined;
    for (let at = 0; at < bytes.length; at += cut) {
      status = client.connection.receiveInPlace(bytes.subarray(at, at + cut)).at(-1)?.status;
    }
    assert.equal(status, 'ended');
    assert.equal(client.connection.snapshot().error, 'TextNotUtf8');
  }
});

test('any stream is the same in blocks and elsewhere, in portions of all sizes', () => {
  const random = randomNumbers(21);
  const sent: Buffer[] = [];
  const frames: Buffer[] = [];
  for (let i = 0; i < 400; i += 1) {
    // Mostly of the sizes that land, in runs.
    const size = Math.floor(random() < 0.9 ? 2 ** (14 + 2 * random()) : 2 ** (18 * random()));
    const isText = random() < 0.05;
    const message = isText ? Buffer.alloc(size, 'ä', 'latin1') : numbered(i, Math.max(size, 4));
    const body = isText ? Buffer.from(message.toString('latin1')) : message;
    const cut = Math.floor(random() * body.length);
    const parts = random() < 0.1 ? [body.subarray(0, cut), body.subarray(cut)] : [body];
    const [first = Buffer.alloc(0), ...others] = fragments(
      isText ? opcodes.text : opcodes.binary,
      parts,
    );
    frames.push(first);
    if (random() < 0.1) frames.push(ping('between'));
    frames.push(...others);
    sent.push(body);
  }
  const bytes = Buffer.concat(frames);
  for (const portion of [Infinity, 512 * 1024, 200_000, 70_000, 10_000]) {
    for (const holds of [true, false]) {
      const client = sharingClient();
      const came: ReceivedMessage[] = [];
      let elsewhere = 0;
      // Now and then what comes next was kept elsewhere, as for a socket that is paused.
      const part = 500_000;
      for (let at = 0; at < bytes.length; at += part) {
        const inPlace = random() < 0.8;
        if (!inPlace) elsewhere += 1;
        came.push(...receive(client, bytes.subarray(at, at + part), { most: portion, inPlace }));
        if (!holds) client.connection.held();
      }
      assert.ok(elsewhere > 0);
      assert.equal(came.length, sent.length);
      came.forEach((message, i) => {
        assert.ok(message.bytes.equals(sent[i] as Buffer), `message ${i}, portions of ${portion}`);
      });
      const shared = came.filter((message) => message.shared);
      if (portion > 100_000) assert.ok(shared.length > 50, `${shared.length} shared`);
      if (!holds) continue;
      client.connection.held().forEach((held, i) => {
        assert.ok(held.equals(shared[i]?.bytes as Buffer), `message ${i} of those that were kept`);
      });
    }
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { core, hello, hex, peerInflate, random, tail, telemetry } from '../support/deflate-core';
import type { DeflateSettings } from '../support/deflate-core';

const own: DeflateSettings = { noContextTakeover: true };
const texts = (...messages: string[]): Buffer[] => messages.map((message) => Buffer.from(message));

const vectors: [what: string, settings: DeflateSettings, texts: string[], payloads: Buffer[]][] = [
  ['7.2.3.1: one block', {}, ['Hello'], [hello]],
  ['7.2.3.2: the window taken over', {}, ['Hello', 'Hello'], [hello, hex('f2 00 11 00 00')]],
  ['7.2.3.2: each message on its own', own, ['Hello', 'Hello'], [hello, hello]],
  ['7.2.3.3: no compression', { level: 0 }, ['Hello'], [hex('00 05 00 fa ff 48 65 6c 6c 6f 00')]],
  [
    '7.2.3.6: empty messages',
    {},
    ['', '', 'Hello', '', ''],
    ['00', '00', '', '00', '00'].map((d) => (d === '' ? hello : hex(d))),
  ],
  ['memory given back', { release: true }, ['Hello', 'Hello'], [hello, hello]],
];

for (const [what, settings, messages, payloads] of vectors) {
  test(`deflates ${what} (RFC 7692 section 7.2)`, () => {
    const { messages: deflated, error } = core.deflate(settings, texts(...messages));
    assert.deepEqual(error, { code: 'None', detail: '' });
    assert.deepEqual(deflated, payloads);
  });
}

/** Around the sizes at which room for the output ends, and long ones. */
const sizes = [1, 5, 64, 65, 4095, 32768, 58_197, 58_198, 65_535, 65_536, 70_000, 300_000];

for (const level of [-1, 0, 1, 6, 9]) {
  test(`a peer inflates what level ${level} makes, one after the other`, async () => {
    const messages = sizes.flatMap((size) => [random(size), telemetry(size), Buffer.alloc(size)]);
    const { messages: payloads } = core.deflate({ level }, messages);
    const inflated = await peerInflate({}, payloads);
    messages.forEach((message, i) => {
      assert.ok(inflated[i]?.equals(message), `message ${i} of ${message.length} bytes`);
    });
  });
}

test('a peer whose window is filled inflates a message behind a Release', async () => {
  const messages = [telemetry(5000), telemetry(5000), telemetry(100)];
  const { messages: payloads } = core.deflate({ release: true }, messages);
  assert.deepEqual(await peerInflate({}, payloads), messages);
  assert.equal(payloads[0]?.length, payloads[1]?.length);
});

test('the window taken over makes messages smaller', () => {
  const messages = [telemetry(2000), telemetry(2000)];
  const [first, second] = core.deflate({}, messages).messages.map(({ length }) => length);
  const [, alone] = core.deflate(own, messages).messages.map(({ length }) => length);
  assert.equal(alone, first);
  assert.ok(second !== undefined && first !== undefined && second * 4 < first);
});

test('what does not compress grows by a few bytes alone', () => {
  for (const size of [1, 100, 10_000, 1_000_000]) {
    const [payload] = core.deflate(own, [random(size)]).messages;
    const most = size + 5 * Math.ceil(size / 16_383) + 6;
    assert.ok(payload !== undefined && payload.length <= most, `${size} bytes`);
    assert.ok(!payload.subarray(-tail.length).equals(tail), 'the tail is taken away');
  }
});

test('what compresses takes storage for what it came to alone', () => {
  const { messages, capacity } = core.deflate({}, [Buffer.alloc(16 * 1024 * 1024)]);
  assert.ok((messages[0]?.length ?? Infinity) < 17_000);
  assert.ok(capacity < 128 * 1024, `${capacity} bytes`);
});

test('zlib has no window of 8 bits to compress with', () => {
  const { messages, error, kept } = core.deflate({ windowBits: 8 }, texts('Hello'));
  assert.deepEqual([messages, error.code, kept], [[], 'Internal', 0]);
});

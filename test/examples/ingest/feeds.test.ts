// What a feed may be, and what is said of what is none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFeed } from '../../../examples/ingest/feeds';

test('a feed has a URL, and may have options and what is sent first', () => {
  const url = 'wss://plant.example/feed';
  assert.deepEqual(readFeed('a', { url }), { url, options: {}, subscription: [] });
  const options = { pingInterval: 5 };
  assert.deepEqual(readFeed('a-1_B', { url, options, subscription: 'x' }), {
    url,
    options,
    subscription: ['x'],
  });
  assert.deepEqual(readFeed('a', { url, subscription: ['x', 'y'] }).subscription, ['x', 'y']);
});

const url = 'ws://127.0.0.1/';
for (const [name, value, expected] of [
  ['a.b', { url }, 'feed "a.b": expected a name of 1 to 128 letters, digits, _ and -, got "a.b"'],
  ['a', 'ws://127.0.0.1/', 'feed "a": expected { "url": "wss://…" }, got "ws://127.0.0.1/"'],
  ['a', { uri: url }, 'feed "a": expected { "url": "wss://…" }, got {"uri":"ws://127.0.0.1/"}'],
  ['a', { url, headers: {} }, 'feed "a": expected url, options, subscription, got "headers"'],
  ['a', { url: 'http://x/' }, 'feed "a".url: expected a ws:// or wss:// URL, got "http://x/"'],
  ['a', { url, options: [] }, 'feed "a".options: expected an object, got []'],
  ['a', { url, subscription: [1] }, 'feed "a".subscription: expected a string or strings, got [1]'],
] as const) {
  test(`refused: ${JSON.stringify(value)} as ${name}`, () => {
    assert.throws(() => readFeed(name, value), { message: expected });
  });
}

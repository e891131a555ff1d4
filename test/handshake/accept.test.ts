import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { exampleAccept, exampleKey, handshake } from '../support/handshake-core';

test('the example of RFC 6455 section 1.3', () => {
  assert.equal(handshake.encodeKey(Buffer.from('the sample nonce')), exampleKey);
  assert.equal(handshake.computeAccept(exampleKey), exampleAccept);
});

test('a key is the base64 of its nonce', () => {
  for (let seed = 0; seed < 256; seed++) {
    const nonce = Buffer.from(Array.from({ length: 16 }, (_, i) => (seed + i * 37) & 255));
    assert.equal(handshake.encodeKey(nonce), nonce.toString('base64'));
  }
});

test('an accept is the base64 of the SHA-1 of the key and the GUID', () => {
  for (const key of ['', 'x', 'AAAAAAAAAAAAAAAAAAAAAA==', '/'.repeat(24), 'k'.repeat(1000)]) {
    const hash = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
    assert.equal(handshake.computeAccept(key), hash.digest('base64'));
  }
});

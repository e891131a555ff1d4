import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import { core, hello, hex, peerDeflate, tail } from '../support/deflate-core';
import type { Coded } from '../support/deflate-core';

const KiB = 1024;
const MiB = 1024 * KiB;

/** What zlib may hold, and the storage for a message: half as much again, or 256 KiB. */
function assertBounded(coded: Coded, limit: number): void {
  assert.ok(coded.memory < 48 * KiB, `${coded.memory} bytes for zlib`);
  assert.ok(coded.capacity <= limit + Math.max(limit / 2, 256 * KiB), `${coded.capacity} bytes`);
}

function assertTooBig(coded: Coded, limit: number): void {
  const detail = `${limit} bytes are allowed`;
  assert.deepEqual(coded.error, { code: 'MessageTooBig', detail });
  assert.ok(coded.kept <= limit, `${coded.kept} bytes`);
  assertBounded(coded, limit);
}

function portionsOf(bytes: Buffer, size: number): Buffer[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

const sync = { finishFlush: constants.Z_SYNC_FLUSH };
const bomb = deflateRawSync(Buffer.alloc(64 * MiB), sync).subarray(0, -tail.length);

test('the bomb is one', () => assert.ok(bomb.length * 1000 < 64 * MiB));

for (const limit of [0, 1, 5, 1000, 64 * KiB, 64 * KiB + 1, 1 * MiB, 5 * MiB + 7]) {
  test(`a bomb stops at a limit of ${limit}, in one piece and in fragments`, () => {
    for (const size of [bomb.length, 10_000, 1000, 1]) {
      const coded = core.inflate({ limit }, [portionsOf(bomb, size)]);
      assertTooBig(coded, limit);
      assert.equal(coded.kept, limit, 'all that is allowed was inflated');
    }
  });

  test(`a bomb behind other messages stops at a limit of ${limit}`, () => {
    const before = limit < 5 ? [hex('00')] : [hello];
    const coded = core.inflate({ limit }, [before, before, [bomb]]);
    assertTooBig(coded, limit);
    assert.equal(coded.messages.length, 2);
  });
}

test('a bomb made of the window taken over stops at the limit', async () => {
  const limit = 100 * KiB;
  const messages = [100, 100, 99, 101].map((size) => Buffer.alloc(size * KiB, 'abcdefgh'));
  const payloads = await peerDeflate({}, messages);
  assert.ok((payloads[3]?.length ?? Infinity) < 200);
  for (const size of [1000, 1]) {
    const coded = core.inflate(
      { limit },
      payloads.map((payload) => portionsOf(payload, size)),
    );
    assertTooBig(coded, limit);
    assert.deepEqual(coded.messages, messages.slice(0, 3));
  }
});

for (const release of [false, true]) {
  test(`the limit counts for each message${release ? ', memory given back' : ''}`, () => {
    const limit = 1 * MiB;
    const payload = deflateRawSync(Buffer.alloc(limit), sync).subarray(0, -tail.length);
    const messages = new Array<Buffer[]>(20).fill([payload]);
    const coded = core.inflate({ limit, release, noContextTakeover: true }, messages);
    assert.equal(coded.error.code, 'None');
    assert.ok(coded.messages.every((message) => message.length === limit));
    assertBounded(coded, limit);
  });
}

for (const size of [1, 511, 512, 513, 4096, 65_536, 100_000]) {
  test(`a message of ${size} bytes has a limit of ${size}, not of one less`, () => {
    const payload = deflateRawSync(Buffer.alloc(size, 'ab'), sync).subarray(0, -tail.length);
    for (const portion of [payload.length, 1]) {
      const portions = portionsOf(payload, portion);
      const { messages, error } = core.inflate({ limit: size }, [portions]);
      assert.deepEqual(error, { code: 'None', detail: '' });
      assert.equal(messages[0]?.length, size);
      assertTooBig(core.inflate({ limit: size - 1 }, [portions]), size - 1);
    }
  });
}

test('a message of blocks with nothing in them ends', () => {
  const limit = 1000;
  const empty = Buffer.concat(new Array<Buffer>(220_000).fill(hex('00 00 00 ff ff')));
  for (const size of [empty.length, 1000]) {
    const coded = core.inflate({ limit }, [portionsOf(empty, size)]);
    assertTooBig(coded, limit);
    assert.equal(coded.kept, 0);
  }
  const some = empty.subarray(0, 1_000_000);
  assert.equal(core.inflate({ limit }, [[some], [some], [hello]]).error.code, 'None');
});

test('a message that its many blocks made longer has its own size as limit', () => {
  const block = Buffer.concat([hex('00 08 00 f7 ff'), Buffer.from('blockful')]);
  const count = (3 * MiB) / 8;
  const payload = Buffer.concat([...new Array<Buffer>(count).fill(block), hex('00')]);
  const limit = 8 * count;
  assert.ok(payload.length > limit + 1 * MiB);
  const { messages } = core.inflate({ limit }, [[payload]]);
  assert.equal(messages[0]?.toString(), 'blockful'.repeat(count));
});

for (const limit of [2 ** 32, Number.MAX_SAFE_INTEGER, 2 ** 62]) {
  test(`a limit of ${limit} bytes counts in 64 bits`, () => {
    const { messages } = core.inflate({ limit }, [[bomb]]);
    assert.equal(messages[0]?.length, 64 * MiB);
  });
}

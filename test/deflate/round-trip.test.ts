import assert from 'node:assert/strict';
import { test } from 'node:test';
import { core, peerDeflate, peerInflate, random, telemetry } from '../support/deflate-core';
import { measurable } from '../support/memory';

const KiB = 1024;

/** 0 to 70,000 bytes: around every limit of DEFLATE and of the frames, and some at random. */
const sizes = [
  0,
  1,
  2,
  3,
  4,
  7,
  125,
  126,
  249,
  250,
  251,
  257,
  258,
  259,
  511,
  512,
  513,
  1024,
  4095,
  4096,
  4097,
  16_383,
  16_384,
  32_506,
  32_768,
  32_769,
  65_535,
  65_536,
  70_000,
  ...Array.from({ length: 12 }, (_, i) => random(4, i).readUInt32LE() % 70_001),
];

const messages = sizes.flatMap((size) => [
  random(size, size),
  telemetry(size),
  // Half of each, so that what was random is found again in the window.
  Buffer.concat([random(size, size).subarray(0, size / 2), telemetry(size).subarray(size / 2)]),
]);

function assertSame(got: readonly Buffer[]): void {
  assert.equal(got.length, messages.length);
  messages.forEach((message, i) => {
    assert.ok(got[i]?.equals(message), `message ${i} of ${message.length} bytes`);
  });
}

for (const windowBits of [9, 10, 11, 12, 13, 14, 15]) {
  for (const noContextTakeover of [false, true]) {
    const how = `${windowBits} bits, context ${noContextTakeover ? 'reset' : 'taken over'}`;
    const settings = { windowBits, noContextTakeover };

    test(`inflates what a peer deflates: ${how}`, async () => {
      const level = 1 + (windowBits % 9);
      // Node's zlib gives out nothing for a message without bytes.
      const payloads = await peerDeflate(
        { ...settings, level },
        messages.filter(({ length }) => length !== 0),
      );
      messages.forEach(({ length }, i) => {
        if (length === 0) payloads.splice(i, 0, Buffer.of(0));
      });
      const coded = core.inflate(
        settings,
        payloads.map((payload, i) => {
          const at = (payload.length * (i % 5)) >> 2;
          return [payload.subarray(0, at), payload.subarray(at)];
        }),
      );
      assert.deepEqual(coded.error, { code: 'None', detail: '' });
      assertSame(coded.messages);
      assert.ok(coded.memory <= (1 << windowBits) + 10 * KiB, `${coded.memory} bytes for zlib`);
    });

    test(`deflates for a peer: ${how}`, async () => {
      const level = 1 + ((windowBits + 4) % 9);
      const coded = core.deflate({ ...settings, level }, messages);
      assert.deepEqual(coded.error, { code: 'None', detail: '' });
      assertSame(await peerInflate(settings, coded.messages));
      const zlib = (1 << (windowBits + 2)) + (1 << 17);
      assert.ok(coded.memory <= zlib + 24 * KiB, `${coded.memory} bytes for zlib`);
    });

    test(`inflates what was deflated here: ${how}`, () => {
      const { messages: payloads } = core.deflate(settings, messages);
      assertSame(
        core.inflate(
          settings,
          payloads.map((payload) => [payload]),
        ).messages,
      );
    });
  }
}

test('a peer without takeover that is given a message of the one before cannot inflate it', async () => {
  const { messages: payloads } = core.deflate({}, [telemetry(500), telemetry(500)]);
  await assert.rejects(peerInflate({ noContextTakeover: true }, payloads));
});

test('a window of 8 bits is inflated', async () => {
  const given = [telemetry(2000), random(600), telemetry(2000)];
  const payloads = await peerDeflate({ windowBits: 9 }, given);
  const { messages: got } = core.inflate(
    { windowBits: 8 },
    payloads.map((payload) => [payload]),
  );
  assert.deepEqual(got, given);
});

test('memory is given back between messages without context takeover', () => {
  const given = [telemetry(500), telemetry(500)];
  const settings = { noContextTakeover: true, release: true };
  const deflated = core.deflate(settings, given);
  const payloads = deflated.messages.map((payload) => [payload]);
  const inflated = core.inflate(settings, payloads);
  assert.deepEqual(inflated.messages, given);
  assert.deepEqual([deflated.memoryAtEnd, inflated.memoryAtEnd], [0, 0]);
});

test("the peer's context is not given back where it is taken over", () => {
  const given = [telemetry(500), telemetry(500)];
  const payloads = core.deflate({}, given).messages.map((payload) => [payload]);
  const inflated = core.inflate({ release: true }, payloads);
  assert.deepEqual(inflated.messages, given);
  assert.ok(inflated.memoryAtEnd > 32 * KiB);
});

test('nothing is held before the first message', () => {
  assert.equal(core.inflate({}, []).memoryAtEnd, 0);
  assert.equal(core.deflate({}, []).memoryAtEnd, 0);
  assert.equal(core.inflate({}, [[Buffer.alloc(0)]]).memoryAtEnd, 0);
});

test('what zlib held is given back at the end', (t) => {
  const payloads = core.deflate({}, [telemetry(1000)]).messages;
  const run = (times: number): number => {
    for (let i = 0; i < times; i++) {
      core.deflate({}, [telemetry(1000)]);
      core.inflate({}, [payloads]);
    }
    return process.memoryUsage().rss;
  };
  const before = run(50);
  const after = run(500);
  // 500 of each hold 160 MiB. (AddressSanitizer keeps what was freed, and has its own leak detector.)
  if (!measurable) t.skip('what the process holds needs /proc of Linux, without AddressSanitizer');
  else assert.ok(after - before < 64 * KiB * KiB, `${before} bytes before, ${after} after`);
});

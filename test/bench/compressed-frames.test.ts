// What the benchmarks' server sends compressed is what RFC 7692 says, and can be sent again and again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, inflateRawSync } from 'node:zlib';
import { makeMessages } from '../../bench/messages';
import { streamOf } from '../../bench/servers/frames';

interface Frame {
  readonly first: number;
  readonly payload: Buffer;
}

function* framesOf(stream: Buffer): Iterable<Frame> {
  for (let at = 0; at < stream.length;) {
    const short = stream[at + 1] as number;
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    const size = short < 126 ? short : header === 4 ? stream.readUInt16BE(at + 2) : NaN;
    const payload = stream.subarray(at + header, at + header + size);
    yield { first: stream[at] as number, payload };
    at += header + size;
  }
}

const tail = Buffer.from([0, 0, 0xff, 0xff]);

for (const windowBits of [9, 15] as const) {
  for (const takeover of [false, true]) {
    const context = takeover ? 'with context takeover' : 'without context takeover';
    test(`window of ${windowBits} bits, ${context}: the list, twice`, () => {
      const message = 'readings';
      const stream = streamOf({ message, size: 1024, compression: { windowBits, takeover } });
      const expected = makeMessages(message, 1024);
      let window = Buffer.alloc(0);
      const inflated = [...framesOf(Buffer.concat([stream, stream]))].map(({ first, payload }) => {
        // FIN, RSV1, text.
        assert.equal(first, 0xc1);
        const data = inflateRawSync(Buffer.concat([payload, tail]), {
          windowBits,
          finishFlush: constants.Z_SYNC_FLUSH,
          ...(takeover && window.length > 0 ? { dictionary: window } : {}),
        });
        window = Buffer.concat([window, data]).subarray(-(1 << windowBits));
        return data.toString();
      });
      assert.deepEqual(inflated, [...expected, ...expected]);
    });
  }
}

test('with context takeover it is shorter', () => {
  const lengthOf = (takeover: boolean): number =>
    streamOf({ message: 'readings', size: 128, compression: { windowBits: 15, takeover } }).length;
  assert.ok(lengthOf(true) < 0.7 * lengthOf(false));
});

test('readings: of the size that is asked for, each another one', () => {
  const messages = makeMessages('readings', 128);
  assert.equal(new Set(messages).size, messages.length);
  assert.ok(messages.every((message) => message.length === 128));
});

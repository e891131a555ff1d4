// permessage-deflate (RFC 7692) with uWebSockets.js, which has compressors with windows of its own
// choice and others that keep nothing between messages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { webSocketOpen } from 'wsfd';
import { fails } from '../../support/calls';
import { combinations, echoWith } from '../../support/deflate-combinations';
import { extent } from '../../support/long';
import { randomMessages, smallMessages } from '../../support/random-messages';
import { startUwsServer } from '../../support/servers';

const some = extent(randomMessages(40, 1), smallMessages(10_000, 2));
const many = randomMessages(10_000, 2);
const anything = (): void => undefined;

const compressors = ['SHARED', ...[3, 4, 8, 16, 32, 64, 128, 256].map((kb) => `DEDICATED ${kb}KB`)];
const decompressors = [
  'SHARED',
  ...['512B', '1KB', '2KB', '4KB', '8KB', '16KB', '32KB'].map((size) => `DEDICATED ${size}`),
];
const named = (name: string, kind: string): string => {
  const [sort = '', size] = name.split(' ');
  return size === undefined ? `${sort}_${kind}` : `${sort}_${kind}_${size}`;
};

test('every compressor and decompressor', async (t) => {
  const compressions = compressors.flatMap((compressor) =>
    decompressors.map(
      (decompressor) => `${named(compressor, 'COMPRESSOR')}+${named(decompressor, 'DECOMPRESSOR')}`,
    ),
  );
  const server = await startUwsServer({ compressions, quiet: true });
  t.after(() => server.close());
  // Each meets several of our combinations, and each of those several of them.
  const ours = combinations.filter(({ serverNoContextTakeover }) => !serverNoContextTakeover);
  for (const [i, compression] of compressions.entries()) {
    for (const at of extent([i * 37, i * 41 + 5], [i * 37])) {
      const parameters = ours[at % ours.length] ?? assert.fail();
      await echoWith(`${server.url}${compression}`, parameters, some, anything);
    }
  }
});

test('all combinations of our parameters', async (t) => {
  const compression = 'DEDICATED_COMPRESSOR_32KB+DEDICATED_DECOMPRESSOR_32KB';
  const server = await startUwsServer({ compression, quiet: true });
  t.after(() => server.close());
  for (const parameters of combinations) {
    // It overlooks server_max_window_bits beside server_no_context_takeover, and answers with a
    // window of its own. RFC 7692 section 7.1.2.1: "the same or smaller value as the offer".
    if (parameters.serverNoContextTakeover && parameters.serverMaxWindowBits < 12) {
      const options = { perMessageDeflate: parameters };
      await fails(() => webSocketOpen(server.url, options), 'WSFD_HANDSHAKE_EXTENSION_INVALID');
      continue;
    }
    await echoWith(server.url, parameters, some, anything);
  }
});

for (const compression of [
  'SHARED_COMPRESSOR+SHARED_DECOMPRESSOR',
  'DEDICATED_COMPRESSOR_32KB+DEDICATED_DECOMPRESSOR_32KB',
  'DEDICATED_COMPRESSOR_4KB+DEDICATED_DECOMPRESSOR_1KB',
  'DEDICATED_COMPRESSOR_256KB+DEDICATED_DECOMPRESSOR_512B',
]) {
  test(`10,000 messages, ${compression}`, async (t) => {
    const server = await startUwsServer({ compression, quiet: true });
    t.after(() => server.close());
    await echoWith(server.url, { threshold: 0 }, many, anything);
  });
}

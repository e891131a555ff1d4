// The codec alone, without a connection: each benchmark runs one of bench/native/codec.cc's loops,
// with benchmark.js. The slow references, which the fast ones are tested against, show what the
// vectors are worth.
import Benchmark = require('benchmark');
import { createHash } from 'node:crypto';
import { loadAddon } from '../addon';
import type { Codec } from '../addon';
import { makeMessages } from '../messages';
import { streamOf } from '../servers/frames';
import type { CodecResult } from './types';

/** A benchmark of calls that each do `times` of a thing, on `bytes` bytes where they count. */
interface Row {
  readonly name: string;
  readonly times: number;
  readonly bytes?: number;
  readonly call: () => unknown;
}

const times = 1000;

function headerRows(codec: Codec): Row[] {
  const stream = streamOf({ message: 'text', size: 64 });
  const frames = codec.parseHeaders(stream);
  const out = new Uint8Array(16);
  return [
    { name: 'read a header (64 B text)', times: frames, call: () => codec.parseHeaders(stream) },
    ...[64, 1024, 65536].map((size) => ({
      name: `write a header (${size} B)`,
      times,
      call: () => codec.writeHeaders(out, times, size),
    })),
  ];
}

function byteRows(codec: Codec): Row[] {
  const ascii = (size: number): Buffer => Buffer.from(makeMessages('text', size)[0] as string);
  const chinese = (size: number): Buffer => Buffer.from(makeMessages('chinese', size)[0] as string);
  const rows = (
    name: 'mask' | 'isAscii' | 'isUtf8',
    text: (size: number) => Buffer,
    what: string,
  ): Row[] =>
    [64, 1024, 65536].flatMap((size) => {
      const bytes = text(size);
      const count = Math.max(1, Math.floor((times * 64) / size));
      return (['', 'Reference'] as const).map((suffix) => ({
        name: `${what} (${size} B)${suffix === '' ? '' : ', byte by byte'}`,
        times: count,
        bytes: size,
        call: () => codec[`${name}${suffix}`](bytes, count),
      }));
    });
  return [
    ...rows('mask', ascii, 'mask'),
    ...rows('isAscii', ascii, 'check ASCII'),
    ...rows('isUtf8', chinese, 'check UTF-8, Chinese'),
  ];
}

function handshakeRows(codec: Codec): Row[] {
  const nonce = new Uint8Array(16).fill(7);
  const key = Buffer.from(nonce).toString('base64');
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  const head = Buffer.from(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${accept.digest('base64')}\r\nServer: bench\r\n\r\n`,
  );
  if (!codec.readResponse(head, key)) throw new Error('the answer was not accepted');
  return [
    { name: 'write the opening handshake', times: 1, call: () => codec.writeRequest(nonce) },
    { name: 'read the answer to it', times: 1, call: () => codec.readResponse(head, key) },
  ];
}

function run({ name, times: count, bytes, call }: Row, seconds: number): CodecResult {
  const benchmark = new Benchmark(name, call, { maxTime: seconds, minSamples: 5 });
  benchmark.run();
  const ns = (1e9 * benchmark.stats.mean) / count;
  return {
    name,
    ns,
    margin: benchmark.stats.rme,
    ...(bytes === undefined ? {} : { gigabytesPerSecond: bytes / ns }),
  };
}

/** Runs all, one after the other, each for about so long. */
export function runCodec(seconds: number, say: (line: string) => void): CodecResult[] {
  const codec = loadAddon();
  return [...headerRows(codec), ...byteRows(codec), ...handshakeRows(codec)].map((row) => {
    const result = run(row, seconds);
    say(`codec  ${row.name}  ${result.ns.toFixed(1)} ns`);
    return result;
  });
}

// What no vector thinks of: frames and bytes made from the numbers of a seed, in random portions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, feedPortions } from '../support/connection-core';
import type { Message, Outcome } from '../support/connection-core';
import { close, encodeFrame, fragments, opcodes, ping, pong } from '../support/frames';

/** A generator of 32-bit numbers (a Weyl sequence, mixed): the same for the same seed. */
class Random {
  constructor(private state: number) {}

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    this.state = (this.state + 0x9e3779b9) | 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) % bound;
  }

  oneOf<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)];
    assert.ok(value !== undefined);
    return value;
  }

  bytes(size: number): Buffer {
    return Buffer.from(Array.from({ length: size }, () => this.below(256)));
  }

  /** Text or binary; now and then of a size at which the header grows, if `large` ones may be. */
  message(large: boolean): Message {
    const kind = this.below(large ? 60 : 59);
    const size = kind === 59 ? 65530 : kind < 12 ? 115 : 0;
    const characters = this.oneOf(['abc', 'aé€😀\u0000\uffff\u{10ffff}']);
    const few = Array.from({ length: this.below(30) }, () => this.oneOf([...characters])).join('');
    const text = few.repeat(few === '' ? 0 : Math.ceil(size / Buffer.byteLength(few)) + 1);
    if (this.below(2) === 0) return text;
    return Buffer.concat([Buffer.from(text), this.bytes(this.below(10))]);
  }

  /** The bytes in portions of any size, empty ones too. */
  portions(bytes: Buffer): Buffer[] {
    const longest = this.oneOf([2, 3, 8, 100, 5000, bytes.length + 1]);
    // A long message is not cut into thousands of pieces.
    const shortest = Math.floor(bytes.length / 1000);
    const portions: Buffer[] = [];
    for (let at = 0; at < bytes.length;) {
      const size = shortest + this.below(longest);
      portions.push(bytes.subarray(at, at + size));
      at += size;
    }
    return portions;
  }
}

interface Traffic {
  frames: Buffer[];
  messages: Message[];
  pongs: string[];
  pongsIn: number;
}

function addControlFrame(random: Random, traffic: Traffic): void {
  const payload = random.bytes(random.below(random.below(10) === 0 ? 126 : 10));
  if (random.below(3) === 0) {
    traffic.frames.push(pong(payload));
    traffic.pongsIn++;
  } else {
    traffic.frames.push(ping(payload));
    traffic.pongs.push(payload.length === 0 ? 'pong' : `pong ${payload.toString('latin1')}`);
  }
}

function addMessage(random: Random, traffic: Traffic, message: Message): void {
  const bytes = Buffer.from(message);
  const opcode = typeof message === 'string' ? opcodes.text : opcodes.binary;
  const count = random.below(3) === 0 ? 1 + random.below(6) : 1;
  const borders = Array.from({ length: count - 1 }, () => random.below(bytes.length + 1));
  const sorted = [0, ...borders.sort((a, b) => a - b), bytes.length];
  const parts = sorted.slice(1).map((end, i) => bytes.subarray(sorted[i], end));
  for (const frame of fragments(opcode, parts)) {
    while (random.below(5) === 0) addControlFrame(random, traffic);
    traffic.frames.push(frame);
  }
  traffic.messages.push(message);
}

function makeTraffic(random: Random, large: boolean): Traffic {
  const traffic: Traffic = { frames: [], messages: [], pongs: [], pongsIn: 0 };
  for (let count = random.below(20); count >= 0; count--) {
    addMessage(random, traffic, random.message(large));
  }
  return traffic;
}

test('valid frames in random portions: the messages, the pongs, the counters', () => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = new Random(seed);
    const { frames, messages, pongs, pongsIn } = makeTraffic(random, true);
    const portions = random.portions(Buffer.concat(frames));
    const outcome = feedPortions(portions);
    assert.deepEqual(outcome.messages, messages, `seed ${seed}`);
    assert.deepEqual(outcome.frames, pongs, `seed ${seed}`);
    const messageBytesIn = messages.reduce((sum, message) => sum + Buffer.byteLength(message), 0);
    assert.deepEqual(outcome.counters, {
      messagesIn: messages.length,
      messageBytesIn,
      framesIn: frames.length,
      pongsIn,
      messagesOut: 0,
      messageBytesOut: 0,
      framesOut: pongs.length,
    });
    assert.deepEqual([outcome.state, outcome.error], ['open', 'None']);
  }
});

/** Ended with a close frame that says so, by an error with its close code, or still open. */
function assertDefinedEnd(outcome: Outcome, seed: number): void {
  const { state, error, closeCode, frames } = outcome;
  const closes = frames.filter((frame) => frame.startsWith('close'));
  const message = `seed ${seed}: ${state}, ${error}, ${String(closeCode)}, ${closes.join()}`;
  if (state === 'open') {
    assert.ok(error === 'None' && closes.length === 0 && closeCode === 1006, message);
    return;
  }
  assert.equal(state, 'closed', message);
  assert.ok(closes.length === 1 && frames.at(-1) === closes[0], message);
  if (error === 'None') {
    assert.equal(closes[0], closeCode === 1005 ? 'close' : `close ${closeCode}`, message);
  } else {
    assert.ok(/^close (1002|1007|1008|1009)$/.test(closes[0] ?? ''), message);
    assert.equal(closeCode, 1006, message);
  }
}

/** However the bytes are cut, the same comes of them. */
function assertSameEveryWay(random: Random, bytes: Buffer, seed: number): Outcome {
  const limits = { maxMessageBytes: 70_000n };
  const whole = feedPortions([bytes], limits);
  assertDefinedEnd(whole, seed);
  assert.deepEqual(feedPortions(random.portions(bytes), limits), whole, `seed ${seed}`);
  return whole;
}

test('garbage behind a valid handshake ends in a defined state', () => {
  const ends = new Map<string, number>();
  for (let seed = 1; seed <= 3000; seed++) {
    const random = new Random(seed);
    const { error, closeCode } = assertSameEveryWay(random, random.bytes(random.below(60)), seed);
    const end = error === 'None' ? `close ${closeCode}` : error;
    ends.set(end, (ends.get(end) ?? 0) + 1);
  }
  // It went far enough to be worth something.
  for (const error of ['ReservedBits', 'ReservedOpcode', 'MaskedFrame', 'ControlFrameFragmented']) {
    assert.ok((ends.get(error) ?? 0) > 10, [...ends].join(' '));
  }
});

test('valid frames with a few wrong bytes end in a defined state', () => {
  const ends = new Set<string>();
  for (let seed = 1; seed <= 1500; seed++) {
    const random = new Random(seed);
    const { frames } = makeTraffic(random, false);
    const bytes = Buffer.concat([...frames, close(1000 + random.below(20), 'bye')]);
    for (let changes = random.below(4); changes > 0; changes--) {
      const at = random.below(bytes.length);
      bytes[at] = random.oneOf([random.below(256), (bytes[at] ?? 0) ^ (1 << random.below(8))]);
    }
    const { error, state } = assertSameEveryWay(random, bytes, seed);
    ends.add(`${state} ${error}`);
  }
  const expected = [
    'open None',
    'closed None',
    'closed ReservedBits',
    'closed ReservedOpcode',
    'closed MaskedFrame',
    'closed TextNotUtf8',
    'closed CloseCodeInvalid',
    'closed ContinuationExpected',
    'closed ContinuationUnexpected',
  ];
  assert.deepEqual(
    expected.filter((end) => !ends.has(end)),
    [],
  );
});

test('any calls in any order keep the output a sequence of whole frames', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Random(seed);
    const client = new Client({ maxMessageBytes: 1000n });
    const { connection } = client;
    let closes = 0;
    for (let i = 0; i < 40; i++) {
      const open = connection.snapshot().state === 'open';
      const payload = random.bytes(random.below(126));
      const calls = [
        () => connection.ping(payload),
        () => client.feed(encodeFrame(random.below(11), payload, { fin: random.below(8) !== 0 })),
        () => client.feed(ping(payload)),
        () => client.feed(random.oneOf([ping('x').subarray(0, 1), close(1000), pong()])),
        () => connection.delivered(),
        () => connection.sendDeferredPong(),
        () => open && connection.send(opcodes.text, payload, 200, random.below(70_000)),
        () => random.below(10) === 0 && connection.close(1000, payload),
        () => random.below(10) === 0 && connection.transportEnded('ConnectionLost'),
      ];
      random.oneOf(calls)();
      // (throws where they are not)
      closes += client.frames().filter((frame) => frame.startsWith('close')).length;
    }
    assert.ok(closes <= 1, `seed ${seed}`);
  }
});

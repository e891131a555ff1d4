import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import {
  core,
  hello,
  hex,
  inflateEveryWay,
  random,
  tail,
  telemetry,
} from '../support/deflate-core';
import type { InflateSettings } from '../support/deflate-core';

const own: InflateSettings = { noContextTakeover: true };
const taken: InflateSettings = {};

/** A block that compresses, with BFINAL, and one that repeats five bytes of what was before. */
const finalHello = hex('f3 48 cd c9 c9 07 00');
const again = hex('f2 00 11 00 00');
/** Empty blocks: of fixed codes with BFINAL, stored. */
const emptyFinal = hex('03 00');
const emptyStored = hex('00 00 00 ff ff');

const join = (...parts: Buffer[]): Buffer => Buffer.concat(parts);
const repeat = (bytes: Buffer, count: number): Buffer =>
  Buffer.concat(new Array<Buffer>(count).fill(bytes));

const readable: [what: string, settings: InflateSettings, payloads: Buffer[], texts: string[]][] = [
  ['7.2.3.1: one block', own, [hello], ['Hello']],
  ['7.2.3.2: each message on its own', own, [hello, hello], ['Hello', 'Hello']],
  ['7.2.3.2: the window taken over', taken, [hello, again], ['Hello', 'Hello']],
  [
    '7.2.3.3: a block without compression',
    own,
    [hex('00 05 00 fa ff 48 65 6c 6c 6f 00')],
    ['Hello'],
  ],
  ['7.2.3.4: a block with BFINAL', own, [join(finalHello, hex('00'))], ['Hello']],
  ['7.2.3.5: two blocks', own, [hex('f2 48 05 00 00 00 ff ff ca c9 c9 07 00')], ['Hello']],
  ['7.2.3.6: an empty message', own, [hex('00')], ['']],
  [
    'empty messages between others',
    taken,
    [hex('00'), hello, hex('00'), again],
    ['', 'Hello', '', 'Hello'],
  ],
  ['7.2.1: a block behind one with BFINAL', own, [join(finalHello, hello)], ['HelloHello']],
  ['the window behind BFINAL, in the message', own, [join(finalHello, again)], ['HelloHello']],
  [
    'the window behind BFINAL, taken over',
    taken,
    [join(finalHello, hex('00')), again],
    ['Hello', 'Hello'],
  ],
  ['many empty blocks', own, [join(repeat(emptyStored, 300), hello)], ['Hello']],
  [
    'many empty blocks with BFINAL',
    taken,
    [join(finalHello, repeat(emptyFinal, 300), again)],
    ['HelloHello'],
  ],
  // What is complete as it stands needs no tail, and the window survives it.
  ['no bytes at all', taken, [hello, hex(''), again], ['Hello', '', 'Hello']],
  ['a last block with BFINAL', taken, [finalHello, again], ['Hello', 'Hello']],
  ['a stored block of the limit', { limit: 5 }, [hex('00 05 00 fa ff 48 65 6c 6c 6f')], ['Hello']],
  ['the tail not taken away', taken, [join(hello, tail), again], ['Hello', 'Hello']],
];

for (const [what, settings, payloads, texts] of readable) {
  for (const release of [false, true]) {
    test(`inflates ${what}${release ? ', memory given back' : ''} (RFC 7692 section 7.2)`, () => {
      const { messages, error } = inflateEveryWay({ ...settings, release }, payloads);
      assert.deepEqual(error, { code: 'None', detail: '' });
      assert.deepEqual(
        messages.map((message) => message.toString()),
        texts,
      );
    });
  }
}

const unreadable: [what: string, settings: InflateSettings, payloads: Buffer[], detail: string][] =
  [
    ['a window that is not taken over', own, [hello, again], 'invalid distance too far back'],
    ['a distance before the first message', taken, [again], 'invalid distance too far back'],
    ['a reserved block type', own, [hex('07')], 'invalid block type'],
    [
      'a reserved block type behind others',
      taken,
      [hello, join(finalHello, hex('06'))],
      'invalid block type',
    ],
    ['stored lengths that differ', own, [hex('00 05 00 00 00')], 'invalid stored block lengths'],
    ['no code lengths', own, [hex('04 00 fe ff')], 'invalid code lengths set'],
    ['a reserved length symbol', own, [hex('1b 03 00')], 'invalid literal/length code'],
    [
      'more behind the tail',
      own,
      [join(hello, tail, hex('00 00'))],
      'invalid stored block lengths',
    ],
    ['text that is not compressed', own, [Buffer.from('Hello')], 'invalid stored block lengths'],
    ['a stored block cut short', own, [hex('00 05 00 fa ff 48')], 'it ends inside a block'],
    ['a stored block whose length is cut', own, [hex('00 05')], 'invalid stored block lengths'],
    // It ends 46 bits behind the beginning; the empty block begins with the last 2 bits of that byte.
    [
      'an empty block without its third bit',
      own,
      [hex('9a 30 71 d2 64 00')],
      'it ends inside a block',
    ],
    ['half a tail', own, [join(hello, tail.subarray(0, 2))], 'invalid stored block lengths'],
  ];

for (const [what, settings, payloads, detail] of unreadable) {
  test(`refuses ${what} (RFC 7692 section 7.2.2)`, () => {
    const { messages, error } = inflateEveryWay(settings, payloads);
    assert.deepEqual(error, { code: 'CompressedDataInvalid', detail });
    assert.equal(messages.length, payloads.length - 1);
  });
}

const whole = telemetry(600);
const kinds: [kind: string, payload: Buffer][] = [
  ['stored', { level: 0 }],
  ['fixed', { strategy: constants.Z_FIXED }],
  ['dynamic', {}],
].map(([kind, options]) => [
  kind as string,
  deflateRawSync(whole, { ...(options as object), finishFlush: constants.Z_SYNC_FLUSH }),
]);

for (const [kind, payload] of kinds) {
  test(`never takes a ${kind} block for whole that is cut short`, () => {
    // A stored block's first byte alone is the whole of an empty message, and one that lacks nothing
    // but the empty block behind it is whole as well.
    for (let size = 2; size < payload.length - tail.length - 1; size++) {
      const { messages, error } = core.inflate(own, [[payload.subarray(0, size)]]);
      assert.equal(error.code, 'CompressedDataInvalid', `${size} bytes`);
      assert.equal(messages.length, 0);
    }
    const { messages } = inflateEveryWay(own, [payload.subarray(0, -tail.length)]);
    assert.ok(messages[0]?.equals(whole));
  });
}

test('random bytes end in a message or an error, whatever the portions', () => {
  const codes = new Set<string>();
  for (let seed = 0; seed < 300; seed++) {
    const { error } = inflateEveryWay({ limit: 1000 }, [random(1 + (seed % 60), seed)]);
    codes.add(error.code);
  }
  assert.deepEqual([...codes].sort(), ['CompressedDataInvalid', 'None']);
});

test('a changed byte ends in a message or an error, whatever the portions', () => {
  const payload = (kinds[2]?.[1] ?? hello).subarray(0, -tail.length);
  const codes = new Set<string>();
  for (let at = 0; at < payload.length; at++) {
    const changed = Buffer.from(payload);
    changed.writeUInt8(payload.readUInt8(at) ^ 0x55, at);
    codes.add(inflateEveryWay({ limit: 1000 }, [changed]).error.code);
  }
  assert.ok(codes.has('CompressedDataInvalid'));
  assert.ok(!codes.has('Internal') && !codes.has('OutOfMemory'), [...codes].join());
});

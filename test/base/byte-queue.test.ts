// The queue that bytes pass through on their way in and out.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addon } from '../support/core';

interface ByteQueue {
  append(bytes: Uint8Array): boolean;
  /**
   * Reserves `count` bytes, in a queue that will come to `total`, and commits `bytes`, of which there
   * are at most `count`, into them.
   */
  reserve(count: number, bytes: Uint8Array, total?: number): boolean;
  detach(): Buffer | undefined;
  consume(count: number): void;
  truncate(size: number): void;
  clear(): void;
  release(keep: number): void;
  swap(other: ByteQueue): void;
  /** The other is empty then. */
  moveFrom(other: ByteQueue): void;
  look(): { bytes: Buffer; empty: boolean; capacity: number };
}

const { ByteQueue } = addon as { ByteQueue: new () => ByteQueue };

const smallest = 1024;
const none = Buffer.alloc(0);

/** The same as a ByteQueue, simply. */
class Model {
  bytes: Buffer = none;
  /** The most bytes that were in it or asked for at once. */
  peak = 0;

  add(bytes: Buffer, reserved: number): void {
    this.peak = Math.max(this.peak, this.bytes.length + reserved);
    this.bytes = Buffer.concat([this.bytes, bytes]);
  }
}

class Pair {
  readonly queue = new ByteQueue();
  readonly model = new Model();

  check(): void {
    const { bytes, empty, capacity } = this.queue.look();
    assert.deepEqual(bytes, this.model.bytes);
    assert.equal(empty, bytes.length === 0);
    assert.ok(capacity >= bytes.length);
    // Storage is bounded by what was in it, whatever went through it.
    assert.ok(capacity <= Math.max(smallest, 3 * this.model.peak));
  }
}

/** The numbers of a linear congruential generator, below a bound. */
function numbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % bound;
  };
}

/** One of a queue's operations, chosen at random, on it and its model. */
function operate({ queue, model }: Pair, below: (bound: number) => number, largest: number): void {
  const bytes = Buffer.from(Array.from({ length: below(largest + 1) }, () => below(256)));
  const { length } = model.bytes;
  const kind = below(20);
  if (kind < 6) {
    model.add(bytes, bytes.length);
    assert.equal(queue.append(bytes), true);
  } else if (kind < 10) {
    const reserved = bytes.length + below(largest);
    model.add(bytes, reserved);
    assert.equal(queue.reserve(reserved, bytes), true);
  } else if (kind < 15) {
    const count = below(4) === 0 ? length : below(length + 1);
    queue.consume(count);
    model.bytes = model.bytes.subarray(count);
  } else if (kind < 17) {
    const size = length - below(Math.min(length, largest) + 1);
    queue.truncate(size);
    model.bytes = model.bytes.subarray(0, size);
  } else if (kind < 19) {
    queue.release(below(2000));
  } else {
    queue.clear();
    model.bytes = none;
  }
}

describe('random operations against a simple model', () => {
  for (const largest of [1, 30, 700, 5000]) {
    test(`of up to ${largest} bytes each`, () => {
      const below = numbers(largest);
      const pair = new Pair();
      for (let i = 0; i < 2000; i++) {
        operate(pair, below, largest);
        pair.check();
      }
    });
  }
});

test('a queue that is filled and emptied for ever does not grow', () => {
  const queue = new ByteQueue();
  queue.append(Buffer.alloc(100));
  for (let i = 0; i < 10_000; i++) {
    queue.append(Buffer.alloc(700));
    queue.consume(700);
    assert.ok(queue.look().capacity <= 3 * smallest);
  }
});

test('small appends allocate rarely', () => {
  const queue = new ByteQueue();
  const capacities = new Set<number>();
  const byte = Buffer.of(1);
  for (let i = 0; i < 200_000; i++) queue.append(byte);
  for (let i = 0; i < 30_000; i++) {
    queue.append(byte);
    if (i % 100 === 0) capacities.add(queue.look().capacity);
  }
  assert.ok(capacities.size <= 2);
});

test('no storage before the first byte, and none after Release', () => {
  const queue = new ByteQueue();
  assert.deepEqual(queue.look(), { bytes: none, empty: true, capacity: 0 });
  queue.append(none);
  assert.equal(queue.look().capacity, 0);
  queue.append(Buffer.of(1));
  queue.release(0);
  assert.deepEqual(queue.look(), { bytes: Buffer.of(1), empty: false, capacity: smallest });
  queue.consume(1);
  queue.release(smallest);
  assert.equal(queue.look().capacity, smallest);
  queue.release(smallest - 1);
  assert.equal(queue.look().capacity, 0);
  queue.append(Buffer.of(2));
  assert.deepEqual(queue.look().bytes, Buffer.of(2));
});

test('where memory is missing it stays as it was', () => {
  const queue = new ByteQueue();
  const tooMuch = [2 ** 52, Number.MAX_SAFE_INTEGER, -1];
  for (const count of tooMuch) assert.equal(queue.reserve(count, none), false);
  assert.deepEqual(queue.look(), { bytes: none, empty: true, capacity: 0 });
  queue.append(Buffer.from('hello'));
  queue.consume(2);
  // (-1 is the largest size_t)
  for (const count of tooMuch) assert.equal(queue.reserve(count, none), false);
  assert.deepEqual(queue.look(), { bytes: Buffer.from('llo'), empty: false, capacity: smallest });
  assert.equal(queue.append(Buffer.from('!')), true);
  assert.deepEqual(queue.look().bytes, Buffer.from('llo!'));
});

test('Swap and moving exchange the storage', () => {
  const [a, b] = [new ByteQueue(), new ByteQueue()];
  a.append(Buffer.from('xa'));
  a.consume(1);
  a.swap(b);
  assert.deepEqual([a.look().bytes, b.look().bytes], [none, Buffer.from('a')]);
  assert.equal(a.look().capacity, 0);
  a.append(Buffer.from('old'));
  a.moveFrom(b);
  assert.deepEqual([a.look().bytes, b.look().bytes], [Buffer.from('a'), none]);
  assert.equal(b.look().capacity, 0);
  a.swap(a);
  assert.deepEqual(a.look().bytes, Buffer.from('a'));
});

test('storage grows towards a total by doubling, and not past it', () => {
  const queue = new ByteQueue();
  const total = 100_000;
  const chunk = Buffer.alloc(3000, 7);
  const capacities = new Set<number>();
  for (let left = total; left > 0; left -= chunk.length) {
    const bytes = chunk.subarray(0, Math.min(left, chunk.length));
    assert.equal(queue.reserve(bytes.length, bytes, total), true);
    capacities.add(queue.look().capacity);
  }
  assert.deepEqual(
    [...capacities],
    [3000, 6000, 12_000, 24_000, 48_000, 96_000, total],
    'it moves what it holds once for each of these',
  );
  // What is asked for is given all the same.
  assert.equal(queue.reserve(5000, chunk, total), true);
  assert.equal(queue.look().capacity, total + 5000);
  for (const count of [2 ** 53, 2 ** 62]) assert.equal(queue.reserve(count, none, total), false);
});

test('the bytes of a queue can be given away', () => {
  const queue = new ByteQueue();
  assert.equal(queue.detach(), undefined);
  queue.append(Buffer.from('hello'));
  queue.consume(2);
  assert.deepEqual(queue.detach(), Buffer.from('llo'));
  assert.deepEqual(queue.look(), { bytes: none, empty: true, capacity: 0 });
  queue.append(Buffer.from('again'));
  assert.deepEqual(queue.look().bytes, Buffer.from('again'));
});

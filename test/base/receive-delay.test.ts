// For how many bytes a loop is woken: every step with a time handed in.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addon } from '../support/core';

interface ReceiveDelay {
  onRead(nowMs: number, size: number, messages: number): boolean;
  onSent(): boolean;
  onTick(): boolean;
  bytes(): number;
}

const { ReceiveDelay, receiveDelayWindowMs: windowMs } = addon as {
  ReceiveDelay: new (delayUs: number) => ReceiveDelay;
  receiveDelayWindowMs: number;
};

const none = 1;

/** A stream that is read at a steady pace. */
class Stream {
  readonly delay: ReceiveDelay;
  now = 1000;
  changes = 0;
  private messages = 0;

  constructor(delayUs = 50) {
    this.delay = new ReceiveDelay(delayUs);
    // The first window began with the clock.
    this.read(1, 0);
  }

  read(size: number, messages = 1): boolean {
    this.messages += messages;
    return this.delay.onRead(this.now, size, this.messages);
  }

  /**
   * One window, ticks included: `reads` a millisecond, of so many bytes and messages. The last
   * closes it.
   */
  window(reads: number, size: number, messages = 1): number {
    const count = reads * windowMs;
    for (let i = 1; i <= count; i += 1) {
      if (i % reads === 0 || i === count) {
        this.now += 1;
        assert.equal(this.delay.onTick(), false);
      }
      if (this.read(size, messages)) this.changes += 1;
    }
    return this.delay.bytes();
  }

  /** Ticks without a read until the mark is taken back. */
  quietTicks(): number {
    for (let count = 1; ; count += 1) if (this.delay.onTick()) return count;
  }
}

describe('the mark', () => {
  test('is none before a stream was busy for a window', () => {
    const { delay } = new Stream();
    assert.equal(delay.bytes(), none);
    assert.equal(delay.onTick(), false);
    assert.equal(delay.onSent(), false);
    assert.equal(delay.onRead(0, 1e6, 1), false);
    assert.equal(delay.bytes(), none);
  });

  for (const delayUs of [20, 50, 200, 1000]) {
    const busy = 1000 / delayUs;

    test(`is what comes in ${delayUs} µs, and 8 messages at most`, () => {
      const most = Math.min(8, (50 * delayUs) / 1000);
      const stream = new Stream(delayUs);
      assert.equal(stream.window(50, 66), most * 66);
      // It makes no difference how many of them one read brings.
      assert.equal(stream.window(50 / most, most * 66, most), most * 66);
    });

    test(`is none where the loop is woken less often than every ${delayUs} µs`, () => {
      const stream = new Stream(delayUs);
      const fewer = busy - 1;
      for (let i = 0; i < 100 && fewer >= 1; i += 1) assert.equal(stream.window(fewer, 1e5), none);
      assert.notEqual(stream.window(busy, 1e3), none);
    });
  }

  test('stays as it is while the stream does, though there are fewer reads then', () => {
    const stream = new Stream();
    const bytes = stream.window(50, 66);
    const { changes } = stream;
    for (let i = 0; i < 100; i += 1) assert.equal(stream.window(10, 66 * 5, 5), bytes);
    assert.equal(stream.changes, changes);
  });

  test('follows a stream that becomes faster or slower', () => {
    const stream = new Stream();
    const bytes = stream.window(50, 66);
    assert.ok(stream.window(40, 660) > 3 * bytes);
    const slower = stream.window(20, 33);
    assert.ok(slower < bytes);
    assert.notEqual(slower, none);
  });

  test('is never larger than what a socket can hold', () => {
    const stream = new Stream();
    assert.equal(stream.window(20, 1 << 20), 64 * 1024);
    assert.equal(stream.window(20, 2 ** 40), 64 * 1024);
  });

  test('is gone when the stream becomes slow, and comes back with the next busy window', () => {
    const stream = new Stream();
    const bytes = stream.window(50, 66);
    assert.equal(stream.window(1, 100), none);
    assert.equal(stream.window(50, 66), bytes);
  });

  for (const [delayUs, ticks] of [
    [1, 2],
    [50, 2],
    [499, 2],
    [500, 3],
    [1000, 4],
  ] as const) {
    test(`of ${delayUs} µs is gone when the stream pauses, at tick ${ticks}`, () => {
      const stream = new Stream(delayUs);
      const reads = Math.max(50, 1000 / delayUs);
      assert.notEqual(stream.window(reads, 66 * delayUs), none);
      assert.equal(stream.quietTicks(), ticks);
      assert.equal(stream.delay.bytes(), none);
      assert.equal(stream.delay.onTick(), false);
      assert.notEqual(stream.window(reads, 66 * delayUs), none);
    });
  }

  test('is gone when something is sent, and does not come while that is so', () => {
    const stream = new Stream();
    const bytes = stream.window(50, 66);
    assert.equal(stream.delay.onSent(), true);
    assert.equal(stream.delay.bytes(), none);
    for (let i = 0; i < 100; i += 1) {
      assert.equal(stream.delay.onSent(), false);
      assert.equal(stream.window(50, 66), none);
    }
    assert.equal(stream.window(50, 66), bytes);
  });

  test('does not come of a time in which nobody looked', () => {
    const stream = new Stream();
    for (let i = 0; i < 10; i += 1) {
      for (let j = 0; j < 10_000; j += 1) stream.read(100);
      stream.now += 2 * windowMs + 1;
      assert.equal(stream.read(100), false);
    }
    assert.equal(stream.delay.bytes(), none);
  });
});

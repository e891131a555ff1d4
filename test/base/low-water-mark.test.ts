// For how many bytes a loop is woken: every step with a time handed in.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addon } from '../support/core';

interface LowWaterMark {
  onRead(nowMs: number, size: number): boolean;
  onSent(): boolean;
  onTick(): boolean;
  giveUp(): void;
  bytes(): number;
}

const {
  LowWaterMark,
  lowWaterMarkMostWaitUs: mostWaitUs,
  lowWaterMarkWindowMs: windowMs,
} = addon as {
  LowWaterMark: new () => LowWaterMark;
  lowWaterMarkMostWaitUs: number;
  lowWaterMarkWindowMs: number;
};

const none = 1;
/** The fewest reads a millisecond for which there is a mark. */
const busy = 1000 / mostWaitUs;

/** A stream that is read at a steady pace. */
class Stream {
  readonly mark = new LowWaterMark();
  now = 1000;
  changes = 0;

  constructor() {
    // The first window began with the clock.
    this.mark.onRead(this.now, 1);
  }

  /** One window, ticks included: `reads` of `size` bytes a millisecond. The last closes it. */
  window(reads: number, size: number): number {
    const count = reads * windowMs;
    for (let i = 1; i <= count; i += 1) {
      if (i % reads === 0 || i === count) {
        this.now += 1;
        assert.equal(this.mark.onTick(), false);
      }
      if (this.mark.onRead(this.now, size)) this.changes += 1;
    }
    return this.mark.bytes();
  }

  /** How many windows it takes until there is a mark; at most `most` are tried. */
  untilMark(most: number, reads = busy, size = 100): number {
    for (let count = 1; count <= most; count += 1)
      if (this.window(reads, size) !== none) return count;
    return Infinity;
  }

  /** Two ticks with nothing between them. */
  pause(): void {
    this.mark.onTick();
    assert.equal(this.mark.onTick(), true);
    assert.equal(this.mark.bytes(), none);
  }
}

describe('the mark', () => {
  test('is none before a stream was busy for a while', () => {
    const { mark } = new Stream();
    assert.equal(mark.bytes(), none);
    assert.equal(mark.onTick(), false);
    assert.equal(mark.onSent(), false);
    assert.equal(mark.onRead(0, 1e6), false);
    assert.equal(mark.bytes(), none);
  });

  test('is what comes in the time that a byte may wait', () => {
    const stream = new Stream();
    assert.ok(stream.untilMark(4, 50, 66) <= 4);
    assert.equal(stream.mark.bytes(), (50 * 66 * mostWaitUs) / 1000);
  });

  test('stays as it is while the stream does, though there are fewer reads then', () => {
    const stream = new Stream();
    stream.untilMark(4, 50, 66);
    const bytes = stream.mark.bytes();
    const { changes } = stream;
    for (let i = 0; i < 100; i += 1) assert.equal(stream.window(10, 66 * 5), bytes);
    assert.equal(stream.changes, changes);
  });

  test('follows a stream that becomes faster or slower', () => {
    const stream = new Stream();
    stream.untilMark(4, 50, 66);
    const bytes = stream.mark.bytes();
    assert.ok(stream.window(40, 660) > 4 * bytes);
    stream.window(busy, 33);
    assert.ok(stream.mark.bytes() < bytes);
    assert.notEqual(stream.mark.bytes(), none);
  });

  test('is never larger than what a socket can hold', () => {
    const stream = new Stream();
    stream.untilMark(4, busy, 1 << 20);
    assert.equal(stream.mark.bytes(), 64 * 1024);
    assert.equal(stream.window(busy, 2 ** 40), 64 * 1024);
  });

  test('is none for streams that wake the loop less often', () => {
    assert.equal(new Stream().untilMark(100, busy - 1, 1e5), Infinity);
  });

  test('is gone when the stream becomes slow, and comes back', () => {
    const stream = new Stream();
    const windows = stream.untilMark(4);
    assert.equal(stream.window(1, 100), none);
    assert.equal(stream.untilMark(4), windows);
  });

  test('is gone when the stream ends, at the second tick', () => {
    const stream = new Stream();
    stream.untilMark(4);
    assert.equal(stream.mark.onRead(stream.now, 10), false);
    assert.equal(stream.mark.onTick(), false);
    assert.equal(stream.mark.onTick(), true);
    assert.equal(stream.mark.bytes(), none);
    assert.equal(stream.mark.onTick(), false);
  });

  test('takes longer and longer to come back to a stream that pauses, but comes', () => {
    const stream = new Stream();
    const first = stream.untilMark(4);
    const waits = Array.from({ length: 11 }, () => {
      stream.pause();
      return stream.untilMark(1100) - first;
    });
    assert.deepEqual(waits, [2, 6, 14, 30, 62, 126, 254, 510, 1022, 1022, 1022]);
  });

  test('forgets the pauses after a second without one', () => {
    const stream = new Stream();
    const first = stream.untilMark(4);
    stream.pause();
    assert.equal(stream.untilMark(8) - first, 2);
    stream.pause();
    assert.equal(stream.untilMark(16) - first, 6);
    for (let ms = 0; ms < 1100; ms += windowMs) stream.window(busy, 100);
    stream.pause();
    assert.equal(stream.untilMark(8) - first, 2);
  });

  test('is gone when something is sent, and does not come while that is so', () => {
    const stream = new Stream();
    stream.untilMark(4);
    assert.equal(stream.mark.onSent(), true);
    assert.equal(stream.mark.bytes(), none);
    for (let i = 0; i < 100; i += 1) {
      assert.equal(stream.mark.onSent(), false);
      assert.equal(stream.window(50, 66), none);
    }
    assert.notEqual(stream.untilMark(4), Infinity);
  });

  test('needs no pause to be forgotten behind what was sent', () => {
    const stream = new Stream();
    const first = stream.untilMark(4);
    stream.mark.onSent();
    // The window in which it was sent does not count.
    assert.equal(stream.untilMark(4), first + 1);
  });

  test('does not come of a time in which nobody looked', () => {
    const stream = new Stream();
    for (let i = 0; i < 10; i += 1) {
      for (let j = 0; j < 10_000; j += 1) stream.mark.onRead(stream.now, 100);
      stream.now += 2 * windowMs + 1;
      assert.equal(stream.mark.onRead(stream.now, 100), false);
    }
    assert.equal(stream.mark.bytes(), none);
  });

  test('never comes back once the system has refused it', () => {
    const stream = new Stream();
    stream.untilMark(4);
    stream.mark.giveUp();
    assert.equal(stream.mark.bytes(), none);
    assert.equal(stream.untilMark(2000), Infinity);
  });
});

// When a loop looks for an answer without sleeping: every step with a time handed in.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addon } from '../support/core';

interface BusyPoll {
  onSent(now: number): boolean;
  onReceived(): void;
  continue(now: number): boolean;
  active(): boolean;
}

const { BusyPoll, busyPollMostNs: most } = addon as {
  BusyPoll: new () => BusyPoll;
  busyPollMostNs: number;
};

/** Sends once and, if it is looked for an answer, lets the time pass without one. */
function lookInVain(poll: BusyPoll): boolean {
  const looked = poll.onSent(0);
  if (looked) assert.equal(poll.continue(most), false);
  return looked;
}

/** How many sends are not followed by a look before the next that is. */
function restOf(poll: BusyPoll): number {
  let sends = 0;
  while (!lookInVain(poll)) sends++;
  return sends;
}

describe('looking for an answer', () => {
  test('does not begin before something was sent', () => {
    const poll = new BusyPoll();
    assert.equal(poll.active(), false);
    assert.equal(poll.continue(1), false);
    poll.onReceived();
    assert.equal(poll.active(), false);
  });

  test('goes on until its time is over', () => {
    const poll = new BusyPoll();
    assert.equal(poll.onSent(5), true);
    for (const now of [5, 6, 5 + most - 1]) {
      assert.equal(poll.continue(now), true);
      assert.equal(poll.active(), true);
    }
    assert.equal(poll.continue(5 + most), false);
    assert.equal(poll.active(), false);
  });

  test('is not made longer by what is sent meanwhile', () => {
    const poll = new BusyPoll();
    poll.onSent(0);
    assert.equal(poll.onSent(most - 1), true);
    assert.equal(poll.continue(most), false);
  });

  test('ends when something comes, and begins again with the next send', () => {
    const poll = new BusyPoll();
    for (let now = 0; now < 10_000; now += 10) {
      assert.equal(poll.onSent(now), true);
      poll.onReceived();
      assert.equal(poll.active(), false);
      assert.equal(poll.continue(now + 1), false);
    }
  });

  test('rests longer and longer while it is in vain, and never for ever', () => {
    const poll = new BusyPoll();
    assert.equal(lookInVain(poll), true);
    const rests = Array.from({ length: 12 }, () => restOf(poll));
    assert.deepEqual(rests, [1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 1023, 1023]);
  });

  test('rests no longer once an answer came in time', () => {
    const poll = new BusyPoll();
    lookInVain(poll);
    for (let i = 0; i < 4; i++) restOf(poll);
    while (!poll.onSent(0));
    poll.onReceived();
    assert.equal(lookInVain(poll), true);
    assert.equal(restOf(poll), 1);
  });

  test('is not affected by what comes in a rest', () => {
    const poll = new BusyPoll();
    lookInVain(poll);
    restOf(poll);
    poll.onReceived();
    assert.equal(restOf(poll), 3);
  });
});

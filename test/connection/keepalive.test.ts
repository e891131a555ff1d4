// When a connection pings and when it gives its peer up: every step with a time handed in.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addon } from '../support/core';

interface Traffic {
  reads: number;
  reading: boolean;
  backlog: boolean;
  progress: number;
}

interface Step {
  action: 'wait' | 'ping' | 'giveUp';
  waitMs: number;
}

interface Keepalive {
  next(now: number, traffic: Traffic): Step;
}

const { Keepalive } = addon as {
  Keepalive: new (interval: number, pongTimeout: number, now: number) => Keepalive;
};

const begin = 1000;
const idle: Traffic = { reads: 5, reading: true, backlog: false, progress: 7 };

/** A keepalive that began at `begin`, asked at the times and with the traffic of `steps`. */
function check(
  [interval, pongTimeout]: [number, number],
  steps: [at: number, traffic: Partial<Traffic>, action: Step['action'], waitMs: number][],
): void {
  const keepalive = new Keepalive(interval, pongTimeout, begin);
  for (const [at, traffic, action, waitMs] of steps) {
    const step = keepalive.next(begin + at, { ...idle, ...traffic });
    assert.deepEqual(step, { action, waitMs }, `after ${at} ms`);
  }
}

test('pings once an interval while the peer answers', () => {
  check(
    [100, 30],
    [
      [100, {}, 'ping', 30],
      [130, { reads: 6 }, 'wait', 70],
      [200, { reads: 6 }, 'ping', 30],
      [230, { reads: 7 }, 'wait', 70],
      [300, { reads: 7 }, 'ping', 30],
    ],
  );
});

test('gives up a peer of which nothing came within the pong timeout', () => {
  check(
    [100, 30],
    [
      [100, {}, 'ping', 30],
      [129, {}, 'wait', 1],
      [130, {}, 'giveUp', 0],
      [131, {}, 'giveUp', 0],
    ],
  );
});

test('does not give up a peer of which something came while that was looked into', () => {
  check(
    [100, 30],
    [
      [100, {}, 'ping', 30],
      [130, {}, 'giveUp', 0],
      [131, { reads: 6 }, 'wait', 69],
    ],
  );
});

test('what came before the ping is no answer to it', () => {
  check(
    [100, 30],
    [
      [100, { reads: 99 }, 'ping', 30],
      [130, { reads: 99 }, 'giveUp', 0],
    ],
  );
});

test('a pong timeout longer than the interval: one ping is on its way at a time', () => {
  check(
    [100, 250],
    [
      [100, {}, 'ping', 100],
      [200, {}, 'wait', 100],
      [300, {}, 'wait', 50],
      [350, {}, 'giveUp', 0],
    ],
  );
});

test('a pong timeout longer than the interval: an answer lets the next ping go at its time', () => {
  check(
    [100, 250],
    [
      [100, {}, 'ping', 100],
      [200, { reads: 6 }, 'ping', 100],
      [300, { reads: 6 }, 'wait', 100],
      [400, { reads: 6 }, 'wait', 50],
      [450, { reads: 6 }, 'giveUp', 0],
    ],
  );
});

test('a loop that was late does not ping twice', () => {
  check(
    [100, 30],
    [
      [1000, {}, 'ping', 30],
      [1020, { reads: 6 }, 'wait', 80],
    ],
  );
});

describe('while reading is paused', () => {
  test('no ping is sent', () => {
    check(
      [100, 30],
      [
        [100, { reading: false }, 'wait', 100],
        [200, { reading: false }, 'wait', 100],
        [300, {}, 'ping', 30],
      ],
    );
  });

  test('a ping that is on its way is not judged', () => {
    check(
      [100, 30],
      [
        [100, {}, 'ping', 30],
        [130, { reading: false }, 'wait', 70],
        [200, { reading: false }, 'wait', 100],
        [300, {}, 'ping', 30],
        [330, {}, 'giveUp', 0],
      ],
    );
  });
});

describe('a ping behind what was written before', () => {
  const behind = { backlog: true, progress: 8000 };

  test('waits as long as the system takes of that', () => {
    check(
      [100, 30],
      [
        [100, behind, 'ping', 30],
        [130, { ...behind, progress: 9000 }, 'wait', 30],
        [160, { ...behind, progress: 9001 }, 'wait', 30],
        [190, { ...behind, progress: 9001, reads: 6 }, 'wait', 10],
      ],
    );
  });

  test('is given up once the system takes nothing', () => {
    check(
      [100, 30],
      [
        [100, behind, 'ping', 30],
        [130, behind, 'giveUp', 0],
      ],
    );
  });

  test('has left when nothing waits any more', () => {
    check(
      [100, 30],
      [
        [100, behind, 'ping', 30],
        [130, { progress: 8001 }, 'wait', 30],
        [160, { progress: 8002 }, 'giveUp', 0],
      ],
    );
  });
});

test('a silent peer is given up within interval + pong timeout, whatever the two are', () => {
  for (const interval of [1, 7, 50, 100]) {
    for (const pongTimeout of [1, 30, 99, 100, 101, 250]) {
      for (let silentAt = 0; silentAt < 3 * interval; silentAt++) {
        const keepalive = new Keepalive(interval, pongTimeout, 0);
        // Until then a byte comes in every millisecond.
        let now = interval;
        let step = keepalive.next(now, { ...idle, reads: Math.min(now, silentAt) });
        for (let steps = 0; step.action !== 'giveUp'; steps++) {
          assert.ok(step.waitMs > 0 && steps < 1000, `${steps} steps, ${step.waitMs} ms`);
          now += step.waitMs;
          step = keepalive.next(now, { ...idle, reads: Math.min(now, silentAt) });
        }
        const late = now - silentAt - (interval + pongTimeout);
        assert.ok(late <= 0, `${interval}, ${pongTimeout}, ${silentAt}: ${late} ms late`);
      }
    }
  }
});

// What the rounds of a benchmark come to.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { medianOf, ratioOf, roundsOf, summariesOf, summarise } from '../../bench/statistics';
import type { ClientResult } from '../../bench/statistics';
import type { ClientName, Metrics } from '../../bench/types';

const rounds = (...values: readonly (number | undefined)[]): Metrics[] =>
  values.map((cpuNs) => (cpuNs === undefined ? {} : { cpuNs }));

const resultOf = (client: ClientName, own: readonly Metrics[]): ClientResult => ({
  client,
  rounds: own,
  errors: [],
  summaries: summariesOf(own),
});

test('the median of an odd and of an even number of rounds, and the extremes', () => {
  assert.deepEqual(summarise([3, 1, 10]), { median: 3, least: 1, most: 10 });
  assert.deepEqual(summarise([4, 1, 10, 2]), { median: 3, least: 1, most: 10 });
  assert.deepEqual(summarise([7]), { median: 7, least: 7, most: 7 });
});

test('a failed round counts for nothing', () => {
  const own = rounds(5, undefined, 7);
  assert.deepEqual(summariesOf(own), { cpuNs: { median: 6, least: 5, most: 7 } });
  assert.equal(medianOf([resultOf('ws', own)], 'ws', 'cpuNs'), 6);
  assert.deepEqual(summariesOf(rounds(undefined)), {});
});

describe('the ratio of two clients', () => {
  test('is that of the same round, whatever the machine did in others', () => {
    // Twice as slow in the last two rounds; the second client happened to be fast in one of them.
    assert.equal(ratioOf(rounds(10, 20, 20), rounds(100, 100, 200), 'cpuNs'), 0.1);
    assert.equal(ratioOf(rounds(1, 2, 3, 4), rounds(1, 1, 1, 1), 'cpuNs'), 2.5);
  });

  test('leaves out rounds in which either failed, or that have nothing to divide by', () => {
    assert.equal(ratioOf(rounds(1, undefined, 3, 4), rounds(2, 1, undefined, 2), 'cpuNs'), 1.25);
    assert.equal(ratioOf(rounds(1, 2), rounds(0, 4), 'cpuNs'), 0.5);
  });

  test('is unknown where no round has both', () => {
    assert.equal(ratioOf(rounds(1, undefined), rounds(undefined, 2), 'cpuNs'), undefined);
    assert.equal(ratioOf(rounds(1), [], 'cpuNs'), undefined);
    assert.equal(ratioOf(rounds(1), rounds(2), 'p50Us'), undefined);
  });
});

test('the rounds of a client that was not measured: none', () => {
  const results = [resultOf('ws', rounds(1))];
  assert.deepEqual(roundsOf(results, 'ws'), rounds(1));
  assert.deepEqual(roundsOf(results, 'undici'), []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashBytes, hashText, Random } from './model/random';

const take = (random: Random, count: number): number[] =>
  Array.from({ length: count }, () => random.next());

test('equal seeds give equal sequences, others do not', () => {
  assert.deepEqual(take(new Random('a'), 100), take(new Random('a'), 100));
  assert.notDeepEqual(take(new Random('a'), 5), take(new Random('b'), 5));
});

test('numbers are spread evenly from 0 to 1', () => {
  const counts = Array<number>(10).fill(0);
  for (const value of take(new Random('spread'), 10_000)) {
    assert.ok(value >= 0 && value < 1);
    const bin = Math.floor(value * 10);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  for (const count of counts) assert.ok(count > 850 && count < 1150, String(counts));
});

test('between reaches both ends', () => {
  const random = new Random('ends');
  const seen = new Set(Array.from({ length: 200 }, () => random.between(3, 6)));
  assert.deepEqual([...seen].sort(), [3, 4, 5, 6]);
});

test('weighted choices come as often as their weights say', () => {
  const random = new Random('weights');
  const counts = { never: 0, seldom: 0, often: 0 };
  for (let i = 0; i < 10_000; i++) counts[random.weighted({ never: 0, seldom: 1, often: 9 })] += 1;
  assert.equal(counts.never, 0);
  assert.ok(counts.seldom > 850 && counts.seldom < 1150, String(counts.seldom));
});

test('nothing to choose from is an error', () => {
  assert.throws(() => new Random('x').pick([]), RangeError);
  assert.throws(() => new Random('x').weighted({}), RangeError);
});

test('hashes are FNV-1a', () => {
  assert.equal(hashText(''), 0x811c9dc5);
  assert.equal(hashText('foobar'), 0xbf9cf968);
  assert.equal(hashBytes(Buffer.from('foobar')), 0xbf9cf968);
});

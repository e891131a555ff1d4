import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from './model/random';
import { fitLine, judgeGrowth, lastTwoThirds } from './model/trend';
import type { Point } from './model/trend';

/** One point each 30 seconds of an hour. */
const hourOf = (value: (seconds: number) => number): Point[] =>
  Array.from({ length: 121 }, (_, i) => ({ at: i * 30, value: value(i * 30) }));

test('a line is found again', () => {
  const { slope, error, mean, points } = fitLine(hourOf((at) => 7 + at * 2));
  assert.ok(Math.abs(slope - 2) < 1e-9);
  assert.ok(error < 1e-9);
  assert.ok(Math.abs(mean - (7 + 1800 * 2)) < 1e-6);
  assert.equal(points, 121);
});

test('of noise the slope is within a few of its standard errors', () => {
  const random = new Random('noise');
  const { slope, error } = fitLine(hourOf(() => random.next()));
  assert.ok(error > 0);
  assert.ok(Math.abs(slope) < 4 * error);
});

test('too few points have no slope to speak of', () => {
  assert.equal(fitLine([]).slope, 0);
  assert.equal(fitLine([{ at: 1, value: 5 }]).slope, 0);
  assert.equal(fitLine([{ at: 1, value: 5 }]).error, Infinity);
});

test('the first third is left out', () => {
  const kept = lastTwoThirds(hourOf((at) => at));
  assert.equal(kept[0]?.at, 1200);
  assert.equal(kept.at(-1)?.at, 3600);
  assert.deepEqual(lastTwoThirds([]), []);
});

test('what grows by more than the bound in an hour is found', () => {
  const points = hourOf((at) => 1000 + (at / 3600) * 150);
  assert.equal(judgeGrowth('x', points, 100).grows, true);
  assert.equal(judgeGrowth('x', points, 200).grows, false);
  assert.ok(Math.abs(judgeGrowth('x', points, 100).perHour - 150) < 1e-6);
});

test('what only grew while it warmed up does not grow', () => {
  const points = hourOf((at) => Math.min(at, 900) * 1000);
  assert.equal(judgeGrowth('x', points, 1).grows, false);
});

test('a short time tells nothing', () => {
  const points = hourOf((at) => at * 1e6).slice(0, 20);
  assert.equal(judgeGrowth('x', points, 1).grows, undefined);
  assert.equal(judgeGrowth('x', [], 1).grows, undefined);
});

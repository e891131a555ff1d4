// The drawing of how much came in each second.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';

interface Throughput {
  add(atMs: number, count: number): void;
  draw(seconds: number, width: number): string;
}

// This file runs as out/test/command/throughput.test.js.
const { Throughput: Class } = createRequire(__filename)(
  join(__dirname, '..', '..', '..', 'modules', 'command', 'throughput.js'),
) as { Throughput: new () => Throughput };

function of(perSecond: readonly number[]): Throughput {
  const throughput = new Class();
  perSecond.forEach((count, second) => {
    throughput.add(1000 * second, count - 1);
    throughput.add(1000 * second + 999.9, 1);
  });
  return throughput;
}

test('each second is a bar, the highest for the most', () => {
  assert.equal(of([100, 50, 1, 100]).draw(4, 60), '█▅▁█');
});

test('a second that was not over is left out', () => {
  assert.equal(of([10, 10, 3]).draw(2.3, 60), '██');
});

test('seconds in which nothing came are drawn', () => {
  assert.equal(of([10]).draw(3, 60), '█▁▁');
  assert.equal(new Class().draw(2, 60), '▁▁');
});

test('one bar alone is none', () => {
  assert.equal(of([10, 10]).draw(1.9, 60), '');
});

test('a long run is drawn as means that fit', () => {
  const perSecond = Array.from({ length: 100 }, (_, second) => (second < 50 ? 10 : 20));
  assert.equal(of(perSecond).draw(100, 10), '▅▅▅▅▅█████');
  assert.ok(of(perSecond).draw(100, 7).length <= 7);
});

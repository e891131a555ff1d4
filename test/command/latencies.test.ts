// Percentiles of durations.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';

interface Latencies {
  add(ms: number): void;
  percentile(percent: number): number | undefined;
}

// This file runs as out/test/command/latencies.test.js.
const { Latencies: Class } = createRequire(__filename)(
  join(__dirname, '..', '..', '..', 'modules', 'command', 'latencies.js'),
) as { Latencies: new () => Latencies };

function of(...durations: readonly number[]): Latencies {
  const latencies = new Class();
  for (const ms of durations) latencies.add(ms);
  return latencies;
}

function assertAbout(actual: number | undefined, expected: number): void {
  assert.ok(actual !== undefined && actual >= expected && actual <= 1.01 * expected, `${actual}`);
}

test('without durations there is no percentile', () => {
  assert.equal(of().percentile(50), undefined);
});

test('a percentile is right within 1 %, and never above the longest', () => {
  const latencies = of(...Array.from({ length: 1000 }, (_, i) => 0.01 * (i + 1)));
  for (const percent of [0.1, 1, 50, 90, 99]) {
    assertAbout(latencies.percentile(percent), 0.1 * percent);
  }
  assert.equal(latencies.percentile(100), 10);
});

test('durations of no time, of half a microsecond and of three hours', () => {
  const latencies = of(0, 0.0005, 10_800_000);
  assertAbout(latencies.percentile(60), 0.0005);
  assert.equal(latencies.percentile(100), 10_800_000);
});

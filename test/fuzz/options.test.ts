// A few thousand of the calls that `npm run fuzz -- options` makes without end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzOptions } from './options';

for (const seed of [1, 1_000_000, 2_000_000, 3_000_000]) {
  test(`Whatever the arguments are, each call gives a code (${seed})`, async () => {
    const { calls, found } = await fuzzOptions(seed, (count) => count < 1000);
    assert.equal(found, undefined);
    assert.equal(calls, 1000);
  });
}

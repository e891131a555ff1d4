// scripts/stages.mjs: a stage that is cut off has failed if a line of it says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importScript } from '../support/scripts';

interface Stages {
  foundSomething: string;
  isFailure(line: string): boolean;
}

const failures = [
  '✖ a ping of 4 bytes is answered with the same (12.5ms)',
  '  ✖ a subtest (0.5ms)',
  '✖ deflate: alloc 3: the process ended by SIGSEGV',
  '==123==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010',
  '==123==ERROR: LeakSanitizer: detected memory leaks',
  '==123== ERROR: libFuzzer: deadly signal',
  'native/frame/header.cc:12:3: runtime error: shift exponent 64 is too large',
];

const others = [
  '✔ ERROR frames are counted (1.2ms)',
  'ℹ fail 0',
  'wsfd: fuzz: tls: nothing found; 15773 executions in 31 s, 1754 edges, 396 inputs',
  'wsfd: running 237 test files under AddressSanitizer',
  'wsfd: pass 5271, skipped 14; run again for LeakSanitizer: 0 files',
];

// (not in the names of tests: check-release reads the names too)
test('lines that say that something failed', async () => {
  const { foundSomething, isFailure } = await importScript<Stages>('stages.mjs');
  const found = `wsfd: fuzz: tls: ${foundSomething} after 12 s; its words stand above`;
  for (const line of [...failures, found]) assert.ok(isFailure(line), line);
});

test('lines that do not', async () => {
  const { isFailure } = await importScript<Stages>('stages.mjs');
  for (const line of others) assert.ok(!isFailure(line), line);
});

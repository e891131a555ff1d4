// Which test files there are.
import { listFiles } from './tools.mjs';

/**
 * The compiled test files, those whose path contains one of `names` if there are any. Test files are
 * those of test/: out/ may still hold one whose source is gone. Those of test/package are
 * scripts/check-package.mjs's: they ask for a tarball.
 */
export const testFiles = (names = [], folder = 'test') =>
  listFiles(folder, (name) => name.endsWith('.test.ts') && !name.startsWith('test/package/'))
    .map((name) => `out/${name.replace(/ts$/, 'js')}`)
    .filter((name) => names.length === 0 || names.some((part) => name.includes(part)));

/**
 * How Node's test runner is started. Left to itself it takes one file after the other on two cores,
 * though most of them wait; from 20.10 on it can be told.
 */
export function runnerArguments(reporter = 'spec') {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const canBeTold = major > 20 || (major === 20 && minor >= 10);
  return ['--test', `--test-reporter=${reporter}`, ...(canBeTold ? ['--test-concurrency=2'] : [])];
}

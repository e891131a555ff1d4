// The test files, and how they are run.
import { listFiles } from './tools.mjs';

/**
 * The compiled test files; with `names`, those whose path contains one of them. The list comes from
 * test/: out/ may still hold a file whose source is gone. scripts/check-package.mjs runs those of
 * test/package, which need a tarball.
 */
export const testFiles = (names = [], folder = 'test') =>
  listFiles(folder, (name) => name.endsWith('.test.ts') && !name.startsWith('test/package/'))
    .map((name) => `out/${name.replace(/ts$/, 'js')}`)
    .filter((name) => names.length === 0 || names.some((part) => name.includes(part)));

const [major, minor] = process.versions.node.split('.').map(Number);
const isNode20 = (from) => major > 20 || (major === 20 && minor >= from);

/**
 * The arguments of Node's test runner. By default it runs one file after the other on two cores,
 * though most of them wait; Node has --test-concurrency from 20.10 on.
 */
export const runnerArguments = (reporter = 'spec') => [
  ...['--test', `--test-reporter=${reporter}`],
  ...(isNode20(10) ? ['--test-concurrency=2'] : []),
];

/**
 * Has a file that hangs fail: the slowest takes a minute. Not for tests in their long form, nor with
 * an addon that is slower than usual. Node has --test-timeout from 20.11 on.
 */
export const timeLimit = () => (isNode20(11) ? ['--test-timeout=600000'] : []);

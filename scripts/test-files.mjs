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

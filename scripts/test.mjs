// Sets up, lints, and runs the tests. Usage: node scripts/test.mjs [--only-tests] [file-or-name ...]
//
// --only-tests  no lint
// file-or-name  only test files whose path contains one of these
//
// Further options (--test-name-pattern=…) go to Node's test runner.
import { lint } from './lint.mjs';
import { uwsEnvironment } from './node-versions.mjs';
import { setup } from './setup.mjs';
import { fail, listFiles, run, say } from './tools.mjs';

const options = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const runnerOptions = options.filter((option) => option !== '--only-tests');

await setup({ testing: true, tools: true });
const linted = options.includes('--only-tests') || (await lint());

// Test files are those of test/: out/ may still hold one whose source is gone. Those of test/package
// are scripts/check-package.mjs's: they ask for a tarball.
const isTest = (name) => name.endsWith('.test.ts') && !name.startsWith('test/package/');
const files = listFiles('test', isTest)
  .map((name) => `out/${name.replace(/ts$/, 'js')}`)
  .filter((name) => names.length === 0 || names.some((part) => name.includes(part)));
if (files.length === 0) fail(`no test file's path contains ${names.join(' or ')}`);

say(`running ${String(files.length)} test files`);
const args = ['--test', '--test-reporter=spec', ...runnerOptions, ...files];
const { code } = await run(process.execPath, args, { env: await uwsEnvironment() });
if (!linted) fail('lint FAILED; its messages stand above the tests');
process.exitCode = code;

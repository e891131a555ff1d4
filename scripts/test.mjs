// Sets up, lints, and runs the tests. Usage: node scripts/test.mjs [--only-tests] [file-or-name ...]
//
// --only-tests  no lint
// file-or-name  only test files whose path contains one of these
//
// Further options (--test-name-pattern=…) go to Node's test runner.
import { lint } from './lint.mjs';
import { uwsEnvironment } from './node-versions.mjs';
import { setup } from './setup.mjs';
import { testFiles } from './test-files.mjs';
import { fail, run, say } from './tools.mjs';

const options = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const runnerOptions = options.filter((option) => option !== '--only-tests');

await setup({ testing: true, tools: true });
const linted = options.includes('--only-tests') || (await lint());

const files = testFiles(names);
if (files.length === 0) fail(`no test file's path contains ${names.join(' or ')}`);

say(`running ${String(files.length)} test files`);
const args = ['--test', '--test-reporter=spec', ...runnerOptions, ...files];
const { code } = await run(process.execPath, args, { env: await uwsEnvironment() });
if (!linted) fail('lint FAILED; its messages stand above the tests');
process.exitCode = code;

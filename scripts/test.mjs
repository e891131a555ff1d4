// Sets up, lints, and runs the tests. Usage: node scripts/test.mjs [options] [file-or-name ...]
//
// --only-tests  no lint
// --long        no lint, and only the tests that have a long form (test/support/long.ts), in that
// file-or-name  only test files whose path contains one of these
//
// Further options (--test-name-pattern=…) go to Node's test runner.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lint } from './lint.mjs';
import { isMusl, uwsEnvironment } from './node-versions.mjs';
import { setup } from './setup.mjs';
import { runnerArguments, testFiles, timeLimit } from './test-files.mjs';
import { fail, root, run, say } from './tools.mjs';

const options = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const long = options.includes('--long');
const runnerOptions = options.filter((option) => !['--only-tests', '--long'].includes(option));

await setup({ testing: true, tools: true });
const linted = long || options.includes('--only-tests') || (await lint());

const hasLongForm = (name) => readFileSync(join(root, name), 'utf8').includes('/support/long');
const chosen = testFiles(names).filter((name) => !long || hasLongForm(name));
if (chosen.length === 0) fail(`no test file's path contains ${names.join(' or ')}`);

const needsUws = (name) =>
  /startUwsServer|startPlant|'telemetry.js'/.test(readFileSync(join(root, name), 'utf8'));
const files = chosen.filter((name) => !isMusl || !needsUws(name));
if (files.length < chosen.length) {
  const left = chosen.length - files.length;
  say(`leaving out ${String(left)} test files: uWebSockets.js has no binary for musl`);
}

say(`running ${String(files.length)} test files`);
const limit = long ? [] : timeLimit();
const args = [...runnerArguments(), ...limit, ...runnerOptions, ...files];
const env = { ...(isMusl ? {} : await uwsEnvironment()), ...(long ? { WSFD_LONG: '1' } : {}) };
const { code } = await run(process.execPath, args, { env });
if (!linted) fail('lint FAILED; its messages stand above the tests');
process.exitCode = code;

// Runs the tests with the addons built for AddressSanitizer, its leak detector and
// UndefinedBehaviorSanitizer. For Linux with GCC, whose libasan is loaded into Node before anything
// else. Usage: node scripts/sanitize.mjs [file-or-name ...]
//
// file-or-name  only test files whose path contains one of these
import { buildBeside } from './build-beside.mjs';
import { uwsEnvironment } from './node-versions.mjs';
import { sanitizerEnvironment } from './sanitizer.mjs';
import { setup } from './setup.mjs';
import { runnerArguments, testFiles } from './test-files.mjs';
import { run, say } from './tools.mjs';

await setup({ testing: true, tools: true });
const folder = await buildBeside('sanitize', ['sanitize=1']);
const sanitizers = await sanitizerEnvironment(folder);

const files = testFiles(process.argv.slice(2));
say(`running ${String(files.length)} test files under AddressSanitizer`);
const { code } = await run(process.execPath, [...runnerArguments(), ...files], {
  env: { ...(await uwsEnvironment()), ...sanitizers },
});
process.exitCode = code;

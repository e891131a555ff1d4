// Runs the tests with the addons built for AddressSanitizer, its leak detector and
// UndefinedBehaviorSanitizer. For Linux with GCC, whose libasan is loaded into Node before anything
// else. Usage: node scripts/sanitize.mjs [file-or-name ...]
//
// file-or-name  only test files whose path contains one of these
import { spawn } from 'node:child_process';
import { buildBeside } from './build-beside.mjs';
import { uwsEnvironment } from './node-versions.mjs';
import { sanitizerEnvironment } from './sanitizer.mjs';
import { setup } from './setup.mjs';
import { runnerArguments, testFiles } from './test-files.mjs';
import { root, say } from './tools.mjs';

await setup({ testing: true, tools: true });
const folder = await buildBeside('sanitize', ['sanitize=1']);
const env = {
  ...process.env,
  ...(await uwsEnvironment()),
  ...(await sanitizerEnvironment(folder)),
};

/** Runs test files and shows their output: { code, output }. */
function runTests(files) {
  const child = spawn(process.execPath, [...runnerArguments(), ...files], {
    cwd: root,
    env,
    stdio: ['inherit', 'pipe', 'pipe'],
  });
  let output = '';
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ]) {
    from.setEncoding('utf8').on('data', (text) => {
      output += text;
      to.write(text);
    });
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

/**
 * The files to be run again: where LeakSanitizer crashed, those that failed. None if it crashed less
 * often than that. At the end of a process it stops all threads by ptrace, and it sometimes crashes
 * when one of them is ending: of a file, or of a process that a test started and whose stderr it
 * reads. What failed otherwise fails again.
 */
function unjudgedFiles(output) {
  const failed = [...output.matchAll(/^test at (out\/.*?\.test\.js):\d+:\d+$/gm)];
  const files = new Set(failed.map(([, file]) => file));
  const crashes = output.match(/LeakSanitizer has encountered a fatal error/g) ?? [];
  return files.size <= crashes.length ? [...files] : [];
}

const files = testFiles(process.argv.slice(2));
say(`running ${String(files.length)} test files under AddressSanitizer`);
const first = await runTests(files);
const unjudged = first.code === 0 ? [] : unjudgedFiles(first.output);
let { code } = first;
if (unjudged.length > 0) {
  say('LeakSanitizer itself crashed in some of the files that failed; they are run again');
  ({ code } = await runTests(unjudged));
}
const [pass, skipped] = ['pass', 'skipped'].map(
  (kind) => new RegExp(`^ℹ ${kind} (\\d+)$`, 'm').exec(first.output)?.[1],
);
say(`pass ${pass}, skipped ${skipped}; run again for LeakSanitizer: ${unjudged.length} files`);
// (null: a signal ended the runner)
process.exitCode = code ?? 1;

// Runs the tests with the addons built for AddressSanitizer, its leak detector and
// UndefinedBehaviorSanitizer. For Linux with GCC, whose libasan is loaded into Node before anything
// else. Usage: node scripts/sanitize.mjs [file-or-name ...]
//
// file-or-name  only test files whose path contains one of these
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { uwsEnvironment } from './node-versions.mjs';
import { findNodedir, setup } from './setup.mjs';
import { fail, listFiles, root, run, runModule, say } from './tools.mjs';

/** A folder that node-gyp can build in beside build/, with all it reads. */
const place = join(root, '.cache', 'sanitize');

/** What is not ours to free; every other leak is a failure. */
const suppressions = `
# A module that registers itself when it is loaded: Node keeps the list.
leak:napi_module_register
# V8 leaves its heap to the system when a process ends by process.exit or an exception.
leak:v8::internal::
`;

const options = {
  // Whether memory that cannot be had is noticed is one of the things that are tested.
  ASAN_OPTIONS: 'detect_leaks=1:allocator_may_return_null=1:detect_stack_use_after_return=0',
  LSAN_OPTIONS: `suppressions=${join(place, 'lsan.supp')}:print_suppressions=0`,
  UBSAN_OPTIONS: 'print_stacktrace=1',
  // The addons are looked for in its build/Release.
  WSFD_PREBUILD: place,
};

async function buildAddons() {
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'lsan.supp'), suppressions);
  for (const name of ['binding.gyp', 'native', 'scripts', 'package.json', 'node_modules']) {
    if (!existsSync(join(place, name))) symlinkSync(join(root, name), join(place, name));
  }
  const nodedir = await findNodedir();
  const headers = nodedir === undefined ? [] : [`--nodedir=${nodedir}`];
  for (const args of [
    ['configure', ...headers, '--', '-Dtesting=1', '-Dsanitize=1'],
    ['build', '-j', '2'],
  ]) {
    const { code, output } = await runModule('node-gyp/bin/node-gyp.js', args, {
      capture: true,
      cwd: place,
    });
    if (code !== 0) fail(`${output}\nnode-gyp ${args[0]} failed`);
  }
}

/** The path of the compiler's own libasan. */
async function runtimeLibrary() {
  const args = ['-print-file-name=libasan.so'];
  const { output } = await run(process.env.CC ?? 'gcc', args, { capture: true });
  if (!isAbsolute(output.trim())) fail('GCC and its libasan are needed (Debian: gcc, libasan8)');
  return output.trim();
}

await setup({ testing: true, tools: true });
const library = await runtimeLibrary();
say('building the addons for the sanitizers');
await buildAddons();

const names = process.argv.slice(2);
const files = listFiles('test', (name) => name.endsWith('.test.ts'))
  .map((name) => `out/${name.replace(/ts$/, 'js')}`)
  .filter((name) => names.length === 0 || names.some((part) => name.includes(part)));
say(`running ${String(files.length)} test files under AddressSanitizer`);
const { code } = await run(process.execPath, ['--test', '--test-reporter=spec', ...files], {
  env: { ...(await uwsEnvironment()), ...options, LD_PRELOAD: library },
});
process.exitCode = code;

// Runs the tests with the addons built for AddressSanitizer, its leak detector and
// UndefinedBehaviorSanitizer. For Linux with GCC, whose libasan is loaded into Node before anything
// else. Usage: node scripts/sanitize.mjs [file-or-name ...]
//
// file-or-name  only test files whose path contains one of these
import { writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { buildBeside } from './build-beside.mjs';
import { uwsEnvironment } from './node-versions.mjs';
import { setup } from './setup.mjs';
import { runnerArguments, testFiles } from './test-files.mjs';
import { fail, run, say } from './tools.mjs';

/** What is not ours to free; every other leak is a failure. */
const suppressions = `
# A module that registers itself when it is loaded: Node keeps the list.
leak:napi_module_register
# V8 leaves its heap to the system when a process ends by process.exit or an exception.
leak:v8::internal::
`;

const optionsFor = (folder) => ({
  // Whether memory that cannot be had is noticed is one of the things that are tested.
  ASAN_OPTIONS: 'detect_leaks=1:allocator_may_return_null=1:detect_stack_use_after_return=0',
  LSAN_OPTIONS: `suppressions=${join(folder, 'lsan.supp')}:print_suppressions=0`,
  UBSAN_OPTIONS: 'print_stacktrace=1',
  WSFD_PREBUILD: folder,
});

/** The path of the compiler's own libasan. */
async function runtimeLibrary() {
  const args = ['-print-file-name=libasan.so'];
  const { output } = await run('gcc', args, { capture: true });
  if (!isAbsolute(output.trim())) fail('GCC and its libasan are needed (Debian: gcc, libasan8)');
  return output.trim();
}

await setup({ testing: true, tools: true });
const library = await runtimeLibrary();
const folder = await buildBeside('sanitize', ['sanitize=1']);
writeFileSync(join(folder, 'lsan.supp'), suppressions);

const files = testFiles(process.argv.slice(2));
say(`running ${String(files.length)} test files under AddressSanitizer`);
const { code } = await run(process.execPath, [...runnerArguments(), ...files], {
  env: { ...(await uwsEnvironment()), ...optionsFor(folder), LD_PRELOAD: library },
});
process.exitCode = code;

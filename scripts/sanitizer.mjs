// The environment of a Node with an addon that was built with sanitize=1.
import { writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { fail, run } from './tools.mjs';

/** Leaks of other code; every other leak is a failure. */
const suppressions = `
# A module that registers itself when it is loaded: Node keeps the list.
leak:napi_module_register
# V8 leaves its heap to the system when a process ends by process.exit or an exception.
leak:v8::internal::
# OpenSSL's state of a thread of Node's pool, which the process ends before the thread does.
leak:node::ThreadPoolWork
`;

const optionsFor = (folder) => ({
  // Tests check that the addon notices a failed allocation.
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

/** The environment for such an addon in `folder`. */
export async function sanitizerEnvironment(folder) {
  writeFileSync(join(folder, 'lsan.supp'), suppressions);
  return { ...optionsFor(folder), LD_PRELOAD: await runtimeLibrary() };
}

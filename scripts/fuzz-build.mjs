// Builds the fuzz targets of test/native/fuzz with Clang, into build/fuzz: each as libFuzzer's
// program with AddressSanitizer and UndefinedBehaviorSanitizer, or as a program that replays
// inputs, for coverage and for valgrind.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { coreFolders } from './gyp.mjs';
import { fail, listFiles, root, run, say } from './tools.mjs';

const common = [
  ...['-std=c++17', '-fexceptions', '-fno-rtti', '-gdwarf-4', '-fno-omit-frame-pointer'],
  ...[
    '-Wall',
    '-Wextra',
    '-Wno-unused-parameter',
    '-Wno-missing-braces',
    '-Werror',
    '-Inative',
    '-I.',
  ],
  ...['-DOPENSSL_API_COMPAT=30000', '-DOPENSSL_NO_DEPRECATED'],
];

/** The builds of a target: options of compiler and linker; `main`: replay_main.cc has `main`. */
export const builds = {
  fuzz: {
    compile: ['-O1', '-fsanitize=fuzzer-no-link,address,undefined', '-fno-sanitize-recover=all'],
    link: ['-fsanitize=fuzzer,address,undefined'],
  },
  coverage: {
    compile: ['-O1', '-fprofile-instr-generate', '-fcoverage-mapping'],
    link: ['-fprofile-instr-generate'],
    main: true,
  },
  memory: { compile: ['-O1'], link: [], main: true },
};

const folders = [...coreFolders, 'test/native/reference', 'test/native/fuzz'];
const isTarget = (name) => name.endsWith('_fuzz.cc');
const mainFile = 'test/native/fuzz/replay_main.cc';

/** The targets, each of a file test/native/fuzz/<target>_fuzz.cc. */
export const nativeTargets = () =>
  listFiles('test/native/fuzz', isTarget).map((name) => basename(name, '_fuzz.cc'));

const packages = 'clang-14 libclang-rt-14-dev libssl-dev zlib1g-dev';

/** A program of LLVM's, of any version; undefined if there is none. */
export async function findTool(name) {
  const numbered = [14, 15, 16, 17, 18, 19, 20].map((version) => `${name}-${String(version)}`);
  for (const candidate of [name, ...numbered]) {
    const { code } = await run(candidate, ['--version'], { capture: true });
    // (llvm-profdata has no --version and exits with an error)
    if (code !== 127) return candidate;
  }
  return undefined;
}

/** Finds the compiler and checks that it can build the targets. */
async function findCompiler(folder) {
  const needs = `the fuzz targets need Clang with libFuzzer, and OpenSSL's and zlib's headers (Debian: apt-get install ${packages})`;
  const compiler = await findTool('clang++');
  if (compiler === undefined) fail(`${needs}: there is no clang++`);
  const probe = join(folder, 'probe.cc');
  const text =
    '#include <openssl/ssl.h>\n#include <zlib.h>\n#include <cstdint>\n#include <cstddef>\n' +
    'extern "C" int LLVMFuzzerTestOneInput(const uint8_t*, size_t) { return SSL_new(nullptr) != nullptr || zlibVersion() == nullptr; }\n';
  // A check that succeeded is not repeated.
  if (existsSync(probe) && readFileSync(probe, 'utf8') === text) return compiler;
  const program = join(folder, 'probe');
  writeFileSync(`${probe}.tmp.cc`, text);
  const args = [`${probe}.tmp.cc`, '-fsanitize=fuzzer,address', '-lssl', '-lcrypto', '-lz'];
  const { code, output } = await run(compiler, [...args, '-o', program], { capture: true });
  if (code !== 0) {
    console.error(output);
    fail(`${needs}: its output stands above`);
  }
  writeFileSync(probe, text);
  return compiler;
}

const timeOf = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

/** True if `object` is newer than all its sources. */
function isFresh(object, depfile) {
  const made = timeOf(object);
  if (made === 0 || !existsSync(depfile)) return false;
  const names = readFileSync(depfile, 'utf8').replace(/\\\n/g, ' ').split(/\s+/).slice(1);
  return names
    .filter((name) => name !== '')
    .every((name) => timeOf(name) > 0 && timeOf(name) < made);
}

/** Runs `work` for each of `items`, `jobs` at a time. */
export async function inParallel(items, jobs, work) {
  const rest = [...items];
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}

/** Builds `targets` by builds[kind]; resolves with the program's path of each. */
export async function buildTargets(kind, targets, jobs) {
  const { compile, link, main = false } = builds[kind];
  const folder = join(root, 'build', 'fuzz');
  const objects = join(folder, kind);
  mkdirSync(objects, { recursive: true });
  const compiler = await findCompiler(folder);
  const flags = [...common, ...compile];
  // Another compiler or other flags need new objects.
  const stamp = join(objects, 'flags.json');
  const wanted = JSON.stringify([compiler, flags]);
  const same = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;

  const sources = folders
    .flatMap((name) => listFiles(name, (path) => path.endsWith('.cc')))
    .filter((path) => !isTarget(path) || targets.includes(basename(path, '_fuzz.cc')))
    .filter((path) => path !== mainFile || main);
  const objectOf = (path) => join(objects, `${path.replace(/\//g, '-')}.o`);
  const stale = sources.filter((path) => !same || !isFresh(objectOf(path), `${objectOf(path)}.d`));
  if (stale.length !== 0) say(`fuzz: compiling ${String(stale.length)} files (${kind})`);
  await inParallel(stale, jobs, async (path) => {
    const object = objectOf(path);
    const args = [...flags, '-MMD', '-MF', `${object}.d`, '-c', path, '-o', object];
    const { code, output } = await run(compiler, args, { capture: true });
    if (code !== 0) fail(`fuzz: ${path} does not compile:\n${output}`);
  });
  writeFileSync(stamp, wanted);

  const programOf = (target) => join(objects, target);
  await inParallel(targets, jobs, async (target) => {
    const program = programOf(target);
    const parts = sources.filter((path) => !isTarget(path) || path.endsWith(`/${target}_fuzz.cc`));
    const files = parts.map(objectOf);
    if (files.every((file) => timeOf(file) < timeOf(program))) return;
    const libraries = ['-lssl', '-lcrypto', '-lz'];
    const args = [...files, ...link, ...libraries, '-o', program];
    const { code, output } = await run(compiler, args, { capture: true });
    if (code !== 0) fail(`fuzz: ${target} does not link:\n${output}`);
  });
  return Object.fromEntries(targets.map((target) => [target, programOf(target)]));
}

// Fails on an #include that docs/ARCHITECTURE.md does not allow, on a script that imports a package
// before it is installed, and on a file of more than 500 lines. dependency-cruiser checks imports
// of src/ (.dependency-cruiser.mjs), clang-tidy and ESLint check the length of functions.
// Usage: node scripts/check-layers.mjs
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isMain, listFiles, root } from './tools.mjs';

const pure = ['base', 'frame', 'deflate', 'handshake', 'connection'].map(
  (name) => `native/${name}`,
);
const core = [...pure, 'native/tls'];

/** Which folders each folder of C++ sources may include. */
const arrows = {
  'native/base': [],
  'native/frame': ['native/base'],
  'native/deflate': ['native/base'],
  'native/handshake': ['native/base'],
  'native/tls': ['native/base'],
  'native/connection': ['native/base', 'native/frame', 'native/deflate', 'native/handshake'],
  'native/driver': core,
  'native/binding': [...core, 'native/driver'],
  'test/native/reference': [],
  'test/native/testing': [...core, 'test/native/reference'],
  'test/native/fuzz': [...core, 'test/native/reference'],
  'test/native/faults': ['native/binding'],
  'bench/native': [...core, 'test/native/reference'],
};

/** No clock, entropy source, thread or stream of their own: bytes in, events out. */
const impureHeaders =
  /^(chrono|ctime|time\.h|random|thread|mutex|condition_variable|future|[io]?fstream|iostream|filesystem)$/;

/** The folders that may include headers outside the C++ standard library. */
const systemHeaders = [
  { header: /^uv\.h$/, folders: /driver|binding|faults/ },
  { header: /^node_api\.h$/, folders: /binding|testing|bench|faults/ },
  { header: /^napi\.h$/, folders: /binding|testing|bench/ },
  // binding checks OpenSSL's version before other code calls it.
  { header: /^openssl\/crypto\.h$/, folders: /tls|handshake|binding/ },
  // testing and fuzz have a TLS server in memory.
  { header: /^openssl\//, folders: /tls|handshake|testing|bench|fuzz|faults/ },
  // To keep the addon loaded, and to find the program that loads it.
  { header: /^(windows|delayimp|dlfcn)\.h$/, folders: /binding/ },
  // SO_RCVLOWAT, for which libuv has no function.
  { header: /^sys\/socket\.h$/, folders: /driver|bench/ },
  { header: /^((sys|netinet|arpa)\/.*|unistd\.h|fcntl\.h)$/, folders: /bench/ },
  // fuzz compares deflate with zlib itself; bench measures zlib alone.
  { header: /^zlib\.h$/, folders: /deflate|fuzz|faults|bench/ },
  { header: /^((emm|imm|tmm)intrin|intrin|arm_neon)\.h$/, folders: /base|frame/ },
  { header: /^[a-z_]+$/, folders: /./ },
];

/** binding uses names of libuv only for the loop of the environment. */
const bindingUvNames = ['uv_loop_t', 'uv_loop_s'];

const maxFileLines = 500;

const lineOf = (text, offset) => text.slice(0, offset).split('\n').length;

function* includesOf(source) {
  const pattern = /^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]/gm;
  for (const match of source.matchAll(pattern)) {
    yield { system: match[1] === '<', name: match[2], line: lineOf(source, match.index) };
  }
}

/** Why a file of `folder` may not include this; undefined when it may. */
function includeFault(folder, { system, name }) {
  if (system) {
    if (pure.includes(folder) && impureHeaders.test(name)) {
      return `${folder} is pure: it may not include <${name}>`;
    }
    const rule = systemHeaders.find(({ header }) => header.test(name));
    if (rule === undefined) return `<${name}> is in nobody's list of system headers`;
    return rule.folders.test(folder) ? undefined : `${folder} may not include <${name}>`;
  }
  // Headers of the product are named from native/ on, all others from the repository's folder on.
  const target = [dirname(name), `native/${dirname(name)}`].find((path) => path in arrows);
  if (target === undefined) return `"${name}" is not a path relative to native/`;
  if (target === folder || arrows[folder].includes(target)) return undefined;
  return `${folder} may not include "${name}"`;
}

function* nativeFaults(path, source) {
  const folder = dirname(path);
  if (!(folder in arrows)) {
    yield { line: 1, fault: `${folder} is not in the architecture` };
    return;
  }
  for (const include of includesOf(source)) {
    const fault = includeFault(folder, include);
    if (fault !== undefined) yield { line: include.line, fault };
  }
  if (folder !== 'native/binding') return;
  const code = source.replace(/\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"/g, '');
  for (const [name] of code.matchAll(/(?<![.>])\buv_\w+/g)) {
    if (bindingUvNames.includes(name)) continue;
    yield { line: lineOf(source, source.indexOf(name)), fault: `binding may not use ${name}` };
  }
}

/** A script may run before the packages are installed: it loads one with `import()` when needed. */
function* scriptFaults(source) {
  for (const { 0: statement, 1: name, index } of source.matchAll(/^import\b[^;]*?'([^']+)';/gm)) {
    if (/^(node:|\.\.?\/)/.test(name)) continue;
    const line = lineOf(source, index + statement.length);
    yield {
      line,
      fault: `a script runs before '${name}' is there: only node: and other scripts up here`,
    };
  }
}

function* faultsOf(path, source) {
  const lines = source.split('\n').length - 1;
  if (lines > maxFileLines) {
    yield { line: lines, fault: `${String(lines)} lines, over ${String(maxFileLines)}` };
  }
  if (path.startsWith('scripts/')) yield* scriptFaults(source);
  if (/\.(cc|h|inc)$/.test(path)) yield* nativeFaults(path, source);
}

const folders = ['native', 'src', 'test', 'bench', 'examples', 'scripts'];
const isSource = (name) => /\.(cc|h|inc|[cm]?[jt]s)$/.test(name);

/** The faults of the repository at `base`, as 'path:line: fault'. */
export function checkLayers(base = root) {
  return folders
    .flatMap((folder) => listFiles(folder, isSource, base))
    .flatMap((path) => {
      const faults = [...faultsOf(path, readFileSync(join(base, path), 'utf8'))];
      return faults.map(({ line, fault }) => `${path}:${String(line)}: ${fault}`);
    });
}

if (isMain(import.meta.url)) {
  const faults = checkLayers();
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

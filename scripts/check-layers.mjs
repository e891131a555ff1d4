// Fails on an arrow that the architecture does not draw (docs/ARCHITECTURE.md), on a file of more
// than 500 lines and on a C++ function of more than 60 (ESLint counts those of TypeScript).
// Usage: node scripts/check-layers.mjs
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isMain, listFiles, root } from './tools.mjs';

/** Which folders of native/ each one may include. */
const nativeArrows = {
  base: [],
  frame: ['base'],
  deflate: ['base'],
  handshake: ['base'],
  tls: ['base'],
  connection: ['base', 'frame', 'deflate', 'handshake'],
  driver: ['base', 'frame', 'deflate', 'handshake', 'connection', 'tls'],
  // (faults in the build alone that is made to fail)
  binding: ['base', 'frame', 'deflate', 'handshake', 'connection', 'tls', 'driver', 'faults'],
  // Feeds the folders below driver from the tests.
  testing: ['base', 'frame', 'deflate', 'handshake', 'connection', 'tls'],
  // Measures those, and what a client costs that is nothing but sockets and OpenSSL.
  bench: ['base', 'frame', 'deflate', 'handshake', 'connection', 'tls'],
  // Feeds the same with whatever a fuzzer comes upon.
  fuzz: ['base', 'frame', 'deflate', 'handshake', 'connection', 'tls'],
  // Stands in for everything that the addon asks of others.
  faults: [],
};

/** Bytes in, events out: no socket, clock, entropy source, thread or stream of their own. */
const pureFolders = ['base', 'frame', 'deflate', 'handshake', 'connection'];
const impureHeaders =
  /^(chrono|ctime|time\.h|random|thread|mutex|condition_variable|future|[io]?fstream|iostream|filesystem)$/;

/** Who may include the headers that are not the C++ standard library's. */
const systemHeaders = [
  { header: /^uv\.h$/, folders: ['driver', 'binding', 'faults'] },
  { header: /^node_api\.h$/, folders: ['binding', 'testing', 'bench', 'faults'] },
  // The wrapper comes with a package that whoever installs wsfd does not have.
  { header: /^napi\.h$/, folders: ['testing', 'bench'] },
  // binding asks for OpenSSL's version before it lets anything else call it.
  { header: /^openssl\/crypto\.h$/, folders: ['tls', 'handshake', 'binding'] },
  // testing and fuzz have a TLS server in memory.
  { header: /^openssl\//, folders: ['tls', 'handshake', 'testing', 'bench', 'fuzz', 'faults'] },
  // What keeps the addon loaded, and finds the program that it is loaded in.
  { header: /^(windows|delayimp|dlfcn)\.h$/, folders: ['binding'] },
  { header: /^((sys|netinet|arpa)\/.*|unistd\.h|fcntl\.h)$/, folders: ['bench'] },
  // fuzz holds zlib itself against what is made of it.
  { header: /^zlib\.h$/, folders: ['deflate', 'fuzz', 'faults'] },
  { header: /^((emm|imm|tmm)intrin|intrin|arm_neon)\.h$/, folders: ['base', 'frame'] },
  { header: /^[a-z_]+$/, folders: Object.keys(nativeArrows) },
];

/** binding names libuv for nothing but the loop that the environment hands out. */
const bindingUvNames = ['uv_loop_t', 'uv_loop_s'];

/**
 * Which modules of src/ each one may import, besides the leaves, which all may; 'type x' allows
 * `import type` alone, which is gone when the program runs.
 */
const sourceArrows = {
  index: [
    'functions',
    'info',
    'iterate',
    'sync',
    'type compression-options',
    'type diagnostics',
    'type inbox',
    'type options',
    'type pem',
    'type tls-options',
  ],
  websocket: [
    'functions',
    'options',
    'native',
    'context',
    'schedule',
    'sockets',
    'websocket-arguments',
    'websocket-queue',
    'type websocket-types',
    'type inbox',
  ],
  'websocket-arguments': ['type options', 'own', 'url'],
  'websocket-queue': ['websocket-arguments'],
  'websocket-types': ['type websocket-events'],
  info: ['native', 'sockets', 'type inbox'],
  iterate: ['functions', 'sockets', 'type inbox'],
  sync: [
    'checks',
    'context',
    'inbox',
    'native',
    'opening',
    'options',
    'own-loop',
    'redirect',
    'schedule',
    'sockets',
  ],
  functions: [
    'checks',
    'context',
    'inbox',
    'native',
    'opening',
    'options',
    'own-loop',
    'redirect',
    'schedule',
    'sockets',
  ],
  opening: ['argument', 'inbox', 'native', 'trust-store', 'type options'],
  checks: ['argument', 'options', 'type inbox'],
  'own-loop': ['native', 'schedule', 'type inbox'],
  sockets: ['argument', 'type inbox'],
  inbox: ['native', 'binary', 'context', 'pings', 'schedule', 'waiters'],
  context: ['native'],
  pings: ['schedule'],
  waiters: ['schedule', 'type inbox'],
  redirect: ['url', 'type options'],
  options: [
    'argument',
    'compression-options',
    'header-options',
    'route-options',
    'tls-options',
    'proxy',
    'url',
    'type native',
  ],
  'route-options': ['argument', 'proxy'],
  proxy: ['url'],
  'compression-options': ['argument', 'type native'],
  'header-options': ['argument'],
  pem: ['argument'],
  'tls-options': ['argument', 'pem', 'type native', 'type pem'],
  url: ['argument'],
  'trust-store': ['native'],
  schedule: ['native'],
  native: ['load-addon'],
  'load-addon': ['load-failure', 'permission'],
};
const leaves = {
  'inbox-types': ['type errors'],
  errors: ['error-table', 'own', 'ssl-errors', 'type native'],
  'error-table': [],
  'ssl-errors': [],
  diagnostics: ['errors', 'schedule', 'trace', 'type native'],
  trace: ['builtin', 'schedule', 'type diagnostics'],
  'last-error': ['diagnostics', 'schedule', 'type errors'],
  'key-log': [],
  credentials: [],
  abort: ['platform'],
  checkpoint: ['native'],
  platform: [],
  permission: [],
  'event-handlers': ['platform'],
  'message-event': ['platform'],
  'websocket-events': ['type errors', 'message-event', 'platform', 'websocket-arguments'],
  argument: ['errors', 'foreign-options', 'nearest'],
  nearest: [],
  'foreign-options': ['type ssl-errors'],
  binary: ['builtin'],
  builtin: [],
  'load-failure': [],
  own: [],
};

/** Who may import what is neither in src/ nor of Node. */
const packageImports = { 'node-gyp-build': ['load-addon'] };

const maxFileLines = 500;
const maxFunctionLines = 60;

/** Comments and what stands between quotes, replaced by as many spaces and line ends. */
function blank(source) {
  const tokens =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|R"(\w*)\([\s\S]*?\)\1"|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)+'/g;
  // An apostrophe after a digit separates digits.
  const digits = source.replace(/(?<=[\da-fA-F])'(?=[\da-fA-F])/g, '0');
  return digits.replace(tokens, (token) => token.replace(/[^\n]/g, ' '));
}

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
    if (pureFolders.includes(folder) && impureHeaders.test(name)) {
      return `${folder} is pure: it may not include <${name}>`;
    }
    const rule = systemHeaders.find(({ header }) => header.test(name));
    if (rule === undefined) return `<${name}> is in nobody's list of system headers`;
    return rule.folders.includes(folder) ? undefined : `${folder} may not include <${name}>`;
  }
  const target = name.split('/')[0];
  if (!name.includes('/') || !(target in nativeArrows)) {
    return `"${name}" is not a path relative to native/`;
  }
  if (target === folder || nativeArrows[folder].includes(target)) return undefined;
  return `${folder} may not include "${name}"`;
}

function* nativeFaults(path, source) {
  const folder = path.split('/')[1];
  if (!(folder in nativeArrows)) {
    yield { line: 1, fault: `native/${folder} is not in the architecture` };
    return;
  }
  for (const include of includesOf(source)) {
    const fault = includeFault(folder, include);
    if (fault !== undefined) yield { line: include.line, fault };
  }
  if (folder === 'binding') {
    for (const match of blank(source).matchAll(/(?<![.>])\buv_\w+/g)) {
      if (bindingUvNames.includes(match[0])) continue;
      yield { line: lineOf(source, match.index), fault: `binding may not use ${match[0]}` };
    }
  }
}

/**
 * The functions of a C++ source in clang-format's style: { name, line, lines }. A brace that opens
 * directly in a namespace or class, after a parameter list, opens a function.
 */
export function functionsOf(source) {
  const text = blank(source).replace(/^[ \t]*#(?:[^\n]*\\\n)*[^\n]*/gm, (directive) =>
    directive.replace(/[^\n]/g, ' '),
  );
  const functions = [];
  const scopes = [];
  let start = 0;
  for (const { 0: mark, index } of text.matchAll(/[{};]/g)) {
    const head = text.slice(start, index).trim();
    const from = start + text.slice(start).search(/\S/);
    start = index + 1;
    if (mark === '{') {
      const outer = scopes.every((scope) => scope.kind === 'scope');
      // In `B(int x) : x_{x}, y_(y) {` the first brace belongs to an initialiser.
      const initialiser = outer && /^(,|$)/.test(head) ? functions.pop() : undefined;
      scopes.push(initialiser ?? { kind: outer ? kindOf(head) : 'block', head, from });
    } else if (mark === '}') {
      const scope = scopes.pop();
      if (scope?.kind === 'function') functions.push({ ...scope, to: index });
    }
  }
  return functions.map(({ head, from, to }) => {
    const name = /([\w:~]+|operator[^\s\w]+)\s*\(/.exec(head)?.[1] ?? 'function';
    const line = lineOf(text, from);
    return { name, line, lines: lineOf(text, to) - line + 1 };
  });
}

/** What an opening brace opens, by the text before it. */
function kindOf(head) {
  const text = head.replace(/\b(public|private|protected):/g, '').trim();
  if (
    /^(template\s*<.*>\s*)?(inline\s+)?(namespace|class|struct|union|extern)\b[^(]*$/s.test(text)
  ) {
    return 'scope';
  }
  return text.includes('(') && !/=\s*$/.test(text) ? 'function' : 'block';
}

function* functionFaults(source) {
  for (const { name, line, lines } of functionsOf(source)) {
    if (lines <= maxFunctionLines) continue;
    yield { line, fault: `${name} has ${String(lines)} lines, over ${String(maxFunctionLines)}` };
  }
}

function* importsOf(source) {
  const pattern =
    /(\b(?:im|ex)port type [^'";]*)?\b(?:from|import|require)\s*\(?\s*(['"])([^'"\n]+)\2/g;
  for (const match of source.matchAll(pattern)) {
    yield { name: match[3], type: match[1] !== undefined, line: lineOf(source, match.index) };
  }
}

/**
 * The command is a user of the package like any other: its files know index and each other, and how
 * to guess at a misspelt name.
 */
function commandFault({ name }) {
  if (/^(node:.*|\.\/[\w-]+\.js|\.\.\/(index|nearest)\.js)$/.test(name)) return undefined;
  return `src/command may not import '${name}'`;
}

/** Why the module `from` of src/ may not import this; undefined when it may. */
function importFault(from, { name, type }) {
  if (name.startsWith('node:')) return undefined;
  const fault = `${from} may not import ${type ? 'a type of ' : ''}'${name}'`;
  if (!name.startsWith('.')) return packageImports[name]?.includes(from) ? undefined : fault;
  const target = basename(name).replace(/\.[cm]?js$/, '');
  const allowed = leaves[from] ?? [...sourceArrows[from], ...Object.keys(leaves)];
  const drawn = allowed.includes(target) || (type && allowed.includes(`type ${target}`));
  return dirname(name) === '.' && (target === from || drawn) ? undefined : fault;
}

function* sourceFaults(path, source) {
  const from = basename(path).replace(/\.[cm]?ts$/, '');
  if (path.startsWith('src/command/')) {
    for (const imported of importsOf(source)) {
      const fault = commandFault(imported);
      if (fault !== undefined) yield { line: imported.line, fault };
    }
    return;
  }
  if (!(from in sourceArrows) && !(from in leaves)) {
    yield { line: 1, fault: `${from} is not in the architecture` };
    return;
  }
  for (const imported of importsOf(source)) {
    const fault = importFault(from, imported);
    if (fault !== undefined) yield { line: imported.line, fault };
  }
}

/** A script may be what installs the packages: it loads one when it needs it, with `import()`. */
function* scriptFaults(source) {
  for (const { 0: statement, 1: name, index } of source.matchAll(/^import\b[^;]*?'([^']+)';/gm)) {
    if (/^(node:|\.{1,2}\/)/.test(name)) continue;
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
  if (path.startsWith('src/')) yield* sourceFaults(path, source);
  if (path.startsWith('scripts/')) yield* scriptFaults(source);
  if (!path.startsWith('native/')) return;
  yield* nativeFaults(path, source);
  yield* functionFaults(source);
}

const checked = {
  native: /\.(cc|h|inc)$/,
  src: /(?<!\.d)\.[cm]?ts$/,
  test: /\.[cm]?[jt]s$/,
  bench: /\.[cm]?[jt]s$/,
  soak: /\.[cm]?[jt]s$/,
  examples: /\.[cm]?[jt]s$/,
  scripts: /\.[cm]?[jt]s$/,
};

/** What is wrong in the repository at `base`, as 'path:line: fault'. */
export function checkLayers(base = root) {
  return Object.entries(checked)
    .flatMap(([folder, pattern]) => listFiles(folder, (name) => pattern.test(name), base))
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

// Bundles src/ into the JavaScript of dist/: few files, since loading a file costs Node as much as
// some hundred lines. Before, tsc has checked the types and has written the declarations, and
// modules/ for the tests of a single module.
import { copyFileSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { listFiles, root } from './tools.mjs';

/**
 * The files that are loaded by name, and the source of each without `src/` and `.ts`. Code that
 * several of them share becomes a file of its own, such as core.js: its state exists once.
 */
const entries = {
  index: 'index',
  websocket: 'websocket',
  trace: 'diagnostics/trace',
  'command/main': 'command/main',
  'command/run': 'command/run',
  'command/build': 'command/build',
};

/**
 * The binding.gyp of `wsfd build`. At the root of a published package it would make npm and pnpm
 * build at each installation.
 */
const bindings = 'dist/command/binding.gyp';

const sourceOf = (name) => join(root, 'src', `${name}.ts`);

const compilerOptions = {
  target: 'ES2022',
  module: 'ESNext',
  isolatedModules: true,
  removeComments: true,
};

function transpile(ts, fileName) {
  const { options } = ts.convertCompilerOptionsFromJson(compilerOptions, root);
  const source = readFileSync(fileName, 'utf8');
  return ts.transpileModule(source, { fileName, compilerOptions: options }).outputText;
}

/** Resolves as `node16` does: './x.js' stands for './x.ts'. */
const typescript = (ts) => ({
  name: 'typescript',
  resolveId: (name, importer) =>
    name.startsWith('.') && importer !== undefined
      ? join(dirname(importer), name.replace(/js$/, 'ts'))
      : null,
  load: (name) => transpile(ts, name),
});

/** The files of dist/ that bundle() writes, and source maps. */
const bundled = () => listFiles('dist', (name) => /\.m?js(\.map)?$|\.gyp$/.test(name));

function upToDate() {
  const inputs = [
    'package.json',
    'binding.gyp',
    'scripts/bundle.mjs',
    ...listFiles('src', () => true),
  ];
  const times = (names) => names.map((name) => statSync(join(root, name)).mtimeMs);
  const outputs = bundled();
  // An interrupted scripts/coverage.mjs leaves maps.
  const expected =
    outputs.includes(bindings) &&
    Object.keys(entries).every((name) => outputs.includes(`dist/${name}.js`)) &&
    !outputs.some((name) => name.endsWith('.map'));
  return expected && Math.min(...times(outputs)) > Math.max(...times(inputs));
}

/** Writes the JavaScript of dist/, unless it is newer than its sources. */
export async function bundle() {
  if (upToDate()) return;
  // In a fresh clone these are not installed when this file loads.
  const [{ rollup }, { default: ts }] = await Promise.all([import('rollup'), import('typescript')]);
  for (const name of bundled()) rmSync(join(root, name));
  const build = await rollup({
    input: Object.fromEntries(
      Object.entries(entries).map(([name, source]) => [name, sourceOf(source)]),
    ),
    external: (name) => !name.startsWith('.') && !isAbsolute(name),
    plugins: [typescript(ts)],
    onwarn: ({ message }) => {
      throw new Error(message);
    },
  });
  await build.write({
    dir: join(root, 'dist'),
    format: 'cjs',
    manualChunks: {
      // With all that they import.
      core: listFiles('src/api', () => true).map((name) => join(root, name)),
      // Shared by both: the command must not load the addon, nor a program the command.
      nearest: [sourceOf('base/nearest')],
      'command/common': ['exit-codes', 'flags', 'output', 'usage-error'].map((name) =>
        sourceOf(`command/${name}`),
      ),
    },
    chunkFileNames: '[name].js',
    generatedCode: { preset: 'es2015', symbols: false },
    esModule: true,
    hoistTransitiveImports: false,
    exports: 'named',
    interop: 'auto',
  });
  await build.close();
  for (const name of listFiles('modules', (path) => path.endsWith('.mjs'))) {
    copyFileSync(join(root, name), join(root, 'dist', basename(name)));
  }
  copyFileSync(join(root, 'binding.gyp'), join(root, bindings));
}

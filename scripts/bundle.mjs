// Makes dist/'s JavaScript of src/: few files, since each file that Node loads costs it as much as
// some hundred lines. tsc has checked the types before, and has written the declarations, and modules/
// for the tests of a single module.
import { copyFileSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { listFiles, root } from './tools.mjs';

/**
 * What is loaded by name, and its source without `src/` and `.ts`. What several of them share
 * becomes a file of its own, core.js, so there is one copy of its state.
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
 * What `wsfd build` builds by. At the root of a published package npm and pnpm would take a
 * binding.gyp as a request to build at each installation.
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

/** As `node16` resolves: './x.js' is what './x.ts' becomes. */
const typescript = (ts) => ({
  name: 'typescript',
  resolveId: (name, importer) =>
    name.startsWith('.') && importer !== undefined
      ? join(dirname(importer), name.replace(/js$/, 'ts'))
      : null,
  load: (name) => transpile(ts, name),
});

/** JavaScript of dist/ that is there, without what tsc wrote. */
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
  // Maps are those of a count of lines (scripts/coverage.mjs) that was cut off.
  const expected =
    outputs.includes(bindings) &&
    Object.keys(entries).every((name) => outputs.includes(`dist/${name}.js`)) &&
    !outputs.some((name) => name.endsWith('.map'));
  return expected && Math.min(...times(outputs)) > Math.max(...times(inputs));
}

/** Writes dist/'s JavaScript, unless it is newer than all that it is made of. */
export async function bundle() {
  if (upToDate()) return;
  // In a fresh clone they are not there when this file is loaded.
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
      // Of both, so neither's: the command must not load the addon, nor a program the command.
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

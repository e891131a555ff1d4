// Packs the package and checks the tarball as a new user meets it: publint, attw (are the types
// wrong?), and the tests of test/package. Usage: npm run check:package [-- options] [name ...]
//
// --builds  `wsfd build` in full under every package manager, and not under npm alone
// name      only the tests of test/package whose path contains one of these
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { npm, setup } from './setup.mjs';
import { fail, listFiles, root, run, runModule, say } from './tools.mjs';

const folder = join(root, '.cache', 'package');
/** Other tools of users, which npm fetches. */
const toolsFolder = join(root, '.cache', 'package-tools');
const tools = {
  pnpm: '12.21.0',
  '@yarnpkg/cli-dist': '4.18.1',
  esbuild: '0.28.2',
  webpack: '5.113.0',
  jest: '30.5.2',
  vitest: '4.1.12',
  sinon: '22.1.0',
};

async function pack() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { code, output } = await npm(['pack', '--pack-destination', folder], { capture: true });
  const [name] = readdirSync(folder);
  if (code !== 0 || name === undefined) fail(`npm pack failed:\n${output}`);
  say(/package size: .*|unpacked size: .*/g.exec(output)?.[0] ?? name);
  return join(folder, name);
}

function versionOf(name) {
  try {
    return JSON.parse(readFileSync(join(toolsFolder, 'node_modules', name, 'package.json')))
      .version;
  } catch {
    return undefined;
  }
}

async function fetchTools() {
  if (Object.entries(tools).every(([name, version]) => versionOf(name) === version)) return;
  say(`fetching ${Object.keys(tools).join(', ')}`);
  mkdirSync(toolsFolder, { recursive: true });
  const args = ['install', '--prefix', toolsFolder, '--no-save', '--no-audit', '--no-fund'];
  const packages = Object.entries(tools).map(([name, version]) => `${name}@${version}`);
  const { code } = await npm([...args, '--ignore-scripts', ...packages]);
  if (code !== 0) fail('they could not be fetched; the message of npm stands above');
}

async function check(name, module, args) {
  const { code, output } = await runModule(module, args, { capture: true });
  if (code !== 0) console.error(output);
  say(`package: ${name} ${code === 0 ? 'ok' : 'FAILED'}`);
  return code === 0;
}

const names = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
await setup({ testing: true, tools: true });
const tarball = await pack();
await fetchTools();
const registry = await npm(['config', 'get', 'registry', '--loglevel=silent'], { capture: true });
const files = listFiles(
  'test/package',
  (name) =>
    name.endsWith('.test.ts') &&
    (names.length === 0 || names.some((part) => name.slice('test/package'.length).includes(part))),
);
const tests = files.map((name) => `out/${name.replace(/ts$/, 'js')}`);
const env = {
  WSFD_TARBALL: tarball,
  WSFD_PACKAGE_TOOLS: toolsFolder,
  WSFD_BUILDS: process.argv.includes('--builds') ? '1' : '',
  // Yarn alone does not read npm's settings.
  YARN_NPM_REGISTRY_SERVER: registry.output.trim(),
};
const good = [
  await check('publint', 'publint/src/cli.js', ['--strict', tarball]),
  await check('attw', '@arethetypeswrong/cli/dist/index.js', [tarball]),
  (await run(process.execPath, ['--test', '--test-reporter=spec', ...tests], { env })).code === 0,
];
if (!good.every(Boolean)) process.exitCode = 1;

// Packs the package and checks the tarball as a new user meets it: publint, attw (are the types
// wrong?), and the tests of test/package. Usage: npm run check:package
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { npm, setup } from './setup.mjs';
import { fail, listFiles, root, run, runModule, say } from './tools.mjs';

const folder = join(root, '.cache', 'package');

async function pack() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { code, output } = await npm(['pack', '--pack-destination', folder], { capture: true });
  const [name] = readdirSync(folder);
  if (code !== 0 || name === undefined) fail(`npm pack failed:\n${output}`);
  say(/package size: .*|unpacked size: .*/g.exec(output)?.[0] ?? name);
  return join(folder, name);
}

async function check(name, module, args) {
  const { code, output } = await runModule(module, args, { capture: true });
  if (code !== 0) console.error(output);
  say(`package: ${name} ${code === 0 ? 'ok' : 'FAILED'}`);
  return code === 0;
}

await setup({ testing: true, tools: true });
const tarball = await pack();
const files = listFiles('test/package', (name) => name.endsWith('.test.ts'));
const tests = files.map((name) => `out/${name.replace(/ts$/, 'js')}`);
const env = { WSFD_TARBALL: tarball };
const good = [
  await check('publint', 'publint/src/cli.js', ['--strict', tarball]),
  await check('attw', '@arethetypeswrong/cli/dist/index.js', [tarball]),
  (await run(process.execPath, ['--test', '--test-reporter=spec', ...tests], { env })).code === 0,
];
if (!good.every(Boolean)) process.exitCode = 1;

// Runs before `npm pack` and `npm publish`: brings dist/ and the prebuilt binaries up to date.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { binaryOf, prebuild } from './prebuild.mjs';
import { compile, installDependencies } from './setup.mjs';
import { targets } from './targets/table.mjs';
import { fail, listFiles, root, say } from './tools.mjs';

/** tsc leaves a declaration whose source is gone; it must not be packed. */
function dropStale() {
  const sources = new Set(
    listFiles('src', () => true).map((name) => name.replace(/^src\/(.*)\.([cm]?)ts$/, '$1.$2')),
  );
  const sourceOf = (name) => name.replace(/^dist\/(.*)\.d\.([cm]?)ts$/, '$1.$2');
  const stale = listFiles('dist', (name) => /\.d\.[cm]?ts$/.test(name)).filter(
    (name) => !sources.has(sourceOf(name)),
  );
  for (const name of stale) rmSync(join(root, name));
}

await installDependencies();
await compile();
dropStale();
await prebuild();
const missing = Object.keys(targets).filter((target) => !existsSync(binaryOf(target)));
if (missing.length > 0) {
  const text = `the package lacks binaries for ${missing.join(', ')}: npm run prebuildify -- --target all`;
  if (process.env.npm_command === 'publish') fail(text);
  say(text);
}

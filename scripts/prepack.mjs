// What `npm pack` and `npm publish` do first: dist/ and this platform's prebuilt binary, up to date.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { prebuild } from './prebuild.mjs';
import { compile, installDependencies } from './setup.mjs';
import { listFiles, root } from './tools.mjs';

/** A file of dist/ whose source is gone stays there, and must not be packed. */
function dropStale() {
  const sources = new Set(
    listFiles('src', () => true).map((name) => name.replace(/^src\/(.*)\.([cm]?)ts$/, '$1.$2')),
  );
  const sourceOf = (name) => name.replace(/^dist\/(.*?)(\.d)?\.([cm]?)[jt]s$/, '$1.$3');
  const stale = listFiles('dist', (name) => /\.[cm]?[jt]s$/.test(name)).filter(
    (name) => !sources.has(sourceOf(name)),
  );
  for (const name of stale) rmSync(join(root, name));
}

await installDependencies();
await compile('tsconfig.json');
dropStale();
await prebuild();

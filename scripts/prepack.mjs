// Runs before `npm pack` and `npm publish`: brings dist/ and the prebuilt binaries up to date.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { binaryOf, prebuild } from './prebuild.mjs';
import { compile, installDependencies } from './setup.mjs';
import { targets } from './targets/table.mjs';
import { fail, listFiles, root, say } from './tools.mjs';

/** The declarations that those of the package's entry points import, with these. */
function publicDeclarations() {
  const found = new Set();
  const left = ['index', 'websocket'].flatMap((name) => [`${name}.d.ts`, `${name}.d.mts`]);
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    const text = readFileSync(join(root, 'dist', name), 'utf8');
    const imports = text.matchAll(/['"](\.{1,2}\/[^'"]+)\.([cm]?)js['"]/g);
    for (const [, path, kind] of imports) left.push(`${join(dirname(name), path)}.d.${kind}ts`);
  }
  return found;
}

/**
 * Drops the declarations that no user's compiler reads: those of inner modules, and what tsc left of
 * sources that are gone. The next build makes those of inner modules again.
 */
function dropInnerDeclarations() {
  const kept = publicDeclarations();
  const inner = listFiles('dist', (name) => /\.d\.[cm]?ts$/.test(name)).filter(
    (name) => !kept.has(name.slice('dist/'.length)),
  );
  for (const name of inner) rmSync(join(root, name));
  rmSync(join(root, 'dist', '.tsbuildinfo'), { force: true });
}

await installDependencies();
await compile();
dropInnerDeclarations();
await prebuild();
const missing = Object.keys(targets).filter((target) => !existsSync(binaryOf(target)));
if (missing.length > 0) {
  const text = `the package lacks binaries for ${missing.join(', ')}: npm run prebuildify -- --target all`;
  if (process.env.npm_command === 'publish') fail(text);
  say(text);
}

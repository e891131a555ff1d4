// What `npm pack` would put into the package. (test/package tries the tarball itself:
// `npm run check:package`.)
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { linksOf } from './support/links';

// This file runs as out/test/package-files.test.js.
const root = join(__dirname, '..', '..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');

describe('the package', () => {
  let files: string[] = [];

  before(async () => {
    // (npm.cmd is a batch file, which only a shell can start)
    const { stdout } = await promisify(execFile)(
      'npm',
      ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=silent'],
      { cwd: root, shell: process.platform === 'win32' },
    );
    const [packed] = JSON.parse(stdout) as { files: { path: string }[] }[];
    files = packed?.files.map(({ path }) => path) ?? [];
  });

  test('has every file that its pages link to', () => {
    const pages = files.filter((name) => name.endsWith('.md'));
    assert.ok(pages.includes('README.md') && pages.includes('docs/TLS.md'));
    const missing = pages.flatMap((page) =>
      linksOf(page, read(page))
        .filter(({ target }) => !files.includes(target))
        .map(({ target }) => `${page}: ${target} is not in the package`),
    );
    assert.deepEqual(missing, []);
  });

  test('asks no package manager to build it', () => {
    const manifest = JSON.parse(read('package.json')) as {
      gypfile?: boolean;
      scripts: Record<string, string>;
    };
    const scripts = ['preinstall', 'install', 'postinstall', 'prepare'];
    assert.deepEqual(
      scripts.filter((name) => name in manifest.scripts),
      [],
    );
    // npm and pnpm build where there is a .gyp file at the root: npm would also write an install
    // script into what it publishes, unless it is told not to.
    assert.deepEqual(
      files.filter((name) => /^[^/]*\.gyp$/.test(name)),
      [],
    );
    assert.equal(manifest.gypfile, false);
  });

  test('has what wsfd build takes', () => {
    for (const name of ['dist/command/binding.gyp', 'native/binding/addon.cc']) {
      assert.ok(files.includes(name), name);
    }
    // What binding.gyp runs and reads.
    const used = read('binding.gyp').matchAll(/\b(scripts\/[\w-]+\.mjs) (?!wraps|objects)/g);
    const scripts = new Set(Array.from(used, ([, name = '']) => name));
    assert.ok(scripts.size > 0);
    assert.deepEqual(
      Array.from(scripts).filter((name) => !files.includes(name)),
      [],
    );
  });
});

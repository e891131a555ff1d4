// Loading the package where its native part cannot run.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';

/** Loads the package in a process that takes itself for another runtime; what it says on stderr. */
function loadWith(
  versions: Record<string, string | null>,
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: unknown; stderr: string }> {
  const code = `
    const value = { ...process.versions, ...JSON.parse(${JSON.stringify(JSON.stringify(versions))}) };
    for (const name in value) if (value[name] === null) delete value[name];
    Object.defineProperty(process, 'versions', { value });
    require(${JSON.stringify(require.resolve('wsfd'))});`;
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env } };
    execFile(process.execPath, ['-e', code], options, (error, _, stderr) => {
      resolve({ code: error?.code ?? 0, stderr });
    });
  });
}

const unfit: [name: string, versions: Record<string, string | null>, message: RegExp][] = [
  ['Electron', { electron: '38.1.0' }, /cannot run here: this is Electron 38\.1\.0/],
  ['Bun', { bun: '1.3.0' }, /cannot run here: this is Bun 1\.3\.0/],
  ['Deno', { deno: '2.5.0' }, /cannot run here: this is Deno 2\.5\.0/],
  ['a Node with another OpenSSL', { openssl: '1.1.1w' }, /with OpenSSL 1\.1\.1w\. It uses/],
  ['a Node without one', { openssl: null }, /with no OpenSSL\. It uses/],
];

describe('loading', () => {
  test('works here', async () => {
    assert.deepEqual(await loadWith({}), { code: 0, stderr: '' });
  });

  for (const [name, versions, message] of unfit) {
    test(`${name} is told what is wrong`, async () => {
      const { code, stderr } = await loadWith(versions);
      assert.equal(code, 1);
      assert.match(stderr, message);
    });
  }

  test('a binary that is none says so, and what to do', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'wsfd-loading-'));
    t.after(() => {
      rmSync(folder, { recursive: true });
    });
    const prebuilds = join(folder, 'prebuilds', `${process.platform}-${process.arch}`);
    mkdirSync(prebuilds, { recursive: true });
    const binary = join(prebuilds, 'wsfd.node');
    writeFileSync(binary, 'no program');
    const { code, stderr } = await loadWith({}, { WSFD_PREBUILD: folder });
    assert.equal(code, 1);
    assert.match(stderr, /wsfd could not load its native part on \w+-\w+ with Node\.js v\d/);
    assert.ok(stderr.includes(binary), stderr);
    assert.match(stderr, /"npm rebuild wsfd" builds it from source/);
  });
});

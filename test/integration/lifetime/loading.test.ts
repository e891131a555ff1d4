// Loading the package where its native part cannot run.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { addonFolder } from '../../support/addon';

function temporary(t: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'wsfd-loading-')));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

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

/** A folder for WSFD_PREBUILD with a binary of these bytes; the binary's path. */
function withBinary(t: TestContext, bytes: string | Uint8Array): { folder: string; file: string } {
  const folder = temporary(t);
  const prebuilds = join(folder, 'prebuilds', `${process.platform}-${process.arch}`);
  mkdirSync(prebuilds, { recursive: true });
  const file = join(prebuilds, 'wsfd.node');
  writeFileSync(file, bytes);
  return { folder, file };
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
    const { folder, file } = withBinary(t, 'no program');
    const { code, stderr } = await loadWith({}, { WSFD_PREBUILD: folder });
    assert.equal(code, 1);
    assert.match(stderr, /wsfd could not load its native part on \w+-\w+ with Node\.js v\d/);
    assert.ok(stderr.includes(file), stderr);
    assert.match(stderr, /"npx wsfd build" builds it from source/);
  });

  test('no binary for this processor says for which there is one', async (t) => {
    const folder = temporary(t);
    mkdirSync(join(folder, 'prebuilds', 'vax-pdp11'), { recursive: true });
    writeFileSync(join(folder, 'prebuilds', 'vax-pdp11', 'wsfd.node'), '');
    const env = { WSFD_PREBUILD: folder, npm_config_arch: 'riscv64' };
    const { code, stderr } = await loadWith({}, env);
    assert.equal(code, 1);
    assert.match(stderr, /no prebuilt binary for \w+-riscv64.*; it has vax-pdp11\./);
    assert.match(stderr, /"npx wsfd build" builds it from source/);
  });
});

/** The addon as it is, but for one name in it. */
function renamed(name: RegExp, instead: string): Buffer {
  const addon = readFileSync(join(addonFolder, 'wsfd.node'), 'latin1');
  assert.match(addon, name);
  return Buffer.from(addon.replaceAll(name, instead), 'latin1');
}

const report = process.report.getReport() as unknown as {
  header: { glibcVersionRuntime?: string };
};
const glibc = report.header.glibcVersionRuntime;

describe('the dynamic linker', { skip: glibc === undefined && 'it is not that of glibc' }, () => {
  // Node.js for glibc, as it runs on musl with a shim, has a version that is no number.
  const skip = !/^\d/.test(glibc ?? '') && 'the C library is not glibc';
  test('of a glibc that is too old is understood', { skip }, async (t) => {
    const { folder } = withBinary(t, renamed(/\bGLIBC_2\./g, 'GLIBC_9.'));
    const { code, stderr } = await loadWith({}, { WSFD_PREBUILD: folder });
    assert.equal(code, 1);
    const { version = '' } =
      /needs glibc (?<version>9(?:\.\d+)+) or newer/.exec(stderr)?.groups ?? {};
    assert.notEqual(version, '', stderr);
    assert.ok(stderr.includes(`, and this system has ${glibc ?? ''}.\n"npx wsfd build"`), stderr);
  });

  test('that misses a function in Node is understood', async (t) => {
    const { folder } = withBinary(t, renamed(/\bSSL_new\b/g, 'SSL_neu'));
    const { code, stderr } = await loadWith({}, { WSFD_PREBUILD: folder });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /this Node\.js does not have the function SSL_neu\.\nBuilding from source/,
    );
  });
});

describe('a bundle', () => {
  /** The package's files in another folder, as a bundler leaves them; what loading them says. */
  function load(folder: string): Promise<{ code: unknown; stderr: string }> {
    const file = join(folder, 'core.js');
    return new Promise((resolve) => {
      execFile(process.execPath, [file], (error, _, stderr) => {
        resolve({ code: error?.code ?? 0, stderr });
      });
    });
  }

  function bundleIn(t: TestContext, folder = temporary(t)): string {
    mkdirSync(folder, { recursive: true });
    const dist = dirname(require.resolve('wsfd'));
    // Not the command's, which a program does not load.
    for (const name of readdirSync(dist).filter((file) => file.endsWith('.js'))) {
      copyFileSync(join(dist, name), join(folder, name));
    }
    mkdirSync(join(folder, 'node_modules'));
    const loader = dirname(require.resolve('node-gyp-build'));
    cpSync(loader, join(folder, 'node_modules', 'node-gyp-build'), { recursive: true });
    return folder;
  }

  const place = join('prebuilds', `${process.platform}-${process.arch}`);

  test('without a binary beside it is told both ways', async (t) => {
    const folder = bundleIn(t);
    const { code, stderr } = await load(folder);
    assert.equal(code, 1);
    assert.ok(stderr.includes(`It was put into a bundle in ${folder}`), stderr);
    assert.match(stderr, /external: \['wsfd'\].*or copy node_modules\/wsfd\/prebuilds/);
    assert.doesNotMatch(stderr, /wsfd build/);
  });

  test('loads the binary beside it', async (t) => {
    const folder = bundleIn(t);
    mkdirSync(join(folder, place), { recursive: true });
    copyFileSync(join(addonFolder, 'wsfd.node'), join(folder, place, 'wsfd.node'));
    assert.deepEqual(await load(folder), { code: 0, stderr: '' });
  });

  test('does not load what is above its folder', async (t) => {
    const folder = temporary(t);
    const release = join(folder, 'build', 'Release');
    mkdirSync(release, { recursive: true });
    writeFileSync(join(release, 'another.node'), 'no program');
    const { code, stderr } = await load(bundleIn(t, join(folder, 'dist')));
    assert.equal(code, 1);
    assert.match(stderr, /there is none beside the bundle/);
  });

  test('does not load the binary of another package', async (t) => {
    const folder = bundleIn(t);
    mkdirSync(join(folder, place), { recursive: true });
    writeFileSync(join(folder, place, 'another.node'), 'no program');
    const { code, stderr } = await load(folder);
    assert.equal(code, 1);
    assert.match(stderr, /another\.node is another package's/);
    assert.match(stderr, /It was put into a bundle in/);
  });
});

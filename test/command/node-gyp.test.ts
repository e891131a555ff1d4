// src/command/node-gyp.ts: where node-gyp is found.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';

// This file runs as out/test/command/node-gyp.test.js.
const root = join(__dirname, '..', '..', '..');
const { findNodeGyp } = createRequire(__filename)(
  join(root, 'modules', 'command', 'node-gyp.js'),
) as {
  findNodeGyp(env: NodeJS.ProcessEnv, project: string, node: string): string | undefined;
};

const inNpm = join('npm', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');

describe('node-gyp', () => {
  let folder = '';

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'wsfd-node-gyp-')));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** Makes this file in the folder. */
  function make(...names: string[]): string {
    const file = join(folder, ...names);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
    return file;
  }

  const find = (env: NodeJS.ProcessEnv): string | undefined =>
    findNodeGyp(env, join(folder, 'project'), join(folder, 'bin', 'node'));

  test('is nowhere', () => {
    assert.equal(find({}), undefined);
    assert.equal(find({ PATH: ['', folder].join(delimiter) }), undefined);
    assert.equal(find({ npm_config_node_gyp: join(folder, 'gone.js') }), undefined);
  });

  test('is the one that npm names, before all others', () => {
    make('lib', 'node_modules', inNpm);
    make('project', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
    const named = make('named.js');
    assert.equal(find({ npm_config_node_gyp: named }), named);
  });

  test('is that of the project', () => {
    make('lib', 'node_modules', inNpm);
    const own = make('project', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
    assert.equal(find({}), own);
  });

  test('is that of the npm that came with Node', () => {
    const file = make('lib', 'node_modules', inNpm);
    assert.equal(find({}), file);
  });

  test('is that of the npm beside node.exe', () => {
    const file = make('bin', 'node_modules', inNpm);
    assert.equal(find({}), file);
  });

  test('is that of the npm beside whose npm.cmd it is, in PATH', () => {
    const file = make('elsewhere', 'node_modules', inNpm);
    assert.equal(find({ PATH: [folder, join(folder, 'elsewhere')].join(delimiter) }), file);
  });

  const skip = process.platform === 'win32' && 'npm is no link on Windows';
  test('is that of the npm to which a link in PATH leads', { skip }, () => {
    const file = make('elsewhere', inNpm);
    const program = make('elsewhere', 'npm', 'bin', 'npm-cli.js');
    mkdirSync(join(folder, 'links'));
    symlinkSync(program, join(folder, 'links', 'npm'));
    assert.equal(find({ PATH: [folder, join(folder, 'links')].join(delimiter) }), file);
  });
});

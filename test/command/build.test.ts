// The command where the addon cannot be loaded, and wsfd build. (test/package builds with it.)
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runCommand } from '../support/command';

describe('without an addon', () => {
  let env: NodeJS.ProcessEnv = {};
  let folder = '';

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'wsfd-build-'));
    env = { WSFD_PREBUILD: folder };
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  for (const args of [[], ['inspect'], ['bench']]) {
    test(`wsfd ${[...args, 'URL'].join(' ')} says what to do, without a stack trace`, async () => {
      const { code, stdout, stderr } = await runCommand([...args, 'ws://127.0.0.1:1/'], '', env);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, /^wsfd could not load its native part on /);
      assert.match(stderr, /\n"npx wsfd build" builds it from source/);
      assert.doesNotMatch(stderr, /^ +at /m);
    });
  }

  for (const args of [['--help'], ['inspect', '--help'], ['build', '--help'], ['--version']]) {
    test(`wsfd ${args.join(' ')} prints it`, async () => {
      const { code, stdout, stderr } = await runCommand(args, '', env);
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, /wsfd/);
    });
  }
});

describe('wsfd build', () => {
  test('--help fits a screen', async () => {
    const { stdout } = await runCommand(['build', '--help']);
    const lines = stdout.trimEnd().split('\n');
    assert.ok(lines.length <= 24, `${lines.length} lines`);
    for (const line of lines) assert.ok(line.length <= 80, line);
  });

  test('takes no arguments', async () => {
    const { code, stderr } = await runCommand(['build', 'ws://127.0.0.1/']);
    assert.equal(code, 2);
    assert.match(stderr, /^wsfd: wsfd build takes no arguments, got "ws:\/\/127\.0\.0\.1\/"\n/);
  });
});

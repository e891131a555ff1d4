// The tarball without its prebuilt binary: what is said, and that it builds from source.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeSelfSigned } from '../support/certificates';
import { importScript } from '../support/scripts';
import { startWsServer } from '../support/servers';
import { Consumer, programs, smokeOutput } from './consumer';

interface Setup {
  findNodedir(): Promise<string | undefined>;
}

describe('a package without a prebuilt binary', () => {
  let consumer: Consumer;

  before(async () => {
    consumer = new Consumer();
    await consumer.install();
    rmSync(join(consumer.package, 'prebuilds'), { recursive: true });
  });

  after(() => {
    consumer.remove();
  });

  const build = (env: NodeJS.ProcessEnv) =>
    consumer.run('npm', ['exec', '--', 'wsfd', 'build'], env);

  test('says at load what to do', async () => {
    const { code, output } = await consumer.run('node', ['-e', 'require("wsfd")']);
    assert.notEqual(code, 0);
    assert.match(output, /the package has no prebuilt binary for .*; it has none at all\./);
    assert.match(output, /"npx wsfd build" builds it from source/);
  });

  test('has a command that says the same, without a stack trace', async () => {
    const { code, output } = await consumer.run('npm', ['exec', '--', 'wsfd', 'ws://127.0.0.1/']);
    assert.equal(code, 1);
    assert.match(output, /^wsfd could not load its native part/);
    assert.doesNotMatch(output, /^ +at /m);
  });

  test('has a command whose help needs no native part', async () => {
    const { code, output } = await consumer.run('npm', ['exec', '--', 'wsfd', '--help']);
    assert.equal(code, 0, output);
    assert.match(output, /wsfd build/);
  });

  test('names what is missing where it cannot be built, and leaves nothing behind', async () => {
    const { code, output } = await build({ CC: '', CXX: '', PYTHON: '' });
    assert.equal(code, 1);
    assert.match(output, /Missing: Python 3\.8 or newer; make; a C\+\+17 compiler/);
    assert.match(output, /Debian, Ubuntu: sudo apt-get install -y python3 make g\+\+/);
    assert.equal(existsSync(join(consumer.package, 'build', 'source')), false);
  });

  test('builds, and runs then', async (t) => {
    const { findNodedir } = await importScript<Setup>('setup.mjs');
    const nodedir = await findNodedir();
    const { code, output } = await build({
      PATH: process.env['PATH'],
      ...(nodedir === undefined ? {} : { npm_config_nodedir: nodedir }),
    });
    assert.equal(code, 0, output);
    assert.match(output, /wsfd: it was built, and loads\n$/);
    const { cert, key } = makeSelfSigned();
    const server = await startWsServer({ tls: { cert, key } });
    t.after(() => server.close());
    consumer.write('smoke.cjs', programs['smoke.cjs']);
    const ran = await consumer.run('node', ['smoke.cjs', server.url, cert]);
    assert.deepEqual(ran, { code: 0, output: smokeOutput });
    assert.deepEqual(readdirSync(join(consumer.package, 'build')), ['Release']);
    assert.deepEqual(readdirSync(join(consumer.package, 'build', 'Release')), ['wsfd.node']);
  });
});

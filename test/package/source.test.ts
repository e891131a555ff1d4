// The tarball without its prebuilt binary: what is said, and that it builds from source.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeSelfSigned } from '../support/certificates';
import { importScript } from '../support/scripts';
import { startWsServer } from '../support/servers';
import { Consumer, programs, smokeOutput } from './consumer';

interface Setup {
  findNodedir(): Promise<string | undefined>;
}

/** Runs the install script again, as npm runs it. */
const rebuild = ['rebuild', 'wsfd', '--foreground-scripts'];

describe('a package without a prebuilt binary', () => {
  let consumer: Consumer;

  before(async () => {
    consumer = new Consumer();
    await consumer.install('--ignore-scripts');
    rmSync(join(consumer.package, 'prebuilds'), { recursive: true });
  });

  after(() => {
    consumer.remove();
  });

  test('says at load what to do', async () => {
    const { code, output } = await consumer.run('node', ['-e', 'require("wsfd")']);
    assert.notEqual(code, 0);
    assert.match(output, /wsfd could not load its native part on .*No native build was found/);
    assert.match(output, /"npm rebuild wsfd" builds it from source/);
  });

  test('names what is missing where it cannot be built', async () => {
    const { code, output } = await consumer.run('npm', rebuild, { CC: '', CXX: '', PYTHON: '' });
    assert.notEqual(code, 0);
    assert.match(output, /missing: Python 3\.8 or newer; make; a C\+\+17 compiler/);
    assert.match(output, /Debian, Ubuntu: sudo apt-get install -y python3 make g\+\+/);
  });

  test('builds, and runs then', async (t) => {
    const { findNodedir } = await importScript<Setup>('setup.mjs');
    const nodedir = await findNodedir();
    const built = await consumer.run('npm', rebuild, {
      PATH: process.env['PATH'],
      ...(nodedir === undefined ? {} : { npm_config_nodedir: nodedir }),
    });
    assert.equal(built.code, 0, built.output);
    const { cert, key } = makeSelfSigned();
    const server = await startWsServer({ tls: { cert, key } });
    t.after(() => server.close());
    consumer.write('smoke.cjs', programs['smoke.cjs']);
    const ran = await consumer.run('node', ['smoke.cjs', server.url, cert]);
    assert.deepEqual(ran, { code: 0, output: smokeOutput });
  });
});

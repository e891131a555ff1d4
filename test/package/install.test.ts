// The tarball, installed where there is neither compiler nor Python, on every Node.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeSelfSigned } from '../support/certificates';
import { linksOf } from '../support/links';
import { importScript } from '../support/scripts';
import { startWsServer } from '../support/servers';
import { Consumer, programs, setting, smokeOutput } from './consumer';

interface NodeVersions {
  nodeOf(major: string): Promise<string>;
}
interface Targets {
  supportedMajors: string[];
}

const { cert, key } = makeSelfSigned();

describe('an installed package', () => {
  let consumer: Consumer;
  let server: Awaited<ReturnType<typeof startWsServer>>;

  before(async () => {
    consumer = new Consumer();
    server = await startWsServer({ tls: { cert, key } });
    await consumer.install();
    for (const [name, text] of Object.entries(programs)) consumer.write(name, text);
  });

  after(async () => {
    await server.close();
    consumer.remove();
  });

  test('is small', () => {
    const prebuilds = join(consumer.package, 'prebuilds');
    const binaries = readdirSync(prebuilds).flatMap((name) => readdirSync(join(prebuilds, name)));
    // (one binary, unless those of all targets were brought together)
    const eachBinary = 280_000;
    // dist/, the documents, the examples, and the sources that `npx wsfd build` compiles.
    const theRest = 450_000;
    const most = eachBinary * binaries.length + theRest;
    const { size } = statSync(setting('WSFD_TARBALL'));
    assert.ok(size < most, `${size} bytes, of ${most}`);
  });

  test('brings two packages along, and was not built', () => {
    const packages = readdirSync(join(consumer.folder, 'node_modules'));
    assert.deepEqual(
      packages.filter((name) => !name.startsWith('.')),
      ['node-addon-api', 'node-gyp-build', 'wsfd'],
    );
    assert.equal(existsSync(join(consumer.package, 'build')), false);
  });

  test('has what a user needs, and nothing of the tests', () => {
    for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md', 'docs/TLS.md']) {
      assert.ok(existsSync(join(consumer.package, name)), name);
    }
    const folders = readdirSync(join(consumer.package, 'native'));
    assert.deepEqual(
      folders.filter((name) => /testing|bench|fault|fuzz/.test(name)),
      [],
    );
    assert.deepEqual(readdirSync(join(consumer.package, 'scripts')), ['list-sources.mjs']);
  });

  test('has every file that its pages link to', () => {
    const names = readdirSync(consumer.package, { recursive: true, encoding: 'utf8' });
    const pages = names.filter((name) => name.endsWith('.md'));
    assert.ok(pages.includes('README.md') && pages.length > 10);
    const missing = pages.flatMap((page) =>
      linksOf(page, readFileSync(join(consumer.package, page), 'utf8'))
        .filter(({ target }) => !existsSync(join(consumer.package, target)))
        .map(({ target }) => `${page}: there is no ${target}`),
    );
    assert.deepEqual(missing, []);
  });

  test('asks no package manager to build it', () => {
    const text = readFileSync(join(consumer.package, 'package.json'), 'utf8');
    const { scripts } = JSON.parse(text) as { scripts: Record<string, string> };
    const run = ['preinstall', 'install', 'postinstall', 'prepare'];
    assert.deepEqual(
      run.filter((name) => name in scripts),
      [],
    );
    // npm and pnpm build where they see one.
    const files = readdirSync(consumer.package);
    assert.deepEqual(
      files.filter((name) => name.endsWith('.gyp')),
      [],
    );
  });

  test('both scripts run on every supported Node', async (t) => {
    const { nodeOf } = await importScript<NodeVersions>('node-versions.mjs');
    const { supportedMajors } = await importScript<Targets>('targets/table.mjs');
    for (const major of supportedMajors) {
      await t.test(`Node ${major}`, async () => {
        const node = await nodeOf(major);
        for (const name of Object.keys(programs)) {
          const ran = await consumer.run(node, [name, server.url, cert]);
          assert.deepEqual(ran, { code: 0, output: smokeOutput }, name);
        }
      });
    }
  });

  test('both kinds of module have the class WebSocket', async () => {
    const imported = `import { WebSocket } from 'wsfd/websocket'; console.log(WebSocket.name);`;
    const required = `console.log(require('wsfd/websocket').WebSocket.name);`;
    for (const args of [
      ['--input-type=module', '-e', imported],
      ['-e', required],
    ]) {
      assert.deepEqual(await consumer.run('node', args), { code: 0, output: 'WebSocket\n' });
    }
  });

  test('npx runs the command', async () => {
    const { code, output } = await consumer.run('npm', ['exec', '--', 'wsfd', '--help']);
    assert.equal(code, 0, output);
    assert.match(output, /wsfd inspect/);
  });

  test('the prebuilt binary is taken for musl too', async () => {
    const args = ['-e', 'console.log(typeof require("wsfd").webSocketOpen)'];
    const outcome = await consumer.run('node', args, { LIBC: 'musl' });
    assert.deepEqual(outcome, { code: 0, output: 'function\n' });
  });
});

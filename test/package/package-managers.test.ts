// The tarball, installed by each package manager: nothing is asked of whoever installs it, and the
// command that builds from source finds what it needs.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeSelfSigned } from '../support/certificates';
import { importScript } from '../support/scripts';
import { startWsServer } from '../support/servers';
import { Consumer, programs, setting, smokeOutput, toolFile } from './consumer';
import type { Outcome } from './consumer';

interface Manager {
  /** Its program and first arguments. */
  start: readonly string[];
  /** What it takes to install a tarball. */
  add: readonly string[];
  /** What runs a program with the packages that are installed, or a command of one. */
  node: readonly string[];
  command: readonly string[];
  /** Its settings, for Yarn. */
  settings?: string;
}

const yarn = {
  start: ['node', toolFile('@yarnpkg', 'cli-dist', 'bin', 'yarn.js')],
  add: ['add'],
  node: ['node'],
  command: ['run'],
};
const yarnSettings = (nodeLinker: string): string =>
  `nodeLinker: ${nodeLinker}
enableTelemetry: false
enableImmutableInstalls: false
globalFolder: ${JSON.stringify(join(setting('WSFD_PACKAGE_TOOLS'), 'yarn'))}
`;

const managers: Record<string, Manager> = {
  npm: {
    start: ['npm'],
    // Whatever npm runs these tests was told.
    add: ['install', '--loglevel=notice'],
    node: ['exec', '--', 'node'],
    command: ['exec', '--'],
  },
  pnpm: {
    start: ['node', toolFile('pnpm', 'bin', 'pnpm.mjs')],
    add: ['add', '--store-dir', join(setting('WSFD_PACKAGE_TOOLS'), 'pnpm-store')],
    node: ['exec', 'node'],
    command: ['exec'],
  },
  'Yarn with node_modules': { ...yarn, settings: yarnSettings('node-modules') },
  'Yarn with Plug’n’Play': { ...yarn, settings: yarnSettings('pnp') },
};

/** What package managers say of packages that want to run something when they are installed. */
const aboutScripts = /\bscripts?\b|\bbuil(d|t|ds)\b|approve|npm warn|YN000[4-8]/i;

/** Prints the file of the addon that is loaded. */
const loadedAddon = `console.log(Object.keys(require.cache).find((name) => name.endsWith('.node')));`;

const { cert, key } = makeSelfSigned();

for (const [name, manager] of Object.entries(managers)) {
  describe(name, () => {
    let consumer: Consumer;
    let server: Awaited<ReturnType<typeof startWsServer>>;
    let installed: Outcome;

    const run = (args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Outcome> => {
      const [program = '', ...first] = manager.start;
      return consumer.run(program, [...first, ...args], env);
    };

    before(async () => {
      consumer = new Consumer();
      server = await startWsServer({ tls: { cert, key } });
      if (manager.settings !== undefined) {
        consumer.write('.yarnrc.yml', manager.settings);
        // Without one Yarn looks for a project further up.
        consumer.write('yarn.lock', '');
      }
      installed = await run([...manager.add, setting('WSFD_TARBALL')]);
    });

    after(async () => {
      await server.close();
      consumer.remove();
    });

    test('installs it without a word about scripts', () => {
      assert.equal(installed.code, 0, installed.output);
      assert.doesNotMatch(installed.output, aboutScripts);
    });

    test('runs programs that use it', async () => {
      consumer.write('smoke.cjs', programs['smoke.cjs']);
      const ran = await run([...manager.node, 'smoke.cjs', server.url, cert]);
      assert.deepEqual(ran, { code: 0, output: smokeOutput });
    });

    test('runs wsfd build, which names what is missing', async () => {
      const args = [...manager.command, 'wsfd', 'build'];
      const { code, output } = await run(args, { CC: '', CXX: '', PYTHON: '' });
      assert.notEqual(code, 0);
      assert.match(output, /Missing: Python 3\.8 or newer; make; a C\+\+17 compiler/);
    });

    const skip = process.env['WSFD_BUILDS'] === '' && 'only with --builds';
    test('runs wsfd build, and uses what it built', { skip }, async () => {
      const { findNodedir } = await importScript<{
        findNodedir(): Promise<string | undefined>;
      }>('setup.mjs');
      const nodedir = await findNodedir();
      const { code, output } = await run([...manager.command, 'wsfd', 'build'], {
        PATH: process.env['PATH'],
        ...(nodedir === undefined ? {} : { npm_config_nodedir: nodedir }),
      });
      assert.equal(code, 0, output);
      assert.match(output, /wsfd: it was built, and loads\n/);
      consumer.write('which.cjs', `require('wsfd'); ${loadedAddon}`);
      const ran = await run([...manager.node, 'which.cjs']);
      assert.match(ran.output, /wsfd[/\\]build[/\\]Release[/\\]wsfd\.node\n$/);
    });
  });
}

// Node's permission model: without leave for the network nothing is connected to, as with node:net;
// without what loading takes, the error says what that is.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { addonFolder } from '../../support/addon';
import { startWsServer } from '../../support/servers';

// This file runs as out/test/integration/lifetime/permission.test.js.
const root = join(__dirname, '..', '..', '..', '..');

const flags = process.allowedNodeEnvironmentFlags;
const model = ['--permission', '--experimental-permission'].find((flag) => flags.has(flag));
const withoutModel = model === undefined && 'this Node has no permission model';
const knowsNetwork = flags.has('--allow-net');
const withoutNetwork = !knowsNetwork && 'the permission model of this Node knows no network';

interface Outcome {
  code: unknown;
  stdout: string;
  stderr: string;
}

/** Runs a program with these flags; with undefined without the permission model. */
function run(
  given: readonly string[],
  program: readonly string[],
  env = process.env,
): Promise<Outcome> {
  const all = [model ?? '', '--no-warnings', ...given, '-e', ...program];
  return new Promise((resolve) => {
    execFile(process.execPath, all, { env }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

/** The package and its dependency, as npm lays them down. */
function install(t: TestContext): string {
  const modules = join(
    realpathSync(mkdtempSync(join(tmpdir(), 'wsfd-permission-'))),
    'node_modules',
  );
  t.after(() => {
    rmSync(dirname(modules), { recursive: true });
  });
  const folder = join(modules, 'wsfd');
  mkdirSync(join(folder, 'build', 'Release'), { recursive: true });
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  copyFileSync(join(addonFolder, 'wsfd.node'), join(folder, 'build', 'Release', 'wsfd.node'));
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  const loader = dirname(require.resolve('node-gyp-build'));
  cpSync(loader, join(modules, 'node-gyp-build'), { recursive: true });
  return folder;
}

describe('loading', { skip: withoutModel }, () => {
  // As it was installed: not with the addon of another build, nor with what options preload.
  const { WSFD_PREBUILD: _, NODE_OPTIONS: __, ...env } = process.env;
  const load = (given: readonly string[], folder: string): Promise<Outcome> =>
    run(given, [`require(${JSON.stringify(folder)}); console.log('loaded')`], env);
  /** What the error says that Node.js must be started with. */
  const advised = (stderr: string): string[] =>
    [...stderr.matchAll(/--allow-(?!net)\S+/g)].map(([flag]) => flag.replace(/[.,]$/, ''));

  const denials: [name: string, flags: (folder: string) => string[]][] = [
    ['the addon', () => ['--allow-fs-read=*']],
    ['the addon and node-gyp-build', (folder) => [`--allow-fs-read=${folder}${sep}`]],
    [
      'all but its JavaScript',
      (folder) => [
        '--allow-addons',
        `--allow-fs-read=${join(folder, 'dist')}${sep}`,
        `--allow-fs-read=${join(folder, 'package.json')}`,
      ],
    ],
    [
      'the folder of the addon',
      (folder) => [
        '--allow-addons',
        `--allow-fs-read=${join(folder, 'dist')}${sep}`,
        `--allow-fs-read=${join(folder, 'package.json')}`,
        `--allow-fs-read=${join(folder, '..', 'node-gyp-build')}${sep}`,
      ],
    ],
  ];
  for (const [name, given] of denials) {
    test(`without leave for ${name}: what it says is enough`, async (t) => {
      const folder = install(t);
      const { code, stderr } = await load(given(folder), folder);
      assert.equal(code, 1);
      assert.match(stderr, /wsfd could not load its native part: the permission model of Node\.js/);
      const [line = ''] = /Error: wsfd could not .*(?= Node\.js says)/.exec(stderr) ?? [];
      assert.ok(advised(line).length >= 3, line);
      assert.deepEqual(await load(advised(line), folder), {
        code: 0,
        stdout: 'loaded\n',
        stderr: '',
      });
    });
  }
});

/** Every way to connect, with what comes of it; and what node:net makes of the first. */
const connecting = `
  const [, entry, entryOfClass, url] = process.argv;
  const wsfd = require(entry);
  const { WebSocket } = require(entryOfClass);
  const host = new URL(url).host;
  const told = {};
  const tell = (name, code) => (told[name] = [Math.min(code, 0), ...wsfd.getLastError().flatMap(
    ({ code, category, retryable }) => [code, category, retryable])]);
  async function main() {
    for (const target of [url, 'wss://' + host, 'ws://localhost:' + new URL(url).port, 'ws+unix:/none.sock:/']) {
      tell(target, await wsfd.webSocketOpen(target, { timeout: 30 }));
    }
    tell('proxy', await wsfd.webSocketOpen('ws://none.invalid/', { proxy: 'http://' + host }));
    tell('sync', wsfd.webSocketOpenSync('ws+unix:/none.sock:/'));
    await new Promise((resolve) => {
      const socket = new WebSocket(url);
      socket.onopen = () => socket.close();
      socket.onerror = ({ error }) => (told.class = error.code);
      socket.onclose = resolve;
    });
    told.net = await new Promise((resolve) => {
      const socket = require('node:net').connect(new URL(url).port, '127.0.0.1', () => resolve('connected'));
      socket.on('error', ({ code }) => resolve(code));
    });
    console.log(JSON.stringify(told));
    process.exit();
  }
  main();`;
const entries = [require.resolve('wsfd'), require.resolve('wsfd/websocket')];
const forAddons = ['--allow-addons', '--allow-fs-read=*'];

async function connect(
  t: TestContext,
  given: readonly string[],
): Promise<{ told: Record<string, unknown>; arrived: number }> {
  const server = await startWsServer();
  t.after(() => server.close());
  const { stdout, stderr } = await run(
    [...forAddons, ...given],
    [connecting, ...entries, server.url],
  );
  assert.notEqual(stdout, '', stderr);
  return {
    told: JSON.parse(stdout) as Record<string, unknown>,
    arrived: server.connections.all.length,
  };
}

test(
  'without leave for the network: refused in every way, before anything is sent',
  {
    skip: withoutNetwork,
  },
  async (t) => {
    const { told, arrived } = await connect(t, []);
    assert.equal(told['net'], 'ERR_ACCESS_DENIED');
    assert.equal(told['class'], 'WSFD_PERMISSION_DENIED');
    const ways = Object.entries(told).filter(([way]) => !['net', 'class'].includes(way));
    assert.equal(ways.length, 6);
    for (const [way, outcome] of ways) {
      assert.deepEqual(outcome, [-1, 'WSFD_PERMISSION_DENIED', 'usage', false], way);
    }
    assert.equal(arrived, 0);
  },
);

for (const [name, given, skip] of [
  ['with leave for it', knowsNetwork ? ['--allow-net'] : [], withoutModel],
  [
    'where it is only watched',
    ['--permission-audit'],
    !flags.has('--permission-audit') && 'this Node does not watch',
  ],
] as const) {
  test(`${name}: connected to, as node:net does`, { skip }, async (t) => {
    const { told, arrived } = await connect(t, given);
    assert.equal(told['net'], 'connected');
    assert.doesNotMatch(JSON.stringify(told), /PERMISSION/);
    assert.ok(arrived >= 3, `${arrived} connections`);
  });
}

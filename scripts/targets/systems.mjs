// The systems that binaries are tested on, all of them on one machine with Linux on x64: the needs
// of each, and how Node is started there.
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nodeOf } from '../node-versions.mjs';
import { fail, root, run } from '../tools.mjs';
import { debian11Libraries } from './debian-11.mjs';
import { supportedMajors } from './table.mjs';

const folder = join(root, '.cache', 'targets');
const armSystem = '/usr/aarch64-linux-gnu';
const musl = '/lib/ld-musl-x86_64.so.1';

/**
 * A program that starts Node by `command`, and a preloaded module that makes it process.execPath:
 * child processes of tests must run on the same system.
 */
function wrap(name, command) {
  const place = join(folder, name);
  mkdirSync(place, { recursive: true });
  const program = join(place, 'node');
  const quoted = command.map((part) => `'${part}'`).join(' ');
  writeFileSync(program, `#!/bin/sh\nexec ${quoted} "$@"\n`);
  chmodSync(program, 0o755);
  const preload = join(place, 'exec-path.cjs');
  writeFileSync(preload, `process.execPath = ${JSON.stringify(program)};\n`);
  return { command: [program], env: { NODE_OPTIONS: `--require=${preload}` } };
}

async function prepareWine(major) {
  const env = {
    WINEPREFIX: join(folder, 'wine'),
    WINEDEBUG: '-all',
    // Keeps wine from installing Mono and Gecko, which Node does not need.
    WINEDLLOVERRIDES: 'mscoree,mshtml=',
  };
  const node = await nodeOf(major, 'win32-x64');
  if (!existsSync(env.WINEPREFIX)) {
    mkdirSync(env.WINEPREFIX, { recursive: true });
    // Node.js does not start on Windows 7, wine's default.
    const asWindows10 = [
      'reg',
      'add',
      'HKCU\\Software\\Wine',
      '/v',
      'Version',
      '/d',
      'win10',
      '/f',
    ];
    for (const args of [['wineboot', '--init'], asWindows10]) {
      const { code } = await run('wine', args, { env, stdio: 'ignore' });
      if (code !== 0) fail(`wine ${args[0]} failed`);
    }
  }
  const end = () => run('wineserver', ['--kill'], { env, stdio: 'ignore' });
  // A copy of another name: the addon must not depend on the program's being called node.exe.
  const renamed = join(dirname(node), 'plant.exe');
  if (!existsSync(renamed)) copyFileSync(node, renamed);
  return { command: ['wine', node], renamed: ['wine', renamed], env, end };
}

async function prepareArm(major) {
  const node = await nodeOf(major, 'linux-arm64');
  return wrap(`linux-arm64-${major}`, ['qemu-aarch64-static', '-L', armSystem, node]);
}

async function prepareDebian11(major) {
  const { loader, libraries } = await debian11Libraries();
  const node = await nodeOf(major);
  return wrap(`debian-11-${major}`, [loader, '--library-path', libraries.join(':'), node]);
}

async function prepareMusl(major) {
  // Debian 11's need fewer functions that musl lacks than newer ones.
  const { libraries } = await debian11Libraries();
  const place = join(folder, `musl-${major}`);
  mkdirSync(place, { recursive: true });
  for (const name of ['libstdc++.so.6', 'libgcc_s.so.1']) {
    const file = libraries.map((each) => join(each, name)).find((each) => existsSync(each));
    copyFileSync(file, join(place, basename(name)));
  }
  const shim = join(place, 'ld-linux-x86-64.so.2');
  const source = join(root, 'scripts', 'targets', 'musl-shim.c');
  const { code, output } = await run('gcc', ['-shared', '-fPIC', '-nostdlib', '-o', shim, source], {
    capture: true,
  });
  if (code !== 0) fail(`musl-shim.c could not be compiled: ${output}`);
  const loader = [musl, '--library-path', place, '--preload', shim];
  return wrap(`musl-${major}`, [...loader, await nodeOf(major)]);
}

/**
 * target    whose binary it loads
 * majors    versions of Node
 * programs  its needs (scripts/targets/programs.mjs)
 * seconds   the limit of one test file
 * prepare   gives { command, env }: how Node is started; for Windows also `renamed`, the same Node
 *           under another name, and `end`, which ends the remaining processes
 */
export const systems = {
  linux: {
    target: 'linux-x64',
    majors: supportedMajors,
    programs: [],
    seconds: 300,
    prepare: async (major) => ({ command: [await nodeOf(major)], env: {} }),
  },
  windows: {
    target: 'win32-x64',
    majors: ['18', '20', '22'],
    programs: ['wine', '/usr/lib/wine/wine64:wine64'],
    seconds: 600,
    prepare: prepareWine,
  },
  arm64: {
    target: 'linux-arm64',
    majors: ['20', '24'],
    programs: [
      'qemu-aarch64-static:qemu-user-static',
      `${armSystem}/lib/libstdc++.so.6:libstdc++6-arm64-cross`,
    ],
    seconds: 1200,
    prepare: prepareArm,
  },
  'debian-11': {
    target: 'linux-x64',
    majors: ['20'],
    programs: ['dpkg-deb:dpkg'],
    seconds: 300,
    prepare: prepareDebian11,
  },
  musl: {
    target: 'linux-x64',
    majors: ['20'],
    programs: [`${musl}:musl`, 'gcc'],
    seconds: 300,
    prepare: prepareMusl,
  },
};

// Installs the packed tarball in an empty folder, and runs the steps of every system with it.
import { copyFileSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from '../setup.mjs';
import { fail, root, say } from '../tools.mjs';
import { runOn } from './run-on.mjs';
import { expected } from './smoke-result.mjs';

const folder = join(root, '.cache', 'targets', 'consumer');
const examples = ['ctrl-example.js', 'ctrl-sync.js'];
const scripts = ['smoke.mjs', 'threads.mjs'];

/** Packs the package and installs it. Resolves with the folder. */
export async function installPackage() {
  rmSync(folder, { recursive: true, force: true });
  const packed = join(folder, 'packed');
  mkdirSync(packed, { recursive: true });
  const { code, output } = await npm(['pack', '--pack-destination', packed], { capture: true });
  const [tarball] = readdirSync(packed);
  if (code !== 0 || tarball === undefined) fail(`npm pack failed:\n${output}`);
  say(`${tarball}: ${String(Math.round(statSync(join(packed, tarball)).size / 1000))} kB`);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const installed = await npm([...args, join(packed, tarball)], { capture: true, cwd: folder });
  if (installed.code !== 0) fail(`npm install of ${tarball} failed:\n${installed.output}`);
  for (const name of examples) {
    copyFileSync(join(root, 'out', 'examples', name), join(folder, name));
  }
  for (const name of scripts) {
    copyFileSync(join(root, 'scripts', 'targets', name), join(folder, name));
  }
  return folder;
}

/** '' if exactly `wanted` was printed, else the output. */
const fault = ({ code, output }, wanted) =>
  code === 0 && output.trim() === JSON.stringify(wanted) ? '' : `${String(code)}: ${output}`;
const exampleRan = ({ code, output }) =>
  code === 0 && /webSocketRead\w* +-> 0/.test(output) && /webSocketClose\w* +-> 0/.test(output)
    ? ''
    : `${String(code)}: ${output}`;

/**
 * Runs the steps with the installed package on a started system. `server` is a wss echo server,
 * { url, cert }. Resolves with { name, fault } of each step; fault is '' if it passed.
 */
export async function trySystem(started, server) {
  const certificate = join(folder, 'certificate.pem');
  writeFileSync(certificate, server.cert);
  const call = (args, command = started.command) =>
    runOn({ ...started, command }, args, { cwd: folder });
  const names = "console.log(Object.keys(require('wsfd')).includes('webSocketOpen'))";
  const loaded = await call(['-e', names]);
  const steps = [
    { name: 'loading', fault: loaded.output.trim() === 'true' ? '' : loaded.output || 'nothing' },
    { name: 'CTRL example', fault: exampleRan(await call([examples[0], server.url])) },
    { name: 'CTRL example, Sync', fault: exampleRan(await call([examples[1], server.url])) },
    {
      name: 'TLS and echo',
      fault: fault(await call(['smoke.mjs', server.url, certificate]), expected),
    },
    { name: 'threads in turn', fault: fault(await call(['threads.mjs', server.url]), [1, 2, 3]) },
  ];
  if (started.renamed === undefined) return steps;
  const other = await call(['smoke.mjs', server.url, certificate], started.renamed);
  return [...steps, { name: 'TLS and echo, program renamed', fault: fault(other, expected) }];
}

/** The version that a started system's Node has. */
export async function versionOn(started) {
  const { output } = await runOn(started, ['-p', 'process.versions.node']);
  return output.trim();
}

// Builds a program of the repository and runs it. Usage: node scripts/run.mjs NAME [option ...]
//
// --on MAJOR  on the newest Node of this major version; further options are the program's
import { spawn } from 'node:child_process';
import { fetchBun, nodeOf, uwsEnvironment } from './node-versions.mjs';
import { setup } from './setup.mjs';
import { fail, root } from './tools.mjs';

/**
 * file     the program
 * testing  it needs the addons of the tests and benchmarks
 * node     options of Node
 * on       the major version of Node that runs it; absent: the running one
 * env      variables added to its environment, by the Node that runs it
 */
const programs = {
  bench: {
    file: 'out/bench/main.js',
    testing: true,
    on: '24',
    env: async (executable) => ({
      WSFD_BUN: process.env.WSFD_BUN ?? (await fetchBun()),
      ...(await uwsEnvironment(executable)),
    }),
  },
  ingest: { file: 'out/examples/ingest/main.js' },
  soak: {
    file: 'out/test/soak/main.js',
    testing: true,
    node: ['--expose-gc'],
    env: uwsEnvironment,
  },
  telemetry: { file: 'out/examples/telemetry.js', env: uwsEnvironment },
};

const [, , name, ...options] = process.argv;
const program = programs[name] ?? fail(`usage: run.mjs ${Object.keys(programs).join(' | ')}`);
const { file, testing = false, node = [], env = () => ({}) } = program;
const at = options.indexOf('--on');
const [, on = program.on] = at < 0 ? [] : options.splice(at, 2);
const isRunning = on === undefined || process.versions.node.startsWith(`${on}.`);
await setup({ testing, tools: true });
const executable = isRunning ? process.execPath : await nodeOf(on);
const child = spawn(executable, [...node, file, ...options], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ...(await env(executable)) },
});
// A terminal's Ctrl-C also reaches the program, which ends in order: this process waits for it.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});

// Builds a program of the repository and runs it. Usage: node scripts/run.mjs NAME [option ...];
// the options are the program's.
import { spawn } from 'node:child_process';
import { fetchBun, uwsEnvironment } from './node-versions.mjs';
import { setup } from './setup.mjs';
import { fail, root } from './tools.mjs';

/**
 * file     the program
 * testing  it needs the addons of the tests and benchmarks
 * node     options of Node
 * env      variables added to its environment
 */
const programs = {
  bench: {
    file: 'out/bench/main.js',
    testing: true,
    env: async () => ({
      WSFD_BUN: process.env.WSFD_BUN ?? (await fetchBun()),
      ...(await uwsEnvironment()),
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
await setup({ testing, tools: true });
const child = spawn(process.execPath, [...node, file, ...options], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ...(await env()) },
});
// A terminal's Ctrl-C also reaches the program, which ends in order: this process waits for it.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});

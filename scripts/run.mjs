// Builds what a program of the repository needs, and runs it. Usage: node scripts/run.mjs NAME
// [option ...]; the options, and what they do, are the program's.
import { spawn } from 'node:child_process';
import { fetchBun, uwsEnvironment } from './node-versions.mjs';
import { setup } from './setup.mjs';
import { fail, root } from './tools.mjs';

/**
 * file     the program
 * testing  it needs the addons of the tests and benchmarks
 * node     options of Node
 * env      what is added to its environment
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
// A terminal's Ctrl-C reaches the program as well, which then ends in order: this process waits.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});

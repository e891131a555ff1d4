// Builds what the soak run needs and starts it: options and output are those of test/soak/main.ts.
import { spawn } from 'node:child_process';
import { uwsEnvironment } from './node-versions.mjs';
import { setup } from './setup.mjs';
import { root } from './tools.mjs';

await setup({ testing: true, tools: true });
const args = ['--expose-gc', 'out/test/soak/main.js', ...process.argv.slice(2)];
const env = { ...process.env, ...(await uwsEnvironment()) };
const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env });
// A terminal's Ctrl-C reaches the run as well, which then ends in order: this process waits for it.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});

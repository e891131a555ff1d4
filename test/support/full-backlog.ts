// A listener that never accepts, with as many connections waiting as it lets wait: Linux leaves what
// comes next unanswered.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** Why a test that needs one is skipped. */
export const noFullBacklog =
  process.platform !== 'linux' && 'only Linux leaves a request unanswered when the backlog is full';

/** Its port. */
export async function startFullBacklog(t: TestContext, host = '127.0.0.1'): Promise<number> {
  const program = `
    const server = require('node:net').createServer();
    server.listen(0, '${host}', 1, () => {
      require('node:fs').writeSync(1, String(server.address().port));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const fillers: Socket[] = [];
  t.after(async () => {
    for (const filler of fillers) filler.destroy();
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(text.toString());
  for (let i = 0; i < 16; i++) fillers.push(connect(port, host));
  for (const filler of fillers) filler.on('error', () => undefined);
  // All sixteen were started in one tick: when the first is connected, the queue is full.
  await Promise.race(fillers.map((filler) => once(filler, 'connect')));
  return port;
}

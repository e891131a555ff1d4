// examples/ctrl-example.ts: the reference's example as it stands.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { makeSelfSigned } from '../support/certificates';
import { startWsServer } from '../support/servers';

const example = join(__dirname, '..', '..', 'examples', 'ctrl-example.js');
const run = promisify(execFile);

test('opens, writes, reads and closes', async (t) => {
  const server = await startWsServer({ tls: makeSelfSigned() });
  t.after(() => server.close());
  const { stdout, stderr } = await run(process.execPath, [example, server.url]);
  assert.equal(stderr, '');
  assert.match(
    stdout,
    /^webSocketOpen {2}-> \d+\nwebSocketWrite -> 0\nwebSocketRead {2}-> 0 {2}\{"method":"dummy".*\}\nwebSocketClose -> 0\n$/,
  );
  assert.deepEqual(await server.closes.next(), { code: 1000, reason: '' });
});

test('says what is wrong where there is no server', async () => {
  const server = await startWsServer();
  await server.close();
  const failing = run(process.execPath, [example, server.url]);
  await assert.rejects(failing, (error: { code: number; stdout: string }) => {
    assert.equal(error.code, 1);
    assert.match(error.stdout, /webSocketOpen {2}-> -1\nNot possible to open.*\n.*refused/);
    return true;
  });
});

// examples/ctrl-sync.ts: the reference's example without a single await.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { makeSelfSigned } from '../support/certificates';
import { startWsServer } from '../support/servers';

const example = join(__dirname, '..', '..', 'examples', 'ctrl-sync.js');
const run = promisify(execFile);

test('opens, writes, reads and closes', async (t) => {
  const { cert, key } = makeSelfSigned();
  const server = await startWsServer({ tls: { cert, key } });
  t.after(() => server.close());
  const { stdout, stderr } = await run(process.execPath, [example, server.url]);
  assert.equal(stderr, '');
  assert.match(
    stdout,
    /^webSocketOpenSync {2}-> \d+\nwebSocketWrite {5}-> 0\nwebSocketReadSync {2}-> 0 {2}\{"method":"dummy".*\}\nwebSocketCloseSync -> 0\n$/,
  );
  assert.deepEqual(await server.closes.next(), { code: 1000, reason: '' });
});

test('says what is wrong where there is no server', async () => {
  const server = await startWsServer();
  await server.close();
  const failing = run(process.execPath, [example, server.url]);
  await assert.rejects(failing, (error: { code: number; stdout: string }) => {
    assert.equal(error.code, 1);
    assert.match(error.stdout, /webSocketOpenSync {2}-> -1\nNot possible to open.*\n.*refused/);
    return true;
  });
});

test('needs no await', () => {
  const source = readFileSync(example, 'utf8').replace(/^\s*\/\/.*$/gm, '');
  assert.doesNotMatch(source, /\bawait\b|\basync\b|\.then\(/);
});

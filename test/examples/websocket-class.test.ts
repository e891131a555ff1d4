// examples/websocket-class.ts against a server that echoes, and against none.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { makeSelfSigned } from '../support/certificates';
import { startWsServer } from '../support/servers';

const example = join(__dirname, '..', '..', 'examples', 'websocket-class.js');
const run = promisify(execFile);

const lines = [
  'open     readyState 1',
  'sent     bufferedAmount 9',
  'message  a text',
  /^message {2}ArrayBuffer .*01 02 03/,
  'close    1000 "done"',
];

test('the example talks to a server with a certificate of its own', async (t) => {
  const server = await startWsServer({ tls: makeSelfSigned() });
  t.after(() => server.close());
  const { stdout, stderr } = await run(process.execPath, [example, server.url]);
  const printed = stdout.trimEnd().split('\n');
  assert.equal(stderr, '');
  assert.equal(printed.length, lines.length, stdout);
  for (const [i, line] of lines.entries()) {
    if (typeof line === 'string') assert.equal(printed[i], line);
    else assert.match(printed[i] ?? '', line);
  }
});

test('the example says why it cannot connect', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const failing = run(process.execPath, [example, server.url.replace('ws:', 'wss:')]);
  await assert.rejects(failing, ({ stdout }: { stdout: string }) => {
    assert.match(stdout, /^error {4}tls WSFD_TLS_NOT_SPOKEN: .*\nclose {4}1006 "", not clean\n$/);
    return true;
  });
});

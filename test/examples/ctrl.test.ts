// examples/ctrl-example.ts, the reference's example as it stands, and examples/ctrl-sync.ts, the same
// without a single await.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { makeSelfSigned } from '../support/certificates';
import { startWsServer } from '../support/servers';

const pathOf = (example: string): string =>
  join(__dirname, '..', '..', 'examples', `${example}.js`);
const run = promisify(execFile);

for (const { example, suffix } of [
  { example: 'ctrl-example', suffix: '' },
  { example: 'ctrl-sync', suffix: 'Sync' },
]) {
  test(`${example}: opens, writes, reads and closes`, async (t) => {
    const server = await startWsServer({ tls: makeSelfSigned() });
    t.after(() => server.close());
    const { stdout, stderr } = await run(process.execPath, [pathOf(example), server.url]);
    assert.equal(stderr, '');
    const expected = [
      `webSocketOpen${suffix} +-> \\d+`,
      'webSocketWrite +-> 0',
      `webSocketRead${suffix} +-> 0 {2}\\{"method":"dummy".*\\}`,
      `webSocketClose${suffix} -> 0`,
    ];
    assert.match(stdout, new RegExp(`^${expected.join('\n')}\n$`));
    assert.deepEqual(await server.closes.next(), { code: 1000, reason: '' });
  });

  test(`${example}: says what is wrong where there is no server`, async () => {
    const server = await startWsServer();
    await server.close();
    const failing = run(process.execPath, [pathOf(example), server.url]);
    const expected = new RegExp(
      `webSocketOpen${suffix} {2}-> -1\nNot possible to open.*\n.*refused`,
    );
    await assert.rejects(failing, (error: { code: number; stdout: string }) => {
      assert.equal(error.code, 1);
      assert.match(error.stdout, expected);
      return true;
    });
  });
}

test('ctrl-sync needs no await', () => {
  const source = readFileSync(pathOf('ctrl-sync'), 'utf8').replace(/^\s*\/\/.*$/gm, '');
  assert.doesNotMatch(source, /\bawait\b|\basync\b|\.then\(/);
});

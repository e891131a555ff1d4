// Whatever a program puts on Array.prototype and Object.prototype, no call comes to anything else: no
// lookup of ours goes through a prototype.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInChild } from '../../support/child';
import type * as Outcomes from '../../support/outcomes';
import { response, startRawServer } from '../../support/raw-server';
import { startTcpServer, startWsServer } from '../../support/servers';

const pollutions: Outcomes.Pollution[] = ['values', 'accessors'];

test('every public function beside polluted prototypes', async (t) => {
  const echo = await startWsServer();
  const refusing = await startRawServer({
    answer: () => response('403 Forbidden', ['Content-Length: 2'], 'no'),
  });
  const gone = await startTcpServer();
  await gone.close();
  t.after(() => Promise.all([echo.close(), refusing.close()]));
  const servers = { echo: echo.url, refusing: refusing.url, gone: gone.url };
  const module = require.resolve('../../support/outcomes');
  const run = async (how: Outcomes.Pollution): Promise<unknown> => {
    const { value, stderr } = await runInChild(
      async ({ load }, given) => {
        const { amid, everyFunction } = load(given.module) as typeof Outcomes;
        return amid(given.how, () => everyFunction(given.servers));
      },
      { how, servers, module },
    );
    assert.ok(Array.isArray(value), `${how}: ${stderr}`);
    return value;
  };
  const expected = await run('nothing');
  for (const how of pollutions) {
    await t.test(how, async () => assert.deepEqual(await run(how), expected));
  }
});

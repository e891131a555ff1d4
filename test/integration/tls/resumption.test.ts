// A session is offered to the server that gave it, but not again and again to one that refuses it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSelfSigned } from '../../support/certificates';
import { startWsServer } from '../../support/servers';
import { openAndEcho } from '../../support/tls-client';

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${version}: a server that refuses sessions is offered one now and then`, async (t) => {
    const { cert, key } = makeSelfSigned();
    const tls = { cert, key, minVersion: version, maxVersion: version };
    const server = await startWsServer({ tls });
    t.after(() => server.close());
    const isResumed = async (): Promise<boolean | undefined> => {
      const { tls: info } = await openAndEcho(server.url, { caCertificates: cert });
      return info?.resumed;
    };
    assert.equal(await isResumed(), false);
    // With new keys for its tickets the server cannot read the old ones.
    for (let refusals = 0; refusals < 3; refusals++) {
      server.renew(tls);
      assert.equal(await isResumed(), false);
    }
    // From here on it would resume.
    for (let passed = 1; passed < 16; passed++) assert.equal(await isResumed(), false);
    assert.equal(await isResumed(), true);
    assert.equal(await isResumed(), true, 'and goes on');
  });
}

// permessage-deflate (RFC 7692) with the server of `ws`, which agrees to all that can be asked for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { combinations, echoWith, parameterOf } from '../../support/deflate-combinations';
import { extent } from '../../support/long';
import { randomMessages, smallMessages } from '../../support/random-messages';
import { startWsServer } from '../../support/servers';

// It takes 0.1 ms for each message that comes and goes. In full 5,000 echoes: 10,000 messages.
const some = extent(randomMessages(40, 1), smallMessages(5000, 2));
const many = randomMessages(10_000, 2);
const settings = { perMessageDeflate: { threshold: 0 }, maxPayload: 2 ** 26 };

for (const clientMaxWindowBits of [9, 10, 11, 12, 13, 14, 15]) {
  test(`all combinations with a client window of ${clientMaxWindowBits} bits`, async (t) => {
    const server = await startWsServer({ settings, keepsNothing: true });
    t.after(() => server.close());
    for (const parameters of combinations) {
      if (parameters.clientMaxWindowBits !== clientMaxWindowBits) continue;
      await echoWith(server.url, parameters, some, (extensions) => {
        const agreed = (name: string): string | undefined => parameterOf(extensions, name);
        const takeovers = [
          agreed('client_no_context_takeover') !== undefined,
          agreed('server_no_context_takeover') !== undefined,
        ];
        const { clientNoContextTakeover, serverNoContextTakeover } = parameters;
        assert.deepEqual(takeovers, [clientNoContextTakeover, serverNoContextTakeover]);
        const window = agreed('server_max_window_bits') ?? '15';
        assert.equal(window, `${parameters.serverMaxWindowBits}`);
      });
    }
  });
}

for (const [windowBits, noContextTakeover] of [
  [15, false],
  [15, true],
  [9, false],
  [9, true],
] as const) {
  const takeover = noContextTakeover ? 'without' : 'with';
  test(`10,000 messages, ${windowBits} bits, ${takeover} takeover`, async (t) => {
    // What the server asks for of itself, and of us.
    const server = await startWsServer({
      settings: {
        maxPayload: 2 ** 26,
        perMessageDeflate: {
          threshold: 0,
          clientMaxWindowBits: windowBits,
          serverMaxWindowBits: windowBits,
          clientNoContextTakeover: noContextTakeover,
          serverNoContextTakeover: noContextTakeover,
        },
      },
    });
    t.after(() => server.close());
    await echoWith(server.url, { threshold: 0 }, many, (extensions) => {
      assert.equal(parameterOf(extensions, 'client_max_window_bits'), `${windowBits}`);
    });
  });
}

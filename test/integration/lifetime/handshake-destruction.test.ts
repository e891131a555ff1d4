// The connection is given up from here, or cut, behind every byte that the server sends until it is
// open: of TLS and of the answer to the opening handshake.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { getLastError, webSocketOpen, webSocketTerminate } from 'wsfd';
import type { OpenOptions } from 'wsfd';
import { open } from '../../support/calls';
import { makeSelfSigned } from '../../support/certificates';
import { listen, urlOf } from '../../support/fixture';
import { extent } from '../../support/long';
import { startWsServer } from '../../support/servers';

/** What happens to a connection of a relay once so many bytes went to the client. */
interface Passage {
  most: number;
  then: (client: Socket) => void;
}

interface Relay {
  url: string;
  /** For the connections to come. */
  passage: Passage;
  /** Bytes that went to the client of the last connection. */
  passed: number;
  /** Of the last connection. */
  ended: Promise<unknown>;
}

/** Stands before a server, and lets a client have no more of its bytes than `passage` says. */
async function startRelay(t: TestContext, port: number, secure: boolean): Promise<Relay> {
  const relay: Relay = {
    url: '',
    passage: { most: Infinity, then: () => undefined },
    passed: 0,
    ended: Promise.resolve(),
  };
  const server = createServer((client) => {
    const { most, then } = relay.passage;
    relay.passed = 0;
    relay.ended = once(client, 'close');
    const upstream = connect(port, '127.0.0.1');
    upstream.on('error', () => client.destroy());
    client.on('error', () => undefined).on('close', () => upstream.destroy());
    client.pipe(upstream);
    if (most === 0) then(client);
    upstream.on('data', (bytes: Buffer) => {
      const part = bytes.subarray(0, most - relay.passed);
      if (part.length === 0) return;
      relay.passed += part.length;
      client.write(part, () => {
        if (relay.passed === most) then(client);
      });
    });
  });
  const { port: own, close } = await listen(server);
  t.after(close);
  relay.url = urlOf(own, secure);
  return relay;
}

for (const secure of [false, true]) {
  const step = secure ? extent(17, 1) : 1;
  for (const how of ['aborted', 'cut'] as const) {
    const name = secure ? 'TLS and the opening handshake' : 'the opening handshake';
    test(`${how} behind every ${step === 1 ? '' : `${step}th `}byte of ${name}`, async (t) => {
      const { cert, key } = makeSelfSigned();
      const server = await startWsServer(secure ? { tls: { cert, key } } : {});
      t.after(() => server.close());
      const relay = await startRelay(t, server.port, secure);
      // Each with a TLS context of its own: no session is resumed, which would be shorter.
      const trust = (i: number): OpenOptions =>
        secure ? { caCertificates: `${cert}\n# ${i}` } : {};
      const whole = await open(relay.url, trust(-1));
      // (a signature of one handshake may be a few bytes shorter than that of another)
      const bytes = relay.passed - (secure ? 8 : 0);
      webSocketTerminate(whole);
      await relay.ended;
      for (let most = 0; most < bytes; most += step) {
        const controller = new AbortController();
        const then = (client: Socket): void => {
          if (how === 'cut') client.destroy();
          // (a turn of the loop later, when the client has most probably read them)
          else setImmediate(() => setImmediate(() => controller.abort()));
        };
        relay.passage = { most, then };
        const options = { signal: controller.signal, ...trust(most) };
        const code = await webSocketOpen(relay.url, options);
        const [error] = getLastError();
        assert.equal(code, -1, `behind ${most} bytes`);
        if (how === 'aborted') assert.equal(error?.code, 'WSFD_ABORTED');
        else assert.match(error?.category ?? '', /^(network|tls|handshake|closed)$/, error?.code);
        await relay.ended;
      }
    });
  }
}

// webSocketConnections with a server that is killed and started again, some of its starts refusing:
// every message of every period in which it was up arrives, the pauses are as documented, and
// nothing is left. In the form of `npm run test:long` it dies 50 times in two minutes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type * as Wsfd from 'wsfd';
import { makeCertificate } from '../../support/certificates';
import { runInChild } from '../../support/child';
import type { ChildResult, Inside } from '../../support/child';
import { extent } from '../../support/long';
import { startMortalServer } from '../../support/mortal-server';
import type { MortalEvent, MortalServer } from '../../support/mortal-server';

const periods = extent(5, 50);
const bursts = extent(2, 10);
const messagesPerBurst = 50;
/** Seconds; with resetAfter 0 each connection has the pauses begin anew. */
const delays = { minDelay: extent(0.02, 0.1), maxDelay: extent(0.16, 0.8), resetAfter: 0 };
const retryAfter = 1;

/** Linux and Windows have all of 127/8: no other program's port, nor ours, can be this one's. */
const host =
  process.platform === 'darwin' ? '127.0.0.1' : `127.${[1, 2, 3].map(randomByte).join('.')}`;

function randomByte(): number {
  return 1 + Math.floor(Math.random() * 254);
}

interface Retry {
  code: string;
  httpStatus: number | undefined;
  delay: number;
  attempt: number;
  /** Seconds until the next attempt. */
  waited: number;
}

interface Report {
  messages: string[];
  retries: Retry[];
  listed: number;
}

interface Argument {
  url: string;
  ca: string;
  delays: typeof delays;
}

/** The client: it ends by itself, which it could not if a timer or a socket were left. */
async function follow({ wsfd }: Inside, { url, ca, delays }: Argument): Promise<Report> {
  const messages: string[] = [];
  const retries: Retry[] = [];
  let retriedAt = 0;
  const next = (): string => {
    const last = retries.at(-1);
    if (last !== undefined) last.waited = (performance.now() - retriedAt) / 1000;
    return url;
  };
  const onRetry: Wsfd.ReconnectOptions['onRetry'] = (error, delay, attempt) => {
    retriedAt = performance.now();
    const { code, httpStatus } = error;
    retries.push({ code, httpStatus, delay, attempt, waited: 0 });
  };
  const options = { caCertificates: ca, timeout: 60 };
  feed: for await (const socket of wsfd.webSocketConnections(next, options, {
    ...delays,
    onRetry,
  })) {
    wsfd.webSocketWrite(socket, 'subscribe');
    for await (const message of wsfd.webSocketMessages(socket)) {
      if (message === 'the end') break feed;
      messages.push(String(message));
    }
  }
  return { messages, retries, listed: wsfd.webSocketList().length };
}

const sentIn = (period: number): string[][] =>
  Array.from({ length: bursts }, (_, burst) =>
    Array.from({ length: messagesPerBurst }, (_, i) => `${period}:${burst}:${i}`),
  );

/** Waits for what the server tells; fails where the client has ended before. */
async function awaitEvent(
  { events }: MortalServer,
  event: MortalEvent['event'],
  client: Promise<ChildResult<Report>> | undefined,
): Promise<void> {
  const gone = client?.then(({ value, stderr }) =>
    assert.fail(`the client has ended: ${JSON.stringify(value)} ${stderr}`),
  );
  const told = await Promise.race([events.next(), ...(gone === undefined ? [] : [gone])]);
  assert.equal(told.event, event);
}

/** Seconds between which a pause may be. */
function rangeOf({ httpStatus, attempt }: Retry): [least: number, most: number] {
  const whole = Math.min(delays.maxDelay, delays.minDelay * 2 ** attempt);
  const asked = httpStatus === undefined ? 0 : retryAfter;
  return [Math.max(whole / 2, asked), Math.max(whole, asked)];
}

for (const secure of [false, true]) {
  describe(secure ? 'wss' : 'ws', () => {
    test(`a server that dies ${periods} times`, async () => {
      const root = makeCertificate({ subject: 'Plant Root', ca: true });
      const { key, cert } = makeCertificate({ issuer: root, san: [`IP:${host}`] });
      const settings = { host, pauseMs: extent(0, 50), ...(secure ? { tls: { key, cert } } : {}) };
      let port = 0;
      let client: Promise<ChildResult<Report>> | undefined;
      for (let period = 0; period < periods; period++) {
        if (period % 4 === 2) {
          const refusing = { ...settings, port, retryAfter: String(retryAfter), bursts: [] };
          const server = await startMortalServer(refusing);
          await awaitEvent(server, 'refused', client);
          await server.kill();
        }
        const sent = sentIn(period);
        if (period + 1 === periods) sent.push(['the end']);
        const server = await startMortalServer({ ...settings, port, bursts: sent });
        ({ port } = server);
        const url = `${secure ? 'wss' : 'ws'}://${host}:${port}/`;
        client ??= runInChild(follow, { url, ca: root.cert, delays });
        await awaitEvent(server, 'sent', client);
        await server.kill();
      }
      assert.ok(client !== undefined);
      const { value, exitCode, stderr } = await client;
      assert.equal(exitCode, 0, stderr);
      assert.ok(value !== undefined, stderr);
      const expected = Array.from({ length: periods }, (_, period) => sentIn(period)).flat(2);
      assert.deepEqual(value.messages, expected);
      assert.equal(value.listed, 0);
      const losses = value.retries.filter(({ attempt }) => attempt === 0);
      assert.equal(losses.length, periods - 1);
      for (const retry of value.retries) {
        const [least, most] = rangeOf(retry);
        const text = JSON.stringify(retry);
        assert.ok(retry.delay >= least - 0.001 && retry.delay <= most + 0.001, text);
        // (a timer counts from when its loop last looked at the clock)
        assert.ok(retry.waited >= retry.delay - 0.002, text);
      }
      const refused = value.retries.filter(({ httpStatus }) => httpStatus === 503);
      assert.ok(refused.length >= Math.floor((periods + 1) / 4), 'it was refused too seldom');
    });
  });
}

// diagnostics_channel costs nothing when nobody listens: which functions run, and what native code is
// asked to tell. What is watched are functions of single modules, so it is modules/ that runs here.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type * as Wsfd from 'wsfd';
import { makeCertificate } from '../../support/certificates';
import { record } from '../../support/diagnostics';
import { startWsServer } from '../../support/servers';

const { cert, key } = makeCertificate({ san: ['DNS:localhost'] });

// This file runs as out/test/integration/….js.
const modules = join(__dirname, '..', '..', '..', '..', 'modules');
const load = createRequire(__filename);

const wsfd = load(join(modules, 'index.js')) as typeof Wsfd;
const native = load(join(modules, 'native', 'addon.js')) as Record<string, unknown>;
const openTuple = load(join(modules, 'native', 'open-tuple.js')) as Record<string, unknown>;
const publish = load(join(modules, 'diagnostics', 'publish.js')) as Record<string, unknown>;
const { TracePublisher } = load(join(modules, 'diagnostics', 'trace-publisher.js')) as {
  TracePublisher: { prototype: Record<string, unknown> };
};

type Function = (this: unknown, ...args: unknown[]) => unknown;

/** Has `spy` called with the name and the arguments whenever a function is, until the test ends. */
function watch(
  t: TestContext,
  object: Record<string, unknown>,
  name: string,
  spy: (name: string, ...args: unknown[]) => void,
): void {
  const original = object[name] as Function;
  object[name] = function (this: unknown, ...args: unknown[]) {
    spy(name, ...args);
    return original.apply(this, args);
  };
  t.after(() => {
    object[name] = original;
  });
}

/** Names of the functions that make something of an event, as they are called. */
function watchMaking(t: TestContext): string[] {
  const calls: string[] = [];
  const spy = (name: string): void => void calls.push(name);
  for (const name of Object.keys(publish)) {
    if (name.startsWith('publish')) watch(t, publish, name, spy);
  }
  watch(t, TracePublisher.prototype, 'publish', spy);
  const addon = native['native'] as Record<string, Function>;
  const info = (...args: unknown[]): unknown => {
    calls.push('info');
    return addon['info']?.(...args);
  };
  native['native'] = Object.create(addon, { info: { value: info } }) as unknown;
  t.after(() => {
    native['native'] = addon;
  });
  return calls;
}

/** What native code is asked to tell, for each opening. */
function watchTopics(t: TestContext): number[] {
  const topics: number[] = [];
  watch(t, openTuple, 'openTuple', (_, options) => {
    topics.push((options as { trace: number }).trace);
  });
  return topics;
}

async function open(url: string): Promise<number> {
  const socket = await wsfd.webSocketOpen(url, { ignoreSslErrors: true });
  assert.ok(socket >= 0, String(wsfd.getLastError()[0]));
  return socket;
}

/** A whole life, with messages, a ping, a failing call and both kinds of end. */
async function live(url: string): Promise<void> {
  const socket = await open(url);
  assert.equal(wsfd.webSocketWrite(socket, 'x'), 0);
  assert.equal(await wsfd.webSocketRead(socket, {}), 0);
  assert.equal(await wsfd.webSocketPing(socket), 0);
  assert.equal(await wsfd.webSocketRead(socket, {}, 0), -2);
  assert.equal(await wsfd.webSocketClose(socket), 0);
  assert.equal(wsfd.webSocketTerminate(await open(url)), 0);
}

test('without a subscriber nothing is made, in native code neither', async (t) => {
  const server = await startWsServer({ tls: { cert, key } });
  t.after(() => server.close());
  const calls = watchMaking(t);
  const asked = watchTopics(t);
  await live(server.url);
  assert.deepEqual([calls, asked], [[], [0, 0]]);
  // The same with one: what is watched is what would be called.
  const events = record(t);
  await live(server.url);
  assert.deepEqual(asked.slice(2), [31, 31]);
  const expected = ['info', 'publish', 'publishClose', 'publishError', 'publishMessages'];
  assert.deepEqual([...new Set(calls)].sort(), [...expected, 'publishOpen'].sort());
  assert.equal(events.of('wsfd:open').length, 2);
});

for (const [name, bits] of [
  ['wsfd:attempt', 1],
  ['wsfd:proxy', 2],
  ['wsfd:tls', 4],
  ['wsfd:handshake', 8],
  ['wsfd:control', 16],
  ['wsfd:open', 0],
  ['wsfd:messages', 0],
] as const) {
  test(`a subscriber of ${name} makes native code tell that alone`, async (t) => {
    const server = await startWsServer();
    t.after(() => server.close());
    const asked = watchTopics(t);
    const events = record(t, [name]);
    const socket = await open(server.url);
    assert.equal(await wsfd.webSocketClose(socket), 0);
    assert.deepEqual(asked, [bits]);
    assert.ok(events.steps.every((step) => name.endsWith(step.split(' ')[0] ?? '')));
  });
}

// src/command/session.ts with output that a test drains.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arrivals } from '../support/arrivals';
import { text } from '../support/frames';
import { loadModule } from '../support/modules';
import { startRawServer } from '../support/raw-server';

interface Session {
  readonly exitCode: number | undefined;
  serve(socket: number): Promise<void>;
}

const { Session } = loadModule('command/session') as {
  Session: new (printer: object, settings: object) => Session;
};
const { webSocketOpen } = loadModule('index') as { webSocketOpen(url: string): Promise<number> };

/** Output that is full after each message, until drain() is called. */
class FullOutput {
  readonly printed = new Arrivals<string>('message');
  drain = (): void => undefined;

  opened(): void {
    // (of no interest here)
  }

  message(message: string): Promise<void> {
    this.printed.push(message);
    return new Promise((resolve) => {
      this.drain = resolve;
    });
  }
}

const skip = process.versions.node.startsWith('18.') && "this Node's fake timers lack unref()";

test('--quiet-for does not count the time in which the output drains', { skip }, async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const server = await startRawServer();
  t.after(() => server.close());
  const output = new FullOutput();
  const session = new Session(output, { reconnects: false, count: Infinity, quietMs: 1000 });
  const served = session.serve(await webSocketOpen(server.url));
  const connection = await server.connections.next();
  connection.send(text('a'), text('b'));
  for (const message of ['a', 'b']) {
    assert.equal(await output.printed.next(), message);
    t.mock.timers.tick(1000);
    assert.equal(session.exitCode, undefined);
    output.drain();
  }
  // (what follows the promise of the output)
  await new Promise(setImmediate);
  t.mock.timers.tick(999);
  assert.equal(session.exitCode, undefined);
  t.mock.timers.tick(1);
  assert.equal(session.exitCode, 0);
  assert.equal(await connection.nextCloseCode(), 1000);
  await served;
});

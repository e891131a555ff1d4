// Ticks of a client's own clock: a connection whose pings the test answers.
import type { TestContext } from 'node:test';
import { open } from './calls';
import { opcodes, pong } from './frames';
import { startRawServer } from './raw-server';

/** Resolves a tick, which is so many seconds, after it was last called; never early. */
export async function startPingClock(
  t: TestContext,
  seconds: number,
): Promise<() => Promise<void>> {
  const server = await startRawServer();
  t.after(() => server.close());
  await open(server.url, { pingInterval: seconds, pongTimeout: 60 });
  const connection = await server.connections.next();
  return async () => {
    const { payload } = await connection.next(opcodes.ping);
    connection.send(pong(payload));
  };
}

// Holds connections on which nothing happens, and looks at what they cost in resident memory.
import type { Client, Connection } from '../clients';
import { settledMemory } from '../measure';
import type { Metrics, Trial } from '../types';
import { openMany, settingsOf, urlOf } from './feeds';

/** Opened before, so that the trust store is there, V8 has compiled what it will, and every page of
 * its young generation has been used: of 50, some 2 KiB a connection are none of the connection's. */
export const warmUpConnections = 1000;

/** How many connections a trial holds. */
export const heldOf = ({ workload, extent }: Trial): number =>
  Math.max(200, Math.round((workload.connections ?? 1) * extent.share));

export async function idle(trial: Trial, client: Client): Promise<Metrics> {
  const url = urlOf(trial, 'quiet');
  const open = (): Promise<Connection> => client.open(url, () => undefined, settingsOf(trial));
  const count = heldOf(trial);
  const held = await openMany(warmUpConnections, open);
  const before = await settledMemory();
  held.push(...(await openMany(count, open)));
  const after = await settledMemory();
  if (held.length !== warmUpConnections + count) throw new Error('connections are missing');
  return { connectionKib: (after - before) / count / 1024 };
}

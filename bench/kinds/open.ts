// Opens connections one after the other. They are closed in between, but that is not measured.
import type { Client, Connection } from '../clients';
import { startUsage } from '../measure';
import type { Metrics, Trial } from '../types';
import { settingsOf, urlOf } from './feeds';

const batch = 50;

/** How many connections a trial opens. */
export const openingsOf = ({ workload, extent }: Trial): number =>
  batch * Math.max(1, Math.round(((workload.tls === true ? 600 : 2000) * extent.share) / batch));

export async function open(trial: Trial, client: Client): Promise<Metrics> {
  const url = urlOf(trial, 'quiet');
  const settings = settingsOf(trial);
  const openBatch = async (): Promise<{ cpuUs: number; wallUs: number }> => {
    const connections: Connection[] = [];
    const endUsage = startUsage();
    for (let i = 0; i < batch; i += 1) {
      connections.push(await client.open(url, () => undefined, settings));
    }
    const usage = endUsage();
    await Promise.all(connections.map((connection) => connection.close()));
    return usage;
  };
  const count = openingsOf(trial);
  // As in every window, a third of it warms up: by then the JavaScript of the client is compiled.
  for (let opened = 0; opened < count / 3; opened += batch) await openBatch();
  let cpuUs = 0;
  let wallUs = 0;
  for (let opened = 0; opened < count; opened += batch) {
    const usage = await openBatch();
    cpuUs += usage.cpuUs;
    wallUs += usage.wallUs;
  }
  return { openCpuUs: cpuUs / count, opensPerSecond: (1e6 * count) / wallUs, busy: cpuUs / wallUs };
}

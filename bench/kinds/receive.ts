// Receives on one connection or many, all that comes or what a paced server sends.
import type { Client } from '../clients';
import type { Feed } from '../feed';
import { measure, ratesOf, settledRss } from '../measure';
import type { Metrics, Trial } from '../types';
import { countOf, openFeed, openMany } from './feeds';

/** From so many connections on their memory can be told from noise. */
const measurableConnections = 1000;

/** Messages that some connections have not got although others are further on. A round may be under
 * way, so one burst of difference is none. */
function missedOf(feeds: readonly Feed[], burst: number): number {
  const most = Math.max(...feeds.map(({ count }) => count));
  return feeds.reduce((sum, { count }) => sum + Math.max(0, most - count - burst), 0);
}

export async function receive(trial: Trial, client: Client): Promise<Metrics> {
  const { connections = 1, rate, burst = 1, size } = trial.workload;
  const many = connections >= measurableConnections;
  const before = many ? await settledRss() : 0;
  const path = rate === undefined ? 'flood' : 'paced';
  const opened = await openMany(connections, () => openFeed(trial, client, path));
  const feeds = opened.map(({ feed }) => feed);
  const window = await measure(trial.extent, () => countOf(feeds));
  for (const feed of feeds) feed.verify();
  return {
    ...ratesOf(window, size),
    ...(rate === undefined ? {} : { missed: missedOf(feeds, burst) }),
    ...(many ? { connectionKib: ((await settledRss()) - before) / connections / 1024 } : {}),
  };
}

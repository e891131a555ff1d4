// Receives on one connection or many, all that comes or what a paced server sends.
import type { Client } from '../clients';
import { measure, ratesOf, settledMemory, sleep } from '../measure';
import type { Metrics, Trial } from '../types';
import { countOf, openFeed, openMany } from './feeds';
import type { OpenFeed } from './feeds';

/** From so many connections on their memory can be told from noise. */
const measurableConnections = 1000;

/** How long messages may be under way. */
const mostMs = 5000;

/** Has the server finish its round, after which every connection has been sent as many messages;
 * the messages that did not come. */
async function missedOf(opened: readonly OpenFeed[]): Promise<number> {
  const counts = (): number[] => opened.map(({ feed }) => feed.count);
  const missed = (): number => {
    const most = counts().reduce((a, b) => Math.max(a, b));
    return counts().reduce((sum, count) => sum + most - count, 0);
  };
  opened[0]?.connection.send('stop');
  const end = performance.now() + mostMs;
  for (let before = -1; performance.now() < end;) {
    await sleep(100);
    // All have as many, and nothing comes any more.
    const sum = counts().reduce((a, b) => a + b);
    if (sum === before && missed() === 0) return 0;
    before = sum;
  }
  return missed();
}

export async function receive(trial: Trial, client: Client): Promise<Metrics> {
  const { connections = 1, rate, size } = trial.workload;
  const many = connections >= measurableConnections;
  const before = many ? await settledMemory() : 0;
  const path = rate === undefined ? 'flood' : 'paced';
  const opened = await openMany(connections, () => openFeed(trial, client, path));
  const feeds = opened.map(({ feed }) => feed);
  const window = await measure(trial.extent, () => countOf(feeds));
  const missed = rate === undefined ? {} : { missed: await missedOf(opened) };
  for (const feed of feeds) feed.verify();
  return {
    ...ratesOf(window, size),
    ...missed,
    ...(many ? { connectionKib: ((await settledMemory()) - before) / connections / 1024 } : {}),
  };
}

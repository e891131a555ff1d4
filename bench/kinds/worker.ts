// A thread of kinds/workers.ts: receives, and says how much whenever it is asked.
import { parentPort, workerData } from 'node:worker_threads';
import { isLimit, loadClient } from '../clients';
import type { Trial } from '../types';
import { countOf, openFeed, openMany } from './feeds';

async function main(trial: Trial): Promise<void> {
  if (isLimit(trial.client)) throw new Error('the bare limits have no threads');
  const client = await loadClient(trial.client);
  const { connections = 1 } = trial.workload;
  const opened = await openMany(connections, () => openFeed(trial, client, 'flood'));
  const feeds = opened.map(({ feed }) => feed);
  parentPort?.on('message', () => {
    for (const feed of feeds) feed.verify();
    parentPort?.postMessage(countOf(feeds));
  });
  parentPort?.postMessage('open');
}

void main(workerData as Trial);

// Receives in several worker threads, each with connections of its own.
import { join } from 'node:path';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ratesOf, sleep, startUsage } from '../measure';
import type { Metrics, Trial } from '../types';

/** Asks every thread for its count. */
async function countOf(workers: readonly Worker[]): Promise<number> {
  const answers = workers.map((worker) => once(worker, 'message') as Promise<[number]>);
  for (const worker of workers) worker.postMessage('count');
  return (await Promise.all(answers)).reduce((sum, [count]) => sum + count, 0);
}

export async function workers(trial: Trial): Promise<Metrics> {
  const { threads = 1, size } = trial.workload;
  const all = Array.from(
    { length: threads },
    () => new Worker(join(__dirname, 'worker.js'), { workerData: trial }),
  );
  // Each says that its connections are open; `once` rejects when a thread fails.
  await Promise.all(all.map((worker) => once(worker, 'message')));
  for (const worker of all) {
    worker.on('error', (error) => {
      throw error;
    });
  }
  await sleep(trial.extent.warmUpMs);
  const before = await countOf(all);
  const endUsage = startUsage();
  await sleep(trial.extent.windowMs);
  const messages = (await countOf(all)) - before;
  const metrics = ratesOf({ ...endUsage(), messages }, size);
  await Promise.all(all.map((worker) => worker.terminate()));
  return metrics;
}

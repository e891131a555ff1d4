// Keeps one of a hundred messages: what the process then holds must be near to what was kept.
import type { Client } from '../clients';
import type { Received } from '../feed';
import { settledMemory, sleep } from '../measure';
import type { Metrics, Trial } from '../types';
import { messagesOf, settingsOf, urlOf } from './feeds';

const goal = 10_000_000;
const keepEvery = 100;
/** Received before, so that the heap has the size that it needs for receiving alone. */
const warmUp = 1_000_000;

const toBuffer = (data: Received): Buffer =>
  Buffer.isBuffer(data) ? data : Buffer.from(data as ArrayBuffer);

function heap(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const mib = (bytes: number): number => bytes / (1 << 20);

export async function kept(trial: Trial, client: Client): Promise<Metrics> {
  const expected = messagesOf(trial.workload);
  const kept: { place: number; data: Received }[] = [];
  let count = 0;
  let keepUntil = 0;
  const take = (data: Received): void => {
    if (count < keepUntil && count % keepEvery === 0) {
      kept.push({ place: count % expected.length, data });
    }
    count += 1;
  };
  await client.open(urlOf(trial, 'flood'), take, settingsOf(trial));
  while (count < warmUp) await sleep(10);
  const before = await settledMemory();
  const heapBefore = heap();
  keepUntil = count + goal;
  while (count < keepUntil) await sleep(10);
  const after = await settledMemory();
  const heapAfter = heap();
  for (const { place, data } of kept) {
    if (!toBuffer(data).equals(expected[place] as Buffer))
      throw new Error('a kept message changed');
  }
  if (kept.length < goal / keepEvery - 1) throw new Error('messages were not kept');
  return { keptMib: mib(after - before), heapMib: mib(heapAfter - heapBefore) };
}

// With one connection at full speed: how late is a timer, and how long do the messages of a second
// connection wait between being sent and reaching the application?
import type { Client } from '../clients';
import { measure, percentile, ratesOf } from '../measure';
import type { Metrics, Trial } from '../types';
import { openFeed, settingsOf, urlOf } from './feeds';

const timerMs = 10;

export async function fairness(trial: Trial, client: Client): Promise<Metrics> {
  const { feed } = await openFeed(trial, client, 'flood');
  const waits: number[] = [];
  const take = (data: unknown): void => {
    waits.push(Number(process.hrtime.bigint() - BigInt(data as string)) / 1e6);
  };
  await client.open(urlOf(trial, 'stamped'), take, settingsOf(trial));
  const late: number[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    late.push(now - last - timerMs);
    last = now;
  }, timerMs);
  // Many samples are needed for a p99.
  const extent = { ...trial.extent, windowMs: trial.extent.windowMs * 3 };
  const window = await measure(extent, () => feed.count);
  clearInterval(timer);
  feed.verify();
  if (waits.length === 0) throw new Error('the second connection got nothing');
  return {
    ...ratesOf(window, trial.workload.size),
    timerLateP99Ms: percentile(Float64Array.from(late), 0.99),
    waitP99Ms: percentile(Float64Array.from(waits), 0.99),
  };
}

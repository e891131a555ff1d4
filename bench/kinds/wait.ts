// How long messages that come at a fixed rate wait between being sent and reaching the application.
import type { Client } from '../clients';
import { measure, ratesOf } from '../measure';
import type { Metrics, Trial } from '../types';
import { latenciesOf } from './echo';
import { settingsOf, urlOf } from './feeds';

export async function wait(trial: Trial, client: Client): Promise<Metrics> {
  const { rate = 0, size } = trial.workload;
  const { warmUpMs, windowMs } = trial.extent;
  // In milliseconds; more than come.
  const waits = new Float64Array((2 * rate * (warmUpMs + windowMs)) / 1000);
  let count = 0;
  const take = (data: unknown): void => {
    waits[count] = Number(process.hrtime.bigint() - BigInt(data as string)) / 1e6;
    count += 1;
  };
  const connection = await client.open(urlOf(trial, 'stamped'), take, settingsOf(trial));
  let first = 0;
  let last = 0;
  const window = await measure(trial.extent, () => {
    [first, last] = [last, count];
    return count;
  });
  connection.send('stop');
  return { ...latenciesOf(waits.subarray(first, last)), ...ratesOf(window, size) };
}

// Sends a message, waits for it to come back, sends the next.
import type { Client, Connection } from '../clients';
import type { Take } from '../feed';
import { percentile, ratesOf, startUsage } from '../measure';
import type { Metrics, Trial } from '../types';
import { messagesOf, settingsOf, urlOf } from './feeds';

const mostRoundTrips = 1_000_000;

/** Round trips on one connection, one after the other. */
class RoundTrips {
  readonly latencies = new Float64Array(mostRoundTrips);
  count = 0;
  private sentAt = 0;
  private end = 0;
  private finish: () => void = () => undefined;

  constructor(
    private readonly connection: Connection,
    private readonly message: string,
  ) {}

  /** Goes on for so long. */
  run(ms: number): Promise<void> {
    this.count = 0;
    this.end = performance.now() + ms;
    return new Promise((resolve) => {
      this.finish = resolve;
      this.next();
    });
  }

  returned(data: unknown): void {
    const now = performance.now();
    if (data !== this.message) throw new Error('another message came back');
    this.latencies[this.count] = now - this.sentAt;
    this.count += 1;
    if (now < this.end && this.count < mostRoundTrips) this.next();
    else this.finish();
  }

  private next(): void {
    this.sentAt = performance.now();
    this.connection.send(this.message);
  }
}

/** The percentiles of latencies in milliseconds, which are sorted in place. */
export function latenciesOf(latencies: Float64Array): Metrics {
  return {
    p50Us: 1000 * percentile(latencies, 0.5),
    p99Us: 1000 * percentile(latencies, 0.99),
    p999Us: 1000 * percentile(latencies, 0.999),
  };
}

export async function echo(trial: Trial, client: Client): Promise<Metrics> {
  let returned: Take = () => undefined;
  const connection = await client.open(
    urlOf(trial, 'echo'),
    (data, length) => returned(data, length),
    settingsOf(trial),
  );
  const roundTrips = new RoundTrips(connection, messagesOf(trial.workload)[0] as string);
  returned = (data) => roundTrips.returned(data);
  await roundTrips.run(trial.extent.warmUpMs);
  const endUsage = startUsage();
  await roundTrips.run(trial.extent.windowMs);
  const usage = endUsage();
  const { count, latencies } = roundTrips;
  return {
    ...latenciesOf(latencies.subarray(0, count)),
    ...ratesOf({ ...usage, messages: count }, trial.workload.size),
  };
}

// Sends bursts of messages, each handed to the operating system before the next begins; in the end
// the server says what arrived.
import type { Client } from '../clients';
import { ratesOf, startUsage } from '../measure';
import type { SinkReport } from '../servers/sink';
import type { Metrics, Trial } from '../types';
import { messagesOf, settingsOf, urlOf } from './feeds';

/** The list is sent in so many bursts. */
const bursts = 4;

export async function send(trial: Trial, client: Client): Promise<Metrics> {
  const { workload, extent } = trial;
  const messages = messagesOf(workload);
  const length = messages.length / bursts;
  let reported: (report: SinkReport) => void = () => undefined;
  const connection = await client.open(
    urlOf(trial, 'sink'),
    (data) => reported(JSON.parse(data as string) as SinkReport),
    settingsOf(trial),
  );
  let sent = 0;
  const sendFor = async (ms: number): Promise<number> => {
    const before = sent;
    for (const end = performance.now() + ms; performance.now() < end;) {
      const from = sent % messages.length;
      await connection.sendAll(messages.slice(from, from + length));
      sent += length;
    }
    return sent - before;
  };
  await sendFor(extent.warmUpMs);
  const endUsage = startUsage();
  const inWindow = await sendFor(extent.windowMs);
  const usage = endUsage();
  const report = await new Promise<SinkReport>((resolve) => {
    reported = resolve;
    connection.send(workload.message === 'binary' ? 'report' : Buffer.from('report'));
  });
  if (report.wrong > 0 || report.messages !== sent || report.bytes !== sent * workload.size) {
    throw new Error(`of ${sent} messages the server got ${JSON.stringify(report)}`);
  }
  return ratesOf({ ...usage, messages: inWindow }, workload.size);
}

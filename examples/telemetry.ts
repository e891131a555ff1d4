// What wsfd is made for: a plant publishes JSON readings of 1,000 sensors as fast as it can over
// wss; this program parses them, keeps minimum, maximum, mean and rate of every sensor, and shows
// how it keeps up: a live line on a terminal, plain lines elsewhere.
//
// Usage: npm run telemetry -- [--client wsfd|ws] [--seconds 10]
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeSelfSigned } from '../test/support/certificates';
import { startUwsProcess } from '../test/support/uws-process';
import { clients } from './telemetry/clients';
import { Statistics } from './telemetry/reading';
import type { ServerSettings } from './telemetry/reading';

interface Plant {
  url: string;
  certificate: string;
  stop: () => void;
}

async function startPlant(): Promise<Plant> {
  const { key, cert } = makeSelfSigned();
  const server = startUwsProcess(join(__dirname, 'telemetry', 'server.js'));
  const settings: ServerSettings = { key, cert };
  server.send(settings);
  const port = await new Promise((resolve, reject) => {
    server.onMessage(resolve);
    void server.ended.then(() => {
      reject(new Error('the uWebSockets.js server did not start; see above'));
    });
  });
  const url = `wss://127.0.0.1:${String(port)}/`;
  return { url, certificate: cert, stop: () => server.release() };
}

/** What came since the last line, and how late the latest of it was. */
class Meter {
  messages = 0;
  bytes = 0;
  lagMs = 0;
  private cpu = process.cpuUsage();
  private at = performance.now();

  /** The line for the time since the last one. */
  line(): string {
    const seconds = (performance.now() - this.at) / 1000;
    const { user, system } = process.cpuUsage(this.cpu);
    const rate = Math.round(this.messages / seconds).toLocaleString('en');
    const megabytes = (this.bytes / seconds / 1e6).toFixed(1);
    const cpu = ((user + system) / seconds / 1e4).toFixed(0);
    const line = `${rate} messages/s  ${megabytes} MB/s  CPU ${cpu} %  lag ${String(this.lagMs)} ms`;
    this.messages = this.bytes = this.lagMs = 0;
    this.cpu = process.cpuUsage();
    this.at = performance.now();
    return line;
  }
}

function showLive(line: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${line}`);
  else console.log(line);
}

function showSensors(statistics: Statistics, seconds: number): void {
  const rows: Record<string, Record<string, string>> = {};
  for (const sensor of [0, 1, 2, 500, 999]) {
    const summary = statistics.summary(sensor, seconds);
    if (summary === undefined) continue;
    const { minimum, maximum, mean, rate } = summary;
    rows[`sensor ${String(sensor)}`] = {
      minimum: minimum.toFixed(3),
      maximum: maximum.toFixed(3),
      mean: mean.toFixed(3),
      'per second': rate.toFixed(0),
    };
  }
  console.table(rows);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      client: { type: 'string', default: 'wsfd' },
      seconds: { type: 'string', default: '10' },
    },
  });
  const { client: name, seconds: text } = values;
  const seconds = Number(text);
  const open = Object.hasOwn(clients, name) ? clients[name] : undefined;
  if (open === undefined) throw new Error(`--client: expected wsfd or ws, got ${name}`);
  if (!(seconds > 0)) throw new Error(`--seconds: expected a number over 0, got ${text}`);

  const plant = await startPlant();
  const statistics = new Statistics();
  const meter = new Meter();
  const client = await open(plant.url, plant.certificate, (readings, bytes) => {
    const now = Date.now();
    for (const reading of readings) {
      statistics.add(reading);
      meter.lagMs = Math.max(meter.lagMs, now - reading.at);
    }
    meter.messages += readings.length;
    meter.bytes += bytes;
  });
  const timer = setInterval(() => {
    showLive(`${name}: ${meter.line()}`);
  }, 500);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  clearInterval(timer);
  await client.close();
  plant.stop();
  console.log(`\n${name}: ${String(statistics.heard)} sensors heard; five of them:`);
  showSensors(statistics, seconds);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

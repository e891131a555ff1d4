// A run: servers, actors and worker threads at work until the time is over.
import { runActors } from './client/actor';
import { runPlan } from './client/session';
import { World } from './client/world';
import { judge } from './model/judge';
import type { Outcome } from './model/judge';
import { Ledger } from './model/ledger';
import { planOf } from './model/plan';
import type { Plan } from './model/plan';
import { Random } from './model/random';
import { clientFiles, Servers } from './processes';
import { makeRecord } from './report/record';
import type { SoakRecord } from './report/record';
import { countDescriptors, Sampler } from './sampler';
import type { Sample } from './sampler';
import { Totals } from './totals';
import { Workers } from './workers';

export interface RunOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly connections: number;
  readonly workers: number;
  readonly onProgress: (line: string) => void;
  readonly onFault: (text: string) => void;
}

/**
 * A server tells of a connection's end within this time, however little of the machine it has: `ws`
 * inflates all that came first, and ten messages at a time for all its connections.
 */
const reportSeconds = 300;

/** So many connections at a time go without longer pauses; more take as much of a core. */
const connectionsAtFullPace = 40;

export class Run {
  private readonly totals = new Totals();
  private readonly ledger = new Ledger((id, fault) => this.fault(`${id}: ${fault}`));
  private readonly servers = new Servers(
    (report) => this.ledger.addReport(report, performance.now()),
    (fault) => this.fault(fault),
  );
  private readonly sampler: Sampler;
  /** What every pause is multiplied with; shared with the worker threads. */
  private readonly pace = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
  private world: World | undefined;
  private workers: Workers | undefined;
  private wake = (): void => undefined;
  private readonly ended = new Promise<void>((resolve) => (this.wake = resolve));

  constructor(private readonly options: RunOptions) {
    this.pace[0] = Math.max(1, options.connections / connectionsAtFullPace);
    this.sampler = new Sampler(() => ({
      open: this.world?.open ?? 0,
      workers: this.workers?.living ?? 0,
    }));
  }

  /** Ends the run before its time, in order. */
  readonly end = (): void => this.wake();

  async run(): Promise<SoakRecord> {
    const { seed, minutes, connections } = this.options;
    await this.servers.start();
    const before = countDescriptors();
    const world = new World(this.servers.ports, clientFiles, this.pace);
    this.world = world;
    this.servers.setPace(this.pace[0] ?? 1);
    const workers = this.makeWorkers();
    this.workers = workers;
    const perWorker = Math.floor(connections / 8);
    const own = connections - perWorker * this.options.workers;
    const acting = Promise.all([runActors(`${seed}.m`, own, world, this.take), workers.run()]);
    const timers = this.startTimers();
    const timer = setTimeout(this.end, minutes * 60_000);
    await this.ended;
    clearTimeout(timer);
    timers.stop();
    this.pace[0] = 0;
    this.servers.setPace(0);
    world.stop();
    workers.stop();
    await acting;
    await this.settle();
    const after = await settledDescriptors(before);
    this.sampler.stop();
    await this.servers.stop();
    return this.record(before, after);
  }

  /** Does one plan alone. */
  async replay(id: string): Promise<{ plan: Plan; outcome: Outcome; faults: string[] }> {
    await this.servers.start();
    const world = new World(this.servers.ports, clientFiles, Float64Array.of(1));
    const plan = planOf(id);
    const outcome = await runPlan(plan, world);
    this.take(plan, outcome);
    await this.settle();
    await this.servers.stop();
    return { plan, outcome, faults: this.totals.faults };
  }

  private readonly take = (plan: Plan, outcome: Outcome): void => {
    this.totals.add(outcome);
    for (const fault of judge(plan, outcome)) this.fault(`${plan.id} (${plan.kind}): ${fault}`);
    this.ledger.addOutcome(plan, outcome, performance.now());
  };

  private fault(text: string): void {
    this.totals.fault(text);
    this.options.onFault(text);
  }

  private makeWorkers(): Workers {
    const { seed, workers, connections, minutes } = this.options;
    return new Workers({
      seed,
      count: workers,
      actors: Math.floor(connections / 8),
      lifetime: Math.min(60, minutes * 15),
      files: clientFiles,
      pace: this.pace,
      ports: () => this.servers.ports,
      onOutcome: (outcome) => this.take(planOf(outcome.id), outcome),
      onFault: (text) => this.fault(text),
    });
  }

  private startTimers(): { stop(): void } {
    this.sampler.start((sample) => this.onSample(sample));
    const random = new Random(`${this.options.seed} kills`);
    const most = Math.min(40, this.options.minutes * 15);
    let killing: NodeJS.Timeout | undefined;
    const killLater = (): void => {
      const seconds = (random.between(25, 100) / 100) * most;
      killing = setTimeout(() => {
        void this.servers.killFragile().then(() => {
          if (this.world !== undefined) this.world.ports = this.servers.ports;
          this.workers?.tellPorts();
          if (killing !== undefined) killLater();
        });
      }, seconds * 1000);
    };
    killLater();
    return {
      stop: () => {
        clearTimeout(killing);
        killing = undefined;
      },
    };
  }

  private onSample(sample: Sample): void {
    this.ledger.expire(performance.now() - reportSeconds * 1000);
    const { totals } = this;
    const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
    this.options.onProgress(
      `${clock(sample.at)} ${sample.open} open, ${totals.plans} connections, ` +
        `${totals.sent} sent, ${totals.received} received, ${totals.faultCount} faults; ` +
        `rss ${megabytes(sample.rss)}, heap ${megabytes(sample.heapUsed)}, ` +
        `${sample.descriptors} descriptors`,
    );
  }

  /** Waits for the servers' last reports; what is missing then is a fault. */
  private async settle(): Promise<void> {
    const until = performance.now() + 60_000;
    while (this.servers.open > 0 && performance.now() < until) await sleep(100);
    // A report takes half a second to come.
    await sleep(1200);
    this.ledger.expire(Infinity);
    const { open } = this.servers;
    if (open > 0) this.fault(`the servers still have ${open} connections`);
  }

  private record(before: number, after: number): SoakRecord {
    const { seed, connections, workers } = this.options;
    const { samples } = this.sampler;
    const most = samples.reduce((found, { descriptors }) => Math.max(found, descriptors), before);
    return makeRecord(
      {
        seed,
        minutes: this.sampler.seconds / 60,
        connections,
        workersAtATime: workers,
        totals: this.totals,
        workerEnds: this.workers?.ends ?? { finish: 0, terminate: 0, exit: 0, exception: 0 },
        kills: this.servers.kills,
        descriptors: { before, after, most },
      },
      samples,
    );
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

/** Descriptors once they are as few as before; what is left after some seconds if they never are. */
async function settledDescriptors(before: number): Promise<number> {
  for (let i = 0; i < 50 && countDescriptors() > before; i++) await sleep(100);
  return countDescriptors();
}

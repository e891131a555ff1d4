// Worker threads that come and go: each lives a while with actors of its own, then ends in one of
// several ways, and another one takes its place.
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Outcome } from './model/judge';
import { Random } from './model/random';
import { workerEnds } from './protocol';
import type { AllPorts, FromWorker, ToWorker, WorkerEnd, WorkerSettings } from './protocol';

export interface WorkersOptions extends Omit<WorkerSettings, 'name' | 'ports'> {
  /** At a time. */
  readonly count: number;
  /** Seconds that one lives, at most. */
  readonly lifetime: number;
  readonly ports: () => AllPorts;
  readonly onOutcome: (outcome: Outcome) => void;
  readonly onFault: (text: string) => void;
}

/** One that is told to end does so within this time, which its servers may need for their part. */
const mostMs = 300_000;

export class Workers {
  /** How many ended in which way. */
  readonly ends: Record<WorkerEnd, number> = { finish: 0, terminate: 0, exit: 0, exception: 0 };
  private readonly alive = new Map<Worker, Promise<void>>();
  private readonly random: Random;
  private stopping = false;
  private started = 0;
  /** Ends the lives that are not over. */
  private readonly enders = new Set<() => void>();

  constructor(private readonly options: WorkersOptions) {
    this.random = new Random(`${options.seed} workers`);
  }

  /** Runs until stop() is called and all have ended. */
  async run(): Promise<void> {
    const places = Array.from({ length: this.options.count }, async () => {
      while (!this.stopping) await this.liveOne();
    });
    await Promise.all(places);
  }

  get living(): number {
    return this.alive.size;
  }

  /** Those that live are told to finish. */
  stop(): void {
    this.stopping = true;
    for (const end of this.enders) end();
  }

  /** Tells all of them where the servers are now. */
  tellPorts(): void {
    const message: ToWorker = { type: 'ports', ports: this.options.ports() };
    for (const worker of this.alive.keys()) worker.postMessage(message);
  }

  private async liveOne(): Promise<void> {
    const { seed, actors, files, pace, ports, onOutcome } = this.options;
    const name = `w${this.started++}`;
    const how = this.random.pick(workerEnds);
    const seconds = (this.random.between(25, 100) / 100) * this.options.lifetime;
    const workerData: WorkerSettings = { seed, name, actors, files, pace, ports: ports() };
    const worker = new Worker(join(__dirname, 'client', 'worker.js'), { workerData });
    let error: unknown;
    worker.on('message', ({ outcome }: FromWorker) => onOutcome(outcome));
    worker.on('error', (thrown) => (error = thrown));
    const exited = new Promise<number>((resolve) => worker.once('exit', resolve));
    this.alive.set(
      worker,
      exited.then(() => undefined),
    );
    let endLife = (): void => undefined;
    const lived = new Promise<void>((resolve) => (endLife = resolve));
    this.enders.add(endLife);
    const timer = setTimeout(endLife, seconds * 1000);
    const early = await Promise.race([lived, exited]);
    clearTimeout(timer);
    this.enders.delete(endLife);
    if (early !== undefined) this.options.onFault(`the worker ${name} ended early: ${text(error)}`);
    else await this.end(worker, name, this.stopping ? 'finish' : how, exited, () => error);
    this.alive.delete(worker);
  }

  private async end(
    worker: Worker,
    name: string,
    how: WorkerEnd,
    exited: Promise<number>,
    error: () => unknown,
  ): Promise<void> {
    const { onFault } = this.options;
    const timer = setTimeout(() => {
      onFault(`the worker ${name} does not end (${how})`);
      void worker.terminate();
    }, mostMs);
    if (how === 'terminate') void worker.terminate();
    else worker.postMessage({ type: 'end', how } satisfies ToWorker);
    const code = await exited;
    clearTimeout(timer);
    this.ends[how] += 1;
    const expected = { finish: 0, terminate: 1, exit: 7, exception: 1 }[how];
    const planned = how === 'exception' ? text(error()) === 'as planned' : error() === undefined;
    if (code !== expected || !planned) {
      onFault(`the worker ${name} ended with ${code} (${how}): ${text(error())}`);
    }
  }
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));

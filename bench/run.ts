// Runs workloads: every client in turn, then the next round, so that what else the machine does
// falls on all of them alike.
import { bun, runTrial, startServer } from './processes';
import type { Server } from './processes';
import { format, metrics } from './report/metrics';
import { summariesOf } from './statistics';
import type { ClientResult } from './statistics';
import type { ClientName, Extent, Metrics, TrialAnswer, Workload } from './types';

export interface RunSettings {
  readonly workloads: readonly Workload[];
  /** Clients whose names contain this; all if it is empty. */
  readonly clients: string;
  readonly rounds: number;
  readonly extent: Extent;
  /** Further options of Node for the clients' processes. */
  readonly nodeOptions: readonly string[];
  /** Called with a line about each trial. */
  readonly say: (line: string) => void;
}

export interface WorkloadResult {
  readonly workload: Workload;
  readonly results: readonly ClientResult[];
}

/** What the rounds of one client have given so far. */
class Gathered {
  readonly rounds: Metrics[] = [];
  readonly errors: string[] = [];

  constructor(readonly client: ClientName) {}

  add(answer: TrialAnswer): void {
    if ('error' in answer) this.errors.push(answer.error);
    this.rounds.push('error' in answer ? {} : answer.metrics);
  }

  result(): ClientResult {
    const { client, rounds, errors } = this;
    return { client, rounds, errors, summaries: summariesOf(rounds) };
  }
}

type Failure = Extract<TrialAnswer, { error: string }>;

const failureOf = (error: unknown): Failure => ({ error: String(error) });

function describe(answer: TrialAnswer, { metric }: Workload): string {
  if ('error' in answer) return `failed: ${answer.error.split('\n', 1).join()}`;
  const value = answer.metrics[metric];
  const shown = value === undefined ? '-' : `${format(metric, value)} ${metrics[metric].unit}`;
  const { busy } = answer.metrics;
  return `${shown}${busy === undefined ? '' : `, busy ${format('busy', busy)} %`}`;
}

export class Run {
  private done = 0;

  constructor(private readonly settings: RunSettings) {}

  async all(): Promise<WorkloadResult[]> {
    const results: WorkloadResult[] = [];
    for (const workload of this.settings.workloads) {
      const server = await startServer(workload).catch(failureOf);
      results.push(await this.workload(workload, server));
      if (!('error' in server)) await server.stop();
    }
    return results;
  }

  private clientsOf({ clients }: Workload): ClientName[] {
    return clients
      .filter((client) => client.includes(this.settings.clients))
      .filter((client) => client !== 'Bun' || bun !== undefined);
  }

  /** Trials of the whole run. */
  private get total(): number {
    const { workloads, rounds } = this.settings;
    return workloads.reduce((sum, row) => sum + this.clientsOf(row).length * rounds, 0);
  }

  /** Without a server every trial fails, and the run goes on. */
  private async workload(workload: Workload, server: Server | Failure): Promise<WorkloadResult> {
    const gathered = this.clientsOf(workload).map((client) => new Gathered(client));
    for (let round = 1; round <= this.settings.rounds; round += 1) {
      for (const one of gathered) {
        const answer = 'error' in server ? server : await this.trial(workload, one.client, server);
        one.add(answer);
        this.done += 1;
        const place = `[${this.done}/${this.total}] ${workload.id}`;
        this.settings.say(`${place}  ${one.client}  ${describe(answer, workload)}`);
      }
    }
    return { workload, results: gathered.map((one) => one.result()) };
  }

  private trial(workload: Workload, client: ClientName, server: Server): Promise<TrialAnswer> {
    const { extent, nodeOptions } = this.settings;
    const { port, ca } = server;
    const trial = { workload, client, extent, port, ...(ca === undefined ? {} : { ca }) };
    return runTrial(trial, nodeOptions);
  }
}

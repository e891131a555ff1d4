// The limits: the same work by a few lines of C++ (native/bench) that do no more than has to be done.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ratesOf, settledRss } from '../measure';
import { targetOf } from '../messages';
import type { ClientName, Metrics, Trial } from '../types';
import { latenciesOf } from './echo';
import { heldOf } from './idle';
import { openingsOf } from './open';

/** What native/bench/addon.cc takes. Times are in milliseconds. */
interface Task {
  readonly port: number;
  /** Path and query of the URL. */
  readonly target: string;
  /** PEM; empty: plain. */
  readonly ca: string;
  readonly size: number;
  readonly text: boolean;
  readonly warmUpMs: number;
  readonly windowMs: number;
  /** Connections to open or to hold. */
  readonly count: number;
  readonly resume: boolean;
  /** Read frames, too; else bytes are only received and messages reckoned from them. */
  readonly frames: boolean;
}

interface Outcome {
  readonly cpuUs: number;
  readonly wallUs: number;
  readonly messages: number;
  /** Milliseconds; empty but for echo. */
  readonly latencies: Float64Array;
}

interface Addon {
  receive(task: Task): Outcome;
  send(task: Task): Outcome;
  echo(task: Task): Outcome;
  open(task: Task): Outcome;
  /** Opens connections that stay until the process ends. */
  hold(task: Task): Outcome;
}

function loadAddon(): Addon {
  // Compiled, this file is in out/bench/kinds.
  const path = join(__dirname, '../../../build/Release/wsfd_bench.node');
  return createRequire(__filename)(path) as Addon;
}

function taskOf(trial: Trial, client: ClientName, path: string, count = 1): Task {
  const { workload, extent } = trial;
  return {
    port: trial.port,
    target: targetOf(path, workload),
    ca: trial.ca ?? '',
    size: workload.size,
    text: workload.message !== 'binary',
    warmUpMs: extent.warmUpMs,
    windowMs: extent.windowMs,
    count,
    resume: workload.resume === true,
    frames: client === 'bare frames',
  };
}

async function hold(addon: Addon, trial: Trial, client: ClientName): Promise<Metrics> {
  addon.hold(taskOf(trial, client, 'quiet', 50));
  const before = await settledRss();
  const count = heldOf(trial);
  addon.hold(taskOf(trial, client, 'quiet', count));
  return { connectionKib: ((await settledRss()) - before) / count / 1024 };
}

function open(addon: Addon, trial: Trial, client: ClientName): Metrics {
  const count = openingsOf(trial);
  const { cpuUs, wallUs } = addon.open(taskOf(trial, client, 'quiet', count));
  return { openCpuUs: cpuUs / count, opensPerSecond: (1e6 * count) / wallUs, busy: cpuUs / wallUs };
}

export async function bare(trial: Trial, client: ClientName): Promise<Metrics> {
  const addon = loadAddon();
  const { kind, size, rate } = trial.workload;
  if (kind === 'idle') return hold(addon, trial, client);
  if (kind === 'open') return open(addon, trial, client);
  if (kind === 'send') return ratesOf(addon.send(taskOf(trial, client, 'sink')), size);
  if (kind === 'echo') {
    const outcome = addon.echo(taskOf(trial, client, 'echo'));
    return { ...latenciesOf(outcome.latencies), ...ratesOf(outcome, size) };
  }
  if (kind !== 'receive') throw new Error(`there is no bare limit for ${kind}`);
  const path = rate === undefined ? 'flood' : 'paced';
  return ratesOf(addon.receive(taskOf(trial, client, path)), size);
}

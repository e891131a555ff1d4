// The limits: the same work by a few lines of C++ (bench/native) that do no more than has to be done.
import { loadAddon } from '../addon';
import type { Limits, Task } from '../addon';
import { ratesOf, settledMemory } from '../measure';
import { targetOf } from '../messages';
import type { ClientName, Metrics, Trial } from '../types';
import { latenciesOf } from './echo';
import { heldOf, warmUpConnections } from './idle';
import { openingsOf } from './open';

function taskOf(trial: Trial, client: ClientName, path: string, count = 1): Task {
  const { workload, extent } = trial;
  const { windowBits = 0, takeover = false } = workload.compression ?? {};
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
    windowBits,
    takeover,
  };
}

async function hold(addon: Limits, trial: Trial, client: ClientName): Promise<Metrics> {
  addon.hold(taskOf(trial, client, 'quiet', warmUpConnections));
  const before = await settledMemory();
  const count = heldOf(trial);
  addon.hold(taskOf(trial, client, 'quiet', count));
  return { connectionKib: ((await settledMemory()) - before) / count / 1024 };
}

function open(addon: Limits, trial: Trial, client: ClientName): Metrics {
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

// One trial, in this process: what to do comes from the parent, and the figures go back to it.
import { isLimit, loadClient } from './clients';
import type { Client } from './clients';
import { bare } from './kinds/bare';
import { echo } from './kinds/echo';
import { fairness } from './kinds/fairness';
import { floor } from './kinds/floor';
import { idle } from './kinds/idle';
import { kept } from './kinds/kept';
import { open } from './kinds/open';
import { receive } from './kinds/receive';
import { send } from './kinds/send';
import { wait } from './kinds/wait';
import { workers } from './kinds/workers';
import type { Kind, Metrics, Trial, TrialAnswer } from './types';

const kinds: Record<Kind, (trial: Trial, client: Client) => Promise<Metrics>> = {
  receive,
  send,
  echo,
  open,
  idle,
  kept,
  fairness,
  wait,
  workers,
};

async function run(trial: Trial): Promise<Metrics> {
  if (trial.client === 'V8 floor') return floor(trial);
  if (isLimit(trial.client)) return bare(trial, trial.client);
  return kinds[trial.workload.kind](trial, await loadClient(trial.client));
}

function answer(given: TrialAnswer): void {
  process.send?.(given, () => process.exit(0));
}

const fail = (error: unknown): void =>
  answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });

// A client that fails after it was opened fails the trial.
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
process.once('message', (trial) => {
  run(trial as Trial).then((metrics) => answer({ metrics }), fail);
});

// The processes of a run: a server for each workload, a client for each trial. Never is there more
// than one of each, so that on two cores each has its own.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '../test/support/certificates';
import type { Kind, ServerSettings, Trial, TrialAnswer, Workload } from './types';

/** No trial takes so long unless it hangs. */
const mostMs = 120_000;

export interface Server {
  readonly port: number;
  /** PEM of the root to trust; absent when it is plain. */
  readonly ca?: string;
  stop(): Promise<void>;
}

const root = makeCertificate({ subject: 'Benchmark Root', ca: true });
const leaf = makeCertificate({
  subject: 'localhost',
  issuer: root,
  san: ['DNS:localhost', 'IP:127.0.0.1'],
});

/** The first message of a child; rejects when it ends before. */
function answerOf(child: ChildProcess, name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new Error(`${name} ended (${String(code ?? signal)}) without a result`));
    });
  });
}

/** Starts the server of a workload. */
export async function startServer(workload: Workload): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'wsfd-bench-'));
  const keyFile = join(folder, 'key.pem');
  const certificateFile = join(folder, 'certificate.pem');
  writeFileSync(keyFile, leaf.key, { mode: 0o600 });
  writeFileSync(certificateFile, leaf.chain);
  const child = fork(join(__dirname, 'servers', `${workload.server}.js`), {
    // uWebSockets.js has no binary for every Node; this names one for which it has.
    execPath: process.env['WSFD_UWS_NODE'] ?? process.execPath,
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const tls = workload.tls === true;
  const settings: ServerSettings = tls ? { keyFile, certificateFile } : {};
  child.send(settings);
  try {
    const port = (await answerOf(child, `the ${workload.server} server`)) as number;
    return {
      port,
      ...(tls ? { ca: root.cert } : {}),
      stop: async () => {
        child.kill('SIGKILL');
        await exited;
      },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The program `bun`, which scripts/run.mjs has fetched; undefined where there is none. */
export const bun = process.env['WSFD_BUN'];

/**
 * Node's options for a kind of trial. Where memory is looked at, V8's young generation has its
 * last size from the start: it grows by 4 MiB at some number of openings, which differs by client.
 */
const optionsOfKind: Partial<Record<Kind, readonly string[]>> = {
  idle: ['--max-semi-space-size=1'],
};

/** Runs one trial in a process of its own; `nodeOptions` are added to Node's command line. */
export async function runTrial(trial: Trial, nodeOptions: readonly string[]): Promise<TrialAnswer> {
  const onBun = trial.client === 'Bun';
  const child = fork(join(__dirname, 'trial.js'), {
    ...(onBun && bun !== undefined ? { execPath: bun } : {}),
    execArgv: onBun
      ? []
      : ['--expose-gc', ...(optionsOfKind[trial.workload.kind] ?? []), ...nodeOptions],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const timer = setTimeout(() => child.kill('SIGKILL'), mostMs);
  child.send(trial);
  try {
    return (await answerOf(child, 'the trial')) as TrialAnswer;
  } catch (error) {
    return { error: (error as Error).message };
  } finally {
    await exited;
    clearTimeout(timer);
  }
}

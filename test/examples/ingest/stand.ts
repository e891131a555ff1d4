// Ingest processes as a test runs them, and what KV says of who holds what.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Broker } from './broker';

export interface Ingest {
  readonly name: string;
  readonly child: ChildProcess;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  /** What it said. */
  log(): string;
}

/** Starts a process of examples/ingest; `node`: options of Node. */
export function startIngest(
  t: TestContext,
  name: string,
  args: readonly string[],
  node: readonly string[] = [],
): Ingest {
  // This file runs as out/test/examples/ingest/stand.js.
  const program = join(__dirname, '../../../examples/ingest/main.js');
  const child = spawn(process.execPath, [...node, program, '--name', name, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.on('data', (bytes: Buffer) => (text += bytes.toString()));
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | null);
  t.after(async () => {
    // (SIGKILL ends a stopped process as well)
    child.kill('SIGKILL');
    await ended;
  });
  return { name, child, ended, log: () => text };
}

/** Who holds what: leases by feed, and which processes have a session. */
export interface Holdings {
  readonly leases: Map<string, { process: string; term: number }>;
  readonly processes: Set<string>;
}

/** How many feeds each process holds, in ascending order. */
export const shares = ({ leases, processes }: Holdings): number[] =>
  [...processes]
    .map((name) => [...leases.values()].filter(({ process }) => process === name).length)
    .sort((a, b) => a - b);

/** The process of a session's id: NAME-xxxxxxxx. */
const processOf = (session: string): string => session.slice(0, session.lastIndexOf('-'));

/** Resolves once what KV says fulfils the condition. */
export async function holdingsWhere(
  { kv }: Broker,
  condition: (holdings: Holdings) => boolean,
): Promise<Holdings> {
  const sessions = new Set<string>();
  const all = new Map<string, { session: string; term: number }>();
  const entries = await kv.watch();
  try {
    for await (const entry of entries) {
      const [kind, name = ''] = entry.key.split('.');
      if (kind === 'session') sessions.delete(name);
      if (kind === 'lease') all.delete(name);
      const isThere = entry.operation === 'PUT';
      if (kind === 'session' && isThere) sessions.add(name);
      if (kind === 'lease' && isThere) {
        all.set(name, { ...entry.json<{ session: string }>(), term: entry.revision });
      }
      if (entry.delta !== 0 && !entry.isUpdate) continue;
      const valid = [...all].filter(([, { session }]) => sessions.has(session));
      const holdings = {
        leases: new Map(
          valid.map(([feed, { session, term }]) => [feed, { process: processOf(session), term }]),
        ),
        processes: new Set([...sessions].map(processOf)),
      };
      if (condition(holdings)) return holdings;
    }
  } finally {
    entries.stop();
  }
  throw new Error('the watch of KV has ended');
}

/** Resolves once the stream has a message of each lease. */
export async function messagesOf(broker: Broker, { leases }: Holdings): Promise<void> {
  for (const [feed, { term }] of leases) {
    while (!(await broker.lastNameOf(feed)).startsWith(`${feed}.${term}.`));
  }
}
